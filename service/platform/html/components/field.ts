import type { Problem } from '../../problem.ts'
import { type Attributes, attributes, type Content, classes, type Html, html, isNothing } from '../html.ts'
import { errorMessage, type ErrorMessageOptions, hint, type HintOptions, styled, type Text } from './text.ts'

/** What was typed, as it came with the form: shown again when something has to be put right. */
export type Values = Readonly<Record<string, unknown>>

export interface FormGroup {
  classes?: string | undefined
  attributes?: Attributes | undefined
  beforeInput?: Content
  afterInput?: Content
}

/** What every field takes. Its problem is found by its name or id among `problems`, its value by its name among `values`. */
export interface FieldOptions {
  name: string
  id?: string | undefined
  hint?: Text<HintOptions>
  errorMessage?: Text<ErrorMessageOptions>
  problems?: readonly Problem[] | undefined
  values?: Values | undefined
  describedBy?: string | undefined
  disabled?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
  formGroup?: FormGroup | undefined
}

export interface FieldParts {
  id: string
  describedBy: string | null
  hasError: boolean
  /** Hint and error message, to stand before the input. */
  messages: Html
}

export const fieldParts = (options: FieldOptions, id: string, describedBy?: string): FieldParts => {
  const problem = options.problems?.find(({ field }) => field === id || field === options.name)
  const error = styled(options.errorMessage ?? problem?.message)
  const help = styled(options.hint)
  const hasError = !isNothing(error.text)
  const hasHint = !isNothing(help.text)
  const ids = [describedBy, hasHint && `${id}-hint`, hasError && `${id}-error`].filter((each) => each)
  return {
    id,
    describedBy: ids.join(' ') || null,
    hasError,
    messages: html`${hasHint && hint({ ...help, id: `${id}-hint` })}${
      hasError && errorMessage({ ...error, id: `${id}-error` })
    }`,
  }
}

export const formGroup = (group: FormGroup | undefined, hasError: boolean, content: Content): Html =>
  html`<div${attributes({
    class: classes('govuk-form-group', hasError && 'govuk-form-group--error', group?.classes),
    ...group?.attributes,
  })}>${content}</div>`

/** The typed value of a field as text, if there is one. */
export const typedValue = (values: Values | undefined, name: string): string | undefined => {
  const value = values?.[name]
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

export const typedValues = (values: Values | undefined, name: string): string[] | undefined => {
  const value = values?.[name]
  if (Array.isArray(value)) return value.filter((each) => typeof each === 'string')
  const single = typedValue(values, name)
  return single === undefined ? undefined : [single]
}

type Messages = string | Readonly<Record<string, string>> | undefined

/** Texts for the script of a component, in the way the design system reads them. */
export const scriptTexts = (texts: Readonly<Record<string, Messages>>): Attributes => {
  const found: Record<string, string> = {}
  for (const [key, messages] of Object.entries(texts)) {
    if (typeof messages === 'string') found[`data-i18n.${key}`] = messages
    else for (const [plural, text] of Object.entries(messages ?? {})) found[`data-i18n.${key}.${plural}`] = text
  }
  return found
}
