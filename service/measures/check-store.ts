import { sql } from 'kysely'
import { rowsOfEach, type Db, type Queryable } from '../platform/index.ts'
import { kpis } from './kpis.ts'
import { dayMs } from './measures.ts'
import { checks, type Check } from './definition-reads.ts'
import { sourcesOfEach, type Source } from './reads.ts'

/** Where a figure comes from, when that last spoke, and whether the sums agree with what they sum. */
export interface KpiSource {
  kpi: string
  name: string
  source: string
  firstAt: Date | null
  lastAt: Date | null
  isLive: boolean
  check: Check | null
}

/** A source is live when it spoke in the last day. */
const liveMs = dayMs

export async function kpiSources(db: Queryable, serviceId: string, now: Date): Promise<KpiSource[]> {
  return (await kpiSourcesOfEach(db, [serviceId], now)).get(serviceId) ?? []
}

export async function kpiSourcesOfEach(
  db: Queryable,
  serviceIds: readonly string[],
  now: Date,
): Promise<Map<string, KpiSource[]>> {
  const known = await sourcesOfEach(db, serviceIds)
  const ratings = await ratingTimes(db, serviceIds)
  const checked = await checks(db, serviceIds)
  return new Map(
    serviceIds.map((id) => [
      id,
      sourcesBy(known.get(id) ?? [], ratings.get(id)?.[0] ?? noTimes, checked.get(id) ?? [], now),
    ]),
  )
}

interface Times {
  firstAt: Date | null
  lastAt: Date | null
}

const noTimes: Times = { firstAt: null, lastAt: null }

function sourcesBy(known: readonly Source[], ratings: Times, checked: readonly Check[], now: Date): KpiSource[] {
  const times = (names: string[]): Times => {
    const found = known.filter(({ name }) => names.includes(name))
    const by = (pick: (row: (typeof found)[number]) => Date, isBetter: (a: Date, b: Date) => boolean) =>
      found.map(pick).reduce<Date | null>((best, at) => (best === null || isBetter(at, best) ? at : best), null)
    return {
      firstAt: by(
        (row) => row.firstAt,
        (a, b) => a < b,
      ),
      lastAt: by(
        (row) => row.lastAt,
        (a, b) => a > b,
      ),
    }
  }
  return kpis.map(({ id, name, source, counts }) => {
    const span = counts === 'answers' ? ratings : times(namesBehind[counts])
    return {
      kpi: id,
      name,
      source,
      ...span,
      isLive: span.lastAt !== null && now.getTime() - span.lastAt.getTime() <= liveMs,
      check: checked.find(({ kpi }) => kpi === id) ?? null,
    }
  })
}

const namesBehind = {
  starts: ['start', 'end'],
  completed: ['end'],
  views: ['start', 'step', 'end', 'error'],
  requests: ['custom.gateway.traffic', 'start', 'step', 'end'],
  answers: [],
}

function ratingTimes(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Times[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Times>`select min(hour) as "firstAt", max(hour) as "lastAt" from rating_hour where service_id = ${id}`,
  )
}

/**
 * MEA-11: once an hour the sums of the last two days are compared with the applications that they sum. A figure whose sums differ
 * says so on its page; nothing is mended silently.
 */
export async function checkSums(db: Db, now: Date): Promise<void> {
  const from = new Date(Math.floor((now.getTime() - 2 * dayMs) / 3_600_000) * 3_600_000)
  // Both sides in one statement, so that an event that comes in meanwhile is in both or in neither.
  const { rows } = await sql<{
    id: string
    starts: number
    ends: number
    ended: number
    sums_starts: number
    sums_ended: number
  }>`
    select s.id, coalesce(t.starts, 0)::float8 as starts, coalesce(t.ended, 0)::float8 as ended,
      coalesce(m.starts, 0)::float8 as sums_starts, coalesce(m.ended, 0)::float8 as sums_ended
    from service s
    left join (select service_id, count(*) as starts,
        count(*) filter (where coalesce(completed_at, refused_at, failed_at) is not null) as ended
      from journey_transaction where first_at >= ${new Date(from.getTime() - dayMs)} and started_at >= ${from} group by 1) t
      on t.service_id = s.id
    left join (select service_id, sum(starts) as starts, sum(completed + refused + failed) as ended
      from measure_hour where hour >= ${from} group by 1) m on m.service_id = s.id`.execute(db)
  for (const row of rows) {
    const agrees = row.starts === row.sums_starts && row.ended === row.sums_ended
    const says = agrees
      ? `The sums of the last two days agree with ${row.starts.toLocaleString('en-GB')} journeys.`
      : `The sums of the last two days say ${row.sums_starts} starts and ${row.sums_ended} ends; the journeys say ${row.starts} and ${row.ended}.`
    for (const kpi of ['completion-rate', 'completed-transactions']) await saveCheck(db, row.id, kpi, now, agrees, says)
  }
  await checkDurations(db, from, now)
}

/** Every application that ended well has at most one duration: never more durations than such ends. */
async function checkDurations(db: Db, from: Date, now: Date): Promise<void> {
  const { rows } = await sql<{ id: string; durations: number; ended: number; bad: number }>`
    select s.id, coalesce(d.n, 0)::float8 as durations, coalesce(m.ended, 0)::float8 as ended, coalesce(r.bad, 0)::float8 as bad
    from service s
    left join (select service_id, sum(n) as n from duration_hour where hour >= ${from} group by 1) d on d.service_id = s.id
    left join (select service_id, sum(completed + refused) as ended from measure_hour where hour >= ${from} group by 1) m
      on m.service_id = s.id
    left join (select service_id, count(*) filter (where least(r1, r2, r3, r4, r5) < 0) as bad
      from rating_hour where hour >= ${from} group by 1) r on r.service_id = s.id`.execute(db)
  for (const { id, durations, ended, bad } of rows) {
    const fits = durations <= ended
    const words = `${durations.toLocaleString('en-GB')} durations for ${ended.toLocaleString('en-GB')} ends of the last two days.`
    await saveCheck(db, id, 'completion-time', now, fits, words)
    await saveCheck(
      db,
      id,
      'satisfaction',
      now,
      bad === 0,
      bad === 0 ? 'All counts of the five answers are possible.' : `${bad} hours have impossible counts.`,
    )
  }
  await checkPages(db, from, now)
}

async function checkPages(db: Db, from: Date, now: Date): Promise<void> {
  const { rows } = await sql<{ id: string; bad: number }>`
    select s.id, coalesce(sum(case when least(m.pages, m.errors, m.failed_requests) < 0 or m.failed_requests > m.requests
      or m.server_errors > m.errors then 1 else 0 end), 0)::float8 as bad
    from service s left join measure_hour m on m.service_id = s.id and m.hour >= ${from} group by s.id`.execute(db)
  for (const { id, bad } of rows) {
    const says =
      bad === 0
        ? 'No hour has more errors than pages or requests.'
        : `${bad} hours have more errors than pages or requests.`
    for (const kpi of ['error-rate', 'availability']) await saveCheck(db, id, kpi, now, bad === 0, says)
  }
}

async function saveCheck(
  db: Db,
  serviceId: string,
  kpi: string,
  at: Date,
  passed: boolean,
  says: string,
): Promise<void> {
  await sql`
    insert into kpi_check (service_id, kpi, checked_at, passed, says) values (${serviceId}, ${kpi}, ${at}, ${passed}, ${says})
    on conflict (service_id, kpi) do update set checked_at = excluded.checked_at, passed = excluded.passed, says = excluded.says`.execute(
    db,
  )
}
