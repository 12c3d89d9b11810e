import type { Pool, PoolClient } from 'pg'
import { isDatabaseAway, Refusal, type Clock } from '../platform/index.ts'
import { dayMs, type MeasuredEvent } from './measures.ts'
import { storeEvents, type Fresh } from './store.ts'

/** The narrow door to where events live. Whoever adds hears only of what is committed. */
export interface Intake {
  /** Resolves after the commit, with how many were new and how many had been sent before. */
  add(events: MeasuredEvent[]): Promise<Taken>
}

export interface Taken {
  stored: number
  repeated: number
}

export interface IntakeParts {
  pool: Pool
  clock: Clock
  hasRoom(): boolean
  /** The day of the service that an instant belongs to, as YYYY-MM-DD. */
  dayOf(serviceId: string, at: number): string
  /** Called after a commit, with the services that something new came in for. */
  onStored(serviceIds: Set<string>): void
}

interface Waiting {
  events: MeasuredEvent[]
  resolve(taken: Taken): void
  reject(error: unknown): void
}

const mostInOneCommit = 10_000
const mostWaiting = 100_000
const attempts = 5
const answerLimitMs = 4_200
/** Commits at once: while the database works on one, this process prepares the next. */
const lanes = 2

/** Requests that arrive while one commit runs share the next: one flush to the disk for many callers. */
export function createIntake(parts: IntakeParts): Intake {
  const queue: Waiting[] = []
  const days = new Set<number>()
  let waiting = 0
  let running = 0

  async function drain(): Promise<void> {
    running++
    while (queue.length > 0) {
      const batch = takeBatch(queue)
      waiting -= size(batch)
      await commit(parts, days, batch)
    }
    running--
  }

  return {
    add(events) {
      if (!parts.hasRoom()) return Promise.reject(new Refusal('no-room'))
      if (events.length === 0) return Promise.resolve({ stored: 0, repeated: 0 })
      if (waiting + events.length > mostWaiting) return Promise.reject(new Refusal('intake-full'))
      waiting += events.length
      return inTime(
        new Promise((resolve, reject) => {
          queue.push({ events, resolve, reject })
          if (running < lanes) void drain()
        }),
      )
    },
  }
}

/**
 * Whoever sends hears within 5 s, also while a disk hangs and a commit with it. It may be stored all the same; sent again
 * under the same ids it counts once.
 */
function inTime(taken: Promise<Taken>): Promise<Taken> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Refusal('database-away')), answerLimitMs)
  })
  return Promise.race([taken, late]).finally(() => clearTimeout(timer))
}

function takeBatch(queue: Waiting[]): Waiting[] {
  let count = 0
  let length = 0
  for (const { events } of queue) {
    if (length > 0 && count + events.length > mostInOneCommit) break
    count += events.length
    length++
  }
  return queue.splice(0, length)
}

function size(batch: Waiting[]): number {
  return batch.reduce((sum, { events }) => sum + events.length, 0)
}

async function commit(parts: IntakeParts, days: Set<number>, batch: Waiting[]): Promise<void> {
  try {
    const fresh = await inTransaction(
      parts,
      days,
      batch.flatMap(({ events }) => events),
    )
    parts.onStored(new Set(batch.flatMap(({ events }) => events.map(({ serviceId }) => serviceId))))
    answer(batch, fresh)
  } catch (error) {
    // What one caller sent must not fail the others: each on its own, unless it is the database that is away.
    if (batch.length > 1 && !isDatabaseAway(error)) for (const one of batch) await commit(parts, days, [one])
    else for (const { reject } of batch) reject(error)
  }
}

/** Of two callers with the same id, the first stored it and the second repeated it. */
function answer(batch: Waiting[], fresh: Fresh): void {
  for (const { events, resolve } of batch) {
    let stored = 0
    for (const { key } of events) if (fresh === 'all' || fresh.delete(key)) stored++
    resolve({ stored, repeated: events.length - stored })
  }
}

async function inTransaction(parts: IntakeParts, days: Set<number>, events: MeasuredEvent[]): Promise<Fresh> {
  const client = await parts.pool.connect()
  let broken: unknown
  try {
    await makePartitions(client, days, events)
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query('begin')
        const fresh = await storeEvents(
          client,
          events,
          parts.clock.now(),
          parts.dayOf,
          attempt === 1 ? 'all-new' : 'repeats',
        )
        await client.query('commit')
        return fresh
      } catch (error) {
        await client.query('rollback')
        if (attempt === attempts || !mayTryAgain(error)) throw error
      }
    }
  } catch (error) {
    broken = error
    throw error
  } finally {
    client.release(broken instanceof Error)
  }
}

/** An id or an application that was there already, a deadlock, a failed serialisation: nothing was stored, so all of it may be done again. */
function mayTryAgain(error: unknown): boolean {
  return ['23505', '40P01', '40001'].includes((error as { code?: string }).code ?? '')
}

async function makePartitions(client: PoolClient, days: Set<number>, events: MeasuredEvent[]): Promise<void> {
  for (const { at } of events) {
    const day = Math.floor(at / dayMs)
    if (days.has(day)) continue
    await client.query('select event_partition($1::date)', [new Date(at).toISOString().slice(0, 10)])
    days.add(day)
  }
}
