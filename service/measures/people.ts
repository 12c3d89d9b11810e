import type { Queryable } from '../platform/index.ts'
import { localDay } from './known-services.ts'
import type { Period } from './measures.ts'
import { unitsSeen, visitorsByDay } from './reads.ts'
import type { MeasuredService } from './report.ts'

/** Who used the new service, as far as may be known. People of the team (preview links and staff) are left out. */
export interface RealUse {
  /** People with an identifier that may be kept: each counts once, however often they come. */
  people: { seen: number; fresh: number }
  /** Visitors by day. Their hash changes daily, so no two days can be added up and called people. */
  visitors: { day: string; n: number }[]
  busiestDay: { day: string; n: number } | null
}

export async function realUse(
  db: Queryable,
  service: Pick<MeasuredService, 'id' | 'timeZone'>,
  period: Period,
): Promise<RealUse> {
  const visitors = await visitorsByDay(db, service.id, 'new', {
    from: localDay(period.from.getTime(), service.timeZone),
    to: localDay(period.to.getTime() - 1, service.timeZone),
  })
  const busiestDay = visitors.reduce<{ day: string; n: number } | null>(
    (most, one) => (most === null || one.n > most.n ? one : most),
    null,
  )
  return { people: await unitsSeen(db, service.id, 'new', period), visitors, busiestDay }
}

/** At least so many: people who are known by an identifier, or the visitors of the busiest day, whichever is more. */
export function atLeast({ people, busiestDay }: RealUse): number {
  return Math.max(people.seen, busiestDay?.n ?? 0)
}
