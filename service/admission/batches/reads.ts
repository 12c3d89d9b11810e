import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../../platform/index.ts'
import { isOutThisHour } from '../invitations/count-store.ts'
import { only } from '../store.ts'
import type { BatchPerson, BatchState, LineOutcome, Preparing } from './batch.ts'

export interface BatchRow {
  id: string
  name: string
  state: BatchState
  createdAt: Date
  pausedWhy: string | null
  preparing: Preparing | null
  queued: number
  invited: number
  accepted: number
}

/** Newest first. */
export async function batchesOf(db: Queryable, serviceId: string, limit: number): Promise<BatchRow[]> {
  const { rows } = await sql<BatchRow>`
    select b.id, b.name, b.state, b.created_at as "createdAt", b.paused_why as "pausedWhy", b.preparing,
      p.queued, p.invited, p.accepted
    from (select * from invitation_batch where service_id = ${serviceId} order by created_at desc, id limit ${limit}) as b
    cross join lateral (
      select coalesce(sum(people) filter (where outcome = 'queued'), 0)::int as queued,
        coalesce(sum(people) filter (where outcome = 'invited'), 0)::int as invited,
        coalesce(sum(people) filter (where accepted), 0)::int as accepted
      from batch_count where batch_id = b.id
    ) as p order by b.created_at desc, b.id`.execute(db)
  return rows
}

export async function countOutcomes(db: Queryable, batchId: string): Promise<Partial<Record<LineOutcome, number>>> {
  const { rows } = await sql<{ outcome: LineOutcome; n: number }>`select outcome, sum(people)::int as n from batch_count
    where batch_id = ${batchId} group by outcome having sum(people) > 0`.execute(db)
  return Object.fromEntries(rows.map(({ outcome, n }) => [outcome, n]))
}

export async function batchPeople(
  db: Queryable,
  batchId: string,
  wanted: { after: number; limit: number; outcomes?: readonly LineOutcome[] },
): Promise<BatchPerson[]> {
  const outcomes = wanted.outcomes ?? null
  const { rows } = await sql<BatchPerson>`
    select position, address, line, attributes, outcome, done_at as "doneAt" from batch_person
    where batch_id = ${batchId} and position > ${wanted.after}
      and (${outcomes === null} or outcome = any(${[...(outcomes ?? [])]}::text[]))
    order by position limit ${wanted.limit}`.execute(db)
  return rows
}

/** From sent to accepted, and the units of those who accepted, for what only measuring can tell. */
export interface BatchFunnel {
  sent: number
  open: number
  accepted: number
  declined: number
  ranOut: number
  withdrawn: number
}

export async function batchFunnel(db: Queryable, batchId: string, at: Date): Promise<BatchFunnel> {
  const { rows } = await sql<Omit<BatchFunnel, 'ranOut'> & { out: number }>`
    select coalesce(sum(people), 0)::int as sent,
      coalesce(sum(people) filter (where ends_in > ${at}), 0)::int
        + (select count(*)::int from invitation_batch b join invitation i on i.service_id = b.service_id
            join batch_person p on p.invitation_id = i.id and p.batch_id = b.id
          where b.id = ${batchId} and ${isOutThisHour(at)}) as open,
      coalesce(sum(people) filter (where state = 'sent'), 0)::int as out,
      coalesce(sum(people) filter (where state = 'accepted'), 0)::int as accepted,
      coalesce(sum(people) filter (where declined), 0)::int as declined,
      coalesce(sum(people) filter (where state = 'revoked' and not declined), 0)::int as withdrawn
    from batch_count where batch_id = ${batchId} and state is not null`.execute(db)
  const { out, ...funnel } = only(rows)
  return { ...funnel, ranOut: out - funnel.open }
}

/** A query for the units of those who accepted, which only measuring can tell more of. */
export function acceptedUnits(batchId: string): RawBuilder<{ unit: string }> {
  return sql`select n.unit from batch_person p
    join invitation i on i.id = p.invitation_id and i.state = 'accepted'
    join participant n on n.service_id = i.service_id and lower(n.address) = lower(i.address)
    where p.batch_id = ${batchId}`
}

/** How full a group is: people who are in, and open invitations that hold a place. */
export async function cohortPlaces(
  db: Queryable,
  cohortId: string,
  at: Date,
): Promise<{ cap: number | null; taken: number; held: number }> {
  const { rows } = await sql<{ cap: number | null; taken: number; held: number }>`
    select c.cap,
      (select count(*)::int from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit
        and a.left_at is null where p.cohort_id = c.id) as taken,
      (select count(*)::int from invitation i where i.cohort_id = c.id and i.state = 'sent' and i.holds_place
        and i.expires_at > ${at}) as held
    from cohort c where c.id = ${cohortId}`.execute(db)
  return only(rows)
}
