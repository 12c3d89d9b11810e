import type { HistoryRow } from '../../platform/index.ts'
import { html, type Html } from '../../platform/html/index.ts'

export function historyContent(rows: HistoryRow[], timeZone: string, older: string | null): Html {
  if (rows.length === 0)
    return html`<p class="govuk-body">
      Nothing has happened yet. Every act of the team appears here, with who, when and why.
    </p>`
  const days = Map.groupBy(rows, ({ at }) => at.toLocaleDateString('en-GB', { dateStyle: 'full', timeZone }))
  return html`<div id="history" data-live-region>
      ${[...days].map(
        ([day, entries]) =>
          html`<section class="pg-panel">
            <h2 class="govuk-heading-m">${day}</h2>
            <ol class="pg-history">
              ${entries.map((row) => historyLine(row, timeZone))}
            </ol>
          </section>`,
      )}
    </div>
    ${older !== null && html`<p class="govuk-body"><a class="govuk-link" href="?before=${older}">Older entries</a></p>`}`
}

export function historyLine(row: HistoryRow, timeZone: string): Html {
  const time = row.at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone })
  return html`<li class="pg-history__item">
    <time class="pg-history__when" datetime="${row.at.toISOString()}">${time}</time>
    <span class="pg-history__what"
      ><b>${row.actor}</b>
      ${row.summary}${row.reason !== null && html`<span class="pg-history__why"> · ${row.reason}</span>`}</span
    >
  </li>`
}
