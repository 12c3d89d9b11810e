import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { StartProblem } from '../start-problem.ts'

export interface Migration {
  number: number
  name: string
  sql: string
  checksum: string
  /** MIG-2: the newest migration that a program must know to work on the schema after this one; 0 for any. */
  worksWith: number
}

/** Any number that nobody else locks with: two services that start at once must not migrate at once. */
export const migrationLock = 7_340_215
const folder = new URL('../../../database/migrations/', import.meta.url)

/** MIG-4: whoever asks for a table that a migration waits for waits behind it. */
const lockLimit = '1s'
const attempts = 90
/** In which they go first. */
const betweenMs = 1_000

/** Brings the database up to what this version of Phasegate knows. Returns the names of what was applied. */
export async function migrate(database: pg.Pool | pg.Client, from: URL = folder): Promise<string[]> {
  const migrations = await readMigrations(from)
  if (!(database instanceof pg.Pool)) return apply(database, migrations)
  const client = await database.connect()
  try {
    return await apply(client, migrations)
  } finally {
    client.release()
  }
}

export async function readMigrations(from: URL = folder): Promise<Migration[]> {
  const files = (await readdir(from)).filter((file) => file.endsWith('.sql')).toSorted()
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, from), 'utf8')))
  const migrations: Migration[] = []
  for (const [index, file] of files.entries()) {
    const number = Number(/^(\d{4})-/.exec(file)?.[1])
    if (!number) throw new StartProblem(`The migration ${file} must be named NNNN-what-it-does.sql.`)
    if (migrations.at(-1)?.number === number) throw new StartProblem(`Two migrations have the number of ${file}.`)
    const sql = texts[index] ?? ''
    const checksum = createHash('sha256').update(sql).digest('hex')
    const worksWith = Number(/^-- contract since (\d{4}): /m.exec(sql)?.[1] ?? 0)
    migrations.push({ number, name: file.slice(0, -'.sql'.length), sql, checksum, worksWith })
  }
  return migrations
}

async function apply(client: pg.ClientBase, migrations: Migration[]): Promise<string[]> {
  // Most starts have nothing to do, and need not wait for a backup that holds the lock.
  if ((await hasRecord(client)) && (await pendingAmong(client, migrations)).length === 0) return []
  // Limits are for requests: another instance's migration, a backup and a migration itself may take minutes.
  await client.query('set statement_timeout = 0')
  await client.query('select pg_advisory_lock($1)', [migrationLock])
  try {
    await makeRecord(client)
    const pending = await pendingAmong(client, migrations)
    for (const migration of pending) await applyAlone(client, migration)
    return pending.map(({ name }) => name)
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock])
    await client.query('reset statement_timeout')
  }
}

/** In a transaction of its own, and again while others hold what it needs. */
async function applyAlone(client: pg.ClientBase, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query('begin')
    try {
      await client.query(`set local lock_timeout = '${lockLimit}'`)
      await applyOne(client, migration)
      await client.query('commit')
      return
    } catch (error) {
      await client.query('rollback')
      if (!isHeldUp(error)) throw error
      if (attempt === attempts) throw heldUpForLong(migration)
    }
    await pause(betweenMs)
  }
}

/** A lock that did not come in time, or a deadlock. */
function isHeldUp(error: unknown): boolean {
  const cause = error instanceof StartProblem ? error.cause : error
  return ['55P03', '40P01'].includes((cause as { code?: string }).code ?? '')
}

function heldUpForLong({ name }: Migration): StartProblem {
  return new StartProblem(
    `The migration ${name} was held up for minutes: something else works on the database all the while, such as pg_dump or a long query. Start again when it has ended.`,
  )
}

/** Within the caller's transaction: all of these or none. */
export async function migrateWithin(client: pg.ClientBase, migrations: readonly Migration[]): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
  await makeRecord(client)
  for (const migration of migrations) await applyOne(client, migration)
}

async function makeRecord(client: pg.ClientBase): Promise<void> {
  await client.query(`create table if not exists schema_migration (
    number integer primary key, name text not null, checksum text not null,
    applied_at timestamptz not null default clock_timestamp(), works_with integer)`)
  if (!(await hasRecord(client))) await client.query('alter table schema_migration add column works_with integer')
}

/** The record of what ran, as this version keeps it: the first ones did not say who can work with it. */
async function hasRecord(client: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_attribute where attrelid = to_regclass('schema_migration') and attname = 'works_with'`,
  )
  return rowCount === 1
}

async function pendingAmong(client: pg.ClientBase, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ number: number; name: string; checksum: string; works_with: number | null }>(
    'select number, name, checksum, works_with from schema_migration order by number',
  )
  const applied = new Map(rows.map((row) => [row.number, row]))
  for (const { number, name, checksum } of migrations) {
    const before = applied.get(number)
    if (before && before.checksum !== checksum) {
      throw new StartProblem(
        `The migration ${name} was changed after it ran on this database. Put the file back as it was and add a new migration.`,
      )
    }
  }
  const newest = migrations.at(-1)?.number ?? 0
  // MIG-3: the next release may have expanded the schema already, while this one goes on or is started again.
  const unknown = rows.find(({ number, works_with: least }) => number > newest && (least ?? number) > newest)
  if (unknown) {
    throw new StartProblem(
      `The database is newer than this Phasegate: it has the migration ${unknown.name}. Start the version that made it, or a later one.`,
    )
  }
  return migrations.filter(({ number }) => !applied.has(number))
}

async function applyOne(client: pg.ClientBase, { number, name, sql, checksum, worksWith }: Migration): Promise<void> {
  try {
    await client.query(sql)
    await client.query('insert into schema_migration (number, name, checksum, works_with) values ($1, $2, $3, $4)', [
      number,
      name,
      checksum,
      worksWith,
    ])
  } catch (cause) {
    throw new StartProblem(`The migration ${name} failed: ${(cause as Error).message}`, { cause })
  }
}
