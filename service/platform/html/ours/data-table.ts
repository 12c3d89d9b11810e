import { attributes, classes, type Content, type Html, html } from '../html.ts'

export interface Column {
  text: string
  numeric?: boolean | undefined
  /** Only for those who can't see the column: actions, say. */
  hidden?: boolean | undefined
  /** Takes the width that others leave. */
  wide?: boolean | undefined
}

export interface DataTableOptions {
  caption: string
  hideCaption?: boolean | undefined
  head: readonly Column[]
  /** Each row's first cell names it. */
  rows: readonly (readonly Content[])[]
  foot?: readonly Content[] | undefined
  classes?: string | undefined
}

/** A table that becomes cards on a phone. Roles are spelled out, since display changes would take them away. */
export const dataTable = (options: DataTableOptions): Html => {
  const kind = (index: number, block: string): string =>
    classes(
      `govuk-table__${block}`,
      options.head[index]?.numeric && `govuk-table__${block}--numeric`,
      options.head[index]?.wide && 'pg-table__wide',
    )
  const head = options.head.map(
    ({ text, hidden }, index) =>
      html`<th scope="col" class="${kind(index, 'header')}" role="columnheader">
        ${hidden ? html`<span class="govuk-visually-hidden">${text}</span>` : text}
      </th>`,
  )
  const row = (cells: readonly Content[]): Html =>
    html`<tr class="govuk-table__row" role="row">
      ${cells.map((cell, index) =>
        index === 0
          ? html`<th scope="row" class="${classes('govuk-table__header', options.head[0]?.wide && 'pg-table__wide')}" role="rowheader">${cell}</th>`
          : html`<td${attributes({
              class: kind(index, 'cell'),
              role: 'cell',
              'data-label': options.head[index]?.hidden ? null : options.head[index]?.text,
            })}>${cell}</td>`,
      )}
    </tr>`
  const caption = classes(
    'govuk-table__caption',
    options.hideCaption ? 'govuk-visually-hidden' : 'govuk-table__caption--s',
  )
  const foot =
    options.foot &&
    html`<tfoot role="rowgroup">
      ${row(options.foot)}
    </tfoot>`
  return html`<table class="${classes('govuk-table pg-table pg-cards', options.classes)}" role="table">
    <caption class="${caption}">
      ${options.caption}
    </caption>
    <thead class="govuk-table__head" role="rowgroup">
      <tr class="govuk-table__row" role="row">
        ${head}
      </tr>
    </thead>
    <tbody class="govuk-table__body" role="rowgroup">
      ${options.rows.map(row)}
    </tbody>
    ${foot}
  </table>`
}
