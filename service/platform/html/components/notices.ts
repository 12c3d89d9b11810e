import { isTooLong, type Problem } from '../../problem.ts'
import { asClause } from '../../sentence.ts'
import { type Attributes, attributes, type Content, classes, Html, html, isNothing, raw } from '../html.ts'
import { button } from './button.ts'
import { styled, type Styled, type Text } from './text.ts'

export interface ErrorSummaryOptions {
  title?: Content
  description?: Content
  errors: readonly { text: Content; href?: string | undefined; attributes?: Attributes | undefined }[]
  disableAutoFocus?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const errorSummary = (options: ErrorSummaryOptions): Html => {
  const shown = attributes({
    class: classes('govuk-error-summary', options.classes),
    'data-disable-auto-focus': options.disableAutoFocus === undefined ? null : String(options.disableAutoFocus),
    ...options.attributes,
    'data-module': 'govuk-error-summary',
  })
  const items = options.errors.map(({ text, href, attributes: own }) =>
    href ? html`<li><a${attributes({ href, ...own })}>${text}</a></li>` : html`<li>${text}</li>`,
  )
  const list =
    items.length > 0 &&
    html`<ul class="govuk-list govuk-error-summary__list">
      ${items}
    </ul>`
  const description = !isNothing(options.description) && html`<p>${options.description}</p>`
  const title = options.title ?? 'There is a problem'
  return html`<div${shown}><div role="alert"><h2 class="govuk-error-summary__title">${title}</h2><div class="govuk-error-summary__body">${description}${list}</div></div></div>`
}

/** The summary for a page's problems, in the order of its fields: each links to its field, if that is there. */
export const problemSummary = (problems: readonly Problem[] | undefined, content: Content): Html | false => {
  if (problems === undefined || problems.length === 0) return false
  const page = html`${content}`.toString()
  const places = problems.map(({ field, message }) => {
    const id = idOf(field, message, page)
    // A refusal of a button has no field, or none any more: a link would lead nowhere.
    return {
      text: inSummary(message, id, page),
      href: id === null ? undefined : `#${id}`,
      at: id === null ? -1 : page.indexOf(` id="${id}"`),
    }
  })
  return errorSummary({ errors: places.toSorted((a, b) => a.at - b.at) })
}

/** Far from its field, a message that fits every field names the one that it is about, by its label. */
function inSummary(message: string, id: string | null, page: string): Content {
  const at = id === null || !isTooLong(message) ? -1 : page.indexOf(` for="${id}"`)
  if (at < 0) return message
  const label = page.slice(page.indexOf('>', at) + 1, page.indexOf('</label>', at))
  const words = raw(label.replaceAll(/<[^>]*>/g, '').trim())
  return html`“${words}”: ${asClause(message)}`
}

/** The id of a field is its name, but where two forms of a page ask for the same: then the one at which the message stands. */
function idOf(field: string, message: string, page: string): string | null {
  if (field === '') return null
  const isThere = page.includes(` id="${field}"`)
  if (page.includes(` id="${field}-error"`)) return field
  const words = html`${message}`.toString()
  const errors = page.matchAll(/ id="([^"]+)-error" class="govuk-error-message">([^]*?)<\/p>/g)
  for (const [, id = '', shown = ''] of errors) if (shown.endsWith(words) && page.includes(` id="${id}"`)) return id
  return isThere ? field : null
}

export interface DetailsOptions {
  summary: Content
  id?: string | undefined
  open?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const details = (options: DetailsOptions, content: Content): Html => {
  const shown = attributes({
    id: options.id,
    class: classes('govuk-details', options.classes),
    ...options.attributes,
    open: options.open,
  })
  return html`<details${shown}><summary class="govuk-details__summary"><span class="govuk-details__summary-text">${options.summary}</span></summary><div class="govuk-details__text">${content}</div></details>`
}

export interface NotificationBannerOptions {
  /** A sentence is set large; markup is taken as it is. */
  content: Content
  type?: 'success' | undefined
  title?: Content
  titleHeadingLevel?: number | undefined
  titleId?: string | undefined
  role?: string | undefined
  disableAutoFocus?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const notificationBanner = (options: NotificationBannerOptions): Html => {
  const isSuccess = options.type === 'success'
  const titleId = options.titleId || 'govuk-notification-banner-title'
  const shown = attributes({
    class: classes('govuk-notification-banner', isSuccess && 'govuk-notification-banner--success', options.classes),
    role: options.role || (isSuccess ? 'alert' : 'region'),
    'aria-labelledby': titleId,
    'data-module': 'govuk-notification-banner',
    'data-disable-auto-focus': options.disableAutoFocus === undefined ? null : String(options.disableAutoFocus),
    ...options.attributes,
  })
  const level = raw(String(options.titleHeadingLevel || 2))
  const title = options.title ?? (isSuccess ? 'Success' : 'Important')
  const body =
    options.content instanceof Html
      ? options.content
      : html`<p class="govuk-notification-banner__heading">${options.content}</p>`
  return html`<div${shown}><div class="govuk-notification-banner__header"><h${level} class="govuk-notification-banner__title" id="${titleId}">${title}</h${level}></div><div class="govuk-notification-banner__content">${body}</div></div>`
}

export const tag = (options: Text): Html => {
  const { text, ...rest } = styled(options)
  return html`<strong${attributes({ class: classes('govuk-tag', rest.classes), ...rest.attributes })}>${text}</strong>`
}

export interface PhaseBannerOptions extends Styled {
  tag: Text
}

export const phaseBanner = (options: PhaseBannerOptions): Html => {
  const { text, classes: more } = styled(options.tag)
  const shown = attributes({
    class: classes('govuk-phase-banner govuk-width-container', options.classes),
    ...options.attributes,
  })
  const phase = tag({ text, classes: classes('govuk-phase-banner__content__tag', more) })
  return html`<div${shown}><p class="govuk-phase-banner__content">${phase} <span class="govuk-phase-banner__text">${options.text}</span></p></div>`
}

export const insetText = (options: Text<Styled & { id?: string }>): Html => {
  const { id, text, ...rest } = styled(options)
  return html`<div${attributes({ id, class: classes('govuk-inset-text', rest.classes), ...rest.attributes })}>${text}</div>`
}

export const warningText = (options: Text<Styled & { iconFallbackText?: string }>): Html => {
  const { text, iconFallbackText, ...rest } = styled(options)
  const shown = attributes({ class: classes('govuk-warning-text', rest.classes), ...rest.attributes })
  return html`<div${shown}><span class="govuk-warning-text__icon" aria-hidden="true">!</span><strong class="govuk-warning-text__text"><span class="govuk-visually-hidden">${iconFallbackText || 'Warning'}</span> ${text}</strong></div>`
}

export interface PanelAction extends Styled {
  text: string
  href?: string | undefined
  type?: 'submit' | 'button' | 'reset' | undefined
}

export interface PanelOptions extends Styled {
  title: Content
  headingLevel?: number | undefined
  /** Only for the interruption panel (class govuk-panel--interruption). */
  actions?: { items: readonly PanelAction[]; classes?: string; attributes?: Attributes } | undefined
}

export const panel = (options: PanelOptions): Html => {
  const isInterruption = options.classes?.includes('govuk-panel--interruption') ?? false
  const level = raw(String(options.headingLevel || 1))
  const shown = attributes({
    class: classes('govuk-panel', !isInterruption && 'govuk-panel--confirmation', options.classes),
    ...options.attributes,
  })
  const action = ({ text, href, type, ...rest }: PanelAction): Html =>
    !href || type === 'button'
      ? button({ text, type: type ?? 'button', href, ...rest, classes: classes('govuk-button--inverse', rest.classes) })
      : html`<a${attributes({ class: classes('govuk-link govuk-link--inverse', rest.classes), href, ...rest.attributes })}>${text}</a>`
  const group =
    options.actions &&
    options.actions.items.length > 0 &&
    html`<div class="govuk-button-group">${options.actions.items.map(action)}</div>`
  const actions =
    isInterruption &&
    options.actions &&
    html`<div${attributes({
      class: classes('govuk-panel__actions', options.actions.classes),
      ...options.actions.attributes,
    })}>${group}</div>`
  const body = !isNothing(options.text) && html`<div class="govuk-panel__body">${options.text}</div>`
  return html`<div${shown}><h${level} class="govuk-panel__title">${options.title}</h${level}>${body}${actions}</div>`
}
