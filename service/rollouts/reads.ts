import { openingChanges, type OpeningChange } from '../admission/index.ts'
import { ceilingUnder, openShareOf, shareChanges } from '../features/index.ts'
import { calendarDayOf, type Queryable } from '../platform/index.ts'
import { ceilingOf, phaseHistory } from '../services/index.ts'
import { actualOn, nextDay, plannedOn, plannedStarts, type DayOfPlan, type Open } from './deviation.ts'
import type { Plan } from './plan.ts'
import type { Subject } from './subject.ts'

/** What is open now, as far as the phase lets it count. */
export async function openNow(db: Queryable, subject: Subject): Promise<Open> {
  const { service, feature } = subject
  const ceilings = await ceilingsOf(db, subject)
  if (feature === null) return actualOn(await openingChanges(db, service.id), ceilings, endOfTime)
  const set = { at: new Date(0), share: openShareOf(feature), cap: null, joinOpen: false, by: '' }
  return actualOn([set], ceilings, endOfTime, true)
}

const endOfTime = new Date(8.64e15)

/** Every change of what was open: a feature has a share and no places. */
async function changesOf(db: Queryable, { service, feature }: Subject): Promise<OpeningChange[]> {
  if (feature === null) return openingChanges(db, service.id)
  const changes = await shareChanges(db, feature.id)
  return changes.map((change) => ({ ...change, cap: null, joinOpen: false }))
}

export async function readShareOf(db: Queryable, serviceId: string): Promise<number> {
  return (await openingChanges(db, serviceId)).at(-1)?.share ?? 0
}

const mostDays = 400

/** ROL-7: planned against actual, day by day, from the first day of either to the last planned one or today. */
export async function daysOfPlan(db: Queryable, subject: Subject, plan: Plan, now: Date): Promise<DayOfPlan[]> {
  const { timeZone } = subject.service
  const today = calendarDayOf(now, timeZone)
  const starts = plannedStarts(plan, timeZone).filter((day) => day !== null)
  const started = plan.turns.map(({ startedAt }) => calendarDayOf(startedAt, timeZone))
  const first = [...starts, ...started].toSorted()[0]
  if (first === undefined) return []
  const lastStart = starts.at(-1)
  const lastPlanned = lastStart === undefined ? today : nextDay(lastStart, plan.steps.at(-1)?.minimumDays ?? 7)
  const last = lastPlanned > today ? lastPlanned : today
  const [changes, ceilings] = [await changesOf(db, subject), await ceilingsOf(db, subject)]
  const days: DayOfPlan[] = []
  for (let day = first; day <= last && days.length < mostDays; day = nextDay(day)) {
    const end = day === today ? now.getTime() + 1 : Date.parse(`${nextDay(day)}T00:00:00Z`)
    const actual = day > today ? null : actualOn(changes, ceilings, new Date(end), subject.feature !== null)
    days.push({ day, planned: plannedOn(plan, timeZone, day), actual })
  }
  return days
}

/** Under which ceilings the phases held the service, or this flag of it. */
async function ceilingsOf(db: Queryable, { service, feature }: Subject) {
  const moves = await phaseHistory(db, service.id)
  return moves
    .map(({ at, to }) => ({ at, ceiling: ceilingOf(to) }))
    .map(({ at, ceiling }) => ({ at, ceiling: feature === null ? ceiling : ceilingUnder(ceiling, feature) }))
    .toSorted((one, other) => one.at.getTime() - other.at.getTime())
}
