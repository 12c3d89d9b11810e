import { sql, type RawBuilder } from 'kysely'
import { rowsOfEach, type Queryable } from '../platform/index.ts'
import type { Journey } from '../services/index.ts'
import { dayMs, hourMs, idleMs, type MeasuredArm, type Period } from './measures.ts'
import type { FiveAnswers } from './rules.ts'
import type { Sketch } from './sketch.ts'

/** Sums of a period and arm. They come from the hourly sums only; no page reads single events. */
export interface Counts {
  starts: number
  completed: number
  refused: number
  failed: number
  /** Started, without an end, and still within the time limit. */
  open: number
  /** Pages seen, error pages included. */
  views: number
  errors: number
  requests: number
  failedRequests: number
}

export const noCounts: Counts = {
  starts: 0,
  completed: 0,
  refused: 0,
  failed: 0,
  open: 0,
  views: 0,
  errors: 0,
  requests: 0,
  failedRequests: 0,
}

export type ByArm<T> = ReadonlyMap<MeasuredArm, T>

/** One picture of the database for a whole page, and an end to what takes too long. */
export function analyse<T>(db: Queryable, work: (tx: Queryable) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(db)
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await sql`set local statement_timeout = '5s'`.execute(tx)
      return work(tx)
    })
}

/** MEA-5: requests where the gateway counts them, else the pages of the journey. */
const sums = sql.raw(`
  sum(starts) as starts, sum(completed) as completed, sum(refused) as refused, sum(failed) as failed,
  sum(pages + greatest(errors, failed_pages)) as views, sum(greatest(errors, failed_pages)) as errors,
  case when sum(requests) > 0 then sum(requests) else sum(pages + greatest(errors, failed_pages)) end as requests,
  case when sum(requests) > 0 then sum(failed_requests) else sum(server_errors) end as failed_requests`)

interface CountsRow {
  arm: MeasuredArm
  day: string
  starts: string
  completed: string
  refused: string
  failed: string
  open: string
  views: string
  errors: string
  requests: string
  failed_requests: string
}

function countsOf(row: CountsRow): Counts {
  return {
    starts: Number(row.starts),
    completed: Number(row.completed),
    refused: Number(row.refused),
    failed: Number(row.failed),
    open: Number(row.open ?? 0),
    views: Number(row.views),
    errors: Number(row.errors),
    requests: Number(row.requests),
    failedRequests: Number(row.failed_requests),
  }
}

/** MEA-4: until when an application without an end is still open, per journey; older ones count as failed. */
export function openSince(journeys: readonly Journey[], now: Date): { journey: string; cutoff: Date }[] {
  return journeys.map(({ id, savable, openDays }) => {
    const limit = savable ? openDays * dayMs : idleMs
    // Sums are by hour: the whole hour must have passed the limit.
    return { journey: id, cutoff: new Date(now.getTime() - limit - hourMs) }
  })
}

/** Of each of these services; `open` are journeys of whichever of them. */
export async function countsByArm(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: Period,
  open: { serviceId: string; journey: string; cutoff: Date }[],
): Promise<Map<string, ByArm<Counts>>> {
  const [services, journeys] = [open.map(({ serviceId }) => serviceId), open.map(({ journey }) => journey)]
  const cutoffs = open.map(({ cutoff }) => cutoff.toISOString())
  const found = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<CountsRow>`
      select m.arm, ${sums},
        coalesce(sum(starts - completed - refused - failed) filter (where m.hour > o.cutoff), 0) as open
      from measure_hour m
      left join unnest(${services}::uuid[], ${journeys}::text[], ${cutoffs}::timestamptz[])
        as o (service_id, journey, cutoff) on o.service_id = m.service_id and o.journey = m.journey
      where m.service_id = ${id} and m.hour >= ${from} and m.hour < ${to} and m.audience = 'public'
      group by m.arm`,
  )
  return byArmOf(found, countsOf)
}

function byArmOf<R extends { arm: MeasuredArm }, T>(
  found: ReadonlyMap<string, readonly R[]>,
  value: (row: R) => T,
): Map<string, ByArm<T>> {
  return new Map([...found].map(([id, rows]) => [id, new Map(rows.map((row) => [row.arm, value(row)]))]))
}

export type Daily<T> = { day: string; arm: MeasuredArm; value: T }[]

export async function countsByDay(
  db: Queryable,
  serviceId: string,
  timeZone: string,
  { from, to }: Period,
): Promise<Daily<Counts>> {
  const { rows } = await sql<CountsRow>`
    select to_char(hour at time zone ${timeZone}, 'YYYY-MM-DD') as day, arm, ${sums}, 0 as open
    from measure_hour
    where service_id = ${serviceId} and hour >= ${from} and hour < ${to} and audience = 'public'
    group by 1, 2 order by 1, 2`.execute(db)
  return rows.map((row) => ({ day: row.day, arm: row.arm, value: countsOf(row) }))
}

export async function durationsByArm(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: Period,
): Promise<Map<string, ByArm<Sketch>>> {
  const found = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<DurationRow>`
      select arm, bucket, sum(n) as n from duration_hour
      where service_id = ${id} and hour >= ${from} and hour < ${to} and audience = 'public'
      group by arm, bucket having sum(n) > 0`,
  )
  return new Map([...found].map(([id, rows]) => [id, sketchesOf(rows)]))
}

interface DurationRow {
  arm: MeasuredArm
  bucket: number
  n: string
}

function sketchesOf(rows: readonly DurationRow[]): ByArm<Sketch> {
  const sketches = new Map<MeasuredArm, Map<number, number>>()
  for (const { arm, bucket, n } of rows) {
    const sketch = sketches.get(arm) ?? new Map<number, number>()
    sketches.set(arm, sketch.set(bucket, Number(n)))
  }
  return sketches
}

export async function durationsByDay(
  db: Queryable,
  serviceId: string,
  timeZone: string,
  { from, to }: Period,
): Promise<Daily<Sketch>> {
  const { rows } = await sql<{ day: string; arm: MeasuredArm; buckets: number[]; counts: number[] }>`
    select day, arm, array_agg(bucket) as buckets, array_agg(n::float8) as counts from (
      select to_char(hour at time zone ${timeZone}, 'YYYY-MM-DD') as day, arm, bucket, sum(n) as n from duration_hour
      where service_id = ${serviceId} and hour >= ${from} and hour < ${to} and audience = 'public'
      group by 1, 2, 3 having sum(n) > 0) by_day
    group by day, arm order by day, arm`.execute(db)
  return rows.map(({ day, arm, buckets, counts }) => ({
    day,
    arm,
    value: new Map(buckets.map((bucket, index) => [bucket, counts[index] ?? 0])),
  }))
}

interface AnswersRow {
  arm: MeasuredArm
  day: string
  r1: string
  r2: string
  r3: string
  r4: string
  r5: string
}

const answerSums = sql.raw('sum(r1) as r1, sum(r2) as r2, sum(r3) as r3, sum(r4) as r4, sum(r5) as r5')

function answersOf({ r1, r2, r3, r4, r5 }: AnswersRow): FiveAnswers {
  return [Number(r1), Number(r2), Number(r3), Number(r4), Number(r5)]
}

export async function answersByArm(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: Period,
): Promise<Map<string, ByArm<FiveAnswers>>> {
  const found = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<AnswersRow>`
      select arm, ${answerSums} from rating_hour
      where service_id = ${id} and hour >= ${from} and hour < ${to} group by arm`,
  )
  return byArmOf(found, answersOf)
}

export async function answersByDay(
  db: Queryable,
  serviceId: string,
  timeZone: string,
  { from, to }: Period,
): Promise<Daily<FiveAnswers>> {
  const { rows } = await sql<AnswersRow>`
    select to_char(hour at time zone ${timeZone}, 'YYYY-MM-DD') as day, arm, ${answerSums} from rating_hour
    where service_id = ${serviceId} and hour >= ${from} and hour < ${to} group by 1, 2 order by 1, 2`.execute(db)
  return rows.map((row) => ({ day: row.day, arm: row.arm, value: answersOf(row) }))
}

export interface StepCount {
  journey: string
  step: string
  arm: MeasuredArm
  reached: number
}

/** MEA-7, the one funnel: of the applications that started in the period, how many reached a step, whenever they did. */
export function stepCounts(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: Period,
): Promise<Map<string, StepCount[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<StepCount>`
      select journey, step, arm, sum(reached)::float8 as reached from step_hour
      where service_id = ${id} and hour >= ${from} and hour < ${to} and audience = 'public'
      group by 1, 2, 3`,
  )
}

export interface JourneyCount {
  journey: string
  arm: MeasuredArm
  starts: number
  completed: number
  refused: number
  failed: number
}

export function journeyCounts(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: Period,
): Promise<Map<string, JourneyCount[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<JourneyCount>`
      select journey, arm, sum(starts)::float8 as starts, sum(completed)::float8 as completed,
        sum(refused)::float8 as refused, sum(failed)::float8 as failed
      from measure_hour
      where service_id = ${id} and hour >= ${from} and hour < ${to} and audience = 'public'
      group by 1, 2`,
  )
}

export interface PageSeen {
  journey: string
  kind: 'start' | 'step' | 'end' | 'error'
  page: string
  arm: MeasuredArm
  lastAt: Date
  n: number
}

export function pagesSeen(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, PageSeen[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<PageSeen>`
      select journey, kind, page, arm, last_at as "lastAt", n::float8 as n from page_seen
      where service_id = ${id} and audience = 'public'`,
  )
}

/** People with an identifier: those seen in the period, and those of them seen for the first time. */
export function unitsSeen(
  db: Queryable,
  serviceIds: readonly string[],
  arm: MeasuredArm,
  { from, to }: Period,
): Promise<Map<string, { seen: number; fresh: number }[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<{ seen: number; fresh: number }>`
      select count(*)::float8 as seen, count(*) filter (where first_at >= ${from})::float8 as fresh from unit_seen
      where service_id = ${id} and arm = ${arm} and audience = 'public' and last_at >= ${from} and first_at < ${to}`,
  )
}

/** Transactions that began in the new service from then on. By whole hours: of a zone with a half hour, the earlier one counts. */
export async function startsSince(db: Queryable, serviceId: string, from: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`select coalesce(sum(starts), 0)::float8 as n from measure_hour
    where service_id = ${serviceId} and arm = 'new' and hour > ${new Date(from.getTime() - hourMs)}`.execute(db)
  return rows[0]?.n ?? 0
}

/**
 * How many of these people were seen in the new service, and how many completed something in it. They come as a query: a
 * hundred thousand units need not leave the database to be looked up in it.
 */
export async function usesOf(
  db: Queryable,
  serviceId: string,
  units: RawBuilder<{ unit: string }>,
): Promise<{ used: number; completed: number }> {
  const { rows } = await sql<{ used: number; completed: number }>`select count(*)::int as used,
      count(completed_at)::int as completed from unit_seen
    where service_id = ${serviceId} and arm = 'new' and unit in (${units})`.execute(db)
  return rows[0] ?? { used: 0, completed: 0 }
}

/** Visitors of each day. The hash changes at midnight: these are never added up (contracts.md). */
export async function visitorsByDay(
  db: Queryable,
  serviceId: string,
  arm: MeasuredArm,
  days: { from: string; to: string },
): Promise<{ day: string; n: number }[]> {
  return (await visitorsOfEach(db, arm, [{ id: serviceId, ...days }])).get(serviceId) ?? []
}

/** Of each service in its own days. */
export function visitorsOfEach(
  db: Queryable,
  arm: MeasuredArm,
  services: readonly { id: string; from: string; to: string }[],
): Promise<Map<string, { day: string; n: number }[]>> {
  return rowsOfEach(
    db,
    services.map(({ id }) => id),
    (id) => sql<{ day: string; n: number }>`
      select to_char(day, 'YYYY-MM-DD') as day, n::float8 as n from visitor_day
      where service_id = ${id} and arm = ${arm} and day >= e.first_day::date and day <= e.last_day::date
      order by 1`,
    [
      { name: 'first_day', type: 'text', values: services.map(({ from }) => from) },
      { name: 'last_day', type: 'text', values: services.map(({ to }) => to) },
    ],
  )
}

export interface ExposureCount {
  assigned: MeasuredArm
  rung: string
  rolloutVersion: number
  n: number
}

export async function exposureCounts(db: Queryable, serviceId: string, { from, to }: Period): Promise<ExposureCount[]> {
  const { rows } = await sql<ExposureCount>`
    select assigned, rung, rollout_version::float8 as "rolloutVersion", sum(n)::float8 as n from exposure_hour
    where service_id = ${serviceId} and hour >= ${from} and hour < ${to} group by 1, 2, 3`.execute(db)
  return rows
}

export interface Source {
  name: string
  firstAt: Date
  lastAt: Date
  receivedAt: Date
  n: number
}

export async function sources(db: Queryable, serviceId: string): Promise<Source[]> {
  return (await sourcesOfEach(db, [serviceId])).get(serviceId) ?? []
}

export function sourcesOfEach(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Source[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Source>`
      select name, first_at as "firstAt", last_at as "lastAt", received_at as "receivedAt", n::float8 as n
      from event_source where service_id = ${id} order by name`,
  )
}
