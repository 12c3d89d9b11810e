import { lower } from './ceiling.ts'
import { compileLadder, type CompiledLadder, type Shared } from './ladder.ts'
import type { Ceiling, FeatureSnapshot, FlagKind, FlagValue, ServiceSnapshot, Snapshot } from './snapshot.ts'
import { unitSet, type UnitSet } from './units.ts'
import { valueLists } from './value-lists.ts'

/** A service of a snapshot, ready for decisions. */
export interface CompiledService extends CompiledLadder {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly phase: string
  readonly aliases: ReadonlyMap<string, string>
}

/** A feature of a snapshot, under the ceiling of its service (ADM-28), and halted with it. */
export interface CompiledFeature extends CompiledLadder {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly kind: FlagKind
  readonly forClients: boolean
  readonly service: CompiledService
  readonly appliesTo: FeatureSnapshot['appliesTo']
  readonly requires: readonly { readonly key: string; readonly variant?: string }[]
  readonly variants: ReadonlyMap<string, FlagValue>
  readonly on: string
  readonly off: string
}

export interface CompiledSnapshot {
  readonly version: number
  readonly createdAt: string
  /** By key. */
  readonly services: ReadonlyMap<string, CompiledService>
  /** By key. */
  readonly features: ReadonlyMap<string, CompiledFeature>
}

/**
 * Makes the sets and maps of a snapshot once, so that each decision is a few look-ups. Compile at each new snapshot and
 * keep the result. Expects a valid snapshot: pass what comes from outside through `validateSnapshot` first. Throws a
 * RangeError where the snapshot names a set (`setsNamedIn`) that is not among `sets`.
 *
 * @example const compiled = compile(feed.snapshot)
 */
export function compile(snapshot: Snapshot, sets: ReadonlyMap<string, UnitSet> = new Map()): CompiledSnapshot {
  const cohorts = new Map((snapshot.cohorts ?? []).map(({ id, units }) => [id, unitSet(units, sets)]))
  const shared = { cohorts, sets, lists: valueLists() }
  const services = new Map(snapshot.services.map((service) => [service.key, compileService(service, shared)]))
  const features = new Map<string, CompiledFeature>()
  for (const feature of snapshot.features ?? []) {
    const service = services.get(feature.service)
    if (service !== undefined) features.set(feature.key, compileFeature(feature, service, shared))
  }
  return { version: snapshot.version, createdAt: snapshot.createdAt, services, features }
}

function compileService(service: ServiceSnapshot, shared: Shared): CompiledService {
  const { id, key, name, phase, aliases } = service
  return {
    ...compileLadder(service, shared),
    id,
    key,
    name,
    phase,
    aliases: new Map(Object.entries(aliases ?? {})),
  }
}

function compileFeature(feature: FeatureSnapshot, service: CompiledService, shared: Shared): CompiledFeature {
  const { id, key, name, kind, forClients, appliesTo, requires, variants, on, off } = feature
  const ladder = { ...feature, halt: service.halt ?? feature.halt, ceiling: ceilingUnder(service, feature) }
  return {
    ...compileLadder(ladder, shared),
    id,
    key,
    name,
    kind,
    forClients,
    service,
    appliesTo,
    requires,
    variants: new Map(Object.entries(variants)),
    on,
    off,
  }
}

/** ADM-28: what has stages opens no further than its service; what has none only shuts with it. */
function ceilingUnder(service: CompiledService, { kind, ceiling }: FeatureSnapshot): Ceiling {
  if (kind === 'release') return lower(ceiling, service.ceiling)
  return service.ceiling === 'closed' ? 'closed' : ceiling
}
