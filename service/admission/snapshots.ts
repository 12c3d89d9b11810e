import { randomBytes } from 'node:crypto'
import type { FeedService, GatewayFeed } from '../../gateway/feed.ts'
import {
  compile,
  setsNamedIn,
  type CohortSnapshot,
  type CompiledSnapshot,
  type FeatureSnapshot,
  type ServiceSnapshot,
  type SigningKey,
} from '../../packages/admission/src/index.ts'
import type { Platform } from '../platform/index.ts'
import { allServices, findServiceById, originsOf } from '../services/index.ts'
import { haltTopic } from './admission.ts'
import { openHalts, type Halts } from './halts.ts'
import { openSnapshotStates } from './snapshot-states.ts'
import { openVersionFile } from './version-file.ts'
import { withProbe } from './probe.ts'
import { openLargeSets, type LargeSets } from './large-sets.ts'
import type { LedgerParts } from './ledger-parts-reads.ts'
import type { CohortUnits } from './cohort-reads.ts'
import { asSigning, feedFor, openServiceKeys, type FeedReader } from './service-keys.ts'
import { databaseTimeMs, feedService, readHalters, readServiceSnapshot } from './snapshot-reads.ts'
import { readFeatureSnapshots } from './feature-snapshots.ts'
import { endedAmong, haltsInForce } from './halt-store.ts'
import {
  insertRootKey,
  lockRootKeys,
  newestRootKeyAt,
  readRootKeys,
  readSharedKeys,
  resealSigningKeys,
} from './key-store.ts'

/** What everybody who decides reads: held in memory, rebuilt at every change, standing when the database is away (P4). */
export interface Snapshots {
  compiled(): CompiledSnapshot
  feed(): GatewayFeed
  /** ADM-33: newest first; the first signs, all verify. */
  keysOf(serviceId: string): readonly SigningKey[]
  feedFor(reader: FeedReader): GatewayFeed
  halts: Halts
  /** May this account halt this service, by what was last read? */
  mayHalt(accountId: string, serviceId: string): boolean
  /** Whose pages may use a client key of this service. */
  originsOf(serviceId: string): readonly string[]
  /** Large sets, which the snapshot names. */
  sets: LargeSets
  /** Reads one service (or all) again and tells the streams. */
  refresh(serviceId: string | null): Promise<void>
  /** Until all that this process was told of is read. A question alone is no reason to go through everybody again (ADM-29). */
  caughtUp(): Promise<void>
  /** Halts changed: no reading is needed. */
  publish(): void
  onFeed(listener: (feed: GatewayFeed) => void): () => void
  /** Of which services something changed that decides. */
  onChange(listener: (services: ReadonlySet<string>) => void): void
  /** Names what decisions about a service, or about all (null), rest on: the same in every instance. */
  stateOf(serviceId: string | null): string
  /** A gateway in this process: what is answered when it holds (ADM-2, FEAT-4) waits until it decides by that version, too. */
  followedBy(reached: (version: number) => Promise<void>): void
  rotateKeys(): Promise<void>
  newestKeyAt(): Promise<Date | null>
  start(): Promise<void>
  stop(): Promise<void>
}

interface Held {
  snapshot: Omit<ServiceSnapshot, 'halt'>
  features: readonly FeatureSnapshot[]
  cohorts: readonly CohortSnapshot[]
  feed: Omit<FeedService, 'signingKeys'>
  halters: ReadonlySet<string>
  origins: readonly string[]
  ledger: LedgerParts
  members: ReadonlyMap<string, CohortUnits>
}

/** Acts that are answered when they hold: a phase that was moved, a feature that was switched or moved. */
const heldTopics = new Set(['phase', 'features'])
/** Other topics that can change who gets in or what a gateway must know. */
const heard = new Set(['admission', 'service', 'gate', 'team', 'history'])
const settleMs = { least: 5, most: 500, timesReading: 4 }
const keepUpMs = 30_000
/** An act that was acknowledged must not wait for long once the database is back. */
const againMs = { least: 250, most: 5_000 }

export function createSnapshots(platform: Platform): Snapshots {
  const halts = openHalts(platform.config.dataDirectory)
  const services = new Map<string, Held>()
  const listeners = new Set<(feed: GatewayFeed) => void>()
  const changeListeners: ((services: ReadonlySet<string>) => void)[] = []
  const followers: ((version: number) => Promise<void>)[] = []
  const keys = openServiceKeys()
  const sets = openLargeSets()
  const states = openSnapshotStates()
  const versions = openVersionFile(platform.config.dataDirectory)
  let version = versions.last
  let feed: GatewayFeed = {
    snapshot: { schema: 1, version, createdAt: createdAt(), services: [] },
    signingKeys: [],
    services: [],
  }
  let compiled = compile(feed.snapshot)
  /** What gateways are sent beside the snapshot. */
  let beside = ''
  let named: ReadonlySet<string> = new Set()
  let readingMs = 0
  let readAtMs = 0
  let unsubscribe = (): void => {}
  let timer: NodeJS.Timeout | undefined
  let clock: NodeJS.Timeout | undefined
  let reading: Promise<void> = Promise.resolve()
  let failures = 0
  const due = new Set<string | null>()
  let heardOf = 0
  let readUpTo = 0

  function createdAt(): string {
    return platform.clock.now().toISOString()
  }

  function keysOf(serviceId: string): readonly SigningKey[] {
    return [...keys.of(serviceId), ...keys.shared()]
  }

  /** `readAt` is the database's own time of the reading, in milliseconds; 0 where nothing was read. */
  function publish(readAt = 0): void {
    const held = [...services.values()]
    const parts = held.map(({ snapshot, features, cohorts }) => ({ service: withHalt(snapshot), features, cohorts }))
    const feeds = held.map((each) => ({ ...each.feed, signingKeys: [...keys.of(each.snapshot.id)] }))
    const signingKeys = asSigning(keys.shared())
    const changed = states.take(new Map(parts.map((part) => [part.service.id, JSON.stringify(part)])))
    const written = JSON.stringify([feeds, signingKeys])
    if (changed.size === 0 && written === beside) return
    beside = written
    // By the one clock that all instances share: what was read later is newer, whoever read it, and an instance that is cut
    // off from the database falls behind. It grows in any case: a halt must find its way when the database is away.
    version = Math.max(version + 1, readAt)
    versions.put(version)
    const snapshot = {
      ...{ schema: 1 as const, version, createdAt: createdAt() },
      services: parts.map(({ service }) => service),
      features: parts.flatMap(({ features }) => features),
      cohorts: parts.flatMap(({ cohorts }) => cohorts),
    }
    feed = { snapshot, signingKeys, services: feeds }
    compiled = compile(feed.snapshot, sets.atHand)
    // Whoever was told of the last ones is still fetching them.
    sets.keep(new Set([...named, ...(named = setsNamedIn(feed.snapshot))]))
    for (const listener of listeners) listener(feed)
    if (changed.size > 0) for (const listener of changeListeners) listener(changed)
  }

  function withHalt(snapshot: Held['snapshot']): ServiceSnapshot {
    const halt = halts.of(snapshot.id)
    const seen = withProbe(snapshot, keysOf(snapshot.id))
    return { ...seen, halt: halt === null ? null : { id: halt.id, at: halt.at.toISOString() } }
  }

  async function readService(serviceId: string): Promise<void> {
    const service = await findServiceById(platform.db, serviceId)
    if (service === null) {
      services.delete(serviceId)
      sets.drop(serviceId)
      return
    }
    const before = services.get(serviceId)
    const [{ snapshot, ledger }, halters] = await Promise.all([
      readServiceSnapshot(platform.db, service, platform.clock.now(), { ledger: before?.ledger ?? null, sets }),
      readHalters(platform.db, serviceId),
    ])
    const known = { members: before?.members ?? new Map<string, CohortUnits>(), sets }
    const flags = await readFeatureSnapshots(platform.db, service, snapshot, known)
    const origins = originsOf(service)
    services.set(serviceId, {
      ...{ snapshot, ledger, ...flags, origins },
      ...{ feed: feedService(service), halters: new Set(halters) },
    })
  }

  async function read(wanted: readonly (string | null)[]): Promise<void> {
    const startedAt = performance.now()
    const readAt = await databaseTimeMs(platform.db)
    keys.take(
      await readRootKeys(platform.db, platform.secrets),
      await readSharedKeys(platform.db, platform.secrets, platform.clock.now()),
    )
    await followHalts()
    if (wanted.includes(null)) {
      const all = await allServices(platform.db)
      for (const id of services.keys()) if (!all.some((service) => service.id === id)) services.delete(id)
      for (const { id } of all) await readService(id)
    } else {
      for (const id of wanted) if (id !== null) await readService(id)
    }
    publish(readAt)
    readAtMs = performance.now()
    readingMs = readAtMs - startedAt
  }

  async function followHalts(): Promise<void> {
    const inForce = await haltsInForce(platform.db)
    halts.follow({ inForce, ended: await endedAmong(platform.db, halts.ids()) })
  }

  /** ADM-22: a halt that another instance told of waits for no other reading. */
  function hearOfHalt(serviceId: string): void {
    followHalts()
      .then(() => publish())
      .catch((error: unknown) => {
        platform.log.warn({ err: error }, 'a halt of another instance could not be read; it is tried again')
        hear(null)
      })
    soon(serviceId, 'admission')
  }

  /** One reading at a time; what came up meanwhile is read in the next. */
  function refresh(serviceId: string | null): Promise<void> {
    hear(serviceId)
    return readDue()
  }

  function hear(serviceId: string | null): void {
    due.add(serviceId)
    heardOf += 1
  }

  /** What is read again now and then, without news, keeps nobody waiting. */
  async function caughtUp(): Promise<void> {
    if (heardOf > readUpTo) await readDue()
  }

  function readDue(): Promise<void> {
    reading = reading.then(async () => {
      const upTo = heardOf
      const wanted = [...due]
      due.clear()
      try {
        if (wanted.length > 0) await read(wanted)
        readUpTo = upTo
      } catch (error) {
        for (const each of wanted) due.add(each)
        throw error
      }
    })
    const result = reading
    reading = reading.catch(() => {})
    return result
  }

  /** A large service that changes many times a second is read a few times a second, and decisions keep the processor. */
  function waitMs(): number {
    const quietMs = performance.now() - readAtMs
    return Math.min(settleMs.most, Math.max(settleMs.least, settleMs.timesReading * readingMs - quietMs))
  }

  function soon(serviceId: string, topic: string): void {
    if (topic === haltTopic) return hearOfHalt(serviceId)
    if (heldTopics.has(topic)) return void follow(serviceId)
    if (!heard.has(topic)) return
    hear(serviceId)
    followIn(waitMs())
  }

  function followIn(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void followed(readDue())
    }, ms).unref()
  }

  function follow(serviceId: string | null): Promise<void> {
    return followed(refresh(serviceId))
  }

  async function followed(refreshed: Promise<void>): Promise<void> {
    try {
      await refreshed
      failures = 0
    } catch (error) {
      if (failures === 0) platform.log.warn({ err: error }, 'the snapshot could not be read again; the last one stands')
      due.add(null)
      followIn(Math.min(againMs.most, againMs.least * 2 ** Math.min(failures++, 10)))
    }
  }

  /** ADM-2, FEAT-4: once such an act is acknowledged, nobody here is let in by what was before. */
  async function hold(serviceId: string, topic: string): Promise<void> {
    if (!heldTopics.has(topic)) return
    await follow(serviceId)
    await Promise.all(followers.map((reached) => reached(version)))
  }

  async function rotateKeys(): Promise<void> {
    await platform.db.transaction().execute((tx) => insertRootKey(tx, platform.secrets, newKey(), platform.clock.now()))
    await refresh(null)
  }

  return {
    compiled: () => compiled,
    feed: () => feed,
    keysOf,
    feedFor: (reader) => feedFor(reader, feed, keys.shared()),
    halts,
    mayHalt: (accountId, serviceId) => services.get(serviceId)?.halters.has(accountId) ?? false,
    sets,
    originsOf: (serviceId) => services.get(serviceId)?.origins ?? [],
    refresh,
    caughtUp,
    publish: () => publish(),
    followedBy: (reached) => void followers.push(reached),
    rotateKeys,
    newestKeyAt: () => newestRootKeyAt(platform.db),
    onFeed(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onChange: (listener) => void changeListeners.push(listener),
    stateOf: (serviceId) => states.nameOf(serviceId),
    async start() {
      await platform.db.transaction().execute(async (tx) => {
        await lockRootKeys(tx)
        await resealSigningKeys(tx, platform.secrets)
        const stored = await readRootKeys(tx, platform.secrets)
        for (let count = stored.length; count < 2; count++)
          await insertRootKey(tx, platform.secrets, newKey(), platform.clock.now())
      })
      await refresh(null)
      unsubscribe = platform.live.subscribe(null, soon)
      platform.live.onActed(hold)
      // For what time alone changes (invitations run out), and halts of the time without a database.
      clock = setInterval(() => {
        due.add(null)
        void followed(readDue())
      }, keepUpMs).unref()
    },
    async stop() {
      unsubscribe()
      clearTimeout(timer)
      clearInterval(clock)
      await reading
      halts.close()
      versions.close()
    },
  }
}

function newKey(): SigningKey {
  return { kid: randomBytes(6).toString('base64url'), secret: randomBytes(32).toString('base64url') }
}
