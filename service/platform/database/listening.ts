import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import type { WatchLog } from './connection-watch.ts'

export interface Listening {
  stop(): Promise<void>
}

interface Parts {
  /** A new connection, not open yet. */
  connect(): Client
  /** Hears what it wants on it. */
  hear(client: Client): Promise<void>
  /** It is back after a time in which news were missed. */
  missed(): void
  log: WatchLog
}

const backOffMs = [250, 500, 1000, 2000]
const pulseMs = 5_000

/** Keeps a connection that hears news, for ever: it comes back when it breaks, and says that something was missed. */
export async function keepListening(parts: Parts): Promise<Listening> {
  const over = new AbortController()
  let client = await begin(parts)
  // A connection that only listens would never notice that nobody is there any more.
  const pulse = setInterval(() => client.query('select 1').catch(() => {}), pulseMs).unref()
  const running = (async () => {
    while (!over.signal.aborted) {
      await ended(client, over.signal)
      if (over.signal.aborted) break
      parts.log.warn('database: no news from other processes')
      const back = await comeBack(parts, over.signal)
      if (back === null) break
      client = back
      parts.missed()
    }
  })()
  return {
    async stop() {
      over.abort()
      clearInterval(pulse)
      await running
      await client.end().catch(() => {})
    },
  }
}

async function begin(parts: Parts): Promise<Client> {
  const client = parts.connect()
  client.on('error', () => {})
  await client.connect()
  await parts.hear(client)
  return client
}

async function comeBack(parts: Parts, over: AbortSignal): Promise<Client | null> {
  for (let attempt = 0; !over.aborted; attempt += 1) {
    await pause(backOffMs[Math.min(attempt, backOffMs.length - 1)], undefined, { ref: false })
    if (over.aborted) return null
    try {
      return await begin(parts)
    } catch {
      // The database is still away; that was said when it went.
    }
  }
  return null
}

function ended(client: Client, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    client.once('end', resolve)
    over.addEventListener('abort', () => resolve(), { once: true })
  })
}
