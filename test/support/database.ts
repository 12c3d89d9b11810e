import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Connection } from '../../service/platform/database/embedded.ts'
import { startTestPostgres } from './postgres.ts'

export interface TestDatabase {
  connection: Connection
  drop(): Promise<void>
}

let template: Promise<Connection> | undefined

/** A database of one's own, with every migration applied and nothing in it. */
export async function testDatabase(): Promise<TestDatabase> {
  template ??= findTemplate()
  const { database: from, ...server } = await template
  const database = `test_${randomBytes(6).toString('hex')}`
  await administer(server, (client) => client.query(`create database ${database} template ${from} strategy file_copy`))
  return { connection: { ...server, database }, drop: () => drop(server, database) }
}

/** A pool says that it has ended before its connections have; cutting those would fail a test that is already over. */
async function drop(server: Omit<Connection, 'database'>, database: string): Promise<void> {
  await administer(server, async (client) => {
    for (let waited = 0; waited < 2000; waited += 10) {
      const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [database])
      if (rowCount === 0) break
      await pause(10)
    }
    await client.query(`drop database if exists ${database} with (force)`)
  })
}

/** The one that test/run.ts started; a test file run by itself starts its own. */
async function findTemplate(): Promise<Connection> {
  const given = process.env['PHASEGATE_TEST_DATABASE']
  if (given) return JSON.parse(given) as Connection
  return (await startTestPostgres()).template
}

async function administer(server: Omit<Connection, 'database'>, work: (client: pg.Client) => Promise<unknown>) {
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
