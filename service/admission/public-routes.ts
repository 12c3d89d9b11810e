import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  hashSecret,
  newSecret,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Platform,
  type Problem,
} from '../platform/index.ts'
import { ceilingOf, phaseOf } from '../services/index.ts'
import { lowestCeiling, reaches } from '../../packages/admission/src/index.ts'
import { accept, acceptedUnit, continueHere, enter, leave, mailNewLink, usePreviewLink, wait } from './acceptance.ts'
import { findByToken } from './invitation-store.ts'
import type { Links } from './links.ts'
import {
  continuePage,
  invitationPage,
  leavePage,
  messagePage,
  newLinkPage,
  previewPage,
  waitingPage,
  type PublicView,
} from './pages/public.ts'
import type { PublicDoor } from './public-door.ts'
import { createRate, senderOf } from './rate.ts'
import { readPlaces } from './store.ts'
import type { Snapshots } from './snapshots.ts'

interface Parts {
  door: PublicDoor
  snapshots: Snapshots
  links: Links
}

const schema = { schema: { hide: true } }

/** What the public sees of who gets in. No script is needed, and nothing happens by looking. */
export function publicRoutes(app: App, platform: Platform, parts: Parts): void {
  invitationRoutes(app, platform, parts)
  otherWaysIn(app, parts)
  waitingRoutes(app, platform, parts)
  leaveRoutes(app, parts)
}

function invitationRoutes(app: App, platform: Platform, { door, snapshots, links }: Parts): void {
  const at = `${door.prefix}/invitation/:token`
  const mailRate = createRate(platform.clock, { each: 10, all: 500 })

  app.get(at, schema, async (request, reply) => {
    const { context: ctx, service } = request
    secret(reply)
    const invitation = await findByToken(ctx.db, service.id, hashSecret(tokenOf(request)), ctx.clock.now())
    if (invitation === null) return unopened(request, reply, 'unknown')
    if (invitation.state === 'accepted')
      return accepted(request, reply, invitation.tokenEnded, await acceptedUnit(ctx.db, service, invitation))
    if (invitation.state === 'revoked') return unopened(request, reply, 'revoked')
    if (invitation.tokenEnded) return unopened(request, reply, 'replaced')
    if (invitation.state === 'expired') return unopened(request, reply, 'expired')
    const shut = shutPage(request, snapshots)
    if (shut !== null) return reply.code(409).page(shut)
    const { cap } = await readPlaces(ctx.db, service.id, ctx.clock.now())
    const { expiresAt, holdsPlace } = invitation
    return reply.page(
      invitationPage(view(request), { token: tokenOf(request), nonce: newSecret(), expiresAt, holdsPlace, cap }),
    )
  })

  app.post(`${at}/accept`, schema, async (request, reply) => {
    secret(reply)
    const shut = shutPage(request, snapshots)
    if (shut !== null) return reply.code(409).page(shut)
    const nonce = typedValues(request.body).nonce ?? ''
    const outcome = await accept(request.context, opened(request), nonce.slice(0, 100) || newSecret())
    if (outcome.kind === 'in') return letIn(request, reply, outcome)
    if (outcome.kind === 'full') return reply.code(409).page(fullPage(request))
    if (outcome.kind === 'used') return used(request, reply)
    return unopened(request, reply, outcome.kind)
  })

  app.post(`${at}/continue`, schema, async (request, reply) => {
    secret(reply)
    const outcome = await continueHere(request.context, opened(request))
    if (outcome.kind === 'in') return letIn(request, reply, outcome)
    return outcome.kind === 'too-many'
      ? reply.code(409).page(tooManyDevices(request))
      : unopened(request, reply, 'revoked')
  })

  app.post(`${at}/new-link`, schema, async (request, reply) => {
    secret(reply)
    mailRate(request.service.id, senderOf(request))
    await mailNewLink(request.context, links, opened(request))
    return reply.page(
      messagePage(view(request), {
        title: 'Look into your mail',
        text: [
          'If this invitation is still good, a new link is on its way to the address that was invited. The old link no longer works.',
        ],
      }),
    )
  })

  function letIn(
    request: FastifyRequest,
    reply: FastifyReply,
    admitted: { rung: 'invited' | 'staff' | 'preview' | 'join' | 'share'; unit: string },
  ) {
    door.letIn(request, reply, admitted)
    return reply.redirect(door.home(request), 303)
  }

  /** P3: the same person on another device; here already, there is nothing to do. */
  function accepted(request: FastifyRequest, reply: FastifyReply, isOldLink: boolean, unit: string | null) {
    if (unit === null) return unopened(request, reply, 'revoked')
    if (isOldLink) return unopened(request, reply, 'replaced')
    const isHere = door.pass(request)?.unit === unit
    return reply.page(continuePage(view(request), { token: tokenOf(request), isHere }))
  }

  function used(request: FastifyRequest, reply: FastifyReply) {
    return reply.code(409).page(newLinkPage(view(request), { token: tokenOf(request), kind: 'used' }))
  }

  function unopened(
    request: FastifyRequest,
    reply: FastifyReply,
    kind: 'unknown' | 'revoked' | 'replaced' | 'expired' | 'used',
  ) {
    if (kind === 'used' || kind === 'replaced') {
      return reply.code(kind === 'used' ? 409 : 410).page(newLinkPage(view(request), { token: tokenOf(request), kind }))
    }
    return reply
      .code(kind === 'unknown' ? 404 : 410)
      .page(messagePage(view(request), unopenedWords[kind], { withWaiting: kind !== 'unknown' }))
  }

  function view(request: FastifyRequest): PublicView {
    return publicView(request, door)
  }

  function opened(request: FastifyRequest) {
    return {
      service: request.service,
      token: tokenOf(request),
      userAgent: (request.headers['user-agent'] ?? '').slice(0, 500),
    }
  }

  function fullPage(request: FastifyRequest) {
    return messagePage(
      view(request),
      {
        title: 'The beta is full',
        text: ['Every place has been taken. Nothing has changed for you: the service goes on as before.'],
      },
      { withWaiting: true },
    )
  }

  function tooManyDevices(request: FastifyRequest) {
    return messagePage(view(request), {
      title: 'You use the beta on five devices already',
      text: [
        'That is the most that one invitation allows. You can go on with any of those five, or with the current service here.',
      ],
    })
  }

  function shutPage(request: FastifyRequest, held: Snapshots) {
    const { service } = request
    if (held.halts.of(service.id) !== null) {
      return messagePage(view(request), {
        title: 'The beta is closed for now',
        text: ['Something needs putting right first. Your invitation keeps its place: open the link again later.'],
      })
    }
    if (reaches(ceilingOf(service.phase), lowestCeiling.invited)) return null
    return messagePage(view(request), {
      title: 'The beta is not open to invited people at present',
      text: ['Your invitation keeps its place until it runs out. Open the link again later.'],
    })
  }
}

const unopenedWords = {
  unknown: {
    title: 'This link does not lead to an invitation',
    text: ['Part of the link may be missing. Open it from the mail again, or copy all of it into the address bar.'],
  },
  revoked: {
    title: 'This invitation was withdrawn',
    text: ['You can go on using the service as before. If you think that this is a mistake, ask the team.'],
  },
  expired: {
    title: 'This invitation has run out',
    text: ['Its place has gone to somebody else. You can go on using the service as before, or ask for a place again.'],
  },
}

/** For the team and for guests of the team. */
function otherWaysIn(app: App, { door, snapshots }: Parts): void {
  app.get(`${door.prefix}/enter/:token`, schema, async (request, reply) => {
    secret(reply)
    const unit = await enter(request.context, request.service, tokenOf(request))
    if (unit === null) {
      return reply.code(410).page(
        messagePage(publicView(request, door), {
          title: 'This link was good for one minute',
          text: ['It works once, and right away. Press “See it yourself” on the team page again.'],
        }),
      )
    }
    door.letIn(request, reply, { rung: 'staff', unit })
    return reply.redirect(door.home(request), 303)
  })

  const preview = `${door.prefix}/preview/:token`
  app.get(preview, schema, async (request, reply) =>
    reply.page(previewPage(publicView(request, door), tokenOf(secretly(request, reply)))),
  )
  app.post(preview, schema, async (request, reply) => {
    secret(reply)
    const isHalted = snapshots.halts.of(request.service.id) !== null
    const unit = isHalted ? null : await usePreviewLink(request.context, request.service, tokenOf(request))
    if (unit === null) {
      return reply.code(410).page(
        messagePage(publicView(request, door), {
          title: 'This preview has ended',
          text: [
            'The link has run out, was withdrawn, or the new service is closed for now. Ask whoever sent it to you.',
          ],
        }),
      )
    }
    door.letIn(request, reply, { rung: 'preview', unit })
    return reply.redirect(door.home(request), 303)
  })
}

const addressForm = z.object({
  email: z
    .string()
    .trim()
    .max(254)
    .regex(/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/, 'Enter an email address in the correct format, like name@example.org'),
})

function waitingRoutes(app: App, platform: Platform, { door }: Parts): void {
  const rate = createRate(platform.clock, { each: 5, all: 300 })
  const at = `${door.prefix}/waiting`
  const show = (request: FastifyRequest, reply: FastifyReply, problems: Problem[] = []) =>
    reply.page(waitingPage(publicView(request, door), { problems, values: typedValues(request.body) }))

  app.get(at, schema, (request, reply) => show(request, reply))
  app.post(at, schema, async (request, reply) => {
    const form = readForm(addressForm, request.body)
    if (!form.ok) return show(request, reply.code(422), form.problems)
    rate(request.service.id, senderOf(request))
    await wait(request.context, request.service, form.value.email)
    // The same words whether or not the address was known: nobody learns who waits.
    return reply.page(
      messagePage(publicView(request, door), {
        title: 'We will write to you when there is a place',
        text: ['Until then the service goes on as before. We use the address for nothing else.'],
      }),
    )
  })
}

/** On the service's own host the gateway answers this itself. */
function leaveRoutes(app: App, { door }: Parts): void {
  app.get(`${door.prefix}/leave`, schema, (request, reply) => reply.page(leavePage(publicView(request, door))))
  if (door.kind === 'gateway') {
    app.post(`${door.prefix}/leave`, schema, async (request, reply) => {
      const pass = door.pass(request)
      if (pass !== null) await leave(request.context, request.service, pass.unit)
      return reply.redirect(door.home(request), 303)
    })
  }
}

function publicView(request: FastifyRequest, door: PublicDoor): PublicView {
  const { service } = request
  return {
    name: service.name,
    phaseLabel: phaseOf(service).label,
    phaseName: phaseOf(service).name,
    contact: service.contact,
    timeZone: service.timeZone,
    hasCurrent: service.currentUrl !== null,
    example: service.example,
    base: door.base(request),
    assets: door.assets,
    home: door.home(request),
    isEnforced: door.kind === 'gateway',
  }
}

function tokenOf(request: FastifyRequest): string {
  const { token } = request.params as { token?: string }
  if (token === undefined || token.length > 100) throw new Refusal('not-found')
  return token
}

/** A link is a secret: it goes into no referrer and no cache. */
function secret(reply: FastifyReply): void {
  reply
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'private, no-store')
    .header('x-robots-tag', 'noindex')
}

function secretly(request: FastifyRequest, reply: FastifyReply): FastifyRequest {
  secret(reply)
  return request
}
