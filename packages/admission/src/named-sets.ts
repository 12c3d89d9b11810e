import { createHash } from 'node:crypto'
import type { LadderSnapshot, Snapshot } from './snapshot.ts'
import { unitListProblem, unitSet, unitsOf, type PackedUnits, type UnitList, type UnitSet } from './units.ts'

/**
 * The name of a set: SHA-256 of its JSON, so that whoever has it by this name has the right one, for ever.
 *
 * @example const text = JSON.stringify(packUnits(units)); nameOfSet(text)
 */
export function nameOfSet(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

/**
 * The set in a text from outside, for decisions; null where it is not the one of this name, or none at all. Never throws.
 *
 * @example const set = readSet(name, await answer.text()); if (set !== null) sets.set(name, set)
 */
export function readSet(name: string, text: string): UnitSet | null {
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
 * @example const missing = [...setsNamedIn(snapshot)].filter((name) => !sets.has(name))
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
 * @example stream.send('feed', writtenOut(feed.snapshot, (name) => sets.units(name)))
 */
export function writtenOut(snapshot: Snapshot, unitsOfSet: (name: string) => PackedUnits): Snapshot {
  const units = (list: UnitList): string[] => {
    if (!('set' in list)) return Array.isArray(list) ? [...(list as string[])] : [...unitsOf(list)]
    const gone = new Set(list.gone)
    return [...[...unitsOf(unitsOfSet(list.set))].filter((unit) => !gone.has(unit)), ...list.added]
  }
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
