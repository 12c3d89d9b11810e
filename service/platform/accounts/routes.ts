import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { change } from '../act.ts'
import { isSecure } from '../config.ts'
import { emailAddress as email } from '../email-address.ts'
import { setSessionCookie, readForm, typedValues, type App } from '../http/index.ts'
import { listMailFiles, readMailFile } from '../mail/transports.ts'
import { acknowledge, markSeen, notificationsOf } from '../notifications.ts'
import { Refusal } from '../refusal.ts'
import {
  claimInstallation,
  hasMailPage,
  mailPageOnly,
  mailSignInLink,
  readLink,
  signInByLink,
  signInByPassword,
} from './actions.ts'
import {
  accountPage,
  firstPersonPage,
  joinPage,
  linkSentPage,
  mailPage,
  mailsPage,
  notificationsPage,
  signInPage,
  useLinkPage,
} from './pages.ts'
import { hashPassword } from './secrets.ts'
import { sessionCookie } from './sessions.ts'
import { deleteSession, deleteSessionsOf, setPasswordHash } from './store.ts'

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
const tight = { config: { rateLimit: { max: 20, timeWindow: 60_000 } } }

export function accountRoutes(app: App): void {
  signInRoutes(app)
  linkRoutes(app)
  personalRoutes(app)
  accountRoute(app)
}

/** Only paths of our own: an address elsewhere after sign-in would be a gift to phishers. */
function ownPath(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])/.test(to) ? to : '/'
}

function enter(request: FastifyRequest, reply: FastifyReply, session: string, to: string): FastifyReply {
  setSessionCookie(reply, session, isSecure(request.context.config))
  return reply.redirect(to, 303)
}

function signInRoutes(app: App): void {
  app.get(
    '/sign-in',
    { schema: { hide: true, querystring: z.object({ to: z.string().max(2000).optional() }) } },
    (request, reply) =>
      reply.page(
        signInPage({
          problems: [],
          values: {},
          to: ownPath(request.query.to),
          development: hasMailPage(request.context),
        }),
      ),
  )
  app.post('/sign-in', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const form = readForm(signInForm, request.body)
    const values = typedValues(request.body)
    const again = (problems: { field: string; message: string }[]) =>
      reply
        .code(422)
        .page(signInPage({ problems, values, to: ownPath(values.to), development: hasMailPage(request.context) }))
    if (!form.ok) return again(form.problems)
    const session = await signInByPassword(request.context, form.value.email, form.value.password)
    if (session === null)
      return again([{ field: 'email', message: 'Check the email address and the password: one of them is not right' }])
    return enter(request, reply, session, ownPath(form.value.to))
  })
  app.post('/sign-in/link', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const form = readForm(z.object({ address: email }), request.body)
    const development = hasMailPage(request.context)
    if (!form.ok)
      return reply
        .code(422)
        .page(signInPage({ problems: form.problems, values: typedValues(request.body), to: '/', development }))
    await mailSignInLink(request.context, form.value.address)
    return reply.page(linkSentPage(development))
  })
  app.post('/sign-out', { schema: { hide: true } }, async (request, reply) => {
    const { actor, db } = request.context
    if (actor.kind === 'account') {
      await deleteSession(db, actor.sessionId)
      app.sessions.forget(actor.accountId)
    }
    return reply.clearCookie(sessionCookie, { path: '/' }).redirect('/sign-in', 303)
  })
}

function linkRoutes(app: App): void {
  app.get('/sign-in/link/:token', { schema: { hide: true, params } }, async (request, reply) => {
    const { token } = request.params
    const { purpose, account } = await readLink(request.context, token)
    reply.header('referrer-policy', 'no-referrer')
    if (purpose === 'first-person') return reply.page(firstPersonPage({ token, problems: [], values: {} }))
    if (account === null) throw new Refusal('link-expired')
    if (purpose === 'join')
      return reply.page(joinPage({ token, email: account.email, problems: [], values: { name: account.name } }))
    return reply.page(useLinkPage({ token, email: account.email }))
  })
  app.post('/sign-in/link/:token', { schema: { hide: true, params }, ...tight }, async (request, reply) => {
    const { token } = request.params
    const ctx = request.context
    const { purpose, account } = await readLink(ctx, token)
    const values = typedValues(request.body)
    if (purpose === 'first-person') {
      const form = readForm(z.object({ name, email, password: newPassword }), request.body)
      if (!form.ok) return reply.code(422).page(firstPersonPage({ token, problems: form.problems, values }))
      const claimed = await claimInstallation(ctx, token, form.value)
      await app.whenClaimed(claimed.account.id, claimed.account.email)
      return enter(request, reply, claimed.session, '/')
    }
    if (purpose === 'sign-in') return enter(request, reply, await signInByLink(ctx, token, null), '/')
    const form = readForm(z.object({ name, password: newPassword }), request.body)
    if (!form.ok)
      return reply.code(422).page(joinPage({ token, email: account?.email ?? '', problems: form.problems, values }))
    return enter(request, reply, await signInByLink(ctx, token, form.value), '/')
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    /** What else happens when the first person takes the installation: the example becomes hers. */
    whenClaimed(accountId: string, email: string): Promise<void>
  }
}

function personalRoutes(app: App): void {
  app.get('/mails', { schema: { hide: true } }, async (request, reply) => {
    mailPageOnly(request)
    return reply.page(mailsPage(await listMailFiles(`${request.context.config.dataDirectory}/mails`, 50)))
  })
  app.get(
    '/mails/:id',
    { schema: { hide: true, params: z.object({ id: z.string().max(80) }) } },
    async (request, reply) => {
      mailPageOnly(request)
      return reply.page(
        mailPage(await readMailFile(`${request.context.config.dataDirectory}/mails`, request.params.id)),
      )
    },
  )
  app.get('/notices', { schema: { hide: true } }, async (request, reply) => {
    const { db, clock } = request.context
    const accountId = accountOf(request)
    const notes = await notificationsOf(db, accountId)
    await db.transaction().execute((tx) => markSeen(tx, accountId, clock.now()))
    return reply.page(notificationsPage(notes))
  })
  app.post(
    '/notices/:id/acknowledge',
    { schema: { hide: true, params: z.object({ id: z.uuid() }) } },
    async (request, reply) => {
      const ctx = request.context
      const accountId = accountOf(request)
      await change(ctx, { service: null }, async (tx, record) => {
        const note = await acknowledge(tx, accountId, request.params.id, ctx.clock.now())
        if (note === null) throw new Refusal('not-found')
        record({ action: 'notice.acknowledged', summary: `acknowledged “${note.title}”`, subject: note.id })
      })
      return reply.redirect('/notices', 303)
    },
  )
}

function accountRoute(app: App): void {
  app.get('/account', { schema: { hide: true } }, (request, reply) => {
    const { actor } = request.context
    if (actor.kind !== 'account') throw new Refusal('not-signed-in')
    return reply.page(accountPage({ ...actor, problems: [], values: {} }))
  })
  app.post('/account/password', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const ctx = request.context
    const { actor } = ctx
    if (actor.kind !== 'account') throw new Refusal('not-signed-in')
    const form = readForm(
      z.object({ password: z.string().min(12, 'Use at least 12 characters').max(1000) }),
      request.body,
    )
    if (!form.ok) return reply.code(422).page(accountPage({ ...actor, problems: form.problems, values: {} }))
    const passwordHash = await hashPassword(form.value.password)
    await change(ctx, { service: null }, async (tx, record) => {
      await setPasswordHash(tx, actor.accountId, passwordHash)
      await deleteSessionsOf(tx, actor.accountId, actor.sessionId)
      record({
        action: 'account.password-set',
        summary: 'set a password; other sessions ended',
        subject: actor.accountId,
      })
    })
    app.sessions.forget(actor.accountId)
    return reply.redirect('/account', 303)
  })
}

function accountOf(request: FastifyRequest): string {
  const { actor } = request.context
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  return actor.accountId
}
