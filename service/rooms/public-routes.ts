import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  hashSecret,
  newSecret,
  readForm,
  typedValues,
  webhooksOf,
  type App,
  type Platform,
  type Problem,
} from '../platform/index.ts'
import {
  countBadLink,
  createRate,
  gatewayDoor,
  linkDoor,
  messagePage,
  publicView,
  secret,
  senderOf,
  type PublicDoor,
  type Snapshots,
} from '../admission/index.ts'
import { featuresOf } from '../features/index.ts'
import { changeMember, stopMailsOf } from './actions.ts'
import { threadsOf } from './message-store.ts'
import { publicRoomPage, stopPage } from './pages/public-room.ts'
import { quotePage } from './pages/public-quote.ts'
import { consentForm, settingsForm, testerMessageForm } from './schemas.ts'
import { testimonialByToken } from './testimonial-store.ts'
import { decideQuote } from './testimonials.ts'
import { byPass, byToken, seated, type Visitor } from './visiting.ts'
import { writeAsTester } from './writing.ts'

const schema = { schema: { hide: true } }
const perPage = 50

/** The two ways into a room: the link of a mail, and the pass of a browser that takes part. */
interface Way {
  path: string
  isSecret: boolean
  find(request: FastifyRequest): Promise<Visitor | null>
  /** Where the forms of the page go. */
  action(request: FastifyRequest): string
}

export function roomsPublicRoutes(app: App, platform: Platform, snapshots: Snapshots): void {
  const rate = createRate(platform.clock, { each: 30, all: 3_000 })
  for (const door of [gatewayDoor(), linkDoor(snapshots)]) {
    for (const way of waysBy(door, snapshots)) roomRoutes(app, { door, way, rate })
    stopRoutes(app, door, waysBy(door, snapshots)[0])
    quoteRoutes(app, door)
  }
}

function waysBy(door: PublicDoor, snapshots: Snapshots): [Way, Way] {
  return [
    {
      path: `${door.prefix}/room/:token`,
      isSecret: true,
      find: (request) => byToken(request, param(request, 'token'), snapshots),
      action: (request) => `${door.base(request)}/room/${param(request, 'token')}`,
    },
    {
      path: `${door.prefix}/rooms/:feature`,
      isSecret: false,
      find: (request) => byPass(request, { key: param(request, 'feature'), door, snapshots }),
      action: (request) => `${door.base(request)}/rooms/${encodeURIComponent(param(request, 'feature'))}`,
    },
  ]
}

function param(request: FastifyRequest, name: 'token' | 'feature'): string {
  const value = (request.params as Record<string, string | undefined>)[name] ?? ''
  return value.slice(0, 100)
}

interface Parts {
  door: PublicDoor
  way: Way
  rate: (serviceId: string, sender: string) => void
}

function roomRoutes(app: App, { door, way, rate }: Parts): void {
  app.get(way.path, schema, async (request, reply) => {
    secret(reply)
    const visitor = await way.find(request)
    return visitor === null ? notHere(request, reply, door, way) : reply.page(roomPage(request, door, way, visitor))
  })
  app.post(`${way.path}/messages`, schema, async (request, reply) => {
    secret(reply)
    const visitor = await way.find(request)
    if (visitor === null) return notHere(request, reply, door, way)
    const form = readForm(testerMessageForm, request.body)
    if (!form.ok) return reply.code(422).page(roomPage(request, door, way, visitor, form.problems))
    rate(request.service.id, senderOf(request))
    await writeAsTester(request.context, visitor.place, await seated(request.context, visitor), form.value)
    return reply.redirect(`${way.action(request)}?wrote=yes`, 303)
  })
  app.post(`${way.path}/settings`, schema, async (request, reply) => {
    secret(reply)
    const visitor = await way.find(request)
    if (visitor === null) return notHere(request, reply, door, way)
    const form = readForm(settingsForm, request.body)
    if (!form.ok) return reply.code(422).page(roomPage(request, door, way, visitor, form.problems))
    rate(request.service.id, senderOf(request))
    await changeMember(request.context, visitor.place, await seated(request.context, visitor), form.value)
    return reply.redirect(way.action(request), 303)
  })
}

/** RFC 8058: the mail program sends the form by itself, and the page has the same button. */
function stopRoutes(app: App, door: PublicDoor, way: Way): void {
  const show = async (request: FastifyRequest, reply: FastifyReply, done: boolean) => {
    secret(reply)
    const visitor = await way.find(request)
    if (visitor === null) return notHere(request, reply, door, way)
    if (done && visitor.member !== null) await stopMailsOf(request.context, visitor.place, visitor.member)
    const feature = visitor.place.feature.name
    return reply.page(stopPage(publicView(request, door), { action: way.action(request), feature, done }))
  }
  app.get(`${way.path}/stop`, schema, (request, reply) => show(request, reply, false))
  app.post(`${way.path}/stop`, schema, (request, reply) => show(request, reply, true))
}

async function notHere(request: FastifyRequest, reply: FastifyReply, door: PublicDoor, way: Way) {
  if (way.isSecret) await countBadLink(request, null)
  return reply.code(404).page(messagePage(publicView(request, door), way.isSecret ? words.link : words.pass))
}

const words = {
  link: {
    title: 'This link does not lead to a room',
    text: [
      'It has run out, or part of it is missing. Open it from the latest mail, or from the browser in which you take part.',
    ],
  },
  pass: {
    title: 'This room is for people who try the feature',
    text: ['Open it in the browser in which you take part, or by the link in a mail that we sent to you.'],
  },
}

async function roomPage(
  request: FastifyRequest,
  door: PublicDoor,
  way: Way,
  visitor: Visitor,
  problems: Problem[] = [],
) {
  const { context: ctx, service } = request
  const { place, room, member, address } = visitor
  const { before, wrote } = request.query as { before?: unknown; wrote?: unknown }
  const older = typeof before === 'string' && /^\d{1,15}$/.test(before) ? Number(before) : undefined
  const [threads, webhooks] = await Promise.all([
    threadsOf(ctx.db, place.feature.id, { limit: perPage + 1, before: older }),
    webhooksOf(ctx.db, service.id),
  ])
  return publicRoomPage({
    ...{ place, room, member, problems },
    hasAddress: address !== null,
    isAnsweredByMail: ctx.config.mailIn !== null,
    view: publicView(request, door),
    action: way.action(request),
    isSecret: way.isSecret,
    threads: threads.slice(0, perPage),
    older: threads.length > perPage ? (threads[perPage - 1]?.arrival ?? null) : null,
    sentId: newSecret(),
    isMirrored: webhooks.some(({ kind, events }) => kind === 'chat' && events.includes('room.message')),
    wrote: wrote === 'yes',
    values: typedValues(request.body),
  })
}

/** ROOM-11: what somebody agrees to be quoted with. */
function quoteRoutes(app: App, door: PublicDoor): void {
  const at = `${door.prefix}/quote/:token`
  app.get(at, schema, async (request, reply) => {
    secret(reply)
    return showQuote(request, reply, door)
  })
  app.post(at, schema, async (request, reply) => {
    secret(reply)
    const act = typedValues(request.body).act
    const form = readForm(consentForm, request.body)
    if (!form.ok) return showQuote(request, reply, door, form.problems)
    const wanted = act === 'approve' || act === 'withdraw' ? act : 'decline'
    const isKnown = await decideQuote(request.context, request.service, param(request, 'token'), {
      act: wanted,
      ...form.value,
    })
    if (!isKnown) return noQuote(request, reply, door)
    return reply.redirect(`${door.base(request)}/quote/${param(request, 'token')}`, 303)
  })
}

async function showQuote(request: FastifyRequest, reply: FastifyReply, door: PublicDoor, problems: Problem[] = []) {
  const { context: ctx, service } = request
  const testimonial = await testimonialByToken(ctx.db, service.id, hashSecret(param(request, 'token')))
  if (testimonial === null) return noQuote(request, reply, door)
  const feature = (await featuresOf(ctx.db, service.id)).find(({ id }) => id === testimonial.featureId)
  if (problems.length > 0) reply.code(422)
  return reply.page(
    quotePage({
      view: publicView(request, door),
      action: `${door.base(request)}/quote/${param(request, 'token')}`,
      testimonial,
      feature: feature?.name ?? '',
      problems,
      values: typedValues(request.body),
    }),
  )
}

async function noQuote(request: FastifyRequest, reply: FastifyReply, door: PublicDoor) {
  await countBadLink(request, null)
  return reply.code(404).page(
    messagePage(publicView(request, door), {
      title: 'This link does not lead to a quotation',
      text: ['Part of it may be missing, or what it was about is gone. Open it from the mail again.'],
    }),
  )
}
