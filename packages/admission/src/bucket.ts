import { randomBytes } from 'node:crypto'

/** A share is told in thousandths of a percent, so there are this many buckets. */
export const buckets = 100_000

/**
 * The bucket of a unit under a salt, 0 to 99,999. A unit is drawn when its bucket lies below the share, so a growing
 * share only ever adds people (ADM-9). Deterministic; any strings; never throws.
 * Source: MurmurHash3 x86 32-bit, Austin Appleby, public domain; scaled to the number of buckets.
 *
 * @example bucket('3f9c', 'AAECAwQFBgcICQoLDA0ODw') < 10_000 // in a share of 10 %?
 */
export function bucket(salt: string, unit: string): number {
  return bucketer(salt)(unit)
}

/**
 * `bucket` for many units under one salt: what the salt adds to the hash is worked out once.
 *
 * @example const bucketOf = bucketer('3f9c'); bucketOf(unit) === bucket('3f9c', unit) // true
 */
export function bucketer(salt: string): (unit: string) => number {
  const prefix = Buffer.from(`${salt}.`, 'utf8')
  const whole = prefix.length & ~3
  const begun = mixWords(0, prefix, whole)
  const left = prefix.length - whole
  let leftWord = 0
  for (let at = 0; at < left; at++) leftWord |= byteAt(prefix, whole + at) << (8 * at)

  return (unit) => {
    if (unit !== read.unit || left !== read.left) readWords(unit, left)
    // Beyond ASCII a character is several bytes of UTF-8.
    if (!read.isAscii) return scaled(murmur3(Buffer.from(`${salt}.${unit}`, 'utf8')))
    const { words } = read
    const length = left + unit.length
    const last = length >>> 2
    let hash = begun
    let word = wordAt(words, 0) | leftWord
    for (let at = 1; at <= last; at++) {
      hash = mixIn(hash, word)
      word = wordAt(words, at)
    }
    return scaled(finish(hash, word, length & 3, prefix.length + unit.length))
  }
}

/**
 * The unit that was asked about last, as words of which the first has room for what a salt leaves over. A decision on many
 * flags asks for the bucket of one unit under each of their salts, which are mostly of one length.
 */
const read = { unit: '', left: 0, words: new Int32Array(65), isAscii: true }

function readWords(unit: string, left: number): void {
  const count = ((left + unit.length) >>> 2) + 1
  if (read.words.length < count) read.words = new Int32Array(count)
  const { words } = read
  words.fill(0, 0, count)
  let beyond = 0
  for (let at = 0; at < unit.length; at++) {
    const code = unit.charCodeAt(at)
    beyond |= code & ~127
    const byte = left + at
    words[byte >>> 2] = wordAt(words, byte >>> 2) | (code << (8 * (byte & 3)))
  }
  read.unit = unit
  read.left = left
  read.isAscii = beyond === 0
}

function wordAt(words: Int32Array, at: number): number {
  return words[at] ?? 0
}

function scaled(hash: number): number {
  return Math.floor((hash * buckets) / 2 ** 32)
}

/**
 * A new unit: 128 random bits as base64url, 22 characters, opaque. One per person and service.
 *
 * @example newUnit() // 'q3nJmB2Wc0mZ3l0Qf8o1Zw'
 */
export function newUnit(): string {
  return randomBytes(16).toString('base64url')
}

/** MurmurHash3 x86 32-bit with seed 0, as an unsigned number. */
export function murmur3(bytes: Uint8Array): number {
  const whole = bytes.length & ~3
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | byteAt(bytes, at)
  return finish(mixWords(0, bytes, whole), rest, bytes.length - whole, bytes.length)
}

function mixWords(begun: number, bytes: Uint8Array, length: number): number {
  let hash = begun
  for (let at = 0; at < length; at += 4) {
    const word = byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16)
    hash = mixIn(hash, word | (byteAt(bytes, at + 3) << 24))
  }
  return hash
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function mixIn(begun: number, word: number): number {
  const hash = begun ^ scramble(word)
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
}

function finish(begun: number, rest: number, restLength: number, length: number): number {
  let hash = restLength > 0 ? begun ^ scramble(rest) : begun
  hash ^= length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
