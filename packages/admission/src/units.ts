/**
 * Units as a snapshot carries them: a plain list, or, for many, the 128-bit ones packed into one text and the others
 * beside it. Both say the same set.
 */
export type UnitList = readonly string[] | PackedUnits | NamedUnits

export interface PackedUnits {
  /** Units as 16 bytes each, ascending and without repeats, base64. */
  packed: string
  /** Units that are not 128 bits in 22 characters, such as the ids that an application made itself. */
  others: readonly string[]
}

/**
 * A large set that is known by name and sent once, with what has changed in it since: so the news of one person among a
 * million is short.
 */
export interface NamedUnits {
  /** SHA-256, in base64url, of the JSON of its `PackedUnits`. */
  set: string
  added: readonly string[]
  gone: readonly string[]
}

/** An exact set: no false positive, ever. */
export interface UnitSet {
  has(unit: string): boolean
  readonly size: number
}

/** Up to here a set of JavaScript is smaller than what the index of a packed one costs. */
const smallest = 64
const wordsOfUnit = 4
const bytesOfUnit = 16
const lengthOfUnit = 22

/**
 * The set of a list, for decisions: 16 bytes for each 128-bit unit and a small index, so that a million invited people take
 * 17 MB. A look-up takes some 50 ns at any size. Throws a RangeError where `packed` is no packed text (validate first), and
 * where a set is named that is not among those at hand.
 *
 * @example unitSet(['q3nJmB2Wc0mZ3l0Qf8o1Zw']).has('q3nJmB2Wc0mZ3l0Qf8o1Zw') // true
 */
export function unitSet(list: UnitList, atHand: ReadonlyMap<string, UnitSet> = noSets): UnitSet {
  if ('set' in list) return changed(list, atHand.get(list.set))
  if (!isPacked(list)) return list.length <= smallest ? new Set(list) : setOf(...parted(list))
  const words = unpack(list.packed)
  if (words === null) throw new RangeError('These are no packed units')
  return setOf(words, list.others)
}

/**
 * The compact form of any units, in any order, repeats allowed.
 *
 * @example packUnits(['q3nJmB2Wc0mZ3l0Qf8o1Zw', 'customer-17']).others // ['customer-17']
 */
export function packUnits(units: readonly string[]): PackedUnits {
  const [words, others] = parted(units)
  const sorted = sort(words)
  const bytes = Buffer.alloc(sorted.length * 4)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  for (let at = 0; at < sorted.length; at++) view.setUint32(at * 4, word(sorted, at))
  return { packed: bytes.toString('base64'), others: [...new Set(others)].toSorted() }
}

const noSets: ReadonlyMap<string, UnitSet> = new Map()

function notAtHand(set: string): never {
  throw new RangeError(`The set ${set} is not at hand`)
}

function changed({ set, added, gone }: NamedUnits, base: UnitSet | undefined): UnitSet {
  if (base === undefined) return notAtHand(set)
  if (added.length === 0 && gone.length === 0) return base
  const [more, less] = [new Set(added), new Set(gone)]
  return {
    has: (unit) => more.has(unit) || (base.has(unit) && !less.has(unit)),
    size: base.size + more.size - less.size,
  }
}

/**
 * Every unit of a list, each once: the 128-bit ones ascending where the list is packed. `packedOf` gives the set of a name.
 * Throws a RangeError where a list names a set and nothing is there to give it.
 *
 * @example [...unitsOf(['one', 'two', 'one'])] // ['one', 'two']
 */
export function* unitsOf(list: UnitList, packedOf: (name: string) => PackedUnits = notAtHand): Generator<string> {
  if ('set' in list) {
    const gone = new Set(list.gone)
    for (const unit of unitsOf(packedOf(list.set))) if (!gone.has(unit)) yield unit
    return yield* list.added
  }
  if (!isPacked(list)) return yield* new Set(list)
  const bytes = Buffer.from(list.packed, 'base64')
  for (let at = 0; at < bytes.length; at += bytesOfUnit) yield bytes.toString('base64url', at, at + bytesOfUnit)
  yield* list.others
}

/** What is wrong with a list from outside, or null. */
export function unitListProblem(value: unknown): string | null {
  if (Array.isArray(value)) return value.every((unit) => typeof unit === 'string') ? null : 'is not a list of units'
  if (typeof value !== 'object' || value === null) return 'is not a list of units'
  const entries = value as Record<string, unknown>
  if ('set' in entries) return namedProblem(entries)
  const { packed, others } = entries
  if (typeof packed !== 'string' || unpack(packed) === null) return 'is not packed as units are'
  return unitListProblem(others) === null && Array.isArray(others) ? null : 'has others that are not units'
}

function namedProblem({ set, added, gone }: Record<string, unknown>): string | null {
  if (typeof set !== 'string' || !/^[\w-]{43}$/.test(set)) return 'names no set'
  const isList = (value: unknown): boolean => Array.isArray(value) && unitListProblem(value) === null
  return isList(added) && isList(gone) ? null : 'has changes that are not units'
}

function isPacked(list: readonly string[] | PackedUnits): list is PackedUnits {
  return !Array.isArray(list)
}

function setOf(words: Uint32Array, others: readonly string[]): UnitSet {
  const packed = new PackedSet(sort(words))
  if (others.length === 0) return packed
  const rest = new Set(others)
  return { has: (unit) => packed.has(unit) || rest.has(unit), size: packed.size + rest.size }
}

/** Units as ascending words; an index over their first bits leaves some eight to look through. */
class PackedSet implements UnitSet {
  readonly size: number
  readonly #words: Uint32Array
  readonly #index: Uint32Array
  readonly #shift: number

  constructor(words: Uint32Array) {
    this.#words = words
    this.size = words.length / wordsOfUnit
    const bits = indexBits(this.size)
    this.#shift = 32 - bits
    this.#index = firstOfEach(words, this.#shift, 2 ** bits)
  }

  has(unit: string): boolean {
    if (!decode(unit)) return false
    const first = w0 >>> this.#shift
    let low = word(this.#index, first)
    let high = word(this.#index, first + 1)
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = compareDecoded(this.#words, middle * wordsOfUnit)
      if (order === 0) return true
      if (order < 0) high = middle
      else low = middle + 1
    }
    return false
  }
}

/** At least one bit, since a shift by 32 is none. */
function indexBits(count: number): number {
  return Math.min(20, Math.max(1, Math.floor(Math.log2(Math.max(1, count / 8)))))
}

/** Where in the ascending words each value of the first bits begins, and at last where all end. */
function firstOfEach(words: Uint32Array, shift: number, values: number): Uint32Array {
  const starts = new Uint32Array(values + 1)
  for (let at = 0; at < words.length; at += wordsOfUnit) {
    const after = (word(words, at) >>> shift) + 1
    starts[after] = word(starts, after) + 1
  }
  for (let at = 1; at <= values; at++) starts[at] = word(starts, at) + word(starts, at - 1)
  return starts
}

/** The 128-bit units as words, and the others. */
function parted(units: readonly string[]): [words: Uint32Array, others: string[]] {
  const words = new Uint32Array(units.length * wordsOfUnit)
  const others: string[] = []
  let at = 0
  for (const unit of units) {
    if (!decode(unit)) {
      others.push(unit)
      continue
    }
    words[at++] = w0
    words[at++] = w1
    words[at++] = w2
    words[at++] = w3
  }
  return [words.subarray(0, at), others]
}

/** How many places fit beside a word of 32 bits in one exact number. */
const placesBesideWord = 2 ** 21

/** Ascending, each once. Returns the same words where they are so already. */
function sort(words: Uint32Array): Uint32Array {
  if (isAscending(words)) return words
  const count = words.length / wordsOfUnit
  // By the first word and the place in one number, which a typed array sorts fast; what they leave equal is mended after.
  if (count >= placesBesideWord) return sortMany(words, count)
  const order = new Float64Array(count)
  for (let at = 0; at < count; at++) order[at] = word(words, at * wordsOfUnit) * placesBesideWord + at
  order.sort()
  const places = new Uint32Array(count)
  for (let at = 0; at < count; at++) places[at] = (order[at] ?? 0) % placesBesideWord
  mendTies(words, places)
  return copyInOrder(words, places)
}

/** Beyond two million the place does not fit beside the word. */
function sortMany(words: Uint32Array, count: number): Uint32Array {
  const places = Uint32Array.from({ length: count }, (_, at) => at).sort((one, other) => compare(words, one, other))
  return copyInOrder(words, places)
}

/** Units with the same first word stand together but in any order. */
function mendTies(words: Uint32Array, places: Uint32Array): void {
  let from = 0
  for (let at = 1; at <= places.length; at++) {
    const same = at < places.length && firstWord(words, places, at) === firstWord(words, places, from)
    if (same) continue
    if (at - from > 1) places.subarray(from, at).sort((one, other) => compare(words, one, other))
    from = at
  }
}

function firstWord(words: Uint32Array, places: Uint32Array, at: number): number {
  return word(words, word(places, at) * wordsOfUnit)
}

function copyInOrder(words: Uint32Array, places: Uint32Array): Uint32Array {
  const sorted = new Uint32Array(words.length)
  let to = 0
  for (let at = 0; at < places.length; at++) {
    const place = word(places, at)
    if (at > 0 && compare(words, word(places, at - 1), place) === 0) continue
    for (let from = place * wordsOfUnit; from < (place + 1) * wordsOfUnit; from++) sorted[to++] = word(words, from)
  }
  return sorted.subarray(0, to)
}

function isAscending(words: Uint32Array): boolean {
  for (let at = 1; at < words.length / wordsOfUnit; at++) if (compare(words, at - 1, at) >= 0) return false
  return true
}

function compare(words: Uint32Array, one: number, other: number): number {
  for (let at = 0; at < wordsOfUnit; at++) {
    const difference = word(words, one * wordsOfUnit + at) - word(words, other * wordsOfUnit + at)
    if (difference !== 0) return difference
  }
  return 0
}

/** Null where the text is not base64 of whole units, ascending and each once. */
function unpack(packed: string): Uint32Array | null {
  const bytes = Buffer.from(packed, 'base64')
  if (bytes.length % bytesOfUnit !== 0 || bytes.toString('base64') !== packed) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const words = new Uint32Array(bytes.length / 4)
  for (let at = 0; at < words.length; at++) words[at] = view.getUint32(at * 4)
  return isAscending(words) ? words : null
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0
}

// The unit that was decoded last, as four words: a decision asks many sets about one unit.
let w0 = 0
let w1 = 0
let w2 = 0
let w3 = 0
let last: string | null = null

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const values = new Uint8Array(128).fill(255)
for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value

/** Reads 22 characters of base64url as 128 bits. False for any other text, and for a spelling that is not the canonical one. */
function decode(unit: string): boolean {
  if (unit === last) return true
  if (unit.length !== lengthOfUnit) return false
  let bad = 0
  const value = (at: number): number => {
    const code = unit.charCodeAt(at)
    const found = code < 128 ? (values[code] ?? 255) : 255
    bad |= found & 128
    return found
  }
  const v5 = value(5)
  const v10 = value(10)
  const v21 = value(21)
  const a = (value(0) << 26) | (value(1) << 20) | (value(2) << 14) | (value(3) << 8) | (value(4) << 2) | (v5 >>> 4)
  const b = (v5 << 28) | (value(6) << 22) | (value(7) << 16) | (value(8) << 10) | (value(9) << 4) | (v10 >>> 2)
  const c = (v10 << 30) | (value(11) << 24) | (value(12) << 18) | (value(13) << 12) | (value(14) << 6) | value(15)
  const d =
    (value(16) << 26) | (value(17) << 20) | (value(18) << 14) | (value(19) << 8) | (value(20) << 2) | (v21 >>> 4)
  if (bad !== 0 || (v21 & 15) !== 0) return false
  w0 = a >>> 0
  w1 = b >>> 0
  w2 = c >>> 0
  w3 = d >>> 0
  last = unit
  return true
}

/** Negative where the decoded unit comes before the one at this place. */
function compareDecoded(words: Uint32Array, at: number): number {
  return w0 - word(words, at) || w1 - word(words, at + 1) || w2 - word(words, at + 2) || w3 - word(words, at + 3)
}
