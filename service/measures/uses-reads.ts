import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'

export interface DayOfUse {
  memberId: string
  /** UTC day. */
  day: string
  uses: number
  lastAt: Date
}

/**
 * How often each of these people used what a flag shows: events that carry the flag with another variant than off, or name it
 * as their property `feature`. Asked by a job of a day or two, never by a page.
 */
export async function usesOfFlag(
  db: Queryable,
  serviceId: string,
  flag: { key: string; off: string },
  of: { people: readonly { memberId: string; id: string; since: Date }[]; from: Date },
): Promise<DayOfUse[]> {
  const { rows } = await sql<DayOfUse>`
    select p."memberId", to_char(e.time at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as uses,
      max(e.time) as "lastAt"
    from event e join jsonb_to_recordset(${JSON.stringify(of.people)}::jsonb) as p ("memberId" uuid, id text, since timestamptz)
      on p.id = e.unit and e.time >= p.since
    where e.service_id = ${serviceId} and e.time >= ${of.from} and e.name <> 'exposure'
      and (e.properties ->> 'feature' = ${flag.key} or coalesce(e.flags ->> ${flag.key}, 'false') not in ('false', ${flag.off}))
    group by 1, 2`.execute(db)
  return rows
}
