import {
  comparison,
  kpiStrip,
  type ComparisonRow,
  type Definition as ShownDefinition,
  type FigureOptions,
  type Html,
  type Point,
} from '../../platform/html/index.ts'
import { standingOf, type Comparison, type Figure } from '../figures.ts'
import type { Definition } from '../kpis.ts'
import type { MeasuredService, MeasuresSummary, TrendPoint } from '../report.ts'
import {
  countWords,
  differenceWords,
  fromWords,
  intervalWords,
  periodWords,
  rangeWords,
  standingWords,
  unitWords,
  valueWords,
  wholeWords,
} from '../words.ts'

/** The figures of the new service side by side: value, interval, target, n, trend, and how each is made. */
export function figureStrip(summary: MeasuresSummary, service: MeasuredService, kpiIds: readonly string[]): Html {
  const wanted = kpiIds.flatMap((id) => summary.figures.new.filter(({ kpi }) => kpi.id === id))
  return kpiStrip(wanted.map((figure) => figureOptions(figure, service, summary.trends.get(figure.kpi.id) ?? [])))
}

export function figureOptions(figure: Figure, service: MeasuredService, trend: readonly TrendPoint[]): FigureOptions {
  const { kpi, reading, target } = figure
  const standing = standingOf(figure)
  const isValue = reading.kind === 'value'
  const nouns = {
    starts: 'starts',
    answers: 'answers',
    completed: 'journeys',
    views: 'pages',
    requests: 'requests',
  }
  return {
    name: kpi.name,
    href: `/services/${service.key}/measures/${kpi.id}`,
    reading: isValue
      ? { kind: 'value', value: valueWords(kpi, reading.value), unit: unitWords(kpi) }
      : reading.kind === 'too-few'
        ? { ...reading, of: nouns[kpi.counts] }
        : { kind: 'no-data' },
    status: standing === null ? undefined : { kind: statusOf[standing], words: standingWords(standing, kpi) },
    interval:
      isValue && reading.low !== null && reading.high !== null
        ? {
            value: reading.value,
            low: reading.low,
            high: reading.high,
            target: target ?? undefined,
            domain: domainOf(figure),
            label: `${kpi.name} ${wholeWords(kpi, reading.value)}, interval ${intervalWords(figure)}${target === null ? '' : `, target ${wholeWords(kpi, target)}`}`,
          }
        : undefined,
    facts: [
      intervalWords(figure) !== null && { name: 'Interval, 95%', value: intervalWords(figure) },
      target !== null && { name: 'Target', value: wholeWords(kpi, target) },
      isValue && { name: 'Based on', value: fromWords(figure).replace(/^from /, '') },
      reading.kind === 'too-few' && { name: 'Shown from', value: `${reading.needed} ${nouns[kpi.counts]}` },
    ],
    trend: {
      points: points(trend),
      target: target ?? undefined,
      label: `${kpi.name} by day, each point the seven days up to it`,
    },
    definition: shownDefinition(figure, service),
  }
}

const statusOf = { above: 'above', below: 'below', 'too-close': 'close' } as const

function domainOf({ kpi, reading, target }: Figure): readonly [number, number] {
  if (kpi.unit === 'percent') return [0, 100]
  const most = Math.max(reading.kind === 'value' ? (reading.high ?? reading.value) : 0, target ?? 0)
  return [0, most * 1.25 || 1]
}

export function shownDefinition(figure: Figure, service: MeasuredService): ShownDefinition {
  return {
    says: figure.definition.formula.says,
    version: definitionWords(figure.definition),
    period: periodWords(figure.period, service.timeZone),
    from: fromWords(figure),
    interval: intervalWords(figure) === null ? undefined : `${intervalWords(figure)}, 95%`,
    source: figure.kpi.source,
    href: `/services/${service.key}/measures/${figure.kpi.id}`,
  }
}

export function definitionWords({ formula, version }: Pick<Definition, 'formula' | 'version'>): string {
  return `${formula.name}, version ${version}`
}

/** The points of one definition after the other: between two definitions stands a gap. */
export function points(trend: readonly TrendPoint[]): Point[] {
  return trend.flatMap((point, index) => {
    const { at, reading } = point
    const one: Point =
      reading.kind === 'value'
        ? { at, value: reading.value, low: reading.low, high: reading.high }
        : { at, value: null }
    const before = trend[index - 1]
    const isBreak = before !== undefined && before.version !== point.version
    return isBreak ? [{ at, value: null }, one] : [one]
  })
}

/** The new service beside the current one, with one interval for the difference and what may be concluded. */
export function comparisonTable(summary: Pick<MeasuresSummary, 'comparisons' | 'assignment'>): Html {
  const label = {
    randomised: 'Drawn by lot.',
    'self-selected': 'Not drawn by lot.',
    unknown: 'Not known to be drawn by lot.',
  }
  return comparison({
    caption: 'The new service beside the current one',
    rows: summary.comparisons.map(comparisonRow),
    note: `${label[summary.assignment.kind]} ${summary.assignment.says} Differences of percentages are in points. Each interval (95%) holds on every day you look.`,
  })
}

function comparisonRow({ kpi, new: newOne, current, difference }: Comparison): ComparisonRow {
  return {
    name: kpi.name,
    note: newOne.definition.formula.name,
    new: side(newOne),
    current: side(current),
    difference:
      difference.kind === 'value'
        ? {
            kind: 'value',
            value: difference.value,
            low: difference.low,
            high: difference.high,
            isBetterHigher: kpi.better === 'higher',
            words: differenceWords(kpi, difference),
            range: rangeWords(kpi, difference),
          }
        : {
            kind: 'none',
            words:
              difference.kind === 'no-data'
                ? 'Nothing to compare yet'
                : `Too few to compare: ${countWords(difference.n)} of ${difference.needed} in the ${difference.arm} service`,
          },
  }
}

function side(figure: Figure): { value: string; from: string } {
  const { reading, kpi } = figure
  const value =
    reading.kind === 'value' ? wholeWords(kpi, reading.value) : reading.kind === 'too-few' ? 'Too few' : 'No data'
  return { value, from: reading.kind === 'no-data' ? '' : fromWords(figure) }
}
