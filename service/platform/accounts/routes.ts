import { z } from 'zod'
import { emailAddress as email } from '../email-address.ts'
import { readForm, typedValues, type App } from '../http/index.ts'
import { Refusal } from '../refusal.ts'
import {
  askForSignInLink,
  changeEmail,
  claimInstallation,
  endOwnSession,
  hasMailPage,
  readLink,
  signInByLink,
  signInByPassword,
} from './actions.ts'
import { colleagueRoutes, type TeamNames } from './colleagues/routes.ts'
import { confirmationRoutes } from './confirming.ts'
import { deviceOf } from './device.ts'
import { deviceCookie } from './known-device.ts'
import { enter, showSignIn } from './entrance.ts'
import type { Issuer } from './oidc/issuer.ts'
import { oidcRoutes } from './oidc/routes.ts'
import { identitiesOf } from './oidc/store.ts'
import { ownPath } from './own-path.ts'
import { ownRoutes } from './own-routes.ts'
import { firstPersonPage, joinPage, linkSentPage, newEmailPage, useLinkPage } from './pages/sign-in-pages.ts'
import { passkeyRoutes } from './passkeys/routes.ts'
import { sessionCookie } from './sessions.ts'

const name = z.string().trim().min(1, 'Enter your name').max(200)
const newPassword = z
  .string()
  .max(1000)
  .transform((value) => (value === '' ? null : value))
  .refine((value) => value === null || value.length >= 12, 'Use at least 12 characters')
  .nullish()
  .transform((value) => value ?? null)

const signInForm = z.object({
  email,
  password: z.string().min(1, 'Enter your password').max(1000),
  to: z.string().max(2000).optional(),
})

const params = z.object({ token: z.string().max(100) })

export function accountRoutes(app: App, issuer: Issuer | null, teamNames: TeamNames): void {
  signInRoutes(app)
  // The last one that is put there is offered first.
  oidcRoutes(app, issuer)
  passkeyRoutes(app)
  linkRoutes(app)
  ownRoutes(app)
  confirmationRoutes(app)
  colleagueRoutes(app, teamNames)
}

function signInRoutes(app: App): void {
  app.get(
    '/sign-in',
    { schema: { hide: true, querystring: z.object({ to: z.string().max(2000).optional() }) } },
    (request, reply) => showSignIn(request, reply, { to: ownPath(request.query.to) }),
  )
  app.post('/sign-in', { schema: { hide: true } }, async (request, reply) => {
    const form = readForm(signInForm, request.body)
    const values = typedValues(request.body)
    const again = (problems: { field: string; message: string }[]) =>
      showSignIn(request, reply.code(422), { problems, to: ownPath(values.to) })
    if (!form.ok) return again(form.problems)
    const session = await signInByPassword(request.context, form.value, {
      ip: request.ip,
      device: deviceOf(request.headers['user-agent']),
      known: request.cookies[deviceCookie],
    })
    if (session === null)
      return again([{ field: 'email', message: 'Check the email address and the password: one of them is not right' }])
    return enter(request, reply, session, ownPath(form.value.to))
  })
  app.post('/sign-in/link', { schema: { hide: true } }, async (request, reply) => {
    const form = readForm(z.object({ address: email }), request.body)
    if (!form.ok) return showSignIn(request, reply.code(422), { problems: form.problems, to: '/' })
    await askForSignInLink(request.context, form.value.address, request.ip)
    return reply.page(linkSentPage(hasMailPage(request.context)))
  })
  app.post('/sign-out', { schema: { hide: true } }, async (request, reply) => {
    const { actor, db, config } = request.context
    reply.clearCookie(sessionCookie, { path: '/' })
    if (actor.kind !== 'account') return reply.redirect('/sign-in', 303)
    await endOwnSession(request.context, actor, actor.sessionId)
    const hasIssuer = config.oidc !== null && (await identitiesOf(db, actor.accountId)).length > 0
    return reply.redirect(hasIssuer ? '/signed-out' : '/sign-in', 303)
  })
}

function linkRoutes(app: App): void {
  app.get('/sign-in/link/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const { token } = request.params
    const { purpose, account, email: newEmail } = await readLink(request.context, token, request.ip)
    reply.header('referrer-policy', 'no-referrer')
    if (purpose === 'first-person') return reply.page(firstPersonPage({ token, problems: [], values: {} }))
    if (account === null) throw new Refusal('link-expired')
    if (purpose === 'join')
      return reply.page(joinPage({ token, email: account.email, problems: [], values: { name: account.name } }))
    if (purpose === 'email') return reply.page(newEmailPage({ token, email: newEmail ?? '' }))
    return reply.page(useLinkPage({ token, email: account.email }))
  })
  app.post('/sign-in/link/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const { token } = request.params
    const ctx = request.context
    const { purpose, account } = await readLink(ctx, token, request.ip)
    const values = typedValues(request.body)
    const device = deviceOf(request.headers['user-agent'])
    if (purpose === 'first-person') {
      const form = readForm(z.object({ name, email, password: newPassword }), request.body)
      if (!form.ok) return reply.code(422).page(firstPersonPage({ token, problems: form.problems, values }))
      const claimed = await claimInstallation(ctx, token, form.value, device)
      await app.whenClaimed(claimed.account.id, claimed.account.email)
      return enter(request, reply, claimed.session, '/')
    }
    if (purpose === 'email') {
      await changeEmail(ctx, token)
      return reply.redirect('/account', 303)
    }
    if (purpose === 'sign-in') return enter(request, reply, await signInByLink(ctx, token, null, device), '/')
    const form = readForm(z.object({ name, password: newPassword }), request.body)
    if (!form.ok)
      return reply.code(422).page(joinPage({ token, email: account?.email ?? '', problems: form.problems, values }))
    return enter(request, reply, await signInByLink(ctx, token, form.value, device), '/')
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What else happens when the first person takes the installation: the example becomes hers. */
    whenClaimed(accountId: string, email: string): Promise<void>
  }
}
