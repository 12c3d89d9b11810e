import { existsSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import type { Config } from '../config.ts'
import { StartProblem } from '../start-problem.ts'
import { newClient } from './client.ts'
import { openDatabase, type Database } from './database.ts'
import { socketFolderOf } from './embedded-files.ts'
import { startEmbedded, type Connection } from './embedded.ts'

export interface OpenInstallation {
  database: Database
  connection: pg.ClientConfig
  close(): Promise<void>
}

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * The database of an installation, for a command beside it: the one that its service runs on now, or else its own,
 * started for as long as the command takes, under the lock that keeps a service from starting meanwhile.
 */
export async function openInstallation(
  config: Pick<Config, 'databaseUrl' | 'dataDirectory'>,
  options: { mayCreate?: boolean } = {},
): Promise<OpenInstallation> {
  const { databaseUrl, dataDirectory } = config
  if (databaseUrl !== null) return opened({ connectionString: databaseUrl }, async () => {})
  const cluster = join(dataDirectory, 'postgres', 'data')
  if (options.mayCreate !== true) await mustExist(cluster, dataDirectory)
  const running = await runningDatabase(dataDirectory)
  if (running !== null) return opened({ ...running }, async () => {})
  const embedded = await startEmbedded({ dataDirectory, log: quiet, ballastBytes: 0 })
  return opened({ ...embedded.connection }, () => embedded.stop())
}

function opened(connection: pg.ClientConfig, stop: () => Promise<void>): OpenInstallation {
  // A command may take minutes for one statement.
  const database = openDatabase({ ...connection, statement_timeout: 0, max: 2 })
  return {
    database,
    connection,
    async close() {
      await database.close()
      await stop()
    },
  }
}

async function mustExist(cluster: string, dataDirectory: string): Promise<void> {
  await lstat(cluster).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw notOurs(dataDirectory)
    throw new StartProblem(
      `There is no installation in ${dataDirectory}. Set PHASEGATE_DATA to its data folder, or DATABASE_URL to its database.`,
    )
  })
}

/** Where the service runs, its database answers on the socket, to its own account and to root. */
async function runningDatabase(dataDirectory: string): Promise<Connection | null> {
  const host = socketFolderOf(join(dataDirectory, 'postgres'))
  if (!existsSync(join(host, '.s.PGSQL.5432'))) return null
  const connection = { host, port: 5432, user: 'phasegate', database: 'phasegate' }
  const client = newClient(connection)
  try {
    await client.connect()
    return connection
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw notOurs(dataDirectory)
    return null
  } finally {
    await client.end().catch(() => {})
  }
}

function notOurs(dataDirectory: string): StartProblem {
  return new StartProblem(
    `The data folder ${dataDirectory} belongs to another account. Run this command as the account that runs Phasegate, or as root.`,
  )
}
