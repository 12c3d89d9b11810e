import { once } from 'node:events'
import { closeSync, createReadStream, createWriteStream, openSync, type ReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { act, change, must, Refusal, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { knownAddresses } from '../invitations/store.ts'
import { suppressedOf } from '../invitations/suppressing.ts'
import { people as sayPeople } from '../words.ts'
import { mostColumns, mostLines, mostListBytes, type LineOutcome, type SendingRule } from './batch.ts'
import { columnsOf, readLine, type Columns, type Line } from './list-lines.ts'
import { recordsOf } from './list-records.ts'
import { countOutcomes } from './reads.ts'
import { isInside } from './rules.ts'
import { prepareBatch, type Prepared, type Progress } from './preparing.ts'
import { insertPeople, readSendingRule, setBatchState, type NewBatchPerson } from './store.ts'

/** Lines that are in memory at once. */
const together = 1_000

/**
 * ADM-45: keeps a list as it comes, reads it a part at a time, and makes it a batch that is not sent yet, with a result for
 * every line. A list that breaks off leaves nobody to invite behind.
 */
export async function readList(
  ctx: Context,
  service: Service,
  { name, file, patience }: { name: string; file: Readable; patience: number },
): Promise<Prepared> {
  await must(ctx, 'admission.invite', service.id)
  const kept = await onDisk(file)
  const batch = { name, source: 'list', overInvite: false, patience } as const
  return prepareBatch(ctx, service, batch, async (id, tell) => {
    try {
      await readLines(ctx, service, id, kept, tell)
      await finish(ctx, service, id, name)
    } finally {
      kept.file.destroy()
    }
  }).catch((error: unknown) => {
    // It may not have come to the work.
    kept.file.destroy()
    throw error
  })
}

interface KeptList {
  bytes: number
  file: ReadStream
}

/**
 * A server waits only so long for a body, and a database takes longer over a million lines than a network. The file has no name
 * once it is open: nobody's address stays behind, however the process ends.
 */
async function onDisk(list: Readable): Promise<KeptList> {
  const folder = await mkdtemp(join(tmpdir(), 'phasegate-list-'))
  const path = join(folder, 'list.csv')
  const writing = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  const fd = await once(writing, 'open')
    .then(() => openSync(path, 'r'))
    .finally(() => rm(folder, { recursive: true, force: true }))
  try {
    // Whoever sends it is still to be told what was wrong: the connection stays.
    await pipeline(list.iterator({ destroyOnReturn: false }), limited, writing)
  } catch (error) {
    closeSync(fd)
    list.resume()
    throw error
  }
  return { bytes: writing.bytesWritten, file: createReadStream(path, { fd, start: 0 }) }
}

async function* limited(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of file) {
    bytes += chunk.length
    if (bytes > mostListBytes) throw new Refusal('too-large')
    yield chunk
  }
}

async function finish(ctx: Context, service: Service, id: string, name: string): Promise<void> {
  const deed = { permission: 'admission.invite', service: service.id, topic: 'admission' } as const
  await act(ctx, deed, async (tx, record) => {
    const counts = await countOutcomes(tx, id)
    const lines = Object.values(counts).reduce((sum, n) => sum + n, 0)
    if (lines === 0) throw new Refusal('list-empty')
    await setBatchState(tx, id, 'draft', ctx.clock.now())
    const summary = `read the list “${name}” with ${sayPeople(counts.queued ?? 0)} to invite; nothing is sent yet`
    record({ action: 'admission.list-read', summary, subject: id, detail: { counts } })
  })
}

async function readLines(
  ctx: Context,
  service: Service,
  batchId: string,
  { file, bytes }: KeptList,
  tell: (progress: Progress) => void,
): Promise<void> {
  const rule = await readSendingRule(ctx.db, service.id)
  let columns: Columns | null = null
  let position = 0
  let lines: Line[] = []
  for await (const record of recordsOf(file)) {
    if (record.kind === 'cells' && columns === null) {
      columns = columnsOf(record.cells, mostColumns)
      if (columns === null) throw new Refusal('list-without-addresses')
      if (columns.hasHead) continue
    }
    position += 1
    if (position > mostLines) throw new Refusal('list-too-long', { most: mostLines })
    lines.push(readLine(record, columns, position))
    if (lines.length < together) continue
    await keep(ctx, service, batchId, lines, rule)
    tell({ lines: position, percent: Math.floor((100 * file.bytesRead) / bytes) })
    lines = []
  }
  await keep(ctx, service, batchId, lines, rule)
}

async function keep(
  ctx: Context,
  service: Service,
  batchId: string,
  lines: readonly Line[],
  rule: SendingRule,
): Promise<void> {
  if (lines.length === 0) return
  const addresses = lines.flatMap(({ address }) => (address === null ? [] : [address.toLowerCase()]))
  await change(ctx, { service: null }, async (tx) => {
    const known = await knownAddresses(tx, service.id, addresses, ctx.clock.now())
    const notWanted = await suppressedOf(ctx, tx, service.id, addresses)
    const outcomeOf = ({ address, attributes, isReadable }: Line): LineOutcome => {
      if (!isReadable) return 'not-readable'
      if (address === null) return 'not-an-address'
      const how = known.get(address.toLowerCase())
      if (how !== undefined) return how === 'in' ? 'already-in' : 'already-invited'
      if (notWanted.has(address.toLowerCase())) return 'not-wanted'
      return isInside(rule, attributes) ? 'queued' : 'outside'
    }
    const people: NewBatchPerson[] = lines.map((line) => ({ ...line, outcome: outcomeOf(line) }))
    await insertPeople(tx, batchId, people)
  })
}
