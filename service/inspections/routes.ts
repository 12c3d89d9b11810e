import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { may, readForm, Refusal, type App } from '../platform/index.ts'
import type { Html } from '../platform/html/index.ts'
import { phaseOf, servicePage } from '../services/index.ts'
import { pagesServed } from '../measures/index.ts'
import { labelsAt } from './label.ts'
import { examine, type Examination } from './doctor/doctor.ts'
import { inspectionsContent } from './pages/inspections.ts'
import { probeService, type WayIn } from './probe.ts'
import { bannerProbes } from './store.ts'

const dayMs = 86_400_000
const hide = { schema: { hide: true } }

/** What visitors get, looked at from outside. Without a gateway here there is nothing to look through. */
export function inspectionsRoutes(app: App, way: WayIn | null): void {
  const home = '/services/:service/inspections'
  app.get(home, hide, (request, reply) => reply.page(page(request, way, null)))
  app.post(`${home}/banner`, hide, async (request, reply) => {
    const { context: ctx, service } = request
    if (way === null) throw new Refusal('no-gateway-here')
    await probeService(ctx, way, service)
    ctx.live.changed(service.id, 'inspections')
    return reply.redirect(`/services/${service.key}/inspections`, 303)
  })
  app.post(`${home}/doctor`, hide, async (request, reply) => {
    const asked = readForm(z.object({ which: z.enum(['new', 'current']) }), request.body)
    const application = applicationsOf(request).find(({ which }) => asked.ok && which === asked.value.which)
    if (application === undefined) throw new Refusal('invalid-request')
    // Only the addresses that the gateway itself asks: nobody can point this anywhere else.
    const examination = await examine(request.context.outgoing, application.url)
    return reply.page(page(request, way, { name: application.name, examination }))
  })
}

function applicationsOf({ service }: FastifyRequest) {
  const both = [
    { which: 'new' as const, name: 'new service', url: service.newUrl },
    { which: 'current' as const, name: 'current service', url: service.currentUrl },
  ]
  return both.flatMap(({ url, ...rest }) => (url === null ? [] : [{ ...rest, url }]))
}

async function page(
  request: FastifyRequest,
  way: WayIn | null,
  examined: { name: string; examination: Examination } | null,
): Promise<Html> {
  const { context: ctx, service } = request
  const since = new Date(ctx.clock.now().getTime() - 30 * dayMs)
  const [probes, served, mayEdit] = await Promise.all([
    bannerProbes(ctx.db, service.id),
    pagesServed(ctx.db, service.id, since),
    may(ctx, 'service.edit', service.id),
  ])
  const content = inspectionsContent({
    home: `/services/${service.key}/inspections`,
    timeZone: service.timeZone,
    label: phaseOf(service).label,
    probes,
    labels: labelsAt(service.journeys, probes, served),
    canLook: mayEdit && way !== null,
    applications: applicationsOf(request),
    examined,
  })
  const lede = 'The service as a visitor gets it, read from outside.'
  return servicePage(request, { title: 'Seen from outside', active: 'settings', lede }, content)
}
