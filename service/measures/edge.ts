import type { FastifyRequest } from 'fastify'
import { createRateLimit, originOf, Refusal, type App, type Clock, type Context } from '../platform/index.ts'
import { eventsBody } from './schemas.ts'
import type { TakenIn } from './take-in.ts'

type TakeIn = (ctx: Context, events: unknown[]) => Promise<TakenIn>

/** MEA-15: what a page of the service sends to its own host. The gateway says which arm it is of, and of whom. */
export function eventsEdge(app: App, clock: Clock, takeIn: TakeIn): void {
  const limit = createRateLimit(clock, { origin: 600, service: 6_000 })
  app.post(
    '/edge/:service/events',
    { config: { checksTexts: true }, schema: { hide: true, body: eventsBody } },
    async (request) => {
      const waitSeconds = limit.take(request.service.id, originOf(header(request, 'x-forwarded-for') ?? ''))
      if (waitSeconds > 0) throw new Refusal('too-many-requests', { seconds: waitSeconds })
      const events = request.body.events.map((each) => ofPage(each, request))
      return takeIn(withinService(request), events)
    },
  )
}

/** A gateway stands before many services, and this page is of one. */
function withinService({ context, service }: FastifyRequest): Context {
  const { actor } = context
  return actor.kind === 'key' ? { ...context, actor: { ...actor, service: service.id } } : context
}

/** Neither arm nor person is a page's to say; the transaction is, where it has one of its own. */
function ofPage(event: unknown, request: FastifyRequest): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event
  const { unit: _unit, arm: _arm, ...said } = event as Record<string, unknown>
  const [arm, unit] = [header(request, 'x-phasegate-arm'), header(request, 'x-phasegate-unit')]
  const transaction = 'journey' in said ? header(request, 'x-phasegate-transaction') : null
  return {
    ...{ service: request.service.key, ...(transaction !== null && { transaction }), ...said },
    ...(arm !== null && { arm }),
    ...(unit !== null && { unit }),
  }
}

function header({ headers }: FastifyRequest, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : null
}
