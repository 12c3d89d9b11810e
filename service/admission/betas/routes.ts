import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { may, readForm, Refusal, typedValues, type App, type Platform, type Problem } from '../../platform/index.ts'
import type { Html } from '../../platform/html/index.ts'
import { mustFind } from '../../features/index.ts'
import { servicePage } from '../../services/index.ts'
import { unitNamed } from '../customers/claim-store.ts'
import { customersOf } from '../customers/store.ts'
import { messagePage } from '../pages/public.ts'
import type { PublicDoor } from '../public-door.ts'
import { publicView, secret } from '../public-page.ts'
import { createRate, senderOf } from '../rate.ts'
import type { Snapshots } from '../snapshots.ts'
import { betasFor, chooseBeta, openBeta } from './actions.ts'
import { pools } from './betas.ts'
import { betaContent, betaLinks } from './pages/beta-page.ts'
import { tryPage } from './pages/try-page.ts'
import { betasOf, findBeta } from './store.ts'

const featureParams = z.object({ service: z.string().max(60), feature: z.string().max(64) })
const tags = ['Betas']
const given = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value)
const opening = {
  pool: z.enum(pools, 'Choose who can get it'),
  changes: z.string().trim().max(2000, 'Use at most 2,000 characters').default(''),
  cap: z.preprocess(
    given,
    z.coerce
      .number('Enter a whole number')
      .int('Enter a whole number')
      .min(1, 'Enter 1 or more')
      .max(100_000_000)
      .nullable()
      .default(null),
  ),
  capCounts: z.enum(['people', 'accounts']).default('people'),
  reason: z
    .string({ error: 'Say why: it stands in the history' })
    .trim()
    .min(1, 'Say why: it stands in the history')
    .max(500),
}
const names = z.array(z.string().trim().min(1).max(100)).max(1000)
const betaBody = z.object({
  ...opening,
  offered: z.boolean().default(false).describe('May people switch it on and off themselves?'),
  accounts: names.default([]).describe('By name'),
})
const betaForm = z.object({
  ...opening,
  offered: z
    .literal('yes')
    .optional()
    .transform((value) => value === 'yes'),
  /** One box ticked comes as a text, several as a list. */
  accounts: z.preprocess((value) => (typeof value === 'string' ? [value] : (value ?? [])), names),
})
const who = z.string().min(1).max(256).describe('Your own id of the person, or the unit')

export function betaRoutes(app: App, snapshots: Snapshots): void {
  const at = '/services/:service/features/:feature/beta'
  const schema = { schema: { hide: true, params: featureParams } }
  app.get(at, schema, (request, reply) => reply.page(show(request, request.params.feature)))
  app.post(at, schema, async (request, reply) => {
    const key = request.params.feature
    await mustFind(request.context, request.service, key)
    const form = readForm(betaForm, request.body)
    const values = typedValues(request.body)
    if (!form.ok) return reply.code(422).page(show(request, key, { problems: form.problems, values }))
    await openBeta(request.context, snapshots, request.service, { key, opening: form.value })
    return reply.redirect(`/services/${request.service.key}/features/${key}/beta`, 303)
  })
  api(app, snapshots)
}

async function show(
  request: FastifyRequest,
  key: string,
  { problems = [], values = {} }: { problems?: Problem[]; values?: Record<string, string> } = {},
): Promise<Html> {
  const { context: ctx, service } = request
  const feature = await mustFind(ctx, service, key)
  const [betas, customers, mayOpen, mayReadRoom] = await Promise.all([
    betasOf(ctx.db, service.id),
    customersOf(ctx.db, service.id, ctx.clock.now()),
    may(ctx, 'betas.open', service.id),
    may(ctx, 'rooms.view', service.id),
  ])
  const stored = betas.get(feature.id)
  const chose = { on: stored?.on.length ?? 0, off: stored?.off.length ?? 0 }
  const beta = await findBeta(ctx.db, service.id, feature.id)
  return servicePage(
    request,
    {
      title: `Who gets it: ${feature.name}`,
      active: 'features',
      aside: betaLinks(service, feature, { here: 'beta', mayReadRoom }),
      problems,
    },
    betaContent({ service, feature, beta, customers, chose, mayOpen, problems, values }),
  )
}

function api(app: App, snapshots: Snapshots): void {
  const at = '/api/v1/services/:service/features/:feature/beta'
  app.get(
    at,
    { schema: { summary: 'To whom the beta of a feature is opened', tags, params: featureParams } },
    async ({ context, service, params: { feature } }) => {
      const { id } = await mustFind(context, service, feature)
      return findBeta(context.db, service.id, id)
    },
  )
  app.put(
    at,
    {
      schema: {
        summary: 'Open the beta to staff, accounts or customers',
        tags,
        params: featureParams,
        answers: [200],
        body: betaBody,
      },
    },
    async ({ context, service, params: { feature: key }, body }) =>
      openBeta(context, snapshots, service, { key, opening: body }),
  )
  app.get(
    '/api/v1/services/:service/betas',
    {
      schema: {
        summary: 'What a person can try, and tries already',
        tags,
        params: z.object({ service: z.string().max(60) }),
        querystring: z.object({ user: who }),
      },
    },
    async ({ context, service, query: { user } }) => {
      const unit = await unitNamed(context.db, service.id, user)
      return { betas: await betasFor(context, snapshots, service, unit) }
    },
  )
  app.put(
    '/api/v1/services/:service/betas/:feature/choice',
    {
      schema: {
        summary: 'A person switches a beta on or off, in your application',
        tags,
        params: featureParams,
        answers: [204],
        body: z.object({ user: who, on: z.boolean() }),
      },
    },
    async ({ context, service, params: { feature: key }, body: { user, on } }, reply) => {
      const unit = await unitNamed(context.db, service.id, user)
      await chooseBeta(context, snapshots, service, { key, unit, on })
      return reply.code(204).send()
    },
  )
}

/** ADM-65: for customers, by their pass. No script, and nothing happens by looking. */
export function tryRoutes(
  app: App,
  platform: Platform,
  { door, snapshots }: { door: PublicDoor; snapshots: Snapshots },
): void {
  const at = `${door.prefix}/try`
  const schema = { schema: { hide: true } }
  const rate = createRate(platform.clock, { each: 60, all: 6_000 })
  app.get(at, schema, async (request, reply) => {
    secret(reply)
    const { switched } = request.query as { switched?: unknown }
    return page(request, reply, null, typeof switched === 'string' ? switched : null)
  })
  app.post(at, schema, async (request, reply) => {
    secret(reply)
    const unit = door.pass(request)?.unit
    if (unit === undefined) return page(request, reply, null, null)
    rate(request.service.id, senderOf(request))
    const { feature = '', to } = typedValues(request.body)
    const key = feature.slice(0, 64)
    try {
      await chooseBeta(request.context, snapshots, request.service, { key, unit, on: to === 'on' })
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 409) throw error
      return page(request, reply.code(409), `${error.title}. ${error.whatToDo}`, null)
    }
    return reply.redirect(`${door.base(request)}/try?switched=${encodeURIComponent(key)}`, 303)
  })

  async function page(request: FastifyRequest, reply: FastifyReply, problem: string | null, changed: string | null) {
    const { context: ctx, service } = request
    const view = publicView(request, door)
    const unit = door.pass(request)?.unit
    if (unit === undefined) {
      const words = {
        title: 'Open this page where you take part',
        text: ['This browser does not take part in anything yet. Open the link of your invitation in it first.'],
      }
      return reply.page(messagePage(view, words, { withWaiting: true }))
    }
    return reply.page(tryPage(view, { betas: await betasFor(ctx, snapshots, service, unit), problem, changed }))
  }
}
