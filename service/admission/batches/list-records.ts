import { parse } from 'csv-parse/sync'

/** A record of a list: its cells, or what stands there where nobody can tell its cells. */
export type ListRecord = { kind: 'cells'; cells: string[] } | { kind: 'not-readable'; line: string }

const longestLine = 20_000
/** The most lines that one quoted cell may go on for. */
const mostLinesOfOne = 20
const shownOfLong = 300
/** So many are handed to the parser at once. */
const together = 1_000

/**
 * ADM-45: a list as it comes, record by record. A quote that nobody closes, or a line without an end, costs that line and no
 * other: a parser that reads on to the next quote would take the good ones after it along.
 */
export async function* recordsOf(file: AsyncIterable<Buffer>): AsyncGenerator<ListRecord> {
  let waiting: RecordText[] = []
  for await (const text of joined(linesOf(file))) {
    waiting.push(text)
    if (waiting.length < together) continue
    yield* read(waiting)
    waiting = []
  }
  yield* read(waiting)
}

/** Of one record, mostly one line. */
interface RecordText {
  text: string
  isReadable: boolean
}

function read(texts: readonly RecordText[]): ListRecord[] {
  const records = cellsOf(texts.flatMap(({ text, isReadable }) => (isReadable ? [text] : []))).values()
  return texts.map(({ text, isReadable }) => {
    const cells = isReadable ? (records.next().value ?? null) : null
    return cells === null ? { kind: 'not-readable', line: text } : { kind: 'cells', cells }
  })
}

/** All at once, which is many times as quick; one by one where that does not come out even. */
function cellsOf(texts: readonly string[]): (string[] | null)[] {
  const all = parsed(texts.join('\n'))
  return all?.length === texts.length ? all : texts.map(only)
}

function only(text: string): string[] | null {
  const records = parsed(text)
  return records?.length === 1 ? (records[0] ?? null) : null
}

function parsed(text: string): string[][] | null {
  try {
    return parse(text, {
      ...{ delimiter: [',', ';', '\t'], record_delimiter: '\n' },
      ...{ relax_column_count: true, relax_quotes: true, trim: true },
    })
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('CSV_') === true) return null
    throw error
  }
}

/** Puts the lines of a quoted cell together: where it is really closed, and the record has as many cells as the first. */
async function* joined(lines: AsyncGenerator<RecordText>): AsyncGenerator<RecordText> {
  const ahead: RecordText[] = []
  let width: number | null = null
  const look = async (at: number): Promise<RecordText | null> => {
    if (at === ahead.length) {
      const { done, value } = await lines.next()
      if (done !== true) ahead.push(value)
    }
    return ahead[at] ?? null
  }
  for (let line = await look(0); line !== null; line = await look(0)) {
    ahead.shift()
    const isOpen = line.isReadable && endOf(line.text, false) === 'open'
    const rest = isOpen ? await restOf(look) : []
    const text = [line.text, ...(rest ?? [])].join('\n')
    const isWhole = !isOpen || (rest !== null && (width === null || only(text)?.length === width))
    if (isWhole) ahead.splice(0, rest?.length ?? 0)
    if (isWhole && line.isReadable) width ??= only(text)?.length ?? null
    if (!isWhole) yield { text: line.text.slice(0, shownOfLong), isReadable: false }
    else if (text.trim() !== '') yield { text, isReadable: line.isReadable }
  }
}

/** The lines up to the one that closes the cell; null where none does. */
async function restOf(look: (at: number) => Promise<RecordText | null>): Promise<string[] | null> {
  const rest: string[] = []
  for (let at = 0; at < mostLinesOfOne; at++) {
    const line = await look(at)
    if (line === null || !line.isReadable) return null
    rest.push(line.text)
    const end = endOf(line.text, true)
    if (end !== 'open') return end === 'closed' ? rest : null
  }
  return null
}

/** How a line leaves its cells: one that is quoted can go on in the next line, or be closed where no cell ends. */
function endOf(line: string, begunOpen: boolean): 'closed' | 'open' | 'broken' {
  if (!begunOpen && !line.includes('"')) return 'closed'
  let at = 0
  for (let isOpen = begunOpen; ; isOpen = false) {
    if (!isOpen) {
      const begin = /(?:^|[,;\t]) *"/g
      begin.lastIndex = at
      const found = begin.exec(line)
      if (found === null) return 'closed'
      at = found.index + found[0].length
    }
    const closing = closingQuote(line, at)
    if (closing === null) return 'open'
    at = closing + 1
    // A quote in the midst of a cell is a letter like any other, but then it closed nothing.
    if (isOpen && !/^ *(?:[,;\t]|$)/.test(line.slice(at))) return 'broken'
  }
}

function closingQuote(line: string, from: number): number | null {
  for (let at = line.indexOf('"', from); at !== -1; at = line.indexOf('"', at + 2)) if (line[at + 1] !== '"') return at
  return null
}

async function* linesOf(file: AsyncIterable<Buffer>): AsyncGenerator<RecordText> {
  /** What has come of a line so far; of one that is too long already, its beginning. */
  let rest = ''
  let isLong = false
  for await (const piece of textOf(file)) {
    const lines: string[] = (isLong ? piece : rest + piece).split(/\r\n|\n|\r(?=.)/s)
    if (isLong) lines[0] = lines.length > 1 ? rest : ''
    const last: string = lines.pop() ?? ''
    for (const text of lines) {
      const isReadable = !isLong && text.length <= longestLine
      isLong = false
      yield { text: isReadable ? text : text.slice(0, shownOfLong), isReadable }
    }
    if (isLong) continue
    isLong = last.length > longestLine
    rest = isLong ? last.slice(0, shownOfLong) : last
  }
}

/** With a line's end at its end. */
async function* textOf(file: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  for await (const chunk of file) yield decoder.decode(chunk, { stream: true })
  yield `${decoder.decode()}\n`
}
