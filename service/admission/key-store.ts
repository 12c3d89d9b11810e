import { sql } from 'kysely'
import type { Queryable, SecretBox, Tx } from '../platform/index.ts'

export interface StoredKey {
  kid: string
  secret: string
}

const purpose = 'signing-key'

/** ACC-13: sealed in the database, in clear only in memory and on the way to gateways. */
export async function readSigningKeys(db: Queryable, secrets: SecretBox): Promise<StoredKey[]> {
  const { rows } =
    await sql<StoredKey>`select kid, secret from signing_key order by created_at desc, kid desc limit 2`.execute(db)
  return rows.map(({ kid, secret }) => ({ kid, secret: secrets.open(purpose, secret) }))
}

/** What was stored in clear, or sealed with an older key, is sealed with the newest. */
export async function resealSigningKeys(tx: Tx, secrets: SecretBox): Promise<void> {
  const { rows } = await sql<StoredKey>`select kid, secret from signing_key`.execute(tx)
  for (const { kid, secret } of rows.filter((row) => !secrets.isCurrent(row.secret))) {
    const sealed = secrets.seal(purpose, secrets.open(purpose, secret))
    await sql`update signing_key set secret = ${sealed} where kid = ${kid}`.execute(tx)
  }
}

export async function newestSigningKeyAt(db: Queryable): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(created_at) as at from signing_key`.execute(db)
  return rows[0]?.at ?? null
}

/** Two stand at a time; the one before the last goes. */
export async function insertSigningKey(tx: Tx, secrets: SecretBox, key: StoredKey, at: Date): Promise<void> {
  const sealed = secrets.seal(purpose, key.secret)
  await sql`insert into signing_key (kid, secret, created_at) values (${key.kid}, ${sealed}, ${at})`.execute(tx)
  await sql`delete from signing_key where kid not in (select kid from signing_key order by created_at desc, kid desc limit 2)`.execute(
    tx,
  )
}

export async function lockSigningKeys(tx: Tx): Promise<void> {
  await sql`lock table signing_key in share row exclusive mode`.execute(tx)
}
