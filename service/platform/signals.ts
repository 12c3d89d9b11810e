import type { Queryable } from './context.ts'
import type { DifferenceUnit } from './difference.ts'

/** A measured answer. “No data” and “too few” are answers (P6): never zero, never a pass. */
export type Reading =
  | {
      kind: 'value'
      value: number
      n: number | null
      low?: number
      high?: number
      /** Which version of which formula it follows (P5), such as “Completion rate, definition 1”. */
      definition?: string
      asOf: Date
      href: string
    }
  | { kind: 'no-data'; href: string }
  | { kind: 'too-few'; n: number; needed: number; href: string }

export interface SignalService {
  id: string
  key: string
  timeZone: string
  /** The feature that stands at a gate; not there where it is the service itself. */
  feature?: { id: string; key: string }
}

/** One look at many signals, of one service or of several: what they have in common is read once, for all of them. */
export interface Look {
  services: readonly SignalService[]
}

export interface Window {
  from: Date
  to: Date
  look?: Look
}

/** A measurable thing that a playbook's criterion can name by id. */
export interface Signal {
  id: string
  unit: 'percent' | 'count' | 'milliseconds' | 'yes-no'
  /** What the value is, as words after the figure: “of started applications were completed”. */
  says: string
  /** The same where the value is 1. */
  one?: string
  /** Where the value is one figure less another: then its words say more or fewer, and never a minus. */
  difference?: SignalDifference
  /** What nobody may take the value for. */
  warns?: string
  /** Read for a feature only; without it, of the whole service. */
  of?: 'feature'
  read(db: Queryable, service: SignalService, window: Window): Promise<Reading>
}

export interface SignalDifference {
  unit: DifferenceUnit
  /** After “5 in 1,000 more”: “error pages with it than without it”. */
  than: string
  /** After “No difference”: “in error pages, with it and without it”. */
  none: string
}

export type SignalRegistry = ReadonlyMap<string, Signal>

export function signalRegistry(signals: Signal[]): SignalRegistry {
  const registry = new Map<string, Signal>()
  for (const signal of signals) {
    if (registry.has(signal.id)) throw new Error(`Two signals have the id ${signal.id}`)
    registry.set(signal.id, signal)
  }
  return registry
}

const readInLook = new WeakMap<Look, Map<string, Promise<ReadonlyMap<string, unknown>>>>()

/**
 * Read for all services of the look when the first of them asks, under this name. Undefined where `read` says nothing of the
 * service, since it was removed meanwhile. Without a look it is read for the one service.
 */
export async function readTogether<T>(
  look: Look | undefined,
  service: SignalService,
  name: string,
  read: (ids: string[], services: readonly SignalService[]) => Promise<ReadonlyMap<string, T>>,
): Promise<T | undefined> {
  const services = look?.services ?? [service]
  const known = look === undefined ? new Map<string, Promise<ReadonlyMap<string, unknown>>>() : namesOf(look)
  const asked = known.get(name) ?? read([...new Set(services.map(({ id }) => id))], services)
  known.set(name, asked)
  return (await asked).get(service.id) as T | undefined
}

/** For what is read of a window. */
export function inWindow(name: string, { from, to }: Pick<Window, 'from' | 'to'>): string {
  return `${name} ${from.getTime()} ${to.getTime()}`
}

function namesOf(look: Look): Map<string, Promise<ReadonlyMap<string, unknown>>> {
  const names = readInLook.get(look) ?? new Map<string, Promise<ReadonlyMap<string, unknown>>>()
  readInLook.set(look, names)
  return names
}
