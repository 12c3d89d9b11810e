import type { ChildProcess } from 'node:child_process'
import { chmod, mkdir, stat, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { StartProblem } from '../start-problem.ts'
import { databaseAccount, mustReach } from './account.ts'
import { type Ballast, createBallast } from './ballast.ts'
import { newClient } from './client.ts'
import { prepareFiles, prepareFolders } from './embedded-files.ts'
import { startPostmaster, type Postmaster } from './embedded-postmaster.ts'
import { lockInstance } from './instance-lock.ts'

export interface DatabaseLog {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export interface EmbeddedOptions {
  dataDirectory: string
  log: DatabaseLog
  /** Space kept aside so that a full disk can be recovered from; 0 for none. */
  ballastBytes?: number
  /** Further settings of PostgreSQL, by name. */
  settings?: Record<string, string>
  /** Told when PostgreSQL ended although nobody asked it to. It is started again by itself. */
  onExit?: () => void
  /** Told once the data folder is this process's own, before PostgreSQL is started. */
  onOwn?: () => Promise<void>
  /** Told each time that PostgreSQL's own process was begun, which gets ready by itself. */
  onSpawn?: () => void
  /** Told why PostgreSQL did not start; it is tried again for ever then. Without it the first start must succeed. */
  onWait?: (problem: string) => void
  /** Gives a start up that is under way, and rejects it. */
  signal?: AbortSignal
  /** After this long a start is said to take long; a recovery has no end by the clock, since it would only begin anew. */
  longStartMs?: number
}

export interface Connection {
  host: string
  port: number
  user: string
  database: string
}

export interface Embedded {
  /** Stays valid when PostgreSQL is started again. */
  connection: Connection
  /** The postmaster's process id now. */
  readonly pid: number
  /** Writes down in its files what only the log holds so far, so that a crash leaves that much less to recover. */
  checkpoint(): Promise<void>
  stop(): Promise<void>
}

const defaultLongStartMs = 60_000
const defaultBallastBytes = 64 * 1024 * 1024
const backOffMs = [100, 250, 500, 1000, 2000, 5000]
const ballastEveryMs = 60_000

/** Starts a PostgreSQL of our own on the data folder, and keeps it running until `stop`. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log } = options
  const dataDirectory = resolve(options.dataDirectory)
  const account = databaseAccount()
  await mkdir(dataDirectory, { recursive: true, mode: account.change ? 0o711 : 0o700 })
  if (account.change) await letPass(dataDirectory)
  mustReach(account, join(dataDirectory, 'postgres'))
  const folders = await prepareFolders(dataDirectory, account)
  const lock = await lockInstance(join(folders.sockets, 'lock'), dataDirectory)
  try {
    await options.onOwn?.()
    const files = await prepareFiles(folders, account, options.signal)
    const ballast = createBallast(files.home, options.ballastBytes ?? defaultBallastBytes)
    const settings = { ...supervised, ...(await settingsFor(files.home)), ...options.settings }
    const { onSpawn, onWait, signal, longStartMs = defaultLongStartMs } = options
    const long = { afterMs: longStartMs, tell: (problem: string) => (onWait ?? log.warn)(problem) }
    const start = () => startPostmaster({ files, account, log, settings, onSpawn, signal, long })
    const supervisor = await supervise({ start, ballast, log, onExit: options.onExit, onWait, signal })
    const connection = { host: folders.sockets, port: 5432, user: 'phasegate', database: 'phasegate' }
    try {
      await ensureDatabase(connection)
    } catch (error) {
      await supervisor.stop()
      throw error
    }
    return {
      connection,
      get pid() {
        return supervisor.process().pid ?? 0
      },
      checkpoint: () => asking(connection, async (client) => void (await client.query('checkpoint'))),
      async stop() {
        await supervisor.stop()
        await lock.release()
      },
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/**
 * After a crash it ends, and we start it again. Left to restart within itself it stands still for ever when its recovery
 * fails once, as on a disk that reports errors for a while.
 */
const supervised = {
  restart_after_crash: 'off',
  // What is counted often stands in memory, where any page of an index costs little more than the next one.
  random_page_cost: '1.1',
  // Two processes more for a count of some milliseconds take longer to start than to count.
  parallel_setup_cost: '20000',
}
const gigabyte = 1024 ** 3

/** What depends on the machine: PostgreSQL keeps up to 1 GB of write-ahead log, for which a small disk has no room. */
async function settingsFor(directory: string): Promise<Record<string, string>> {
  const { blocks, bsize } = await statfs(directory)
  const share = (blocks * bsize) / 8
  // One call for the whole folder: with a file for each day's events, flushing each of them delays every recovery.
  const recovery: Record<string, string> = process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}
  if (share >= gigabyte) return recovery
  return { ...recovery, max_wal_size: `${Math.max(64, Math.floor(share / 1024 ** 2))}MB`, min_wal_size: '32MB' }
}

/** The database's own account must pass through to its part of the folder; it need not read the rest. */
async function letPass(directory: string): Promise<void> {
  const { mode } = await stat(directory)
  if ((mode & 0o001) === 0) await chmod(directory, (mode & 0o7777) | 0o011)
}

function ensureDatabase(connection: Connection): Promise<void> {
  return asking(connection, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [connection.database])
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(connection.database)}`)
  })
}

async function asking(connection: Connection, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = newClient({ ...connection, database: 'postgres' })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

interface Supervision {
  start: () => Promise<Postmaster>
  ballast: Ballast
  log: DatabaseLog
  onExit: (() => void) | undefined
  onWait: ((problem: string) => void) | undefined
  signal: AbortSignal | undefined
}

/** The first start must succeed (after giving up the ballast, if the disk is full), unless somebody waits for it; later ones are tried for ever. */
async function supervise({ start, ballast, log, onExit, onWait, signal }: Supervision) {
  let stopping = false
  let restarting: Promise<void> | null = null
  let current = await firstStart()
  watch(current)
  const keepBallast = () => {
    ballast.build().then(
      (found) => found === 'built' && log.info('database: set space aside to recover from a full disk'),
      (error: Error) => log.warn(`database: no space could be set aside: ${error.message}`),
    )
  }
  keepBallast()
  const timer = setInterval(keepBallast, ballastEveryMs)
  timer.unref()

  async function firstStart(): Promise<Postmaster> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await startWithBallast(start, ballast, log)
      } catch (error) {
        signal?.throwIfAborted()
        if (onWait === undefined || !(error instanceof StartProblem)) throw error
        onWait(error.message)
      }
      await pause(backOffMs[Math.min(attempt, backOffMs.length - 1)])
    }
  }

  function watch(postmaster: Postmaster) {
    postmaster.child.once('exit', (code, signal) => {
      if (stopping) return
      log.error(`database: PostgreSQL ended by itself (${signal ?? `code ${code}`}): ${postmaster.lastWords()}`)
      onExit?.()
      restarting = restart()
    })
  }

  async function restart() {
    for (let attempt = 0; !stopping; attempt += 1) {
      await pause(backOffMs[Math.min(attempt, backOffMs.length - 1)])
      if (stopping) return
      try {
        current = await startWithBallast(start, ballast, log)
        log.info(`database: PostgreSQL runs again (process ${current.child.pid})`)
        if (stopping) return
        return watch(current)
      } catch (error) {
        log.error(`database: PostgreSQL could not be started again: ${(error as Error).message}`)
      }
    }
  }

  return {
    process: (): ChildProcess => current.child,
    async stop() {
      stopping = true
      clearInterval(timer)
      await restarting
      await current.stop()
    },
  }
}

async function startWithBallast(start: () => Promise<Postmaster>, ballast: Ballast, log: DatabaseLog) {
  try {
    return await start()
  } catch (error) {
    const full = error instanceof StartProblem && /No space left on device/.test(error.message)
    if (!full || !(await ballast.drop())) throw error
    log.warn('database: the disk is full; gave back the space set aside so that PostgreSQL can recover')
    return start()
  }
}
