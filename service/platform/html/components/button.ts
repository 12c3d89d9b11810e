import { type Attributes, attributes, type Content, classes, Html, html } from '../html.ts'

export interface ButtonOptions {
  text: Content
  /** A link that looks like a button; without it a real button. */
  href?: string | undefined
  type?: 'submit' | 'button' | 'reset' | undefined
  kind?: 'primary' | 'secondary' | 'warning' | 'inverse' | undefined
  name?: string | undefined
  value?: string | number | undefined
  id?: string | undefined
  disabled?: boolean | undefined
  /** Ignores a second press within a second. */
  preventDoubleClick?: boolean | undefined
  isStartButton?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

const startIcon = html`<svg
  class="govuk-button__start-icon"
  xmlns="http://www.w3.org/2000/svg"
  width="17.5"
  height="19"
  viewBox="0 0 33 40"
  aria-hidden="true"
  focusable="false"
>
  <path fill="currentColor" d="M0 0h13l20 20-20 20H0l20-20z" />
</svg>`

export const button = (options: ButtonOptions): Html => {
  const kind = options.kind && options.kind !== 'primary' ? `govuk-button--${options.kind}` : null
  const shown: Attributes = {
    class: classes('govuk-button', kind, options.classes, options.isStartButton && 'govuk-button--start'),
    'data-module': 'govuk-button',
    ...options.attributes,
    id: options.id,
  }
  // A start button is a flex box, which would drop the spaces between pieces of markup.
  const text = options.isStartButton && options.text instanceof Html ? html`<span>${options.text}</span>` : options.text
  const content = html`${text}${options.isStartButton && startIcon}`
  if (options.href) {
    return html`<a${attributes({ href: options.href, role: 'button', draggable: 'false', ...shown })}>${content}</a>`
  }
  const own = {
    type: options.type || 'submit',
    value: options.value,
    name: options.name,
    disabled: options.disabled,
    'aria-disabled': options.disabled && 'true',
    'data-prevent-double-click': options.preventDoubleClick === undefined ? null : String(options.preventDoubleClick),
  }
  return html`<button${attributes({ ...own, ...shown })}>${content}</button>`
}
