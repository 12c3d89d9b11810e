import { createHash } from 'node:crypto'
import type { LadderSnapshot, Snapshot } from './snapshot.ts'
import { unitListProblem, unitSet, unitsOf, type PackedUnits, type UnitList, type UnitSet } from './units.ts'

/** Named sets that somebody who compiles snapshots has. */
export interface SetsAtHand {
  /** For `compile`. */
  readonly atHand: ReadonlyMap<string, UnitSet>
  /** Those that a snapshot names and that are not at hand. */
  missing(snapshot: Snapshot): string[]
  /** Takes in a text from outside; false where it is not the set of this name, or none at all. */
  take(name: string, text: string): boolean
  /** Forgets what none of these snapshots names, and says what they do name. */
  keep(...snapshots: readonly Snapshot[]): ReadonlySet<string>
}

/**
 * Keeps the named sets of one reader, none to begin with. Never throws.
 *
 * @example for (const name of sets.missing(snapshot)) sets.take(name, await fetchSet(name))
 */
export function createSetsAtHand(): SetsAtHand {
  const atHand = new Map<string, UnitSet>()
  return {
    atHand,
    missing: (snapshot) => [...setsNamedIn(snapshot)].filter((name) => !atHand.has(name)),
    take(name, text) {
      const set = readSet(name, text)
      if (set !== null) atHand.set(name, set)
      return set !== null
    },
    keep(...snapshots) {
      const named = new Set(snapshots.flatMap((snapshot) => [...setsNamedIn(snapshot)]))
      for (const name of atHand.keys()) if (!named.has(name)) atHand.delete(name)
      return named
    },
  }
}

/**
 * The name of a set: SHA-256 of its JSON, so that whoever has it by this name has the right one, for ever.
 *
 * @example const text = JSON.stringify(packUnits(units)); nameOfSet(text)
 */
export function nameOfSet(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function readSet(name: string, text: string): UnitSet | null {
  try {
    if (nameOfSet(text) !== name) return null
    const units = JSON.parse(text) as PackedUnits
    return unitListProblem(units) === null ? unitSet(units) : null
  } catch {
    return null
  }
}

/**
 * The names of the sets that a snapshot needs before it can be compiled.
 *
 * @example const isNamed = setsNamedIn(snapshot).has(name)
 */
export function setsNamedIn({ services, features = [], cohorts = [] }: Snapshot): Set<string> {
  const ladders: LadderSnapshot[] = [...services, ...features]
  const lists = [...cohorts.map(({ units }) => units), ...ladders.flatMap(({ units }) => largeLists(units))]
  return new Set(lists.flatMap((list) => ('set' in list ? [list.set] : [])))
}

function largeLists({ joined, invited, carried }: LadderSnapshot['units']): UnitList[] {
  return [joined, invited, carried]
}

/**
 * The same snapshot with every set written out, for a reader from before sets had names.
 *
 * @example stream.send('feed', writtenOut(feed.snapshot, sets.packed))
 */
export function writtenOut(snapshot: Snapshot, packedOf: (name: string) => PackedUnits): Snapshot {
  const units = (list: UnitList): string[] => [...unitsOf(list, packedOf)]
  const ladder = <L extends LadderSnapshot>(given: L): L => {
    const { joined, invited, carried } = given.units
    return {
      ...given,
      units: { ...given.units, joined: units(joined), invited: units(invited), carried: units(carried) },
    }
  }
  return {
    ...snapshot,
    services: snapshot.services.map(ladder),
    ...(snapshot.features !== undefined && { features: snapshot.features.map(ladder) }),
    ...(snapshot.cohorts !== undefined && {
      cohorts: snapshot.cohorts.map(({ id, units: list }) => ({ id, units: 'set' in list ? units(list) : list })),
    }),
  }
}
