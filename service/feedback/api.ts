import { z } from 'zod'
import { clockAt, Refusal, type App, type Context, originOf, type RateLimit } from '../platform/index.ts'
import { findService, originsOf } from '../services/index.ts'
import { handle } from './actions.ts'
import { feedbackStates, kinds, type Feedback } from './feedback.ts'
import { receive } from './intake.ts'
import { apiSchema } from './schemas.ts'
import { countFeedback, findFeedback, listFeedback } from './store.ts'

const tags = ['Feedback']
const params = z.object({ service: z.string().max(60) })
const oneParams = params.extend({ reference: z.string().regex(/^[2-9A-Za-z]{4}-[2-9A-Za-z]{4}$/) })

const query = z.object({
  search: z.string().max(200).optional(),
  state: z.enum([...feedbackStates, 'open']).optional(),
  rating: z.coerce.number().int().min(1).max(5).optional(),
  arm: z.enum(['current', 'new']).optional(),
  ending: z.string().max(100).optional(),
  kind: z.enum(kinds).optional(),
  accessibility: z
    .enum(['true'])
    .transform(() => true)
    .optional(),
  comments: z
    .enum(['true'])
    .transform(() => true)
    .optional(),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  perPage: z.coerce.number().int().min(1).max(200).default(50),
})

const change = z.object({
  state: z.enum(feedbackStates).optional(),
  decision: z.string().trim().max(2000).optional(),
  assignee: z.uuid().nullable().optional(),
  link: z.string().trim().max(500).nullable().optional(),
  accessibility: z.boolean().optional(),
})

/** Without the reply address, which is for the one who answers and stands on the item's page. */
const shown = ({ id: _id, address, unit: _unit, ...item }: Feedback) => ({ ...item, wantsReply: address !== null })

export function feedbackApi(app: App, limit: RateLimit): void {
  app.post(
    '/api/v1/feedback',
    { schema: { summary: 'Send an answer', tags, answers: [200, 201], body: apiSchema } },
    async (request, reply) => {
      const { service: key, arm, unit, time, ...sent } = request.body
      const ctx = request.context
      const service = await findService(ctx.db, key)
      if (service === null) throw new Refusal('not-found')
      // It stands in pages that anybody can read; the gateway limits at its own door.
      if (ctx.actor.kind === 'key' && ctx.actor.keyKind === 'client') {
        // It works on its own pages only, as for events.
        if (!(ctx.actor.origins ?? originsOf(service)).includes(request.headers.origin ?? ''))
          throw new Refusal('not-found')
        const waitSeconds = limit.take(service.id, originOf(request.ip))
        if (waitSeconds > 0) {
          reply.header('retry-after', String(waitSeconds))
          throw new Refusal('too-many-requests')
        }
      }
      const origin = { channel: 'api', arm: arm ?? null, unit: unit ?? null, transaction: null } as const
      const { reference, stored } = await receive(atTime(ctx, service.example, time), service, sent, origin)
      return reply.code(stored ? 201 : 200).send({ reference, stored })
    },
  )
  app.get(
    '/api/v1/services/:service/feedback',
    { schema: { summary: 'What people said, newest first', tags, params, querystring: query } },
    async (request) => {
      const { page, perPage, ...filter } = request.query
      const { db } = request.context
      const items = await listFeedback(db, request.service.id, filter, { limit: perPage, offset: (page - 1) * perPage })
      return { total: await countFeedback(db, request.service.id, filter), page, perPage, feedback: items.map(shown) }
    },
  )
  app.patch(
    '/api/v1/services/:service/feedback/:reference',
    {
      schema: {
        summary: 'Change the state of an answer, with the decision',
        answers: [200],
        tags,
        params: oneParams,
        body: change,
      },
    },
    async (request) => {
      const { context: ctx, service } = request
      const { reference } = request.params
      await handle(ctx, service.id, reference, request.body)
      const item = await findFeedback(ctx.db, service.id, reference)
      if (item === null) throw new Refusal('not-found')
      return shown(item)
    },
  )
}

/** Example data tells of the past; nothing else can. */
function atTime(ctx: Context, isExample: boolean, time: string | undefined): Context {
  if (time === undefined) return ctx
  if (!isExample || ctx.actor.kind !== 'key' || ctx.actor.keyKind !== 'admin') throw new Refusal('time-not-honoured')
  return { ...ctx, clock: clockAt(time) }
}
