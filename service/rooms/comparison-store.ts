import { sql } from 'kysely'
import type { Moments } from '../../packages/statistics/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'

/** ROOM-14: what one unit met and answered on one day, with the feature or without it. */
export interface BetaDay {
  unit: string
  /** UTC. */
  day: string
  had: boolean
  views: number
  errors: number
  answers: number
  topTwo: number
  /** Of the answers, 0 to 4 each. */
  points: number
}

/** So long is kept what somebody met on a day. */
const comparedDays = 60

export async function servicesInBeta(db: Queryable): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct service_id as id from feature
    where stage = 'beta-release' order by 1`.execute(db)
  return rows.map(({ id }) => id)
}

/** Of betas that have ended, too. */
export async function dropOldBetaDays(db: Queryable, now: Date): Promise<void> {
  await sql`delete from beta_unit_day d using feature f
    where d.feature_id = f.id and d.day < ${now}::date - ${comparedDays}::integer`.execute(db)
}

/** Days are told anew as a whole: an event or an answer may come late. */
export async function putBetaDays(
  tx: Tx,
  featureId: string,
  { from, days }: { from: Date; days: readonly BetaDay[] },
): Promise<void> {
  await sql`delete from beta_unit_day where feature_id = ${featureId} and day >= ${from}::date`.execute(tx)
  await sql`insert into beta_unit_day (feature_id, day, unit, had, views, errors, answers, top_two, points)
    select ${featureId}, day, unit, had, views, errors, answers, "topTwo", points
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as d (unit text, day date, had boolean, views integer,
      errors integer, answers integer, "topTwo" integer, points integer)`.execute(tx)
}

export type Compared = 'errors' | 'top-two' | 'weighted-index'

/** What is summed over what, for each unit; satisfaction as a share of 1. */
const measured = {
  errors: { counted: sql.raw('errors'), of: sql.raw('views') },
  'top-two': { counted: sql.raw('top_two'), of: sql.raw('answers') },
  'weighted-index': { counted: sql.raw('points / 4.0'), of: sql.raw('answers') },
} as const

export interface Arms {
  with: Moments & { kind: 'ratio' }
  without: Moments & { kind: 'ratio' }
}

/**
 * The sums of both groups, unit by unit (STA-1). Whoever got it within the period counts with it, by their days with it; so no
 * unit is in both.
 */
export async function armsOf(
  db: Queryable,
  featureId: string,
  what: Compared,
  { from, to }: { from: Date; to: Date },
): Promise<Arms> {
  const { counted, of } = measured[what]
  const { rows } = await sql<Omit<Arms['with'], 'kind'> & { had: boolean }>`
    with met as (
      select unit, had, sum(${counted})::float8 as m, sum(${of})::float8 as d from beta_unit_day
      where feature_id = ${featureId} and day >= ${from}::date and day <= ${to}::date group by unit, had
    )
    select had, count(*)::int as n, sum(m) as "sumM", sum(d) as "sumD", sum(m * m) as "sumMM", sum(d * d) as "sumDD",
      sum(m * d) as "sumMD"
    from met where d > 0 and (had or not exists (select from met as other where other.unit = met.unit and other.had))
    group by had`.execute(db)
  const none = { n: 0, sumM: 0, sumD: 0, sumMM: 0, sumDD: 0, sumMD: 0 }
  const arm = (wanted: boolean): Arms['with'] => {
    const { had: _, ...sums } = rows.find(({ had }) => had === wanted) ?? { had: wanted, ...none }
    return { kind: 'ratio', ...sums }
  }
  return { with: arm(true), without: arm(false) }
}
