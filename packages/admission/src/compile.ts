import type { Ceiling, ServiceSnapshot, Snapshot } from './snapshot.ts'

/** A service of a snapshot, ready for decisions: every list has become a set. */
export interface CompiledService {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly phase: string
  readonly ceiling: Ceiling
  readonly halt: ServiceSnapshot['halt']
  readonly salt: string
  /** Thousandths of a percent, 0 to 100,000. */
  readonly share: number
  readonly rolloutVersion: number
  readonly joinOpen: boolean
  readonly cap: ServiceSnapshot['cap']
  readonly units: { readonly [Kind in keyof ServiceSnapshot['units']]: ReadonlySet<string> }
}

export interface CompiledSnapshot {
  readonly version: number
  readonly createdAt: string
  /** By key. */
  readonly services: ReadonlyMap<string, CompiledService>
}

/**
 * Makes the sets and maps of a snapshot once, so that each decision is a few look-ups. Compile at each new snapshot and
 * keep the result. Expects a valid snapshot: pass what comes from outside through `validateSnapshot` first.
 *
 * @example const compiled = compile(feed.snapshot)
 */
export function compile(snapshot: Snapshot): CompiledSnapshot {
  const services = new Map(snapshot.services.map((service) => [service.key, compileService(service)]))
  return { version: snapshot.version, createdAt: snapshot.createdAt, services }
}

function compileService({ units, ...facts }: ServiceSnapshot): CompiledService {
  return {
    ...facts,
    units: {
      removed: new Set(units.removed),
      choseCurrent: new Set(units.choseCurrent),
      joined: new Set(units.joined),
      preview: new Set(units.preview),
      staff: new Set(units.staff),
      invited: new Set(units.invited),
      carried: new Set(units.carried),
    },
  }
}
