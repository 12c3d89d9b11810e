import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import Provider, { type Configuration } from 'oidc-provider'
import { freePort } from './free-port.ts'

export interface PersonAtIssuer {
  sub: string
  email?: string
  email_verified?: boolean
  name?: string
}

/** An issuer of OpenID Connect as organisations run it, on a port of this machine. */
export interface TestIssuer {
  url: string
  /** What the service needs to know of it. */
  env: Record<string, string>
  /** Who signs in next; null cancels there. */
  person: PersonAtIssuer | null
  /** How often somebody had to show who they are. */
  askedTimes: number
  /** Changes what the token says, under the issuer's own signature. */
  tamper: ((claims: Record<string, unknown>) => Record<string, unknown>) | null
  /** Signs with this instead of the issuer's own key. */
  forger: KeyObject | null
  /** The service's own address, which is where people are sent back. */
  register(serviceUrl: string, client?: Record<string, unknown>): void
  /** New keys; the old ones are gone. */
  rotate(): void
  /** Answers nothing until it is back. */
  stop(): Promise<void>
  back(): Promise<void>
}

export async function startIssuer(options: { configuration?: Configuration } = {}): Promise<TestIssuer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = (_request, response) =>
    response.writeHead(503).end()
  let server = createServer((request, response) => void handle(request, response))
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  // Stopped and started again, it must find its port free.
  const port = await freePort()
  await listen(port)
  const url = `http://127.0.0.1:${port}`
  const secret = randomBytes(24).toString('base64url')
  let keys = newKeys()
  let client: Record<string, unknown> = {}

  const open = (): void => {
    const provider = new Provider(url, {
      ...configurationFor(issuer, client, keys.jwk),
      ...options.configuration,
    })
    provider.use(async (ctx, next) => {
      if (!ctx.path.startsWith('/interaction/')) return next()
      ctx.respond = false
      await answer(provider, issuer, ctx.req, ctx.res)
    })
    provider.use(async (ctx, next) => {
      await next()
      const body = ctx.body as { id_token?: string } | undefined
      if (ctx.path !== '/token' || typeof body?.id_token !== 'string') return
      if (issuer.tamper === null && issuer.forger === null) return
      const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString())
      ctx.body = { ...body, id_token: sign(issuer.tamper?.(claims) ?? claims, keys.kid, issuer.forger ?? keys.key) }
    })
    handle = provider.callback()
  }
  const issuer: TestIssuer = {
    url,
    env: { OIDC_ISSUER: url, OIDC_CLIENT_ID: 'phasegate', OIDC_CLIENT_SECRET: secret, OIDC_NAME: 'Example ID' },
    person: null,
    askedTimes: 0,
    tamper: null,
    forger: null,
    register(serviceUrl, more = {}) {
      client = {
        client_id: 'phasegate',
        client_secret: secret,
        redirect_uris: [`${serviceUrl}/sign-in/oidc/callback`],
        post_logout_redirect_uris: [`${serviceUrl}/sign-in`],
        ...more,
      }
      open()
    },
    rotate() {
      keys = newKeys()
      open()
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    async back() {
      server = createServer((request, response) => void handle(request, response))
      await listen(port)
    },
  }
  return issuer
}

function configurationFor(issuer: TestIssuer, client: Record<string, unknown>, jwk: object): Configuration {
  return {
    clients: [client as never],
    jwks: { keys: [jwk as never] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { logoutSource: (ctx, form) => void (ctx.body = form) },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    claims: { email: ['email', 'email_verified'], profile: ['name'] },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600, IdToken: 600 },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ ...issuer.person, sub }),
    }),
  }
}

/** What a person does on the issuer's own page: say who they are, or cancel. */
async function answer(
  provider: Provider,
  issuer: TestIssuer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt, params, grantId, session } = await provider.interactionDetails(request, response)
  if (issuer.person === null) {
    const said = { error: 'access_denied', error_description: '<b>You may not pass</b>' }
    return provider.interactionFinished(request, response, said)
  }
  if (prompt.name === 'login') {
    issuer.askedTimes += 1
    return provider.interactionFinished(request, response, { login: { accountId: issuer.person.sub } })
  }
  const grant =
    (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
    new provider.Grant({
      clientId: String(params['client_id']),
      ...(session === undefined ? {} : { accountId: session.accountId }),
    })
  grant.addOIDCScope(String(params['scope']))
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true })
}

function newKeys(): { key: KeyObject; jwk: object; kid: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = privateKey.export({ format: 'jwk' })
  const kid = createHash('sha256').update(String(jwk.n)).digest('base64url').slice(0, 12)
  return { key: privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'RS256' }, kid }
}

export function aKey(): KeyObject {
  return newKeys().key
}

function sign(claims: object, kid: string, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'RS256', kid, typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key).toString('base64url')}`
}
