import { longDateWords, shortDateWords, type Problem } from '../../platform/index.ts'
import {
  barList,
  box,
  button,
  chip,
  dataTable,
  details,
  factStrip,
  form,
  html,
  input,
  lineChart,
  link,
  meta,
  paragraph,
  radios,
  section,
  textarea,
  type ChartEvent,
  type Html,
  type Point,
} from '../../platform/html/index.ts'
import { standingOf, type Figure } from '../figures.ts'
import type { Service } from '../../services/index.ts'
import type { KpiReport, TrendPoint } from '../report.ts'
import { answersTo, topTwo, weightedIndex } from '../rules.ts'
import {
  axisWords,
  countWords,
  fromWords,
  intervalWords,
  periodWords,
  standingWords,
  unitWords,
  valueWords,
  wholeWords,
} from '../words.ts'
import { comparisonTable, definitionWords } from './parts.ts'

export interface MeasureView {
  service: Service
  days: number
  report: KpiReport
  phases: { at: Date; title: string }[]
  mayEdit: boolean
  problems: Problem[]
  values: Record<string, string>
}

export function measureContent(view: MeasureView): Html {
  const { report, service } = view
  const { kpi } = report
  const home = `/services/${service.key}/measures/${kpi.id}`
  return html`${headline(report.figures.new, service)}
  ${section(
    {
      title: `${kpi.name} by day`,
      id: 'by-day',
      live: true,
      aside: link('Download as CSV', `${home}/data.csv?days=${view.days}`),
    },
    box(html`${chart(view)} ${meta('Each point is the seven days up to it. Days with too few are gaps, never zero.')}`),
  )}
  ${kpi.id === 'satisfaction' && section({ title: 'The five answers', id: 'answers', live: true }, box(fiveAnswers(report)))}
  ${
    hasBeside(view) &&
    report.comparison !== null &&
    section(
      { title: 'New beside current', live: true },
      box(comparisonTable({ comparisons: [report.comparison], assignment: report.assignment })),
    )
  }
  ${section({ title: 'Definition', id: 'definition' }, box(definitions(view)))}`
}

/** A service that replaces nothing has nothing beside it. */
function hasBeside({ report, service }: MeasureView): boolean {
  return service.currentUrl !== null || report.figures.current.reading.kind !== 'no-data'
}

function headline(figure: Figure, service: Service): Html {
  const { kpi, reading, target, definition, period } = figure
  const standing = standingOf(figure)
  const lead =
    reading.kind === 'value'
      ? html`<span class="pg-figure-l">${valueWords(kpi, reading.value)}<span class="pg-unit">${unitWords(kpi)}</span></span>
          ${standing !== null && chip(standingWords(standing, kpi), { tone: standing === 'below' ? 'watch' : 'data' })}`
      : reading.kind === 'too-few'
        ? html`<span class="pg-figure-l">Too few</span> ${chip(`${countWords(reading.n)} of ${reading.needed} needed`, { mark: 'too-few' })}`
        : html`<span class="pg-figure-l">No data</span> ${chip('Nothing measured yet', { mark: 'no-data' })}`
  return factStrip(
    [
      { name: 'Service', value: 'New' },
      intervalWords(figure) !== null && { name: 'Interval, 95%', value: intervalWords(figure) },
      { name: 'Target', value: target === null ? 'None set' : wholeWords(kpi, target) },
      { name: 'Based on', value: fromWords(figure).replace(/^from /, '') },
      { name: 'Period', value: periodWords(period, service.timeZone) },
      { name: 'Definition', value: definitionWords(definition) },
    ],
    lead,
  )
}

function chart({ report, service, phases }: MeasureView): Html {
  const { kpi, trend, definitions, figures } = report
  const target = figures.new.target
  const hasCurrent = trend.current.some(({ reading }) => reading.kind === 'value')
  const changes: ChartEvent[] = definitions.flatMap((definition, index) => {
    const before = definitions[index - 1]
    if (definition.from === null || before === undefined) return []
    return [
      {
        at: definition.from,
        title: 'new definition',
        text: `From here on: ${definitionWords(definition)}. Before: ${definitionWords(before)}. The two series can’t be compared and aren’t joined.`,
        newDefinition: true,
      },
    ]
  })
  const shown = figures.new.reading
  return lineChart({
    id: 'trend',
    title: `${kpi.name} by day, new service${hasCurrent ? ' and current service' : ''}`,
    desc:
      shown.kind === 'value'
        ? `In the whole period the new service stands at ${wholeWords(kpi, shown.value)}${changes.length > 0 ? '; the definition changed within it, and the lines before and after are not joined' : ''}.`
        : 'There is not enough data in the period for a figure of the new service.',
    series: [
      { name: 'New service', arm: 'new', points: plain(trend.new) },
      ...(hasCurrent ? [{ name: 'Current service', arm: 'current' as const, points: plain(trend.current) }] : []),
    ],
    target: target === null ? undefined : { value: target, words: `Target, ${wholeWords(kpi, target)}` },
    events: [...changes, ...phases].sort((a, b) => a.at.getTime() - b.at.getTime()),
    formatValue: (value) => axisWords(kpi, value),
    formatDate: (at) => shortDateWords(at, service.timeZone),
  })
}

function plain(trend: readonly TrendPoint[]): Point[] {
  return trend.map(({ at, reading }) =>
    reading.kind === 'value' ? { at, value: reading.value, low: reading.low, high: reading.high } : { at, value: null },
  )
}

const answerWords = ['Very dissatisfied', 'Dissatisfied', 'Neither', 'Satisfied', 'Very satisfied']

function fiveAnswers({ facts, definitions }: KpiReport): Html {
  const n = { new: answersTo(facts.new.answers), current: answersTo(facts.current.answers) }
  if (n.new === 0)
    return paragraph(
      'Nobody has answered in this period. The question is asked at every ending, refusals and errors included.',
    )
  const share = (count: number, of: number) => (of === 0 ? 0 : (count / of) * 100)
  const bars = answerWords.map((name, index) => {
    const [mine, theirs] = [facts.new.answers[index] ?? 0, facts.current.answers[index] ?? 0]
    return {
      name,
      value: share(mine, n.new),
      words: `${share(mine, n.new).toFixed(1)}% (${countWords(mine)})`,
      ...(n.current > 0
        ? {
            current: share(theirs, n.current),
            note: `current ${share(theirs, n.current).toFixed(1)}% (${countWords(theirs)})`,
          }
        : {}),
    }
  })
  const a = topTwo(facts.new.answers)
  const b = weightedIndex(facts.new.answers)
  const inForce = definitions.at(-1)?.formula.id
  const ended = facts.new.counts.completed + facts.new.counts.refused + facts.new.counts.failed
  return html`${barList({ bars: bars.toReversed(), max: 100, label: 'Share of each of the five answers' })}
    ${dataTable({
      caption: 'The same answers by both formulas',
      head: [{ text: 'Formula', wide: true }, { text: 'Figure', numeric: true }, { text: 'In force' }],
      rows: [
        [
          'Top two of five (satisfied and very satisfied, of all answers)',
          a === null ? 'No data' : `${a.toFixed(1)}%`,
          inForce === 'top-two' ? 'Yes' : 'No',
        ],
        [
          'Weighted index (0, 25, 50, 75, 100)',
          b === null ? 'No data' : b.toFixed(1),
          inForce === 'weighted-index' ? 'Yes' : 'No',
        ],
      ],
    })}
    ${meta(`From ${countWords(n.new)} answers; ${countWords(ended)} journeys ended in the same period${ended > 0 ? ` (answer rate ${share(Math.min(n.new, ended), ended).toFixed(1)}%)` : ''}. The two formulas differ by design: never compare the one with the other.`)}`
}

function definitions(view: MeasureView): Html {
  const { report, service, mayEdit } = view
  const { kpi } = report
  return html`${dataTable({
    caption: 'Every definition, newest first',
    head: [{ text: 'Version' }, { text: 'Formula', wide: true }, { text: 'In force' }, { text: 'Changed by' }],
    rows: report.definitions
      .toReversed()
      .map(({ version, formula, from, to, changedBy, reason }) => [
        String(version),
        html`<b>${formula.name}</b><span class="pg-sub">${formula.says}</span>`,
        `${from === null ? 'From the start' : longDateWords(from, service.timeZone)}${to === null ? '' : ` to ${longDateWords(to, service.timeZone)}`}`,
        changedBy === null ? 'Built in' : html`${changedBy}<span class="pg-sub">${reason}</span>`,
      ]),
  })}
  ${meta(`Source: ${kpi.source}.`)} ${mayEdit && changeForms(view)}`
}

function changeForms({ report, service, problems, values }: MeasureView): Html {
  const { kpi, definitions: all, figures } = report
  const home = `/services/${service.key}/measures/${kpi.id}`
  const inForce = all.at(-1)
  const others = kpi.formulas.filter(({ id }) => id !== inForce?.formula.id)
  const ofTarget = problems.some(({ field }) => field === 'target')
  return html`${
    others.length > 0 &&
    details(
      { summary: 'Change the definition', open: problems.length > 0 && !ofTarget },
      form(
        { action: `${home}/definition` },
        html`${radios({
          name: 'formula',
          legend: 'Formula from now on',
          hint: 'This starts a new series. What was measured before keeps its own formula, and the chart says so.',
          items: others.map(({ id, name, says }) => ({ value: id, text: name, hint: says })),
          problems,
          values,
        })}
      ${textarea({ name: 'reason', label: 'Why', hint: 'Stands beside the figure and in the history', rows: 2, problems, values })}
      ${button({ text: 'Start a new series' })}`,
      ),
    )
  }
  ${
    kpi.unit === 'percent' &&
    details(
      { summary: 'Change the target', open: ofTarget },
      form(
        { action: `${home}/target` },
        html`${input({ name: 'target', label: 'Target in percent', inputmode: 'decimal', problems, values: { target: String(figures.new.target ?? ''), ...values } })}
      ${button({ text: 'Set the target' })}`,
      ),
    )
  }`
}

/** What the CSV holds, and how it says what it is. */
export function csvRows({ report }: Pick<MeasureView, 'report'>): Record<string, string | number>[] {
  const { kpi, trend, definitions: all } = report
  return (['new', 'current'] as const).flatMap((arm) =>
    trend[arm].map(({ day, version, reading }) => ({
      day,
      service: arm,
      measure: kpi.id,
      formula: all.find((definition) => definition.version === version)?.formula.id ?? '',
      definition_version: version,
      days_up_to_it: 7,
      value: reading.kind === 'value' ? reading.value : '',
      low: reading.kind === 'value' ? (reading.low ?? '') : '',
      high: reading.kind === 'value' ? (reading.high ?? '') : '',
      n: reading.kind === 'no-data' ? 0 : reading.n,
      unit: kpi.unit,
      state: reading.kind,
    })),
  )
}
