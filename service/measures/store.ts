import type { PoolClient } from 'pg'
import { instant, lockApplications, saveApplications } from './application-store.ts'
import { cell, copyIn } from './copy.ts'
import { deltasOf, type Deltas } from './deltas.ts'
import { dayMs, type MeasuredEvent } from './measures.ts'

/** The keys that were new; `all` where none had been there. */
export type Fresh = Set<string> | 'all'

/**
 * Stores what is new of a batch, and everything that follows from it, in the transaction that the client is in. An id that anyone
 * sent before is left out. `expect`: asking which ids are new costs more than all the rest, so the first try takes all of them for
 * new, and breaks the primary key where one is not.
 */
export async function storeEvents(
  client: PoolClient,
  events: MeasuredEvent[],
  receivedAt: Date,
  dayOf: (serviceId: string, at: number) => string,
  expect: 'all-new' | 'repeats',
): Promise<Fresh> {
  const fresh = expect === 'all-new' ? await claimAll(client, events) : await claimNew(client, events)
  const taken = new Set<string>()
  const isFirst = ({ key }: MeasuredEvent) => fresh === 'all' || (fresh.has(key) && !taken.has(key) && taken.add(key))
  const stored = events.filter(isFirst)
  if (stored.length === 0) return fresh
  await copyEvents(client, stored, receivedAt)
  const known = await lockApplications(client, stored)
  const deltas = deltasOf(stored, known, dayOf)
  await saveApplications(client, deltas.applications, known)
  await addUp(client, deltas, receivedAt)
  return fresh
}

/** Sorted, so that two processes that were sent the same ids wait for each other in one order only. */
function inOrder(events: MeasuredEvent[]): MeasuredEvent[] {
  return events.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

async function claimAll(client: PoolClient, events: MeasuredEvent[]): Promise<'all'> {
  const lines = inOrder(events).map(({ key, serviceId, at }) => `${key}\t${serviceId}\t${Math.floor(at / dayMs)}\n`)
  await copyIn(client, 'event_seen', 'key, service_id, day', lines.join(''))
  return 'all'
}

async function claimNew(client: PoolClient, events: MeasuredEvent[]): Promise<Set<string>> {
  const claimed = inOrder(events)
  const { rows } = await client.query<{ key: string }>({
    name: 'measures-claim',
    text: `insert into event_seen (key, service_id, day)
      select * from unnest($1::uuid[], $2::uuid[], $3::integer[]) on conflict do nothing returning key`,
    values: [
      claimed.map(({ key }) => key),
      claimed.map(({ serviceId }) => serviceId),
      claimed.map(({ at }) => Math.floor(at / dayMs)),
    ],
  })
  return new Set(rows.map(({ key }) => key))
}

const eventColumns =
  'service_id, id, time, received_at, name, journey, step, outcome, transaction, unit, channel, arm, device, flags, properties'

function copyEvents(client: PoolClient, events: MeasuredEvent[], receivedAt: Date): Promise<void> {
  const received = receivedAt.toISOString()
  return copyIn(client, 'event', eventColumns, events.map((event) => lineOf(event, received)).join(''))
}

function lineOf(event: MeasuredEvent, received: string): string {
  const time = new Date(event.at).toISOString()
  return (
    `${event.serviceId}\t${cell(event.id)}\t${time}\t${received}\t${event.name}\t${cell(event.journey)}\t${cell(event.step)}` +
    `\t${cell(event.outcome)}\t${cell(event.transaction)}\t${cell(event.unit)}\t${cell(event.channel)}\t${event.arm}` +
    `\t${cell(event.device)}\t${json(event.flags)}\t${json(event.properties)}\n`
  )
}

function json(value: object | null): string {
  return value === null ? '\\N' : cell(JSON.stringify(value))
}

type Columns<T> = [name: string, type: string, read: (row: T) => unknown][]

/** One statement per table: rows in as columns, added to what stands there. */
async function upsert<T>(
  client: PoolClient,
  table: string,
  rows: T[],
  columns: Columns<T>,
  then: string,
): Promise<void> {
  if (rows.length === 0) return
  await client.query({
    name: `measures-${table}`,
    text: `insert into ${table} as t (${columns.map(([name]) => name).join(', ')})
      select * from unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ')}) ${then}`,
    values: columns.map(([, , read]) => rows.map(read)),
  })
}

const place: Columns<{ serviceId: string; hour: number; journey: string; arm: string; audience: string }> = [
  ['service_id', 'uuid', (row) => row.serviceId],
  ['hour', 'timestamptz', (row) => instant(row.hour)],
  ['journey', 'text', (row) => row.journey],
  ['arm', 'text', (row) => row.arm],
  ['audience', 'text', (row) => row.audience],
]
const span: Columns<{ firstAt: number; lastAt: number }> = [
  ['first_at', 'timestamptz', (row) => instant(row.firstAt)],
  ['last_at', 'timestamptz', (row) => instant(row.lastAt)],
]
const times: Columns<{ n: number }> = [['n', 'bigint', (row) => row.n]]
const widen = 'first_at = least(t.first_at, excluded.first_at), last_at = greatest(t.last_at, excluded.last_at)'

async function addUp(client: PoolClient, deltas: Deltas, receivedAt: Date): Promise<void> {
  const counted =
    'starts completed refused failed pages errors failed_pages server_errors requests failed_requests'.split(' ')
  await upsert(
    client,
    'measure_hour',
    deltas.hours,
    [
      ...place,
      ['starts', 'bigint', (row) => row.starts],
      ['completed', 'bigint', (row) => row.completed],
      ['refused', 'bigint', (row) => row.refused],
      ['failed', 'bigint', (row) => row.failed],
      ['pages', 'bigint', (row) => row.pages],
      ['errors', 'bigint', (row) => row.errors],
      ['failed_pages', 'bigint', (row) => row.failedPages],
      ['server_errors', 'bigint', (row) => row.serverErrors],
      ['requests', 'bigint', (row) => row.requests],
      ['failed_requests', 'bigint', (row) => row.failedRequests],
    ],
    `on conflict (service_id, hour, journey, arm, audience)
      do update set ${counted.map((name) => `${name} = t.${name} + excluded.${name}`).join(', ')}`,
  )
  await upsert(
    client,
    'duration_hour',
    deltas.durations,
    [...place, ['bucket', 'integer', (row) => row.bucket], ...times],
    'on conflict (service_id, hour, journey, arm, audience, bucket) do update set n = t.n + excluded.n',
  )
  await upsert(
    client,
    'step_hour',
    deltas.steps,
    [...place, ['step', 'text', (row) => row.step], ['reached', 'bigint', (row) => row.reached]],
    'on conflict (service_id, hour, journey, step, arm, audience) do update set reached = t.reached + excluded.reached',
  )
  await addSeen(client, deltas, receivedAt)
  await addExposures(client, deltas.exposures)
}

async function addSeen(client: PoolClient, deltas: Deltas, receivedAt: Date): Promise<void> {
  await upsert(
    client,
    'page_seen',
    deltas.pages,
    [
      ['service_id', 'uuid', (row) => row.serviceId],
      ['journey', 'text', (row) => row.journey],
      ['kind', 'text', (row) => row.kind],
      ['page', 'text', (row) => row.page],
      ['arm', 'text', (row) => row.arm],
      ['audience', 'text', (row) => row.audience],
      ['banner_at', 'timestamptz', (row) => instant(row.bannerAt)],
      ['feedback_at', 'timestamptz', (row) => instant(row.feedbackAt)],
      ['question_at', 'timestamptz', (row) => instant(row.questionAt)],
      ...span,
      ...times,
    ],
    `on conflict (service_id, journey, kind, page, arm, audience) do update set ${widen}, n = t.n + excluded.n,
      banner_at = greatest(t.banner_at, excluded.banner_at), feedback_at = greatest(t.feedback_at, excluded.feedback_at),
      question_at = greatest(t.question_at, excluded.question_at)`,
  )
  await upsert(
    client,
    'unit_seen',
    deltas.units,
    [
      ['service_id', 'uuid', (row) => row.serviceId],
      ['arm', 'text', (row) => row.arm],
      ['audience', 'text', (row) => row.audience],
      ['unit', 'text', (row) => row.unit],
      ['completed_at', 'timestamptz', (row) => instant(row.completedAt)],
      ...span,
    ],
    `on conflict (service_id, arm, unit) do update set ${widen}, completed_at = least(t.completed_at, excluded.completed_at),
      audience = greatest(t.audience, excluded.audience)`,
  )
  await addVisitors(client, deltas.visitors)
  await upsert(
    client,
    'event_source',
    deltas.sources,
    [
      ['service_id', 'uuid', (row) => row.serviceId],
      ['name', 'text', (row) => row.name],
      ...span,
      ['received_at', 'timestamptz', () => receivedAt.toISOString()],
      ...times,
    ],
    `on conflict (service_id, name) do update set ${widen}, n = t.n + excluded.n,
      received_at = greatest(t.received_at, excluded.received_at)`,
  )
}

/** A visitor counts once a day and arm; the day's count stays when the hashes are forgotten. */
async function addVisitors(client: PoolClient, visitors: Deltas['visitors']): Promise<void> {
  if (visitors.length === 0) return
  await client.query({
    name: 'measures-visitors',
    text: `with fresh as (
        insert into visitor_seen (service_id, day, arm, visitor)
        select * from unnest($1::uuid[], $2::date[], $3::text[], $4::text[]) on conflict do nothing
        returning service_id, day, arm)
      insert into visitor_day as t (service_id, day, arm, n)
      select service_id, day, arm, count(*) from fresh group by 1, 2, 3 order by 1, 2, 3
      on conflict (service_id, day, arm) do update set n = t.n + excluded.n`,
    values: [
      visitors.map((row) => row.serviceId),
      visitors.map((row) => row.day),
      visitors.map((row) => row.arm),
      visitors.map((row) => row.visitor),
    ],
  })
}

async function addExposures(client: PoolClient, exposures: Deltas['exposures']): Promise<void> {
  const what: Columns<Deltas['exposures'][number]> = [
    ['service_id', 'uuid', (row) => row.serviceId],
    ['rollout_version', 'bigint', (row) => row.rolloutVersion],
    ['assigned', 'text', (row) => row.assigned],
    ['served', 'text', (row) => row.served],
    ['rung', 'text', (row) => row.rung],
    ['slice', 'text', (row) => row.slice],
  ]
  const named = byKey(
    exposures.filter(({ unit }) => unit !== null),
    (row) => [row.unit, ...what.map(([, , read]) => read(row))],
  )
  await upsert(
    client,
    'exposure',
    named,
    [...what, ['unit', 'text', (row) => row.unit], ...span],
    `on conflict (service_id, unit, rollout_version, assigned, served, rung, slice) do update set ${widen}`,
  )
  await upsert(
    client,
    'exposure_hour',
    byKey(exposures, (row) => [row.hour, ...what.map(([, , read]) => read(row))]),
    [...what, ['hour', 'timestamptz', (row) => instant(row.hour)], ...times],
    'on conflict (service_id, hour, rollout_version, assigned, served, rung, slice) do update set n = t.n + excluded.n',
  )
}

/** One row per key: a statement may not touch the same row twice. */
function byKey<T extends { firstAt: number; lastAt: number; n: number }>(rows: T[], keyOf: (row: T) => unknown[]): T[] {
  const merged = new Map<string, T>()
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row))
    const before = merged.get(key)
    const firstAt = Math.min(row.firstAt, before?.firstAt ?? row.firstAt)
    const lastAt = Math.max(row.lastAt, before?.lastAt ?? row.lastAt)
    merged.set(key, { ...row, firstAt, lastAt, n: row.n + (before?.n ?? 0) })
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}
