import { sql } from 'kysely'
import type { Queryable, ServiceRole, Tx } from '../platform/index.ts'
import type { Message, MessageKind, RoomCounts, Thread } from './room.ts'

// A message of somebody who was erased has no member any more.
const columns = sql.raw(`m.id, m.arrival::float8 as arrival, m.at, m.answers_id as "answersId", m.kind,
  m.from_team as "fromTeam", m.member_id as "memberId",
  case when m.from_team then m.by_name when b.id is null then 'A former tester'
    else coalesce(b.name, 'Tester ' || b.number) end as by,
  m.text, m.settled_at as "settledAt", m.settled_by as "settledBy", m.feedback_reference as "feedbackReference"`)
const source = sql.raw('room_message m left join room_member b on b.id = m.member_id')

export interface NewMessage {
  featureId: string
  serviceId: string
  at: Date
  answersId: string | null
  kind: MessageKind | null
  memberId: string | null
  accountId: string | null
  fromTeam: boolean
  by: string
  text: string
  sentId: string
}

/** Null where the same message came before. */
export async function insertMessage(tx: Tx, message: NewMessage): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into room_message (feature_id, service_id, at, answers_id, kind, from_team, member_id, account_id, by_name, text,
      sent_id)
    values (${message.featureId}, ${message.serviceId}, ${message.at}, ${message.answersId}, ${message.kind},
      ${message.fromTeam}, ${message.memberId}, ${message.accountId}, ${message.by}, ${message.text}, ${message.sentId})
    on conflict (feature_id, sent_id) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

export async function findMessage(db: Queryable, featureId: string, id: string): Promise<Message | null> {
  const { rows } = await sql<Message>`select ${columns} from ${source}
    where m.feature_id = ${featureId} and m.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** The newest threads, the newest first, each with all that belongs to it. */
export async function threadsOf(
  db: Queryable,
  featureId: string,
  { limit, before, open = false }: { limit: number; before?: number | undefined; open?: boolean },
): Promise<Thread[]> {
  const { rows: roots } = await sql<Message>`select ${columns} from ${source}
    where m.feature_id = ${featureId} and m.answers_id is null
      ${before === undefined ? sql`` : sql`and m.arrival < ${before}`}
      ${open ? sql`and m.settled_at is null and not m.from_team` : sql``}
    order by m.arrival desc limit ${limit}`.execute(db)
  const { rows: answers } = await sql<Message>`select ${columns} from ${source}
    where m.answers_id = any(${roots.map(({ id }) => id)}::uuid[]) order by m.arrival limit 5000`.execute(db)
  return roots.map((root) => ({ ...root, answers: answers.filter(({ answersId }) => answersId === root.id) }))
}

export async function newestArrival(db: Queryable, featureId: string): Promise<number> {
  const { rows } = await sql<{ arrival: number }>`select coalesce(max(arrival), 0)::float8 as arrival from room_message
    where feature_id = ${featureId}`.execute(db)
  return rows[0]?.arrival ?? 0
}

export interface Unread {
  count: number
  /** Those among the messages that were asked about. */
  ids: ReadonlySet<string>
}

/** What somebody of the team has not seen: messages of others that came after the last one seen. */
export async function unreadOf(
  db: Queryable,
  featureId: string,
  { accountId, readTo, among }: { accountId: string; readTo: number; among: readonly string[] },
): Promise<Unread> {
  const { rows } = await sql<{ count: number; ids: string[] }>`select count(*)::int as count,
      coalesce(array_agg(id) filter (where id = any(${among}::uuid[])), '{}') as ids
    from room_message
    where feature_id = ${featureId} and arrival > ${readTo} and account_id is distinct from ${accountId}::uuid`.execute(
    db,
  )
  return { count: rows[0]?.count ?? 0, ids: new Set(rows[0]?.ids) }
}

export async function countsOf(db: Queryable, featureId: string): Promise<RoomCounts> {
  const { rows } = await sql<RoomCounts>`
    select (select count(*)::int from room_member where feature_id = ${featureId}) as testers,
      (select count(*)::int from room_message where feature_id = ${featureId}) as messages,
      count(*)::int as unanswered, min(at) as "oldestUnanswered"
    from room_message where feature_id = ${featureId} and settled_at is null and answers_id is null and not from_team`.execute(
    db,
  )
  return rows[0] ?? { testers: 0, messages: 0, unanswered: 0, oldestUnanswered: null }
}

/** The message that has waited longest for an answer. */
export async function oldestUnanswered(db: Queryable, featureId: string): Promise<Message | null> {
  const { rows } = await sql<Message>`select ${columns} from ${source}
    where m.feature_id = ${featureId} and m.settled_at is null and m.answers_id is null and not m.from_team
    order by m.at, m.arrival limit 1`.execute(db)
  return rows[0] ?? null
}

/** Messages without an answer, over all rooms of a service or in one. */
export async function countUnanswered(
  db: Queryable,
  of: { serviceId: string; featureId?: string | undefined },
): Promise<{ rooms: number; unanswered: number }> {
  const { rows } = await sql<{ rooms: number; unanswered: number }>`
    select count(*)::int as rooms, coalesce(sum((select count(*) from room_message m
      where m.feature_id = r.feature_id and m.settled_at is null and m.answers_id is null and not m.from_team)), 0)::int
      as unanswered
    from beta_room r where r.service_id = ${of.serviceId}
      ${of.featureId === undefined ? sql`` : sql`and r.feature_id = ${of.featureId}`}`.execute(db)
  return rows[0] ?? { rooms: 0, unanswered: 0 }
}

/** False where it was settled before. */
export async function settle(tx: Tx, id: string, { at, by }: { at: Date; by: string }): Promise<boolean> {
  const { rows } = await sql`update room_message set settled_at = ${at}, settled_by = ${by}
    where id = ${id} and settled_at is null and answers_id is null and not from_team returning id`.execute(tx)
  return rows.length === 1
}

/** ROOM-3: who asks again waits again. */
export async function unsettle(tx: Tx, id: string): Promise<void> {
  await sql`update room_message set settled_at = null, settled_by = null where id = ${id}`.execute(tx)
}

export async function setFeedback(tx: Tx, id: string, reference: string): Promise<void> {
  await sql`update room_message set feedback_reference = ${reference} where id = ${id}`.execute(tx)
}

// Mails

export interface ToMail extends Message {
  featureId: string
  serviceId: string
  accountId: string | null
}

/** The oldest message that nobody was mailed yet, held until it is marked. */
export async function nextToMail(tx: Tx): Promise<ToMail | null> {
  const { rows } = await sql<ToMail>`select ${columns}, m.feature_id as "featureId", m.service_id as "serviceId",
      m.account_id as "accountId"
    from ${source} where m.mailed_at is null order by m.arrival limit 1 for update of m skip locked`.execute(tx)
  return rows[0] ?? null
}

export async function markMailed(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update room_message set mailed_at = ${at} where id = ${id}`.execute(tx)
}

/** ROOM-4: testers who want each message, or wrote in this thread and want the answers; never the one who wrote it. */
export async function testersToMail(
  tx: Tx,
  { id, featureId, answersId, memberId }: ToMail,
): Promise<{ memberId: string; address: string; name: string | null; number: number }[]> {
  const { rows } = await sql<{ memberId: string; address: string; name: string | null; number: number }>`
    select b.id as "memberId", p.address, b.name, b.number
    from room_member b join participant p on p.id = b.participant_id
    where b.feature_id = ${featureId} and p.address is not null and b.id is distinct from ${memberId}::uuid
      and not exists (select from removal x where x.service_id = b.service_id and x.unit = p.unit and x.lifted_at is null)
      and (b.mails = 'all' or (b.mails = 'answers' and ${answersId}::uuid is not null and exists (
        select from room_message m where m.member_id = b.id and m.id <> ${id}
          and (m.id = ${answersId}::uuid or m.answers_id = ${answersId}::uuid))))
    order by b.number limit 10000`.execute(tx)
  return rows
}

interface ColleagueToMail {
  accountId: string
  address: string
  roles: ServiceRole[]
}

export async function teamToMail(
  tx: Tx,
  { featureId, serviceId, accountId }: Pick<ToMail, 'featureId' | 'serviceId' | 'accountId'>,
): Promise<ColleagueToMail[]> {
  const { rows } = await sql<ColleagueToMail>`
    select a.id as "accountId", a.email as address, jsonb_agg(m.role) as roles
    from room_seat s join account a on a.id = s.account_id
      join membership m on m.account_id = a.id and m.service_id = ${serviceId}
    where s.feature_id = ${featureId} and s.mails and a.disabled_at is null and a.id is distinct from ${accountId}::uuid
    group by a.id order by a.id`.execute(tx)
  return rows
}
