import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { socketFolderOf } from '../../service/platform/database/embedded-files.ts'
import type { Figure, Installation } from './scenario.ts'
import { until } from '../support/until.ts'

export const service = 'permit'

export async function addService(installation: Installation): Promise<void> {
  const { status, body } = await installation.api('POST', '/api/v1/services', {
    ...{ key: service, name: 'Parking permit', phase: 'private-beta' },
    ...{ newUrl: 'http://127.0.0.1:9', currentUrl: 'http://127.0.0.1:9' },
  })
  if (status !== 201) throw new Error(`The service could not be added: ${status} ${JSON.stringify(body)}`)
  await until(
    'the new service is decided on',
    async () => {
      const context = { targetingKey: 'somebody' }
      return (await installation.api('POST', `/ofrep/v1/evaluate/flags/${service}`, { context })).status === 200
    },
    10_000,
  )
}

/** A client as it should be, or with a fault: it lies about what it was told, or forgets which ids it used. */
export type Client = 'as it should be' | 'believes every answer' | 'sends again under new ids'

interface Options {
  senders: number
  batch: number
  client?: Client
}

export interface Sending {
  /** Events that were acknowledged, by their numbers. */
  acknowledged(): number
  /** Answers by status; 0 is a connection that broke or never was. */
  statuses: Map<number, number>
  /** Of the answers of 500 and above, what they said was the matter. */
  reasons: Map<string, number>
  /** The longest that an answer, or the news that there is none, took. */
  longestMs(): number
  /** When the last acknowledgement came, by performance.now(). */
  lastAt(): number
  /** Waits for the answers that are under way, and sends no more. */
  stop(): Promise<void>
  /** Of the events that were acknowledged. */
  numbers: ReadonlySet<number>
}

const answerLimitMs = 20_000
const pauseMs = 50

/** Sends batches of events, each again under the same ids until it is acknowledged. */
export function sendEvents(
  installation: Installation,
  { senders, batch, client = 'as it should be' }: Options,
): Sending {
  const acknowledged = new Set<number>()
  const statuses = new Map<number, number>()
  const reasons = new Map<string, number>()
  let next = 0
  let longest = 0
  let last = performance.now()
  let stopped = false

  async function send(): Promise<void> {
    while (!stopped) {
      const numbers = Array.from({ length: batch }, () => next++)
      for (let attempt = 0; ; attempt += 1) {
        const told = await tell(numbers, client === 'sends again under new ids' ? attempt : 0)
        if (told || stopped) break
      }
    }
  }

  async function tell(numbers: number[], series: number): Promise<boolean> {
    const began = performance.now()
    const { status, reason } = await post(installation, numbers, series)
    if (reason !== '') reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    longest = Math.max(longest, performance.now() - began)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const isBelieved = client === 'believes every answer' && status !== 0
    if (status !== 200) await pause(pauseMs + Math.random() * pauseMs)
    if (status !== 200 && !isBelieved) return false
    last = performance.now()
    for (const number of numbers) acknowledged.add(number)
    return true
  }

  const running = Promise.all(Array.from({ length: senders }, send))
  return {
    acknowledged: () => acknowledged.size,
    statuses,
    reasons,
    longestMs: () => longest,
    lastAt: () => last,
    numbers: acknowledged,
    async stop() {
      stopped = true
      await running
    },
  }
}

interface Told {
  status: number
  /** Of an answer of 500 and above. */
  reason: string
}

async function post(installation: Installation, numbers: number[], series: number): Promise<Told> {
  const time = new Date().toISOString()
  const events = numbers.map((number) => ({
    ...{ id: `${series}-${number}`, time, service, name: 'custom.chaos', properties: { number } },
  }))
  try {
    const response = await fetch(`${installation.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${installation.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events }),
      signal: AbortSignal.timeout(answerLimitMs),
    })
    const { status } = response
    if (status !== 200) {
      const text = await response.text()
      return { status, reason: status < 500 ? '' : (/"code":"([\w-]+)"/.exec(text)?.[1] ?? text.slice(0, 100)) }
    }
    const said = (await response.json()) as { stored: number; repeated: number }
    return { status: said.stored + said.repeated === numbers.length ? 200 : 422, reason: '' }
  } catch {
    return { status: 0, reason: '' }
  }
}

/** What came of the events, by the database itself. */
export async function lostAndDoubled(
  installation: Installation,
  acknowledged: ReadonlySet<number>,
  databaseUrl?: string,
): Promise<Figure[]> {
  const database = new pg.Client(
    databaseUrl === undefined ? embeddedOf(installation) : { connectionString: databaseUrl },
  )
  await database.connect()
  try {
    // The disk may have no room for what is sorted aside.
    await database.query("set work_mem = '512MB'")
    await database.query('set max_parallel_workers_per_gather = 0')
    const { rows } = await database.query<{ number: number; times: number }>(
      `select (properties->>'number')::int as number, count(*)::int as times from event where name = 'custom.chaos' group by 1`,
    )
    const stored = new Map(rows.map(({ number, times }) => [number, times]))
    let lost = 0
    for (const number of acknowledged) if (!stored.has(number)) lost += 1
    const doubled = rows.filter(({ times }) => times > 1).length
    return [
      { says: 'events acknowledged', value: acknowledged.size, unit: '', holds: acknowledged.size > 0 },
      { says: 'acknowledged events lost', value: lost, unit: '', holds: lost === 0 },
      { says: 'events counted twice', value: doubled, unit: '', holds: doubled === 0 },
    ]
  } finally {
    await database.end()
  }
}

/** The way to the database that an installation brings. */
export function embeddedOf({ dataDirectory }: Installation): pg.ClientConfig {
  return { host: socketFolderOf(join(dataDirectory, 'postgres')), user: 'phasegate', database: 'phasegate' }
}

export function describeAnswers({ statuses }: Sending): string {
  const told = [...statuses].toSorted(([one], [other]) => one - other)
  return told.map(([status, times]) => `${status === 0 ? 'no answer' : status}: ${times}`).join(', ')
}
