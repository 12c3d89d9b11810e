import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readSet, setsNamedIn, validateSnapshot, type Snapshot, type UnitSet } from '../packages/admission/src/index.ts'
import { writeDurably } from './durable.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import type { Log } from './log.ts'
import type { Seal } from './seal.ts'

/** GW-40: large sets, each fetched once and kept on disk under its name, which says what is in it. */
export interface FeedSets {
  readonly atHand: ReadonlyMap<string, UnitSet>
  missing(snapshot: Snapshot): string[]
  /** Those that are on disk, for a gateway that starts; those that are not are missing afterwards. */
  load(snapshot: Snapshot): void
  /** Takes a set in, if it is the one of this name. */
  take(name: string, text: string): boolean
  /** Forgets what none of these snapshots names. */
  keep(...snapshots: Snapshot[]): void
}

export function openFeedSets(directory: string, seal: Seal, log: Log): FeedSets {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const atHand = new Map<string, UnitSet>()
  const missing = (snapshot: Snapshot): string[] => [...setsNamedIn(snapshot)].filter((name) => !atHand.has(name))

  function take(name: string, text: string): boolean {
    const set = readSet(name, text)
    if (set !== null) atHand.set(name, set)
    return set !== null
  }

  return {
    atHand,
    missing,
    load(snapshot) {
      for (const name of missing(snapshot)) {
        try {
          const text = readFileSync(join(directory, name), 'utf8')
          take(name, seal.open(text) ?? text)
        } catch (error) {
          log.warn({ err: error }, 'A set of the feed kept on disk can not be read')
        }
      }
    },
    take(name, text) {
      if (!take(name, text)) return false
      try {
        writeDurably(join(directory, name), seal.close(text))
      } catch (error) {
        // It is in memory, and is fetched again after a restart.
        log.error({ err: error }, 'A set of the feed could not be kept on disk')
      }
      return true
    },
    keep(...snapshots) {
      const named = new Set(snapshots.flatMap((snapshot) => [...setsNamedIn(snapshot)]))
      for (const name of atHand.keys()) if (!named.has(name)) atHand.delete(name)
      for (const name of readdirSync(directory)) if (!named.has(name)) rmSync(join(directory, name), { force: true })
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
  const newest = new Map<string, unknown>()
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

  return (feed: unknown, from: string): void => {
    newest.set(from, feed)
    const checked = validateSnapshot((feed as { snapshot?: unknown } | null)?.snapshot)
    const missing = checked.ok ? sets.missing(checked.snapshot) : []
    if (missing.length === 0) return void keeper.offer(feed, from, isOnly)
    keeper.hearHalts(feed, from)
    Promise.all(missing.map((name) => fetchOnce(from, name)))
      .then(() => {
        if (newest.get(from) === feed && checked.ok && sets.missing(checked.snapshot).length === 0) {
          keeper.offer(feed, from, isOnly)
        }
      })
      .catch((error: unknown) =>
        log.warn({ from, err: error }, 'A set of the feed did not come; the next feed asks again'),
      )
  }
}
