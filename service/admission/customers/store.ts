import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import type { Customer } from './customers.ts'

const columns = (at: Date) => sql`c.id, c.name, c.external_id as "externalId", c.people,
  (select count(*)::int from participant p join admission a on a.service_id = p.service_id and a.unit = p.unit
    and a.left_at is null where p.customer_account_id = c.id) as taken,
  c.made_at as "madeAt", c.made_by as "madeBy", c.expires_at as "expiresAt",
  case when c.token_hash is null then 'none' when c.revoked_at is not null then 'revoked'
    when c.expires_at <= ${at} then 'expired' else 'open' end as link`

export async function customersOf(db: Queryable, serviceId: string, at: Date): Promise<Customer[]> {
  const { rows } = await sql<Customer>`select ${columns(at)} from customer_account c where c.service_id = ${serviceId}
    order by c.name, c.id limit 5000`.execute(db)
  return rows
}

export async function findCustomer(db: Queryable, serviceId: string, id: string, at: Date): Promise<Customer | null> {
  const { rows } = await sql<Customer>`select ${columns(at)} from customer_account c
    where c.service_id = ${serviceId} and c.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function customerByToken(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<Customer | null> {
  const { rows } = await sql<Customer>`select ${columns(at)} from customer_account c
    where c.service_id = ${serviceId} and c.token_hash = ${tokenHash}`.execute(db)
  return rows[0] ?? null
}

/** ADM-60: whoever holds the row counts its people; the others wait. */
export async function lockCustomer(tx: Tx, id: string): Promise<void> {
  await sql`select id from customer_account where id = ${id} for update`.execute(tx)
}

/** Null where an account has this name. */
export async function insertCustomer(
  tx: Tx,
  customer: {
    serviceId: string
    name: string
    externalId: string | null
    people: number | null
    at: Date
    by: string
    link: { tokenHash: Buffer; expiresAt: Date } | null
  },
): Promise<string | null> {
  const { rows } = await sql<{
    id: string
  }>`insert into customer_account (service_id, name, external_id, people, made_at,
      made_by, token_hash, expires_at)
    values (${customer.serviceId}, ${customer.name}, ${customer.externalId}, ${customer.people}, ${customer.at},
      ${customer.by}, ${customer.link?.tokenHash ?? null}, ${customer.link?.expiresAt ?? null})
    on conflict do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** A new link: the one before it ends. */
export async function renewCustomerLink(
  tx: Tx,
  id: string,
  { tokenHash, expiresAt }: { tokenHash: Buffer; expiresAt: Date },
): Promise<void> {
  await sql`update customer_account set token_hash = ${tokenHash}, expires_at = ${expiresAt}, revoked_at = null
    where id = ${id}`.execute(tx)
}

export async function revokeCustomerLink(tx: Tx, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update customer_account set revoked_at = ${at}
    where id = ${id} and token_hash is not null and revoked_at is null returning id`.execute(tx)
  return rows.length === 1
}

export async function setAccountOf(tx: Tx, participantId: string, customerId: string): Promise<void> {
  await sql`update participant set customer_account_id = ${customerId} where id = ${participantId}`.execute(tx)
}

/**
 * ADM-27: the account that an application means: by its own id, else, of those that have no id yet, by its name or as the one that
 * invited the person, which the team may have called otherwise.
 */
export async function findCustomerFor(
  tx: Tx,
  serviceId: string,
  { id, name, participantId }: { id: string; name: string; participantId: string },
): Promise<{ id: string; people: number | null } | null> {
  const { rows } = await sql<{ id: string; people: number | null }>`select id, people from customer_account
    where service_id = ${serviceId} and (external_id = ${id} or (external_id is null and (lower(name) = lower(${name})
      or id = (select customer_account_id from participant where id = ${participantId}))))
    order by external_id nulls last, lower(name) <> lower(${name}) limit 1 for update`.execute(tx)
  return rows[0] ?? null
}

export async function setExternalId(tx: Tx, id: string, externalId: string): Promise<void> {
  await sql`update customer_account set external_id = ${externalId} where id = ${id}`.execute(tx)
}

/** People of the account who are in, but for one. */
export async function countPeople(tx: Tx, customerId: string, besides: string | null): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from participant p
      join admission a on a.service_id = p.service_id and a.unit = p.unit and a.left_at is null
    where p.customer_account_id = ${customerId} and p.id is distinct from ${besides}::uuid`.execute(tx)
  return rows[0]?.n ?? 0
}

// Who was sent the link of an account, to pass it on

export async function insertContact(
  tx: Tx,
  contact: { tokenHash: Buffer; customerId: string; address: string; at: Date },
): Promise<void> {
  await sql`insert into customer_contact (token_hash, customer_account_id, address, sent_at)
    values (${contact.tokenHash}, ${contact.customerId}, ${contact.address}, ${contact.at})`.execute(tx)
}

/** With `lock`, the second of two presses waits for the first. */
export async function contactByToken(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  options: { lock?: boolean } = {},
): Promise<{ customerId: string; name: string; address: string } | null> {
  const { rows } = await sql<{ customerId: string; name: string; address: string }>`
    select c.id as "customerId", c.name, k.address from customer_contact k
      join customer_account c on c.id = k.customer_account_id
    where k.token_hash = ${tokenHash} and c.service_id = ${serviceId} ${options.lock ? sql`for update of k` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

/** Accounts with a link that works and was sent to this address. */
export async function accountsThrough(db: Queryable, serviceId: string, address: string, at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct c.id from customer_contact k
      join customer_account c on c.id = k.customer_account_id
    where c.service_id = ${serviceId} and lower(k.address) = lower(${address})
      and c.revoked_at is null and c.expires_at > ${at}`.execute(db)
  return rows.map(({ id }) => id)
}

// Who accepted for an account

export async function unitOfAcceptance(tx: Tx, nonceHash: Buffer, since: Date): Promise<string | null> {
  const { rows } = await sql<{ unit: string }>`select p.unit from account_acceptance a
    join participant p on p.id = a.participant_id where a.nonce_hash = ${nonceHash} and a.at >= ${since}`.execute(tx)
  return rows[0]?.unit ?? null
}

export async function insertAcceptance(
  tx: Tx,
  { nonceHash, participantId, at }: { nonceHash: Buffer; participantId: string; at: Date },
): Promise<void> {
  await sql`insert into account_acceptance (nonce_hash, participant_id, at)
    values (${nonceHash}, ${participantId}, ${at})`.execute(tx)
}
