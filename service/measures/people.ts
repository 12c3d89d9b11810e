import { calendarDayOf, type Queryable } from '../platform/index.ts'
import type { Period } from './measures.ts'
import { unitsSeen, visitorsOfEach } from './reads.ts'
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
  return (await realUseOfEach(db, [service], period)).get(service.id) ?? noUse
}

export const noUse: RealUse = { people: { seen: 0, fresh: 0 }, visitors: [], busiestDay: null }

export async function realUseOfEach(
  db: Queryable,
  services: readonly Pick<MeasuredService, 'id' | 'timeZone'>[],
  period: Period,
): Promise<Map<string, RealUse>> {
  const days = services.map(({ id, timeZone }) => ({
    id,
    from: calendarDayOf(period.from.getTime(), timeZone),
    to: calendarDayOf(period.to.getTime() - 1, timeZone),
  }))
  const visitors = await visitorsOfEach(db, 'new', days)
  const ids = services.map(({ id }) => id)
  const people = await unitsSeen(db, ids, 'new', period)
  return new Map(ids.map((id) => [id, useBy(people.get(id)?.[0] ?? noUse.people, visitors.get(id) ?? [])]))
}

function useBy(people: RealUse['people'], visitors: RealUse['visitors']): RealUse {
  const busiestDay = visitors.reduce<{ day: string; n: number } | null>(
    (most, one) => (most === null || one.n > most.n ? one : most),
    null,
  )
  return { people, visitors, busiestDay }
}

/** At least so many: people who are known by an identifier, or the visitors of the busiest day, whichever is more. */
export function atLeast({ people, busiestDay }: RealUse): number {
  return Math.max(people.seen, busiestDay?.n ?? 0)
}
