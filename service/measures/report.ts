import type { Arm } from '../../packages/admission/src/index.ts'
import { calendarDayOf, type Queryable } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { assignmentOf, type Assignment } from './assignment.ts'
import {
  addFacts,
  compare,
  noFacts,
  readFigure,
  type Comparison,
  type Facts,
  type Figure,
  type FigureReading,
} from './figures.ts'
import {
  currentDefinition,
  definitionsOf,
  kpiOf,
  kpis,
  type Definition,
  type Kpi,
  type StoredDefinition,
} from './kpis.ts'
import { dayMs, type MeasuredArm, type Period } from './measures.ts'
import { definitionsOfEach, storedDefinitions, storedTargets } from './definition-reads.ts'
import {
  analyse,
  answersByArm,
  answersByDay,
  countsByArm,
  countsByDay,
  durationsByArm,
  durationsByDay,
  exposureCounts,
  openSince,
  type Daily,
} from './reads.ts'
import { dayAfter, dayAt, lastDays } from './time.ts'

/** What measuring needs to know of a service. */
export type MeasuredService = Pick<Service, 'id' | 'key' | 'timeZone' | 'phase' | 'currentUrl' | 'journeys'>

export interface MeasuresSummary {
  period: Period
  asOf: Date
  /** In the order of kpis.yaml. */
  figures: { new: Figure[]; current: Figure[] }
  facts: { new: Facts; current: Facts }
  comparisons: Comparison[]
  assignment: Assignment
  /** Per figure, the new service by day: each point is the seven days up to it, within one definition. */
  trends: ReadonlyMap<string, TrendPoint[]>
}

export interface TrendPoint {
  at: Date
  day: string
  version: number
  reading: FigureReading
}

const compared = ['completion-rate', 'satisfaction', 'completion-time', 'error-rate']
const smoothedDays = 7

/** Everything that the overview and the page of measures say of a service in a period; from the hourly sums only. */
export function measuresSummary(db: Queryable, service: MeasuredService, period: Period): Promise<MeasuresSummary> {
  return analyse(db, async (tx) => {
    const stored = await storedDefinitions(tx, service.id)
    const targets = await storedTargets(tx, service.id)
    const whole = await factsOf(tx, service, period)
    const byKpi = new Map<string, { period: Period; facts: { new: Facts; current: Facts } }>()
    for (const kpi of kpis) {
      const within = periodOf(currentDefinition(kpi, stored), period)
      byKpi.set(kpi.id, {
        period: within,
        facts: within.from > period.from ? await factsOf(tx, service, within) : whole,
      })
    }
    const figure = (kpi: Kpi, arm: Arm): Figure => {
      const definition = currentDefinition(kpi, stored)
      const { period: within, facts } = byKpi.get(kpi.id) ?? { period, facts: whole }
      const target = targets.get(kpi.id) ?? kpi.target
      return {
        kpi,
        arm,
        definition,
        period: within,
        target,
        reading: readFigure(kpi, definition.formula.id, facts[arm]),
      }
    }
    const trends = new Map<string, TrendPoint[]>()
    const asked: Asked = new Map()
    for (const kpi of kpis) trends.set(kpi.id, (await trendOf(tx, service, kpi, stored, period, asked)).new)
    const optimalN = optimalNIn(service.phase)
    return {
      period,
      asOf: period.to,
      figures: { new: kpis.map((kpi) => figure(kpi, 'new')), current: kpis.map((kpi) => figure(kpi, 'current')) },
      facts: whole,
      comparisons: compared.map((id) => {
        const kpi = kpiOf(id)
        return compare(figure(kpi, 'new'), figure(kpi, 'current'), byKpi.get(id)?.facts ?? whole, optimalN)
      }),
      assignment: assignmentOf(await exposureCounts(tx, service.id, period)),
      trends,
    }
  })
}

/** One figure of the new service over its last days, of each of several services: for a list of them. */
export function figureOfEach(
  db: Queryable,
  services: readonly MeasuredService[],
  { kpi: id, days, now }: { kpi: string; days: number; now: Date },
): Promise<Map<string, FigureReading>> {
  const kpi = kpiOf(id)
  return analyse(db, async (tx) => {
    const stored = await definitionsOfEach(
      tx,
      services.map((service) => service.id),
    )
    const asked = services.map((service) => {
      const definition = currentDefinition(kpi, stored.get(service.id) ?? [])
      return { service, definition, period: periodOf(definition, lastDays(days, now, service.timeZone)) }
    })
    const readings = new Map<string, FigureReading>()
    // Days begin at another time in another zone, and a definition on a day of its own.
    for (const alike of Map.groupBy(asked, ({ period }) => period.from.getTime()).values()) {
      const [first] = alike
      if (first === undefined) continue
      const of = alike.map(({ service }) => service)
      const facts = await factsOfEach(tx, of, first.period)
      for (const { service, definition } of alike) {
        readings.set(service.id, readFigure(kpi, definition.formula.id, facts.get(service.id)?.new ?? noFacts))
      }
    }
    return readings
  })
}

export interface KpiReport {
  kpi: Kpi
  definitions: Definition[]
  figures: Record<Arm, Figure>
  facts: Record<Arm, Facts>
  comparison: Comparison | null
  assignment: Assignment
  trend: Record<Arm, TrendPoint[]>
}

/** One figure in full: its definitions, its two arms, and its series by day, broken where the definition changed. */
export function kpiReport(db: Queryable, service: MeasuredService, kpi: Kpi, period: Period): Promise<KpiReport> {
  return analyse(db, async (tx) => {
    const stored = await storedDefinitions(tx, service.id)
    const definition = currentDefinition(kpi, stored)
    const within = periodOf(definition, period)
    const facts = await factsOf(tx, service, within)
    const target = (await storedTargets(tx, service.id)).get(kpi.id) ?? kpi.target
    const figure = (arm: Arm): Figure => ({
      kpi,
      arm,
      definition,
      period: within,
      target,
      reading: readFigure(kpi, definition.formula.id, facts[arm]),
    })
    const figures = { new: figure('new'), current: figure('current') }
    const optimalN = optimalNIn(service.phase)
    return {
      kpi,
      definitions: definitionsOf(kpi, stored),
      figures,
      facts,
      comparison: compared.includes(kpi.id) ? compare(figures.new, figures.current, facts, optimalN) : null,
      assignment: assignmentOf(await exposureCounts(tx, service.id, within)),
      trend: await trendOf(tx, service, kpi, stored, period, new Map()),
    }
  })
}

/** STA-6: where the interval is to be narrowest; a public beta has more people than a private one. */
function optimalNIn(phase: string): number {
  return phase === 'public-beta' || phase === 'live' ? 5_000 : 500
}

/** P5: a figure never mixes two definitions, so its period begins where its definition does. */
function periodOf(definition: Definition, { from, to }: Period): Period {
  return { from: definition.from !== null && definition.from > from ? definition.from : from, to }
}

export type FactsByArm = Record<Arm, Facts>

export async function factsOf(
  db: Queryable,
  service: Pick<MeasuredService, 'id' | 'journeys'>,
  period: Period,
): Promise<FactsByArm> {
  return (await factsOfEach(db, [service], period)).get(service.id) ?? { new: noFacts, current: noFacts }
}

/** Of several services in the same period. */
export async function factsOfEach(
  db: Queryable,
  services: readonly Pick<MeasuredService, 'id' | 'journeys'>[],
  period: Period,
): Promise<Map<string, FactsByArm>> {
  const ids = services.map(({ id }) => id)
  const open = services.flatMap(({ id, journeys }) =>
    openSince(journeys, period.to).map((journey) => ({ serviceId: id, ...journey })),
  )
  const counts = await countsByArm(db, ids, period, open)
  const durations = await durationsByArm(db, ids, period)
  const answers = await answersByArm(db, ids, period)
  const of = (id: string, arm: Arm): Facts => ({
    counts: counts.get(id)?.get(arm) ?? noFacts.counts,
    durations: durations.get(id)?.get(arm) ?? noFacts.durations,
    answers: answers.get(id)?.get(arm) ?? noFacts.answers,
  })
  return new Map(ids.map((id) => [id, { new: of(id, 'new'), current: of(id, 'current') }]))
}

async function trendOf(
  db: Queryable,
  service: MeasuredService,
  kpi: Kpi,
  stored: readonly StoredDefinition[],
  period: Period,
  asked: Asked,
): Promise<Record<Arm, TrendPoint[]>> {
  const trend: Record<Arm, TrendPoint[]> = { new: [], current: [] }
  for (const definition of definitionsOf(kpi, stored)) {
    if (definition.to !== null && definition.to <= period.from) continue
    const within: Period = {
      // The week before, so that the first point has its seven days too.
      from: latest(definition.from, new Date(period.from.getTime() - (smoothedDays - 1) * dayMs)),
      to: definition.to !== null && definition.to < period.to ? definition.to : period.to,
    }
    if (within.from >= within.to) continue
    const question = `${sourceOf(kpi)} ${within.from.getTime()} ${within.to.getTime()}`
    const daily = asked.get(question) ?? (await dailyFacts(db, service, kpi, within))
    asked.set(question, daily)
    const days = daysOf({ from: latest(definition.from, period.from), to: within.to }, service.timeZone)
    for (const arm of ['new', 'current'] as const) {
      trend[arm].push(...days.map((day) => pointOf(kpi, definition, day, daily.get(arm) ?? new Map<string, Facts>())))
    }
  }
  return trend
}

function pointOf(kpi: Kpi, definition: Definition, day: string, daily: ReadonlyMap<string, Facts>): TrendPoint {
  let facts = noFacts
  const last = dayAt(day).getTime()
  for (let back = 0; back < smoothedDays; back++) {
    facts = addFacts(facts, daily.get(new Date(last - back * dayMs).toISOString().slice(0, 10)) ?? noFacts)
  }
  const noon = dayAt(day)
  // On the day of a change each definition has a point of its own, on its own side of the line.
  const at =
    definition.from !== null && noon < definition.from
      ? definition.from
      : definition.to !== null && noon >= definition.to
        ? new Date(definition.to.getTime() - 1)
        : noon
  return { at, day, version: definition.version, reading: readFigure(kpi, definition.formula.id, facts) }
}

type DailyFacts = ReadonlyMap<MeasuredArm, ReadonlyMap<string, Facts>>
/** Several figures rest on the same sums: within one page these are asked for once. */
type Asked = Map<string, DailyFacts>

function sourceOf(kpi: Kpi): 'answers' | 'durations' | 'counts' {
  if (kpi.counts === 'answers') return 'answers'
  return kpi.id === 'completion-time' ? 'durations' : 'counts'
}

async function dailyFacts(db: Queryable, service: MeasuredService, kpi: Kpi, period: Period): Promise<DailyFacts> {
  const facts = new Map<MeasuredArm, Map<string, Facts>>()
  const put = <T>(rows: Daily<T>, part: (value: T) => Partial<Facts>) => {
    for (const { day, arm, value } of rows) {
      const days = facts.get(arm) ?? new Map<string, Facts>()
      facts.set(arm, days.set(day, { ...(days.get(day) ?? noFacts), ...part(value) }))
    }
  }
  const { id, timeZone } = service
  const source = sourceOf(kpi)
  if (source === 'answers') put(await answersByDay(db, id, timeZone, period), (answers) => ({ answers }))
  else if (source === 'durations') put(await durationsByDay(db, id, timeZone, period), (durations) => ({ durations }))
  else put(await countsByDay(db, id, timeZone, period), (counts) => ({ counts }))
  return facts
}

function daysOf({ from, to }: Period, timeZone: string): string[] {
  const days: string[] = []
  const last = calendarDayOf(to.getTime() - 1, timeZone)
  for (let day = calendarDayOf(from.getTime(), timeZone); day <= last; day = dayAfter(day)) days.push(day)
  return days
}

function latest(a: Date | null, b: Date): Date {
  return a !== null && a > b ? a : b
}
