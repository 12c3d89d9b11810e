import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { databaseAccount } from '../../service/platform/database/account.ts'
import { plainEnv } from '../../service/platform/database/embedded-files.ts'
import { startPostmaster } from '../../service/platform/database/embedded-postmaster.ts'
import { type Connection, startEmbedded } from '../../service/platform/database/embedded.ts'
import { migrate } from '../../service/platform/database/migrate.ts'

export interface TestPostgres {
  /** The migrated database that each test copies. Nobody may stay connected to it. */
  template: Connection
  stop(): Promise<void>
}

interface Server {
  connection: Connection
  readonly pid: number
  stop(): Promise<void>
}

/** Nothing in a test database is worth keeping, so it need not wait for the disk. */
const careless = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' }
const log = { info: () => {}, warn: console.error, error: console.error }

/**
 * A PostgreSQL for one run of tests, in a folder that goes with it. PHASEGATE_TEST_POSTGRES names the programs of another
 * one than Phasegate brings, such as /usr/lib/postgresql/15/bin.
 */
export async function startTestPostgres(programs = process.env['PHASEGATE_TEST_POSTGRES']): Promise<TestPostgres> {
  const folder = await mkdtemp(join(reachableFolder(), 'phasegate-test-'))
  await chmod(folder, 0o711)
  const discard = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', discard)
  const server = programs
    ? await startInstalled(programs, folder)
    : await startEmbedded({ dataDirectory: folder, log, ballastBytes: 0, settings: careless })
  const clear = () => {
    try {
      process.kill(server.pid, 'SIGQUIT')
    } catch {
      // Already gone.
    }
  }
  process.prependOnceListener('exit', clear)
  const stop = async () => {
    process.off('exit', clear)
    process.off('exit', discard)
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { template: await createTemplate(server.connection), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The programs of the PostgreSQL servers that Debian installed, the oldest first. */
export function installedPrograms(): string[] {
  const parent = '/usr/lib/postgresql'
  const versions = existsSync(parent) ? readdirSync(parent).filter((version) => Number(version) >= 15) : []
  const folders = versions
    .toSorted((one, other) => Number(one) - Number(other))
    .map((version) => join(parent, version, 'bin'))
  return folders.filter((programs) => ['initdb', 'postgres'].every((name) => existsSync(join(programs, name))))
}

async function startInstalled(binaries: string, home: string): Promise<Server> {
  const account = databaseAccount()
  const cluster = join(home, 'data')
  mkdirSync(cluster, { mode: 0o700 })
  if (account.change) chownSync(cluster, account.uid, account.gid)
  const args = ['-D', cluster, '-U', 'phasegate', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8']
  const made = spawnSync(join(binaries, 'initdb'), args, {
    ...account.change,
    cwd: '/',
    env: plainEnv(),
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(`initdb of ${binaries}: ${made.stderr}`)
  const postmaster = await startPostmaster({
    files: { home, binaries, cluster, sockets: cluster },
    ...{ account, log, settings: careless },
  })
  return {
    connection: { host: cluster, port: 5432, user: 'phasegate', database: 'postgres' },
    pid: postmaster.child.pid ?? 0,
    stop: () => postmaster.stop(),
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
