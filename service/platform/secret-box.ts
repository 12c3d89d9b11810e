import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'

/**
 * ACC-13: what the database has to give back in clear (the keys that sign passes, mails on their way) is sealed with a key
 * that is not in it. AES-256-GCM, a key of its own for each purpose.
 */
export interface SecretBox {
  seal(purpose: string, text: string): string
  /** What was stored before there was a key is given back as it stands. */
  open(purpose: string, sealed: string): string
  /** Is it sealed, and with the newest key? */
  isCurrent(sealed: string): boolean
  /** A keyed hash: the same for the same text, and told by nobody without the key. */
  mac(purpose: string, text: string): Buffer
  /** The same under every key that is here, the newest first: for finding what was stored under an older one. */
  macs(purpose: string, text: string): Buffer[]
}

/** It was sealed with a key that is not here. */
export class SealedByAnotherKey extends Error {}

const mark = 'sealed'
const nonceBytes = 12
const tagBytes = 16

export function newSecretKey(): string {
  return randomBytes(32).toString('base64url')
}

/** The first key seals; the others only open what they once sealed. */
export function openSecretBox(keys: readonly string[]): SecretBox {
  const [newest] = keys
  if (newest === undefined) throw new Error('A secret box needs a key')
  const byId = new Map(keys.map((key) => [idOf(key), key]))
  const newestId = idOf(newest)
  // Purposes are few and stand in the code; to derive a key takes ten times as long as to use it.
  const derived = new Map<string, KeyObject>()
  const keyFor = (key: string, purpose: string): KeyObject => {
    const name = `${purpose} ${key}`
    const known = derived.get(name) ?? createSecretKey(Buffer.from(hkdfSync('sha256', key, '', purpose, 32)))
    derived.set(name, known)
    return known
  }
  const macWith = (key: string, purpose: string, text: string): Buffer =>
    createHmac('sha256', keyFor(key, purpose)).update(text).digest()
  return {
    seal(purpose, text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', keyFor(newest, purpose), nonce)
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${mark}.${newestId}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open(purpose, sealed) {
      const [begins, id, content] = sealed.split('.')
      if (begins !== mark || id === undefined || content === undefined) return sealed
      const key = byId.get(id)
      if (key === undefined) throw new SealedByAnotherKey(`It was sealed with the key ${id}, which is not here`)
      const bytes = Buffer.from(content, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', keyFor(key, purpose), bytes.subarray(0, nonceBytes))
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
    },
    isCurrent: (sealed) => sealed.startsWith(`${mark}.${newestId}.`),
    mac: (purpose, text) => macWith(newest, purpose, text),
    macs: (purpose, text) => keys.map((key) => macWith(key, purpose, text)),
  }
}

/** Names a key without telling it. */
function idOf(key: string): string {
  return createHash('sha256').update(`id of ${key}`).digest('base64url').slice(0, 8)
}
