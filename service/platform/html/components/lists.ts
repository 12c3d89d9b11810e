import { type Attributes, attributes, type Content, classes, type Html, html, isNothing, raw } from '../html.ts'
import { styled, type Styled, type Text } from './text.ts'

export interface SummaryAction extends Styled {
  href: string
  /** Completes the words of the link for people who hear it alone, as in "Change (name)". */
  visuallyHiddenText?: string | undefined
}
export interface SummaryActions {
  items: readonly SummaryAction[]
  classes?: string | undefined
}
export interface SummaryRow {
  key: Text
  value: Text
  actions?: SummaryActions | undefined
  classes?: string | undefined
}
export interface SummaryCard {
  title?: Text<Styled & { headingLevel?: number }>
  actions?: SummaryActions | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}
export interface SummaryListOptions {
  rows: readonly (SummaryRow | null | undefined | false)[]
  card?: SummaryCard | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const summaryList = (options: SummaryListOptions): Html => {
  const cardTitle = styled(options.card?.title).text
  const anyActions = options.rows.some((row) => row && (row.actions?.items.length ?? 0) > 0)
  const rows = options.rows.map((row) => {
    if (!row) return null
    const key = styled(row.key)
    const value = styled(row.value)
    const rowClass = classes(
      'govuk-summary-list__row',
      anyActions && !row.actions && 'govuk-summary-list__row--no-actions',
      row.classes,
    )
    return html`<div class="${rowClass}">
      <dt class="${classes('govuk-summary-list__key', key.classes)}">${key.text}</dt>
      <dd class="${classes('govuk-summary-list__value', value.classes)}">${value.text}</dd>
      ${rowActions(row.actions, cardTitle)}
    </div>`
  })
  const shown = attributes({ class: classes('govuk-summary-list', options.classes), ...options.attributes })
  const list = html`<dl${shown}>${rows}</dl>`
  return options.card ? summaryCard(options.card, list) : list
}

const actionLink = ({ text, href, visuallyHiddenText, ...rest }: SummaryAction, cardTitle: Content): Html => {
  const hidden = html`${visuallyHiddenText && ` ${visuallyHiddenText}`}${!isNothing(cardTitle) && html` (${cardTitle})`}`
  const shown = attributes({ class: classes('govuk-link', rest.classes), href, ...rest.attributes })
  return html`<a${shown}>${text}${!isNothing(hidden) && html`<span class="govuk-visually-hidden">${hidden}</span>`}</a>`
}

const rowActions = (actions: SummaryActions | undefined, cardTitle: Content): Html | null => {
  const [first, ...others] = actions?.items ?? []
  if (!first) return null
  const item = (action: SummaryAction): Html =>
    html`<li class="govuk-summary-list__actions-list-item">${actionLink(action, cardTitle)}</li>`
  const content =
    others.length === 0
      ? actionLink(first, cardTitle)
      : html`<ul class="govuk-summary-list__actions-list">
          ${[first, ...others].map(item)}
        </ul>`
  return html`<dd class="${classes('govuk-summary-list__actions', actions?.classes)}">${content}</dd>`
}

const summaryCard = (card: SummaryCard, list: Html): Html => {
  const title = styled(card.title)
  const level = raw(String(title.headingLevel || 2))
  const heading =
    !isNothing(title.text) &&
    html`<h${level} class="${classes('govuk-summary-card__title', title.classes)}">${title.text}</h${level}>`
  const [first, ...others] = card.actions?.items ?? []
  const actionsClass = classes('govuk-summary-card__actions', card.actions?.classes)
  const item = (action: SummaryAction): Html =>
    html`<li class="govuk-summary-card__action">${actionLink(action, title.text)}</li>`
  const actions =
    first &&
    (others.length === 0
      ? html`<div class="${actionsClass}">${actionLink(first, title.text)}</div>`
      : html`<ul class="${actionsClass}">
          ${[first, ...others].map(item)}
        </ul>`)
  const shown = attributes({ class: classes('govuk-summary-card', card.classes), ...card.attributes })
  return html`<div${shown}><div class="govuk-summary-card__title-wrapper">${heading}${actions}</div><div class="govuk-summary-card__content">${list}</div></div>`
}

export interface Cell extends Styled {
  format?: 'numeric' | undefined
  colspan?: number | undefined
  rowspan?: number | undefined
}
export interface TableOptions {
  caption?: Content
  captionClasses?: string | undefined
  head?: readonly Text<Cell>[] | undefined
  rows: readonly (readonly Text<Cell>[] | null | undefined | false)[]
  firstCellIsHeader?: boolean | undefined
  classes?: string | undefined
  attributes?: Attributes | undefined
}

export const table = (options: TableOptions): Html => {
  const caption =
    !isNothing(options.caption) &&
    html`<caption class="${classes('govuk-table__caption', options.captionClasses)}">
      ${options.caption}
    </caption>`
  const head =
    options.head &&
    html`<thead class="govuk-table__head">
      <tr class="govuk-table__row">
        ${options.head.map((cell) => tableCell(cell, 'col'))}
      </tr>
    </thead>`
  const rows = options.rows.map(
    (row) =>
      row &&
      html`<tr class="govuk-table__row">
        ${row.map((cell, index) => tableCell(cell, options.firstCellIsHeader && index === 0 ? 'row' : null))}
      </tr>`,
  )
  const shown = attributes({ class: classes('govuk-table', options.classes), ...options.attributes })
  return html`<table${shown}>${caption}${head}<tbody class="govuk-table__body">${rows}</tbody></table>`
}

const tableCell = (options: Text<Cell>, scope: 'col' | 'row' | null): Html => {
  const cell = styled(options)
  const block = scope ? 'govuk-table__header' : 'govuk-table__cell'
  const shown = attributes({
    scope,
    class: classes(block, cell.format && scope !== 'row' && `${block}--${cell.format}`, cell.classes),
    colspan: cell.colspan,
    rowspan: cell.rowspan,
    ...cell.attributes,
  })
  return scope ? html`<th${shown}>${cell.text}</th>` : html`<td${shown}>${cell.text}</td>`
}
