import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { switchPermission } from '../../features/index.ts'
import {
  besideField,
  may,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Context,
  type Problem,
} from '../../platform/index.ts'
import { link, type Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import type { Links } from '../links.ts'
import {
  addFeaturePreview,
  endPreviewOfFeature,
  mustFindFeature,
  recordViewerVerdict,
  removeFromFeature,
  undoRemoval,
} from './acting.ts'
import { peopleContent } from './page.ts'
import { featurePreviews, featureRemovals, type FeatureRemoval } from './store.ts'

const tags = ['Features']
const one = z.object({ service: z.string().max(60), feature: z.string().max(64) })
const withId = one.extend({ id: z.uuid() })
const sayWhy = 'Say why: it stands in the history'
const why = z.string({ error: sayWhy }).trim().min(1, sayWhy).max(2000)
const address = z.email('Enter an email address in the correct format, like name@example.org').max(254)

const removalBody = z.object({ who: z.string().trim().min(1).max(256), reason: why })
const previewBody = z.object({
  viewer: address.describe('Address of the one person whom it is for'),
  outsiderReason: z.string().trim().max(2000).default('').describe('Needed for somebody without an account here'),
  days: z.number().int().min(1).max(90).optional(),
})
const comment = z.string().trim().max(2000).default('')
const verdictBody = z.object({
  verdict: z
    .enum(['yes', 'no'], 'Choose what they said')
    .describe('“no” is what they said: while nothing is recorded there is no verdict'),
  comment: comment.describe('In their words'),
})
const verdictForm = z
  .object({ who: z.uuid('Choose who said it'), said: verdictBody.shape.verdict, words: comment })
  .transform(({ who, said, words }) => ({ id: who, verdict: { kind: said, comment: words } }))
const removalForm = z
  .object({
    person: z.string({ error: 'Enter an email address or a reference' }).trim().min(1, 'Enter a reference').max(254),
    personReason: why,
  })
  .transform(({ person, personReason }) => ({ who: person, reason: personReason }))
const previewForm = z.object({ viewer: z.preprocess((text) => String(text ?? '').trim(), address) }).extend({
  outsiderReason: z.string().trim().max(2000).default(''),
})

interface Extras {
  problems?: Problem[]
  values?: Record<string, string>
  /** Shown once. */
  madeLink?: string
}

/** FEAT-19, FEAT-20: people of a feature by name, as a page and by API. */
export function featurePeopleRoutes(app: App, links: Links): void {
  peopleApi(app, links)
  const at = '/services/:service/features/:feature/people'
  const schema = { schema: { hide: true, params: one } }
  const oneOf = { schema: { hide: true, params: withId } }
  const page = (request: FastifyRequest, key: string, extras: Extras = {}) => peoplePage(request, key, extras)
  app.get(at, schema, (request, reply) => reply.page(page(request, request.params.feature)))

  app.post(`${at}/removals`, schema, async (request, reply) => {
    const key = request.params.feature
    await mustFindFeature(request.context, request.service, key)
    const values = typedValues(request.body)
    const read = readForm(removalForm, request.body)
    if (!read.ok) return reply.code(422).page(page(request, key, { problems: read.problems, values }))
    try {
      await removeFromFeature(request.context, request.service, key, read.value)
    } catch (error) {
      return reply.code(422).page(page(request, key, { problems: [besideField(error, 'person')], values }))
    }
    return done(request, reply, key)
  })
  app.post(`${at}/removals/:id/undo`, oneOf, async (request, reply) => {
    const { feature, id } = request.params
    await undoRemoval(request.context, request.service, feature, id)
    return done(request, reply, feature)
  })
  app.post(`${at}/previews`, schema, async (request, reply) => {
    const key = request.params.feature
    await mustFindFeature(request.context, request.service, key)
    const values = typedValues(request.body)
    const read = readForm(previewForm, request.body)
    if (!read.ok) return reply.code(422).page(page(request, key, { problems: read.problems, values }))
    try {
      const made = await addFeaturePreview(request.context, links, request.service, key, read.value)
      return await reply.page(page(request, key, { madeLink: made.link }))
    } catch (error) {
      const field = error instanceof Refusal && error.code === 'preview-for-outsider' ? 'outsiderReason' : 'viewer'
      return reply.code(422).page(page(request, key, { problems: [besideField(error, field)], values }))
    }
  })
  app.post(`${at}/verdicts`, schema, async (request, reply) => {
    const key = request.params.feature
    await mustFindFeature(request.context, request.service, key)
    const read = readForm(verdictForm, request.body)
    if (!read.ok) {
      const values = typedValues(request.body)
      return reply.code(422).page(page(request, key, { problems: read.problems, values }))
    }
    const { id, verdict } = read.value
    await recordViewerVerdict(request.context, request.service, key, id, verdict)
    return reply.redirect(`/services/${request.service.key}/features/${key}/people#previews`, 303)
  })
  app.post(`${at}/previews/:id/end`, oneOf, async (request, reply) => {
    const { feature, id } = request.params
    await endPreviewOfFeature(request.context, request.service, feature, id)
    return done(request, reply, feature)
  })
}

function done({ service }: FastifyRequest, reply: FastifyReply, key: string): FastifyReply {
  return reply.redirect(`/services/${service.key}/features/${key}/people`, 303)
}

function peopleApi(app: App, links: Links): void {
  const at = '/api/v1/services/:service/features/:feature'
  app.get(
    `${at}/removals`,
    { schema: { summary: 'Whom the feature was taken from by name', tags, params: one } },
    async ({ context, service, params: { feature } }) => {
      const { id } = await mustFindFeature(context, service, feature)
      return { removals: await removalsFor(context, service.id, id) }
    },
  )
  app.post(
    `${at}/removals`,
    { schema: { summary: 'Take the feature from one person', tags, params: one, answers: [204], body: removalBody } },
    async ({ context, service, params: { feature }, body }, reply) => {
      await removeFromFeature(context, service, feature, body)
      return reply.code(204).send()
    },
  )
  app.delete(
    `${at}/removals/:id`,
    { schema: { summary: 'Take such a removal back', tags, params: withId, answers: [204] } },
    async ({ context, service, params: { feature, id } }, reply) => {
      await undoRemoval(context, service, feature, id)
      return reply.code(204).send()
    },
  )
  app.get(
    `${at}/previews`,
    { schema: { summary: 'Preview links of the feature: for whom, who came, what they said', tags, params: one } },
    async ({ context, service, params: { feature } }) => {
      const { id } = await mustFindFeature(context, service, feature)
      return { previews: await featurePreviews(context.db, id) }
    },
  )
  app.post(
    `${at}/previews`,
    { schema: { summary: 'Make a preview link for one person', tags, params: one, answers: [201], body: previewBody } },
    async ({ context, service, params: { feature }, body }, reply) =>
      reply.code(201).send(await addFeaturePreview(context, links, service, feature, body)),
  )
  app.post(
    `${at}/previews/:id/verdict`,
    {
      schema: {
        summary: 'Record what the viewer said of the feature',
        tags,
        params: withId,
        answers: [204],
        body: verdictBody,
      },
    },
    async ({ context, service, params: { feature, id }, body }, reply) => {
      const verdict = { kind: body.verdict, comment: body.comment }
      await recordViewerVerdict(context, service, feature, id, verdict)
      return reply.code(204).send()
    },
  )
  app.delete(
    `${at}/previews/:id`,
    { schema: { summary: 'End a preview link of the feature', tags, params: withId, answers: [204] } },
    async ({ context, service, params: { feature, id } }, reply) => {
      await endPreviewOfFeature(context, service, feature, id)
      return reply.code(204).send()
    },
  )
}

/** Pseudonymous to whoever may not see people. */
async function removalsFor(ctx: Context, serviceId: string, featureId: string): Promise<FeatureRemoval[]> {
  const removals = await featureRemovals(ctx.db, featureId)
  if (await may(ctx, 'admission.people', serviceId)) return removals
  return removals.map((removal) => ({ ...removal, address: null }))
}

async function peoplePage(
  request: FastifyRequest,
  key: string,
  { problems = [], values = {}, madeLink }: Extras,
): Promise<Html> {
  const { context: ctx, service } = request
  const feature = await mustFindFeature(ctx, service, key)
  const [removals, previews, maySwitch, maySeePeople, mayEdit] = await Promise.all([
    removalsFor(ctx, service.id, feature.id),
    featurePreviews(ctx.db, feature.id),
    may(ctx, switchPermission[feature.kind], service.id),
    may(ctx, 'admission.people', service.id),
    may(ctx, 'features.edit', service.id),
  ])
  const home = `/services/${service.key}/features/${key}`
  return servicePage(
    request,
    {
      title: 'People by name',
      about: feature.name,
      active: 'features',
      eyebrow: link(feature.name, home),
      lede: 'Who looks at the feature by a preview link, and whom the team took it from.',
      problems,
    },
    peopleContent({
      ...{ service, feature, removals, previews, problems, values, madeLink: madeLink ?? null },
      ...{ home: `${home}/people`, now: ctx.clock.now(), rights: { maySwitch, maySeePeople, mayEdit } },
    }),
  )
}
