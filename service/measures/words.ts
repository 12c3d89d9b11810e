import { shortDateWords } from '../platform/index.ts'
import type { Difference, Figure, Standing } from './figures.ts'
import type { Kpi } from './kpis.ts'

/** Figures in words, the same on every page. */
export function valueWords(kpi: Pick<Kpi, 'unit'>, value: number): string {
  if (kpi.unit === 'percent') return value.toFixed(1)
  if (kpi.unit === 'per-thousand') return value.toFixed(1)
  if (kpi.unit === 'milliseconds') return durationWords(value)
  return countWords(value)
}

/** What stands after the figure, smaller. */
export function unitWords(kpi: Pick<Kpi, 'unit'>): string {
  return { percent: '%', 'per-thousand': ' in 1,000', milliseconds: '', count: '' }[kpi.unit]
}

export function wholeWords(kpi: Pick<Kpi, 'unit'>, value: number): string {
  return valueWords(kpi, value) + unitWords(kpi)
}

/** 6 min 40 s; under a minute 40 s; over an hour 1 h 20 min. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return seconds < 1 ? `${(ms / 1000).toFixed(1)} s` : `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

export function countWords(n: number): string {
  return Math.round(n).toLocaleString('en-GB')
}

/** “from 1,204 starts” */
export function fromWords({ kpi, reading }: Figure): string {
  if (reading.kind === 'no-data') return 'no data'
  const nouns = {
    starts: ['start', 'starts'],
    answers: ['answer', 'answers'],
    completed: ['journey', 'journeys'],
    views: ['page', 'pages'],
    requests: ['request', 'requests'],
  } as const
  const [one, many] = kpi.id === 'completed-transactions' ? nouns.starts : nouns[kpi.counts]
  return `from ${countWords(reading.n)} ${reading.n === 1 ? one : many}`
}

export function intervalWords({ kpi, reading }: Figure): string | null {
  if (reading.kind !== 'value' || reading.low === null || reading.high === null) return null
  return `${valueWords(kpi, reading.low)} to ${valueWords(kpi, reading.high)}`
}

export function standingWords(standing: Standing, kpi: Pick<Kpi, 'better'>): string {
  if (standing === 'too-close') return 'Too close to call'
  if (kpi.better === 'higher') return standing === 'above' ? 'Above target' : 'Below target'
  return standing === 'above' ? 'Within target' : 'Over target'
}

/** “12.7 points higher”: percentages differ in points. */
export function differenceWords(kpi: Kpi, difference: Extract<Difference, { kind: 'value' }>): string {
  const amount = amountWords(kpi, Math.abs(difference.value))
  if (Math.abs(difference.value) < 0.05 && kpi.unit !== 'milliseconds') return 'no difference'
  const more = difference.value > 0
  if (kpi.unit === 'milliseconds') return `${amount} ${more ? 'slower' : 'faster'}`
  if (kpi.unit === 'per-thousand') return `${amount} ${more ? 'more' : 'fewer'} in 1,000`
  return `${amount} ${more ? 'higher' : 'lower'}`
}

/** “10.1 to 15.3”; with signs where the interval has zero in it. */
export function rangeWords(kpi: Kpi, { low, high, value }: Extract<Difference, { kind: 'value' }>): string {
  const spansZero = low < 0 && high > 0
  const one = (n: number) => (kpi.unit === 'milliseconds' ? durationWords(Math.abs(n)) : Math.abs(n).toFixed(1))
  if (!spansZero) {
    const [near, far] = value < 0 ? [high, low] : [low, high]
    return `${one(near)} to ${one(far)}`
  }
  const [down, up] =
    kpi.unit === 'milliseconds'
      ? ['faster', 'slower']
      : kpi.unit === 'per-thousand'
        ? ['fewer', 'more']
        : ['lower', 'higher']
  return `${one(low)} ${down} to ${one(high)} ${up}`
}

function amountWords(kpi: Kpi, amount: number): string {
  if (kpi.unit === 'milliseconds') return durationWords(amount)
  if (kpi.unit === 'percent') return `${amount.toFixed(1)} points`
  return amount.toFixed(1)
}

/** The same where room is short, on the axis of a chart: 6:40 for minutes and seconds. */
export function axisWords(kpi: Pick<Kpi, 'unit'>, value: number): string {
  if (kpi.unit !== 'milliseconds')
    return kpi.unit === 'percent' ? `${Math.round(value * 10) / 10}%` : `${Math.round(value * 10) / 10}`
  const seconds = Math.round(value / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

export function periodWords({ from, to }: { from: Date; to: Date }, timeZone: string): string {
  return `${shortDateWords(from, timeZone)} to ${shortDateWords(new Date(to.getTime() - 1), timeZone)}`
}
