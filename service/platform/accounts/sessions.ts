import { announceRights } from '../act.ts'
import type { Clock } from '../clock.ts'
import type { Context, Db, Tx } from '../context.ts'
import { hashSecret, newSecret } from './secrets.ts'
import {
  deleteSession,
  endSessionsInStore,
  findSession,
  insertSession,
  replaceSecret,
  touchAccount,
  touchSession,
  type SessionRow,
} from './session-store.ts'

export const sessionCookie = 'phasegate_session'
export const idleDays = 14
const longestDays = 30
const day = 86_400_000

/** ACC-4: ends when nobody used it for 14 days, and 30 days after it began in any case. */
export function endOf(createdAt: Date, usedAt: Date): Date {
  return new Date(Math.min(usedAt.getTime() + idleDays * day, createdAt.getTime() + longestDays * day))
}

export interface SignedIn {
  accountId: string
  /** As it was when the password, the link or the key was looked at: what changed meanwhile ends the session (ACC-2). */
  stamp: number
  way: 'password' | 'link' | 'passkey' | 'provider'
  /** In a few words: deviceOf(user-agent). */
  device: string
  /** When the person showed it, where that is not now: an issuer may have seen them long ago, or not say when (ACC-26). */
  shownAt?: Date | null
}

/** ACC-1: always a new secret, shown once; the session that the browser came with is dead. */
export async function openSession(ctx: Context, tx: Tx, signedIn: SignedIn): Promise<string> {
  const token = newSecret()
  const at = ctx.clock.now()
  // The account before its sessions, in the order of endSessionsInStore: so the two never wait for each other.
  await touchAccount(tx, signedIn.accountId, at)
  if (ctx.actor.kind === 'account') await endSession(tx, ctx.actor.accountId, ctx.actor.sessionId)
  await insertSession(tx, {
    ...signedIn,
    hash: hashSecret(token),
    at,
    confirmedAt: signedIn.shownAt === undefined ? at : signedIn.shownAt,
    expiresAt: endOf(at, at),
  })
  return token
}

/** Signing out, here or of another device. */
export async function endSession(tx: Tx, accountId: string, sessionId: string): Promise<boolean> {
  const ended = await deleteSession(tx, accountId, sessionId)
  await announceRights(tx, { kind: 'account', id: accountId })
  return ended
}

/** ACC-3: what the sessions of this account rested on changed. They end; the one that acts stays, if it is its own. */
export async function endOtherSessions(ctx: Context, tx: Tx, accountId: string): Promise<void> {
  const own = ctx.actor.kind === 'account' && ctx.actor.accountId === accountId ? ctx.actor.sessionId : null
  await endSessionsInStore(tx, accountId, own)
  await announceRights(tx, { kind: 'account', id: accountId })
}

/** The acting session goes on under a new secret. */
export async function renewSession(tx: Tx, sessionId: string): Promise<string> {
  const token = newSecret()
  await replaceSecret(tx, sessionId, hashSecret(token))
  return token
}

/**
 * Sessions seen lately, in memory: pages need one look-up less, and a halt can be authorised while the database is away.
 */
export interface SessionCache {
  find(db: Db, clock: Clock, token: string): Promise<SessionRow | null>
  /** The session if it was seen in the last 15 minutes, without the database. */
  recent(clock: Clock, token: string): SessionRow | null
  forget(accountId: string): void
}

// Below a second, so that an ended session is dead within one also where the news of its end got lost (ACC-3).
const freshMs = 500
const recentMs = 15 * 60_000

export function createSessionCache(): SessionCache {
  const seen = new Map<string, { row: SessionRow; readAt: number }>()
  let forgotten = 0
  return {
    async find(db, clock, token) {
      const now = clock.now()
      const id = hashSecret(token).toString('base64url')
      const known = seen.get(id)
      const age = known === undefined ? Infinity : now.getTime() - known.readAt
      if (known && age >= 0 && age < freshMs && known.row.expiresAt > now) return known.row
      const before = forgotten
      const row = await findSession(db, hashSecret(token), now)
      if (row === null) {
        seen.delete(id)
        return null
      }
      if (Math.abs(now.getTime() - row.seenAt.getTime()) > 60_000) {
        await touchSession(db, row, now, endOf(row.createdAt, now))
      }
      if (seen.size > 10_000) seen.clear()
      // What was read before somebody's rights changed is not worth keeping.
      if (before === forgotten) seen.set(id, { row: { ...row, seenAt: now }, readAt: now.getTime() })
      return row
    },
    recent(clock, token) {
      const known = seen.get(hashSecret(token).toString('base64url'))
      const now = clock.now().getTime()
      return known && now - known.readAt < recentMs && known.row.expiresAt.getTime() > now ? known.row : null
    },
    forget(accountId) {
      forgotten += 1
      for (const [id, { row }] of seen) if (row.accountId === accountId) seen.delete(id)
    },
  }
}
