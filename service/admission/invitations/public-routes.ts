import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashSecret, longDateWords, newSecret, typedValues, type App, type Platform } from '../../platform/index.ts'
import { acceptedUnit, continueHere, decline, mailNewLink } from '../acceptance.ts'
import { accept } from './accepting.ts'
import { findByToken } from './store.ts'
import { goOn, wantedReturn } from '../customers/public-routes.ts'
import type { Links } from '../links.ts'
import {
  continuePage,
  dayFullWords,
  declinePage,
  fullWords,
  invitationPage,
  messagePage,
  newLinkPage,
  type Message,
} from '../pages/public.ts'
import type { PublicDoor } from '../public-door.ts'
import { publicView, secret, shutWords, tokenOf } from '../public-page.ts'
import { countBadLink, createRate, senderOf } from '../rate.ts'
import type { Snapshots } from '../snapshots.ts'
import { readPlaces } from '../store.ts'

const schema = { schema: { hide: true } }

/** Opening the link changes nothing; the forms on its page accept, go on elsewhere, or ask for a new link. */
export function invitationRoutes(
  app: App,
  platform: Platform,
  { door, snapshots, links }: { door: PublicDoor; snapshots: Snapshots; links: Links },
): void {
  const at = `${door.prefix}/invitation/:token`
  const mailRate = createRate(platform.clock, { each: 10, all: 500 })

  app.get(at, schema, async (request, reply) => {
    secret(reply)
    return showInvitation(request, reply, door, snapshots)
  })

  app.post(`${at}/accept`, schema, async (request, reply) => {
    secret(reply)
    const shut = shutWords(request, snapshots, invitationShut)
    if (shut !== null) return reply.code(409).page(messagePage(publicView(request, door), shut))
    const nonce = (typedValues(request.body)['nonce'] ?? '').slice(0, 100)
    const outcome = await accept(request.context, opened(request), nonce === '' ? newSecret() : nonce)
    if (outcome.kind === 'full') {
      return reply.code(409).page(messagePage(publicView(request, door), fullWords, { withWaiting: true }))
    }
    if (outcome.kind === 'day-full') return reply.code(409).page(messagePage(publicView(request, door), dayFullWords))
    if (outcome.kind !== 'in') return notOpen(request, reply, door, outcome.kind)
    door.letIn(request, reply, outcome)
    return goOn(request, reply, { door, snapshots, unit: outcome.unit })
  })

  app.post(`${at}/continue`, schema, async (request, reply) => {
    secret(reply)
    const outcome = await continueHere(request.context, opened(request))
    if (outcome.kind === 'too-many') return reply.code(409).page(messagePage(publicView(request, door), words.devices))
    if (outcome.kind !== 'in') return showInvitation(request, reply, door, snapshots)
    door.letIn(request, reply, outcome)
    return goOn(request, reply, { door, snapshots, unit: outcome.unit })
  })

  app.get(`${at}/decline`, schema, async (request, reply) => {
    secret(reply)
    const { context: ctx, service } = request
    const token = tokenOf(request)
    const invitation = await findByToken(ctx.db, service.id, hashSecret(token), ctx.clock.now())
    if (invitation === null) return notOpen(request, reply, door, 'unknown')
    if (invitation.state === 'declined') return notOpen(request, reply, door, 'declined')
    return reply.page(declinePage(publicView(request, door), { token, isIn: invitation.state === 'accepted' }))
  })
  // RFC 8058: a mail program sends this form by itself, without a cookie.
  app.post(`${at}/decline`, schema, async (request, reply) => {
    secret(reply)
    const outcome = await decline(request.context, opened(request))
    if (outcome === 'unknown') return notOpen(request, reply, door, 'unknown')
    return reply.page(messagePage(publicView(request, door), words[outcome]))
  })

  app.post(`${at}/new-link`, schema, async (request, reply) => {
    secret(reply)
    mailRate(request.service.id, senderOf(request))
    const isKnown = await mailNewLink(request.context, links, opened(request))
    if (!isKnown) await countBadLink(request, null)
    return reply.page(messagePage(publicView(request, door), words.mailed))
  })
}

async function showInvitation(request: FastifyRequest, reply: FastifyReply, door: PublicDoor, snapshots: Snapshots) {
  const { context: ctx, service } = request
  const token = tokenOf(request)
  const view = publicView(request, door)
  const invitation = await findByToken(ctx.db, service.id, hashSecret(token), ctx.clock.now())
  if (invitation === null) return notOpen(request, reply, door, 'unknown')
  if (invitation.state === 'accepted') {
    const unit = await acceptedUnit(ctx.db, service, invitation)
    if (unit === null) return notOpen(request, reply, door, 'over')
    if (invitation.tokenEnded) return notOpen(request, reply, door, 'replaced')
    return reply.page(
      continuePage(view, { token, isHere: door.pass(request)?.unit === unit, returnTo: wantedReturn(request) ?? '' }),
    )
  }
  if (invitation.state === 'declined' || invitation.state === 'revoked')
    return notOpen(request, reply, door, invitation.state)
  if (invitation.tokenEnded) return notOpen(request, reply, door, 'replaced')
  if (invitation.state === 'expired') return notOpen(request, reply, door, 'expired')
  const shut = shutWords(request, snapshots, invitationShut)
  if (shut !== null) return reply.code(409).page(messagePage(view, shut))
  const { cap } = await readPlaces(ctx.db, service.id, ctx.clock.now())
  const { expiresAt, holdsPlace } = invitation
  const returnTo = wantedReturn(request) ?? ''
  return reply.page(invitationPage(view, { token, nonce: newSecret(), expiresAt, holdsPlace, cap, returnTo }))
}

/** Says which, as far as may be said, and what to do. */
async function notOpen(
  request: FastifyRequest,
  reply: FastifyReply,
  door: PublicDoor,
  kind: 'unknown' | 'declined' | 'revoked' | 'replaced' | 'expired' | 'used' | 'over',
) {
  await countBadLink(request, kind === 'unknown' ? null : tokenOf(request))
  const view = publicView(request, door)
  if (kind === 'used' || kind === 'replaced') {
    return reply.code(kind === 'used' ? 409 : 410).page(newLinkPage(view, { token: tokenOf(request), kind }))
  }
  const withWaiting = kind !== 'unknown'
  const message = kind === 'declined' ? await declinedWords(request) : words[kind]
  return reply.code(kind === 'unknown' ? 404 : 410).page(messagePage(view, message, { withWaiting }))
}

/** ADM-41: the person's own no, and their own way back. */
async function declinedWords(request: FastifyRequest): Promise<Message> {
  const { context: ctx, service } = request
  const invitation = await findByToken(ctx.db, service.id, hashSecret(tokenOf(request)), ctx.clock.now())
  const at = invitation?.declinedAt ?? null
  return {
    title: 'You said no to this invitation',
    text: [
      `You said no${at === null ? '' : ` on ${longDateWords(at, service.timeZone)}`}, so your place is free and we do not invite you again. The service goes on as before.`,
      'Did you change your mind? Ask for a place: then the team can invite you anew.',
    ],
  }
}

const invitationShut = {
  rung: 'invited',
  later: 'Your invitation keeps its place until it runs out. Open the link again later.',
} as const

function opened(request: FastifyRequest) {
  const userAgent = (request.headers['user-agent'] ?? '').slice(0, 500)
  return { service: request.service, token: tokenOf(request), userAgent }
}

const words = {
  unknown: {
    title: 'This link does not lead to an invitation',
    text: ['Part of the link may be missing. Open it from the mail again, or copy all of it into the address bar.'],
  },
  revoked: {
    title: 'This invitation was withdrawn',
    text: ['You can go on using the service as before. If you think that this is a mistake, ask the team.'],
  },
  over: {
    title: 'You no longer take part',
    text: ['You accepted this invitation, and have left the beta since, or the team took you out of it.'],
  },
  expired: {
    title: 'This invitation has run out',
    text: ['Its place is no longer kept. You can go on using the service as before, or ask for a place again.'],
  },
  devices: {
    title: 'You use the beta on five devices already',
    text: [
      'That is the most that one invitation allows. You can go on with any of those five, or with the current service here.',
    ],
  },
  declined: {
    title: 'Thank you for telling us',
    text: ['Your invitation has ended, and we do not invite you again. The service goes on as before.'],
  },
  accepted: {
    title: 'You get no more invitations',
    text: [
      'You accepted this one and still take part. You can leave the beta at any time: open the service, and choose “Leave the beta”.',
    ],
  },
  mailed: {
    title: 'Look into your mail',
    text: [
      'If this invitation is still good, a new link is on its way to the address that was invited. The old link no longer works.',
    ],
  },
}
