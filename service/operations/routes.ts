import { z } from 'zod'
import { pointInTime, askedAbout, Refusal, type App, type Context } from '../platform/index.ts'
import { actions, link } from '../platform/html/index.ts'
import { findService, servicePage, type Service } from '../services/index.ts'
import { acknowledgeDeployment, recordDeployment } from './actions.ts'
import { historyDays } from './deployment.ts'
import { deploymentsContent } from './pages.ts'
import { figuresOf } from './rules.ts'
import { deploymentsBetween } from './store.ts'

const tags = ['Operations']
const text = (most: number) => z.string().trim().min(1).max(most)
const params = z.object({ service: z.string().max(60) })
const deployment = z.object({
  reference: text(200).describe('Of the deployment in your pipeline; told twice, it is one deployment'),
  version: text(200),
  environment: text(60).default('production'),
  arm: z.enum(['current', 'new']).default('new'),
  changes: z.string().trim().max(4000).default(''),
  committedAt: pointInTime.nullable().default(null),
  deployedAt: pointInTime.optional().describe('Now, where it is left out'),
  outcome: z.enum(['succeeded', 'failed']).default('succeeded'),
})

export function deploymentsRoutes(app: App): void {
  tellingRoutes(app)
  acknowledgingRoutes(app)
  app.get(
    '/api/v1/services/:service/deployments',
    { schema: { summary: 'Deployments, and what users felt of them', tags, params } },
    (request) => readDeployments(request.context, request.service),
  )
  app.get('/services/:service/deployments', { schema: { hide: true } }, async (request, reply) => {
    const { context: ctx, service } = request
    const { deployments, figures } = await readDeployments(ctx, service)
    const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
    const apiUrl = ctx.config.publicUrl ?? `http://${ctx.config.host}:${ctx.config.port}`
    const lede = 'Each release, and what its users felt of it, from the traffic at the gateway.'
    const view = { serviceKey: service.key, timeZone: service.timeZone, deployments, figures, apiUrl, accountId }
    const aside = actions(
      link('Partner organisations', `/services/${service.key}/partners`),
      link('Capacity', `/services/${service.key}/capacity`),
    )
    return reply.page(
      servicePage(request, { title: 'Deployments', active: 'deployments', lede, aside }, deploymentsContent(view)),
    )
  })
}

/** A pipeline names the service in the body or in the address, as it finds easier. */
function tellingRoutes(app: App): void {
  const named = deployment.extend({ service: text(60) })
  app.post(
    '/api/v1/deployments',
    { schema: { summary: 'Tell of a deployment', tags, answers: [200, 201], body: named } },
    async (request, reply) => {
      const { service: key, ...told } = request.body
      const service = await findService(request.context.db, key)
      if (service === null) throw new Refusal('not-found')
      const answer = await tell(request.context, service, told)
      return reply.code(answer.repeated ? 200 : 201).send(answer)
    },
  )
  app.post(
    '/api/v1/services/:service/deployments',
    {
      schema: { summary: 'Tell of a deployment of this service', tags, params, answers: [200, 201], body: deployment },
    },
    async (request, reply) => {
      const answer = await tell(request.context, request.service, request.body)
      return reply.code(answer.repeated ? 200 : 201).send(answer)
    },
  )
}

function acknowledgingRoutes(app: App): void {
  const one = params.extend({ deployment: z.uuid() })
  app.post(
    '/api/v1/services/:service/deployments/:deployment/acknowledgement',
    { schema: { summary: 'Say that you know what changes with it', answers: [204], tags, params: one } },
    async (request, reply) => {
      await acknowledgeDeployment(request.context, request.service, request.params.deployment)
      return reply.code(204).send()
    },
  )
  app.post(
    '/services/:service/deployments/:deployment/acknowledge',
    { schema: { hide: true, params: one } },
    async (request, reply) => {
      await acknowledgeDeployment(request.context, request.service, request.params.deployment)
      return reply.redirect(`/services/${request.service.key}/deployments`, 303)
    },
  )
}

async function tell(ctx: Context, service: Service, told: z.output<typeof deployment>) {
  const { committedAt, deployedAt, ...wanted } = told
  const at = deployedAt === undefined ? ctx.clock.now() : new Date(deployedAt)
  const committed = committedAt === null ? null : new Date(committedAt)
  const isTooEarly = at.getTime() > ctx.clock.now().getTime() + 5 * 60_000
  if (isTooEarly || (committed !== null && committed > at)) throw new Refusal('invalid-request')
  const done = await recordDeployment(ctx, service, { ...wanted, committedAt: committed, deployedAt: at })
  return { ...done.deployment, repeated: done.repeated }
}

async function readDeployments(ctx: Context, service: Service) {
  const to = ctx.clock.now()
  const from = new Date(to.getTime() - historyDays * 86_400_000)
  const deployments = await deploymentsBetween(ctx.db, service.id, from, to)
  const asked = await askedAbout(
    ctx.db,
    service.id,
    deployments.map(({ id }) => id),
  )
  const known = deployments.map((each) => ({ ...each, asked: asked.get(each.id) ?? [] }))
  return { deployments: known, figures: figuresOf(deployments, historyDays) }
}
