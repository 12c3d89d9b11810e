import { z } from 'zod'
import { emailAddress, must, readForm, typedValues, type App, type Problem } from '../../platform/index.ts'
import { servicePage } from '../../services/index.ts'
import { homeOf, wayBack } from '../pages/door-parts.ts'
import { notInvitedContent, notInvitedLede } from '../pages/not-invited-page.ts'
import { liftByTeam, suppressByTeam } from './suppressing.ts'
import { countSuppressed, listSuppressed } from './suppression-store.ts'
import type { FastifyRequest } from 'fastify'

const shown = 200
const body = z.object({ address: emailAddress, reason: z.enum(['asked', 'bounced'], 'Choose why').default('asked') })
const params = z.object({ service: z.string().max(60) })
const withOne = params.extend({ suppressed: z.uuid() })

/** ADM-41: who is not invited, as a page and by API. */
export function suppressionRoutes(app: App): void {
  const at = '/services/:service/admission/not-invited'
  app.get(at, { schema: { hide: true, params } }, (request, reply) => reply.page(notInvitedPage(request)))
  app.post(at, { schema: { hide: true, params } }, async (request, reply) => {
    const form = readForm(body, request.body)
    if (!form.ok) return reply.code(422).page(notInvitedPage(request, form.problems, typedValues(request.body)))
    await suppressByTeam(request.context, request.service, form.value)
    return reply.redirect(`${homeOf(request.service)}/not-invited`, 303)
  })
  app.post(`${at}/:suppressed/lift`, { schema: { hide: true, params: withOne } }, async (request, reply) => {
    await liftByTeam(request.context, request.service, request.params.suppressed)
    return reply.redirect(`${homeOf(request.service)}/not-invited`, 303)
  })
  suppressionApi(app)
}

function suppressionApi(app: App): void {
  const at = '/api/v1/services/:service/not-invited'
  const tags = ['Admission']
  const querystring = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(shown) })
  app.get(
    at,
    { schema: { summary: 'Who is not invited again, the newest first', tags, params, querystring } },
    async ({ context: { db }, service, query }) => ({
      count: await countSuppressed(db, service.id),
      notInvited: await listSuppressed(db, service.id, query.limit),
    }),
  )
  app.post(
    at,
    { schema: { summary: 'Do not invite an address', answers: [204], tags, params, body } },
    async (request, reply) => {
      await suppressByTeam(request.context, request.service, request.body)
      return reply.code(204).send()
    },
  )
  app.delete(
    `${at}/:suppressed`,
    { schema: { summary: 'Let somebody be invited again', answers: [204], tags, params: withOne } },
    async (request, reply) => {
      await liftByTeam(request.context, request.service, request.params.suppressed)
      return reply.code(204).send()
    },
  )
}

async function notInvitedPage(request: FastifyRequest, problems: Problem[] = [], values: Record<string, string> = {}) {
  const { context: ctx, service } = request
  await must(ctx, 'admission.people', service.id)
  const [count, list] = await Promise.all([
    countSuppressed(ctx.db, service.id),
    listSuppressed(ctx.db, service.id, shown),
  ])
  return servicePage(
    request,
    {
      title: 'Not invited',
      eyebrow: wayBack(service),
      active: 'admission',
      lede: notInvitedLede(count),
      problems,
    },
    notInvitedContent({ service, shown: list, count, problems, values }),
  )
}
