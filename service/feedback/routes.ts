import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  may,
  membersOf,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Platform,
  type Problem,
  createRateLimit,
} from '../platform/index.ts'
import { servicePage } from '../services/index.ts'
import { handle } from './actions.ts'
import { feedbackApi } from './api.ts'
import { feedbackCsv } from './csv.ts'
import { feedbackEdge } from './edge.ts'
import { feedbackStates, kinds, type Feedback, type FeedbackArm } from './feedback.ts'
import { itemContent } from './pages/item.ts'
import { decidedSentence, listContent, perPage } from './pages/list.ts'
import { endingsAsked, endingsNamed, feedbackSummary } from './reads.ts'
import { needsDecision } from './rules.ts'
import { countFeedback, findFeedback, listFeedback, type Filter } from './store.ts'

const hide = { schema: { hide: true } }
const dayMs = 86_400_000
const mostInOneFile = 50_000

export function feedbackRoutes(app: App, platform: Platform): void {
  const limit = createRateLimit(platform.clock, { origin: 60, service: 1_200 })
  feedbackApi(app, limit)
  feedbackEdge(app, limit)
  listRoutes(app)
  itemRoutes(app)
}

/** A filter that makes no sense is no filter: a link from elsewhere still shows the list. */
const filterSchema = z.object({
  search: z.string().trim().max(200).optional().catch(undefined),
  state: z
    .enum([...feedbackStates, 'open'])
    .optional()
    .catch(undefined),
  rating: z.coerce.number().int().min(1).max(5).optional().catch(undefined),
  arm: z.enum(['current', 'new']).optional().catch(undefined),
  ending: z.string().min(1).max(100).optional().catch(undefined),
  kind: z.enum(kinds).optional().catch(undefined),
  accessibility: z
    .enum(['true'])
    .transform(() => true)
    .optional()
    .catch(undefined),
})
const pageSchema = z.object({ page: z.coerce.number().int().min(1).max(100_000).catch(1) })

function filterOf(request: FastifyRequest): Filter {
  const given = Object.entries(request.query ?? {}).filter(([, value]) => value !== '')
  return filterSchema.parse(Object.fromEntries(given))
}

function listRoutes(app: App): void {
  app.get('/services/:service/feedback', hide, async (request, reply) => {
    const { context: ctx, service } = request
    const filter = filterOf(request)
    const { page } = pageSchema.parse(request.query ?? {})
    const now = ctx.clock.now()
    const window = { from: new Date(now.getTime() - 30 * dayMs), to: new Date(now.getTime() + 1) }
    const [items, total, summary, asked, endings] = await Promise.all([
      listFeedback(ctx.db, service.id, filter, { limit: perPage, offset: (page - 1) * perPage }),
      countFeedback(ctx.db, service.id, filter),
      feedbackSummary(ctx.db, service.id),
      endingsAsked(ctx.db, [service.id], window).then((of) => of.get(service.id) ?? []),
      endingsNamed(ctx.db, service.id),
    ])
    const { timeZone, journeys } = service
    const hasCurrent = service.currentUrl !== null || asked.some(({ arm }) => arm === 'current')
    const arms: FeedbackArm[] = hasCurrent ? ['new', 'current'] : ['new']
    const view = {
      home: homeOf(request),
      timeZone,
      journeys,
      arms,
      items,
      total,
      page,
      filter,
      summary,
      asked,
      endings,
      now,
    }
    const frame = { title: 'Feedback', active: 'feedback', lede: decidedSentence(summary, now) } as const
    return reply.page(servicePage(request, frame, listContent(view)))
  })
  app.get('/services/:service/feedback.csv', hide, async (request, reply) => {
    const { context: ctx, service } = request
    const items = await listFeedback(ctx.db, service.id, filterOf(request), { limit: mostInOneFile, offset: 0 })
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${service.key}-feedback.csv"`)
      .header('cache-control', 'no-store')
      .send(feedbackCsv(items))
  })
}

const handlingSchema = z
  .object({
    state: z.enum(feedbackStates, 'Choose a state'),
    decision: z.string().trim().max(2000, 'The decision must be 2,000 characters or fewer').default(''),
    assignee: z.union([z.literal('').transform(() => null), z.uuid()]).default(null),
    link: z.string().trim().max(500, 'Use at most 500 characters').default(''),
    accessibility: z
      .literal('yes')
      .optional()
      .transform((value) => value === 'yes'),
  })
  .refine(({ state, decision }) => !needsDecision(state) || decision !== '', {
    path: ['decision'],
    message: 'Say what changes because of it, or why nothing does',
  })

function itemRoutes(app: App): void {
  app.get('/services/:service/feedback/:reference', hide, (request, reply) => reply.page(itemPage(request)))
  app.post('/services/:service/feedback/:reference', hide, async (request, reply) => {
    const form = readForm(handlingSchema, request.body)
    if (!form.ok) return reply.code(422).page(itemPage(request, form.problems, typedValues(request.body)))
    await handle(request.context, request.service.id, referenceOf(request), form.value)
    return reply.redirect(`${homeOf(request)}/${referenceOf(request)}`, 303)
  })
}

async function itemPage(request: FastifyRequest, problems: Problem[] = [], values: Record<string, string> = {}) {
  const { context: ctx, service } = request
  const item: Feedback | null = await findFeedback(ctx.db, service.id, referenceOf(request))
  if (item === null) throw new Refusal('not-found')
  const [mayDecide, members] = await Promise.all([
    may(ctx, 'feedback.decide', service.id),
    membersOf(ctx.db, service.id),
  ])
  const { timeZone, journeys } = service
  const view = { home: homeOf(request), timeZone, journeys, item, members, mayDecide, problems, values }
  return servicePage(request, { title: `Feedback ${item.reference}`, active: 'feedback', problems }, itemContent(view))
}

function referenceOf(request: FastifyRequest): string {
  return (request.params as { reference: string }).reference.toUpperCase()
}

function homeOf({ service }: FastifyRequest): string {
  return `/services/${service.key}/feedback`
}
