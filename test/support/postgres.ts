import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Connection, startEmbedded } from '../../service/platform/database/embedded.ts'
import { migrate } from '../../service/platform/database/migrate.ts'

export interface TestPostgres {
  /** The migrated database that each test copies. Nobody may stay connected to it. */
  template: Connection
  stop(): Promise<void>
}

/** Nothing in a test database is worth keeping, so it need not wait for the disk. */
const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }

/** A PostgreSQL for one run of tests, in a folder that goes with it. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDirectory = await mkdtemp(join(reachableFolder(), 'phasegate-test-'))
  const log = { info: () => {}, warn: console.error, error: console.error }
  const database = await startEmbedded({ dataDirectory, log, ballastBytes: 0, settings: careless })
  const clear = () => {
    try {
      process.kill(database.pid, 'SIGQUIT')
    } catch {
      // Already gone.
    }
    rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', clear)
  const template = await createTemplate(database.connection)
  return {
    template,
    async stop() {
      process.off('exit', clear)
      await database.stop()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

/** Root's temporary folder may be closed to the account that PostgreSQL runs as. */
function reachableFolder(): string {
  return process.getuid?.() === 0 ? '/tmp' : tmpdir()
}

async function createTemplate(connection: Connection): Promise<Connection> {
  const template = { ...connection, database: 'phasegate_template' }
  const maker = new pg.Client(connection)
  await maker.connect()
  await maker.query('create database phasegate_template')
  await maker.end()
  const client = new pg.Client(template)
  await client.connect()
  await migrate(client)
  await client.end()
  return template
}
