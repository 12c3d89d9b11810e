import { createWriteStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { migrateWithin, type Migration, newClient, readMigrations } from '../database/index.ts'
import { StartProblem } from '../start-problem.ts'
import { everyTwoSeconds } from './backup.ts'
import { countTables, foreignKeysOf, tablesOf } from './catalog.ts'
import { dataFiles, placeOf, unfinishedMark } from './data-files.ts'
import { readBackup, type DatabasePart, type Header, type Part } from './format.ts'

export interface RestoreTold {
  header: Header
  tables: number
  rows: number
  files: number
  /** Migrations that the backup did not have yet. */
  migrated: string[]
}

interface Wanted {
  path: string
  connection: pg.ClientConfig
  dataDirectory: string
  now: Date
  progress: (line: string) => void
}

/** Puts a backup into an installation that holds nothing: all of it, or nothing. */
export async function restoreBackup(wanted: Wanted): Promise<RestoreTold> {
  const { connection, dataDirectory } = wanted
  const client = newClient({ ...connection, application_name: 'phasegate-restore', statement_timeout: 0 })
  await client.connect()
  const placed: string[] = []
  try {
    await mustBeEmpty(client, dataDirectory)
    await mark(dataDirectory)
    await client.query('begin')
    const told = await putAll(client, wanted, placed)
    // The files stand in their places before the commit: a start after a crash in between finds the mark and no tables.
    for (const path of placed) await rename(`${path}.restored`, path)
    await client.query('commit')
    await rm(join(dataDirectory, unfinishedMark))
    await client.query('analyze')
    return told
  } catch (error) {
    await client.query('rollback').catch(() => {})
    for (const path of placed) for (const each of [path, `${path}.restored`]) await rm(each, { force: true })
    await rm(join(dataDirectory, unfinishedMark), { force: true })
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

/** What a restore that was killed left behind may be put over: it holds no decision of anybody. */
async function mustBeEmpty(client: pg.ClientBase, dataDirectory: string): Promise<void> {
  const tables = await countTables(client)
  if (tables > 0) {
    throw new StartProblem(
      `The database already holds ${tables} tables. A backup is restored into an empty installation: ` +
        'name an empty folder by PHASEGATE_DATA, or an empty database by DATABASE_URL.',
    )
  }
  const [first] = await dataFiles(dataDirectory)
  if (first !== undefined && !(await isHalfRestored(dataDirectory))) {
    throw new StartProblem(
      `The data folder ${dataDirectory} already holds ${first.name}. A backup is restored into an empty installation: ` +
        'name an empty folder by PHASEGATE_DATA.',
    )
  }
}

/** A restore into this data folder was begun and did not come to its end. */
export async function isHalfRestored(dataDirectory: string): Promise<boolean> {
  return readFile(join(dataDirectory, unfinishedMark)).then(
    () => true,
    () => false,
  )
}

async function mark(dataDirectory: string): Promise<void> {
  await mkdir(dataDirectory, { recursive: true })
  const file = await open(join(dataDirectory, unfinishedMark), 'w', 0o600)
  await file.sync()
  await file.close()
}

/** Before a service migrates what it finds: half a restore is no installation. */
export async function mustNotBeHalfRestored(dataDirectory: string, pool: pg.Pool): Promise<void> {
  if (!(await isHalfRestored(dataDirectory))) return
  const { rows } = await pool.query<{ found: boolean }>(`select to_regclass('schema_migration') is not null as found`)
  // The database came last, whole: only taking the mark away was missing.
  if (rows[0]?.found === true) return rm(join(dataDirectory, unfinishedMark))
  throw new StartProblem(
    `A restore into ${dataDirectory} did not come to its end. Run it again: phasegate restore FILE. ` +
      `To begin without it, empty the folder.`,
  )
}

async function putAll(client: pg.Client, wanted: Wanted, placed: string[]): Promise<RestoreTold> {
  const known = await readMigrations()
  const say = everyTwoSeconds(wanted.progress)
  const told = { tables: 0, rows: 0, files: 0 }
  let header: Header | null = null
  let plan: { database: DatabasePart; finish: () => Promise<void> } | null = null
  for await (const part of readBackup(wanted.path)) {
    if (part.kind === 'header') header = part.header
    else if (part.kind === 'database') {
      plan = { database: part.database, finish: await makeSchema(client, part.database, known) }
    } else if (part.kind === 'file') {
      told.files += 1
      await putFile(wanted.dataDirectory, part, placed)
    } else {
      told.tables += 1
      say(() => `Table ${told.tables}, ${part.name}`)
      told.rows += await putTable(client, part)
    }
  }
  if (header === null || plan === null || told.tables !== plan.database.tables.length)
    throw new StartProblem(`The backup ${wanted.path} does not hold every table that it names.`)
  wanted.progress('Checking that everything fits together')
  await plan.finish()
  const migrated = known.slice(plan.database.migrations.length)
  await migrateWithin(client, migrated)
  await client.query(
    `select audit_append($1, null, 'system', null, 'Phasegate', 'installation.restored', $2, null, null, null, 'restore')`,
    [wanted.now, `restored everything as it was at ${header.createdAt}`],
  )
  return { header, ...told, migrated: migrated.map(({ name }) => name) }
}

/** The schema that the backup was taken from, with nothing that would act on rows while they come in. */
async function makeSchema(client: pg.Client, database: DatabasePart, known: readonly Migration[]) {
  await client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO'; set local lock_timeout = '60s'`)
  const theirs = known.slice(0, database.migrations.length)
  mustKnow(database, theirs)
  await migrateWithin(client, theirs)
  for (const { name, parent, bound } of database.partitions) {
    const parts = [name, parent].map((each) => pg.escapeIdentifier(each))
    await client.query(`create table ${parts[0]} partition of ${parts[1]} ${bound}`)
  }
  const tables = await tablesOf(client)
  const missing = database.tables.filter((name) => !tables.some((table) => table.name === name))
  if (missing.length > 0)
    throw new StartProblem(`The backup holds tables that are not Phasegate's: ${missing.join(', ')}.`)
  const names = tables.map(({ name }) => pg.escapeIdentifier(name))
  const keys = await foreignKeysOf(client)
  for (const { name, table } of keys)
    await client.query(`alter table ${pg.escapeIdentifier(table)} drop constraint ${pg.escapeIdentifier(name)}`)
  for (const name of names) await client.query(`alter table ${name} disable trigger user`)
  // What the migrations themselves put in is in the backup too.
  await client.query(`truncate ${names.join(', ')}`)
  return async (): Promise<void> => {
    for (const { name, value, called } of database.sequences)
      await client.query('select setval($1::regclass, $2::bigint, $3)', [pg.escapeIdentifier(name), value, called])
    for (const { name, table, definition } of keys) {
      const [quoted, on] = [name, table].map((each) => pg.escapeIdentifier(each))
      await client.query(`alter table ${on} add constraint ${quoted} ${definition}`)
    }
    for (const name of names) await client.query(`alter table ${name} enable trigger user`)
  }
}

function mustKnow(database: DatabasePart, theirs: readonly Migration[]): void {
  for (const [index, { number, name, checksum }] of database.migrations.entries()) {
    const ours = theirs[index]
    if (ours === undefined) {
      throw new StartProblem(
        `The backup is newer than this Phasegate: it has the migration ${name}. Restore it with the version that made it, or a later one.`,
      )
    }
    if (ours.number !== number || ours.checksum !== checksum) {
      throw new StartProblem(
        `The backup has another migration ${name} than this Phasegate. Restore it with the version that made it, then upgrade.`,
      )
    }
  }
}

async function putTable(client: pg.Client, { name, columns, content, rows }: Extract<Part, { kind: 'table' }>) {
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ')
  const target = client.query(copyFrom(`copy ${pg.escapeIdentifier(name)} (${list}) from stdin`))
  await pipeline(Readable.from(content), target)
  if (target.rowCount !== rows())
    throw new StartProblem(`Of ${name}, ${target.rowCount} rows came in of ${rows()} in the backup.`)
  return target.rowCount
}

async function putFile(dataDirectory: string, part: Extract<Part, { kind: 'file' }>, placed: string[]): Promise<void> {
  const path = placeOf(dataDirectory, part.name)
  if (path === null) throw new StartProblem(`The backup holds a file with the name ${part.name}, which is not allowed.`)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  placed.push(path)
  await pipeline(Readable.from(part.content), createWriteStream(`${path}.restored`, { mode: part.mode, flush: true }))
}
