import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import {
  compile,
  validateSnapshot,
  type CompiledService,
  type CompiledSnapshot,
  type ServiceSnapshot,
  type SigningKey,
} from '../packages/admission/src/index.ts'
import { writeDurably } from './durable.ts'
import type { FeedService, GatewayFeed } from './feed.ts'
import type { FeedSets } from './feed-sets.ts'
import { openServiceNames, type LocalHalt } from './local-halt.ts'
import type { Log } from './log.ts'
import type { Seal } from './seal.ts'

export interface HeldFeed {
  feed: GatewayFeed
  snapshot: CompiledSnapshot
  services: ReadonlyMap<string, FeedService>
  /** Of each service, what verifies its passes; the first signs. */
  keys: ReadonlyMap<string, readonly SigningKey[]>
}

export interface FeedKeeper {
  held(): HeldFeed | null
  /** Until a feed of this version or a newer one is held, or so long. */
  reach(version: number, limitMs: number): Promise<void>
  /**
   * Takes a feed in place of the held one if it is valid, and not older where several control planes speak: the word of
   * the only one stands, also when it began to count again. `from` is its address.
   */
  offer(feed: unknown, from: string, isOnly: boolean): boolean
  /** Takes the halts of a feed that can't be gone by yet: they wait for nothing (GW-3). */
  hearHalts(feed: unknown, from: string): void
  /**
   * Stops a service on this machine without asking anybody, and says whether that is on disk; the end of that halt comes
   * from the control plane.
   */
  halt(service: string, halt: LocalHalt): boolean
  /** Halts made on this machine of which no control plane has told yet. */
  localHalts(): (LocalHalt & { service: string })[]
  /** A halt made on this machine that was ended there before its feed could tell of it. */
  lift(service: string, id: string): void
  /** Another process has taken over and keeps the files from here on; this one goes on by what it hears. */
  leaveFiles(): void
}

interface HeldHalt {
  service: string
  halt: { id: string; at: string }
  /** The control planes that told of it, each with the version in which it first did; none for one made on this machine. */
  tellers: Record<string, number>
  /** Of one made on this machine. */
  by?: string | undefined
  reason?: string | undefined
}

const text = z.string().max(2000)
const patterns = z.object({ patterns: z.array(text).max(200) })
const signingKeys = z.array(z.object({ kid: text.min(1), secret: text.min(1) })).max(20)
const feedShape = z.object({
  signingKeys,
  services: z
    .array(
      z.object({
        key: text.min(1),
        name: text,
        phaseLabel: text.nullable(),
        timeZone: text.refine(isTimeZone, { error: 'is not a time zone' }),
        contact: text.nullable(),
        /** ADM-33: control planes of before told of none. */
        signingKeys: signingKeys.optional(),
        journeys: z
          .array(
            z.object({
              id: text.min(1),
              name: text,
              savable: z.boolean(),
              openDays: z.number(),
              start: patterns,
              steps: z.array(patterns.extend({ id: text.min(1), name: text })).max(500),
              endings: z
                .array(
                  patterns.extend({ id: text.min(1), name: text, outcome: z.enum(['completed', 'refused', 'failed']) }),
                )
                .max(100),
            }),
          )
          .max(100),
      }),
    )
    .max(10_000),
})

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== ''
  } catch {
    return false
  }
}

function readFeed(value: unknown, held: HeldFeed | null): { feed: GatewayFeed } | { problem: string } {
  if (typeof value !== 'object' || value === null) return { problem: 'it is not an object' }
  const snapshot = validateSnapshot((value as { snapshot?: unknown }).snapshot)
  if (!snapshot.ok) return { problem: snapshot.problem }
  const rest = feedShape.safeParse(value)
  if (!rest.success) {
    const [issue] = rest.error.issues
    return { problem: `${issue?.path.join('.')}: ${issue?.message}` }
  }
  // While instances are upgraded one after the other, the word of an older one does not take what a newer one gave.
  const services = rest.data.services.map((service) => ({
    ...service,
    signingKeys: service.signingKeys ?? held?.services.get(service.key)?.signingKeys ?? [],
  }))
  return { feed: { ...rest.data, services, snapshot: snapshot.snapshot } }
}

/** GW-2, GW-3: validated before it replaces the held one, kept on disk, and a halt outlives everything but its own end. */
export function openFeedKeeper(
  directory: string,
  controlUrls: readonly string[],
  seal: Seal,
  sets: FeedSets,
  log: Log,
  onHalt: (halted: CompiledService[]) => void,
): FeedKeeper {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const feedPath = join(directory, 'feed.json')
  const haltsPath = join(directory, 'halts.json')
  const names = openServiceNames(directory, log)
  let held: HeldFeed | null = null
  let write = writeDurably
  let halts: HeldHalt[] = readHalts(haltsPath, log)
  /** Are the halts in force on the disk as well? */
  let isKept = true
  /** An instance that missed the end of a halt may still tell of it. */
  const ended = new Set<string>()
  const lastFrom = new Map<string, number>()
  const awaiting = new Set<() => void>()
  const stored = readJson(feedPath, log, seal)
  if (stored !== null) {
    const read = readFeed(stored, null)
    if ('feed' in read) holdStored(read.feed)
    else log.error({ problem: read.problem }, 'The feed kept on disk can not be used; waiting for the control plane')
  }

  function holdStored(feed: GatewayFeed): void {
    sets.load(feed.snapshot)
    if (sets.missing(feed.snapshot).length === 0) hold(feed)
    else log.error({}, 'The feed kept on disk can not be used without its sets; waiting for the control plane')
  }

  function hold(feed: GatewayFeed): CompiledService[] {
    const before = held
    const halted = feed.snapshot.services.map(withHeldHalt)
    const snapshot = compile({ ...feed.snapshot, services: halted }, sets.atHand)
    const services = new Map(feed.services.map((service) => [service.key, service]))
    const keys = new Map(feed.services.map(({ key, signingKeys: own }) => [key, [...own, ...feed.signingKeys]]))
    held = { feed, snapshot, services, keys }
    for (const look of awaiting) look()
    return [...snapshot.services.values()].filter(
      ({ key, halt }) => halt !== null && before?.snapshot.services.get(key)?.halt?.id !== halt.id,
    )
  }

  function withHeldHalt(service: ServiceSnapshot): ServiceSnapshot {
    const told = service.halt === null || ended.has(service.halt.id) ? null : service.halt
    return { ...service, halt: told ?? halts.find((kept) => kept.service === service.key)?.halt ?? null }
  }

  /** Each halt is lifted by a later word of a control plane that told of it, or of one that replaced all who did. */
  function keepHalts(feed: GatewayFeed, from: string): void {
    const before = JSON.stringify(halts)
    const { version } = feed.snapshot
    for (const { key, halt } of feed.snapshot.services) {
      const isLifted = (kept: HeldHalt): boolean =>
        kept.service === key && kept.halt.id !== halt?.id && mayLift(kept, from, version)
      for (const { halt: lifted } of halts.filter(isLifted)) ended.add(lifted.id)
      halts = halts.filter((kept) => !isLifted(kept))
      if (halt === null || ended.has(halt.id)) continue
      const known = halts.find((kept) => kept.halt.id === halt.id)
      if (known !== undefined) known.tellers[from] ??= version
      // One made on this machine has no teller: a halt of the control plane takes its place, and its end ends both.
      else {
        const isOwn = (kept: HeldHalt) => kept.service === key && isLocal(kept)
        halts = [...halts.filter((kept) => !isOwn(kept)), { service: key, halt, tellers: { [from]: version } }]
      }
    }
    if (JSON.stringify(halts) !== before) isKept = false
  }

  function keep(): void {
    isKept = false
    write(haltsPath, JSON.stringify(halts))
    isKept = true
  }

  function mayLift({ tellers }: HeldHalt, from: string, version: number): boolean {
    const told = tellers[from]
    if (told !== undefined) return version > told
    const urls = Object.keys(tellers)
    return urls.length > 0 && !urls.some((url) => controlUrls.includes(url))
  }

  function refuseOlder(from: string, version: number): false {
    log.warn({ from, version }, 'An older feed was refused and the held one kept')
    return false
  }

  return {
    held: () => held,
    reach: (version, limitMs) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(late)
          awaiting.delete(look)
          resolve()
        }
        const look = (): void => {
          if (held !== null && held.feed.snapshot.version >= version) end()
        }
        const late = setTimeout(end, limitMs)
        awaiting.add(look)
        look()
      }),
    offer(value, from, isOnly) {
      const read = readFeed(value, held)
      if ('problem' in read) {
        log.error({ from, problem: read.problem }, 'A feed was refused and the held one kept')
        return false
      }
      const { feed } = read
      const { version } = feed.snapshot
      if (!isOnly && version < (lastFrom.get(from) ?? 0)) return refuseOlder(from, version)
      lastFrom.set(from, version)
      keepHalts(feed, from)
      // What an instance says that lags behind the others is old news, but for a halt.
      const isNews = isOnly || held === null || version >= held.feed.snapshot.version
      // In memory before the disk: neither a full one nor a slow one must hold up a halt (P4).
      onHalt(hold(isNews || held === null ? feed : held.feed))
      try {
        if (!isKept) keep()
        if (isNews) {
          names.put(feed.services, write)
          write(feedPath, seal.close(JSON.stringify(feed)))
        }
      } catch (error) {
        log.error({ err: error }, 'The feed, or a halt, could not be kept on disk')
      }
      return isNews || refuseOlder(from, version)
    },
    hearHalts(value, from) {
      const read = readFeed(value, held)
      if ('problem' in read) return
      keepHalts(read.feed, from)
      if (held !== null) onHalt(hold(held.feed))
      try {
        if (!isKept) keep()
      } catch (error) {
        log.error({ err: error }, 'A halt could not be kept on disk')
      }
    },
    halt(service, { id, at, by, reason }) {
      if (!halts.some((each) => each.service === service)) {
        halts = [...halts, { service, halt: { id, at }, tellers: {}, by, reason }]
        isKept = false
        if (held !== null) onHalt(hold(held.feed))
      }
      try {
        if (!isKept) keep()
      } catch (error) {
        log.error({ err: error }, 'A halt could not be kept on disk')
      }
      return isKept
    },
    localHalts: () => halts.filter(isLocal).map(asLocal),
    lift(service, id) {
      halts = halts.filter((each) => each.service !== service || each.halt.id !== id || !isLocal(each))
      if (held !== null) hold(held.feed)
      keep()
    },
    leaveFiles() {
      sets.leaveFiles()
      write = () => {}
    },
  }
}

function isLocal({ tellers }: HeldHalt): boolean {
  return Object.keys(tellers).length === 0
}

function asLocal({ service, halt, by = '', reason = '' }: HeldHalt): LocalHalt & { service: string } {
  return { service, ...halt, by, reason }
}

function readJson(path: string, log: Log, seal?: Seal): unknown {
  try {
    const text = readFileSync(path, 'utf8')
    return JSON.parse(seal?.open(text) ?? text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.error({ err: error, path }, `${path} can not be read`)
    return null
  }
}

const heldHalt = z.object({ service: text, halt: z.object({ id: text, at: text }) })
const haltsShape = z.array(
  z.union([
    heldHalt.extend({ tellers: z.record(text, z.number()), by: text.optional(), reason: text.optional() }),
    // As versions before several control planes could tell of one halt kept it.
    heldHalt
      .extend({ version: z.number(), from: text })
      .transform(({ version, from, ...held }) => ({ ...held, tellers: from === '' ? {} : { [from]: version } })),
  ]),
)

function readHalts(path: string, log: Log): HeldHalt[] {
  const parsed = haltsShape.safeParse(readJson(path, log) ?? [])
  return parsed.success ? parsed.data : []
}
