import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import type { Invitation } from '../admission.ts'
import { only } from '../store.ts'

/** An invitation as the accepting rule needs it. */
export interface HeldInvitation extends Invitation {
  cohortId: string | null
  participantId: string | null
  nonceHash: Buffer | null
  /** Is the link that was opened the newest one? */
  tokenEnded: boolean
}

function columns(at: Date) {
  return sql`i.id, case when position('@' in i.address) = 0 then 'Erased' else i.address end as address, i.holds_place as "holdsPlace", i.sent_at as "sentAt", i.sent_by as "sentBy",
    i.expires_at as "expiresAt", i.resent, i.accepted_at as "acceptedAt", i.declined_at as "declinedAt", (select c.name from cohort c where c.id = i.cohort_id) as cohort,
    case when i.declined_at is not null and i.state = 'revoked' then 'declined'
      when i.state = 'sent' and i.expires_at <= ${at} then 'expired' else i.state end as state`
}

export async function findCohort(tx: Tx, serviceId: string, name: string, at: Date): Promise<string> {
  await sql`insert into cohort (service_id, name, created_at) values (${serviceId}, ${name}, ${at}) on conflict do nothing`.execute(
    tx,
  )
  const { rows } = await sql<{ id: string }>`select id from cohort
    where service_id = ${serviceId} and lower(name) = lower(${name})`.execute(tx)
  return only(rows).id
}

export async function insertInvitation(
  tx: Tx,
  invitation: {
    serviceId: string
    cohortId: string | null
    address: string
    /** What a list said of the person. */
    attributes: { [name: string]: string } | null
    holdsPlace: boolean
    at: Date
    by: string
    expiresAt: Date
    tokenHash: Buffer
  },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into invitation (service_id, cohort_id, address, attributes, state, holds_place, sent_at, sent_by, expires_at)
    values (${invitation.serviceId}, ${invitation.cohortId}, ${invitation.address},
      ${invitation.attributes === null ? null : JSON.stringify(invitation.attributes)}::jsonb, 'sent', ${invitation.holdsPlace},
      ${invitation.at}, ${invitation.by}, ${invitation.expiresAt}) returning id`.execute(tx)
  const { id } = only(rows)
  await insertToken(tx, id, invitation.tokenHash, invitation.at)
  return id
}

export async function insertToken(tx: Tx, invitationId: string, tokenHash: Buffer, at: Date): Promise<void> {
  await sql`update invitation_token set ended_at = ${at} where invitation_id = ${invitationId} and ended_at is null`.execute(
    tx,
  )
  await sql`insert into invitation_token (token_hash, invitation_id, made_at) values (${tokenHash}, ${invitationId}, ${at})`.execute(
    tx,
  )
}

/** By the person's own wish. */
export async function markDeclined(tx: Tx, invitationId: string, at: Date): Promise<void> {
  await sql`update invitation set state = 'revoked', declined_at = ${at} where id = ${invitationId}`.execute(tx)
}

export async function lastTokenAt(tx: Tx, invitationId: string): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(made_at) as at from invitation_token
    where invitation_id = ${invitationId}`.execute(tx)
  return rows[0]?.at ?? null
}

/** With `lock`, the second of two acts on one invitation waits for the first. */
export async function findByToken(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
  options: { lock?: boolean } = {},
): Promise<HeldInvitation | null> {
  const { rows } = await sql<HeldInvitation>`
    select ${columns(at)}, i.cohort_id as "cohortId", i.participant_id as "participantId", i.nonce_hash as "nonceHash",
      t.ended_at is not null as "tokenEnded"
    from invitation_token t join invitation i on i.id = t.invitation_id
    where t.token_hash = ${tokenHash} and i.service_id = ${serviceId} ${options.lock ? sql`for update of i` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function lockInvitation(tx: Tx, serviceId: string, id: string, at: Date): Promise<Invitation | null> {
  const { rows } = await sql<Invitation>`select ${columns(at)} from invitation i
    where i.service_id = ${serviceId} and i.id = ${id} for update`.execute(tx)
  return rows[0] ?? null
}

/** The invitations behind these tokens, in their order, held until the commit. */
export async function heldInvitations(
  tx: Tx,
  serviceId: string,
  asked: readonly { tokenHash: Buffer; at: Date }[],
): Promise<(HeldInvitation | null)[]> {
  const hashes = [...new Set(asked.map(({ tokenHash }) => tokenHash.toString('hex')))]
  // By id, so that two transactions never wait for each other crosswise.
  const { rows } = await sql<HeldInvitation & { hash: string }>`
    select ${columns(new Date(0))}, i.cohort_id as "cohortId", i.participant_id as "participantId",
      i.nonce_hash as "nonceHash", t.ended_at is not null as "tokenEnded", encode(t.token_hash, 'hex') as hash
    from invitation i join invitation_token t on t.invitation_id = i.id
    where i.service_id = ${serviceId}
      and t.token_hash in (select decode(hash, 'hex') from unnest(${hashes}::text[]) as asked (hash))
    order by i.id for update of i`.execute(tx)
  const byHash = new Map(rows.map((row) => [row.hash, row]))
  return asked.map(({ tokenHash, at }) => {
    const found = byHash.get(tokenHash.toString('hex'))
    if (found === undefined) return null
    return found.state === 'sent' && found.expiresAt <= at ? { ...found, state: 'expired' } : found
  })
}

/** Addresses, in lower case, of those who are in already. */
export async function unitsIn(
  tx: Tx,
  serviceId: string,
  accepting: readonly { invitation: { address: string } }[],
): Promise<Set<string>> {
  const addresses = accepting.map(({ invitation }) => invitation.address.toLowerCase())
  const { rows } = await sql<{ address: string }>`select lower(p.address) as address from participant p
    join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
    where p.service_id = ${serviceId} and lower(p.address) = any(${addresses}::text[])`.execute(tx)
  return new Set(rows.map(({ address }) => address))
}

/**
 * All that accepting writes, but for the places, in one statement for many; the unit of each, by its invitation.
 * A person who was here before keeps the unit; whoever is in already is not let in twice.
 */
export async function writeAcceptances(
  tx: Tx,
  serviceId: string,
  accepting: readonly {
    invitation: Pick<HeldInvitation, 'id' | 'address' | 'cohortId'>
    unit: string
    nonceHash: Buffer
    device: string
    at: Date
  }[],
  mostDevices: number,
): Promise<Map<string, string>> {
  if (accepting.length === 0) return new Map()
  const accepted = accepting.map(({ invitation, unit, nonceHash, device, at }) => ({
    ...{ id: invitation.id, address: invitation.address, cohort: invitation.cohortId },
    ...{ unit, nonce: nonceHash.toString('hex'), device, at },
  }))
  const { rows } = await sql<{ id: string; unit: string }>`
    with accepted as (
      select * from jsonb_to_recordset(${JSON.stringify(accepted)}::jsonb)
        as a (id uuid, address text, cohort uuid, unit text, nonce text, device text, at timestamptz)
    ), inserted as (
      insert into participant (service_id, address, unit, cohort_id, created_at)
      select ${serviceId}, address, unit, cohort, at from accepted
      on conflict (service_id, lower(address)) do update set cohort_id = coalesce(participant.cohort_id, excluded.cohort_id)
      returning id, unit, lower(address) as address
    ), person as (
      select i.id, i.unit, a.id as invitation, a.nonce, a.device, a.at
      from inserted i join accepted a on lower(a.address) = i.address
    ), device as (
      insert into participant_device (participant_id, name, since)
      select id, device, at from person
      where (select count(*) from participant_device d where d.participant_id = person.id) < ${mostDevices}
    ), accepting as (
      update invitation set state = 'accepted', accepted_at = person.at, participant_id = person.id,
        nonce_hash = decode(person.nonce, 'hex')
      from person where invitation.id = person.invitation
    ), chosen as (
      update choice set value = 'new', at = person.at from person
      where choice.service_id = ${serviceId} and choice.unit = person.unit
    ), lifted as (
      update removal set lifted_at = person.at from person
      where removal.service_id = ${serviceId} and removal.unit = person.unit and lifted_at is null
    ), admitted as (
      insert into admission (service_id, unit, rung, at, by_name, participant_id)
      select ${serviceId}, unit, 'invited', at, 'The person', id from person
      on conflict (service_id, unit) where left_at is null do nothing
    )
    select invitation as id, unit from person`.execute(tx)
  return new Map(rows.map(({ id, unit }) => [id, unit]))
}

export async function markRevoked(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update invitation set state = 'revoked' where id = ${id}`.execute(tx)
  await sql`update invitation_token set ended_at = ${at} where invitation_id = ${id} and ended_at is null`.execute(tx)
}

/** Sent again: a new life, with or without a place of its own. */
export async function renewInvitation(
  tx: Tx,
  id: string,
  to: { at: Date; expiresAt: Date; holdsPlace: boolean },
): Promise<void> {
  await sql`update invitation set state = 'sent', sent_at = ${to.at}, expires_at = ${to.expiresAt}, holds_place = ${to.holdsPlace},
    resent = resent + 1 where id = ${id}`.execute(tx)
}

/** Addresses that need no invitation: they are in, or hold an open one. */
export async function knownAddresses(
  tx: Tx,
  serviceId: string,
  addresses: readonly string[],
  at: Date,
): Promise<Map<string, 'in' | 'invited'>> {
  const lowered = addresses.map((address) => address.toLowerCase())
  const { rows } = await sql<{ address: string; how: 'in' | 'invited' }>`
    select lower(p.address) as address, 'in' as how from participant p
      join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
      where p.service_id = ${serviceId} and lower(p.address) = any(${lowered}::text[])
    union all
    select lower(address), 'invited' from invitation
      where service_id = ${serviceId} and state = 'sent' and expires_at > ${at} and lower(address) = any(${lowered}::text[])`.execute(
    tx,
  )
  return new Map(rows.map(({ address, how }) => [address, how]))
}

/** Invitations that ran out: to invite the same person again is to renew that one. */
export async function expiredInvitations(
  tx: Tx,
  serviceId: string,
  addresses: readonly string[],
  at: Date,
): Promise<Map<string, string>> {
  const lowered = addresses.map((address) => address.toLowerCase())
  const { rows } = await sql<{ address: string; id: string }>`select lower(address) as address, id from invitation
    where service_id = ${serviceId} and state = 'sent' and expires_at <= ${at} and lower(address) = any(${lowered}::text[])
    for update`.execute(tx)
  return new Map(rows.map(({ address, id }) => [address, id]))
}

const fewOpen = 5_000

/** Open ones first, then the newest. */
export async function invitations(db: Queryable, serviceId: string, at: Date, limit: number): Promise<Invitation[]> {
  const isOpen = sql`(i.state = 'sent' and i.expires_at > ${at})`
  // Each part ends after so many, so that nobody sorts all that were ever sent. A few open ones are found by when they run out;
  // of many, the newest are soon met in the order in which they were sent.
  const { rows } = await sql<Invitation>`with few as materialized (
      select i.id, i.sent_at from invitation i where i.service_id = ${serviceId} and i.state = 'sent'
        and i.expires_at > ${at} limit ${fewOpen + 1}
    ), are_few as materialized (select count(*) <= ${fewOpen} as yes from few)
    select ${columns(at)} from invitation i join (
      (select f.id from few f where (select yes from are_few) order by f.sent_at desc, f.id limit ${limit})
      union all
      (select i.id from invitation i where i.service_id = ${serviceId} and i.state = 'sent' and i.expires_at > ${at}
        and not (select yes from are_few) order by i.sent_at desc, i.id limit ${limit})
      union all
      (select i.id from invitation i where i.service_id = ${serviceId} and not ${isOpen}
        order by i.sent_at desc, i.id limit ${limit})
    ) as shown on shown.id = i.id
    order by ${isOpen} desc, i.sent_at desc, i.id limit ${limit}`.execute(db)
  return rows
}

/** All of them by id, a page at a time. */
export async function invitationsAfter(
  db: Queryable,
  serviceId: string,
  at: Date,
  page: { after: string | null; limit: number },
): Promise<Invitation[]> {
  const { rows } = await sql<Invitation>`select ${columns(at)} from invitation i
    where i.service_id = ${serviceId} and (${page.after}::uuid is null or i.id > ${page.after}::uuid)
    order by i.id limit ${page.limit}`.execute(db)
  return rows
}

export async function invitationOf(
  db: Queryable,
  serviceId: string,
  address: string,
  at: Date,
): Promise<Invitation | null> {
  const { rows } = await sql<Invitation>`select ${columns(at)} from invitation i
    where i.service_id = ${serviceId} and lower(i.address) = lower(${address}) order by i.sent_at desc limit 1`.execute(
    db,
  )
  return rows[0] ?? null
}

// The waiting list

export async function markInvited(tx: Tx, serviceId: string, addresses: readonly string[], at: Date): Promise<void> {
  const lowered = addresses.map((address) => address.toLowerCase())
  await sql`update waiting set invited_at = ${at}
    where service_id = ${serviceId} and invited_at is null and lower(address) = any(${lowered}::text[])`.execute(tx)
}
