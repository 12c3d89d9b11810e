import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createSetsAtHand, validateSnapshot, type SetsAtHand, type Snapshot } from '../packages/admission/src/index.ts'
import { writeDurably } from './durable.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import type { Log } from './log.ts'
import type { Seal } from './seal.ts'

/** GW-40: large sets, each fetched once and kept on disk under its name, which says what is in it. */
export interface FeedSets extends SetsAtHand {
  /** Those that are on disk, for a gateway that starts; those that are not are missing afterwards. */
  load(snapshot: Snapshot): void
  /** Another process has taken over and keeps the files from here on. */
  leaveFiles(): void
}

export function openFeedSets(directory: string, seal: Seal, log: Log): FeedSets {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const inMemory = createSetsAtHand()
  let keepsFiles = true

  return {
    atHand: inMemory.atHand,
    missing: inMemory.missing,
    load(snapshot) {
      for (const name of inMemory.missing(snapshot)) {
        try {
          inMemory.take(name, seal.open(readFileSync(join(directory, name), 'utf8')))
        } catch (error) {
          log.warn({ err: error }, 'A set of the feed kept on disk can not be read')
        }
      }
    },
    take(name, text) {
      if (!inMemory.take(name, text)) return false
      try {
        if (keepsFiles) writeDurably(join(directory, name), seal.close(text))
      } catch (error) {
        // It is in memory, and is fetched again after a restart.
        log.error({ err: error }, 'A set of the feed could not be kept on disk')
      }
      return true
    },
    keep(...snapshots) {
      const named = inMemory.keep(...snapshots)
      try {
        for (const name of keepsFiles ? readdirSync(directory) : [])
          if (!named.has(name)) rmSync(join(directory, name), { force: true })
      } catch (error) {
        log.warn({ err: error }, 'Sets that the feed names no more are still on disk')
      }
      return named
    },
    leaveFiles() {
      keepsFiles = false
    },
  }
}

interface ReceiverParts {
  keeper: FeedKeeper
  sets: FeedSets
  isOnly: boolean
  log: Log
  fetchSet(from: string, name: string): Promise<string>
}

/**
 * Takes what a control plane says: at once where every set is at hand. Else its halts at once, and the rest when the sets have
 * come, unless it has said something newer by then.
 */
export function feedReceiver({ keeper, sets, isOnly, log, fetchSet }: ReceiverParts) {
  /** Of each control plane what it said last. */
  const newest = new Map<string, { feed: unknown; snapshot: Snapshot | null }>()
  const fetching = new Map<string, Promise<void>>()

  function fetchOnce(from: string, name: string): Promise<void> {
    const known = fetching.get(name)
    if (known !== undefined) return known
    const fetched = fetchSet(from, name)
      .then((text) => {
        if (!sets.take(name, text)) log.error({ from }, 'A set was refused: it is not what its name says')
      })
      .finally(() => fetching.delete(name))
    fetching.set(name, fetched)
    return fetched
  }

  function offer(feed: unknown, from: string): void {
    keeper.offer(feed, from, isOnly)
    // Each control plane has names of its own for the same people, and goes on with them in its next feed.
    const inUse = [keeper.held()?.feed.snapshot ?? null, ...[...newest.values()].map(({ snapshot }) => snapshot)]
    sets.keep(...inUse.filter((snapshot) => snapshot !== null))
  }

  return (feed: unknown, from: string): void => {
    const checked = validateSnapshot((feed as { snapshot?: unknown } | null)?.snapshot)
    const snapshot = checked.ok ? checked.snapshot : null
    newest.set(from, { feed, snapshot })
    const missing = snapshot === null ? [] : sets.missing(snapshot)
    if (missing.length === 0) return offer(feed, from)
    keeper.hearHalts(feed, from)
    Promise.all(missing.map((name) => fetchOnce(from, name)))
      .then(() => {
        const isNewest = newest.get(from)?.feed === feed
        if (isNewest && snapshot !== null && sets.missing(snapshot).length === 0) offer(feed, from)
      })
      .catch((error: unknown) =>
        log.warn({ from, err: error }, 'A set of the feed did not come; the next feed asks again'),
      )
  }
}
