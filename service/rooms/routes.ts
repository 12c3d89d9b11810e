import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  besideField,
  isRefresh,
  may,
  membersOf,
  newSecret,
  readForm,
  Refusal,
  typedValues,
  webhooksOf,
  type App,
  type Problem,
} from '../platform/index.ts'
import type { Html } from '../platform/html/index.ts'
import { betaLinks, type Links } from '../admission/index.ts'
import { mustFind } from '../features/index.ts'
import { servicePage } from '../services/index.ts'
import { inviteTesters, openRoom, shutRoom, wishMails } from './actions.ts'
import { readComparisons } from './comparison.ts'
import { answer, askUnknown, checkNeed, mend, reportDefect } from './learning.ts'
import { defectsOf, needChecksOf, unknownsOf } from './learning-store.ts'
import { countsOf, findMessage, newestArrival, threadsOf, unreadOf } from './message-store.ts'
import { learningContent } from './pages/learning-page.ts'
import { roomContent } from './pages/room-page.ts'
import { testimonialsContent } from './pages/testimonials-page.ts'
import type { Place } from './room.ts'
import {
  answerBody,
  defectBody,
  needBody,
  roomBody,
  teamMessageBody,
  testimonialBody,
  unknownBody,
  useBody,
  withdrawBody,
} from './schemas.ts'
import { findRoom, membersOfRoom, readUpTo, seatOf } from './store.ts'
import { testimonialsOf } from './testimonial-store.ts'
import { askToQuote, noteTakenDown, noteUse, withdraw } from './testimonials.ts'
import { readUsage } from './usage.ts'
import { settleMessage, turnIntoFeedback, writeAsTeam } from './writing.ts'

const feature = z.object({ service: z.string().max(60), feature: z.string().max(64) })
const withFeature = { schema: { hide: true, params: feature } }
const at = '/services/:service/features/:feature'
const perPage = 50

interface Typed {
  problems?: Problem[]
  values?: Record<string, string>
  mailed?: number | null
}

type Show = (request: FastifyRequest, place: Place, typed?: Typed) => Promise<Html>

export function roomsPages(app: App, links: Links): void {
  pageRoute(app, 'room', roomPage)
  pageRoute(app, 'learning', learningPage)
  pageRoute(app, 'testimonials', testimonialsPage)
  roomForms(app, links)
  learningForms(app)
  testimonialForms(app, links)
}

async function placeOf(request: FastifyRequest): Promise<Place> {
  const { feature: key } = request.params as { feature: string }
  const { service, context } = request
  return { service, feature: await mustFind(context, service, key) }
}

function pageRoute(app: App, path: string, show: Show): void {
  app.get(`${at}/${path}`, withFeature, async (request, reply) => reply.page(show(request, await placeOf(request))))
}

/** A form of one of these pages: problems come back beside their field. */
function formRoute<S extends z.ZodType>(
  app: App,
  path: string,
  form: { schema: S; show: Show; field: string; back: string },
  work: (request: FastifyRequest, place: Place, value: z.output<S>) => Promise<unknown>,
): void {
  app.post(`${at}/${path}`, { schema: { hide: true } }, async (request, reply) => {
    checkIds(request)
    const place = await placeOf(request)
    const values = typedValues(request.body)
    const read = readForm(form.schema, request.body)
    if (!read.ok) return reply.code(422).page(form.show(request, place, { problems: read.problems, values }))
    try {
      await work(request, place, read.value)
    } catch (error) {
      const problems = [besideField(error, form.field)]
      return reply.code(422).page(form.show(request, place, { problems, values }))
    }
    return reply.redirect(`/services/${place.service.key}/features/${place.feature.key}/${form.back}`, 303)
  })
}

const ids = z.object({
  service: z.string().max(60),
  feature: z.string().max(64),
  message: z.uuid().optional(),
  unknown: z.uuid().optional(),
  defect: z.uuid().optional(),
  testimonial: z.uuid().optional(),
  use: z.uuid().optional(),
})

/** What is no id names nothing. */
function checkIds(request: FastifyRequest): void {
  if (!ids.safeParse(request.params).success) throw new Refusal('not-found')
}

function idOf(request: FastifyRequest, name: 'message' | 'unknown' | 'defect' | 'testimonial' | 'use'): string {
  return (request.params as Record<string, string>)[name] ?? ''
}

const nothing = z.object({})

function roomForms(app: App, links: Links): void {
  const show = { show: roomPage, field: 'text' }
  formRoute(app, 'room', { schema: roomBody, ...show, field: 'welcome', back: 'room' }, ({ context }, place, value) =>
    openRoom(context, place, value),
  )
  formRoute(app, 'room/close', { schema: nothing, ...show, back: 'room' }, ({ context }, place) =>
    shutRoom(context, place),
  )
  formRoute(
    app,
    'room/messages',
    { schema: teamMessageBody, ...show, back: 'room#conversation' },
    ({ context }, place, value) => writeAsTeam(context, place, value),
  )
  formRoute(
    app,
    'room/messages/:message/settle',
    { schema: nothing, ...show, back: 'room#conversation' },
    (request, place) => settleMessage(request.context, place, idOf(request, 'message')),
  )
  formRoute(
    app,
    'room/messages/:message/feedback',
    { schema: nothing, ...show, back: 'room#conversation' },
    (request, place) => turnIntoFeedback(request.context, place, idOf(request, 'message')),
  )
  const wished = z.object({ wanted: z.enum(['yes', 'no']) })
  formRoute(app, 'room/mails', { schema: wished, ...show, back: 'room#reach' }, ({ context }, place, { wanted }) =>
    wishMails(context, place, wanted === 'yes'),
  )
  app.post(`${at}/room/invitations`, withFeature, async (request, reply) => {
    const place = await placeOf(request)
    const { mailed } = await inviteTesters(request.context, links, place)
    return reply.page(roomPage(request, place, { mailed }))
  })
}

function learningForms(app: App): void {
  const show = { show: learningPage }
  formRoute(
    app,
    'learning/unknowns',
    { schema: unknownBody, ...show, field: 'question', back: 'learning#unknowns' },
    ({ context }, place, { question }) => askUnknown(context, place, question),
  )
  formRoute(
    app,
    'learning/unknowns/:unknown',
    { schema: answerBody, ...show, field: 'answer', back: 'learning#unknowns' },
    (request, place, value) => answer(request.context, place, idOf(request, 'unknown'), value.answer),
  )
  formRoute(
    app,
    'learning/need',
    { schema: needBody, ...show, field: 'answer', back: 'learning#need' },
    ({ context }, place, value) => checkNeed(context, place, value),
  )
  formRoute(
    app,
    'learning/defects',
    { schema: defectBody, ...show, field: 'introducedIn', back: 'learning#defects' },
    ({ context }, place, value) => reportDefect(context, place, value),
  )
  formRoute(
    app,
    'learning/defects/:defect/close',
    { schema: nothing, ...show, field: 'title', back: 'learning#defects' },
    (request, place) => mend(request.context, place, idOf(request, 'defect')),
  )
}

function testimonialForms(app: App, links: Links): void {
  const show = { show: testimonialsPage, back: 'testimonials' }
  formRoute(app, 'testimonials', { schema: testimonialBody, ...show, field: 'wording' }, ({ context }, place, value) =>
    askToQuote(context, links, place, value),
  )
  formRoute(
    app,
    'testimonials/:testimonial/withdraw',
    { schema: withdrawBody, ...show, field: 'because' },
    (request, place, { because }) => withdraw(request.context, place, idOf(request, 'testimonial'), because),
  )
  formRoute(
    app,
    'testimonials/:testimonial/uses',
    { schema: useBody, ...show, field: 'place' },
    (request, place, value) => noteUse(request.context, place, idOf(request, 'testimonial'), value.place),
  )
  formRoute(
    app,
    'testimonials/:testimonial/uses/:use/taken-down',
    { schema: nothing, ...show, field: 'place' },
    (request, place) => noteTakenDown(request.context, place, idOf(request, 'testimonial'), idOf(request, 'use')),
  )
}

async function roomPage(request: FastifyRequest, place: Place, typed: Typed = {}): Promise<Html> {
  const { problems = [], values = {}, mailed = null } = typed
  const { context: ctx, service } = request
  const { before, open } = request.query as { before?: unknown; open?: unknown }
  const older = typeof before === 'string' && /^\d{1,15}$/.test(before) ? Number(before) : undefined
  const onlyOpen = open === 'yes'
  const { id } = place.feature
  const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
  const seat = accountId === null ? { readTo: 0, mails: false } : await seatOf(ctx.db, id, accountId)
  const [room, counts, threads, members, team, webhooks, mayWrite, mayManageWebhooks] = await Promise.all([
    findRoom(ctx.db, id),
    countsOf(ctx.db, id),
    threadsOf(ctx.db, id, { limit: perPage + 1, before: older, open: onlyOpen }),
    membersOfRoom(ctx.db, id),
    membersOf(ctx.db, service.id),
    webhooksOf(ctx.db, service.id),
    may(ctx, 'rooms.write', service.id),
    may(ctx, 'webhooks.manage', service.id),
  ])
  const among = threads.flatMap((thread) => [thread, ...thread.answers]).map((message) => message.id)
  const unread =
    accountId === null
      ? { count: 0, ids: new Set<string>() }
      : await unreadOf(ctx.db, id, { accountId, readTo: seat.readTo, among })
  // Who opens the page has the newest before them; older pages and a filter show only part. A page that is left open
  // fetches itself again, and nobody need be looking.
  if (accountId !== null && room !== null && older === undefined && !onlyOpen && !isRefresh(request))
    await readUpTo(ctx.db, id, accountId, await newestArrival(ctx.db, id))
  return servicePage(
    request,
    {
      title: `Beta room: ${place.feature.name}`,
      active: 'features',
      aside: betaLinks(place.service, place.feature, { here: 'room', mayReadRoom: true }),
      problems,
    },
    roomContent({
      ...{
        place,
        room,
        counts,
        unread,
        members,
        team,
        mayWrite,
        mayManageWebhooks,
        onlyOpen,
        problems,
        values,
        mailed,
      },
      wantsMails: seat.mails,
      threads: threads.slice(0, perPage),
      older: threads.length > perPage ? (threads[perPage - 1]?.arrival ?? null) : null,
      isMirrored: webhooks.some(({ kind, events }) => kind === 'chat' && events.includes('room.message')),
      isAnsweredByMail: ctx.config.mailIn !== null,
      isPerson: accountId !== null,
      sentId: newSecret(),
      now: ctx.clock.now(),
    }),
  )
}

async function learningPage(request: FastifyRequest, place: Place, typed: Typed = {}): Promise<Html> {
  const { problems = [], values = {} } = typed
  const { context: ctx, service } = request
  const { id } = place.feature
  const [unknowns, needChecks, defects, usage, comparisons, mayWrite] = await Promise.all([
    unknownsOf(ctx.db, id),
    needChecksOf(ctx.db, id),
    defectsOf(ctx.db, id),
    readUsage(ctx.db, id, ctx.clock.now()),
    readComparisons(ctx.db, { serviceId: service.id, featureId: id }, ctx.clock.now()),
    may(ctx, 'rooms.write', service.id),
  ])
  return servicePage(
    request,
    {
      title: `What we learn: ${place.feature.name}`,
      active: 'features',
      aside: betaLinks(place.service, place.feature, { here: 'learning', mayReadRoom: true }),
      problems,
    },
    learningContent({ place, unknowns, needChecks, defects, usage, comparisons, mayWrite, problems, values }),
  )
}

async function testimonialsPage(request: FastifyRequest, place: Place, typed: Typed = {}): Promise<Html> {
  const { problems = [], values = {} } = typed
  const { context: ctx, service } = request
  const asked = z.uuid().safeParse(values.message ?? (request.query as { message?: unknown }).message)
  const [testimonials, message, mayWrite] = await Promise.all([
    testimonialsOf(ctx.db, place.feature.id),
    asked.success ? findMessage(ctx.db, place.feature.id, asked.data) : null,
    may(ctx, 'rooms.write', service.id),
  ])
  return servicePage(
    request,
    {
      title: `Testimonials: ${place.feature.name}`,
      active: 'features',
      aside: betaLinks(place.service, place.feature, { here: 'testimonials', mayReadRoom: true }),
      problems,
    },
    testimonialsContent({
      ...{ place, testimonials, mayWrite, problems, values },
      refused: idOf(request, 'testimonial') || null,
      message: message?.fromTeam === true ? null : message,
    }),
  )
}
