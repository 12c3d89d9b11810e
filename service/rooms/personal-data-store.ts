import { sql } from 'kysely'
import { forgetMessagesAbout, type PersonalData, type Queryable, type Subject } from '../platform/index.ts'

/** By the person's place in the service, or by what their pass carries. */
async function membersOf(db: Queryable, { serviceId, address, units }: Subject): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`select m.id from room_member m left join participant p on p.id = m.participant_id
    where m.service_id = ${serviceId} and (lower(p.address) = lower(${address}) or m.unit = any(${[...units]}::text[]))`.execute(
    db,
  )
  return rows.map(({ id }) => id)
}

async function messagesOf(db: Queryable, subject: Subject): Promise<string[]> {
  const members = await membersOf(db, subject)
  const { rows } = await sql<{ id: string }>`select id from room_message where service_id = ${subject.serviceId}
    and (member_id = any(${members}::uuid[]) or position(lower(${subject.address}) in lower(text)) > 0)`.execute(db)
  return rows.map(({ id }) => id)
}

const quotes: PersonalData = {
  name: 'Testimonials',
  becomes: 'withdrawn, without words and name; the places where they stand are kept until they are taken down',
  async count(db, subject) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from testimonial
      where member_id = any(${await membersOf(db, subject)}::uuid[])`.execute(db)
    return rows[0]?.n ?? 0
  },
  async erase(tx, subject) {
    await sql`update testimonial set wording = 'Erased on request', signed_as = null, withdrawn_because = null,
      state = case when state = 'declined' then state else 'withdrawn' end,
      withdrawn_by = case when state = 'declined' then null else 'person' end,
      token_hash = sha256(gen_random_uuid()::text::bytea), member_id = null, message_id = null
      where member_id = any(${await membersOf(tx, subject)}::uuid[])`.execute(tx)
  },
}

const messages: PersonalData = {
  name: 'Messages in beta rooms',
  becomes: 'stay as a number, without words and name; what chats were told of them is no longer kept here',
  count: async (db, subject) => (await messagesOf(db, subject)).length,
  async erase(tx, subject) {
    const ids = await messagesOf(tx, subject)
    await forgetMessagesAbout(tx, ids)
    await sql`update room_message set text = 'Erased on request', member_id = null, sent_id = 'erased-' || id,
      mailed_at = coalesce(mailed_at, at) where id = any(${ids}::uuid[])`.execute(tx)
  },
}

const seats: PersonalData = {
  name: 'Seats in beta rooms: name, mails, consent, use',
  becomes: 'deleted; links of mails, and addresses for answers to them, lead nowhere',
  count: async (db, subject) => (await membersOf(db, subject)).length,
  async erase(tx, subject) {
    await sql`delete from room_member where id = any(${await membersOf(tx, subject)}::uuid[])`.execute(tx)
  },
}

const days: PersonalData = {
  name: 'Days of use of features in their beta',
  becomes: 'deleted; what they added to the comparison is gone with them',
  async count(db, { serviceId, units }) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from beta_unit_day d
      join feature f on f.id = d.feature_id where f.service_id = ${serviceId} and d.unit = any(${[...units]}::text[])`.execute(
      db,
    )
    return rows[0]?.n ?? 0
  },
  async erase(tx, { serviceId, units }) {
    await sql`delete from beta_unit_day d using feature f where f.id = d.feature_id and f.service_id = ${serviceId}
      and d.unit = any(${[...units]}::text[])`.execute(tx)
  },
}

/** ROOM-12: in this order, and before the participation goes, by which the person is found. */
export const roomsPersonalData: readonly PersonalData[] = [quotes, messages, days, seats]
