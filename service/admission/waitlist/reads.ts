import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../../platform/index.ts'
import { only } from '../store.ts'
import type { Answers, AttributeFilter, Waiting, WaitingState } from './waitlist.ts'

/**
 * What is known of people by their address: their own answers, and the columns of lists by which they were invited. Rows of
 * address, name and value, all in lower case.
 */
function attributesOf(serviceId: string): RawBuilder<unknown> {
  return sql`(
    select lower(w.address) as address, lower(q.name) as name, lower(a.value) as value
      from screening_question q join waiting_answer a on a.question_id = q.id join waiting w on w.id = a.waiting_id
      where q.service_id = ${serviceId}
    union
    select lower(w.address), lower(q.name), lower(a.value)
      from screening_question q join waiting_special_answer a on a.question_id = q.id join waiting w on w.id = a.waiting_id
      where q.service_id = ${serviceId}
    union
    select lower(i.address), lower(e.key), lower(e.value) from invitation i cross join lateral jsonb_each_text(i.attributes) e
      where i.service_id = ${serviceId} and i.attributes is not null
  )`
}

/** Looked up for each of a screen of people, and never for everybody first. */
const stateOfEach = sql`case when w.left_at is not null then 'declined'
    when (select true from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
      where p.service_id = w.service_id and lower(p.address) = lower(w.address) limit 1) then 'active'
    when w.invited_at is not null then 'invited' else 'applied' end`

/** Told by the columns first: people in another state are passed over without being looked up. */
const isIn: Record<WaitingState, RawBuilder<unknown>> = {
  applied: sql`w.left_at is null and w.invited_at is null and ${stateOfEach} = 'applied'`,
  invited: sql`w.left_at is null and w.invited_at is not null and ${stateOfEach} = 'invited'`,
  active: sql`w.left_at is null and exists (select from participant p
    join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
    where p.service_id = w.service_id and lower(p.address) = lower(w.address))`,
  declined: sql`w.left_at is not null`,
}

const waitingColumns = sql`w.id, w.address, ${stateOfEach} as state, w.at, w.confirmed_at as "confirmedAt", w.invited_at as "invitedAt",
  coalesce((select jsonb_object_agg(name, answers) from (
    select q.name, jsonb_agg(a.value order by a.position) as answers from waiting_answer a
      join screening_question q on q.id = a.question_id where a.waiting_id = w.id group by q.id
  ) as given), '{}') as answers`

/** From those who are in, of whom there are fewer than of those who ask, to their places on the list. */
export async function countByState(db: Queryable, serviceId: string): Promise<Record<WaitingState, number>> {
  const { rows } = await sql<Record<WaitingState, number>>`
    with listed as (
      select count(*) filter (where left_at is null and invited_at is null) as applied,
        count(*) filter (where left_at is null and invited_at is not null) as invited,
        count(*) filter (where left_at is not null) as declined
      from waiting where service_id = ${serviceId}
    ), inside as (
      select count(*) as active, count(w.invited_at) as invited from participant p
        join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
        join waiting w on w.service_id = p.service_id and lower(w.address) = lower(p.address) and w.left_at is null
        where p.service_id = ${serviceId}
    )
    select (l.applied - (i.active - i.invited))::int as applied, (l.invited - i.invited)::int as invited, i.active::int as active,
      l.declined::int as declined
    from listed l, inside i`.execute(db)
  return only(rows)
}

/** Oldest first; `after` is the last of the page before. */
export async function waitingPeople(
  db: Queryable,
  serviceId: string,
  wanted: { state: WaitingState | null; limit: number; after?: string | null },
): Promise<Waiting[]> {
  const after = wanted.after ?? null
  const { rows } = await sql<Waiting>`select ${waitingColumns} from waiting w
    where w.service_id = ${serviceId}
      and ${wanted.state === null ? sql`true` : isIn[wanted.state]}
      and (${after}::uuid is null or (w.at, w.id) > (select at, id from waiting where id = ${after}::uuid and service_id = ${serviceId}))
    order by w.at, w.id limit ${wanted.limit}`.execute(db)
  return rows
}

export async function waitingPerson(db: Queryable, id: string): Promise<Waiting | null> {
  const { rows } = await sql<Waiting>`select ${waitingColumns} from waiting w where w.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Of these addresses (in lower case) those of whom it is known. */
export async function addressesWith(
  db: Queryable,
  serviceId: string,
  lowered: readonly string[],
  { attribute, values }: AttributeFilter,
): Promise<Set<string>> {
  const { rows } = await sql<{ address: string }>`select distinct x.address from ${attributesOf(serviceId)} as x
    where x.address = any(${[...lowered]}::text[]) and x.name = ${attribute.toLowerCase()}
      and x.value = any(${values.map((value) => value.toLowerCase())}::text[])`.execute(db)
  return new Set(rows.map(({ address }) => address))
}

/** The answers of one person, by question, those that are special too: only for that person's own page. */
export async function ownAnswers(db: Queryable, waitingId: string): Promise<Answers> {
  const { rows } = await sql<{ question: string; values: string[] }>`
    select question_id as question, array_agg(value order by position) as values from (
      select question_id, position, value from waiting_answer where waiting_id = ${waitingId}
      union all select question_id, position, value from waiting_special_answer where waiting_id = ${waitingId}
    ) as given group by question_id`.execute(db)
  return Object.fromEntries(rows.map(({ question, values }) => [question, values]))
}
