import { randomInt } from 'node:crypto'
import { unitSet, unitsOf, type PackedUnits, type UnitList, type UnitSet } from '../../packages/admission/src/index.ts'

export interface UnitSample {
  /** How many units stand on any of the lists. */
  count: number
  units: string[]
}

interface Sets {
  atHand: ReadonlyMap<string, UnitSet>
  packed: (name: string) => PackedUnits
}

const bytesOfUnit = 16

/** Exactly how many units are on any of these lists, and some of them by chance: of the longest only those are made into texts. */
export function sampleOfLists(lists: readonly UnitList[], most: number, { atHand, packed }: Sets): UnitSample {
  const all = lists
    .map((list) => ({ list, set: unitSet(list, atHand), places: placesOf(list, packed) }))
    .toSorted((one, other) => other.set.size - one.set.size)
  // Whoever is on several lists counts on the first of them alone.
  const isFirst = (unit: string, index: number): boolean => !all.slice(0, index).some(({ set }) => set.has(unit))
  let count = all[0]?.set.size ?? 0
  for (let index = 1; index < all.length; index++)
    for (const unit of unitsOf(all[index]?.list ?? [], packed)) if (isFirst(unit, index)) count += 1
  const length = all.reduce((sum, { places }) => sum + places.length, 0)
  const units = new Set<string>()
  while (units.size < Math.min(most, count)) {
    // Nearly all places of the longest list are good, so of as many tries as there are lists one is.
    let place = randomInt(length)
    let index = 0
    for (const { places } of all) {
      if (place < places.length) break
      place -= places.length
      index += 1
    }
    const unit = all[index]?.places.at(place) ?? ''
    if (all[index]?.set.has(unit) === true && isFirst(unit, index)) units.add(unit)
  }
  return { count, units: [...units] }
}

interface Places {
  length: number
  at(place: number): string
}

/** The units of a list by their places; of a named one, those that are gone have theirs still. */
function placesOf(list: UnitList, packedOf: (name: string) => PackedUnits): Places {
  if ('set' in list) {
    const base = placesOf(packedOf(list.set), packedOf)
    return {
      length: base.length + list.added.length,
      at: (place) => (place < base.length ? base.at(place) : (list.added[place - base.length] ?? '')),
    }
  }
  if (!('packed' in list)) return { length: list.length, at: (place) => list[place] ?? '' }
  const bytes = Buffer.from(list.packed, 'base64')
  const count = bytes.length / bytesOfUnit
  return {
    length: count + list.others.length,
    at: (place) =>
      place < count
        ? bytes.toString('base64url', place * bytesOfUnit, (place + 1) * bytesOfUnit)
        : (list.others[place - count] ?? ''),
  }
}
