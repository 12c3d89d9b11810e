import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../platform/index.ts'

/** Which invitations: a condition on `i`, true of rows of invitations and of their counts alike. */
type Which = RawBuilder<boolean>

/**
 * An expression: how many invitations of the service, an expression too, have not run out. Those of whole hours are counted
 * already (invitation_count), only those of the present hour are counted one by one.
 */
export function countOpen(serviceId: RawBuilder<unknown>, at: Date, which: Which = sql`true`): RawBuilder<number> {
  return sql`((select coalesce(sum(i.people), 0)::int from invitation_count i
      where i.service_id = ${serviceId} and i.state = 'sent' and i.ends_in > ${at} and ${which})
    + (select count(*)::int from invitation i where i.service_id = ${serviceId} and ${isOutThisHour(at)} and ${which}))`
}

/** A condition on the invitation `i`: it has not run out, and does before the hour ends. */
export function isOutThisHour(at: Date): RawBuilder<boolean> {
  return sql`i.state = 'sent' and i.expires_at > ${at}
    and i.expires_at < date_trunc('hour', ${at}::timestamptz, 'UTC') + interval '1 hour'`
}

/** ADM-10: open invitations that hold their places. */
export function countHeld(serviceId: RawBuilder<unknown>, at: Date): RawBuilder<number> {
  return countOpen(serviceId, at, sql<boolean>`i.holds_place`)
}

/** Rows for one change each are put together; at most so many of a service, or of a batch, stand apart. */
const mostApart = 500

/** Changes nothing of what is counted. Of two at once the second finds the rows gone and leaves the rest as it is. */
export async function foldCounts(db: Db): Promise<void> {
  await sql`
    with apart as (
      delete from batch_count where batch_id in (
        select batch_id from batch_count group by batch_id
        having count(*) > ${mostApart}::int + 2 * count(distinct (outcome, state, declined, accepted, ends_in)))
      returning *
    )
    insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select batch_id, outcome, state, declined, accepted, ends_in, sum(people) from apart
    group by 1, 2, 3, 4, 5, 6 having sum(people) <> 0`.execute(db)
  await sql`
    with apart as (
      delete from invitation_count where service_id in (
        select service_id from invitation_count group by service_id
        having count(*) > ${mostApart}::int + 2 * count(distinct (cohort_id, state, holds_place, ends_in)))
      returning *
    )
    insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
    select service_id, cohort_id, state, holds_place, ends_in, sum(people) from apart
    group by 1, 2, 3, 4, 5 having sum(people) <> 0`.execute(db)
}
