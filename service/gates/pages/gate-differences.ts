import { dateWords, roleNames } from '../../platform/index.ts'
import { button, disagreement, html, intervalBar, link, meta, section, type Html } from '../../platform/html/index.ts'
import type { CriterionView, RuleReading } from '../gates.ts'
import { criterionHref, type GatePage } from './gate-page.ts'
import { figure, intervalWords, mostTelling, ruleWords, valueAndWords, warningOf } from './words.ts'

/** Where the data and the people say different things, each in full. */
export function disagreements(page: GatePage, differing: CriterionView[]): Html {
  const words =
    differing.length === 1 ? '1 criterion. Read it first.' : `${differing.length} criteria. Read these first.`
  return section(
    { title: 'Where data and people disagree', id: 'disagree', aside: meta(words) },
    html`<div class="pg-differs-list">${differing.map((view) => differ(page, view))}</div>`,
  )
}

function differ(page: GatePage, view: CriterionView): Html {
  const { criterion, verdict, readings } = view
  const shown = view.disputed
    ? readings.find(({ asked, holds }) => asked.disputes === true && holds === false)
    : mostTelling(readings)
  return disagreement({
    id: `differ-${criterion.id}`,
    number: criterion.number,
    title: criterion.title,
    data: shown === undefined || shown === null ? { figure: 'No data' } : saysInFull(page, shown, view.disputed),
    verdict: verdict === null ? 'not-started' : verdict.kind,
    reason: verdict?.reason,
    by:
      verdict === null
        ? ''
        : `${verdict.by}, ${roleNames[verdict.role].toLowerCase()}, ${dateWords(verdict.at, page.timeZone)}`,
    actions: html`${button({ text: html`Decide again<span class="govuk-visually-hidden"> on criterion ${criterion.number}</span>`, href: criterionHref(page, view), kind: 'secondary' })}
    ${shown && link('See the data', shown.reading.href, { hidden: `behind criterion ${criterion.number}` })}`,
  })
}

function saysInFull({ timeZone }: GatePage, each: RuleReading, disputed: boolean) {
  const { reading, signal, window, asked } = each
  const period = `${dateWords(window.from, timeZone)} to ${dateWords(window.to, timeZone)}`
  if (reading.kind !== 'value')
    return { figure: reading.kind === 'no-data' ? 'No data' : 'Too few', sub: signal.says, meta: period }
  const { value, low, high, n } = reading
  const hasInterval = low !== undefined && high !== undefined
  const from = n === null || n === value ? '' : `From ${n.toLocaleString('en-GB')}. `
  const definition = reading.definition === undefined ? '' : `${reading.definition}. `
  const [words, says] = valueAndWords(value, signal)
  return {
    figure: words,
    sub: `${says}, ${ruleWords(each) ?? 'no rule'}${warningOf(each)}`,
    plot: hasInterval && signal.unit === 'percent' ? bar(value, low, high, asked.value) : undefined,
    text: disputed ? 'A complaint disputes this criterion by itself. Answer it, or look again.' : leaning(each),
    meta: `${from}${definition}${period}`,
  }
}

/** No more than the interval allows. */
function leaning({ reading, asked: { value: limit }, signal }: RuleReading): string | null {
  if (reading.kind !== 'value' || limit === undefined || reading.low === undefined || reading.high === undefined)
    return null
  const interval = intervalWords(reading, signal)
  if (signal.difference !== undefined)
    return reading.low <= limit && limit <= reading.high
      ? `The interval reaches to both sides, ${interval}: the data leans this way, and no more.`
      : `The whole interval lies on one side, ${interval}.`
  if (reading.low <= limit && limit <= reading.high)
    return `The limit of ${figure(limit, signal.unit)} lies within the interval, ${interval}: the data leans this way, and no more.`
  return `The whole interval, ${interval}, lies ${reading.low > limit ? 'above' : 'below'} the limit of ${figure(limit, signal.unit)}.`
}

function bar(value: number, low: number, high: number, target: number | undefined): Html {
  const lowest = Math.max(0, Math.floor((Math.min(low, target ?? low) - 10) / 10) * 10)
  const words = `${value.toFixed(1)} percent, interval ${low.toFixed(1)} to ${high.toFixed(1)}${target === undefined ? '' : `, rule ${target}`}`
  return intervalBar({ value, low, high, target, domain: [lowest, 100], label: words })
}
