import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { pointInTime, Refusal, type App, type Platform } from '../platform/index.ts'
import { poolOf } from '../platform/database/index.ts'
import { eventRefusals, type EventRefusal } from './event.ts'
import { eventsEdge } from './edge.ts'
import { changeFormula, setTarget } from './definition-store.ts'
import { createIntake } from './intake.ts'
import { journeyReport } from './journeys.ts'
import { findKpi, type Kpi } from './kpis.ts'
import { createKnownServices } from './known-services.ts'
import { measuresPages } from './pages.ts'
import { measuresSummary } from './report.ts'
import { shownSummary } from './shown.ts'
import { eventsBody } from './schemas.ts'
import { takeIn } from './take-in.ts'
import { periodAsked } from './time.ts'

const tags = ['Measures']
const codes = Object.keys(eventRefusals) as [EventRefusal, ...EventRefusal[]]

const takenIn = z.object({
  stored: z.number().int(),
  repeated: z.number().int().describe('Sent before, by anyone, with the same id'),
  refused: z.array(
    z.object({ index: z.number().int(), id: z.string().nullable(), code: z.enum(codes), detail: z.string() }),
  ),
})

export function measuresRoutes(app: App, platform: Platform): void {
  const { db, clock, disk, live } = platform
  const services = createKnownServices(db, live)
  const tell = throttled((serviceId) => live.changed(serviceId, 'measures'), 500)
  const intake = createIntake({
    pool: poolOf(db),
    clock,
    hasRoom: () => disk.hasRoom(),
    dayOf: services.dayOf,
    onStored: (serviceIds) => serviceIds.forEach(tell),
  })
  readApi(app)
  measuresPages(app)
  // A page of the service asks first, without its key; the request itself needs one that is good there (FEED-3).
  app.options('/api/v1/events', { schema: { hide: true } }, (_request, reply) =>
    fromPages(reply).header('access-control-max-age', '600').code(204).send(),
  )
  app.post(
    '/api/v1/events',
    {
      bodyLimit: 4 * 1024 * 1024,
      config: { checksTexts: true },
      schema: {
        summary: 'Send events of a journey',
        answers: [200],
        tags,
        body: eventsBody,
        response: { 200: takenIn },
      },
    },
    async (request, reply) => {
      fromPages(reply)
      return takeIn(request.context, { intake, services }, request.body.events, request.headers.origin ?? null)
    },
  )
  eventsEdge(app, clock, (ctx, events) => takeIn(ctx, { intake, services }, events, null))
}

function fromPages(reply: FastifyReply): FastifyReply {
  return reply
    .header('access-control-allow-origin', '*')
    .header('access-control-allow-methods', 'POST, OPTIONS')
    .header('access-control-allow-headers', 'authorization, content-type')
}

const params = z.object({ service: z.string().max(60) })
const ofKpi = params.extend({ kpi: z.string().max(60) })
const window = z.object({ from: pointInTime.optional(), to: pointInTime.optional() })

/** The figures as the pages show them: each with definition, version, period, n, interval and source. */
function readApi(app: App): void {
  app.get(
    '/api/v1/services/:service/measures',
    { schema: { summary: 'Measures of a period, by default the last 28 days', tags, params, querystring: window } },
    async (request) => {
      const { context: ctx, service } = request
      const period = periodAsked(request.query, ctx.clock.now(), service.timeZone)
      return shownSummary(await measuresSummary(ctx.db, service, period), await journeyReport(ctx.db, service, period))
    },
  )
  app.post(
    '/api/v1/services/:service/measures/:kpi/definition',
    {
      schema: {
        summary: 'Start a new series with another formula',
        answers: [204],
        tags,
        params: ofKpi,
        body: z.object({ formula: z.string().min(1).max(60), reason: z.string().trim().min(1).max(1000) }),
      },
    },
    async (request, reply) => {
      await changeFormula(request.context, request.service, kpiNamed(request.params.kpi), request.body)
      return reply.code(204).send()
    },
  )
  app.put(
    '/api/v1/services/:service/measures/:kpi/target',
    {
      schema: {
        summary: 'Set the target',
        answers: [204],
        tags,
        params: ofKpi,
        body: z.object({ target: z.number().min(0).max(1e9) }),
      },
    },
    async (request, reply) => {
      await setTarget(request.context, request.service, kpiNamed(request.params.kpi), request.body.target)
      return reply.code(204).send()
    },
  )
}

function kpiNamed(id: string): Kpi {
  const kpi = findKpi(id)
  if (kpi === null) throw new Refusal('not-found')
  return kpi
}

/** At once, then at most once in so many milliseconds for each service; the last one is never lost. */
function throttled(tell: (serviceId: string) => void, everyMs: number): (serviceId: string) => void {
  const resting = new Map<string, boolean>()
  return function hear(serviceId) {
    if (resting.has(serviceId)) {
      resting.set(serviceId, true)
      return
    }
    resting.set(serviceId, false)
    tell(serviceId)
    setTimeout(() => {
      const heardMore = resting.get(serviceId) === true
      resting.delete(serviceId)
      if (heardMore) hear(serviceId)
    }, everyMs).unref()
  }
}
