import type { Clock } from '../clock.ts'
import type { Actor, Db, KeyKind } from '../context.ts'
import { hashSecret } from './secrets.ts'
import { findKey, touchKey, type FoundKey } from './key-store.ts'

type KeyActor = Extract<Actor, { kind: 'key' }>

/** Keys by their secret: those of this process (in memory, valid with the database away) and those in the database. */
export interface KeyRing {
  /** A key that lives as long as the process: PHASEGATE_ADMIN_KEY, the gateway in this process, the example's set-up. */
  hold(secret: string, key: { name: string; kind: KeyKind }): void
  find(db: Db, clock: Clock, secret: string): Promise<KeyActor | null>
  /** A key that is held, or was read in the last 15 minutes, without the database. */
  recent(clock: Clock, secret: string): KeyActor | null
  forget(keyId: string): void
}

// Below a second, so that a revoked key is dead within one also where the news got lost (ACC-3).
const freshMs = 500
const usedMs = 60_000
const recentMs = 15 * 60_000

export function createKeyRing(): KeyRing {
  const held = new Map<string, KeyActor>()
  const read = new Map<string, { key: KeyActor; endsAt: number; readAt: number }>()
  let forgotten = 0
  const id = (secret: string) => hashSecret(secret).toString('base64url')
  return {
    hold(secret, { name, kind }) {
      held.set(id(secret), {
        kind: 'key',
        keyId: `held:${name}`,
        name,
        keyKind: kind,
        service: null,
        madeAt: new Date(0),
        endsAt: null,
        permissions: null,
        origins: null,
      })
    },
    recent(clock, secret) {
      const own = held.get(id(secret))
      if (own) return own
      const known = read.get(id(secret))
      const now = clock.now().getTime()
      return known && Math.abs(now - known.readAt) < recentMs && now < known.endsAt ? known.key : null
    },
    async find(db, clock, secret) {
      const own = held.get(id(secret))
      if (own) return own
      const known = read.get(id(secret))
      const now = clock.now().getTime()
      if (known && Math.abs(now - known.readAt) < freshMs && now < known.endsAt) return known.key
      const before = forgotten
      const row = await findKey(db, hashSecret(secret), clock.now())
      if (row === null) {
        read.delete(id(secret))
        return null
      }
      if (Math.abs(now - (row.lastUsedAt?.getTime() ?? 0)) >= usedMs) await touchKey(db, row.id, clock.now())
      const key = actorOf(row)
      if (read.size > 10_000) read.clear()
      if (before === forgotten) read.set(id(secret), { key, endsAt: row.endsAt?.getTime() ?? Infinity, readAt: now })
      return key
    },
    forget(keyId) {
      forgotten += 1
      for (const [secret, { key }] of read) if (key.keyId === keyId) read.delete(secret)
    },
  }
}

function actorOf({ id, name, kind, serviceId, createdAt, ...key }: FoundKey): KeyActor {
  const { endsAt, permissions, origins } = key
  const of = { keyId: id, name, keyKind: kind, service: serviceId }
  return { kind: 'key', ...of, madeAt: createdAt, endsAt, permissions, origins }
}
