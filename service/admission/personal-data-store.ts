import { sql } from 'kysely'
import type { PersonalData, Queryable, Subject, Tx } from '../platform/index.ts'
import { endAdmission, insertRemoval, only } from './store.ts'

/** Everything that leads to one person: units of former days too, since devices can be signed out. */
export async function findSubject(db: Queryable, serviceId: string, address: string): Promise<Subject> {
  const { rows } = await sql<Pick<Subject, 'units' | 'invitations'>>`
    with person as (
      select id, unit from participant where service_id = ${serviceId} and lower(address) = lower(${address})
    )
    select array(select unit from person union select a.unit from admission a join person p on p.id = a.participant_id)
        as units,
      array(select id::text from invitation where service_id = ${serviceId} and lower(address) = lower(${address}))
        as invitations`.execute(db)
  return { serviceId, address, ...only(rows) }
}

const participation: PersonalData = {
  name: 'Participation: address, group, consents, devices, ids of an application',
  becomes: 'deleted; the place is free, and passes of the person end',
  async count(db, { serviceId, address }) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from participant
      where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(db)
    return only(rows).n
  },
  async erase(tx, { serviceId, address, units }) {
    const at = await transactionTime(tx)
    for (const unit of units) {
      await endAdmission(tx, serviceId, unit, at)
      // A pass is an admission (ADM-7): what is left of the person is that this number is let in no more.
      await insertRemoval(tx, { serviceId, unit, at, by: 'Phasegate', reason: 'Erased' })
    }
    await sql`update removal set reason = 'Erased' where service_id = ${serviceId} and unit = any(${[...units]}::text[])`.execute(
      tx,
    )
    const features = sql`select id from feature where service_id = ${serviceId}`
    await sql`delete from feature_carried
      where feature_id in (${features}) and unit = any(${[...units]}::text[])`.execute(tx)
    await sql`update feature_removal set reason = 'Erased'
      where feature_id in (${features}) and unit = any(${[...units]}::text[])`.execute(tx)
    await sql`delete from choice where service_id = ${serviceId} and unit = any(${[...units]}::text[])`.execute(tx)
    await sql`delete from feature_choice where service_id = ${serviceId} and unit = any(${[...units]}::text[])`.execute(
      tx,
    )
    await sql`delete from participant where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(
      tx,
    )
  },
}

const invitations: PersonalData = {
  name: 'Invitations and their links',
  becomes: 'stay as a number, without address; their links lead nowhere',
  async count(db, { serviceId, address, invitations: own }) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from batch_person p
      join invitation_batch b on b.id = p.batch_id
      where b.service_id = ${serviceId} and lower(p.address) = lower(${address}) and p.invitation_id is null`.execute(
      db,
    )
    return own.length + only(rows).n
  },
  async erase(tx, subject) {
    const ids = [...subject.invitations]
    await sql`delete from invitation_token where invitation_id = any(${ids}::uuid[])`.execute(tx)
    await sql`update batch_person p set address = null, line = '', attributes = null,
        outcome = case when outcome = 'queued' then 'stopped' else outcome end
      from invitation_batch b where b.id = p.batch_id and b.service_id = ${subject.serviceId}
        and lower(p.address) = lower(${subject.address})`.execute(tx)
    // Without an @ it is no address: pages say so in words.
    await sql`update invitation set address = 'erased-' || id, nonce_hash = null, cohort_id = null, attributes = null,
      state = case when state = 'sent' then 'revoked' else state end where id = any(${ids}::uuid[])`.execute(tx)
  },
}

const previews: PersonalData = {
  name: 'Preview links of features, with what the person said of them',
  becomes: 'ended; stay as a number, without address and words',
  async count(db, { serviceId, address }) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from preview_link
      where service_id = ${serviceId} and lower(viewer) = lower(${address})`.execute(db)
    return only(rows).n
  },
  async erase(tx, { serviceId, address }) {
    // Without an @ it is no address.
    await sql`update preview_link set viewer = 'Erased', comment = '', revoked_at = coalesce(revoked_at, now()),
        outsider_reason = case when outsider_reason is not null then 'Erased' end
      where service_id = ${serviceId} and lower(viewer) = lower(${address})`.execute(tx)
    // Where viewers stood before their links kept what they said; the release before still reads it (MIG-2).
    await sql`delete from preview_viewer where lower(address) = lower(${address})
      and feature_id in (select id from feature where service_id = ${serviceId})`.execute(tx)
  },
}

const contacts: PersonalData = {
  name: 'Whom the link of a customer account was sent to',
  becomes: 'deleted; the link goes on working for the people of the account',
  async count(db, { serviceId, address }) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from customer_contact k
        join customer_account c on c.id = k.customer_account_id
      where c.service_id = ${serviceId} and lower(k.address) = lower(${address})`.execute(db)
    return only(rows).n
  },
  async erase(tx, { serviceId, address }) {
    await sql`delete from customer_contact k using customer_account c
      where c.id = k.customer_account_id and c.service_id = ${serviceId} and lower(k.address) = lower(${address})`.execute(
      tx,
    )
  },
}

const waitingList: PersonalData = {
  name: 'Places on the waiting list',
  becomes: 'deleted, with the answers',
  async count(db, { serviceId, address }) {
    const { rows } = await sql<{ n: number }>`select (select count(*) from waiting
        where service_id = ${serviceId} and lower(address) = lower(${address}))
      + (select count(*) from waiting_request where service_id = ${serviceId} and lower(address) = lower(${address})) as n`.execute(
      db,
    )
    return only(rows).n
  },
  async erase(tx, { serviceId, address }) {
    await sql`delete from waiting where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(tx)
    await sql`delete from waiting_request where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(
      tx,
    )
    await sql`delete from code_request r using invitation_code c
      where c.id = r.code_id and c.service_id = ${serviceId} and lower(r.address) = lower(${address})`.execute(tx)
  },
}

/** That nobody writes to the person again stays, and nothing else (ADM-41). */
const notInvited: PersonalData = {
  name: 'The list of those who are not invited again',
  becomes: 'a keyed hash, without the address',
  async count(db, { serviceId, address }) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from suppression
      where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(db)
    return only(rows).n
  },
  async erase(tx, { serviceId, address }) {
    await sql`update suppression set address = null, reason = 'erased'
      where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(tx)
  },
}

async function transactionTime(tx: Tx): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select now() as at`.execute(tx)
  return only(rows).at
}

export const admissionPersonalData: readonly PersonalData[] = [
  invitations,
  participation,
  previews,
  contacts,
  waitingList,
  notInvited,
]
