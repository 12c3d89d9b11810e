import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'

export const suppressionReasons = ['declined', 'left', 'erased', 'bounced', 'asked'] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

/** Somebody who is not invited again. */
export interface Suppressed {
  id: string
  /** Null for a person who was erased: nothing but a keyed hash is left. */
  address: string | null
  reason: SuppressionReason
  at: Date
  by: string
}

const columns = sql.raw(`id, address, reason, at, by_name as by`)

export async function insertSuppression(
  tx: Tx,
  entry: { serviceId: string; mac: Buffer; address: string | null; reason: SuppressionReason; at: Date; by: string },
): Promise<boolean> {
  const { rows } = await sql<{ isNew: boolean }>`
    insert into suppression (service_id, address_mac, address, reason, at, by_name)
    values (${entry.serviceId}, ${entry.mac}, ${entry.address}, ${entry.reason}, ${entry.at}, ${entry.by})
    on conflict (service_id, address_mac) do update set address = excluded.address, reason = excluded.reason, at = excluded.at,
      by_name = excluded.by_name
    returning (xmax = 0) as "isNew"`.execute(tx)
  return rows[0]?.isNew ?? false
}

export async function deleteSuppressions(tx: Tx, serviceId: string, macs: readonly Buffer[]): Promise<number> {
  const { rows } = await sql`delete from suppression
    where service_id = ${serviceId} and address_mac in (${sql.join(macs)}) returning id`.execute(tx)
  return rows.length
}

export async function deleteSuppression(tx: Tx, serviceId: string, id: string): Promise<Suppressed | null> {
  const { rows } = await sql<Suppressed>`delete from suppression where service_id = ${serviceId} and id = ${id}
    returning ${columns}`.execute(tx)
  return rows[0] ?? null
}

/** Which of these hashes stand on the list, as hex. */
export async function suppressedAmong(
  db: Queryable,
  serviceId: string,
  macs: readonly string[],
): Promise<Map<string, SuppressionReason>> {
  if (macs.length === 0) return new Map()
  const { rows } = await sql<{ mac: string; reason: SuppressionReason }>`
    select encode(address_mac, 'hex') as mac, reason from suppression where service_id = ${serviceId}
      and address_mac in (select decode(mac, 'hex') from unnest(${[...macs]}::text[]) as asked (mac))`.execute(db)
  return new Map(rows.map(({ mac, reason }) => [mac, reason]))
}

/** Services that wait for an answer of this address, or for its passing a link on. */
export async function servicesInviting(db: Queryable, address: string, at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select service_id as id from invitation
      where lower(address) = lower(${address}) and state = 'sent' and expires_at > ${at}
    union select c.service_id from customer_contact k join customer_account c on c.id = k.customer_account_id
      where lower(k.address) = lower(${address}) and c.revoked_at is null and c.expires_at > ${at}`.execute(db)
  return rows.map(({ id }) => id)
}

/** An invitation that reached nobody: its place is free. */
export async function revokeUnreached(tx: Tx, serviceId: string, address: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update invitation set state = 'revoked'
    where service_id = ${serviceId} and lower(address) = lower(${address}) and state = 'sent' returning id`.execute(tx)
  return rows.map(({ id }) => id)
}

export async function countSuppressed(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from suppression where service_id = ${serviceId}`.execute(db)
  return rows[0]?.n ?? 0
}

export async function listSuppressed(db: Queryable, serviceId: string, limit: number): Promise<Suppressed[]> {
  const { rows } = await sql<Suppressed>`select ${columns} from suppression where service_id = ${serviceId}
    order by at desc, id limit ${limit}`.execute(db)
  return rows
}
