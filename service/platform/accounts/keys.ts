import type { Clock } from '../clock.ts'
import type { Actor, Db, KeyKind } from '../context.ts'
import { hashSecret } from './secrets.ts'
import { findKey } from './store.ts'

type KeyActor = Extract<Actor, { kind: 'key' }>

/** Keys by their secret: those of this process (in memory, valid with the database away) and those in the database. */
export interface KeyRing {
  /** A key that lives as long as the process: PHASEGATE_ADMIN_KEY, the gateway in this process, the example's set-up. */
  hold(secret: string, key: { name: string; kind: KeyKind }): void
  find(db: Db, clock: Clock, secret: string): Promise<KeyActor | null>
  /** A key that is held, or was read in the last 15 minutes, without the database. */
  recent(clock: Clock, secret: string): KeyActor | null
  forget(): void
}

const freshMs = 2_000
const recentMs = 15 * 60_000

export function createKeyRing(): KeyRing {
  const held = new Map<string, KeyActor>()
  const read = new Map<string, { key: KeyActor; readAt: number }>()
  const id = (secret: string) => hashSecret(secret).toString('base64url')
  return {
    hold(secret, { name, kind }) {
      held.set(id(secret), { kind: 'key', keyId: `held:${name}`, name, keyKind: kind, service: null })
    },
    recent(clock, secret) {
      const own = held.get(id(secret))
      if (own) return own
      const known = read.get(id(secret))
      return known && Math.abs(clock.now().getTime() - known.readAt) < recentMs ? known.key : null
    },
    async find(db, clock, secret) {
      const own = held.get(id(secret))
      if (own) return own
      const known = read.get(id(secret))
      const now = clock.now().getTime()
      if (known && Math.abs(now - known.readAt) < freshMs) return known.key
      const row = await findKey(db, hashSecret(secret))
      if (row === null) return null
      const key: KeyActor = { kind: 'key', keyId: row.id, name: row.name, keyKind: row.kind, service: row.serviceId }
      if (read.size > 10_000) read.clear()
      read.set(id(secret), { key, readAt: now })
      return key
    },
    forget: () => read.clear(),
  }
}
