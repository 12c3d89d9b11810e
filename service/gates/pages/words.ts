import {
  betweenInWords,
  dateWords,
  differenceInWords,
  longDayWords,
  roleNames,
  type ServiceRole,
} from '../../platform/index.ts'
import {
  html,
  type Content,
  type Html,
  type Mark,
  type Says,
  type Verdict as Shape,
} from '../../platform/html/index.ts'
import type { Age, CriterionState, CriterionView, FrozenReading, Missing, RuleReading } from '../gates.ts'
import { marginInWords, ruleInWords, wordsAfter } from '../freeze.ts'
import { list } from '../rules.ts'

export { stateWords } from '../freeze.ts'

/** How each state is drawn; the shapes belong to platform/html. */
export const shapes: Record<CriterionState, Shape & Mark> = {
  met: 'met',
  'not-met': 'not-met',
  waived: 'waived',
  'not-started': 'not-started',
  evidenced: 'evidenced',
  'needs-confirming': 'confirm',
}

export function ageWords(age: Age | null): string | null {
  if (age === null) return null
  const days = age.days === 0 ? 'Today' : age.days === 1 ? '1 day' : `${age.days} days`
  return age.limitDays === null ? days : `${days}, of ${age.limitDays}`
}

/** Past its limit, or in the last tenth of it. */
export function isAged(age: Age | null): boolean {
  return age !== null && age.limitDays !== null && age.days > age.limitDays * 0.9
}

export function figure(value: number, unit: FrozenReading['unit']): string {
  if (unit === 'yes-no') return value === 1 ? 'Yes' : 'No'
  if (unit === 'percent') return `${decimal(value)}%`
  if (unit === 'milliseconds') return `${Math.round(value).toLocaleString('en-GB')} ms`
  return value.toLocaleString('en-GB', { maximumFractionDigits: 1 })
}

export function ruleWords({ asked, signal }: Pick<RuleReading, 'asked' | 'signal'>): string | null {
  const { op, value, margin } = asked
  if (op === undefined || value === undefined) return null
  if (signal.difference !== undefined) return `rule: ${ruleInWords(asked, signal)}`
  if (signal.unit === 'yes-no') return `rule: ${value === 1 ? 'yes' : 'no'}`
  const limit = figure(value, signal.unit)
  return `rule: ${{ gte: 'at least', lte: 'at most', eq: 'exactly' }[op]} ${limit}${marginInWords({ op, value, margin })}`
}

/**
 * One reading in a line: “84.2% of started applications were completed, 82.1 to 86.2, rule: at least 80%, from 1,204”. What
 * the signal warns of comes after its figures.
 */
export function readingLine(each: RuleReading): Html {
  const { reading, signal } = each
  const rule = ruleWords(each)
  if (reading.kind === 'no-data') return html`<b>No data yet:</b> … ${signal.says}${rule !== null && `, ${rule}`}`
  if (reading.kind === 'too-few') return html`<b>Too few:</b> ${reading.n} of ${reading.needed} needed, ${signal.says}`
  if (signal.unit === 'yes-no') return html`<b>${figure(reading.value, signal.unit)}:</b> ${signal.says}`
  const interval = intervalWords(reading, signal)
  const parts = [interval, rule, isCountOfItself(each) ? null : from(reading.n)].filter((part) => part !== null)
  const [value, says] = valueAndWords(reading.value, signal)
  return html`<b>${value}</b> ${says}${parts.map((part) => `, ${part}`)}${warningOf(each)}`
}

/** The figure with the words after it: a difference says more or fewer of what, or that there is none. */
export function valueAndWords(
  value: number,
  signal: Pick<FrozenReading, 'unit' | 'says' | 'difference'> & { one?: string },
): [string, string] {
  const { unit, difference } = signal
  if (difference === undefined) return [figure(value, unit), wordsAfter(value, signal)]
  const amount = differenceInWords(value, difference.unit)
  return amount === null ? ['No difference', difference.none] : [amount, difference.than]
}

export function intervalWords(
  { low, high }: { low?: number; high?: number },
  { difference }: Pick<FrozenReading, 'difference'>,
): string | null {
  if (low === undefined || high === undefined) return null
  if (difference !== undefined) return betweenInWords({ low, high }, difference.unit)
  return `${decimal(low)} to ${decimal(high)}`
}

export const warningOf = ({ signal: { warns } }: Pick<RuleReading, 'signal'>): string =>
  warns === undefined ? '' : `; ${warns}`

export const decimal = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 1 })

function isCountOfItself({ reading }: RuleReading): boolean {
  return reading.kind === 'value' && reading.n === reading.value
}

function from(n: number | null): string | null {
  return n === null ? null : `from ${n.toLocaleString('en-GB')}`
}

export function kindOf(each: RuleReading): Says['kind'] {
  const { asked, reading, holds } = each
  if (reading.kind !== 'value') return reading.kind
  // GATE-22: what such a rule cannot tell is told apart from where there is no rule.
  if (asked.margin !== undefined) return holds === null ? 'close' : holds ? 'passes' : 'fails'
  if (holds === null) return 'none'
  return isClose(each) ? 'close' : holds ? 'passes' : 'fails'
}

/** The limit lies inside the interval: the data cannot tell. */
function isClose({ asked: { value }, reading }: RuleReading): boolean {
  if (reading.kind !== 'value' || value === undefined || reading.low === undefined || reading.high === undefined)
    return false
  return reading.low < value && value < reading.high
}

/** What the data says of a criterion, in the grid: the signal that most needs a look, and how many more there are. */
export function saysOf({ readings, evidence }: CriterionView): Says {
  const worst = mostTelling(readings)
  if (worst === null) {
    const attached = evidence.length === 1 ? '1 piece of evidence' : `${evidence.length} pieces of evidence`
    return {
      kind: 'none',
      words: evidence.length === 0 ? 'Nothing measured or attached' : `Nothing measured; ${attached}`,
    }
  }
  const more = readings.length - 1
  return {
    kind: kindOf(worst),
    words: html`${readingLine(worst)}${more > 0 && `, and ${more} more`}`,
  }
}

/** The reading that decides what the grid shows: one that fails, else one without an answer, else the first. */
export function mostTelling(readings: RuleReading[]): RuleReading | null {
  const failing = readings.find(({ holds }) => holds === false)
  return failing ?? readings.find(({ asked, holds }) => asked.op !== undefined && holds === null) ?? readings[0] ?? null
}

export function who(roles: readonly ServiceRole[]): string {
  const names = roles.map((role) => roleNames[role])
  return list(names.map((name, index) => (index === 0 ? name : name.toLowerCase()))).replace(
    / and ([^ ]+(?: [^ ]+)*)$/,
    ' or $1',
  )
}

export function byWords(view: CriterionView, timeZone: string): Content {
  const { verdict } = view
  if (verdict === null) return null
  const when = dateWords(verdict.at, timeZone)
  if (verdict.waiver !== null) return `${verdict.waiver.owner} sees to it until ${longDayWords(verdict.waiver.endsOn)}`
  const was = view.state === 'needs-confirming' ? 'Was met, ' : ''
  return `${was}${verdict.by}, ${roleNames[verdict.role].toLowerCase()}, ${when}`
}

/** “31 criteria, 2 blocking signals and 3 sign-offs” */
export function standWords(missing: Missing[]): string {
  const count = (kind: Missing['kind'], one: string, many: string) => {
    const n = missing.filter((item) => item.kind === kind).length
    return n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]
  }
  return list([
    ...count('criterion', 'criterion', 'criteria'),
    ...count('condition', 'condition', 'conditions'),
    ...count('signal', 'blocking signal', 'blocking signals'),
    ...count('sign-off', 'sign-off', 'sign-offs'),
  ])
}
