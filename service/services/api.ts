import { z } from 'zod'
import {
  pointInTime,
  act,
  emailAddress as email,
  hashSecret,
  isPermission,
  keysOf,
  membersOf,
  Refusal,
  serviceIdsOf,
  serviceRoles,
  webOrigin,
  type App,
} from '../platform/index.ts'
import {
  addColleague,
  changeService,
  createService,
  handOver,
  movePhase,
  recordSkills,
  removeExample,
  setJourneys,
} from './actions.ts'
import { createKey, endKey, renewKey } from './key-actions.ts'
import type { GatewayFile } from './gateway-file.ts'
import { phaseOf } from './phases.ts'
import { journeySchema, newServiceSchema, serviceChangeSchema } from './schemas.ts'
import type { Service } from './service.ts'
import { allServices, findService, findWalk, insertWalkPage, phaseHistory } from './store.ts'

const params = z.object({ service: z.string().max(60) })
const tags = ['Services']

const shown = ({ id: _id, ...service }: Service) => ({
  ...service,
  phaseName: phaseOf(service).name,
  ceiling: phaseOf(service).ceiling,
})

export function servicesApi(app: App, gateway: GatewayFile | null): void {
  app.get('/api/v1/services', { schema: { summary: 'Services you have a part in', tags } }, async (request) => {
    const { actor, db } = request.context
    const all = await allServices(db)
    if (actor.kind !== 'account' || actor.installation === 'owner') return { services: all.map(shown) }
    const own = new Set(await serviceIdsOf(db, actor.accountId))
    return { services: all.filter(({ id }) => own.has(id)).map(shown) }
  })
  app.post(
    '/api/v1/services',
    { schema: { summary: 'Add a service', tags, answers: [201], body: newServiceSchema } },
    async (request, reply) => {
      const service = await createService(request.context, request.body, gateway)
      return reply.code(201).send({ ...shown(service), url: gateway?.urlOf(service) ?? null })
    },
  )
  app.get('/api/v1/services/:service', { schema: { summary: 'One service', tags, params } }, async (request) => ({
    ...shown(request.service),
    url: gateway?.urlOf(request.service) ?? null,
    phases: await phaseHistory(request.context.db, request.service.id),
  }))
  app.patch(
    '/api/v1/services/:service',
    { schema: { summary: 'Change a service', answers: [200], tags, params, body: serviceChangeSchema } },
    async (request) => shown(await changeService(request.context, request.service, request.body, gateway)),
  )
  app.delete(
    '/api/v1/services/:service',
    { schema: { summary: 'Remove the example', tags, params, answers: [204] } },
    async (request, reply) => {
      await removeExample(request.context, request.service, gateway)
      return reply.code(204).send()
    },
  )
  app.put(
    '/api/v1/services/:service/journeys',
    {
      schema: {
        summary: 'Mark start, steps and endings',
        answers: [200],
        tags,
        params,
        body: z.object({ journeys: z.array(journeySchema).max(20) }),
      },
    },
    async (request) => {
      await setJourneys(request.context, request.service, request.body.journeys)
      return { journeys: request.body.journeys }
    },
  )
  phaseApi(app)
  teamApi(app)
  keysApi(app)
  walkApi(app)
}

/** A key may move a phase with a waiver; people do it at the gate. */
function phaseApi(app: App): void {
  const body = z.object({
    to: z.string().max(60),
    reason: z.string().trim().min(1).max(2000),
    waiver: z.string().trim().min(1).max(2000),
  })
  app.post(
    '/api/v1/services/:service/phase',
    { schema: { summary: 'Move the phase by key, with a waiver', answers: [200], tags, params, body } },
    async (request) => {
      const { context: ctx, service } = request
      await act(ctx, { permission: 'gate.decide', service: service.id, topic: 'phase' }, (tx, record) =>
        movePhase(ctx, tx, record, { service, ...request.body }),
      )
      const moved = await findService(ctx.db, service.key)
      if (moved === null) throw new Refusal('not-found')
      return shown(moved)
    },
  )
}

function teamApi(app: App): void {
  const role = z.enum(serviceRoles)
  app.get('/api/v1/services/:service/team', { schema: { summary: 'The team', tags, params } }, async (request) => ({
    members: await membersOf(request.context.db, request.service.id),
  }))
  app.post(
    '/api/v1/services/:service/team',
    {
      schema: {
        summary: 'Add a colleague',
        tags,
        answers: [201],
        params,
        body: z.object({ email, name: z.string().trim().min(1).max(200), role }),
      },
    },
    async (request, reply) => {
      await addColleague(request.context, request.service, request.body)
      return reply.code(201).send({ members: await membersOf(request.context.db, request.service.id) })
    },
  )
  app.post(
    '/api/v1/services/:service/service-manager',
    { schema: { summary: 'Hand the service over', answers: [200], tags, params, body: z.object({ email }) } },
    async (request) => {
      await handOver(request.context, request.service, request.body.email)
      return { members: await membersOf(request.context.db, request.service.id) }
    },
  )
  app.put(
    '/api/v1/services/:service/service-manager/skills',
    {
      schema: {
        summary: 'Record the skills of the service manager',
        answers: [200],
        tags,
        params,
        body: z.object({ skills: z.string().trim().min(1).max(1000) }),
      },
    },
    async (request) => {
      await recordSkills(request.context, request.service, request.body.skills)
      return { members: await membersOf(request.context.db, request.service.id) }
    },
  )
}

function keysApi(app: App): void {
  const body = z.object({
    name: z.string().trim().min(1).max(200),
    kind: z.enum(['server', 'client', 'gateway']),
    /** Left out, it may everything that its kind may. */
    permissions: z.array(z.string().max(60).refine(isPermission)).min(1).max(100).nullable().default(null),
    /** Of a client key: left out, it works on the pages of its service. */
    origins: z.array(webOrigin).min(1).max(20).nullable().default(null),
    days: z.number().int().min(1).max(3_650).nullable().default(null),
  })
  app.get(
    '/api/v1/services/:service/keys',
    { schema: { summary: 'The keys, without their secrets', tags, params } },
    async (request) => ({
      keys: await keysOf(request.context.db, request.service.id),
    }),
  )
  app.post(
    '/api/v1/services/:service/keys/:key/renew',
    {
      schema: {
        summary: 'A new secret, shown once; the old one works for some hours more',
        answers: [200],
        tags,
        params: params.extend({ key: z.uuid() }),
        body: z.object({ overlapHours: z.number().int().min(0).max(720).default(24) }).default({ overlapHours: 24 }),
      },
    },
    async (request) => renewKey(request.context, request.service, request.params.key, request.body.overlapHours),
  )
  app.post(
    '/api/v1/services/:service/keys',
    { schema: { summary: 'Create a key; its secret is shown once', tags, params, body, answers: [201] } },
    async (request, reply) => reply.code(201).send(await createKey(request.context, request.service, request.body)),
  )
  app.delete(
    '/api/v1/services/:service/keys/:key',
    { schema: { summary: 'Revoke a key', tags, answers: [204], params: params.extend({ key: z.uuid() }) } },
    async (request, reply) => {
      await endKey(request.context, request.service, request.params.key)
      return reply.code(204).send()
    },
  )
}

/** The gateway tells which pages a walker saw. */
function walkApi(app: App): void {
  const page = z.object({
    service: z.string().max(60),
    code: z.string().max(100),
    arm: z.enum(['current', 'new']),
    method: z.string().max(10),
    path: z.string().max(2000),
    status: z.number().int().min(100).max(999),
    title: z.string().max(300).default(''),
    at: pointInTime,
  })
  app.post(
    '/api/v1/gateway/walk',
    {
      schema: {
        summary: 'A page that somebody saw who walks the journey',
        answers: [200],
        tags: ['Gateway'],
        body: z.object({ pages: z.array(page).max(100) }),
      },
    },
    async (request) => {
      const ctx = request.context
      let stored = 0
      for (const { service, code, at, ...seen } of request.body.pages) {
        const found = await findService(ctx.db, service)
        const walk = found === null ? null : await findWalk(ctx.db, found.id, hashSecret(code), ctx.clock.now())
        if (found === null || walk === null) continue
        await insertWalkPage(ctx.db, walk, { ...seen, at: new Date(at) })
        ctx.live.changed(found.id, 'walk')
        stored++
      }
      return { stored }
    },
  )
}
