import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { OidcSettings } from '../../config.ts'
import { readForm, type App } from '../../http/index.ts'
import { Refusal, type RefusalCode } from '../../refusal.ts'
import { hasMailPage, teamUrl } from '../actions.ts'
import { browserOf, rememberBrowser } from '../browser.ts'
import { deviceOf } from '../device.ts'
import { enter, showSignIn } from '../entrance.ts'
import { ownPath } from '../own-path.ts'
import {
  addByIssuer,
  beginAtIssuer,
  callbackPath,
  confirmByIssuer,
  finishAtIssuer,
  mailProof,
  readProof,
  readUnproven,
  removeIdentity,
  signInByIssuer,
  signInByProof,
} from './actions.ts'
import { IssuerProblem, type Claims, type Issuer, type IssuerTrouble } from './issuer.ts'
import { issuerMethod } from './confirming.ts'
import { confirmedPage, leavePage, proofPage, proofSentPage, provePage, signedOutPage } from './pages.ts'
import type { Refused } from './rules.ts'
import type { Attempt } from './store.ts'

const params = z.object({ token: z.string().max(100) })
const tight = { config: { rateLimit: { max: 20, timeWindow: 60_000 } } }

interface Parts {
  issuer: Issuer
  settings: OidcSettings
}

/** Sign-in by OpenID Connect. Without an issuer in the configuration these pages say so. */
export function oidcRoutes(app: App, issuer: Issuer | null): void {
  const parts = (request: FastifyRequest): Parts => {
    const settings = request.context.config.oidc
    if (issuer === null || settings === null) throw new Refusal('no-issuer')
    return { issuer, settings }
  }
  if (issuer !== null) app.confirmation.methods.unshift(issuerMethod(issuer.name))
  signInRoutes(app, parts)
  proofRoutes(app, parts)
  ownRoutes(app, parts)
}

type PartsOf = (request: FastifyRequest) => Parts

function signInRoutes(app: App, parts: PartsOf): void {
  const querystring = z.object({ to: z.string().max(2000).optional() })
  app.get('/sign-in/oidc', { schema: { hide: true, querystring }, ...tight }, async (request, reply) => {
    const { issuer } = parts(request)
    const to = ownPath(request.query.to)
    const browser = rememberBrowser(request, reply)
    try {
      const url = await beginAtIssuer(request.context, issuer, browser, { purpose: 'sign-in', returnTo: to })
      return reply.redirect(url.href, 303)
    } catch (error) {
      return showRefusal(request, reply, refusalOf(error, issuer), to)
    }
  })
  app.get(callbackPath, { schema: { hide: true }, ...tight }, async (request, reply) => {
    const all = parts(request)
    const query = new URLSearchParams(request.url.split('?').slice(1).join('?'))
    reply.header('referrer-policy', 'no-referrer')
    let back: { attempt: Attempt; claims: Claims }
    try {
      back = await finishAtIssuer(request.context, all.issuer, browserOf(request), query)
    } catch (error) {
      const refusal = refusalOf(error, all.issuer)
      if (request.context.actor.kind === 'account') throw refusal
      return showRefusal(request, reply, refusal, '/')
    }
    return arrive(request, reply, all, back)
  })
}

async function arrive(
  request: FastifyRequest,
  reply: FastifyReply,
  { settings, issuer }: Parts,
  { attempt, claims }: { attempt: Attempt; claims: Claims },
): Promise<FastifyReply> {
  const ctx = request.context
  if (attempt.purpose === 'add') await addByIssuer(ctx, settings, attempt, claims)
  if (attempt.purpose === 'confirm') {
    try {
      await confirmByIssuer(ctx, attempt, claims)
    } catch (error) {
      throw refusalOf(error, issuer)
    }
  }
  if (attempt.purpose !== 'sign-in') return reply.redirect(attempt.returnTo, 303)

  const device = deviceOf(request.headers['user-agent'])
  const come = await signInByIssuer(ctx, settings, { browser: rememberBrowser(request, reply), device }, claims)
  if (come.kind === 'prove') return reply.redirect('/sign-in/oidc/proof', 303)
  if (come.kind === 'refused')
    return showRefusal(request, reply, refused(come.because, settings, claims), attempt.returnTo)
  return enter(request, reply, come.session, attempt.returnTo)
}

/** What went wrong, above the other ways to sign in. */
function showRefusal(request: FastifyRequest, reply: FastifyReply, notice: Refusal, to: string): Promise<FastifyReply> {
  if (notice.status === 503) reply.header('retry-after', '60')
  return showSignIn(request, reply.code(notice.status), { to, notice })
}

const troubles: Record<IssuerTrouble, RefusalCode> = {
  away: 'issuer-away',
  declined: 'issuer-declined',
  'refuses-us': 'issuer-refuses-us',
  'not-believed': 'issuer-not-believed',
}

function refusalOf(error: unknown, issuer: Issuer): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof IssuerProblem) return new Refusal(troubles[error.trouble], { issuer: issuer.name })
  throw error
}

const refusedCodes: Record<Refused, RefusalCode> = {
  'no-address': 'issuer-no-address',
  domain: 'identity-of-another-domain',
  'no-account': 'account-unknown',
  'account-closed': 'account-closed',
}

function refused(because: Refused, settings: OidcSettings, claims: Claims): Refusal {
  const domains = settings.emailDomains.join(', ')
  return new Refusal(refusedCodes[because], { issuer: settings.name, email: claims.email ?? '', domains })
}

/** ACC-22: an account with the same address, and the proof that it is the same person's. */
function proofRoutes(app: App, parts: PartsOf): void {
  app.get('/sign-in/oidc/proof', { schema: { hide: true } }, async (request, reply) => {
    const { issuer } = parts(request)
    const unproven = await readUnproven(request.context, browserOf(request))
    const { actor } = request.context
    const isSignedIn = actor.kind === 'account' && actor.accountId === unproven.accountId
    return reply.page(provePage({ issuerName: issuer.name, unproven, isSignedIn }))
  })
  app.post('/sign-in/oidc/proof', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const { issuer } = parts(request)
    const ctx = request.context
    const browser = browserOf(request)
    const { email } = await readUnproven(ctx, browser)
    await mailProof(ctx, issuer.name, browser)
    return reply.page(proofSentPage({ email, development: hasMailPage(ctx) }))
  })
  app.get('/sign-in/oidc/proof/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const { issuer } = parts(request)
    const { token } = request.params
    const { email } = await readProof(request.context, browserOf(request), token)
    reply.header('referrer-policy', 'no-referrer')
    return reply.page(proofPage({ issuerName: issuer.name, token, email }))
  })
  app.post('/sign-in/oidc/proof/:token', { schema: { hide: true, params }, ...tight }, async (request, reply) => {
    const { issuer } = parts(request)
    const where = { browser: browserOf(request), device: deviceOf(request.headers['user-agent']) }
    const session = await signInByProof(request.context, issuer.name, where, request.params.token)
    return enter(request, reply, session, '/')
  })
}

function ownRoutes(app: App, parts: PartsOf): void {
  const leave = async (
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: { purpose: 'add' | 'confirm'; returnTo: string },
  ) => {
    const { issuer } = parts(request)
    try {
      return await beginAtIssuer(request.context, issuer, rememberBrowser(request, reply), wanted)
    } catch (error) {
      throw refusalOf(error, issuer)
    }
  }
  app.post('/account/oidc', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const url = await leave(request, reply, { purpose: 'add', returnTo: '/account#issuer' })
    // A redirect would fall under the page's policy for forms, on every site that the issuer sends the browser through.
    return reply.header('refresh', `0; url=${url.href}`).page(leavePage(parts(request).issuer.name, url))
  })
  app.post('/account/oidc/remove', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const { issuer } = parts(request)
    const form = readForm(z.object({ issuer: z.string().max(500), subject: z.string().max(255) }), request.body)
    if (!form.ok) throw new Refusal('invalid-request')
    await removeIdentity(request.context, issuer.name, form.value)
    return reply.redirect('/account#issuer', 303)
  })
  app.get('/account/oidc/confirm', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const url = await leave(request, reply, { purpose: 'confirm', returnTo: '/account/oidc/confirmed' })
    return reply.redirect(url.href, 303)
  })
  app.get('/account/oidc/confirmed', { schema: { hide: true } }, async (request, reply) => {
    parts(request)
    return reply.page(confirmedPage())
  })
  app.get('/signed-out', { schema: { hide: true } }, async (request, reply) => {
    const { issuer } = parts(request)
    // Where the issuer does not answer, its session cannot be ended from here: ours is all the same.
    const url = await issuer.signOutUrl(teamUrl(request.context, '/sign-in')).catch(() => null)
    return reply.page(signedOutPage({ issuerName: issuer.name, signOutUrl: url?.href ?? null }))
  })
}
