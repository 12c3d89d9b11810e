import { fullDateWords, timeWords } from '../date-words.ts'
import type { HistoryRow } from './audit.ts'
import { emptyState, historyList, html, liveRegion, section, type HistoryItem, type Html } from '../html/index.ts'

export function historyContent(rows: HistoryRow[], timeZone: string, older: string | null): Html {
  if (rows.length === 0) {
    return emptyState({
      title: 'Nothing has happened yet',
      text: 'Every act of the team appears here, with who, when and why.',
      level: 2,
    })
  }
  const days = Map.groupBy(rows, ({ at }) => fullDateWords(at, timeZone))
  return html`${liveRegion(
    'history',
    html`${[...days].map(([day, entries]) => section({ title: day }, historyList(entries.map((row) => historyItem(row, timeZone)))))}`,
  )}
    ${older !== null && html`<p class="govuk-body"><a class="govuk-link" href="?before=${older}">Older entries</a></p>`}`
}

export function historyItem(row: HistoryRow, timeZone: string): HistoryItem {
  return {
    at: row.at,
    when: timeWords(row.at, timeZone),
    who: row.actor,
    what: row.summary,
    why: row.reason,
  }
}
