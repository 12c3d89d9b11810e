import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'

export interface StoredKey {
  kid: string
  secret: string
}

export async function readSigningKeys(db: Queryable): Promise<StoredKey[]> {
  const { rows } =
    await sql<StoredKey>`select kid, secret from signing_key order by created_at desc, kid desc limit 2`.execute(db)
  return rows
}

export async function newestSigningKeyAt(db: Queryable): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(created_at) as at from signing_key`.execute(db)
  return rows[0]?.at ?? null
}

/** Two stand at a time; the one before the last goes. */
export async function insertSigningKey(tx: Tx, key: StoredKey, at: Date): Promise<void> {
  await sql`insert into signing_key (kid, secret, created_at) values (${key.kid}, ${key.secret}, ${at})`.execute(tx)
  await sql`delete from signing_key where kid not in (select kid from signing_key order by created_at desc, kid desc limit 2)`.execute(
    tx,
  )
}

export async function lockSigningKeys(tx: Tx): Promise<void> {
  await sql`lock table signing_key in share row exclusive mode`.execute(tx)
}
