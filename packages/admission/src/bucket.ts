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
  return Math.floor((murmur3(Buffer.from(`${salt}.${unit}`, 'utf8')) * buckets) / 2 ** 32)
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
  let hash = 0
  const whole = bytes.length & ~3
  const byte = (at: number): number => bytes[at] ?? 0
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24))
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | byte(at)
  if (bytes.length > whole) hash ^= scramble(rest)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
