import { asymptoticConfidenceSequence, wilson, type Moments } from '../../packages/statistics/src/index.ts'
import type { Arm } from '../../packages/admission/src/index.ts'
import type { Definition, Kpi } from './kpis.ts'
import { enough, type Period } from './measures.ts'
import { noCounts, type Counts } from './reads.ts'
import { answersTo, type FiveAnswers } from './rules.ts'
import { countOf, quantile, quantileInterval, type Sketch } from './sketch.ts'

/** What a figure is made of. Facts of two periods add up to those of both. */
export interface Facts {
  counts: Counts
  durations: Sketch
  answers: FiveAnswers
}

/** “No data” and “too few” are answers (P6), never zero. */
export type FigureReading =
  | { kind: 'value'; value: number; low: number | null; high: number | null; n: number }
  | { kind: 'too-few'; n: number; needed: number }
  | { kind: 'no-data' }

/** A figure with everything that it needs to be understood (P5). */
export interface Figure {
  kpi: Kpi
  arm: Arm
  definition: Definition
  /** The part of the period in which this definition holds. */
  period: Period
  target: number | null
  reading: FigureReading
}

export type Standing = 'above' | 'below' | 'too-close'

export const noFacts: Facts = { counts: noCounts, durations: new Map(), answers: [0, 0, 0, 0, 0] }
const alpha = 0.05

export function addFacts(a: Facts, b: Facts): Facts {
  const counts = { ...a.counts }
  for (const name of Object.keys(counts) as (keyof Counts)[]) counts[name] += b.counts[name]
  const durations = new Map(a.durations)
  for (const [bucket, n] of b.durations) durations.set(bucket, (durations.get(bucket) ?? 0) + n)
  const [one, two, three, four, five] = a.answers
  const more = b.answers
  return { counts, durations, answers: [one + more[0], two + more[1], three + more[2], four + more[3], five + more[4]] }
}

/** MEA-3, MEA-5, MEA-6: a formula of kpis.yaml on the facts of one arm and period. */
export function readFigure(kpi: Kpi, formula: string, facts: Facts): FigureReading {
  if (kpi.id === 'completed-transactions') return counted(facts.counts)
  if (kpi.id === 'completion-time') return timed(kpi, formula === 'median' ? 0.5 : 0.9, facts.durations)
  const { moments, scale } = momentsOf(kpi, formula, facts)
  if (moments.n === 0) return { kind: 'no-data' }
  if (moments.n < kpi.shownFrom) return { kind: 'too-few', n: moments.n, needed: kpi.shownFrom }
  if (moments.kind === 'proportion') {
    const { estimate, low, high } = wilson({ n: moments.n, successes: moments.successes, alpha })
    return { kind: 'value', value: (estimate ?? 0) * scale, low: low * scale, high: high * scale, n: moments.n }
  }
  if (moments.kind !== 'mean') throw new Error(`No figure is made of ${moments.kind}`)
  const mean = moments.sum / moments.n
  const variance = Math.max(0, (moments.sumSquares - moments.sum ** 2 / moments.n) / (moments.n - 1))
  const reach = 1.959964 * Math.sqrt(variance / moments.n)
  return {
    kind: 'value',
    value: mean * scale,
    low: Math.max(0, (mean - reach) * scale),
    high: Math.min(100, (mean + reach) * scale),
    n: moments.n,
  }
}

function counted({ starts, completed }: Counts): FigureReading {
  return starts === 0 ? { kind: 'no-data' } : { kind: 'value', value: completed, low: null, high: null, n: starts }
}

function timed(kpi: Kpi, share: number, durations: Sketch): FigureReading {
  const n = countOf(durations)
  const value = quantile(durations, share)
  if (value === null) return { kind: 'no-data' }
  if (n < kpi.shownFrom) return { kind: 'too-few', n, needed: kpi.shownFrom }
  return { kind: 'value', value, low: null, high: null, ...quantileInterval(durations, share), n }
}

/** The sums behind a figure, and what its unit is a multiple of. */
function momentsOf(
  kpi: Kpi,
  formula: string,
  { counts, answers, durations }: Facts,
): { moments: Moments; scale: number } {
  const proportion = (n: number, successes: number): Moments => ({ kind: 'proportion', n, successes })
  switch (kpi.id) {
    case 'completion-rate':
      return { moments: proportion(counts.starts, counts.completed + counts.refused), scale: 100 }
    case 'error-rate':
      return { moments: proportion(counts.views, counts.errors), scale: 1000 }
    case 'availability':
      return { moments: proportion(counts.requests, Math.max(0, counts.requests - counts.failedRequests)), scale: 100 }
    case 'completion-time':
      return { moments: medianAsMean(durations, formula === 'median' ? 0.5 : 0.9), scale: 1 }
    case 'satisfaction': {
      const n = answersTo(answers)
      if (formula === 'top-two') return { moments: proportion(n, answers[3] + answers[4]), scale: 100 }
      const sum = answers.reduce((total, count, index) => total + count * index * 25, 0)
      const sumSquares = answers.reduce((total, count, index) => total + count * (index * 25) ** 2, 0)
      return { moments: { kind: 'mean', n, sum, sumSquares }, scale: 1 }
    }
    default:
      throw new Error(`${kpi.id} is not compared`)
  }
}

/**
 * A sample quantile behaves like a mean for large n (Bahadur 1966). Its standard error is read off the order statistics around
 * it, and written as the sums of a mean that has it.
 */
function medianAsMean(durations: Sketch, share: number): Moments {
  const n = countOf(durations)
  const value = quantile(durations, share)
  const interval = quantileInterval(durations, share)
  if (value === null || interval === null) return { kind: 'mean', n: 0, sum: 0, sumSquares: 0 }
  const standardError = (interval.high - interval.low) / (2 * 1.959964)
  return { kind: 'mean', n, sum: n * value, sumSquares: standardError ** 2 * n * (n - 1) + n * value ** 2 }
}

export function standingOf({ reading, target, kpi }: Figure): Standing | null {
  if (reading.kind !== 'value' || target === null) return null
  const low = reading.low ?? reading.value
  const high = reading.high ?? reading.value
  const isMet = kpi.better === 'higher' ? low >= target : high <= target
  const isMissed = kpi.better === 'higher' ? high < target : low > target
  return isMet ? 'above' : isMissed ? 'below' : 'too-close'
}

export interface Comparison {
  kpi: Kpi
  new: Figure
  current: Figure
  difference: Difference
}

/** New less current, in the unit of the figure; for percentages, points. One interval, good on every day one looks. */
export type Difference =
  | { kind: 'value'; value: number; low: number; high: number; better: 'new' | 'current' | 'unclear' }
  | { kind: 'too-few'; arm: Arm; n: number; needed: number }
  | { kind: 'no-data' }

export function compare(
  newOne: Figure,
  current: Figure,
  facts: { new: Facts; current: Facts },
  optimalN: number,
): Comparison {
  const { kpi, definition } = newOne
  return { kpi, new: newOne, current, difference: differenceOf(kpi, definition.formula.id, facts, optimalN) }
}

function differenceOf(kpi: Kpi, formula: string, facts: { new: Facts; current: Facts }, optimalN: number): Difference {
  const treatment = momentsOf(kpi, formula, facts.new)
  const control = momentsOf(kpi, formula, facts.current)
  if (treatment.moments.n === 0 || control.moments.n === 0) return { kind: 'no-data' }
  if (treatment.moments.n < enough) return { kind: 'too-few', arm: 'new', n: treatment.moments.n, needed: enough }
  if (control.moments.n < enough) return { kind: 'too-few', arm: 'current', n: control.moments.n, needed: enough }
  const found = asymptoticConfidenceSequence({
    control: control.moments,
    treatment: treatment.moments,
    alpha,
    optimalN,
  })
  // Without any variance in either arm there is a difference but nothing to tell how sure it is.
  if (!Number.isFinite(found.low)) return { kind: 'no-data' }
  const [value, low, high] = [
    found.estimate * treatment.scale,
    found.low * treatment.scale,
    found.high * treatment.scale,
  ]
  const sign = kpi.better === 'higher' ? 1 : -1
  const better = low * sign > 0 && high * sign > 0 ? 'new' : low * sign < 0 && high * sign < 0 ? 'current' : 'unclear'
  return { kind: 'value', value, low, high, better }
}
