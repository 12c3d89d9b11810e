import { sql } from 'kysely'
import type { Queryable, Tx } from '../../context.ts'
import type { Known } from './rules.ts'

export type Purpose = 'sign-in' | 'add' | 'confirm'

export interface Attempt {
  purpose: Purpose
  accountId: string | null
  returnTo: string
  createdAt: Date
}

export async function insertAttempt(
  tx: Queryable,
  attempt: Omit<Attempt, 'createdAt'> & { stateHash: Buffer; browserHash: Buffer; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`delete from oidc_attempt where expires_at < ${attempt.at}`.execute(tx)
  await sql`insert into oidc_attempt (state_hash, browser_hash, purpose, account_id, return_to, created_at, expires_at)
    values (${attempt.stateHash}, ${attempt.browserHash}, ${attempt.purpose}, ${attempt.accountId}, ${attempt.returnTo},
      ${attempt.at}, ${attempt.expiresAt})`.execute(tx)
}

/** Of any number of answers to it, one gets the attempt; and only in the browser where it began. */
export async function takeAttempt(
  tx: Queryable,
  stateHash: Buffer,
  browserHash: Buffer,
  at: Date,
): Promise<Attempt | null> {
  const { rows } = await sql<Attempt>`delete from oidc_attempt
    where state_hash = ${stateHash} and browser_hash = ${browserHash} and expires_at > ${at}
    returning purpose, account_id as "accountId", return_to as "returnTo", created_at as "createdAt"`.execute(tx)
  return rows[0] ?? null
}

export interface Identity {
  issuer: string
  subject: string
  email: string | null
  addedAt: Date
  usedAt: Date | null
}

const identityColumns = sql.raw('issuer, subject, email, added_at as "addedAt", used_at as "usedAt"')

export async function identitiesOf(db: Queryable, accountId: string): Promise<Identity[]> {
  const { rows } = await sql<Identity>`select ${identityColumns} from oidc_identity
    where account_id = ${accountId} order by added_at`.execute(db)
  return rows
}

/** Closed accounts too: their addresses are taken, and nobody gets in by them. */
export async function readKnown(
  db: Queryable,
  who: { issuer: string; subject: string; email: string | null },
): Promise<Known> {
  const identity = await sql<{ accountId: string; isOpen: boolean }>`
    select a.id as "accountId", a.disabled_at is null as "isOpen"
    from oidc_identity i join account a on a.id = i.account_id
    where i.issuer = ${who.issuer} and i.subject = ${who.subject}`.execute(db)
  const email = await sql<{ accountId: string; isOpen: boolean }>`
    select id as "accountId", disabled_at is null as "isOpen" from account
    where lower(email) = lower(${who.email}::text)`.execute(db)
  return { byIdentity: identity.rows[0] ?? null, byEmail: email.rows[0] ?? null }
}

/** False where it is somebody's already. */
export async function insertIdentity(
  tx: Tx,
  identity: { issuer: string; subject: string; accountId: string; email: string | null; at: Date },
): Promise<boolean> {
  const { rows } = await sql`insert into oidc_identity (issuer, subject, account_id, email, added_at)
    values (${identity.issuer}, ${identity.subject}, ${identity.accountId}, ${identity.email}, ${identity.at})
    on conflict do nothing returning 1 as one`.execute(tx)
  return rows.length === 1
}

export async function touchIdentity(tx: Tx, who: { issuer: string; subject: string }, at: Date): Promise<void> {
  await sql`update oidc_identity set used_at = ${at} where issuer = ${who.issuer} and subject = ${who.subject}`.execute(
    tx,
  )
}

export async function deleteIdentity(tx: Tx, accountId: string, issuer: string, subject: string): Promise<boolean> {
  const { rows } = await sql`delete from oidc_identity
    where account_id = ${accountId} and issuer = ${issuer} and subject = ${subject} returning 1 as one`.execute(tx)
  return rows.length === 1
}

export interface Unproven {
  issuer: string
  subject: string
  email: string
  accountId: string
}

const unprovenColumns = sql.raw('issuer, subject, email, account_id as "accountId"')

export async function putUnproven(
  tx: Queryable,
  unproven: Unproven & { browserHash: Buffer; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`delete from oidc_unproven where expires_at < ${unproven.at}`.execute(tx)
  await sql`insert into oidc_unproven (browser_hash, issuer, subject, email, account_id, expires_at)
    values (${unproven.browserHash}, ${unproven.issuer}, ${unproven.subject}, ${unproven.email}, ${unproven.accountId},
      ${unproven.expiresAt})
    on conflict (browser_hash) do update set issuer = excluded.issuer, subject = excluded.subject,
      email = excluded.email, account_id = excluded.account_id, token_hash = null, expires_at = excluded.expires_at`.execute(
    tx,
  )
}

export async function findUnproven(db: Queryable, browserHash: Buffer, at: Date): Promise<Unproven | null> {
  const { rows } = await sql<Unproven>`select ${unprovenColumns} from oidc_unproven
    where browser_hash = ${browserHash} and expires_at > ${at}`.execute(db)
  return rows[0] ?? null
}

export async function setProofToken(tx: Tx, browserHash: Buffer, tokenHash: Buffer): Promise<void> {
  await sql`update oidc_unproven set token_hash = ${tokenHash} where browser_hash = ${browserHash}`.execute(tx)
}

/** The mailed link in the browser where the sign-in began; anywhere else it is nothing. */
export async function findProof(
  db: Queryable,
  tokenHash: Buffer,
  browserHash: Buffer,
  at: Date,
): Promise<Unproven | null> {
  const { rows } = await sql<Unproven>`select ${unprovenColumns} from oidc_unproven
    where token_hash = ${tokenHash} and browser_hash = ${browserHash} and expires_at > ${at}`.execute(db)
  return rows[0] ?? null
}

export async function takeProof(tx: Tx, tokenHash: Buffer, browserHash: Buffer, at: Date): Promise<Unproven | null> {
  const { rows } = await sql<Unproven>`delete from oidc_unproven
    where token_hash = ${tokenHash} and browser_hash = ${browserHash} and expires_at > ${at}
    returning ${unprovenColumns}`.execute(tx)
  return rows[0] ?? null
}

/** ACC-26: the person showed the issuer who they are, for this session. */
export async function putConfirmation(db: Queryable, sessionId: string, at: Date): Promise<void> {
  await sql`insert into oidc_confirmation (session_id, confirmed_at) values (${sessionId}, ${at})
    on conflict (session_id) do update set confirmed_at = excluded.confirmed_at`.execute(db)
}

/** Once: what was shown for one act says nothing about the next. */
export async function takeConfirmation(db: Queryable, sessionId: string, since: Date): Promise<boolean> {
  const { rows } = await sql`delete from oidc_confirmation
    where session_id = ${sessionId} and confirmed_at >= ${since} returning 1 as one`.execute(db)
  return rows.length === 1
}
