import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { MailWish, Member, Room, Tester } from './room.ts'

const roomColumns = sql.raw(`r.feature_id as "featureId", r.service_id as "serviceId", r.welcome,
  case when a.id is null then null else jsonb_build_object('id', a.id, 'name', a.name) end as builder,
  r.opened_at as "openedAt", r.opened_by as "openedBy", r.closed_at as "closedAt", r.reminded_at as "remindedAt"`)
const roomSource = sql.raw('beta_room r left join account a on a.id = r.builder_id')

export async function findRoom(db: Queryable, featureId: string): Promise<Room | null> {
  const { rows } = await sql<Room>`select ${roomColumns} from ${roomSource} where r.feature_id = ${featureId}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function openRooms(db: Queryable): Promise<Room[]> {
  const { rows } = await sql<Room>`select ${roomColumns} from ${roomSource} where r.closed_at is null
    order by r.feature_id`.execute(db)
  return rows
}

/** Features of a service whose room is open. */
export async function openRoomsOf(db: Queryable, serviceId: string): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select feature_id as id from beta_room
    where service_id = ${serviceId} and closed_at is null`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Opens it, opens it again, or changes what is said of it. */
export async function putRoom(
  tx: Tx,
  room: { featureId: string; serviceId: string; welcome: string; builderId: string | null; at: Date; by: string },
): Promise<void> {
  await sql`insert into beta_room (feature_id, service_id, welcome, builder_id, opened_at, opened_by)
    values (${room.featureId}, ${room.serviceId}, ${room.welcome}, ${room.builderId}, ${room.at}, ${room.by})
    on conflict (feature_id) do update set welcome = excluded.welcome, builder_id = excluded.builder_id,
      closed_at = null`.execute(tx)
}

export async function closeRoom(tx: Tx, featureId: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update beta_room set closed_at = ${at}
    where feature_id = ${featureId} and closed_at is null returning feature_id`.execute(tx)
  return rows.length === 1
}

export async function markReminded(tx: Tx, featureId: string, at: Date): Promise<void> {
  await sql`update beta_room set reminded_at = ${at} where feature_id = ${featureId}`.execute(tx)
}

// Members

const memberColumns = sql.raw(`m.id, m.feature_id as "featureId", m.service_id as "serviceId",
  m.participant_id as "participantId", m.unit, m.number, m.name, m.mails, m.usage_since as "usageSince",
  m.joined_at as "joinedAt"`)

export async function findMember(
  db: Queryable,
  featureId: string,
  who: { participantId: string | null; unit: string },
): Promise<Member | null> {
  const { rows } = await sql<Member>`select ${memberColumns} from room_member m where m.feature_id = ${featureId}
    and (m.participant_id = ${who.participantId}::uuid or m.unit = ${who.unit})
    order by m.participant_id nulls last limit 1`.execute(db)
  return rows[0] ?? null
}

export async function memberById(db: Queryable, featureId: string, id: string): Promise<Member | null> {
  const { rows } = await sql<Member>`select ${memberColumns} from room_member m
    where m.feature_id = ${featureId} and m.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function memberByToken(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<Member | null> {
  const { rows } = await sql<Member>`select ${memberColumns} from room_token t join room_member m on m.id = t.member_id
    where t.token_hash = ${tokenHash} and t.expires_at > ${at} and m.service_id = ${serviceId}`.execute(db)
  return rows[0] ?? null
}

export async function membersOfRoom(db: Queryable, featureId: string): Promise<Tester[]> {
  const { rows } = await sql<Tester>`select ${memberColumns}, c.name as cohort, p.address is not null as "hasAddress"
    from room_member m left join participant p on p.id = m.participant_id left join cohort c on c.id = p.cohort_id
    where m.feature_id = ${featureId} order by m.number limit 5000`.execute(db)
  return rows
}

/** Under the room's lock, so that two who come at once get two numbers; whoever is there already stays as they are. */
export async function insertMembers(
  tx: Tx,
  room: { featureId: string; serviceId: string; at: Date },
  people: readonly { participantId: string | null; unit: string }[],
): Promise<void> {
  await sql`select feature_id from beta_room where feature_id = ${room.featureId} for update`.execute(tx)
  await sql`insert into room_member (feature_id, service_id, participant_id, unit, number, mails, joined_at)
    select ${room.featureId}::uuid, ${room.serviceId}::uuid, e."participantId", e.unit,
      (select coalesce(max(number), 0) from room_member where feature_id = ${room.featureId})
        + row_number() over (order by e.unit), 'answers', ${room.at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as e ("participantId" uuid, unit text)
    where not exists (select from room_member m where m.feature_id = ${room.featureId}
      and (m.unit = e.unit or m.participant_id = e."participantId"))
    on conflict do nothing`.execute(tx)
}

export async function updateMember(
  tx: Tx,
  id: string,
  to: { name: string | null; mails: MailWish; usageSince: Date | null },
): Promise<void> {
  await sql`update room_member set name = ${to.name}, mails = ${to.mails}, usage_since = ${to.usageSince}
    where id = ${id}`.execute(tx)
  // ROOM-8: a yes that was taken back leaves nothing behind.
  if (to.usageSince === null) await sql`delete from room_usage where member_id = ${id}`.execute(tx)
}

export async function stopMails(tx: Tx, id: string): Promise<void> {
  await sql`update room_member set mails = 'none' where id = ${id}`.execute(tx)
}

export async function insertToken(tx: Tx, memberId: string, tokenHash: Buffer, expiresAt: Date): Promise<void> {
  await sql`insert into room_token (token_hash, member_id, expires_at)
    values (${tokenHash}, ${memberId}, ${expiresAt})`.execute(tx)
}

export async function dropEndedTokens(db: Queryable, at: Date): Promise<void> {
  await sql`delete from room_token where expires_at <= ${at}`.execute(db)
}

/** Members who were not mailed the link yet, and can be. */
export async function membersToInvite(tx: Tx, featureId: string): Promise<{ memberId: string; address: string }[]> {
  const { rows } = await sql<{ memberId: string; address: string }>`select m.id as "memberId", p.address
    from room_member m join participant p on p.id = m.participant_id
    where m.feature_id = ${featureId} and m.mailed_at is null and p.address is not null and m.mails <> 'none'
    order by m.number limit 1000 for update of m`.execute(tx)
  return rows
}

export async function markInvited(tx: Tx, memberIds: readonly string[], at: Date): Promise<void> {
  await sql`update room_member set mailed_at = ${at} where id = any(${[...memberIds]}::uuid[])`.execute(tx)
}

// Seats of the team

export interface Seat {
  readTo: number
  mails: boolean
}

export async function seatOf(db: Queryable, featureId: string, accountId: string): Promise<Seat> {
  const { rows } = await sql<Seat>`select read_to::float8 as "readTo", mails from room_seat
    where feature_id = ${featureId} and account_id = ${accountId}`.execute(db)
  return rows[0] ?? { readTo: 0, mails: false }
}

/** Never back: of two pages that are open the one that shows more counts. */
export async function readUpTo(db: Queryable, featureId: string, accountId: string, arrival: number): Promise<void> {
  await sql`insert into room_seat (feature_id, account_id, read_to) values (${featureId}, ${accountId}, ${arrival})
    on conflict (feature_id, account_id) do update set read_to = greatest(room_seat.read_to, excluded.read_to)`.execute(
    db,
  )
}

export async function setSeatMails(tx: Tx, featureId: string, accountId: string, mails: boolean): Promise<void> {
  await sql`insert into room_seat (feature_id, account_id, mails) values (${featureId}, ${accountId}, ${mails})
    on conflict (feature_id, account_id) do update set mails = excluded.mails`.execute(tx)
}
