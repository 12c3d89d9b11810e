import { calendarDayOf } from '../platform/index.ts'
import { lowestCeiling, reaches, type Ceiling } from '../../packages/admission/src/index.ts'
import type { OpeningChange } from '../admission/index.ts'
import { openingOf } from './rules.ts'
import { dayMs, wholeShare, type Day, type Plan, type Step } from './plan.ts'

/** What is open on a day, by plan or in truth: a share, and places where there is a limit. */
export interface Open {
  /** Thousandths of a percent. */
  share: number
  places: number | null
}

export interface DayOfPlan {
  day: Day
  /** Null before the first step is planned to start. */
  planned: Open | null
  /** Null for days to come. */
  actual: Open | null
}

export const nextDay = (day: Day, days = 1): Day =>
  new Date(Date.parse(`${day}T12:00:00Z`) + days * dayMs).toISOString().slice(0, 10)

/** When each step is planned to start; it ends where a step says neither a day nor how long the one before lasts. */
export function plannedStarts(plan: Pick<Plan, 'steps' | 'turns'>, timeZone: string): (Day | null)[] {
  const first = plan.turns[0]
  let next: Day | null = first === undefined ? null : calendarDayOf(first.startedAt, timeZone)
  return plan.steps.map(({ startsOn, minimumDays }) => {
    const day: Day | null = startsOn ?? next
    next = day === null || minimumDays === null ? null : nextDay(day, minimumDays)
    return day
  })
}

/** A feature has no places: how many are in a cohort is the cohort's. */
function openBy(step: Step, ofFeature: boolean): Open {
  const { share, cap } = openingOf(step)
  return { share, places: ofFeature ? null : cap }
}

/** ROL-7: what the plan has open on a day. */
export function plannedOn(plan: Pick<Plan, 'steps' | 'turns' | 'featureId'>, timeZone: string, day: Day): Open | null {
  const starts = plannedStarts(plan, timeZone)
  const at = starts.findLastIndex((start) => start !== null && start <= day)
  const step = plan.steps[at]
  return step === undefined ? null : openBy(step, plan.featureId !== null)
}

/** What really was open at the end of a day: what was set, as far as the phase let it count. */
export function actualOn(
  changes: readonly OpeningChange[],
  ceilings: readonly { at: Date; ceiling: Ceiling }[],
  end: Date,
  ofFeature = false,
): Open {
  const set = changes.findLast(({ at }) => at < end)
  const ceiling = ceilings.findLast(({ at }) => at < end)?.ceiling ?? 'closed'
  if (ceiling === 'everyone' && !ofFeature) return { share: wholeShare, places: null }
  const counts = reaches(ceiling, lowestCeiling.share)
  return { share: counts ? (set?.share ?? 0) : 0, places: set?.cap ?? null }
}

export type Deviation =
  | { kind: 'share'; points: number; planned: number; actual: number }
  | { kind: 'places'; /** Null actual: no limit. */ percent: number; planned: number; actual: number | null }

/** ROL-7: how far what is open is from the plan, signed: above zero, more is open than planned. */
export function deviationOf(planned: Open, actual: Open): Deviation | null {
  if (planned.share > 0 || actual.share > 0) {
    const points = (actual.share - planned.share) / 1000
    if (points !== 0) return { kind: 'share', points, planned: planned.share, actual: actual.share }
  }
  if (planned.places === null || planned.places === actual.places) return null
  // Without a limit there are as many places as anybody wants.
  if (actual.places === null) return { kind: 'places', percent: 100, planned: planned.places, actual: null }
  const percent = (100 * (actual.places - planned.places)) / Math.max(1, planned.places)
  return { kind: 'places', percent, planned: planned.places, actual: actual.places }
}

export function isBeyond(deviation: Deviation | null, limit: number): boolean {
  if (deviation === null) return false
  return Math.abs(deviation.kind === 'share' ? deviation.points : deviation.percent) > limit
}

/** A step may start at any hour of its day: on that day what was planned the day before is in order too. */
export function deviationNow(
  plan: Pick<Plan, 'steps' | 'turns' | 'featureId'>,
  timeZone: string,
  today: Day,
  actual: Open,
): Deviation | null {
  const planned = plannedOn(plan, timeZone, today)
  if (planned === null) return null
  const before = plannedOn(plan, timeZone, nextDay(today, -1)) ?? { share: 0, places: actual.places }
  const [now, then] = [deviationOf(planned, actual), deviationOf(before, actual)]
  return now === null || then === null ? null : size(now) <= size(then) ? now : then
}

function size(deviation: Deviation): number {
  return Math.abs(deviation.kind === 'share' ? deviation.points : deviation.percent)
}
