import { randomBytes } from 'node:crypto'
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
  await administer(server, `create database ${database} template ${from} strategy file_copy`)
  return {
    connection: { ...server, database },
    drop: () => administer(server, `drop database if exists ${database} with (force)`),
  }
}

/** The one that test/run.ts started; a test file run by itself starts its own. */
async function findTemplate(): Promise<Connection> {
  const given = process.env['PHASEGATE_TEST_DATABASE']
  if (given) return JSON.parse(given) as Connection
  return (await startTestPostgres()).template
}

async function administer(server: Omit<Connection, 'database'>, statement: string): Promise<void> {
  const client = new pg.Client({ ...server, database: 'postgres' })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
