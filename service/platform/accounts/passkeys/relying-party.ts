import { isIP } from 'node:net'
import type { Config } from '../../config.ts'

/** Where passkeys of this installation are valid: they are bound to a host name for good. */
export interface RelyingParty {
  id: string
  origin: string
}

/**
 * ACC-30: from PUBLIC_URL alone. On one's own machine it is `localhost`, since an address such as 127.0.0.1 is no name.
 * Null where browsers offer no passkeys: at a bare address, or without TLS elsewhere.
 */
export function relyingPartyOf(config: Pick<Config, 'publicUrl' | 'port'>): RelyingParty | null {
  const { hostname, origin, protocol } = new URL(config.publicUrl ?? `http://localhost:${config.port}`)
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return null
  const isSecure = protocol === 'https:' || hostname === 'localhost' || hostname.endsWith('.localhost')
  return isSecure ? { id: hostname, origin } : null
}

/** On one's own machine a page can be open under a name, or an address, that is not the one of its passkeys. */
export function isElsewhere(config: Pick<Config, 'publicUrl' | 'port'>, hostname: string): boolean {
  return config.publicUrl === null && hostname !== relyingPartyOf(config)?.id
}
