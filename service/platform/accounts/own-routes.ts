import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { change } from '../act.ts'
import { isSecure } from '../config.ts'
import type { Person } from '../context.ts'
import { emailAddress as email } from '../email-address.ts'
import { setSessionCookie, readForm, typedValues, type App } from '../http/index.ts'
import { listMailFiles, readMailFile } from '../mail/transports.ts'
import { acknowledge, markSeen, notificationsOf } from '../notifications.ts'
import type { Problem } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { askForNewEmail, endOwnOtherSessions, endOwnSession, mailPageOnly, setPassword } from './actions.ts'
import { deviceOf } from './device.ts'
import { identitiesOf } from './oidc/store.ts'
import { accountPage } from './pages/account-page.ts'
import { mailPage, mailsPage, notificationsPage } from './pages/own-pages.ts'
import { isElsewhere, relyingPartyOf } from './passkeys/relying-party.ts'
import { passkeysOf } from './passkeys/store.ts'
import { sessionsOf } from './session-store.ts'

const hidden = { schema: { hide: true } }

/** What is a person's own: the account, its sessions, notices; and mails, where they can be read here. */
export function ownRoutes(app: App): void {
  mailRoutes(app)
  noticeRoutes(app)
  accountRoutes(app)
  sessionRoutes(app)
}

function personOf(request: FastifyRequest): Person {
  const { actor } = request.context
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  return actor
}

function mailRoutes(app: App): void {
  app.get('/mails', hidden, async (request, reply) => {
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
}

function noticeRoutes(app: App): void {
  app.get('/notices', hidden, async (request, reply) => {
    const { db, clock } = request.context
    const accountId = personOf(request).accountId
    const notes = await notificationsOf(db, accountId)
    await db.transaction().execute((tx) => markSeen(tx, accountId, clock.now()))
    return reply.page(notificationsPage(notes))
  })
  app.post(
    '/notices/:id/acknowledge',
    { schema: { hide: true, params: z.object({ id: z.uuid() }) } },
    async (request, reply) => {
      const ctx = request.context
      const accountId = personOf(request).accountId
      await change(ctx, { service: null }, async (tx, record) => {
        const note = await acknowledge(tx, accountId, request.params.id, ctx.clock.now())
        if (note === null) throw new Refusal('not-found')
        record({ action: 'notice.acknowledged', summary: `acknowledged “${note.title}”`, subject: note.id })
      })
      return reply.redirect('/notices', 303)
    },
  )
}

const doneWords: { [done: string]: string | undefined } = {
  password: 'Your password is set. Everybody who was signed in elsewhere is signed out.',
  email: 'The link is on its way. Your address changes when it is opened.',
  elsewhere: 'You are signed out everywhere else.',
}

async function show(
  request: FastifyRequest,
  reply: FastifyReply,
  tried: { problems: Problem[]; values: Record<string, string> } = { problems: [], values: {} },
): Promise<FastifyReply> {
  const { db, clock, config } = request.context
  const person = personOf(request)
  const { accountId } = person
  const { done } = request.query as { done?: string }
  const sessions = await sessionsOf(db, accountId, clock.now())
  const passkeys = {
    passkeys: await passkeysOf(db, accountId),
    party: relyingPartyOf(config),
    isElsewhere: isElsewhere(config, request.hostname),
    device: deviceOf(request.headers['user-agent']),
  }
  const issuer = config.oidc && { ...config.oidc, identities: await identitiesOf(db, accountId) }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(
    accountPage({ ...person, ...tried, sessions, passkeys, issuer, done: doneWords[done ?? ''] ?? null }),
  )
}

function accountRoutes(app: App): void {
  const querystring = z.object({ done: z.string().max(20).optional() })
  app.get('/account', { schema: { hide: true, querystring } }, (request, reply) => show(request, reply))
  app.post('/account/password', hidden, async (request, reply) => {
    const ctx = request.context
    const form = readForm(
      z.object({ password: z.string().min(12, 'Use at least 12 characters').max(1000) }),
      request.body,
    )
    if (!form.ok) return show(request, reply, { problems: form.problems, values: {} })
    const token = await setPassword(ctx, personOf(request), form.value.password)
    setSessionCookie(reply, token, isSecure(ctx.config))
    return reply.redirect('/account?done=password', 303)
  })
  app.post('/account/email', hidden, async (request, reply) => {
    const form = readForm(z.object({ email }), request.body)
    if (!form.ok) return show(request, reply, { problems: form.problems, values: typedValues(request.body) })
    await askForNewEmail(request.context, personOf(request), form.value.email)
    return reply.redirect('/account?done=email', 303)
  })
}

function sessionRoutes(app: App): void {
  app.post(
    '/account/sessions/:id/end',
    { schema: { hide: true, params: z.object({ id: z.uuid() }) } },
    async (request, reply) => {
      await endOwnSession(request.context, personOf(request), request.params.id)
      return reply.redirect('/account#sessions', 303)
    },
  )
  app.post('/account/sessions/end-others', hidden, async (request, reply) => {
    await endOwnOtherSessions(request.context, personOf(request))
    return reply.redirect('/account?done=elsewhere#sessions', 303)
  })
}
