import { sql, type RawBuilder } from 'kysely'
import type { Db, Queryable, Tx } from '../../platform/index.ts'
import { only, rungsWithoutPlace } from '../store.ts'

/** What the database and the program keep counted (ADM-54). */
export const keptCounts = ['places', 'rungs', 'invitations', 'batches'] as const
export type KeptCount = (typeof keptCounts)[number]

/**
 * Rows of what lacks, by the columns of the table of counts: everybody, less what is counted. Both are read by one statement, so of
 * one moment, and an act changes both in its transaction: what lacks then lacks still when it is added, whoever acts meanwhile.
 */
const lacks: Record<KeptCount, (serviceId: string) => RawBuilder<unknown>> = {
  places: (id) => sql`select r.service_id, (count(a.id) - r.taken)::int as n from rollout r
    left join admission a on a.service_id = r.service_id and a.left_at is null and a.rung <> all(${rungsWithoutPlace}::text[])
    where r.service_id = ${id} group by r.service_id having count(a.id) <> r.taken`,
  rungs: (id) => sql`select service_id, rung, went_back, part, sum(n)::int as n from (
      select a.service_id, a.rung, a.went_back, admission_part(a.rung, a.bucket, a.id <= r.salt_after) as part, count(*) as n
        from admission a join rollout r on r.service_id = a.service_id
        where a.service_id = ${id} and a.left_at is null group by 1, 2, 3, 4
      union all select service_id, rung, went_back, part, -people from admission_count where service_id = ${id}
    ) as both_sides group by 1, 2, 3, 4 having sum(n) <> 0`,
  invitations: (id) => sql`select service_id, cohort_id, state, holds_place, ends_in, sum(n)::int as n from (
      select service_id, cohort_id, state, state = 'sent' and holds_place as holds_place,
          case when state = 'sent' then date_trunc('hour', expires_at, 'UTC') end as ends_in, count(*) as n
        from invitation where service_id = ${id} group by 1, 2, 3, 4, 5
      union all select service_id, cohort_id, state, holds_place, ends_in, -people from invitation_count where service_id = ${id}
    ) as both_sides group by 1, 2, 3, 4, 5 having sum(n) <> 0`,
  batches: (id) => sql`select batch_id, outcome, state, declined, accepted, ends_in, sum(n)::int as n from (
      select p.batch_id, p.outcome, i.state, i.declined_at is not null as declined, i.accepted_at is not null as accepted,
          case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end as ends_in, count(*) as n
        from invitation_batch b join batch_person p on p.batch_id = b.id left join invitation i on i.id = p.invitation_id
        where b.service_id = ${id} group by 1, 2, 3, 4, 5, 6
      union all select c.batch_id, c.outcome, c.state, c.declined, c.accepted, c.ends_in, -c.people
        from batch_count c join invitation_batch b on b.id = c.batch_id where b.service_id = ${id}
    ) as both_sides group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0`,
}

/** What is added is added to what stands there by then. */
const adding: Record<Exclude<KeptCount, 'rungs'>, RawBuilder<unknown>> = {
  places: sql`update rollout r set taken = r.taken + l.n from lacking l where r.service_id = l.service_id`,
  invitations: sql`insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
    select service_id, cohort_id, state, holds_place, ends_in, n from lacking`,
  batches: sql`insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select batch_id, outcome, state, declined, accepted, ends_in, n from lacking`,
}

/** How many counts differ. Reads only, and keeps nobody waiting. */
export async function countDifferences(db: Queryable, kept: KeptCount, serviceId: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from (${lacks[kept](serviceId)}) as lacking`.execute(db)
  return only(rows).n
}

/** Adds what lacks; says of how many counts. Of two at once the second finds nothing any more. */
export async function addWhatLacks(tx: Tx, kept: KeptCount, serviceId: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended('kept counts of ' || ${serviceId}::text, 0))`.execute(tx)
  if (kept === 'rungs') return addToRungs(tx, serviceId)
  const { rows } = await sql<{
    n: number
  }>`with lacking as materialized (${lacks[kept](serviceId)}), added as (${adding[kept]})
    select count(*)::int as n from lacking`.execute(tx)
  return only(rows).n
}

/** Whoever changes who is in holds the rollout's row and then the counts: so does this, and only once it has counted (ADM-19). */
async function addToRungs(tx: Tx, serviceId: string): Promise<number> {
  const { rows: marks } = await sql<{ mark: number }>`select salt_after as mark from rollout
    where service_id = ${serviceId}`.execute(tx)
  const { rows: lacking } = await sql`${lacks.rungs(serviceId)}`.execute(tx)
  // ADM-52: a new salt moves people to other counts than those that lacked.
  if ((await holdRollout(tx, serviceId)) !== only(marks).mark)
    throw new Error('There was a new salt while people were counted')
  await sql`insert into admission_count as c (service_id, rung, went_back, part, people)
    select service_id, rung, went_back, part, n from jsonb_to_recordset(${JSON.stringify(lacking)}::jsonb)
      as lacking (service_id uuid, rung text, went_back boolean, part smallint, n integer)
    on conflict (service_id, rung, went_back, part) do update set people = c.people + excluded.people`.execute(tx)
  return lacking.length
}

/** Says the mark of the present salt. */
async function holdRollout(tx: Tx, serviceId: string): Promise<number> {
  const { rows } = await sql<{ mark: number }>`select salt_after as mark from rollout
    where service_id = ${serviceId} for update`.execute(tx)
  return only(rows).mark
}

const differsFromChoice = sql<boolean>`a.left_at is null and a.went_back <> exists (
  select from choice c where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current')`

/** Of so many lines of the ledger after this one: the last of them, and those that say otherwise than the person's choice. */
export async function linesUnlikeChoice(
  db: Db,
  serviceId: string,
  { after, most }: { after: number; most: number },
): Promise<{ last: number | null; unlike: number[] }> {
  const { rows } = await sql<{ last: number | null; unlike: number[] | null }>`
    with piece as materialized (
      select * from admission where service_id = ${serviceId} and left_at is null and id > ${after} order by id limit ${most}
    )
    select (select max(id) from piece) as last, array_agg(a.id) as unlike from piece a where ${differsFromChoice}`.execute(
    db,
  )
  const { last, unlike } = only(rows)
  return { last, unlike: unlike ?? [] }
}

/** As their choices say by now; the rollout's row first, as whoever changes who is in (ADM-19). */
export async function followChoices(tx: Tx, serviceId: string, lines: readonly number[]): Promise<number> {
  await holdRollout(tx, serviceId)
  const { rows } = await sql`update admission a set went_back = not a.went_back
    where a.id = any(${[...lines]}::bigint[]) and ${differsFromChoice} returning a.id`.execute(tx)
  return rows.length
}

export async function lastComparisons(db: Db): Promise<Map<string, Date>> {
  const { rows } = await sql<{
    id: string
    at: Date
  }>`select service_id as id, compared_at as at from count_comparison`.execute(db)
  return new Map(rows.map(({ id, at }) => [id, at]))
}

export async function putComparison(
  db: Queryable,
  serviceId: string,
  { at, differences }: { at: Date; differences: number },
): Promise<void> {
  const differedAt = differences === 0 ? null : at
  await sql`insert into count_comparison as c (service_id, compared_at, differed_at, differences)
    select id, ${at}, ${differedAt}::timestamptz, ${differences} from service where id = ${serviceId}
    on conflict (service_id) do update set compared_at = excluded.compared_at,
      differed_at = coalesce(excluded.differed_at, c.differed_at),
      differences = case when excluded.differed_at is null then c.differences else excluded.differences end`.execute(db)
}

/** Of all services: when the one that was compared longest ago was, and how many counts differed since. */
export async function comparisonState(
  db: Db,
  since: Date,
): Promise<{ oldest: Date | null; differences: number; differedAt: Date | null }> {
  const { rows } = await sql<{ oldest: Date | null; differences: number; differedAt: Date | null }>`
    select min(compared_at) as oldest, coalesce(sum(differences) filter (where differed_at > ${since}), 0)::int as differences,
      max(differed_at) filter (where differed_at > ${since}) as "differedAt" from count_comparison`.execute(db)
  return only(rows)
}
