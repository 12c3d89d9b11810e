import { stringify } from 'csv-stringify/sync'

type Cell = string | number | null | undefined

/** One line of a file for a spreadsheet. A cell that begins like a formula stays a text (people.md, section 4). */
export function csvLine(cells: readonly Cell[]): string {
  return stringify([cells.map((cell) => cell ?? '')], { escape_formulas: true, record_delimiter: '\r\n' })
}

/** What spreadsheets need to read the letters right. */
export const csvBegin = '\uFEFF'
