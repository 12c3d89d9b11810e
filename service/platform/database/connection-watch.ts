import { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Client, type ClientConfig, DatabaseError } from 'pg'

/** Makes connections that end when the database behind them no longer works for them, however it went silent. */
export interface ConnectionWatch {
  Client: new (config?: string | ClientConfig) => Client
  stop(): void
}

export interface WatchLog {
  info(message: string): void
  warn(message: string): void
}

interface Watched {
  /** Null while nothing is asked. */
  busySince: number | null
  /** Waits for the word that all before it is on the disk. */
  commits: boolean
  bytesRead: number
  readonly socket: Socket
  /** The number of the database's process for it. */
  backend(): number | null
}

interface Backend {
  pid: number
  works: boolean
}

/** Within what a caller waits for, 5 s: the time until a silence is suspicious, and the time to look into it. */
const suspiciousMs = 1_500
const askLimitMs = 2_500
const commitLimitMs = 4_500
const connectLimitMs = 3_000
const stoodStillMs = 250
const lookMs = 250
const comeBackMs = 250

/**
 * Statement timeouts live in the database, so they say nothing when it hangs, or when what lies between swallows what is
 * sent; and a limit on this side alone would end long work that is well. So a silent connection is looked into: the
 * database is asked, on a fresh connection, whether it still works for the silent one. If it doesn't, that one is ended; if
 * it doesn't answer, all are, and new ones are refused at once until it does.
 */
export function watchConnections(connection: ClientConfig, log: WatchLog): ConnectionWatch {
  const open = new Set<Watched>()
  /** Ended here, but the database may not know yet and hold their locks. */
  const abandoned = new Set<number>()
  let isAway = false
  let looking = false
  let stopped = false

  class WatchedClient extends Client {
    constructor(config?: string | ClientConfig) {
      const socket = new Socket()
      super({ ...(typeof config === 'string' ? { connectionString: config } : config), stream: () => socket })
      const watched: Watched = {
        ...{ busySince: null, commits: false, bytesRead: 0, socket },
        backend: () => pidOf(this),
      }
      const { connect, query } = this
      // A connection that breaks tells those who wait for it; told to nobody else, it would end the process.
      this.on('error', () => {})
      this.on('drain', () => (watched.busySince = null))
      this.once('end', () => open.delete(watched))
      Object.assign(this, {
        connect: (callback?: (error: Error | null) => void) => {
          if (isAway) return refuse(callback)
          open.add(watched)
          socket.once('error', () => void look([]))
          const limit = startLimit(connectLimitMs, () => socket.destroy(new DatabaseAway()))
          this.once('connect', limit.stop).once('end', limit.stop)
          return Reflect.apply(connect, this, [callback]) as unknown
        },
        query: (...args: unknown[]) => {
          watched.busySince ??= performance.now()
          watched.commits = args[0] === 'commit'
          return Reflect.apply(query, this, args) as unknown
        },
      })
    }
  }

  const timer = setInterval(() => {
    const now = performance.now()
    const suspects = [...open].filter((each) => isSuspicious(each, now))
    if (suspects.length > 0) void look(suspects)
  }, lookMs).unref()

  async function look(suspects: readonly Watched[]): Promise<void> {
    if (looking || isAway || stopped) return
    looking = true
    try {
      const pids = suspects.flatMap(({ backend }) => backend() ?? [])
      const since = new Map(suspects.map((each) => [each, each.busySince]))
      const backends = await ask(connection, { pids, abandoned })
      if (stopped) return
      if (backends === 'no answer') goAway()
      // What came while we looked, or stood unread while this process was busy, is no silence.
      else for (const each of suspects) if (since.get(each) === each.busySince) judge(each, backends)
    } finally {
      looking = false
    }
  }

  function judge(suspect: Watched, backends: readonly Backend[] | 'busy'): void {
    if (suspect.busySince === null || backends === 'busy') return
    const works = backends.some(({ pid, works }) => pid === suspect.backend() && works)
    const isLate = suspect.commits && performance.now() - suspect.busySince > commitLimitMs
    if (works && !isLate) return
    log.warn('database: a connection fell silent and was ended')
    end(suspect)
  }

  function end(watched: Watched): void {
    const backend = watched.backend()
    if (backend !== null) abandoned.add(backend)
    open.delete(watched)
    watched.socket.destroy(new DatabaseAway())
  }

  function goAway(): void {
    isAway = true
    log.warn('database: it does not answer; requests that need it are refused until it does')
    for (const each of open) end(each)
    void comeBack()
  }

  async function comeBack(): Promise<void> {
    while (!stopped) {
      await pause(comeBackMs, undefined, { ref: false })
      if ((await ask(connection, { pids: [], abandoned })) === 'no answer') continue
      isAway = false
      log.info('database: it answers again')
      return
    }
  }

  return {
    Client: WatchedClient,
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}

/** The connection is gone, and with it the word on whether what was sent arrived. */
class DatabaseAway extends Error {
  readonly code = 'ETIMEDOUT'
  constructor() {
    super('Connection terminated: the database does not answer')
  }
}

/** Silent, and not because we are slow to read. */
function isSuspicious(watched: Watched, now: number): boolean {
  const { bytesRead } = watched.socket
  if (watched.busySince === null || watched.socket.isPaused()) return false
  if (bytesRead !== watched.bytesRead) {
    watched.bytesRead = bytesRead
    watched.busySince = now
    return false
  }
  return now - watched.busySince > suspiciousMs
}

interface Question {
  pids: readonly number[]
  abandoned: Set<number>
}

/** What the database does for these of its processes; asked on a connection of its own, which ends the abandoned ones. */
async function ask(connection: ClientConfig, { pids, abandoned }: Question): Promise<Backend[] | 'busy' | 'no answer'> {
  const socket = new Socket()
  const late = startLimit(askLimitMs, () => socket.destroy(new DatabaseAway()))
  const client = new Client({ ...connection, application_name: 'phasegate-watch', stream: () => socket })
  client.on('error', () => {})
  try {
    await client.connect()
    const ended = [...abandoned]
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid = any($1) and usename = current_user',
      [ended],
    )
    for (const pid of ended) abandoned.delete(pid)
    // Active while it waits for us to read or to send: what one side sent, the other never got.
    const { rows } = await client.query<Backend>(
      `select pid, state = 'active' and wait_event_type is distinct from 'Client' as works
       from pg_stat_activity where pid = any($1)`,
      [[...pids]],
    )
    return rows
  } catch (error) {
    return isBusy(error) ? 'busy' : 'no answer'
  } finally {
    late.stop()
    client.end().catch(() => {})
    socket.destroySoon()
  }
}

/** A limit on another's silence: while this process itself stood still, the answer could not be read. */
function startLimit(ms: number, onLate: () => void): { stop(): void } {
  let timer: NodeJS.Timeout
  const start = (): void => {
    const due = performance.now() + ms
    timer = setTimeout(() => (performance.now() - due > stoodStillMs ? start() : onLate()), ms).unref()
  }
  start()
  return { stop: () => clearTimeout(timer) }
}

function refuse(callback: ((error: Error) => void) | undefined): Promise<never> | undefined {
  if (callback === undefined) return Promise.reject(new DatabaseAway())
  process.nextTick(callback, new DatabaseAway())
}

/** It answered, if only to say that it has no connection left; while it starts or ends it is no use. */
function isBusy(error: unknown): boolean {
  return error instanceof DatabaseError && !(error.code ?? '').startsWith('57P0')
}

function pidOf(client: Client): number | null {
  const { processID } = client as { processID?: unknown }
  return typeof processID === 'number' ? processID : null
}
