import { findService, originsOf, type Service } from '../services/index.ts'
import { calendarDayOf, type Db, type Live } from '../platform/index.ts'
import type { KnownService } from './event.ts'

/** The services that events are checked against, kept for a moment so that a thousand events need not ask a thousand times. */
export interface KnownServices {
  find(keys: Iterable<string>): Promise<ReadonlyMap<string, KnownService>>
  /** The service's own day of an instant, as YYYY-MM-DD. */
  dayOf(serviceId: string, at: number): string
}

const freshMs = 2_000

export function createKnownServices(db: Db, live: Live): KnownServices {
  const byKey = new Map<string, { service: KnownService; readAt: number }>()
  const zones = new Map<string, string>()
  live.subscribe(null, (_serviceId, topic) => {
    // News of figures and answers changes no journey, and comes often.
    if (topic !== 'measures' && topic !== 'feedback') byKey.clear()
  })
  return {
    async find(keys) {
      const found = new Map<string, KnownService>()
      for (const key of keys) {
        const known = byKey.get(key)
        if (known !== undefined && performance.now() - known.readAt < freshMs) {
          found.set(key, known.service)
          continue
        }
        const service = await findService(db, key)
        if (service === null) continue
        const read = asKnown(service)
        byKey.set(key, { service: read, readAt: performance.now() })
        zones.set(read.id, read.timeZone)
        found.set(key, read)
      }
      return found
    },
    dayOf: (serviceId, at) => calendarDayOf(at, zones.get(serviceId) ?? 'Europe/London'),
  }
}

function asKnown(service: Service): KnownService {
  const { id, key, timeZone, journeys } = service
  return { id, key, timeZone, journeys, origins: originsOf(service) }
}
