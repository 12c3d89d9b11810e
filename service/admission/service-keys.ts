import type { GatewayFeed } from '../../gateway/feed.ts'
import { keyOfService, type SigningKey } from '../../packages/admission/src/index.ts'
import type { SharedKey, StoredKey } from './key-store.ts'
import { snapshotFor } from './snapshot-api.ts'

/** ADM-33: the keys of each service, derived once from the root keys and held until those change. */
export interface ServiceKeys {
  /** Newest first: the first signs, all verify. */
  of(serviceId: string): readonly SigningKey[]
  /** What signed for all services before; it verifies, and signs nothing. */
  shared(): readonly SharedKey[]
  take(roots: readonly StoredKey[], shared: readonly SharedKey[]): void
}

/** Whom a feed is for: a key of the kind gateway. */
export interface FeedReader {
  /** The service that it is bound to; null where it is bound to none. */
  service: string | null
  madeAt: Date
}

export function openServiceKeys(): ServiceKeys {
  let roots: readonly StoredKey[] = []
  let shared: readonly SharedKey[] = []
  let derived = new Map<string, readonly SigningKey[]>()
  return {
    of(serviceId) {
      const known = derived.get(serviceId)
      if (known !== undefined) return known
      const keys = roots.map((root) => keyOfService(root, serviceId))
      derived.set(serviceId, keys)
      return keys
    },
    shared: () => shared,
    take(nextRoots, nextShared) {
      if (JSON.stringify(roots) !== JSON.stringify(nextRoots)) derived = new Map()
      roots = nextRoots
      shared = nextShared
    },
  }
}

/** A gateway whose key is bound to one service hears of that one only, and can sign for that one only. */
export function feedFor(reader: FeedReader, feed: GatewayFeed, shared: readonly SharedKey[]): GatewayFeed {
  if (reader.service === null) return feed
  const snapshot = snapshotFor(feed.snapshot, reader.service)
  const keys = new Set(snapshot.services.map(({ key }) => key))
  // One that was there before has been sent them already, and knows people by them.
  const sentBefore = shared.filter(({ setAsideAt }) => reader.madeAt < setAsideAt)
  return { snapshot, signingKeys: asSigning(sentBefore), services: feed.services.filter(({ key }) => keys.has(key)) }
}

export function asSigning(keys: readonly SharedKey[]): SigningKey[] {
  return keys.map(({ kid, secret }) => ({ kid, secret }))
}
