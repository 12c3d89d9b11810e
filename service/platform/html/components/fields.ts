import { type Attributes, attributes, type Content, classes, type Html, html, isNothing } from '../html.ts'
import { type FieldOptions, fieldParts, formGroup, scriptTexts, typedValue } from './field.ts'
import { hint, label, type LabelOptions, styled, type Styled, type Text } from './text.ts'

export interface LabelledFieldOptions extends FieldOptions {
  label: Text<LabelOptions>
}

export interface InputOptions extends LabelledFieldOptions {
  value?: string | number | undefined
  type?: string | undefined
  autocomplete?: string | undefined
  autocapitalize?: string | undefined
  inputmode?: string | undefined
  pattern?: string | undefined
  spellcheck?: boolean | undefined
  prefix?: Text
  suffix?: Text
  inputWrapper?: Styled | undefined
}

const affix = (options: Text, kind: 'prefix' | 'suffix'): Html | false => {
  const { text, ...rest } = styled(options)
  const shown = { class: classes(`govuk-input__${kind}`, rest.classes), 'aria-hidden': 'true', ...rest.attributes }
  return !isNothing(text) && html`<div${attributes(shown)}>${text}</div>`
}

export const input = (options: InputOptions): Html => {
  const field = fieldParts(options, options.id || options.name, options.describedBy)
  const element = html`<input${attributes({
    class: classes('govuk-input', options.classes, field.hasError && 'govuk-input--error'),
    id: field.id,
    name: options.name,
    type: options.type || 'text',
    spellcheck: options.spellcheck === undefined ? null : String(options.spellcheck),
    value: options.value ?? typedValue(options.values, options.name),
    disabled: options.disabled,
    'aria-describedby': field.describedBy,
    autocomplete: options.autocomplete,
    autocapitalize: options.autocapitalize,
    pattern: options.pattern,
    inputmode: options.inputmode,
    ...options.attributes,
  })}>`
  const before = html`${options.formGroup?.beforeInput}${affix(options.prefix, 'prefix')}`
  const after = html`${affix(options.suffix, 'suffix')}${options.formGroup?.afterInput}`
  const wrapper = attributes({
    class: classes('govuk-input__wrapper', options.inputWrapper?.classes),
    ...options.inputWrapper?.attributes,
  })
  const isWrapped = !isNothing(before) || !isNothing(after)
  return formGroup(options.formGroup, field.hasError, [
    label({ ...styled(options.label), for: field.id }),
    field.messages,
    isWrapped ? html`<div${wrapper}>${before}${element}${after}</div>` : element,
  ])
}

export interface TextareaOptions extends LabelledFieldOptions {
  value?: string | undefined
  rows?: number | undefined
  autocomplete?: string | undefined
  spellcheck?: boolean | undefined
}

export const textarea = (options: TextareaOptions): Html => {
  const field = fieldParts(options, options.id || options.name, options.describedBy)
  const shown = attributes({
    class: classes('govuk-textarea', field.hasError && 'govuk-textarea--error', options.classes),
    id: field.id,
    name: options.name,
    rows: options.rows || 5,
    spellcheck: options.spellcheck === undefined ? null : String(options.spellcheck),
    disabled: options.disabled,
    'aria-describedby': field.describedBy,
    autocomplete: options.autocomplete || null,
    ...options.attributes,
  })
  // A line break right after the tag is dropped by browsers; one more keeps what was typed.
  const value = options.value ?? typedValue(options.values, options.name) ?? ''
  return formGroup(options.formGroup, field.hasError, [
    label({ ...styled(options.label), for: field.id }),
    field.messages,
    options.formGroup?.beforeInput,
    html`<textarea${shown}>${value.startsWith('\n') && '\n'}${value}</textarea>`,
    options.formGroup?.afterInput,
  ])
}

export interface CharacterCountOptions extends TextareaOptions {
  maxlength?: number | string | undefined
  maxwords?: number | string | undefined
  /** Percent of the limit from which the count is shown. */
  threshold?: number | string | undefined
  countType?: string | undefined
  countMessage?: { classes?: string } | undefined
  textareaDescriptionText?: string | undefined
  charactersUnderLimitText?: Readonly<Record<string, string>> | undefined
  charactersAtLimitText?: string | undefined
  charactersOverLimitText?: Readonly<Record<string, string>> | undefined
  wordsUnderLimitText?: Readonly<Record<string, string>> | undefined
  wordsAtLimitText?: string | undefined
  wordsOverLimitText?: Readonly<Record<string, string>> | undefined
}

export const characterCount = (options: CharacterCountOptions): Html => {
  const id = options.id || options.name
  const limit = options.maxwords || options.maxlength
  const countType = options.countType || (options.maxwords ? 'words' : undefined)
  const description =
    options.textareaDescriptionText || `You can enter up to %{count} ${countType === 'words' ? 'words' : 'characters'}`
  const message = hint({
    text: limit ? description.replace('%{count}', String(limit)) : '',
    id: `${id}-info`,
    classes: classes('govuk-character-count__message', options.countMessage?.classes),
  })
  return textarea({
    ...options,
    id,
    describedBy: `${id}-info`,
    classes: classes('govuk-js-character-count', options.classes),
    formGroup: {
      classes: classes('govuk-character-count', options.formGroup?.classes),
      attributes: {
        'data-module': 'govuk-character-count',
        'data-maxlength': options.maxlength,
        'data-maxwords': options.maxwords,
        'data-threshold': options.threshold,
        'data-count-type': countType,
        ...scriptTexts({
          'textarea-description': limit || !options.textareaDescriptionText ? undefined : { other: description },
          'characters-under-limit': options.charactersUnderLimitText,
          'characters-at-limit': options.charactersAtLimitText,
          'characters-over-limit': options.charactersOverLimitText,
          'words-under-limit': options.wordsUnderLimitText,
          'words-at-limit': options.wordsAtLimitText,
          'words-over-limit': options.wordsOverLimitText,
        }),
        ...options.formGroup?.attributes,
      },
      beforeInput: options.formGroup?.beforeInput,
      afterInput: html`${message}${options.formGroup?.afterInput}`,
    },
  })
}

export interface SelectItem {
  text: string
  value?: string | number | undefined
  selected?: boolean | undefined
  disabled?: boolean | undefined
  attributes?: Attributes | undefined
}

export interface SelectOptions extends LabelledFieldOptions {
  items: readonly (SelectItem | null | undefined | false)[]
  value?: string | number | undefined
}

export const select = (options: SelectOptions): Html => {
  const field = fieldParts(options, options.id || options.name, options.describedBy)
  const chosen = options.value ?? typedValue(options.values, options.name)
  const option = (item: SelectItem): Content => {
    const isChosen =
      item.selected || (item.selected !== false && Boolean(chosen) && isSame(item.value ?? item.text, chosen))
    const shown = { value: item.value, selected: isChosen, disabled: item.disabled, ...item.attributes }
    return html`<option${attributes(shown)}>${item.text}</option>`
  }
  const shown = attributes({
    class: classes('govuk-select', options.classes, field.hasError && 'govuk-select--error'),
    id: field.id,
    name: options.name,
    disabled: options.disabled,
    'aria-describedby': field.describedBy,
    ...options.attributes,
  })
  return formGroup(options.formGroup, field.hasError, [
    label({ ...styled(options.label), for: field.id }),
    field.messages,
    options.formGroup?.beforeInput,
    html`<select${shown}>${options.items.map((item) => item && option(item))}</select>`,
    options.formGroup?.afterInput,
  ])
}

const isSame = (a: string | number, b: string | number | undefined): boolean => String(a) === String(b)

export interface FileUploadOptions extends LabelledFieldOptions {
  multiple?: boolean | undefined
  /** A drop zone, where the script runs. */
  javascript?: boolean | undefined
  wrapperClasses?: string | undefined
  wrapperAttributes?: Attributes | undefined
  chooseFilesButtonText?: string | undefined
  noFileChosenText?: string | undefined
  multipleFilesChosenText?: Readonly<Record<string, string>> | undefined
  dropInstructionText?: string | undefined
  enteredDropZoneText?: string | undefined
  leftDropZoneText?: string | undefined
}

export const fileUpload = (options: FileUploadOptions): Html => {
  const field = fieldParts(options, options.id || options.name, options.describedBy)
  const element = html`<input${attributes({
    class: classes('govuk-file-upload', options.classes, field.hasError && 'govuk-file-upload--error'),
    id: field.id,
    name: options.name,
    type: 'file',
    disabled: options.disabled,
    multiple: options.multiple,
    'aria-describedby': field.describedBy,
    ...options.attributes,
  })}>`
  const wrapper = attributes({
    class: classes('govuk-file-upload-wrapper', options.wrapperClasses),
    'data-module': 'govuk-file-upload',
    ...scriptTexts({
      'choose-files-button': options.chooseFilesButtonText,
      'no-file-chosen': options.noFileChosenText,
      'multiple-files-chosen': options.multipleFilesChosenText,
      'drop-instruction': options.dropInstructionText,
      'entered-drop-zone': options.enteredDropZoneText,
      'left-drop-zone': options.leftDropZoneText,
    }),
    ...options.wrapperAttributes,
  })
  return formGroup(options.formGroup, field.hasError, [
    label({ ...styled(options.label), for: field.id }),
    field.messages,
    options.formGroup?.beforeInput,
    options.javascript ? html`<div${wrapper}>${element}</div>` : element,
    options.formGroup?.afterInput,
  ])
}
