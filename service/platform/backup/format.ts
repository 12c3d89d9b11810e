import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { z } from 'zod'
import { StartProblem } from '../start-problem.ts'

/**
 * A backup is gzip around lines of JSON. `file` and `table` lines are followed by their content: pieces, each a line with
 * its length in bytes and then the bytes, up to a piece of length 0, then a line with the counts. The last line says that
 * the backup is whole, with a SHA-256 over all before it. A table's content is what COPY writes as text.
 */
export const formatVersion = 1

const longestLine = 4 * 1024 * 1024
/** More entries than fit into a line. */
const most = longestLine
const text = z.string().max(longestLine)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const headerLine = z.object({
  phasegate: z.literal('backup'),
  format: count,
  version: text,
  createdAt: z.iso.datetime().max(40),
})
const fileLine = z.object({ file: text.min(1), mode: count })
const databaseLine = z.object({
  database: z.object({
    postgres: text,
    migrations: z.array(z.object({ number: count, name: text, checksum: text })).max(most),
    tables: z.array(text).max(most),
    partitions: z.array(z.object({ name: text, parent: text, bound: text })).max(most),
    sequences: z.array(z.object({ name: text, value: text, called: z.boolean() })).max(most),
  }),
})
const tableLine = z.object({ table: text, columns: z.array(text).max(most).min(1) })
const countsLine = z.object({ rows: count.optional(), bytes: count })
const endLine = z.object({ end: z.literal(true), sha256: text })

export type Header = z.infer<typeof headerLine>
export type DatabasePart = z.infer<typeof databaseLine>['database']

type Content = AsyncIterable<Buffer>
type Common =
  | { kind: 'header'; header: Header }
  | { kind: 'file'; name: string; mode: number; content: Content }
  | { kind: 'database'; database: DatabasePart }
interface TablePart {
  kind: 'table'
  name: string
  columns: string[]
  content: Content
}
export type WrittenPart = Common | TablePart
/** `rows` counts while the content is read. */
export type Part = Common | (TablePart & { rows: () => number })

const newline = 0x0a

/** The bytes of a backup, from what it holds in order. */
export async function* written(parts: AsyncIterable<WrittenPart>): AsyncGenerator<Buffer> {
  const whole = createHash('sha256')
  const passed = (bytes: Buffer): Buffer => {
    whole.update(bytes)
    return bytes
  }
  for await (const part of parts) {
    if (part.kind === 'header') yield passed(line(part.header))
    else if (part.kind === 'database') yield passed(line({ database: part.database }))
    else {
      const isTable = part.kind === 'table'
      yield passed(line(isTable ? { table: part.name, columns: part.columns } : { file: part.name, mode: part.mode }))
      const counts = { rows: 0, bytes: 0 }
      for await (const piece of part.content) {
        if (piece.length === 0) continue
        counts.bytes += piece.length
        if (isTable) counts.rows += linesIn(piece)
        yield passed(Buffer.from(`${piece.length}\n`))
        yield passed(piece)
      }
      yield passed(Buffer.from('0\n'))
      yield passed(line(isTable ? counts : { bytes: counts.bytes }))
    }
  }
  yield line({ end: true, sha256: whole.digest('hex') })
}

/** What a backup holds, in order. Throws at the first thing that shows that it is not whole. */
export async function* readBackup(path: string): AsyncGenerator<Part> {
  const file = createReadStream(path)
  const unpacked = file.pipe(createGunzip())
  file.on('error', (error) => unpacked.destroy(error))
  const source = byteSource(unpacked, path)
  try {
    const header = headerLine.safeParse(await source.line())
    if (!header.success) throw source.refused('it is no backup of Phasegate')
    if (header.data.format > formatVersion)
      throw source.refused(`it was made by a newer Phasegate (${header.data.version})`)
    yield { kind: 'header', header: header.data }
    for (;;) {
      const before = source.sum()
      const next = await source.line()
      const end = endLine.safeParse(next)
      if (!end.success) yield* partOf(next, source)
      else if (end.data.sha256 !== before) throw source.refused('its checksum does not fit its content')
      else return await source.end()
    }
  } finally {
    file.destroy()
    unpacked.destroy()
  }
}

async function* partOf(head: unknown, source: ByteSource): AsyncGenerator<Part> {
  const database = databaseLine.safeParse(head)
  if (database.success) return yield { kind: 'database', database: database.data.database }
  const table = tableLine.safeParse(head)
  const file = fileLine.safeParse(head)
  const name = table.success ? table.data.table : file.success ? file.data.file : null
  if (name === null) throw source.refused('it holds something that this Phasegate does not know')
  const found = { rows: 0, bytes: 0 }
  let isRead = false
  async function* content(): AsyncGenerator<Buffer> {
    for (;;) {
      const length = Number(await source.line())
      if (!Number.isSafeInteger(length) || length < 0) throw source.refused(`the content of ${name} cannot be read`)
      if (length === 0) break
      const piece = await source.bytes(length)
      found.bytes += length
      if (table.success) found.rows += linesIn(piece)
      yield piece
    }
    isRead = true
  }
  const all = content()
  if (table.success) yield { kind: 'table', name, columns: table.data.columns, content: all, rows: () => found.rows }
  else if (file.success) yield { kind: 'file', name, mode: file.data.mode, content: all }
  for await (const _piece of all);
  if (!isRead) throw source.refused(`the content of ${name} was not read to its end`)
  const counts = countsLine.safeParse(await source.line())
  if (!counts.success || counts.data.bytes !== found.bytes || (table.success && counts.data.rows !== found.rows))
    throw source.refused(`its part ${name} does not hold what its counts say`)
}

interface ByteSource {
  /** The next line, as JSON. */
  line(): Promise<unknown>
  bytes(count: number): Promise<Buffer>
  /** Over all that was taken so far. */
  sum(): string
  /** Nothing follows, and the packed bytes have their own checksum too. */
  end(): Promise<void>
  refused(why: string): StartProblem
}

function byteSource(stream: AsyncIterable<Buffer>, path: string): ByteSource {
  const chunks = stream[Symbol.asyncIterator]()
  const taken = createHash('sha256')
  let buffer: Buffer = Buffer.alloc(0)
  const refused = (why: string) => new StartProblem(`The backup ${path} cannot be used: ${why}.`)
  const next = () =>
    chunks.next().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new StartProblem(`There is no file ${path}.`)
      throw error.code?.startsWith('Z_') === true ? refused(`it is damaged or cut off (${error.message})`) : error
    })
  const more = async (): Promise<void> => {
    const found = await next()
    if (found.done === true) throw refused('it is cut off: its end is missing')
    buffer = buffer.length === 0 ? found.value : Buffer.concat([buffer, found.value])
  }
  const take = (count: number): Buffer => {
    const piece = buffer.subarray(0, count)
    buffer = buffer.subarray(count)
    taken.update(piece)
    return piece
  }
  return {
    refused,
    async line() {
      let end = buffer.indexOf(newline)
      while (end === -1) {
        const looked = buffer.length
        if (looked > longestLine) throw refused('it holds no lines as a backup does')
        await more()
        end = buffer.indexOf(newline, looked)
      }
      const text = take(end + 1).toString('utf8')
      try {
        return JSON.parse(text) as unknown
      } catch {
        throw refused('it is damaged: a line of it cannot be read')
      }
    },
    async bytes(count) {
      while (buffer.length < count) await more()
      return take(count)
    },
    sum: () => taken.copy().digest('hex'),
    async end() {
      if (buffer.length > 0 || (await next()).done !== true) throw refused('something follows after its end')
    },
  }
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/** COPY writes a row a line, and every line break inside a value otherwise. */
function linesIn(piece: Buffer): number {
  let count = 0
  for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) count += 1
  return count
}
