import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'
import type { Period } from './measures.ts'

/** What one unit met in the new service on one day (UTC) on which its events say whether it had what a flag shows. */
export interface FlagDay {
  unit: string
  day: string
  had: boolean
  /** Pages of the journey, error pages included (MEA-5). */
  views: number
  errors: number
}

/**
 * Days of people with and without a flag: one event that carries the flag tells it for all of that person's day. A day on which
 * it changed is left out, and so are the team (MEA-13), the current service and who was erased. Asked by a job of a day or two, never by a page.
 */
export async function daysOfFlag(
  db: Queryable,
  serviceId: string,
  flag: { key: string; off: string },
  { from, to }: Period,
): Promise<FlagDay[]> {
  const { rows } = await sql<FlagDay>`
    with met as (
      select e.unit, to_char(e.time at time zone 'UTC', 'YYYY-MM-DD') as day,
        bool_or(e.flags ->> ${flag.key} not in ('false', ${flag.off})) as had,
        bool_or(e.flags ->> ${flag.key} in ('false', ${flag.off})) as lacked,
        count(*) filter (where e.name in ('start', 'step') or (e.name = 'end' and e.outcome <> 'failed'))::int as pages,
        greatest(count(*) filter (where e.name = 'error'), count(*) filter (where e.name = 'end' and e.outcome = 'failed'))::int
          as errors
      from event e
      where e.service_id = ${serviceId} and e.time >= ${from} and e.time < ${to} and e.unit is not null
        and e.arm <> 'current' and e.name <> 'exposure' and e.id <> 'erased'
      group by 1, 2)
    select met.unit, met.day, met.had, met.pages + met.errors as views, met.errors from met
    where met.had <> met.lacked and not exists (
      select from unit_seen u where u.service_id = ${serviceId} and u.unit = met.unit and u.audience = 'team')`.execute(
    db,
  )
  return rows
}
