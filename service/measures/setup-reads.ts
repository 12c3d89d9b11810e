import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'

/** What has been seen of a service that was just put behind the gateway, by anyone, the team included. */
export interface SetupSeen {
  firstRequestAt: Date | null
  starts: number
  endings: number
  /** Pages of the journey that the new service has shown, and those of them that carried the feedback link. */
  pagesSeen: number
  pagesWithFeedback: number
}

export async function setupSeen(db: Queryable, serviceId: string): Promise<SetupSeen> {
  const { rows } = await sql<SetupSeen>`
    select
      least(
        (select min(first_at) from event_source where service_id = ${serviceId} and name not like 'custom.%'),
        (select min(hour) from measure_hour where service_id = ${serviceId} and requests > 0)) as "firstRequestAt",
      coalesce((select n from event_source where service_id = ${serviceId} and name = 'start'), 0)::float8 as starts,
      coalesce((select n from event_source where service_id = ${serviceId} and name = 'end'), 0)::float8 as endings,
      (select count(distinct (journey, kind, page)) from page_seen
        where service_id = ${serviceId} and arm = 'new' and kind <> 'error')::float8 as "pagesSeen",
      (select count(distinct (journey, kind, page)) from page_seen
        where service_id = ${serviceId} and arm = 'new' and kind <> 'error' and feedback_at is not null)::float8 as "pagesWithFeedback"`.execute(
    db,
  )
  return rows[0] ?? { firstRequestAt: null, starts: 0, endings: 0, pagesSeen: 0, pagesWithFeedback: 0 }
}
