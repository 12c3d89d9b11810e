import { longDateWords, momentWords, shortDateWords } from '../../platform/index.ts'
import {
  barList,
  box,
  bullets,
  chip,
  dataTable,
  emptyState,
  html,
  link,
  meta,
  paragraph,
  section,
  split,
  statList,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import type { KpiSource } from '../check-store.ts'
import type { JourneyReport, Point } from '../journeys.ts'
import type { RealUse } from '../people.ts'
import type { MeasuresSummary } from '../report.ts'
import { countWords, periodWords } from '../words.ts'
import { comparisonTable, figureStrip } from './parts.ts'

export interface MeasuresView {
  service: Service
  days: number
  now: Date
  summary: MeasuresSummary
  journeys: JourneyReport[]
  use: RealUse
  sources: KpiSource[]
  betaSince: Date | null
}

export const periods = [7, 28, 90]

export function measuresContent(view: MeasuresView): Html {
  const { summary, service } = view
  const nothing =
    summary.facts.new.counts.views + summary.facts.current.counts.views + summary.facts.new.counts.starts === 0
  return html`${nothing && nothingYet(view)}
  ${section(
    { title: 'How the new service performs', live: true, aside: periodLinks(view) },
    html`${figureStrip(summary, service, ['completion-rate', 'satisfaction', 'completion-time', 'error-rate'])}
    ${meta(
      html`${periodWords(summary.period, service.timeZone)}. Also:
      ${link('availability', `/services/${service.key}/measures/availability`)},
      ${link('completed journeys', `/services/${service.key}/measures/completed-transactions`)}.`,
    )}`,
  )}
  ${section(
    { title: 'New beside current', live: true },
    service.currentUrl === null && summary.facts.current.counts.starts === 0
      ? box(paragraph('This service replaces nothing, so there is nothing beside it. Its own figures stand above.'))
      : box(comparisonTable(summary)),
  )}
  ${section({ title: 'People and journeys', id: 'people', live: true }, box(people(view)))}
  ${section(
    { title: 'The journey, step by step', id: 'journey', live: true },
    view.journeys.length === 0 ? noJourney(service.key) : view.journeys.map((journey) => journeyPart(journey, view)),
  )}
  ${section({ title: 'Where the figures come from', id: 'sources' }, box(sourcesTable(view)))}`
}

function periodLinks({ days, service }: MeasuresView): Html {
  return html`<nav aria-label="Period">
    ${periods.map((each) =>
      each === days
        ? html`<b aria-current="true">${each} days</b> `
        : html`${link(`${each} days`, `/services/${service.key}/measures?days=${each}`)} `,
    )}
  </nav>`
}

function nothingYet({ service }: MeasuresView): Html {
  const settings = `/services/${service.key}/settings`
  return emptyState({
    level: 2,
    title: 'Nothing has been measured in this period',
    text:
      service.journeys.length === 0
        ? 'Mark where the journey starts, its steps and its endings; the gateway then measures both services without a line of code.'
        : 'Figures appear within a second of the first visit through the gateway, or of the first event sent to the API.',
    action:
      service.journeys.length === 0
        ? link('Mark the journey', `${settings}#journey`)
        : html`${link('See how people reach the service', settings)} ${link('How to send events', '/api/v1/openapi.json')}`,
  })
}

function noJourney(key: string): Html {
  return box(
    emptyState({
      title: 'No journey is marked',
      text: 'Walk it once in the browser and mark the start, the steps and every ending.',
      action: link('Mark the journey', `/services/${key}/settings#journey`),
    }),
  )
}

function people({ use, summary }: MeasuresView): Html {
  const { counts } = summary.facts.new
  const ended = counts.completed + counts.refused + counts.failed
  const left = Math.max(0, counts.starts - ended - counts.open)
  return html`${statList([
    { name: 'Started in the new service', value: countWords(counts.starts) },
    { name: 'Completed', value: countWords(counts.completed) },
    { name: 'Refused', value: countWords(counts.refused), note: 'the job was done' },
    {
      name: 'Failed',
      value: countWords(counts.failed + left),
      note: left > 0 ? `${countWords(left)} left without an ending` : undefined,
    },
    { name: 'Still open', value: countWords(counts.open) },
  ])}
  ${statList([
    {
      name: 'People',
      value: use.people.seen === 0 ? 'Not known' : countWords(use.people.seen),
      note: use.people.seen === 0 ? 'no identifier may be kept' : 'each counted once',
    },
    { name: 'New in this period', value: use.people.seen === 0 ? 'Not known' : countWords(use.people.fresh) },
    {
      name: 'Visitors on the busiest day',
      value: use.busiestDay === null ? 'No data' : countWords(use.busiestDay.n),
      note: use.busiestDay === null ? undefined : shortDateWords(new Date(`${use.busiestDay.day}T12:00:00Z`), 'UTC'),
    },
  ])}
  ${meta(
    'Staff and preview links are left out. A visitor without an identifier is known for one day only, so visitors of different days are never added up.',
  )}`
}

function journeyPart(journey: JourneyReport, view: MeasuresView): Html {
  const { service } = view
  const points = [journey.start, ...journey.steps, ...journey.endPages]
  const unseen = points.filter(({ state }) => state === 'unseen')
  return html`<h3 class="govuk-heading-s">${journey.name}</h3>
    ${split('7-5', box(stepTable(journey, view)), box(funnel(journey)))}
    ${box(
      html`<h4 class="govuk-heading-s">Every ending</h4>
        ${endings('End pages, where the service did its job', journey.endPages)}
        ${endings('Error pages', journey.errorPages)}
        ${meta(
          journey.savable
            ? `It can be saved. Without an ending after ${journey.openDays} days it counts as failed.`
            : 'Without an ending 30 minutes after the start, a journey counts as failed.',
        )}
        ${unseen.length > 0 && meta(html`Not yet really served by the new service: ${unseen.map(({ name }) => name).join(', ')}. Walk to it once as a visitor, or correct its address in the ${link('settings', `/services/${service.key}/settings#journey`)}.`)}`,
    )}`
}

function stepTable(journey: JourneyReport, { service }: MeasuresView): Html {
  const hasCurrent = service.currentUrl !== null
  const last = (at: Date | null) => (at === null ? 'never' : momentWords(at, service.timeZone))
  return dataTable({
    caption: 'Each step, and when it was last really served',
    head: [{ text: 'Step', wide: true }, { text: 'New service' }, ...(hasCurrent ? [{ text: 'Current service' }] : [])],
    rows: [journey.start, ...journey.steps, ...journey.endPages].map((point) => [
      html`${point.name}${point.patterns[0] !== undefined && html`<span class="pg-sub"><code>${point.patterns.join(', ')}</code></span>`}`,
      pointState(point, last(point.lastAt.new)),
      ...(hasCurrent ? [last(point.lastAt.current)] : []),
    ]),
  })
}

function pointState({ state }: Point, last: string): Html | string {
  if (state === 'served') return last
  return state === 'unseen'
    ? chip('No real visit yet', { mark: 'no-data', tone: 'watch' })
    : chip('Only in the current service', { mark: 'no-data' })
}

function funnel(journey: JourneyReport): Html {
  const { start, steps } = journey
  const bars = [
    start,
    ...steps.filter(({ state }) => state !== 'current-only'),
    { name: 'An end page', reached: journey.ended },
  ]
  if (start.reached.new === 0)
    return emptyState({
      title: 'Nobody has started in this period',
      text: 'The funnel shows how many of those who start reach each step.',
    })
  return html`${barList({
    label: 'Of the journeys that started in the period, how many reached each step of the new service',
    max: start.reached.new,
    bars: bars.map(({ name, reached }) => ({
      name,
      value: reached.new,
      words: countWords(reached.new),
      note: `${Math.round((reached.new / start.reached.new) * 100)}% of starts`,
    })),
  })}
  ${meta('Of the journeys that started in the period; a step counts once, however often it was seen.')}`
}

function endings(title: string, list: JourneyReport['endPages']): Html {
  if (list.length === 0) return paragraph(`${title}: none is marked.`)
  return html`<p class="govuk-body"><b>${title}</b></p>
    ${bullets(...list.map(({ name, patterns, outcome, reached }) => html`${name} (${outcome}) <code>${patterns.join(', ')}</code>, seen ${countWords(reached.new)} times in the new service`))}`
}

function sourcesTable({ sources, service, betaSince }: MeasuresView): Html {
  const when = (at: Date | null) => (at === null ? '' : momentWords(at, service.timeZone))
  return html`${dataTable({
    caption: 'Source, last data and check of each measure',
    hideCaption: true,
    head: [{ text: 'Measure', wide: true }, { text: 'Data since' }, { text: 'Last data' }, { text: 'Check' }],
    rows: sources.map((source) => [
      html`${link(source.name, `/services/${service.key}/measures/${source.kpi}`)}<span class="pg-sub">${source.source}</span>`,
      source.firstAt === null
        ? chip('Missing', { mark: 'no-data', tone: 'watch' })
        : longDateWords(source.firstAt, service.timeZone),
      source.lastAt === null
        ? 'Nothing came in yet'
        : html`${when(source.lastAt)}${!source.isLive && html` ${chip('Silent for a day', { tone: 'watch' })}`}`,
      source.check === null
        ? 'Not checked yet'
        : html`${source.check.passed ? 'Passed' : chip('Differs', { tone: 'stop' })}<span class="pg-sub">${source.check.says} ${when(source.check.checkedAt)}</span>`,
    ]),
  })}
  ${betaSince !== null && meta(`The beta began on ${longDateWords(betaSince, service.timeZone)}. ${collected(sources, betaSince)}`)}`
}

/** Row 70: measures are to be collected from the start of the beta; what came late or not at all is named. */
function collected(sources: KpiSource[], since: Date): string {
  const threeDays = since.getTime() + 3 * 86_400_000
  const late = sources.filter(({ firstAt }) => firstAt === null || firstAt.getTime() > threeDays)
  return late.length === 0
    ? 'Every measure has had data since its first days.'
    : `Without data in its first three days: ${late.map(({ name }) => name.toLowerCase()).join(', ')}.`
}
