import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  emailAddress as email,
  history,
  historyContent,
  keysOf,
  may,
  membersOf,
  openStream,
  Refusal,
  readForm,
  serviceRoles,
  typedValues,
  webOrigins,
  type App,
  type Problem,
} from '../platform/index.ts'
import {
  addColleague,
  changeService,
  handOver,
  recordSkills,
  removeColleague,
  removeExample,
  setJourneys,
  startWalk,
  stopWalk,
} from './actions.ts'
import { servicesApi } from './api.ts'
import { servicePage } from './frame.ts'
import { isProduct } from './phases.ts'
import { createKey, endKey, renewKey } from './key-actions.ts'
import type { GatewayFile } from './gateway-file.ts'
import { journeyFromLines, journeyFromMarks } from './journey-form.ts'
import { keyPresets } from './pages/keys-section.ts'
import { settingsContent } from './pages/settings-page.ts'
import { teamContent } from './pages/team-page.ts'
import { serviceFields } from './schemas.ts'
import { openWalk, walkPages } from './store.ts'

const hidden = { schema: { hide: true } }

const skills = z.string().trim().min(1, 'Say what shows it: training, experience, a link').max(1000)

export function servicesRoutes(app: App, gateway: GatewayFile | null): void {
  if (gateway !== null) letFormsEndAtTheService(app, gateway)
  servicesApi(app, gateway)
  liveRoute(app)
  historyRoute(app)
  teamRoutes(app)
  settingsRoutes(app, gateway)
  journeyRoutes(app, gateway)
  keyRoutes(app, gateway)
}

/** Some forms of a team page end on the service's own host (walk it, see it): the policy of the page names that host. */
function letFormsEndAtTheService(app: App, gateway: GatewayFile): void {
  app.addHook('onSend', async (request, reply) => {
    const policy = reply.getHeader('content-security-policy')
    if (request.service === null || request.service === undefined || typeof policy !== 'string') return
    // A service that is recalled from memory, to be halted, has no host that anybody knew of (ADM-22).
    if (!('host' in request.service)) return
    reply.header(
      'content-security-policy',
      policy.replace("form-action 'self'", `form-action 'self' ${gateway.urlOf(request.service)}`),
    )
  })
}

/** Open pages hear that something changed and read themselves again. */
function liveRoute(app: App): void {
  app.get('/services/:service/live', hidden, (request, reply) => {
    const stream = openStream(reply)
    const stop = request.context.live.subscribe(request.service.id, (_service, topic) =>
      stream.send('changed', { topic }),
    )
    stream.onClose(stop)
  })
}

function historyRoute(app: App): void {
  const limit = 50
  app.get(
    '/services/:service/history',
    {
      schema: {
        hide: true,
        querystring: z.object({
          before: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional(),
        }),
      },
    },
    async (request, reply) => {
      const { context: ctx, service } = request
      const { before } = request.query
      const rows = await history(ctx.db, service.id, { limit, ...(before === undefined ? {} : { before }) })
      const older = rows.length === limit ? (rows.at(-1)?.id ?? null) : null
      const lede = 'Every act, with who, when and why. Nothing here can be changed or taken out.'
      return reply.page(
        servicePage(
          request,
          { title: 'History', active: 'history', lede },
          historyContent(rows, service.timeZone, older),
        ),
      )
    },
  )
  app.get(
    '/api/v1/services/:service/history',
    {
      schema: {
        summary: 'What happened, newest first',
        tags: ['Services'],
        params: z.object({ service: z.string().max(60) }),
        querystring: z.object({
          before: z
            .string()
            .regex(/^\d{1,18}$/)
            .optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
      },
    },
    async (request) => {
      const { before, limit: most } = request.query
      return {
        entries: await history(request.context.db, request.service.id, {
          limit: most,
          ...(before === undefined ? {} : { before }),
        }),
      }
    },
  )
}

async function teamView(request: FastifyRequest, problems: Problem[] = [], values: Record<string, string> = {}) {
  const { context: ctx, service } = request
  const [members, mayManage] = await Promise.all([membersOf(ctx.db, service.id), may(ctx, 'team.manage', service.id)])
  const lede = 'Who works on this service, and what each may do.'
  return servicePage(
    request,
    { title: 'Team', active: 'team', lede, problems },
    teamContent({
      ...{ members, mayManage, asksSkills: !isProduct(service), problems, values },
      ...{ home: `/services/${service.key}`, timeZone: service.timeZone },
    }),
  )
}

function teamRoutes(app: App): void {
  app.get('/services/:service/team', hidden, (request, reply) => reply.page(teamView(request)))
  app.post('/services/:service/team', hidden, async (request, reply) => {
    const form = readForm(
      z.object({
        name: z.string().trim().min(1, 'Enter a name').max(200),
        email,
        role: z.enum(serviceRoles, 'Choose a role'),
      }),
      request.body,
    )
    if (!form.ok) return reply.code(422).page(teamView(request, form.problems, typedValues(request.body)))
    await addColleague(request.context, request.service, form.value)
    return reply.redirect(`/services/${request.service.key}/team`, 303)
  })
  app.post(
    '/services/:service/team/remove',
    { schema: { hide: true, body: z.object({ accountId: z.uuid(), role: z.enum(serviceRoles) }) } },
    async (request, reply) => {
      await removeColleague(request.context, request.service, request.body)
      return reply.redirect(`/services/${request.service.key}/team`, 303)
    },
  )
  app.post('/services/:service/team/skills', hidden, async (request, reply) => {
    const form = readForm(z.object({ skills }), request.body)
    if (!form.ok) return reply.code(422).page(teamView(request, form.problems, typedValues(request.body)))
    await recordSkills(request.context, request.service, form.value.skills)
    return reply.redirect(`/services/${request.service.key}/team`, 303)
  })
  app.post('/services/:service/team/hand-over', hidden, async (request, reply) => {
    const form = readForm(z.object({ manager: email }), request.body)
    if (!form.ok) return reply.code(422).page(teamView(request, form.problems, typedValues(request.body)))
    await handOver(request.context, request.service, form.value.manager)
    return reply.redirect(`/services/${request.service.key}/team`, 303)
  })
}

interface SettingsExtras {
  problems?: Problem[]
  values?: Record<string, string>
  newSecret?: string
  walkUrl?: string
}

async function settingsView(request: FastifyRequest, gateway: GatewayFile | null, extras: SettingsExtras = {}) {
  const { context: ctx, service } = request
  const [mayEdit, mayMove, mayHook, canWalk, keys, walk] = await Promise.all([
    may(ctx, 'service.edit', service.id),
    may(ctx, 'service.addresses', service.id),
    may(ctx, 'webhooks.manage', service.id),
    may(ctx, 'service.walk', service.id),
    keysOf(ctx.db, service.id),
    openWalk(ctx.db, service.id, ctx.clock.now()),
  ])
  const pages = walk === null ? [] : await walkPages(ctx.db, walk.id)
  const problems = extras.problems ?? []
  const content = settingsContent({
    service,
    url: gateway?.urlOf(service) ?? null,
    mayEdit,
    mayMove,
    mayHook,
    keys,
    newSecret: extras.newSecret ?? null,
    walk: {
      open: walk !== null,
      pages,
      url: extras.walkUrl ?? null,
      canWalk: canWalk && ctx.actor.kind === 'account' && gateway !== null,
    },
    problems,
    values: extras.values ?? {},
  })
  return servicePage(request, { title: 'Settings', active: 'settings', problems }, content)
}

function settingsRoutes(app: App, gateway: GatewayFile | null): void {
  const querystring = z.object({
    walk: z
      .string()
      .regex(/^[\w-]{43}$/)
      .optional(),
  })
  app.get('/services/:service/settings', { schema: { hide: true, querystring } }, (request, reply) => {
    const { walk } = request.query
    const walkUrl =
      walk === undefined || gateway === null ? undefined : `${gateway.urlOf(request.service)}/.phasegate/walk/${walk}`
    return reply.page(settingsView(request, gateway, { walkUrl }))
  })
  app.post('/services/:service/settings', hidden, async (request, reply) => {
    const body = { ...typedValues(request.body) }
    const given = {
      ...body,
      currentUrl: body.currentUrl === '' ? null : body.currentUrl,
      host: body.host === '' ? null : body.host,
    }
    const form = readForm(z.object(serviceFields), given)
    if (!form.ok) return reply.code(422).page(settingsView(request, gateway, { problems: form.problems, values: body }))
    await changeService(request.context, request.service, form.value, gateway)
    return reply.redirect(`/services/${request.service.key}/settings`, 303)
  })
  app.post('/services/:service/remove', hidden, async (request, reply) => {
    await removeExample(request.context, request.service, gateway)
    return reply.redirect('/', 303)
  })
}

function journeyRoutes(app: App, gateway: GatewayFile | null): void {
  app.post('/services/:service/settings/journey', hidden, async (request, reply) => {
    const values = typedValues(request.body)
    const journey = journeyFromLines(values, request.service.name)
    if (!journey.ok) return reply.code(422).page(settingsView(request, gateway, { problems: journey.problems, values }))
    await setJourneys(request.context, request.service, [journey.value])
    return reply.redirect(`/services/${request.service.key}/settings#journey`, 303)
  })
  app.post('/services/:service/settings/journey/marked', hidden, async (request, reply) => {
    const journey = journeyFromMarks(typedValues(request.body), request.service.name)
    if (!journey.ok) return reply.code(422).page(settingsView(request, gateway, { problems: journey.problems }))
    await setJourneys(request.context, request.service, [journey.value])
    await stopWalk(request.context, request.service)
    return reply.redirect(`/services/${request.service.key}/settings#journey`, 303)
  })
  app.post('/services/:service/settings/walk', hidden, async (request, reply) => {
    if (gateway === null) throw new Refusal('no-gateway-here')
    const code = await startWalk(request.context, request.service)
    return reply.redirect(`/services/${request.service.key}/settings?walk=${code}#journey`, 303)
  })
  app.post('/services/:service/settings/walk/end', hidden, async (request, reply) => {
    await stopWalk(request.context, request.service)
    return reply.redirect(`/services/${request.service.key}/settings#journey`, 303)
  })
}

function keyRoutes(app: App, gateway: GatewayFile | null): void {
  app.post('/services/:service/settings/keys', hidden, async (request, reply) => {
    const form = readForm(
      z.object({
        keyName: z.string().trim().min(1, 'Say what the key is for').max(200),
        kind: z.enum(['server', 'client', 'gateway'], 'Choose a kind'),
        may: z.enum(['all', 'send', 'read'], 'Choose what it may do').default('all'),
        origins: webOrigins.default([]),
        days: z.enum(['', '30', '90', '365'], 'Choose when it ends').default(''),
      }),
      request.body,
    )
    if (!form.ok)
      return reply
        .code(422)
        .page(settingsView(request, gateway, { problems: form.problems, values: typedValues(request.body) }))
    const { keyName: name, kind, may: preset, origins, days } = form.value
    const permissions = kind === 'server' ? keyPresets[preset].permissions : null
    const key = await createKey(request.context, request.service, {
      name,
      kind,
      permissions,
      origins: kind === 'client' && origins.length > 0 ? origins : null,
      days: days === '' ? null : Number(days),
    })
    return reply.page(settingsView(request, gateway, { newSecret: key.secret }))
  })
  app.post(
    '/services/:service/settings/keys/:key/renew',
    { schema: { hide: true, params: z.object({ service: z.string().max(60), key: z.uuid() }) } },
    async (request, reply) => {
      const key = await renewKey(request.context, request.service, request.params.key, 24)
      return reply.page(settingsView(request, gateway, { newSecret: key.secret }))
    },
  )
  app.post(
    '/services/:service/settings/keys/:key/revoke',
    { schema: { hide: true, params: z.object({ service: z.string().max(60), key: z.uuid() }) } },
    async (request, reply) => {
      await endKey(request.context, request.service, request.params.key)
      return reply.redirect(`/services/${request.service.key}/settings#keys`, 303)
    },
  )
}
