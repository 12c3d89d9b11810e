import { open, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { migrationLock, newClient } from '../database/index.ts'
import { StartProblem } from '../start-problem.ts'
import { migrationsOf, partitionsOf, sequencesOf, tablesOf, type TableShape } from './catalog.ts'
import { contentOf, dataFiles } from './data-files.ts'
import { formatVersion, written, type DatabasePart, type WrittenPart } from './format.ts'

export interface BackupTold {
  tables: number
  rows: number
  files: number
  bytes: number
}

interface Wanted {
  connection: pg.ClientConfig
  dataDirectory: string
  path: string
  version: string
  now: Date
  /** Told what is being done while it takes long. */
  progress: (line: string) => void
}

/** Fast enough that the disk is what one waits for; a higher level takes three times as long for a tenth less. */
const compression = 3
const pieceBytes = 256 * 1024
const tries = 3

/** Writes everything that an installation is into one file, as of one moment, while it is in use. */
export async function takeBackup(wanted: Wanted): Promise<BackupTold> {
  const path = resolve(wanted.path)
  const beside = `${path}.partial`
  const file = await open(beside, 'w', 0o600).catch((error: Error) => {
    throw new StartProblem(`The backup cannot be written to ${path}: ${error.message}.`)
  })
  const client = newClient({ ...wanted.connection, application_name: 'phasegate-backup', statement_timeout: 0 })
  const told: BackupTold = { tables: 0, rows: 0, files: 0, bytes: 0 }
  try {
    await mustBeFree(path)
    await client.connect()
    await pipeline(
      written(everything(client, wanted, told)),
      createGzip({ level: compression }),
      async (packed: AsyncIterable<Buffer>) => {
        for await (const piece of packed) {
          told.bytes += piece.length
          await file.appendFile(piece)
        }
      },
    )
    await file.sync()
    await file.close()
    await rename(beside, path)
    await flushFolder(dirname(path))
    return told
  } catch (error) {
    await file.close().catch(() => {})
    await rm(beside, { force: true })
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

async function mustBeFree(path: string): Promise<void> {
  const found = await open(path, 'r').catch(() => null)
  if (found === null) return
  await found.close()
  throw new StartProblem(`${path} exists already. Name another file, or move it away.`)
}

/**
 * The files come before the moment of the database: what the gateway has still to send is then in the one or the other, and
 * what is in both counts once, by its id.
 */
async function* everything(client: pg.Client, wanted: Wanted, told: BackupTold): AsyncGenerator<WrittenPart> {
  const { dataDirectory, version, now } = wanted
  yield {
    kind: 'header',
    header: { phasegate: 'backup', format: formatVersion, version, createdAt: now.toISOString() },
  }
  for (const { name, mode } of await dataFiles(dataDirectory)) {
    told.files += 1
    yield { kind: 'file', name, mode, content: contentOf(dataDirectory, name) }
  }
  const { database, tables } = await takeMoment(client)
  yield { kind: 'database', database }
  const say = everyTwoSeconds(wanted.progress)
  for (const { name, columns } of tables) {
    told.tables += 1
    yield { kind: 'table', name, columns, content: copiedOut(client, { name, columns }, told, say) }
  }
  await client.query('commit')
}

/** No migration begins while the snapshot is read, and no table that it knows is dropped. */
async function takeMoment(client: pg.Client): Promise<{ database: DatabasePart; tables: TableShape[] }> {
  await client.query(`set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set bytea_output = 'hex';
    set extra_float_digits = 1; set lock_timeout = '60s'; set idle_in_transaction_session_timeout = 0`)
  await client.query('select pg_advisory_lock_shared($1)', [migrationLock])
  const known = await client.query(`select to_regclass('schema_migration') as known`)
  if (known.rows[0]?.known === null) throw new StartProblem('The database is empty: there is nothing to back up.')
  for (let attempt = 1; ; attempt += 1) {
    await client.query('begin isolation level repeatable read, read only, deferrable')
    try {
      const tables = await tablesOf(client)
      await client.query(
        `lock table ${tables.map(({ name }) => pg.escapeIdentifier(name)).join(', ')} in access share mode`,
      )
      const database: DatabasePart = {
        postgres: (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? '',
        migrations: await migrationsOf(client),
        tables: tables.map(({ name }) => name),
        partitions: await partitionsOf(client),
        sequences: await sequencesOf(client),
      }
      return { database, tables }
    } catch (error) {
      await client.query('rollback')
      // A day of events whose time is over was dropped between looking and locking.
      const isGone = (error as { code?: string }).code === '42P01'
      if (!isGone || attempt === tries) throw error
    }
  }
}

async function* copiedOut(
  client: pg.Client,
  { name, columns }: TableShape,
  told: BackupTold,
  say: (line: () => string) => void,
): AsyncGenerator<Buffer> {
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ')
  const stream = client.query(copyTo(`copy ${pg.escapeIdentifier(name)} (${list}) to stdout`))
  let held: Buffer[] = []
  let heldBytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < pieceBytes) continue
    yield Buffer.concat(held, heldBytes)
    held = []
    heldBytes = 0
    say(() => `Table ${told.tables}, ${name}: ${stream.rowCount} rows`)
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes)
  told.rows += stream.rowCount
}

export function everyTwoSeconds(progress: (line: string) => void): (line: () => string) => void {
  let next = performance.now() + 2_000
  return (line) => {
    if (performance.now() < next) return
    next = performance.now() + 2_000
    progress(line())
  }
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
