import { z } from 'zod'
import type { Context, Person } from '../../context.ts'
import { readForm, type App } from '../../http/index.ts'
import type { Problem } from '../../problem.ts'
import { Refusal } from '../../refusal.ts'
import { browserOf, rememberBrowser } from '../browser.ts'
import type { ConfirmationMethod } from '../confirmation.ts'
import { deviceOf } from '../device.ts'
import { enter, showSignIn } from '../entrance.ts'
import { ownPath } from '../own-path.ts'
import { addPasskey, beginPasskey, removePasskey, signInByPasskey } from './actions.ts'
import { askForPasskey, mostSentChars, usedPasskey, type Asked } from './ceremony.ts'
import { newPasskeyPage, passkeyField } from './pages.ts'
import { passkeysOf } from './store.ts'

const tight = { config: { rateLimit: { max: 20, timeWindow: 60_000 } } }
const sent = z.string().max(mostSentChars)
const name = z.string().trim().min(1, 'Enter a name for the passkey').max(100, 'Use at most 100 characters')

const notAsked = 'Your browser did not ask for a passkey: it needs JavaScript for that. Choose another way'
const notKnown = 'This passkey is not known here, or took too long. Try again, or choose another way'

export function passkeyRoutes(app: App): void {
  app.confirmation.methods.unshift(passkeyMethod)
  signInRoutes(app)
  ownRoutes(app)
}

function signInRoutes(app: App): void {
  app.post('/sign-in/passkey/options', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const holder = rememberBrowser(request, reply)
    return reply
      .header('cache-control', 'no-store')
      .send(await askForPasskey(request.context, { purpose: 'sign-in', holder }))
  })
  app.post('/sign-in/passkey', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const form = readForm(z.object({ credential: sent, to: z.string().max(2000).optional() }), request.body)
    const to = ownPath(form.ok ? form.value.to : undefined)
    const again = (message: string) =>
      showSignIn(request, reply.code(422), { to, problems: [{ field: 'passkey', message }] })
    if (!form.ok || form.value.credential === '') return again(notAsked)
    const browser = browserOf(request)
    const device = deviceOf(request.headers['user-agent'])
    const session =
      browser === null ? null : await signInByPasskey(request.context, browser, form.value.credential, device)
    return session === null ? again(notKnown) : enter(request, reply, session, to)
  })
}

function ownRoutes(app: App): void {
  app.post('/account/passkeys/new', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const person = personOf(request.context)
    const form = readForm(z.object({ name }), request.body)
    const asked = await beginPasskey(request.context, person)
    const shown = form.ok ? form.value.name : deviceOf(request.headers['user-agent'])
    return reply.page(newPasskeyPage({ name: shown, asked, problems: [] }))
  })
  app.post('/account/passkeys', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const ctx = request.context
    const person = personOf(ctx)
    const form = readForm(z.object({ name, credential: sent }), request.body)
    if (form.ok && (await addPasskey(ctx, person, form.value.name, form.value.credential)))
      return reply.redirect('/account#passkeys', 303)
    const problems: Problem[] = [{ field: 'credential', message: 'No passkey was made. Try again' }]
    const shown = form.ok ? form.value.name : deviceOf(request.headers['user-agent'])
    return reply.code(422).page(newPasskeyPage({ name: shown, asked: await beginPasskey(ctx, person), problems }))
  })
  app.post('/account/passkeys/remove', { schema: { hide: true }, ...tight }, async (request, reply) => {
    const form = readForm(z.object({ id: z.string().max(1400) }), request.body)
    if (!form.ok) throw new Refusal('invalid-request')
    await removePasskey(request.context, personOf(request.context), form.value.id)
    return reply.redirect('/account#passkeys', 303)
  })
}

function personOf({ actor }: Context): Person {
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  return actor
}

const field = 'confirm-passkey'

function confirming({ sessionId }: Person): Asked {
  return { purpose: 'confirm', holder: sessionId }
}

/** ACC-34: one of the person's own passkeys, asked for by this session, is a fresh confirmation. */
const passkeyMethod: ConfirmationMethod = {
  id: 'passkey',
  async offer(ctx, person) {
    const passkeys = await passkeysOf(ctx.db, person.accountId)
    if (passkeys.length === 0) return null
    const asked = await askForPasskey(ctx, confirming(person), passkeys)
    return { fields: passkeyField({ name: field, kind: 'get', asked }), button: 'Confirm with your passkey' }
  },
  async check(ctx, person, answer) {
    const given = answer[field] ?? ''
    if (given === '') return [{ field, message: notAsked }]
    const passkey = await usedPasskey(ctx, confirming(person), given)
    return passkey?.accountId === person.accountId ? [] : [{ field, message: notKnown }]
  },
}
