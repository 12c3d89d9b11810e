import { argon2, createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** 256 random bits, as people carry them: in a link, a cookie, a header. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Six digits to type from a mail; few enough to guess, so whoever takes one counts the tries. */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0')
}

/** Secrets of 256 bits need no slow hash: only this one is stored. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

// OWASP password storage: argon2id with 19 MiB, 2 passes, 1 lane.
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16)
  const tag = (await derive('argon2id', { message: password, nonce, ...cost })) as Buffer
  return `argon2id$${cost.memory}$${cost.passes}$${nonce.toString('base64url')}$${tag.toString('base64url')}`
}

/** Takes as long for an account without a password as for one with: the answer tells nothing by its time. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, memory, passes, nonce, tag] = (stored ?? placeholder).split('$')
  const expected = Buffer.from(tag ?? '', 'base64url')
  const actual = (await derive('argon2id', {
    message: password,
    nonce: Buffer.from(nonce ?? '', 'base64url'),
    memory: Number(memory),
    passes: Number(passes),
    parallelism: 1,
    tagLength: 32,
  })) as Buffer
  return stored !== null && expected.length === actual.length && timingSafeEqual(expected, actual)
}

const placeholder = `argon2id$${cost.memory}$${cost.passes}$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`
