import type { OidcSettings } from '../../config.ts'
import type { Claims } from './issuer.ts'

/** What a sign-in at the issuer comes to. */
export type Outcome =
  | { kind: 'enter'; accountId: string }
  /** An account has this address: the person has to show first that it is theirs. */
  | { kind: 'prove'; accountId: string; email: string }
  | { kind: 'newcomer'; email: string; name: string }
  | { kind: 'refused'; because: Refused }

export type Refused = 'no-address' | 'domain' | 'no-account' | 'account-closed'

export interface Known {
  /** Whose identity it is, if anybody's. */
  byIdentity: { accountId: string; isOpen: boolean } | null
  /** Who has this address. */
  byEmail: { accountId: string; isOpen: boolean } | null
}

/** ACC-21, ACC-22, ACC-24: an identity that is known comes in; an equal address alone never does. */
export function outcomeOf(
  claims: Claims,
  known: Known,
  settings: Pick<OidcSettings, 'emailDomains' | 'newcomers'>,
): Outcome {
  if (!isOfDomain(claims, settings)) return { kind: 'refused', because: 'domain' }
  const { byIdentity, byEmail } = known
  if (byIdentity !== null) {
    return byIdentity.isOpen
      ? { kind: 'enter', accountId: byIdentity.accountId }
      : { kind: 'refused', because: 'account-closed' }
  }
  if (claims.email === null || !claims.isEmailVerified) return { kind: 'refused', because: 'no-address' }
  if (byEmail !== null) {
    return byEmail.isOpen
      ? { kind: 'prove', accountId: byEmail.accountId, email: claims.email }
      : { kind: 'refused', because: 'account-closed' }
  }
  if (!settings.newcomers) return { kind: 'refused', because: 'no-account' }
  return { kind: 'newcomer', email: claims.email, name: claims.name ?? claims.email }
}

/** ACC-24: where domains are named, the issuer must have verified an address of one of them, at every sign-in. */
export function isOfDomain(claims: Claims, { emailDomains }: Pick<OidcSettings, 'emailDomains'>): boolean {
  if (emailDomains.length === 0) return true
  const domain = claims.email?.split('@').at(-1)?.toLowerCase()
  return claims.isEmailVerified && domain !== undefined && emailDomains.includes(domain)
}
