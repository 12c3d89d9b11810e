import { stringify } from 'csv-stringify/sync'
import { type Feedback, ratingNames, stateNames } from './feedback.ts'

const columns = [
  'reference',
  'received',
  'arm',
  'journey',
  'ending',
  'rating',
  'answer',
  'kind',
  'comment',
  'state',
  'decision',
  'decided',
  'link',
] as const

/** A table for a spreadsheet. No address: a list of feedback is handed on more easily than it should be. */
export function feedbackCsv(items: readonly Feedback[]): string {
  const rows = items.map((item) => [
    item.reference,
    item.receivedAt.toISOString(),
    item.arm,
    item.journey,
    item.ending,
    item.rating,
    item.rating === null ? null : ratingNames[item.rating],
    item.kind,
    item.comment,
    stateNames[item.state],
    item.decision,
    item.decidedAt?.toISOString(),
    item.link,
  ])
  return stringify([[...columns], ...rows.map((row) => row.map(asText))], { bom: true, record_delimiter: '\r\n' })
}

/** A cell that begins so would run as a formula in a spreadsheet. */
function asText(cell: string | number | null | undefined): string {
  const text = String(cell ?? '')
  return /^[=+\-@\t\r\n]/.test(text.trimStart()) || /^[\t\r\n]/.test(text) ? `'${text}` : text
}
