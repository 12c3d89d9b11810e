import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import type { QuotaSeen, QuotaState, WaitingState } from './waitlist.ts'

/** Null where the list is not kept counted. */
export async function keptCounts(
  db: Queryable,
  serviceId: string,
): Promise<{ counts: Record<WaitingState, number>; quotas: QuotaSeen[]; countedAt: Date } | null> {
  const { rows } = await sql<Record<WaitingState, number> & { countedAt: Date }>`
    select applied, invited, active, declined, counted_at as "countedAt" from waitlist_count
    where service_id = ${serviceId}`.execute(db)
  const [kept] = rows
  if (kept === undefined) return null
  const { countedAt, ...counts } = kept
  const { rows: quotas } = await sql<QuotaSeen>`
    select q.id, q.attribute, q.value, q.wanted, c.actual, c.invited, c.waiting
    from quota q left join quota_count c on c.quota_id = q.id where q.service_id = ${serviceId}
    order by lower(q.attribute), q.wanted desc, lower(q.value)`.execute(db)
  return { counts, quotas, countedAt }
}

/** How a list stood when it was counted. */
interface CountedList {
  counts: Record<WaitingState, number>
  quotas: QuotaState[]
  countedAt: Date
  tookMs: number
}

export async function putKeptCounts(
  tx: Tx,
  serviceId: string,
  { counts, quotas, countedAt, tookMs }: CountedList,
): Promise<void> {
  const { applied, invited, active, declined } = counts
  await sql`insert into waitlist_count (service_id, counted_at, took_ms, applied, invited, active, declined)
    select id, ${countedAt}, ${tookMs}, ${applied}, ${invited}, ${active}, ${declined} from service where id = ${serviceId}
    on conflict (service_id) do update set counted_at = excluded.counted_at, took_ms = excluded.took_ms,
      applied = excluded.applied, invited = excluded.invited, active = excluded.active, declined = excluded.declined`.execute(
    tx,
  )
  // A number that is not wanted any more is left out.
  await sql`insert into quota_count (quota_id, actual, invited, waiting)
    select q.id, c.actual, c.invited, c.waiting
    from jsonb_to_recordset(${JSON.stringify(quotas)}::jsonb) as c (id uuid, actual integer, invited integer, waiting integer)
      join quota q on q.id = c.id
    on conflict (quota_id) do update set actual = excluded.actual, invited = excluded.invited, waiting = excluded.waiting`.execute(
    tx,
  )
}

export async function dropKeptCounts(db: Queryable, serviceId: string): Promise<void> {
  await sql`delete from waitlist_count where service_id = ${serviceId}`.execute(db)
}

interface ListToCount {
  id: string
  isLong: boolean
  countedAt: Date | null
  tookMs: number | null
  /** Whether something is wanted that was not counted yet. */
  lacks: boolean
}

/** Services where more people than this ask for a place, are invited or are in, and those whose list is kept counted. */
export async function servicesToCount(db: Queryable, most: number): Promise<ListToCount[]> {
  const isBeyond = (table: string) =>
    sql`exists (select from ${sql.table(table)} x where x.service_id = s.id offset ${most})`
  const { rows } = await sql<ListToCount>`
    select * from (
      select s.id, ${isBeyond('waiting')} or ${isBeyond('invitation')} or ${isBeyond('participant')} as "isLong",
        c.counted_at as "countedAt", c.took_ms as "tookMs",
        exists (select from quota q where q.service_id = s.id
          and not exists (select from quota_count k where k.quota_id = q.id)) as lacks
      from service s left join waitlist_count c on c.service_id = s.id
    ) as each where "isLong" or "countedAt" is not null`.execute(db)
  return rows
}

/** To go through a million people in this transaction: in memory, and for longer than a page may take. */
export async function takeTime(tx: Tx): Promise<void> {
  await sql`set local work_mem = '64MB'`.execute(tx)
  await sql`set local statement_timeout = '5min'`.execute(tx)
}
