import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, newSecret, typedValues, type App, type Platform } from '../../platform/index.ts'
import { dayFullWords, fullWords, messagePage, type Message } from '../pages/public.ts'
import type { PublicDoor } from '../public-door.ts'
import { publicView, secret, shutWords, tokenOf } from '../public-page.ts'
import { countBadLink, createRate, senderOf } from '../rate.ts'
import type { Snapshots } from '../snapshots.ts'
import { acceptForAccount, stopMails, type AccountAccepted } from './actions.ts'
import { issueClaim } from './claiming.ts'
import { accountInvitationPage, returnPage, stopPage } from './pages/public.ts'
import { contactByToken, customerByToken } from './store.ts'

const schema = { schema: { hide: true } }

/** ADM-60: the link that the people of one account share. */
export function accountRoutes(
  app: App,
  platform: Platform,
  { door, snapshots }: { door: PublicDoor; snapshots: Snapshots },
): void {
  const at = `${door.prefix}/account/:token`
  // The people of one company come from one network.
  const rate = createRate(platform.clock, { each: 300, all: 3_000 })

  app.get(at, schema, async (request, reply) => {
    secret(reply)
    const { context: ctx, service } = request
    const account = await customerByToken(ctx.db, service.id, hashSecret(tokenOf(request)), ctx.clock.now())
    if (account === null) return refused(request, reply, door, 'unknown')
    if (account.link !== 'open') return refused(request, reply, door, 'expired')
    const shut = shutWords(request, snapshots, accountShut)
    if (shut !== null) return reply.code(409).page(messagePage(publicView(request, door), shut))
    if (account.people !== null && account.taken >= account.people) return refused(request, reply, door, 'account-full')
    const page = { account, token: tokenOf(request), nonce: newSecret(), returnTo: wantedReturn(request) ?? '' }
    return reply.page(accountInvitationPage(publicView(request, door), page))
  })

  app.post(`${at}/accept`, schema, async (request, reply) => {
    secret(reply)
    const shut = shutWords(request, snapshots, accountShut)
    if (shut !== null) return reply.code(409).page(messagePage(publicView(request, door), shut))
    rate(request.service.id, senderOf(request))
    const nonce = (typedValues(request.body)['nonce'] ?? '').slice(0, 100)
    const outcome = await acceptForAccount(request.context, request.service, {
      token: tokenOf(request),
      nonce: nonce === '' ? newSecret() : nonce,
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 500),
    })
    if (outcome.kind !== 'in') return refused(request, reply, door, outcome.kind)
    door.letIn(request, reply, { rung: 'invited', unit: outcome.unit })
    return goOn(request, reply, { door, snapshots, unit: outcome.unit })
  })
  contactRoutes(app, door)
}

/** ADM-41: whoever was asked to pass the link on says no to mails like that. */
function contactRoutes(app: App, door: PublicDoor): void {
  const at = `${door.prefix}/contact/:token/stop`
  app.get(at, schema, async (request, reply) => {
    secret(reply)
    const token = tokenOf(request)
    const contact = await contactByToken(request.context.db, request.service.id, hashSecret(token))
    if (contact === null) return noContact(request, reply, door)
    return reply.page(stopPage(publicView(request, door), { token, account: contact.name }))
  })
  // RFC 8058: a mail program sends this form by itself, without a cookie.
  app.post(at, schema, async (request, reply) => {
    secret(reply)
    if (!(await stopMails(request.context, request.service, tokenOf(request)))) return noContact(request, reply, door)
    return reply.page(messagePage(publicView(request, door), stopped))
  })
}

async function noContact(request: FastifyRequest, reply: FastifyReply, door: PublicDoor) {
  await countBadLink(request, null)
  const title = 'This link does not lead to an invitation'
  const text = ['Part of the link may be missing. Copy all of it from the mail into the address bar.']
  return reply.code(404).page(messagePage(publicView(request, door), { title, text }))
}

const stopped: Message = {
  title: 'You get no more invitations',
  text: ['We do not write to you again. Whoever has the link from you can go on using it.'],
}

/** Of the link, then of the form that the link's page sent. */
export function wantedReturn(request: FastifyRequest): string | undefined {
  const asked = (request.query as { return?: unknown }).return ?? typedValues(request.body).return
  return typeof asked === 'string' ? asked.slice(0, 2000) : undefined
}

/** ADM-61: back to the application with a claim where the team allowed it, else to where the service begins. */
export async function goOn(
  request: FastifyRequest,
  reply: FastifyReply,
  { door, snapshots, unit }: { door: PublicDoor; snapshots: Snapshots; unit: string },
) {
  const wanted = { unit, returnTo: wantedReturn(request) }
  const to = await issueClaim(request.context, snapshots, request.service, wanted)
  if (to === null) return reply.redirect(door.home(request), 303)
  // A form may lead to this host only (form-action), also by a redirect: so a page leads on.
  return reply.header('refresh', `0; url=${to}`).page(returnPage(publicView(request, door), to))
}

type Refused = Exclude<AccountAccepted['kind'], 'in'>

const accountShut = { rung: 'invited', later: 'Open the link again later.' } as const

async function refused(request: FastifyRequest, reply: FastifyReply, door: PublicDoor, kind: Refused) {
  if (kind === 'unknown') await countBadLink(request, null)
  const withWaiting = kind === 'full' || kind === 'account-full'
  const page = messagePage(publicView(request, door), words[kind], { withWaiting })
  return reply.code(kind === 'unknown' ? 404 : kind === 'expired' ? 410 : 409).page(page)
}

const words: Record<Refused, Message> = {
  unknown: {
    title: 'This link does not lead to an invitation',
    text: ['Part of the link may be missing. Ask whoever passed it on to you for all of it.'],
  },
  expired: {
    title: 'This link is not good any more',
    text: ['Nothing has changed for you. Ask whoever passed it on to you for a newer one.'],
  },
  'account-full': {
    title: 'Every place for your organisation is taken',
    text: ['Nothing has changed for you. Whoever passed the link on to you can ask for more places.'],
  },
  full: fullWords,
  'day-full': dayFullWords,
}
