import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  longMomentWords,
  hasMailPage,
  may,
  openNotifications,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Context,
} from '../platform/index.ts'
import type { Admission } from '../admission/index.ts'
import { gateSummary, ofService } from '../gates/index.ts'
import {
  createService,
  findService,
  keyFor,
  newServiceSchema,
  phaseEyebrow,
  servicePage,
  allServices,
  type GatewayFile,
} from '../services/index.ts'
import { newServicePage } from './pages/new-service-page.ts'
import { overviewContent } from './pages/overview-page.ts'
import { portfolioPage } from './pages/portfolio-page.ts'
import { setupContent } from './pages/setup-page.ts'
import { tourPage } from './pages/tour-page.ts'
import { readOverview, readPortfolio, readSetup } from './reads.ts'
import { driveOf, isDriven, startDrive } from './visitors.ts'

const hidden = { schema: { hide: true } }

/** The pages that bring all domains together: one's services, a service at a glance, the first steps. */
export function overviewRoutes(app: App, gateway: GatewayFile | null, invite: Admission['invite']): void {
  portfolioRoutes(app)
  newServiceRoutes(app, gateway)
  serviceRoutes(app, gateway)
  visitorRoutes(app, gateway, invite)
  tourRoute(app, gateway)
}

function account(ctx: Context): { name: string; role: string; href: string } {
  if (ctx.actor.kind !== 'account') throw new Refusal('not-signed-in')
  return { name: ctx.actor.name, role: ctx.actor.installation === 'owner' ? 'owner' : 'member', href: '/account' }
}

function portfolioRoutes(app: App): void {
  app.get('/', hidden, async (request, reply) => {
    const ctx = request.context
    const person = account(ctx)
    const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : ''
    const [rows, mayAdd, notices] = await Promise.all([
      readPortfolio(ctx),
      may(ctx, 'service.create', null),
      openNotifications(ctx.db, accountId),
    ])
    const hasMails = hasMailPage(ctx)
    return reply.page(portfolioPage({ account: person, rows, mayAdd, notices, hasMails }))
  })
}

const newServiceForm = z
  .object({
    name: z.string().trim().min(1, 'Enter the name of the service').max(200),
    newUrl: newServiceSchema.shape.newUrl,
    replaces: z.enum(['yes', 'no'], 'Say whether it replaces a service'),
    currentUrl: z.string().trim().max(2000).default(''),
    contact: z.string().trim().max(500).default(''),
  })
  .refine(
    ({ replaces, currentUrl }) => replaces === 'no' || (/^https?:\/\//.test(currentUrl) && URL.canParse(currentUrl)),
    {
      path: ['currentUrl'],
      message: 'Enter the address of the current service, starting with https:// or http://',
    },
  )

function newServiceRoutes(app: App, gateway: GatewayFile | null): void {
  app.get('/services/new', hidden, (request, reply) =>
    reply.page(newServicePage({ account: account(request.context), problems: [], values: {} })),
  )
  app.post('/services', hidden, async (request, reply) => {
    const ctx = request.context
    const form = readForm(newServiceForm, request.body)
    if (!form.ok)
      return reply
        .code(422)
        .page(newServicePage({ account: account(ctx), problems: form.problems, values: typedValues(request.body) }))
    const { name, newUrl, replaces, currentUrl, contact } = form.value
    const key = await freeKey(ctx, name)
    const wanted = newServiceSchema.parse({
      key,
      name,
      newUrl,
      contact,
      currentUrl: replaces === 'yes' ? currentUrl : null,
      host: await freeHost(ctx, key),
    })
    const service = await createService(ctx, wanted, gateway)
    return reply.redirect(`/services/${service.key}/setup`, 303)
  })
}

async function freeKey(ctx: Context, name: string): Promise<string> {
  const base = keyFor(name)
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}-${n}`
    if ((await findService(ctx.db, key)) === null) return key
  }
}

/** The first service has the gateway's own address; later ones a name under localhost until they get a real one. */
async function freeHost(ctx: Context, key: string): Promise<string | null> {
  const taken = (await allServices(ctx.db)).some(({ host, door }) => host === null && door === 'gateway')
  return taken ? `${key}.localhost` : null
}

function serviceRoutes(app: App, gateway: GatewayFile | null): void {
  app.get('/services/:service', hidden, async (request, reply) => {
    const { context: ctx, service } = request
    const view = await readOverview(ctx, service, gateway)
    const footnote = `Figures as of ${longMomentWords(ctx.clock.now(), service.timeZone)}. Every figure carries its definition, period, number of people and interval.`
    return reply.page(
      servicePage(
        request,
        { title: service.name, active: 'overview', eyebrow: phaseEyebrow(service), footnote },
        overviewContent(view),
      ),
    )
  })
  app.get('/services/:service/setup', hidden, async (request, reply) => {
    const { context: ctx, service } = request
    const [facts, mayInvite] = await Promise.all([readSetup(ctx, service), may(ctx, 'admission.invite', service.id)])
    const lede = 'What the gateway has seen of it so far. This page follows by itself.'
    const content = setupContent({ service, url: gateway?.urlOf(service) ?? null, facts, mayInvite })
    return reply.page(servicePage(request, { title: 'First steps', active: 'settings', lede }, content))
  })
}

function visitorRoutes(app: App, gateway: GatewayFile | null, invite: Admission['invite']): void {
  const send = ({ context: ctx, service }: FastifyRequest): void => {
    if (gateway === null) throw new Refusal('no-gateway-here')
    startDrive(ctx, service, gateway.urlOf(service), invite)
  }
  app.post('/services/:service/visitors', hidden, (request, reply) => {
    send(request)
    return reply.redirect(`/services/${request.service.key}`, 303)
  })
  const tags = ['Example']
  const params = z.object({ service: z.string().max(60) })
  app.get(
    '/api/v1/services/:service/visitors',
    { schema: { summary: 'Visitors sent through an example', tags, params } },
    (request) => {
      const drive = driveOf(request.service.id)
      return { running: drive !== null && drive.endedAt === null, progress: drive?.progress ?? null }
    },
  )
  app.post(
    '/api/v1/services/:service/visitors',
    { schema: { summary: 'Send 50 visitors through an example', tags, params, answers: [202] } },
    (request, reply) => {
      send(request)
      return reply.code(202).send({ running: true })
    },
  )
}

function tourRoute(app: App, gateway: GatewayFile | null): void {
  app.get('/tour', hidden, async (request, reply) => {
    const ctx = request.context
    if (ctx.config.publicUrl !== null) throw new Refusal('not-found')
    const service = (await allServices(ctx.db)).find(isDriven)
    const gate = service === undefined ? null : await gateSummary(ctx.db, ctx.clock.now(), ofService(service))
    const example =
      service === undefined || gateway === null
        ? null
        : { home: `/services/${service.key}`, url: gateway.urlOf(service), gate: gate?.gate.href ?? null }
    return reply.page(tourPage({ account: account(ctx), example }))
  })
}
