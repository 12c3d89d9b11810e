import { addressOf } from '../rules.ts'

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
  address: string | null
  /** What stands there, where it is no address. */
  line: string
  attributes: Record<string, string> | null
}

const addressNames = /^(e-?mail|mail)([ _-]?address)?$|^address$/i
const longestName = 60
const longestValue = 200
const longestLine = 300

/** From the first line: its names, or, of a list without any, where the addresses stand. Null where there are none. */
export function columnsOf(first: readonly string[], mostColumns: number): Columns | null {
  const named = first.findIndex((cell) => addressNames.test(cell.trim()))
  if (named !== -1) {
    const others = [...first.entries()].filter(([at, name]) => at !== named && name.trim() !== '')
    const names = new Map(others.slice(0, mostColumns).map(([at, name]) => [at, name.trim().slice(0, longestName)]))
    return { address: named, names, hasHead: true }
  }
  const found = first.findIndex((cell) => addressOf(cell) !== null)
  return found === -1 ? null : { address: found, names: new Map(), hasHead: false }
}

export function readLine(cells: readonly string[], { address: at, names }: Columns, position: number): Line {
  const address = addressOf(cells[at] ?? '')
  const attributes: Record<string, string> = {}
  for (const [place, name] of names) {
    const value = clean(cells[place] ?? '').slice(0, longestValue)
    if (value !== '') attributes[name] = value
  }
  return {
    position,
    address,
    line: address === null ? clean(cells.join(',')).slice(0, longestLine) : '',
    attributes: Object.keys(attributes).length === 0 ? null : attributes,
  }
}

/** What PostgreSQL keeps: no U+0000, and no half of a character. */
function clean(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().trim()
}
