import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../../platform/index.ts'
import type { QuotaState } from './waitlist.ts'

type AnswerTable = 'waiting_answer' | 'waiting_special_answer'

/** Of a table of answers: whose answer fills which quota. Who gave one answer twice counts once. */
function answeredIn(
  table: AnswerTable,
  { more, join }: { more?: RawBuilder<unknown>; join?: RawBuilder<unknown> } = {},
): RawBuilder<unknown> {
  return sql`select a.waiting_id, q.id ${more ?? sql``} from asked q
    join ${sql.table(table)} a on a.question_id = q.question_id and lower(a.value) = q.value ${join ?? sql``}
    where a.position = 0 or not exists (select from ${sql.table(table)} b where b.waiting_id = a.waiting_id
      and b.question_id = a.question_id and b.position < a.position and lower(b.value) = q.value)`
}

/** Of the place `l` on the list: did its answer in this table fill the quota `q`? */
function hasAnsweredIn(table: AnswerTable): RawBuilder<boolean> {
  return sql`exists (select from ${sql.table(table)} a
    where a.waiting_id = l.id and a.question_id = q.question_id and lower(a.value) = q.value)`
}

/** What is wanted, which questions ask for it, and of whom a list told it: by address. */
function wantedOf(serviceId: string): RawBuilder<unknown> {
  return sql`wanted as (
      select id, lower(attribute) as name, lower(value) as value from quota where service_id = ${serviceId}
    ), asked as (
      select q.id, s.id as question_id, q.value from wanted q
        join screening_question s on s.service_id = ${serviceId} and lower(s.name) = q.name
    ), told as materialized (
      select distinct q.id, lower(i.address) as address from invitation i cross join lateral jsonb_each_text(i.attributes) e
        join wanted q on lower(e.key) = q.name and lower(e.value) = q.value
        where i.service_id = ${serviceId} and i.attributes is not null
    )`
}

/** The same, with who is in, who holds an invitation, and who answered what is wanted. */
function peopleOf(serviceId: string, at: Date): RawBuilder<unknown> {
  return sql`${wantedOf(serviceId)}, inside as materialized (
      select lower(p.address) as address from participant p
        join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
        where p.service_id = ${serviceId} and p.address is not null
    ), open as materialized (
      select lower(i.address) as address from invitation i
        where i.service_id = ${serviceId} and i.state = 'sent' and i.expires_at > ${at}
    ), answered as (
      ${answeredIn('waiting_answer')} union all ${answeredIn('waiting_special_answer')}
    )`
}

/** Of `told t`: nobody who answered the same on the list, and is counted by that. */
function isOnlyTold(serviceId: string): RawBuilder<boolean> {
  return sql`(select true from waiting l join asked q on q.id = t.id
    where l.service_id = ${serviceId} and lower(l.address) = t.address
      and (${hasAnsweredIn('waiting_answer')} or ${hasAnsweredIn('waiting_special_answer')}) limit 1) is null`
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
    with ${peopleOf(serviceId, at)}, listed as (
      select a.id, count(i.id) as actual, count(o.id) as invited, count(*) filter (where ${isWaiting}) as waiting
      from answered a join waiting w on w.id = a.waiting_id
        left join ${placeOf('inside')} as i on i.id = w.id left join ${placeOf('open')} as o on o.id = w.id
      group by a.id
    ), unlisted as (
      select t.id, count(i.address) as actual, count(o.address) as invited, count(w.id) as waiting
      from told t left join inside i on i.address = t.address left join open o on o.address = t.address
        left join waiting w on ${isHere} = t.address and ${isWaiting}
      where ${isOnlyTold(serviceId)}
      group by t.id
    )
    select q.id, q.attribute, q.value, q.wanted, coalesce(sum(c.actual), 0)::int as actual,
      coalesce(sum(c.invited), 0)::int as invited, coalesce(sum(c.waiting), 0)::int as waiting
    from quota q left join (select * from listed union all select * from unlisted) as c on c.id = q.id
    where q.service_id = ${serviceId}
    group by q.id order by lower(q.attribute), q.wanted desc, lower(q.value)`.execute(db)
  return rows
}

/** Only who is in and who is invited: what a draw needs, and without going through those who wait. */
export async function quotasFilled(db: Queryable, serviceId: string, at: Date): Promise<Omit<QuotaState, 'waiting'>[]> {
  // Joined to each table of answers by itself: of both together nobody could tell how many people they are about.
  const placed = { more: sql`, p.is_in`, join: sql`join placed p on p.id = a.waiting_id` }
  const { rows } = await sql<Omit<QuotaState, 'waiting'>>`
    with ${peopleOf(serviceId, at)}, placed as materialized (
      select w.id, x.is_in from (
        select address, true as is_in from inside union all select address, false from open
      ) as x join waiting w on w.service_id = ${serviceId} and lower(w.address) = x.address
    ), listed as (
      select id, count(*) filter (where is_in) as actual, count(*) filter (where not is_in) as invited
      from (${answeredIn('waiting_answer', placed)} union all ${answeredIn('waiting_special_answer', placed)}) as each group by id
    ), unlisted as (
      select t.id, count(i.address) as actual, count(o.address) as invited
      from told t left join inside i on i.address = t.address left join open o on o.address = t.address
      where ${isOnlyTold(serviceId)}
      group by t.id
    )
    select q.id, q.attribute, q.value, q.wanted, coalesce(sum(c.actual), 0)::int as actual,
      coalesce(sum(c.invited), 0)::int as invited
    from quota q left join (select * from listed union all select * from unlisted) as c on c.id = q.id
    where q.service_id = ${serviceId}
    group by q.id order by lower(q.attribute), q.wanted desc, lower(q.value)`.execute(db)
  return rows
}

/**
 * Rows of a place on the list and of a quota that it fills, by an answer or by what a list told; of all places, or of those in a
 * table of ids. With the tables that it stands on.
 */
export function fillsOf(
  serviceId: string,
  among: string | null = null,
): { sources: RawBuilder<unknown>; fills: RawBuilder<unknown> } {
  const joined = (id: RawBuilder<unknown>) => (among === null ? sql`` : sql`join ${sql.table(among)} x on x.id = ${id}`)
  const answered = (table: AnswerTable) => sql`select a.waiting_id, q.id as quota_id from asked q
    join ${sql.table(table)} a on a.question_id = q.question_id and lower(a.value) = q.value ${joined(sql`a.waiting_id`)}`
  return {
    sources: wantedOf(serviceId),
    fills: sql`(${answered('waiting_answer')} union all ${answered('waiting_special_answer')}
      union all select w.id, t.id from told t join waiting w on w.service_id = ${serviceId} and lower(w.address) = t.address
        ${joined(sql`w.id`)})`,
  }
}
