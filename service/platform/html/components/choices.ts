import { type Attributes, attributes, type Content, classes, type Html, html, isNothing } from '../html.ts'
import { type FieldOptions, fieldParts, formGroup, typedValue, typedValues } from './field.ts'
import {
  fieldset,
  type FieldsetOptions,
  hint,
  type HintOptions,
  label,
  styled,
  type Styled,
  type Text,
} from './text.ts'

export interface Choice {
  value: string | number
  text: Content
  id?: string | undefined
  /** Only for checkboxes whose boxes have different names. */
  name?: string | undefined
  hint?: Text<HintOptions>
  label?: Styled | undefined
  checked?: boolean | undefined
  disabled?: boolean | undefined
  /** Shown when chosen. */
  conditional?: Content
  /** 'exclusive' unticks the other boxes. */
  behaviour?: 'exclusive' | undefined
  attributes?: Attributes | undefined
}
export interface Divider {
  divider: string
}
export type Choices = readonly (Choice | Divider | null | undefined | false)[]

export interface ChoicesOptions extends Omit<FieldOptions, 'id'> {
  idPrefix?: string | undefined
  /** The question. Without it there is no fieldset: then something else must name the group. */
  legend?: FieldsetOptions['legend']
  fieldset?: FieldsetOptions | undefined
  items: Choices
}

export interface RadiosOptions extends ChoicesOptions {
  value?: string | number | undefined
}

export interface CheckboxesOptions extends ChoicesOptions {
  chosen?: readonly (string | number)[] | undefined
}

export const radios = (options: RadiosOptions): Html => {
  const value = options.value ?? typedValue(options.values, options.name)
  const isChecked = (item: Choice): boolean =>
    item.checked || (item.checked !== false && Boolean(value) && String(item.value) === String(value))
  return choices('radios', options, isChecked)
}

export const checkboxes = (options: CheckboxesOptions): Html => {
  const chosen = options.chosen?.map(String) ?? typedValues(options.values, options.name) ?? []
  const isChecked = (item: Choice): boolean =>
    item.checked || (item.checked !== false && chosen.includes(String(item.value)))
  return choices('checkboxes', options, isChecked)
}

type Kind = 'radios' | 'checkboxes'

const choices = (kind: Kind, options: ChoicesOptions, isChecked: (item: Choice) => boolean): Html => {
  const group = options.fieldset ?? (isNothing(styled(options.legend).text) ? undefined : { legend: options.legend })
  const idPrefix = options.idPrefix || options.name
  const outerDescription = group?.describedBy || (kind === 'checkboxes' ? options.describedBy : undefined)
  const field = fieldParts(options, idPrefix, outerDescription)
  const itemDescription = kind === 'checkboxes' && !group ? field.describedBy : null
  const items = options.items.map((item, index) => {
    if (!item) return null
    if ('divider' in item) return html`<div class="govuk-${kind}__divider">${item.divider}</div>`
    const id = item.id || (index > 0 ? `${idPrefix}-${index + 1}` : idPrefix)
    return choice(kind, { ...item, name: item.name || options.name, id }, isChecked(item), itemDescription)
  })
  const shown = attributes({
    class: classes(`govuk-${kind}`, options.classes),
    ...options.attributes,
    'data-module': `govuk-${kind}`,
  })
  const inner = html`${field.messages}<div${shown}>${options.formGroup?.beforeInput}${items}${
    options.formGroup?.afterInput
  }</div>`
  const body = group ? fieldset({ ...group, describedBy: field.describedBy ?? undefined }, inner) : inner
  return formGroup(options.formGroup, field.hasError, body)
}

const choice = (
  kind: Kind,
  item: Choice & { id: string; name: string },
  isChecked: boolean,
  outerDescription: string | null,
): Html => {
  const help = styled(item.hint)
  const hasHint = !isNothing(help.text)
  const hintId = `${item.id}-item-hint`
  const hasConditional = !isNothing(item.conditional)
  const conditionalId = `conditional-${item.id}`
  const element = attributes({
    class: `govuk-${kind}__input`,
    id: item.id,
    name: item.name,
    type: kind === 'radios' ? 'radio' : 'checkbox',
    value: item.value ?? '',
    checked: isChecked,
    disabled: item.disabled,
    'data-aria-controls': hasConditional && conditionalId,
    'data-behaviour': item.behaviour,
    'aria-describedby': classes(outerDescription, hasHint && hintId) || null,
    ...item.attributes,
  })
  const name = label({
    text: item.text,
    classes: classes(`govuk-${kind}__label`, item.label?.classes),
    attributes: item.label?.attributes,
    for: item.id,
  })
  const more = hasHint && hint({ ...help, id: hintId, classes: classes(`govuk-${kind}__hint`, help.classes) })
  const hidden = classes(`govuk-${kind}__conditional`, !isChecked && `govuk-${kind}__conditional--hidden`)
  const conditional = hasConditional && html`<div class="${hidden}" id="${conditionalId}">${item.conditional}</div>`
  return html`<div class="govuk-${kind}__item"><input${element}>${name}${more}</div>${conditional}`
}
