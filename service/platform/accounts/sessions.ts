import type { Context, Db, Tx } from '../context.ts'
import type { Clock } from '../clock.ts'
import { hashSecret, newSecret } from './secrets.ts'
import { deleteSessionsOf, findSession, insertSession, touchSession, type SessionRow } from './store.ts'

export const sessionCookie = 'phasegate_session'
export const sessionDays = 14
const day = 86_400_000

/** A new session; the cookie's value is shown once, only its hash is kept. */
export async function openSession(tx: Tx, clock: Clock, accountId: string): Promise<string> {
  const token = newSecret()
  const at = clock.now()
  await insertSession(tx, {
    hash: hashSecret(token),
    accountId,
    at,
    expiresAt: new Date(at.getTime() + sessionDays * day),
  })
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

const freshMs = 2_000
const recentMs = 15 * 60_000

export function createSessionCache(): SessionCache {
  const seen = new Map<string, { row: SessionRow; readAt: number }>()
  return {
    async find(db, clock, token) {
      const now = clock.now()
      const id = hashSecret(token).toString('base64url')
      const known = seen.get(id)
      if (
        known &&
        now.getTime() - known.readAt < freshMs &&
        now.getTime() >= known.readAt &&
        known.row.expiresAt > now
      ) {
        return known.row
      }
      const row = await findSession(db, hashSecret(token), now)
      if (row === null) {
        seen.delete(id)
        return null
      }
      if (now.getTime() - row.seenAt.getTime() > 60_000) {
        await touchSession(db, row.sessionId, now, new Date(now.getTime() + sessionDays * day))
      }
      if (seen.size > 10_000) seen.clear()
      seen.set(id, { row: { ...row, seenAt: now }, readAt: now.getTime() })
      return row
    },
    recent(clock, token) {
      const known = seen.get(hashSecret(token).toString('base64url'))
      const now = clock.now().getTime()
      return known && now - known.readAt < recentMs && known.row.expiresAt.getTime() > now ? known.row : null
    },
    forget(accountId) {
      for (const [id, { row }] of seen) if (row.accountId === accountId) seen.delete(id)
    },
  }
}

/** Password or membership changed: the other sessions of this account end. */
export async function endOtherSessions(ctx: Context, tx: Tx, accountId: string): Promise<void> {
  const own = ctx.actor.kind === 'account' && ctx.actor.accountId === accountId ? ctx.actor.sessionId : null
  await deleteSessionsOf(tx, accountId, own)
}
