import * as client from 'openid-client'
import type { OidcSettings } from '../../config.ts'
import { OutgoingProblem } from '../../outgoing/index.ts'
import { IssuerProblem, type Checks, type Claims, type Issuer, type IssuerParts, type IssuerTrouble } from './issuer.ts'

// As long as any call out waits for an answer (OUT-6).
const timeoutSeconds = 10
/** How far the issuer's clock may be from ours. */
const toleranceSeconds = 60
const metadataFreshMs = 60_000

/** Nothing is asked of the issuer before somebody wants to sign in by it: the start never waits for it. */
export function createIssuer(parts: IssuerParts): Issuer {
  const { settings, clock, log } = parts
  let known: { metadata: client.ServerMetadata; readAt: number } | null = null

  const metadata = async (): Promise<client.ServerMetadata> => {
    const now = clock.now().getTime()
    if (known !== null && Math.abs(now - known.readAt) < metadataFreshMs) return known.metadata
    const found = await client.discovery(new URL(settings.issuer), settings.clientId, undefined, undefined, {
      timeout: timeoutSeconds,
      [client.customFetch]: parts.fetch,
      execute: insecureAllowed(settings),
    })
    known = { metadata: found.serverMetadata(), readAt: now }
    return known.metadata
  }
  // Made anew for each sign-in, so that the issuer's keys are read anew: a key that was withdrawn signs nobody in.
  const configuration = async () => configure(parts, await metadata())
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const problem = new IssuerProblem(troubleOf(error), error)
      log.warn({ trouble: problem.trouble, reason: reasonOf(error) }, 'a sign-in by OpenID Connect did not work')
      throw problem
    }
  }

  return {
    name: settings.name,
    begin: (checks) => asked(async () => authorizationUrl(await configuration(), settings, checks)),
    finish: (query, checks) => asked(async () => claimsOf(await configuration(), query, checks)),
    signOutUrl: (returnTo) =>
      asked(async () => {
        const config = await configuration()
        if (config.serverMetadata().end_session_endpoint === undefined) return null
        return client.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo })
      }),
  }
}

/** Without TLS only where the configuration let an issuer on this machine through. */
function insecureAllowed(settings: OidcSettings): ((config: client.Configuration) => void)[] {
  // oxlint-disable-next-line typescript/no-deprecated -- marked so to make one think: config.ts lets only this machine through
  return settings.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
}

function configure(parts: IssuerParts, server: client.ServerMetadata): client.Configuration {
  const { settings, clock } = parts
  const config = new client.Configuration(
    server,
    settings.clientId,
    {
      [client.clockSkew]: Math.round((clock.now().getTime() - Date.now()) / 1000),
      [client.clockTolerance]: toleranceSeconds,
    },
    authenticationFor(settings, server),
  )
  config.timeout = timeoutSeconds
  config[client.customFetch] = parts.fetch
  // The token comes straight from the issuer; its signature is checked all the same.
  client.enableNonRepudiationChecks(config)
  for (const allow of insecureAllowed(settings)) allow(config)
  return config
}

function authenticationFor(settings: OidcSettings, server: client.ServerMetadata): client.ClientAuth {
  if (settings.clientSecret === null) return client.None()
  // Where the issuer does not say, the header is the standard's choice.
  const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return offered.includes('client_secret_basic')
    ? client.ClientSecretBasic(settings.clientSecret)
    : client.ClientSecretPost(settings.clientSecret)
}

async function authorizationUrl(config: client.Configuration, settings: OidcSettings, checks: Checks): Promise<URL> {
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: checks.redirectUri,
    scope: settings.scopes,
    state: checks.state,
    nonce: checks.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(checks.verifier),
    code_challenge_method: 'S256',
    ...(checks.afresh ? { prompt: 'login', max_age: '0' } : {}),
  })
  if (!/^https?:$/.test(url.protocol)) throw new TypeError('The authorization endpoint is no web address')
  return url
}

async function claimsOf(config: client.Configuration, query: URLSearchParams, checks: Checks): Promise<Claims> {
  // The redirect address is the one that was registered, never the one of the request.
  const answer = new URL(checks.redirectUri)
  answer.search = query.toString()
  const tokens = await client.authorizationCodeGrant(config, answer, {
    expectedState: checks.state,
    expectedNonce: checks.nonce,
    pkceCodeVerifier: checks.verifier,
    idTokenExpected: true,
    ...(checks.afresh ? { maxAge: 0 } : {}),
  })
  const token = tokens.claims()
  if (token === undefined) throw new TypeError('The issuer sent no identity token')
  // Many issuers put the address only there.
  const told: Record<string, unknown> =
    token.email === undefined && config.serverMetadata().userinfo_endpoint !== undefined
      ? await client.fetchUserInfo(config, tokens.access_token, token.sub)
      : token
  const { auth_time: authTime } = token
  return {
    issuer: token.iss,
    subject: token.sub,
    email: textOf(told.email, 254),
    isEmailVerified: told.email_verified === true,
    name: textOf(told.name, 200),
    authenticatedAt: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
  }
}

function textOf(value: unknown, most: number): string | null {
  if (typeof value !== 'string') return null
  const text = value.trim()
  return text === '' || text.length > most ? null : text
}

function troubleOf(error: unknown): IssuerTrouble {
  if (error instanceof client.AuthorizationResponseError) return 'declined'
  if (error instanceof client.ResponseBodyError) return error.status >= 500 ? 'away' : 'refuses-us'
  const { code, cause } = error as { code?: string; cause?: unknown }
  if (code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') return 'away'
  if (error instanceof OutgoingProblem || cause instanceof OutgoingProblem) return 'away'
  return 'not-believed'
}

/** Codes of the standard and of the library, for the log; never sentences from outside. */
function reasonOf(error: unknown): string {
  const {
    error: told,
    code,
    cause,
    message,
  } = error as {
    error?: unknown
    code?: unknown
    cause?: unknown
    message: string
  }
  if (cause instanceof OutgoingProblem) return cause.code
  if (typeof told === 'string') return /^[a-z_]{1,60}$/.test(told) ? told : 'unknown'
  return typeof code === 'string' ? code : message.slice(0, 200)
}
