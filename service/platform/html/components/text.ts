import { type Attributes, attributes, type Content, classes, Html, html, isNothing } from '../html.ts'

/** Most texts of a component may be given alone, or with classes and attributes around them. */
export interface Styled {
  text?: Content
  classes?: string | undefined
  attributes?: Attributes | undefined
}
export type Text<Options extends Styled = Styled> = Content | Options

export const styled = <Options extends Styled>(text: Text<Options>): Partial<Options> & { text: Content } => {
  const isOptions = typeof text === 'object' && text !== null && !(text instanceof Html) && !Array.isArray(text)
  const options: Partial<Options> & Styled = isOptions ? (text as Options) : ({ text } as Partial<Options> & Styled)
  return { ...options, text: options.text }
}

export interface HintOptions extends Styled {
  id?: string | undefined
}

export const hint = (options: Text<HintOptions>): Html => {
  const { id, text, ...rest } = styled(options)
  return html`<div${attributes({ id, class: classes('govuk-hint', rest.classes), ...rest.attributes })}>${text}</div>`
}

export interface ErrorMessageOptions extends Styled {
  id?: string | undefined
  /** Said before the message to people who can't see its colour; '' for none. */
  visuallyHiddenText?: string | undefined
}

export const errorMessage = (options: Text<ErrorMessageOptions>): Html => {
  const { id, text, visuallyHiddenText = 'Error', ...rest } = styled(options)
  const spoken = visuallyHiddenText && html`<span class="govuk-visually-hidden">${visuallyHiddenText}:</span> `
  const shown = attributes({ id, class: classes('govuk-error-message', rest.classes), ...rest.attributes })
  return html`<p${shown}>${spoken}${text}</p>`
}

export interface LabelOptions extends Styled {
  for?: string | undefined
  isPageHeading?: boolean | undefined
}

export const label = (options: Text<LabelOptions>): Html => {
  const { text, isPageHeading, ...rest } = styled(options)
  if (isNothing(text)) return html``
  const shown = attributes({ class: classes('govuk-label', rest.classes), ...rest.attributes, for: rest.for || null })
  const element = html`<label${shown}>${text}</label>`
  return isPageHeading ? html`<h1 class="govuk-label-wrapper">${element}</h1>` : element
}

export interface LegendOptions extends Styled {
  isPageHeading?: boolean | undefined
}

export interface FieldsetOptions {
  legend?: Text<LegendOptions>
  describedBy?: string | undefined
  classes?: string | undefined
  role?: string | undefined
  attributes?: Attributes | undefined
}

export const fieldset = (options: FieldsetOptions, content?: Content): Html => {
  const legend = styled(options.legend)
  const shown = attributes({
    class: classes('govuk-fieldset', options.classes),
    role: options.role || null,
    'aria-describedby': options.describedBy || null,
    ...options.attributes,
  })
  const title = legend.isPageHeading ? html`<h1 class="govuk-fieldset__heading">${legend.text}</h1>` : legend.text
  const head =
    !isNothing(legend.text) &&
    html`<legend class="${classes('govuk-fieldset__legend', legend.classes)}">${title}</legend>`
  return html`<fieldset${shown}>${head}${content}</fieldset>`
}
