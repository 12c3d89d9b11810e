import { dateWords, dayWords } from '../../platform/index.ts'
import {
  box,
  button,
  codeBlock,
  dataTable,
  details,
  emptyState,
  factStrip,
  form,
  historyList,
  html,
  input,
  link,
  liveRegion,
  paragraph,
  section,
  textarea,
  type Content,
  type HistoryItem,
  type Html,
} from '../../platform/html/index.ts'
import type { Tried } from '../acts.ts'
import type { Capacity, LoadTest } from './capacity.ts'
import { answerFor, type PeakAnswer } from './rules.ts'

export interface CapacityPage {
  /** This page. */
  home: string
  apiUrl: string
  timeZone: string
  today: string
  capacity: Capacity
  /** Of the newest test. */
  answer: PeakAnswer | null
  mayWrite: boolean
  tried: Tried
}

export function capacityContent(page: CapacityPage): Html {
  return html`${liveRegion('capacity-facts', strip(page))} ${forecastSection(page)} ${testsSection(page)}
  ${defectsSection(page)}`
}

const number = (value: number, digits = 1): string => value.toLocaleString('en-GB', { maximumFractionDigits: digits })
/** Whole percents; what stayed below the peak is never rounded up to it. */
const reachWords = ({ reach, atPeak }: PeakAnswer): string =>
  `${number(atPeak === null ? Math.floor(reach) : reach, 0)}%`
const milliseconds = (value: number): string => `${number(value, 0)} ms`

function strip({ capacity, answer, timeZone }: CapacityPage): Html {
  const [forecast] = capacity.forecasts
  const [defects] = capacity.severeDefects
  const below = answer === null ? null : 'the newest test stayed below the peak'
  return factStrip([
    { name: 'Forecast peak', value: forecast === undefined ? 'No data' : `${number(forecast.perSecond)} a second` },
    {
      name: 'Held by the newest test',
      value: answer === null ? 'No data' : `${reachWords(answer)} of it`,
      note: answer && dayWords(answer.test.ranOn),
    },
    {
      name: 'Failed at the peak',
      value: answer?.atPeak ? `${number(answer.atPeak.failedPercent, 2)}%` : 'No data',
      note: answer?.atPeak ? `${number(answer.atPeak.low, 2)}% to ${number(answer.atPeak.high, 2)}%` : below,
    },
    {
      name: '95 of 100 answered within',
      value: answer?.atPeak ? milliseconds(answer.atPeak.p95Ms) : 'No data',
      note: answer?.atPeak ? null : below,
    },
    {
      name: 'Severe defects open',
      value: defects === undefined ? 'No data' : defects.open,
      note: defects && `counted ${dateWords(defects.at, timeZone)}`,
    },
  ])
}

/** What was typed into the form that has this field, and nothing of the others. */
function triedIn({ tried }: CapacityPage, field: string): Pick<Tried, 'problems' | 'values'> {
  return tried.values[field] === undefined ? { problems: [], values: {} } : tried
}

/** The newest first, or what to do where nobody has said anything. */
function saidSoFar(
  { timeZone }: CapacityPage,
  items: readonly Omit<HistoryItem, 'when'>[],
  none: { title: string; text: string },
): Html {
  return items.length === 0
    ? emptyState({ ...none, level: 3 })
    : historyList(items.map((item) => ({ ...item, when: dateWords(item.at, timeZone) })))
}

function forecastSection(page: CapacityPage): Html {
  const { capacity, mayWrite, home } = page
  const tried = triedIn(page, 'basis')
  return section(
    {
      title: 'How many come at the peak?',
      id: 'forecast',
      lede: 'The newest forecast holds: a test that was enough for an earlier one is read against it.',
    },
    box(html`${saidSoFar(
      page,
      capacity.forecasts.map(({ at, by, perSecond, basis }) => ({
        at,
        who: by,
        what: `expects ${number(perSecond)} requests a second`,
        why: basis,
      })),
      {
        title: 'Nobody has said yet how many are expected',
        text: 'Take the busiest hour of what people use today, and what opening to anyone adds. A load test without a forecast has nothing to be held against.',
      },
    )}
    ${
      mayWrite &&
      form(
        { action: `${home}/forecasts` },
        html`${input({ name: 'perSecond', label: 'Requests a second at the peak', inputmode: 'decimal', classes: 'govuk-input--width-10', ...tried })}
        ${textarea({ name: 'basis', label: 'What does that rest on?', hint: 'Such as “the busiest Monday of last year, three times over”', rows: 2, ...tried })}
        ${button({ text: 'Save the forecast', kind: 'secondary' })}`,
      )
    }`),
  )
}

function testsSection(page: CapacityPage): Html {
  const { capacity, mayWrite, apiUrl } = page
  return section(
    {
      title: 'Load tests',
      id: 'load-tests',
      lede: 'The newest one counts. What failed and how long it took is held against the peak only where the test reached it.',
    },
    box(html`${
      capacity.loadTests.length === 0
        ? emptyState({
            title: 'No load test is recorded yet',
            text: 'Run one against the forecast peak, on a copy of what people will use, and record what it came to.',
            level: 3,
          })
        : testTable(page)
    }
    ${mayWrite && details({ summary: 'Record a load test', open: triedIn(page, 'reached').problems.length > 0 }, testForm(page))}
    ${
      mayWrite &&
      details(
        { summary: 'Let the pipeline tell it' },
        html`${paragraph('With a server key of this service. The same reference told twice is one test.')}
        ${codeBlock(
          `curl ${apiUrl}/load-tests -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '{ "reference": "load-31", "reached": 42, "requests": 75600, "failed": 12, "p95Ms": 380,
        "link": "https://ci.example.org/load-31" }'`,
          { label: 'Command' },
        )}`,
      )
    }`),
  )
}

function testTable({ capacity }: CapacityPage): Html {
  const [forecast] = capacity.forecasts
  return dataTable({
    caption: 'Load tests, newest first',
    hideCaption: true,
    head: [
      { text: 'Test', wide: true },
      { text: 'Ran on' },
      { text: 'Requests a second', numeric: true },
      { text: 'Of the forecast', numeric: true },
      { text: 'Failed', numeric: true },
      { text: '95 of 100 within', numeric: true },
      { text: 'Recorded by' },
    ],
    rows: capacity.loadTests.map((test) => {
      const answer = answerFor(forecast, test)
      return [
        named(test),
        dayWords(test.ranOn),
        number(test.reached),
        answer === null ? 'No forecast' : reachWords(answer),
        html`${number((100 * test.failed) / test.requests, 2)}%<span class="pg-sub">${number(test.failed)} of ${number(test.requests)}</span>`,
        milliseconds(test.p95Ms),
        test.recordedBy,
      ]
    }),
  })
}

function named({ reference, link: report, note }: LoadTest): Content {
  return html`${report === null ? reference : link(reference, report)}${note !== '' && html`<span class="pg-sub">${note}</span>`}`
}

function testForm(page: CapacityPage): Html {
  const tried = triedIn(page, 'reached')
  const short = { classes: 'govuk-input--width-10', ...tried }
  return form(
    { action: `${page.home}/load-tests` },
    html`${input({ name: 'reference', label: 'Name or number of the run', ...tried })}
    ${input({ name: 'ranOn', label: 'When did it run?', hint: 'Such as 2026-11-20', ...short, values: { ranOn: page.today, ...tried.values } })}
    ${input({ name: 'reached', label: 'Requests a second that it held', inputmode: 'decimal', ...short })}
    ${input({ name: 'requests', label: 'Requests in all', inputmode: 'numeric', ...short })}
    ${input({ name: 'failed', label: 'How many of them failed', inputmode: 'numeric', ...short })}
    ${input({ name: 'p95Ms', label: '95 of 100 were answered within, in milliseconds', inputmode: 'decimal', ...short })}
    ${input({ name: 'link', label: 'Link to the report, if there is one', ...tried })}
    ${textarea({ name: 'note', label: 'What else is to be known of it', hint: 'Such as what it ran on', rows: 2, ...tried })}
    ${button({ text: 'Record it', kind: 'secondary' })}`,
  )
}

function defectsSection(page: CapacityPage): Html {
  const { capacity, mayWrite, home } = page
  const tried = triedIn(page, 'open')
  return section(
    {
      title: 'Severe defects',
      id: 'defects',
      lede: 'As many as your tracker holds open of those that stop people or harm them. The last count holds, until it is too old for the gate.',
    },
    box(html`${saidSoFar(
      page,
      capacity.severeDefects.map(({ at, by, open, source }) => ({
        at,
        who: by,
        what: `counted ${open} open`,
        why: source,
      })),
      {
        title: 'Nobody has counted yet',
        text: 'Count them in your tracker and say so here, also when there is none: an empty page is no zero.',
      },
    )}
    ${
      mayWrite &&
      form(
        { action: `${home}/severe-defects` },
        html`${input({ name: 'open', label: 'How many are open?', inputmode: 'numeric', classes: 'govuk-input--width-5', ...tried })}
        ${input({ name: 'source', label: 'Where are they tracked?', hint: 'A link, or the name of the list', ...tried })}
        ${button({ text: 'Save the count', kind: 'secondary' })}`,
      )
    }`),
  )
}
