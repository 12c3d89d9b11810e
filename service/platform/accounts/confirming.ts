import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { change } from '../act.ts'
import type { Context, Person } from '../context.ts'
import type { App } from '../http/index.ts'
import { html, input } from '../html/index.ts'
import type { Problem } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import {
  confirmPrefix,
  confirmWith,
  refuseUnconfirmed,
  type Answer,
  type ConfirmationMethod,
  type Offer,
} from './confirmation.ts'
import { confirmPage, type CarriedField } from './pages/confirm-page.ts'
import { hashSecret, newCode, verifyPassword } from './secrets.ts'
import { ownPath } from './own-path.ts'
import { setCode, setConfirmed, tryCode } from './session-store.ts'
import { findAccount } from './store.ts'
import { giveBackTries, takeTries } from './throttle.ts'

declare module 'fastify' {
  interface FastifyInstance {
    confirmation: {
      /** In the order in which the page offers them. */
      methods: ConfirmationMethod[]
      /** Answers a form that came too late with the page to confirm on, which holds all that was typed. */
      ask(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | null
    }
  }
}

/**
 * ACC-6: where an act asks for a fresh confirmation, its form comes back with everything typed in it, invisibly, and a
 * way to confirm. The answer goes to the same address as the form; it is looked at here and taken out, and the act goes on.
 */
export function installConfirmation(app: App): void {
  app.decorate('confirmation', {
    methods: [passwordMethod, codeMethod],
    ask: (request, reply) => {
      const { actor } = request.context
      if (actor.kind !== 'account' || !isForm(request)) return null
      return show(app, request, reply.code(403), actor, { id: null, problems: [] })
    },
  })
  app.addHook('preValidation', async (request, reply) => {
    const { actor } = request.context
    if (actor.kind !== 'account' || !isForm(request)) return
    const answer = takeAnswer(request)
    const method = app.confirmation.methods.find(({ id }) => id === answer[confirmWith])
    if (method === undefined) return
    const counted = [{ kind: 'confirming' as const, of: actor.sessionId }]
    await takeTries(request.context, counted)
    const checked = await method.check(request.context, actor, answer)
    if (checked === 'begun') return show(app, request, reply.code(403), actor, { id: method.id, problems: checked })
    if (checked.length > 0) return show(app, request, reply.code(422), actor, { id: method.id, problems: checked })
    await giveBackTries(request.context, counted)
    await confirm(app, request.context, actor)
  })
}

async function confirm(app: App, ctx: Context, person: Person): Promise<void> {
  const at = ctx.clock.now()
  await setConfirmed(ctx.db, person.sessionId, at)
  app.sessions.forget(person.accountId)
  person.confirmedAt = at
}

function isForm(request: FastifyRequest): boolean {
  const type = request.headers['content-type']
  return request.method === 'POST' && (type === undefined || type.startsWith('application/x-www-form-urlencoded'))
}

function takeAnswer(request: FastifyRequest): Answer {
  const answer: Answer = {}
  const kept: { [field: string]: unknown } = {}
  for (const [name, value] of Object.entries(request.body ?? {})) {
    if (name.startsWith(confirmPrefix)) answer[name] = String(value).slice(0, 20_000)
    else kept[name] = value
  }
  if (Object.keys(answer).length > 0) request.body = kept
  return answer
}

async function show(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  person: Person,
  last: { id: string | null; problems: Problem[] | 'begun' },
): Promise<FastifyReply> {
  const offers: (Offer & { id: string })[] = []
  for (const method of app.confirmation.methods) {
    const offer = await method.offer(request.context, person, method.id === last.id ? last.problems : [])
    if (offer !== null) offers.push({ ...offer, id: method.id })
  }
  return reply.page(
    confirmPage({
      name: person.name,
      action: request.url,
      back: cameFrom(request),
      carried: carriedFields(request.body),
      offers,
      problems: last.problems === 'begun' ? [] : last.problems,
    }),
  )
}

/** Passwords are typed again rather than written into a page. */
function carriedFields(body: unknown): CarriedField[] {
  return Object.entries(body ?? {})
    .filter(([name]) => !/password/i.test(name))
    .flatMap(([name, value]) => [value].flat().map((each) => ({ name, value: String(each) })))
}

function cameFrom(request: FastifyRequest): string {
  const { referer, host } = request.headers
  const from = referer !== undefined && URL.canParse(referer) ? new URL(referer) : null
  if (from === null || from.host !== host) return '/'
  const page = request.server.pageAt(from.pathname)
  return page === from.pathname ? `${page}${from.search}` : page
}

/** The page by itself, for programs in the browser that were refused with `confirm-again`. */
export function confirmationRoutes(app: App): void {
  const to = z.object({ to: z.string().max(2000).optional() })
  app.get('/confirm', { schema: { hide: true, querystring: to } }, async (request, reply) => {
    const { actor } = request.context
    if (actor.kind !== 'account') throw new Refusal('not-signed-in')
    request.body = { to: ownPath(request.query.to) }
    return show(app, request, reply, actor, { id: null, problems: [] })
  })
  app.post('/confirm', { schema: { hide: true, body: to.nullish() } }, async (request, reply) => {
    refuseUnconfirmed(request.context)
    return reply.redirect(ownPath(request.body?.to), 303)
  })
}

const passwordField = 'confirm-password'

const passwordMethod: ConfirmationMethod = {
  id: 'password',
  async offer(ctx, person, again) {
    const account = await findAccount(ctx.db, person.accountId)
    if (account === null || account.passwordHash === null) return null
    return {
      fields: input({
        name: passwordField,
        label: 'Password',
        type: 'password',
        autocomplete: 'current-password',
        problems: again === 'begun' ? [] : [...again],
        values: {},
      }),
      button: 'Confirm and go on',
    }
  },
  async check(ctx, person, answer) {
    const account = await findAccount(ctx.db, person.accountId)
    const isRight = await verifyPassword(answer[passwordField] ?? '', account?.passwordHash ?? null)
    return isRight ? [] : [{ field: passwordField, message: 'Check the password: it is not right' }]
  },
}

const codeField = 'confirm-code'
const codeMinutes = 10
const mostTries = 5

/** For people without a password: a code to their own address. An empty field asks for a new code. */
const codeMethod: ConfirmationMethod = {
  id: 'code',
  async offer(_ctx, person, again) {
    const isSent = again === 'begun'
    if (!isSent && again.length === 0) return { fields: html``, button: 'Send me a code by email' }
    return {
      fields: html`${isSent && html`<p class="govuk-body" role="status"><b>We sent a code to ${person.email}. It works for ${codeMinutes} minutes.</b></p>`}
      ${input({
        name: codeField,
        label: 'Code from the mail',
        hint: 'Leave it empty to get a new one',
        autocomplete: 'one-time-code',
        inputmode: 'numeric',
        spellcheck: false,
        problems: isSent ? [] : [...again],
        values: {},
      })}`,
      button: 'Confirm by code and go on',
    }
  },
  async check(ctx, person, answer) {
    const code = (answer[codeField] ?? '').replaceAll(/\s/g, '')
    if (code === '') {
      await mailCode(ctx, person)
      return 'begun'
    }
    const isRight = await tryCode(ctx.db, person.sessionId, codeHash(person, code), ctx.clock.now(), mostTries)
    return isRight ? [] : [{ field: codeField, message: 'Check the code, or leave it empty to get a new one' }]
  },
}

function codeHash(person: Person, code: string): Buffer {
  return hashSecret(`${person.sessionId} ${code}`)
}

async function mailCode(ctx: Context, person: Person): Promise<void> {
  const code = newCode()
  const until = new Date(ctx.clock.now().getTime() + codeMinutes * 60_000)
  await change(ctx, { service: null }, async (tx, record) => {
    await setCode(tx, person.sessionId, codeHash(person, code), until)
    await ctx.mail.send(
      {
        to: person.email,
        subject: 'Your code to confirm',
        text: `Enter this code on the page that asks for it. It works for ${codeMinutes} minutes:\n\n${code}\n\nIf you did not ask for it, somebody uses a session of yours: sign in and end it on the page of your account.\n`,
      },
      tx,
    )
    record({ action: 'account.code-mailed', summary: 'asked for a code to confirm', subject: person.accountId })
  })
}
