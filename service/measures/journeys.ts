import type { Queryable } from '../platform/index.ts'
import type { Journey } from '../services/index.ts'
import type { Outcome, Period } from './measures.ts'
import {
  analyse,
  journeyCounts,
  pagesSeen,
  stepCounts,
  type JourneyCount,
  type PageSeen,
  type StepCount,
} from './reads.ts'
import type { MeasuredService } from './report.ts'

/** A journey as it was marked, with what really happened at each point of it. */
export interface JourneyReport {
  id: string
  name: string
  savable: boolean
  openDays: number
  start: Point
  /** Applications that started in the period and reached an end page. */
  ended: { new: number; current: number }
  steps: Point[]
  /** Where the service did its job: completed, or an honest refusal. */
  endPages: Ending[]
  /** Where it did not. */
  errorPages: Ending[]
}

export interface Point {
  id: string
  name: string
  patterns: string[]
  /** When the new and the current service last really served it; people of the team do not count. */
  lastAt: { new: Date | null; current: Date | null }
  /** Of the applications that started in the period (MEA-7). */
  reached: { new: number; current: number }
  state: PointState
}

/**
 * `unseen`: the new service has never served it to anyone from outside the team. `current-only`: the same, but the current one
 * has, and people finish in the new one without it, so it is no step of theirs.
 */
export type PointState = 'served' | 'unseen' | 'current-only'

export interface Ending extends Point {
  outcome: Outcome
}

export async function journeyReport(db: Queryable, service: MeasuredService, period: Period): Promise<JourneyReport[]> {
  return (await journeyReports(db, [service], period)).get(service.id) ?? []
}

/** Of several services, in one look at the sums. */
export function journeyReports(
  db: Queryable,
  services: readonly Pick<MeasuredService, 'id' | 'journeys'>[],
  period: Period,
): Promise<Map<string, JourneyReport[]>> {
  const ids = services.map(({ id }) => id)
  return analyse(db, async (tx) => {
    const seen = await pagesSeen(tx, ids)
    const steps = await stepCounts(tx, ids, period)
    const counts = await journeyCounts(tx, ids, period)
    return new Map(
      services.map(({ id, journeys }) => [
        id,
        journeys.map((journey) => reportOf(journey, seen.get(id) ?? [], steps.get(id) ?? [], counts.get(id) ?? [])),
      ]),
    )
  })
}

function reportOf(
  journey: Journey,
  allSeen: PageSeen[],
  allSteps: StepCount[],
  allCounts: JourneyCount[],
): JourneyReport {
  const seen = allSeen.filter((row) => row.journey === journey.id)
  const steps = allSteps.filter((row) => row.journey === journey.id)
  const starts = (arm: 'new' | 'current') =>
    allCounts.find((row) => row.journey === journey.id && row.arm === arm)?.starts ?? 0
  const ended = (arm: 'new' | 'current') => {
    const counts = allCounts.find((row) => row.journey === journey.id && row.arm === arm)
    return counts === undefined ? 0 : counts.completed + counts.refused
  }
  const finishes = seen.some(
    (row) => row.kind === 'end' && row.arm === 'new' && row.page !== 'failed' && isEndPage(journey, row.page),
  )
  const stateOf = (lastAt: Point['lastAt']): PointState =>
    lastAt.new !== null ? 'served' : finishes && lastAt.current !== null ? 'current-only' : 'unseen'
  const point = (
    kind: PageSeen['kind'],
    page: string,
    name: string,
    patterns: string[],
    reached: Point['reached'],
  ): Point => {
    const last = (arm: 'new' | 'current') =>
      seen
        .filter((row) => row.kind === kind && row.arm === arm && (kind === 'start' || row.page === page))
        .reduce<Date | null>((latest, { lastAt }) => (latest === null || lastAt > latest ? lastAt : latest), null)
    const lastAt = { new: last('new'), current: last('current') }
    return { id: page, name, patterns, lastAt, reached, state: stateOf(lastAt) }
  }
  const reached = (step: string): Point['reached'] => {
    const by = (arm: 'new' | 'current') => steps.find((row) => row.step === step && row.arm === arm)?.reached ?? 0
    return { new: by('new'), current: by('current') }
  }
  const endings = journey.endings.map(({ id, name, outcome, patterns }): Ending => ({
    ...point('end', id, name, patterns, viewsOf(seen, id)),
    outcome,
  }))
  return {
    id: journey.id,
    name: journey.name,
    savable: journey.savable,
    openDays: journey.openDays,
    start: point('start', 'start', 'Start page', journey.start.patterns, {
      new: starts('new'),
      current: starts('current'),
    }),
    ended: { new: ended('new'), current: ended('current') },
    steps: journey.steps.map(({ id, name, patterns }) => point('step', id, name, patterns, reached(id))),
    endPages: endings.filter(({ outcome }) => outcome !== 'failed'),
    errorPages: endings.filter(({ outcome }) => outcome === 'failed'),
  }
}

function isEndPage({ endings }: Journey, page: string): boolean {
  return endings.find(({ id }) => id === page)?.outcome !== 'failed'
}

/** Endings are not split by the start of the application: how often each was seen so far. */
function viewsOf(seen: PageSeen[], ending: string): Point['reached'] {
  const by = (arm: 'new' | 'current') =>
    seen.find((row) => row.kind === 'end' && row.page === ending && row.arm === arm)?.n ?? 0
  return { new: by('new'), current: by('current') }
}
