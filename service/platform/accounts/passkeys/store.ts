import { sql } from 'kysely'
import type { Queryable, Tx } from '../../context.ts'

export interface Passkey {
  id: string
  accountId: string
  publicKey: Buffer
  counter: number
  transports: string[]
  name: string
  addedAt: Date
  usedAt: Date | null
}

const columns = sql.raw(
  'id, account_id as "accountId", public_key as "publicKey", counter::float8 as counter, transports, name, added_at as "addedAt", used_at as "usedAt"',
)

export async function passkeysOf(db: Queryable, accountId: string): Promise<Passkey[]> {
  const { rows } = await sql<Passkey>`select ${columns} from passkey
    where account_id = ${accountId} order by added_at, id`.execute(db)
  return rows
}

export async function findPasskey(db: Queryable, id: string): Promise<Passkey | null> {
  const { rows } = await sql<Passkey>`select ${columns} from passkey where id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** False where this very passkey is there already. */
export async function insertPasskey(tx: Tx, passkey: Omit<Passkey, 'usedAt'>): Promise<boolean> {
  const { id, accountId, publicKey, counter, transports, name, addedAt } = passkey
  const { rows } = await sql`insert into passkey (id, account_id, public_key, counter, transports, name, added_at)
    values (${id}, ${accountId}, ${publicKey}, ${counter}, ${transports}::text[], ${name}, ${addedAt})
    on conflict do nothing returning 1 as one`.execute(tx)
  return rows.length === 1
}

/** ACC-33: false where the device's counter did not go on, though it counts: of two copies one is stopped. */
export async function countUse(tx: Queryable, id: string, counter: number, at: Date): Promise<boolean> {
  const { rows } = await sql`update passkey set counter = ${counter}, used_at = ${at}
    where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter} = 0)) returning 1 as one`.execute(tx)
  return rows.length === 1
}

export async function deletePasskey(tx: Tx, accountId: string, id: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`delete from passkey
    where id = ${id} and account_id = ${accountId} returning name`.execute(tx)
  return rows[0]?.name ?? null
}

export type ChallengePurpose = 'sign-in' | 'add' | 'confirm'

export async function insertChallenge(
  db: Queryable,
  challenge: { hash: Buffer; purpose: ChallengePurpose; holderHash: Buffer; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`delete from passkey_challenge where expires_at < ${challenge.at}`.execute(db)
  await sql`insert into passkey_challenge (challenge_hash, purpose, holder_hash, expires_at)
    values (${challenge.hash}, ${challenge.purpose}, ${challenge.holderHash}, ${challenge.expiresAt})`.execute(db)
}

/** Of any number of answers, one gets it. */
export async function takeChallenge(
  db: Queryable,
  challenge: { hash: Buffer; purpose: ChallengePurpose; holderHash: Buffer; at: Date },
): Promise<boolean> {
  const { rows } = await sql`delete from passkey_challenge
    where challenge_hash = ${challenge.hash} and purpose = ${challenge.purpose}
      and holder_hash = ${challenge.holderHash} and expires_at > ${challenge.at} returning 1 as one`.execute(db)
  return rows.length === 1
}
