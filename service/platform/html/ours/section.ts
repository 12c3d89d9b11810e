import { attributes, type Content, classes, type Html, html, isNothing, raw } from '../html.ts'

export const slug = (words: string): string =>
  words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')

export interface SectionOptions {
  title: string
  /** Of the section, for links to it. By default made from the title. */
  id?: string | undefined
  level?: 2 | 3 | undefined
  /** To the right of the heading: a link, a period. */
  aside?: Content
  /** A sentence under the heading. */
  lede?: Content
  /** Read out when it changes while the page is open. */
  live?: boolean | undefined
  /** The heading is there for those who jump from heading to heading only. */
  hideTitle?: boolean | undefined
  tight?: boolean | undefined
}

/** A part of a page under its heading. With `live`, it is brought up to date while the page is open. */
export const section = (options: SectionOptions, content: Content): Html => {
  const id = options.id ?? slug(options.title)
  const level = raw(String(options.level ?? 2))
  const headingClass = classes('govuk-heading-m', options.hideTitle && 'govuk-visually-hidden')
  const heading = html`<h${level} class="${headingClass}" id="${id}-title">${options.title}</h${level}>`
  const aside = !isNothing(options.aside) && html`<div class="pg-section__aside">${options.aside}</div>`
  const lede = !isNothing(options.lede) && html`<p class="pg-section__lede">${options.lede}</p>`
  const shown = attributes({
    class: classes('pg-section', options.tight && 'pg-section--tight'),
    id,
    'aria-labelledby': `${id}-title`,
    'data-live-region': options.live,
  })
  return html`<section${shown}><div class="pg-section__head">${heading}${aside}</div>${lede}${content}</section>`
}

/** A sheet of paper. Never put one into another. */
export const box = (content: Content, options: { flush?: boolean; track?: boolean; id?: string } = {}): Html =>
  html`<div${attributes({
    class: classes('pg-panel', options.flush && 'pg-panel--flush', options.track && 'pg-panel--track'),
    id: options.id,
  })}>${content}</div>`

/** Columns from 992 px on, one below the other before. */
export const split = (ratio: '7-5' | '5-7' | 'half' | '3', ...columns: readonly Content[]): Html =>
  html`<div class="pg-split pg-split--${ratio}">${columns.map((column) => html`<div>${column}</div>`)}</div>`

/** A piece of a page that is brought up to date while the page is open. `announce` also reads its change out. */
export const liveRegion = (id: string, content: Content, options: { announce?: boolean } = {}): Html =>
  html`<div${attributes({ id, 'data-live-region': true, 'data-live-announce': options.announce })}>${content}</div>`

/** Buttons and links that belong together. */
export const actions = (...items: readonly Content[]): Html =>
  html`<div class="pg-acts">${items.filter((item) => !isNothing(item))}</div>`

export const link = (text: Content, href: string, options: { hidden?: string } = {}): Html =>
  html`<a class="govuk-link" href="${href}"
    >${text}${options.hidden && html`<span class="govuk-visually-hidden"> ${options.hidden}</span>`}</a
  >`

export const meta = (content: Content): Html => html`<p class="pg-meta">${content}</p>`

export const paragraph = (content: Content): Html => html`<p class="govuk-body">${content}</p>`

export const bullets = (...items: readonly Content[]): Html =>
  html`<ul class="pg-ticks">
    ${items.filter((item) => !isNothing(item)).map((item) => html`<li>${item}</li>`)}
  </ul>`

/** Nothing here yet, and what to do about it. */
export const emptyState = (options: { title: string; text?: Content; action?: Content; level?: 2 | 3 }): Html => {
  const level = raw(String(options.level ?? 3))
  const text = !isNothing(options.text) && html`<p class="pg-empty__text">${options.text}</p>`
  const action = !isNothing(options.action) && html`<div class="pg-acts">${options.action}</div>`
  return html`<div class="pg-empty"><svg class="pg-empty__pic" width="72" height="24" viewBox="0 0 72 24" aria-hidden="true" focusable="false"><path class="pg-rail__ahead" d="M0 12h72"/><path class="pg-gate__bar" d="M48 2v20"/><circle class="pg-rail__here" cx="14" cy="12" r="6"/></svg><h${level} class="pg-empty__title">${options.title}</h${level}>${text}${action}</div>`
}

export interface Named {
  name: Content
  value: Content
  note?: Content
}

/** Figures in a row, each under its name: invited, accepted, active. */
export const statList = (items: readonly (Named | null | undefined | false)[]): Html =>
  html`<dl class="pg-ladderline">
    ${items.map(
      (item) =>
        item &&
        html`<div>
          <dt>${item.name}</dt>
          <dd>${item.value}${!isNothing(item.note) && html` <span class="pg-sub">${item.note}</span>`}</dd>
        </div>`,
    )}
  </dl>`

/** Small facts, name left and value right. */
export const facts = (items: readonly (Named | null | undefined | false)[]): Html =>
  html`<dl class="pg-facts">
    ${items.map(
      (item) =>
        item &&
        html`<div>
          <dt>${item.name}</dt>
          <dd>${item.value}</dd>
        </div>`,
    )}
  </dl>`

/** The facts of a page between two lines, under its title. */
export const factStrip = (items: readonly (Named | null | undefined | false)[], lead?: Content): Html =>
  html`<div class="pg-strip pg-strip--facts">
    ${!isNothing(lead) && html`<div class="pg-strip__lead">${lead}</div>`}
    <dl class="pg-strip__facts">
      ${items.map(
        (item) =>
          item &&
          html`<div>
            <dt>${item.name}</dt>
            <dd>${item.value}${!isNothing(item.note) && html`<span class="pg-sub">${item.note}</span>`}</dd>
          </div>`,
      )}
    </dl>
  </div>`

/** A moment in words, with the exact time behind it. */
export const moment = (at: Date, words: Content): Html => html`<time datetime="${at.toISOString()}">${words}</time>`

/** A value to copy, with a button where the script runs. The button says what it copies. */
export const copyable = (options: { id: string; label: Content; value: string; hint?: Content; what?: string }): Html =>
  html`<div class="govuk-form-group pg-copy"><label class="govuk-label" for="${options.id}">${options.label}</label>${
    !isNothing(options.hint) && html`<div class="govuk-hint" id="${options.id}-hint">${options.hint}</div>`
  }<div class="pg-copy__row"><input${attributes({
    class: 'govuk-input pg-copy__value',
    id: options.id,
    value: options.value,
    readonly: true,
    'aria-describedby': isNothing(options.hint) ? null : `${options.id}-hint`,
  })}><button type="button" class="govuk-button govuk-button--secondary" data-copy="${options.id}" hidden>Copy${options.what && html`<span class="govuk-visually-hidden"> ${options.what}</span>`}</button></div></div>`

/** Text to be copied into a terminal or a file. */
export const codeBlock = (code: string, options: { label: string }): Html =>
  html`<pre class="pg-code" tabindex="0" role="region" aria-label="${options.label}"><code>${code}</code></pre>`
