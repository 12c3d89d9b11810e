import { sql } from 'kysely'
import { passDays } from '../../packages/admission/src/index.ts'
import type { Queryable, SecretBox, Tx } from '../platform/index.ts'

export interface StoredKey {
  kid: string
  secret: string
}

/** ADM-33: signed for all services until it was set aside. */
export interface SharedKey extends StoredKey {
  setAsideAt: Date
}

const purpose = 'signing-key'
/** Longer than a pass lives, by what the release before may have run beside this one. */
const sharedMs = (passDays + 30) * 86_400_000

/** ACC-13: sealed in the database, in clear in memory only. Newest first. */
export async function readRootKeys(db: Queryable, secrets: SecretBox): Promise<StoredKey[]> {
  const { rows } =
    await sql<StoredKey>`select kid, secret from root_key order by created_at desc, kid desc limit 2`.execute(db)
  return rows.map(({ kid, secret }) => ({ kid, secret: secrets.open(purpose, secret) }))
}

export async function readSharedKeys(db: Queryable, secrets: SecretBox, now: Date): Promise<SharedKey[]> {
  const { rows } = await sql<SharedKey>`select kid, secret, set_aside_at as "setAsideAt" from signing_key
    where set_aside_at > ${since(now)} order by created_at desc, kid desc`.execute(db)
  return rows.map((row) => ({ ...row, secret: secrets.open(purpose, row.secret) }))
}

/** What was stored in clear, or sealed with an older key, is sealed with the newest. */
export async function resealSigningKeys(tx: Tx, secrets: SecretBox): Promise<void> {
  for (const table of [sql.table('root_key'), sql.table('signing_key')]) {
    const { rows } = await sql<StoredKey>`select kid, secret from ${table}`.execute(tx)
    for (const { kid, secret } of rows.filter((row) => !secrets.isCurrent(row.secret))) {
      const sealed = secrets.seal(purpose, secrets.open(purpose, secret))
      await sql`update ${table} set secret = ${sealed} where kid = ${kid}`.execute(tx)
    }
  }
}

export async function newestRootKeyAt(db: Queryable): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(created_at) as at from root_key`.execute(db)
  return rows[0]?.at ?? null
}

/** Two stand at a time; the one before the last goes, and so do shared ones whose time is over. */
export async function insertRootKey(tx: Tx, secrets: SecretBox, key: StoredKey, at: Date): Promise<void> {
  const sealed = secrets.seal(purpose, key.secret)
  await sql`insert into root_key (kid, secret, created_at) values (${key.kid}, ${sealed}, ${at})`.execute(tx)
  await sql`delete from root_key where kid not in (select kid from root_key order by created_at desc, kid desc limit 2)`.execute(
    tx,
  )
  await sql`delete from signing_key where set_aside_at <= ${since(at)}`.execute(tx)
}

export async function lockRootKeys(tx: Tx): Promise<void> {
  await sql`lock table root_key in share row exclusive mode`.execute(tx)
}

function since(now: Date): Date {
  return new Date(now.getTime() - sharedMs)
}
