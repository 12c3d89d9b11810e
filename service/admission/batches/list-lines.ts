import { addressOf } from '../rules.ts'
import type { ListRecord } from './list-records.ts'

/** Which cell of each line is what. */
export interface Columns {
  address: number
  /** Names of the other columns, by their place. */
  names: ReadonlyMap<number, string>
  /** Is the first line their names? */
  hasHead: boolean
}

export interface Line {
  position: number
  /** False where nobody can tell its cells. */
  isReadable: boolean
  address: string | null
  /** What stands there, where it is no address. */
  line: string
  attributes: Record<string, string> | null
}

const addressNames = /^(e-?mail|mail)([ _-]?address)?$|^address$/i
const longestName = 60
const longestValue = 200
const longestLine = 300

/** What a list of results begins with; bad lines come back under it once they are corrected, and no person is told by it. */
export const resultColumns = ['line', 'email', 'result', 'reason'] as const

/** From the first line: its names, or, of a list without any, where the addresses stand. Null where there are none. */
export function columnsOf(first: readonly string[], mostColumns: number): Columns | null {
  const named = first.findIndex((cell) => addressNames.test(cell.trim()))
  if (named !== -1) {
    const own = resultColumns.every((name, at) => first[at]?.trim() === name) ? resultColumns.length : 0
    const others = [...first.entries()].filter(([at, name]) => at !== named && at >= own && name.trim() !== '')
    const names = new Map(others.slice(0, mostColumns).map(([at, name]) => [at, name.trim().slice(0, longestName)]))
    return { address: named, names, hasHead: true }
  }
  const found = first.findIndex((cell) => addressOf(cell) !== null)
  return found === -1 ? null : { address: found, names: new Map(), hasHead: false }
}

/** Without columns no record with cells has come yet. */
export function readLine(record: ListRecord, columns: Columns | null, position: number): Line {
  if (record.kind === 'not-readable' || columns === null) {
    const line = record.kind === 'not-readable' ? record.line : record.cells.join(',')
    return { position, isReadable: false, address: null, line: shown(line), attributes: null }
  }
  const { cells } = record
  const address = addressOf(cells[columns.address] ?? '')
  const attributes: Record<string, string> = {}
  for (const [place, name] of columns.names) {
    const value = clean(cells[place] ?? '').slice(0, longestValue)
    if (value !== '') attributes[name] = value
  }
  return {
    position,
    isReadable: true,
    address,
    // Under a head the other cells stand in their own columns again; what is to be corrected is the address.
    line: address === null ? shown(columns.hasHead ? (cells[columns.address] ?? '') : cells.join(',')) : '',
    attributes: Object.keys(attributes).length === 0 ? null : attributes,
  }
}

function shown(line: string): string {
  return clean(line).slice(0, longestLine)
}

/** What PostgreSQL keeps: no U+0000, and no half of a character. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().trim()
}
