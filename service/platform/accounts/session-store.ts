import { sql } from 'kysely'
import type { Queryable, Tx } from '../context.ts'

export interface SessionRow {
  sessionId: string
  accountId: string
  name: string
  email: string
  installation: 'owner' | 'member'
  createdAt: Date
  seenAt: Date
  expiresAt: Date
  confirmedAt: Date | null
}

export interface NewSession {
  hash: Buffer
  accountId: string
  stamp: number
  device: string
  way: string
  at: Date
  confirmedAt: Date | null
  expiresAt: Date
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  const { hash, accountId, stamp, device, way, at, confirmedAt, expiresAt } = session
  await sql`insert into session
      (token_hash, account_id, stamp, device, way, created_at, seen_at, confirmed_at, expires_at)
    values (${hash}, ${accountId}, ${stamp}, ${device}, ${way}, ${at}, ${at}, ${confirmedAt}, ${expiresAt})`.execute(tx)
}

/** ACC-2: a session whose stamp is not its account's any more is none. */
export async function findSession(db: Queryable, hash: Buffer, at: Date): Promise<SessionRow | null> {
  const { rows } = await sql<SessionRow>`
    select s.id as "sessionId", a.id as "accountId", a.name, a.email, a.installation, s.created_at as "createdAt",
           s.seen_at as "seenAt", s.expires_at as "expiresAt", s.confirmed_at as "confirmedAt"
    from session s join account a on a.id = s.account_id and a.stamp = s.stamp
    where s.token_hash = ${hash} and s.expires_at > ${at} and a.disabled_at is null`.execute(db)
  return rows[0] ?? null
}

export async function touchSession(
  db: Queryable,
  session: { sessionId: string; accountId: string },
  at: Date,
  expiresAt: Date,
): Promise<void> {
  await sql`update session set seen_at = ${at}, expires_at = ${expiresAt} where id = ${session.sessionId}`.execute(db)
  await touchAccount(db, session.accountId, at)
}

export async function touchAccount(db: Queryable, accountId: string, at: Date): Promise<void> {
  await sql`update account set seen_at = ${at} where id = ${accountId}`.execute(db)
}

/** The same session under a new secret: the old one is dead. */
export async function replaceSecret(tx: Tx, sessionId: string, hash: Buffer): Promise<void> {
  await sql`update session set token_hash = ${hash} where id = ${sessionId}`.execute(tx)
}

export async function deleteSession(db: Queryable, accountId: string, sessionId: string): Promise<boolean> {
  const { rows } =
    await sql`delete from session where id = ${sessionId} and account_id = ${accountId} returning 1 as one`.execute(db)
  return rows.length === 1
}

/** Ends every session of the account but the named one, also those that are being opened just now. */
export async function endSessionsInStore(tx: Tx, accountId: string, but: string | null): Promise<void> {
  await sql`update account set stamp = stamp + 1 where id = ${accountId}`.execute(tx)
  await sql`delete from session where account_id = ${accountId} and id is distinct from ${but}::uuid`.execute(tx)
  await sql`update session set stamp = (select stamp from account where id = ${accountId})
    where account_id = ${accountId}`.execute(tx)
}

export interface OwnSession {
  id: string
  device: string
  way: string
  createdAt: Date
  seenAt: Date
}

export async function sessionsOf(db: Queryable, accountId: string, at: Date): Promise<OwnSession[]> {
  const { rows } = await sql<OwnSession>`
    select s.id, s.device, s.way, s.created_at as "createdAt", s.seen_at as "seenAt"
    from session s join account a on a.id = s.account_id and a.stamp = s.stamp
    where s.account_id = ${accountId} and s.expires_at > ${at} order by s.seen_at desc, s.id`.execute(db)
  return rows
}

export async function dropEndedSessions(db: Queryable, at: Date): Promise<void> {
  await sql`delete from session where expires_at <= ${at}`.execute(db)
}

// Confirmation

export async function setConfirmed(db: Queryable, sessionId: string, at: Date): Promise<void> {
  await sql`update session set confirmed_at = ${at}, code_hash = null, code_until = null, code_tries = 0
    where id = ${sessionId}`.execute(db)
}

export async function setCode(tx: Tx, sessionId: string, hash: Buffer, until: Date): Promise<void> {
  await sql`update session set code_hash = ${hash}, code_until = ${until}, code_tries = 0
    where id = ${sessionId}`.execute(tx)
}

/** Counts the try before it looks, so that many at once are not more tries than one after the other. */
export async function tryCode(
  db: Queryable,
  sessionId: string,
  hash: Buffer,
  at: Date,
  most: number,
): Promise<boolean> {
  const { rows } = await sql<{ isRight: boolean }>`update session set code_tries = code_tries + 1
    where id = ${sessionId} and code_until > ${at} and code_tries < ${most}
    returning code_hash = ${hash} as "isRight"`.execute(db)
  return rows[0]?.isRight ?? false
}
