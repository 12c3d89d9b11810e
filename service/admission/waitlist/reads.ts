import { sql, type RawBuilder } from 'kysely'
import type { Queryable } from '../../platform/index.ts'
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

const stateOf = sql`case when w.left_at is not null then 'declined'
    when exists (select from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
      where p.service_id = w.service_id and lower(p.address) = lower(w.address)) then 'active'
    when w.invited_at is not null then 'invited' else 'applied' end`

/** The same for a screen of people: looked up for each, and never for everybody first. */
const stateOfEach = sql`case when w.left_at is not null then 'declined'
    when (select true from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
      where p.service_id = w.service_id and lower(p.address) = lower(w.address) limit 1) then 'active'
    when w.invited_at is not null then 'invited' else 'applied' end`

const waitingColumns = sql`w.id, w.address, ${stateOfEach} as state, w.at, w.confirmed_at as "confirmedAt", w.invited_at as "invitedAt",
  coalesce((select jsonb_object_agg(name, answers) from (
    select q.name, jsonb_agg(a.value order by a.position) as answers from waiting_answer a
      join screening_question q on q.id = a.question_id where a.waiting_id = w.id group by q.id
  ) as given), '{}') as answers`

export async function countByState(db: Queryable, serviceId: string): Promise<Record<WaitingState, number>> {
  const { rows } = await sql<{ state: WaitingState; n: number }>`
    select state, count(*)::int as n from (select ${stateOf} as state from waiting w where w.service_id = ${serviceId}) as s
    group by state`.execute(db)
  const counts: Record<WaitingState, number> = { applied: 0, invited: 0, active: 0, declined: 0 }
  for (const { state, n } of rows) counts[state] = n
  return counts
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
      and (${wanted.state}::text is null or ${stateOfEach} = ${wanted.state})
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

/** How each quota stands: wanted, who is in, invited, and who waits (ADM-44). An address stands once in each of the lists. */
export async function quotaStates(db: Queryable, serviceId: string, at: Date): Promise<QuotaState[]> {
  const { rows } = await sql<QuotaState>`
    with wanted as (
      select id, lower(attribute) as name, lower(value) as value from quota where service_id = ${serviceId}
    ), known as materialized (
      select q.id, lower(w.address) as address from wanted q
        join screening_question s on s.service_id = ${serviceId} and lower(s.name) = q.name
        join waiting_answer a on a.question_id = s.id and lower(a.value) = q.value join waiting w on w.id = a.waiting_id
      union
      select q.id, lower(w.address) from wanted q
        join screening_question s on s.service_id = ${serviceId} and lower(s.name) = q.name
        join waiting_special_answer a on a.question_id = s.id and lower(a.value) = q.value
        join waiting w on w.id = a.waiting_id
      union
      select q.id, lower(i.address) from invitation i cross join lateral jsonb_each_text(i.attributes) e
        join wanted q on lower(e.key) = q.name and lower(e.value) = q.value
        where i.service_id = ${serviceId} and i.attributes is not null
    ), inside as materialized (
      select lower(p.address) as address from participant p
        join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
        where p.service_id = ${serviceId} and p.address is not null
    ), open as materialized (
      select lower(i.address) as address from invitation i
        where i.service_id = ${serviceId} and i.state = 'sent' and i.expires_at > ${at}
    )
    select q.id, q.attribute, q.value, q.wanted,
      count(i.address)::int as actual, count(o.address)::int as invited, count(w.id)::int as waiting
    from quota q
      left join known k on k.id = q.id
      left join inside i on i.address = k.address
      left join open o on o.address = k.address
      left join waiting w on w.service_id = q.service_id and lower(w.address) = k.address and w.invited_at is null
        and w.left_at is null
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
