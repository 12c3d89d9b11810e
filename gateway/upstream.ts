import { Pool } from 'undici'
import type { KnownBases } from './known-bases.ts'
import type { Log } from './log.ts'

/** By which name the application calls itself (GW-9). */
export type ApplicationBase = 'unknown' | 'own' | 'outside'

/** One origin with its connections and what the active check last said of it. */
export interface Upstream {
  readonly origin: string
  readonly host: string
  readonly hostname: string
  readonly scheme: string
  readonly pool: Pool
  up: boolean
  base: ApplicationBase
  checks: { made: number; failed: number }
  /** A connection was refused: down until a check says otherwise. */
  refused(): void
  /** Asks it nothing more, and lets what is under way end. */
  retire(): Promise<void>
  close(): Promise<void>
}

const checkTimeoutMs = 2000

export function openUpstream(
  origin: string,
  check: { path: string; seconds: number },
  bases: KnownBases,
  log: Log,
): Upstream {
  const url = new URL(origin)
  const pool = new Pool(origin, {
    connections: null,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 4000,
    headersTimeout: 60_000,
    bodyTimeout: 0,
    maxHeaderSize: 64 * 1024,
    connect: { timeout: 2000, ...(url.protocol === 'https:' ? { servername: url.hostname } : {}) },
  })
  let timer: NodeJS.Timeout | undefined
  let inRow = 0
  let closed = false
  let base = bases.of(origin)

  const upstream: Upstream = {
    origin,
    host: url.host,
    hostname: url.hostname,
    scheme: url.protocol.slice(0, -1),
    pool,
    up: true,
    get base() {
      return base
    },
    set base(seen) {
      if (seen === base) return
      base = seen
      bases.learn(origin, seen)
    },
    checks: { made: 0, failed: 0 },
    refused() {
      if (!upstream.up || closed) return
      set(false, 'refused a connection')
      again(Math.min(250, check.seconds * 1000))
    },
    async retire() {
      // The gateway can end while a retirement is still to come.
      if (closed) return
      closed = true
      clearTimeout(timer)
      await pool.close()
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await pool.destroy()
    },
  }

  function set(up: boolean, why: string): void {
    if (upstream.up === up) return
    upstream.up = up
    log[up ? 'info' : 'warn']({ origin }, up ? `${origin} answers again` : `${origin} is taken as down: it ${why}`)
  }

  function again(inMs: number): void {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(() => void probe(), inMs).unref()
  }

  /** 503, 502 and 504 say "not me, not now"; any other answer comes from a living application. */
  async function probe(): Promise<void> {
    let problem: string | null = null
    try {
      const answer = await pool.request({
        path: check.path,
        method: 'GET',
        headers: { 'user-agent': 'phasegate-check', accept: '*/*' },
        signal: AbortSignal.timeout(checkTimeoutMs),
      })
      answer.body.on('error', () => {})
      await answer.body.dump({ limit: 65_536 }).catch(() => {})
      if (answer.statusCode >= 502 && answer.statusCode <= 504) problem = `answers ${answer.statusCode}`
    } catch {
      problem = 'does not answer'
    }
    if (closed) return
    upstream.checks.made++
    if (problem === null) {
      inRow = 0
      set(true, '')
    } else {
      upstream.checks.failed++
      if (++inRow >= 2 || !upstream.up) set(false, problem)
    }
    again(upstream.up && problem === null ? check.seconds * 1000 : Math.min(500, check.seconds * 1000))
  }

  again(0)
  return upstream
}
