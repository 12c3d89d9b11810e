import { sql, type RawBuilder } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import { only } from '../store.ts'
import type { Kind, Ticket } from './draw.ts'
import { fillsOf } from './quota-reads.ts'
import type { AttributeFilter } from './waitlist.ts'

/**
 * The place `w` can be drawn: it is on the list, neither invited nor queued in a batch, its person is not in and wants to be
 * invited, and the filters hold. Of somebody who was erased only a hash is known, but nobody who was erased stands on the list:
 * asking anew lifts that (ADM-41).
 */
function canBeDrawn(serviceId: string, filters: readonly AttributeFilter[]): RawBuilder<boolean> {
  return sql`w.service_id = ${serviceId} and w.invited_at is null and w.left_at is null
    and not exists (select from batch_person p join invitation_batch b on b.id = p.batch_id
      where lower(p.address) = lower(w.address) and p.outcome = 'queued' and b.service_id = w.service_id
        and b.state in ('sending', 'paused'))
    and not exists (select from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit
      and a.left_at is null where p.service_id = w.service_id and lower(p.address) = lower(w.address))
    and not exists (select from suppression s where s.service_id = w.service_id and lower(s.address) = lower(w.address))
    ${sql.join(
      filters.map((filter) => sql`and ${isKnown(serviceId, filter)}`),
      sql` `,
    )}`
}

/** By an answer, or by a column of the list by which the person was invited. */
function isKnown(serviceId: string, { attribute, values }: AttributeFilter): RawBuilder<boolean> {
  const name = attribute.toLowerCase()
  const one = sql`any(${values.map((value) => value.toLowerCase())}::text[])`
  const answered = (table: string) => sql`select a.waiting_id from screening_question q
    join ${sql.table(table)} a on a.question_id = q.id
    where q.service_id = ${serviceId} and lower(q.name) = ${name} and lower(a.value) = ${one}`
  return sql`w.id in (${answered('waiting_answer')} union all ${answered('waiting_special_answer')} union all
    select l.id from invitation i cross join lateral jsonb_each_text(i.attributes) e
      join waiting l on l.service_id = i.service_id and lower(l.address) = lower(i.address)
      where i.service_id = ${serviceId} and i.attributes is not null and lower(e.key) = ${name} and lower(e.value) = ${one})`
}

/** ADM-43: the lot of the place `w`, which nobody can choose. */
function lotOf(seed: string): RawBuilder<Buffer> {
  return sql`sha256(convert_to(${`${seed}\n`}::text || w.id::text, 'UTF8'))`
}

export interface Drawing {
  serviceId: string
  filters: readonly AttributeFilter[]
  seed: string
}

/** Addresses of those who came first. */
export async function firstToInvite(
  db: Queryable,
  { serviceId, filters }: Pick<Drawing, 'serviceId' | 'filters'>,
  most: number,
): Promise<string[]> {
  const { rows } = await sql<{
    address: string
  }>`select w.address from waiting w where ${canBeDrawn(serviceId, filters)}
    order by w.at, w.id limit ${most}`.execute(db)
  return rows.map(({ address }) => address)
}

export type WantedCount = { people: number } | { percent: number }

/** By time or by lot, within the database: nobody but those drawn is written anywhere. */
export async function drawInOrder(
  tx: Tx,
  { serviceId, filters, seed }: Drawing,
  { by, count, batchId }: { by: 'time' | 'lot'; count: WantedCount; batchId: string },
): Promise<{ candidates: number; drawn: number }> {
  const { place, order } =
    by === 'time'
      ? { place: sql`w.at, w.id`, order: sql`at, id` }
      : { place: sql`${lotOf(seed)} as lot`, order: sql`lot` }
  const most =
    'people' in count
      ? sql`${count.people}::int`
      : sql`(select ceil(count(*)::float8 * ${count.percent}::float8 / 100) from candidate)`
  const { rows } = await sql<{ candidates: number; drawn: number }>`
    with candidate as materialized (
      select w.address, ${place} from waiting w where ${canBeDrawn(serviceId, filters)}
    ), drawn as (
      insert into batch_person (batch_id, position, address, line, outcome)
      select ${batchId}::uuid, row_number() over (order by ${order}), address, '', 'queued'
      from (select * from candidate order by ${order} limit ${most}) as first
      returning position
    )
    select (select count(*)::int from candidate) as candidates, (select count(*)::int from drawn) as drawn`.execute(tx)
  return only(rows)
}

const mostQuotas = 128

/**
 * Everybody who can be drawn, with the lot and the quotas that each fills, apart from the others until the transaction ends: a
 * draw by quotas goes through them once, and then asks for a few of each kind.
 */
export async function layOut(
  tx: Tx,
  { serviceId, filters, seed }: Drawing,
  open: readonly string[],
): Promise<{ candidates: number; kinds: Omit<Kind, 'queue'>[] }> {
  const { sources, fills } = fillsOf(serviceId)
  await sql`create temporary table drawing on commit drop as
    with ${sources}, wants as (
      select id, set_bit(0::bit(${sql.lit(mostQuotas)}), place::int - 1, 1) as kind
      from unnest(${[...open]}::uuid[]) with ordinality as wanted (id, place)
    ), kinds as (
      select f.waiting_id, bit_or(q.kind) as kind from ${fills} as f join wants q on q.id = f.quota_id group by 1
    )
    select w.id, ${lotOf(seed)} as lot, k.kind from waiting w left join kinds k on k.waiting_id = w.id
    where ${canBeDrawn(serviceId, filters)}`.execute(tx)
  const { rows } = await sql<{ kind: string | null; size: number }>`select kind::text, count(*)::int as size
    from drawing group by drawing.kind`.execute(tx)
  // Only now: whoever counts by an index of so many lots reads them one by one.
  await sql`create index drawing_kind on drawing (kind, lot)`.execute(tx)
  const kinds = rows.flatMap(({ kind, size }) => {
    if (kind === null) return []
    return [{ kind, size, counts: open.filter((_quota, place) => kind[place] === '1') }]
  })
  return { candidates: rows.reduce((sum, { size }) => sum + size, 0), kinds }
}

/** The first of each kind by lot, so many of each. */
export async function firstOfKinds(tx: Tx, kinds: readonly string[], most: number): Promise<Map<string, Ticket[]>> {
  const { rows } = await sql<Ticket & { kind: string }>`
    select k.kind, d.id, encode(d.lot, 'hex') as lot from unnest(${[...kinds]}::text[]) as k (kind)
    cross join lateral (
      select id, lot from drawing where drawing.kind = k.kind::bit(${sql.lit(mostQuotas)}) order by lot limit ${most}
    ) as d order by k.kind, d.lot`.execute(tx)
  return Map.groupBy(rows, ({ kind }) => kind)
}

export async function nextOfKind(tx: Tx, kind: string, after: string, most: number): Promise<Ticket[]> {
  const { rows } = await sql<Ticket>`select id, encode(lot, 'hex') as lot from drawing
    where kind = ${kind}::bit(${sql.lit(mostQuotas)}) and lot > decode(${after}, 'hex') order by lot limit ${most}`.execute(
    tx,
  )
  return rows
}

/** In this order, after so many who were drawn already. */
export async function putDrawn(tx: Tx, batchId: string, ids: readonly string[], after: number): Promise<void> {
  await sql`insert into batch_person (batch_id, position, address, line, outcome)
    select ${batchId}::uuid, ${after}::int + drawn.place, w.address, '', 'queued'
    from unnest(${[...ids]}::uuid[]) with ordinality as drawn (id, place) join waiting w on w.id = drawn.id`.execute(tx)
}

/** Whoever is left of each kind after the last ticket that was drawn of it, by lot alone. */
export async function putRest(
  tx: Tx,
  batchId: string,
  { last, after, most }: { last: ReadonlyMap<string, string>; after: number; most: number },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    with last as (
      select kind::bit(${sql.lit(mostQuotas)}) as kind, decode(lot, 'hex') as lot
      from unnest(${[...last.keys()]}::text[], ${[...last.values()]}::text[]) as each (kind, lot)
    ), rest as (
      select d.id, d.lot from drawing d
      where not exists (select from last l where l.kind = d.kind and d.lot <= l.lot) order by d.lot limit ${most}
    ), drawn as (
      insert into batch_person (batch_id, position, address, line, outcome)
      select ${batchId}::uuid, ${after}::int + row_number() over (order by r.lot), w.address, '', 'queued'
      from rest r join waiting w on w.id = r.id
      returning position
    ) select count(*)::int as n from drawn`.execute(tx)
  return only(rows).n
}

/** How many of a batch fill each quota. */
export async function filledBy(tx: Tx, serviceId: string, batchId: string): Promise<Map<string, number>> {
  const { sources, fills } = fillsOf(serviceId, 'drawn')
  const { rows } = await sql<{ quota: string; n: number }>`
    with ${sources}, drawn as materialized (
      select w.id from batch_person p join waiting w on w.service_id = ${serviceId} and lower(w.address) = lower(p.address)
      where p.batch_id = ${batchId}
    )
    select quota_id as quota, count(distinct waiting_id)::int as n from ${fills} as f group by 1`.execute(tx)
  return new Map(rows.map(({ quota, n }) => [quota, n]))
}
