import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { EvaluationContext } from '../../packages/admission/src/index.ts'
import { featuresOf } from '../features/index.ts'
import { may, readForm, Refusal, typedValues, type App, type Problem } from '../platform/index.ts'
import { link, type Html } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { explainDecision, namedRungs, sampleOf, type Explained } from './explaining.ts'
import { wayBack } from './pages/door-parts.ts'
import { explainContent } from './pages/explain-page.ts'
import type { Snapshots } from './snapshots.ts'

const tags = ['Decisions']
const params = z.object({ service: z.string().max(60) })
const key = z.string().min(1).max(64)
const isSmall = (context: unknown): boolean => JSON.stringify(context).length <= 64_000
const body = z.object({
  key: key.describe('Of the service, or of a feature of it'),
  context: z.record(z.string().max(256), z.unknown()).refine(isSmall, 'Use at most 64,000 characters').default({}),
})
const rungQuery = z.object({ key: key.optional().describe('Of a feature; the service itself where it is left out') })

/** A value as JSON where it is some, else a text: `seats = 50` is a number, `plan = pro` a text. */
function readAttributes(text: string): { ok: true; attributes: Record<string, unknown> } | { ok: false; line: number } {
  const attributes: Record<string, unknown> = {}
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return { ok: false, line: at + 1 }
    attributes[name] = asValue(value)
  }
  return { ok: true, attributes }
}

function asValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const form = z.object({
  key: z.string({ error: 'Choose what to ask about' }).min(1).max(64),
  targetingKey: z.string().trim().max(256, 'Use at most 256 characters').default(''),
  attributes: z.string().max(20_000, 'Use at most 20,000 characters').default(''),
})

/** ADM-29: the answer to “why”, of any context, and who stands on a rung. */
export function explainRoutes(app: App, snapshots: Snapshots): void {
  const at = '/services/:service/explain'
  app.get(at, { schema: { hide: true, querystring: rungQuery } }, (request, reply) =>
    reply.page(page(request, snapshots, { values: { key: request.query.key ?? request.service.key } })),
  )
  app.post(at, { schema: { hide: true } }, async (request, reply) => {
    const values = typedValues(request.body)
    const read = readForm(form, request.body)
    if (!read.ok) return reply.code(422).page(page(request, snapshots, { values, problems: read.problems }))
    const given = readAttributes(read.value.attributes)
    if (!given.ok) {
      const problems = [{ field: 'attributes', message: `Line ${given.line} is not “name = value”` }]
      return reply.code(422).page(page(request, snapshots, { values, problems }))
    }
    const { targetingKey } = read.value
    const context: EvaluationContext = { ...given.attributes, ...(targetingKey === '' ? {} : { targetingKey }) }
    const asked = { key: read.value.key, context }
    const explained = await explainDecision(request.context, snapshots, request.service, asked)
    return reply.page(page(request, snapshots, { values, explained }))
  })
  app.post(
    '/api/v1/services/:service/explain',
    {
      schema: {
        summary: 'In or out, which rung decided, and what would change it',
        tags,
        params,
        answers: [200],
        body,
      },
    },
    ({ context, service, body: asked }) => explainDecision(context, snapshots, service, asked),
  )
  app.get(
    '/api/v1/services/:service/rungs/:rung',
    {
      schema: {
        summary: 'How many stand on a rung, and a sample of them',
        tags,
        params: params.extend({ rung: z.enum(namedRungs) }),
        querystring: rungQuery,
      },
    },
    async ({ context, service, query, params: { rung } }) => {
      await snapshots.caughtUp()
      return sampleOf(context, snapshots, service, { key: query.key ?? service.key, rung })
    },
  )
}

async function page(
  request: FastifyRequest,
  snapshots: Snapshots,
  {
    values,
    problems = [],
    explained = null,
  }: { values: Record<string, string>; problems?: Problem[]; explained?: Explained | null },
): Promise<Html> {
  const { context: ctx, service } = request
  const features = await featuresOf(ctx.db, service.id)
  const maySeePeople = await may(ctx, 'admission.people', service.id)
  const asked = values['key'] ?? service.key
  const feature = features.find(({ key }) => key === asked)
  if (feature === undefined && asked !== service.key) throw new Refusal('not-found')
  // Of a feature it is not known whom its rules let in.
  const asksFor = feature === undefined ? namedRungs : namedRungs.filter((rung) => rung !== 'rules')
  const samples = maySeePeople
    ? await Promise.all(asksFor.map((rung) => sampleOf(ctx, snapshots, service, { key: asked, rung })))
    : []
  const lede = 'In or out, which rung decided, and what would change it: what the application would be told.'
  return servicePage(
    request,
    {
      title: 'Why somebody is in or out',
      ...(feature === undefined
        ? { active: 'admission', eyebrow: wayBack(service) }
        : { active: 'features', eyebrow: link(feature.name, `/services/${service.key}/features/${feature.key}`) }),
      lede,
      problems,
    },
    explainContent({ service, features, values, problems, explained, samples }),
  )
}
