import type { Logger } from 'pino'
import type { Clock } from '../../clock.ts'
import type { OidcSettings } from '../../config.ts'
import type { Fetch } from '../../outgoing/index.ts'

/** What the issuer says of a person, after every check. */
export interface Claims {
  issuer: string
  subject: string
  email: string | null
  isEmailVerified: boolean
  name: string | null
  /** When the person last showed the issuer who they are; many issuers say it only when asked. */
  authenticatedAt: Date | null
}

export interface Checks {
  redirectUri: string
  state: string
  nonce: string
  verifier: string
  /** The person has to show now who they are, whatever the issuer remembers. */
  afresh: boolean
}

/** What went wrong at the issuer. Its own words are never shown: whoever can write an address can write them. */
export type IssuerTrouble = 'away' | 'declined' | 'refuses-us' | 'not-believed'

export class IssuerProblem extends Error {
  readonly trouble: IssuerTrouble

  constructor(trouble: IssuerTrouble, cause: unknown) {
    super(`The issuer of sign-ins: ${trouble}`, { cause })
    this.name = 'IssuerProblem'
    this.trouble = trouble
  }
}

export interface Issuer {
  name: string
  /** Where to send the browser. */
  begin(checks: Checks): Promise<URL>
  /** What the browser brought back, `query`, becomes what the issuer says, or an IssuerProblem. */
  finish(query: URLSearchParams, checks: Checks): Promise<Claims>
  /** Where a person ends the session at the issuer too, or null where it offers none. */
  signOutUrl(returnTo: string): Promise<URL | null>
}

export interface IssuerParts {
  settings: OidcSettings
  clock: Clock
  log: Logger
  /** The guarded way out. */
  fetch: Fetch
}

/** What speaks OpenID Connect is read where an issuer is set, and not at every start. */
export async function openIssuer(parts: IssuerParts): Promise<Issuer> {
  const { createIssuer } = await import('./openid-issuer.ts')
  return createIssuer(parts)
}
