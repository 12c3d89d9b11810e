import { timingSafeEqual } from 'node:crypto'
import type { SecretBox } from '../platform/index.ts'

/** ADM-72: whose changes a stream tells of, and what held when its listener was answered. */
export interface Listening {
  /** Null for all services. */
  service: string | null
  /** The key by which the listener asked; null for whoever asked without one, or with one that is bound to no service. */
  key: string | null
  /** When the secret of that key ends; null where it does not. */
  endsAt: Date | null
  state: string
}

const purpose = 'ofrep-stream'

/** The same for the same listening in every instance: an address that means the same is the same. */
export function writeToken(secrets: SecretBox, { service, key, endsAt, state }: Listening): string {
  const ends = endsAt === null ? [] : [endsAt.getTime()]
  const said = Buffer.from([service ?? '', key ?? '', state, ...ends].join(' ')).toString('base64url')
  return withMac(said, secrets.mac(purpose, said))
}

/** Null for what was not signed here. A token ends with its key alone: it tells whose news to send, and that anybody may hear. */
export function readToken(secrets: SecretBox, token: string): Listening | null {
  const [said = ''] = token.split('.')
  const given = Buffer.from(token)
  const isGenuine = secrets.macs(purpose, said).some((mac) => {
    const right = Buffer.from(withMac(said, mac))
    return right.length === given.length && timingSafeEqual(right, given)
  })
  if (!isGenuine) return null
  const [service = '', key = '', state = '', ends] = Buffer.from(said, 'base64url').toString().split(' ')
  return {
    service: service === '' ? null : service,
    key: key === '' ? null : key,
    endsAt: ends === undefined ? null : new Date(Number(ends)),
    state,
  }
}

function withMac(said: string, mac: Buffer): string {
  return `${said}.${mac.toString('base64url')}`
}
