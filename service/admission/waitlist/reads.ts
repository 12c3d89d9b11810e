import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../../platform/index.ts'
import { only } from '../store.ts'
import type { Answers, AttributeFilter, QuotaState, Waiting, WaitingState } from './waitlist.ts'

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
  wanted: { state: WaitingState | null; filters: readonly AttributeFilter[]; limit: number; after?: string | null },
): Promise<Waiting[]> {
  const after = wanted.after ?? null
  const { rows } = await sql<Waiting>`select ${waitingColumns} from waiting w
    where w.service_id = ${serviceId} ${filtered(serviceId, wanted.filters)}
      and ${wanted.state === null ? sql`true` : isIn[wanted.state]}
      and (${after}::uuid is null or (w.at, w.id) > (select at, id from waiting where id = ${after}::uuid and service_id = ${serviceId}))
    order by w.at, w.id limit ${wanted.limit}`.execute(db)
  return rows
}

export async function waitingPerson(db: Queryable, id: string): Promise<Waiting | null> {
  const { rows } = await sql<Waiting>`select ${waitingColumns} from waiting w where w.id = ${id}`.execute(db)
  return rows[0] ?? null
}

function filtered(serviceId: string, filters: readonly AttributeFilter[]): RawBuilder<unknown> {
  if (filters.length === 0) return sql``
  return sql.join(
    filters.map(
      ({ attribute, values }) => sql`and exists (select from ${attributesOf(serviceId)} as x
        where x.address = lower(w.address) and x.name = ${attribute.toLowerCase()}
          and x.value = any(${values.map((value) => value.toLowerCase())}::text[]))`,
    ),
    sql` `,
  )
}

/** Of a table of answers: whose answer fills which quota. Who gave one answer twice counts once. */
function answeredIn(table: 'waiting_answer' | 'waiting_special_answer'): RawBuilder<unknown> {
  return sql`select a.waiting_id, q.id from asked q
    join ${sql.table(table)} a on a.question_id = q.question_id and lower(a.value) = q.value
    where a.position = 0 or not exists (select from ${sql.table(table)} b where b.waiting_id = a.waiting_id
      and b.question_id = a.question_id and b.position < a.position and lower(b.value) = q.value)`
}

/** Of the place `l` on the list: did its answer in this table fill the quota `q`? */
function hasAnsweredIn(table: 'waiting_answer' | 'waiting_special_answer'): RawBuilder<boolean> {
  return sql`exists (select from ${sql.table(table)} a
    where a.waiting_id = l.id and a.question_id = q.question_id and lower(a.value) = q.value)`
}

/**
 * How each quota stands: wanted, who is in, invited, and who waits (ADM-44). First those who answered, by the ids of their places,
 * then those of whom only a list told, by their addresses.
 */
export async function quotaStates(db: Queryable, serviceId: string, at: Date): Promise<QuotaState[]> {
  const isHere = sql`w.service_id = ${serviceId} and lower(w.address)`
  const placeOf = (people: string) =>
    sql`(select w.id from ${sql.table(people)} x join waiting w on ${isHere} = x.address)`
  const isWaiting = sql`w.invited_at is null and w.left_at is null`
  const { rows } = await sql<QuotaState>`
    with wanted as (
      select id, lower(attribute) as name, lower(value) as value from quota where service_id = ${serviceId}
    ), asked as (
      select q.id, s.id as question_id, q.value from wanted q
        join screening_question s on s.service_id = ${serviceId} and lower(s.name) = q.name
    ), inside as materialized (
      select lower(p.address) as address from participant p
        join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
        where p.service_id = ${serviceId} and p.address is not null
    ), open as materialized (
      select lower(i.address) as address from invitation i
        where i.service_id = ${serviceId} and i.state = 'sent' and i.expires_at > ${at}
    ), answered as (
      ${answeredIn('waiting_answer')} union all ${answeredIn('waiting_special_answer')}
    ), listed as (
      select a.id, count(i.id) as actual, count(o.id) as invited, count(*) filter (where ${isWaiting}) as waiting
      from answered a join waiting w on w.id = a.waiting_id
        left join ${placeOf('inside')} as i on i.id = w.id left join ${placeOf('open')} as o on o.id = w.id
      group by a.id
    ), told as materialized (
      select distinct q.id, lower(i.address) as address from invitation i cross join lateral jsonb_each_text(i.attributes) e
        join wanted q on lower(e.key) = q.name and lower(e.value) = q.value
        where i.service_id = ${serviceId} and i.attributes is not null
    ), unlisted as (
      select t.id, count(i.address) as actual, count(o.address) as invited, count(w.id) as waiting
      from told t left join inside i on i.address = t.address left join open o on o.address = t.address
        left join waiting w on ${isHere} = t.address and ${isWaiting}
      where (select true from waiting l join asked q on q.id = t.id
        where l.service_id = ${serviceId} and lower(l.address) = t.address
          and (${hasAnsweredIn('waiting_answer')} or ${hasAnsweredIn('waiting_special_answer')}) limit 1) is null
      group by t.id
    )
    select q.id, q.attribute, q.value, q.wanted, coalesce(sum(c.actual), 0)::int as actual,
      coalesce(sum(c.invited), 0)::int as invited, coalesce(sum(c.waiting), 0)::int as waiting
    from quota q left join (select * from listed union all select * from unlisted) as c on c.id = q.id
    where q.service_id = ${serviceId}
    group by q.id order by lower(q.attribute), q.wanted desc, lower(q.value)`.execute(db)
  return rows
}

/** Who can be drawn, first come first: on the list, neither invited nor queued in a batch, with the quotas that each fills. */
export async function candidatesOf(
  db: Queryable,
  serviceId: string,
  filters: readonly AttributeFilter[],
): Promise<{ id: string; address: string; at: Date; counts: string[] }[]> {
  const { rows } = await sql<{ id: string; address: string; at: Date; counts: string[] | null }>`
    with counting as materialized (
      select k.address, array_agg(q.id::text) as counts from ${attributesOf(serviceId)} as k
        join quota q on q.service_id = ${serviceId} and lower(q.attribute) = k.name and lower(q.value) = k.value
      group by k.address
    )
    select w.id, w.address, w.at, c.counts from waiting w left join counting c on c.address = lower(w.address)
    where w.service_id = ${serviceId} and w.invited_at is null and w.left_at is null ${filtered(serviceId, filters)}
      and not exists (select from batch_person p join invitation_batch b on b.id = p.batch_id
        where lower(p.address) = lower(w.address) and p.outcome = 'queued' and b.service_id = w.service_id
          and b.state in ('sending', 'paused'))
      and not exists (select from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit
        and a.left_at is null where p.service_id = w.service_id and lower(p.address) = lower(w.address))
    order by w.at, w.id`.execute(db)
  return rows.map((row) => ({ ...row, counts: row.counts ?? [] }))
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
