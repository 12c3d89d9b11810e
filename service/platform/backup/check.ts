import pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import { keptHeadFile, keptHeads, verifyAudit } from '../audit/index.ts'
import { newClient, openDatabase, readMigrations } from '../database/index.ts'
import { StartProblem } from '../start-problem.ts'
import { everyTwoSeconds } from './backup.ts'
import { foreignKeysOf, migrationsOf, orphansOf, tablesOf } from './catalog.ts'
import { readBackup, type DatabasePart, type Header } from './format.ts'

export interface BackupChecked {
  header: Header
  database: DatabasePart
  tables: number
  rows: number
  files: string[]
}

/** Reads a backup from its first byte to its last; throws at the first thing that is not right. */
export async function checkBackup(path: string, progress: (line: string) => void): Promise<BackupChecked> {
  const say = everyTwoSeconds(progress)
  const found: { tables: string[]; rows: number; files: string[] } = { tables: [], rows: 0, files: [] }
  let header: Header | null = null
  let database: DatabasePart | null = null
  for await (const part of readBackup(path)) {
    if (part.kind === 'header') header = part.header
    else if (part.kind === 'database') database = part.database
    else {
      for await (const _piece of part.content) say(() => `Reading ${part.name}`)
      if (part.kind === 'table') {
        found.tables.push(part.name)
        found.rows += part.rows()
      } else found.files.push(part.name)
    }
  }
  if (header === null || database === null || database.tables.join() !== found.tables.join())
    throw new StartProblem(`The backup ${path} does not hold every table that it names.`)
  return { header, database, tables: found.tables.length, rows: found.rows, files: found.files }
}

export interface Check {
  name: string
  passed: boolean
  says: string
}

interface Installation {
  connection: pg.ClientConfig
  dataDirectory: string
  progress: (line: string) => void
}

/** Whether what stands in the database fits together: every row can be read, and names only what is there. */
export async function checkInstallation({ connection, dataDirectory, progress }: Installation): Promise<Check[]> {
  const database = openDatabase({ ...connection, statement_timeout: 0, max: 2 })
  const client = newClient({ ...connection, application_name: 'phasegate-verify', statement_timeout: 0 })
  try {
    await client.connect()
    await client.query('begin isolation level repeatable read, read only')
    const checks = [await schemaCheck(client), await rowsCheck(client, progress), await keysCheck(client, progress)]
    await client.query('commit')
    progress('Checking the history')
    const { entries, faults, faultCount } = await verifyAudit(database.db, {
      heads: await keptHeads(keptHeadFile(dataDirectory)),
    })
    const says = faults[0] === undefined ? `${entries} entries, one chain` : `${faults[0].says} (${faultCount} in all)`
    return [...checks, { name: 'History', passed: faultCount === 0, says }]
  } finally {
    await client.end().catch(() => {})
    await database.close()
  }
}

async function schemaCheck(client: pg.Client): Promise<Check> {
  const name = 'Schema'
  const known = await readMigrations()
  const there = await migrationsOf(client)
  const newest = there.at(-1)?.name ?? 'none'
  const changed = there.find(({ checksum }, index) => index < known.length && known[index]?.checksum !== checksum)
  if (changed !== undefined)
    return { name, passed: false, says: `the migration ${changed.name} is not the one of this Phasegate` }
  if (there.length > known.length)
    return { name, passed: false, says: `${newest} is newer than this Phasegate: use the version that made it` }
  const waiting = known.length - there.length
  return {
    name,
    passed: true,
    says: waiting === 0 ? `up to ${newest}` : `up to ${newest}; ${waiting} migrations run at the next start`,
  }
}

/** Reading a row checks the checksum of its page, where the cluster has them. */
async function rowsCheck(client: pg.Client, progress: (line: string) => void): Promise<Check> {
  const name = 'Rows'
  const say = everyTwoSeconds(progress)
  let rows = 0
  const tables = await tablesOf(client)
  for (const table of tables) {
    try {
      const stream = client.query(copyTo(`copy ${pg.escapeIdentifier(table.name)} to stdout`))
      for await (const _chunk of stream) say(() => `Reading ${table.name}: ${stream.rowCount} rows`)
      rows += stream.rowCount
    } catch (error) {
      return { name, passed: false, says: `${table.name} cannot be read: ${(error as Error).message}` }
    }
  }
  return { name, passed: true, says: `${rows} in ${tables.length} tables, all readable` }
}

async function keysCheck(client: pg.Client, progress: (line: string) => void): Promise<Check> {
  const say = everyTwoSeconds(progress)
  const keys = await foreignKeysOf(client)
  const broken: string[] = []
  for (const key of keys) {
    say(() => `Checking ${key.table}`)
    const orphans = await orphansOf(client, key)
    if (orphans > 0) broken.push(`${orphans} rows of ${key.table} name something that is not there (${key.name})`)
  }
  return {
    name: 'References',
    passed: broken.length === 0,
    says: broken.length === 0 ? `${keys.length} kinds, none leads nowhere` : broken.join('; '),
  }
}
