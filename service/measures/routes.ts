import { z } from 'zod'
import type { App, Platform } from '../platform/index.ts'
import { poolOf } from '../platform/database/index.ts'
import { eventRefusals, type EventRefusal } from './event.ts'
import { createIntake } from './intake.ts'
import { createKnownServices } from './known-services.ts'
import { mostEvents, takeIn } from './take-in.ts'

const tags = ['Measures']
const codes = Object.keys(eventRefusals) as [EventRefusal, ...EventRefusal[]]

const eventsBody = z.object({
  events: z
    .array(z.unknown())
    .describe(
      `At most ${mostEvents} events: { id, time, service, name, journey?, step?, outcome?, transaction?, unit?, channel?, arm?, flags?, device?, properties? }. Each is checked on its own.`,
    ),
})
const takenIn = z.object({
  stored: z.number().int(),
  repeated: z.number().int().describe('Sent before, by anyone, with the same id'),
  refused: z.array(z.object({ index: z.number().int(), id: z.string().nullable(), code: z.enum(codes), detail: z.string() })),
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
  app.post(
    '/api/v1/events',
    {
      bodyLimit: 4 * 1024 * 1024,
      schema: { summary: 'Send events of a journey', tags, body: eventsBody, response: { 200: takenIn } },
    },
    async (request) => takeIn(request.context, { intake, services }, request.body.events, request.headers.origin ?? null),
  )
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
