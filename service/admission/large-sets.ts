import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  nameOfSet,
  packUnits,
  unitSet,
  unitsOf,
  type PackedUnits,
  type UnitList,
  type UnitSet,
} from '../../packages/admission/src/index.ts'
import { sampleOfLists } from './unit-sample.ts'

/** Units by the part of the ledger that they stand in; a part that did not change is the same array as before. */
export type Parts = ReadonlyMap<number, readonly string[]>

/**
 * ADM-35: a large set has a name and is sent once; what changes in it goes beside the name, until that is so much that the set is
 * made anew.
 */
export interface LargeSets {
  /** A list as the snapshot carries it. `id` says whose list it is. */
  list(id: string, parts: Parts): UnitList
  /** For `compile`. */
  readonly atHand: ReadonlyMap<string, UnitSet>
  /** Every unit of a list, each once. */
  units(list: UnitList): string[]
  /** How many units stand on any of these lists, and some of them by chance: of the largest only those are made into texts. */
  sample(lists: readonly UnitList[], most: number): { count: number; units: string[] }
  packed(name: string): PackedUnits
  /** The set as it is sent, gzip; null where there is none of this name. */
  gzipped(name: string): Promise<Buffer> | null
  /** Forgets what no snapshot names any more. */
  keep(names: ReadonlySet<string>): void
  /** The lists of this owner, whose ids begin with it, are no more. */
  drop(owner: string): void
}

interface Base {
  name: string
  size: number
  parts: Parts
}

interface Held {
  packed: PackedUnits
  gzipped: Promise<Buffer> | null
}

/** Up to here a list is written out: short news for everybody, and nothing to fetch. */
const longestList = 1_000
/** Changes beside a name, as a part of the set: beyond it they cost more than the set made anew. */
const mostChanged = 1 / 20
const compress = promisify(gzip)

export function openLargeSets(): LargeSets {
  const bases = new Map<string, Base>()
  const held = new Map<string, Held>()
  const atHand = new Map<string, UnitSet>()

  function made(id: string, parts: Parts): Base {
    const packed = packUnits([...parts.values()].flat())
    const name = nameOfSet(JSON.stringify(packed))
    const set = atHand.get(name) ?? unitSet(packed)
    atHand.set(name, set)
    if (!held.has(name)) held.set(name, { packed, gzipped: null })
    const base = { name, size: set.size, parts }
    bases.set(id, base)
    return base
  }

  function changesSince(base: Base, parts: Parts): { added: string[]; gone: string[] } {
    const added: string[] = []
    const gone: string[] = []
    for (const part of new Set([...base.parts.keys(), ...parts.keys()])) {
      const [before = [], now = []] = [base.parts.get(part), parts.get(part)]
      if (before === now) continue
      const [were, are] = [new Set(before), new Set(now)]
      for (const unit of are) if (!were.has(unit)) added.push(unit)
      for (const unit of were) if (!are.has(unit)) gone.push(unit)
    }
    return { added, gone }
  }

  function packed(name: string): PackedUnits {
    const found = held.get(name)
    if (found === undefined) throw new RangeError('There is no set of this name')
    return found.packed
  }

  return {
    atHand,
    packed,
    list(id, parts) {
      let size = 0
      for (const units of parts.values()) size += units.length
      if (size <= longestList) {
        bases.delete(id)
        return [...parts.values()].flat()
      }
      const base = bases.get(id) ?? made(id, parts)
      const { added, gone } = changesSince(base, parts)
      if (added.length + gone.length <= Math.max(longestList, base.size * mostChanged)) {
        return { set: base.name, added, gone }
      }
      return { set: made(id, parts).name, added: [], gone: [] }
    },
    units: (list) => [...unitsOf(list, packed)],
    sample: (lists, most) => sampleOfLists(lists, most, { atHand, packed }),
    gzipped(name) {
      const found = held.get(name)
      if (found === undefined) return null
      found.gzipped ??= compress(JSON.stringify(found.packed), { level: 1 })
      return found.gzipped
    },
    keep(names) {
      // One that was made a moment ago may not be in a snapshot yet.
      const bound = new Set([...names, ...[...bases.values()].map(({ name }) => name)])
      for (const name of held.keys()) {
        if (bound.has(name)) continue
        held.delete(name)
        atHand.delete(name)
      }
    },
    drop(owner) {
      for (const id of bases.keys()) if (id.startsWith(`${owner} `)) bases.delete(id)
    },
  }
}
