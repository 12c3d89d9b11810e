import { checkAlpha, checkPositive } from './check.ts'
import { summarise, type Moments, type Summary } from './moments.ts'
import { studentQuantile, studentTail } from './special.ts'

export interface TwoArms {
  control: Moments
  treatment: Moments
  /** Chance of missing the truth that is accepted, 0 to 1. */
  alpha: number
  /** The n of both arms together at which the interval should be narrowest (STA-6); default 5,000. Unused by `welch`. */
  optimalN?: number
  /** `absolute`: treatment minus control, in the unit of the figure; `relative`: that difference over |control|. */
  effect?: 'absolute' | 'relative'
  /** 2, or 1: then `low` and `high` are two bounds, each good alone, and `p` speaks for treatment above control. */
  sides?: 1 | 2
}

/**
 * A difference with its interval, in the unit of `effect`. Where the sums cannot bear one (fewer than two in an arm, no
 * variance at all, relative to a control of 0) the interval is without ends, `standardError` infinite and `p` 1 (STA-5).
 */
export interface Difference {
  estimate: number
  low: number
  high: number
  standardError: number
  p: number
}

/**
 * Welch's unequal-variances t: the interval for a figure that is looked at once, at a moment fixed beforehand (STA-4).
 * Throws a RangeError for an alpha that cannot be.
 * Source: Welch, Biometrika 34 (1947); Satterthwaite's degrees of freedom; relative effect by the delta method.
 *
 * @example welch({ control: { kind: 'proportion', n: 200, successes: 160 }, treatment: { kind: 'proportion', n: 200, successes: 170 }, alpha: 0.05 }).estimate // 0.05
 */
export function welch({ control, treatment, alpha, effect = 'absolute', sides = 2 }: TwoArms): Difference {
  checkAlpha(alpha)
  const c = summarise(control)
  const t = summarise(treatment)
  const { estimate, variance } = differenceOf(c, t, effect)
  if (!isBearable(c, t, estimate, variance)) return unbearable(estimate)
  const standardError = Math.sqrt(variance)
  const freedom = degreesOfFreedom(c, t)
  const tail = studentTail(Math.abs(estimate) / standardError, freedom)
  const tailAlpha = sides === 1 ? alpha : alpha / 2
  const quantile = studentQuantile(Math.min(tailAlpha, 1 - tailAlpha), freedom)
  const half = (tailAlpha <= 0.5 ? quantile : -quantile) * standardError
  const p = sides === 2 ? 2 * tail : estimate > 0 ? tail : 1 - tail
  return { estimate, low: estimate - half, high: estimate + half, standardError, p }
}

/**
 * The asymptotic confidence sequence: an interval that may be looked at every day (STA-4). `p` is always valid too, the
 * least level at which the sequence has left zero behind. With `sides: 1` alpha must be below 0.5.
 * Throws a RangeError for an alpha or optimalN that cannot be.
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (arXiv 2103.06476v7), equations 9, 134, 155 and 161.
 *
 * @example asymptoticConfidenceSequence({ control, treatment, alpha: 0.05, optimalN: 500 }).high < 0 // worse for sure?
 */
export function asymptoticConfidenceSequence(arms: TwoArms): Difference {
  const { control, treatment, alpha, optimalN = 5000, effect = 'absolute', sides = 2 } = arms
  checkAlpha(alpha)
  checkPositive('optimalN', optimalN)
  if (sides === 1 && alpha >= 0.5) throw new RangeError('alpha must be below 0.5 for one side')
  const c = summarise(control)
  const t = summarise(treatment)
  const { estimate, variance } = differenceOf(c, t, effect)
  if (!isBearable(c, t, estimate, variance)) return unbearable(estimate)
  const n = c.n + t.n
  const rhoSquared = mixingVariance(sides === 1 ? 2 * alpha : alpha, optimalN)
  const k = n * rhoSquared + 1
  const log = sides === 1 ? Math.log(1 + Math.sqrt(k) / (2 * alpha)) : Math.log(Math.sqrt(k) / alpha)
  const half = Math.sqrt(((variance * n * 2 * k) / (n * n * rhoSquared)) * log)
  const standardError = Math.sqrt(variance)
  const p = alwaysValidP(estimate / standardError, n * rhoSquared, k, sides)
  return { estimate, low: estimate - half, high: estimate + half, standardError, p }
}

/** Equation 161: the mixing variance that makes the sequence narrowest at optimalN. */
function mixingVariance(alpha: number, optimalN: number): number {
  const log = -2 * Math.log(alpha)
  return (log + Math.log(log + 1)) / optimalN
}

/** Equation 155 for two sides; for one side the level at which the bound of equation 134 meets zero, solved for. */
function alwaysValidP(z: number, nRhoSquared: number, k: number, sides: 1 | 2): number {
  const exponent = (z * z * nRhoSquared) / (2 * k)
  if (sides === 2) return Math.min(1, Math.exp(0.5 * Math.log(k) - exponent))
  if (z <= 0) return 1
  const p = Math.sqrt(k) / (2 * Math.expm1(exponent))
  return Math.min(1, p)
}

function differenceOf(c: Summary, t: Summary, effect: 'absolute' | 'relative'): { estimate: number; variance: number } {
  const varianceC = c.variance / c.n
  const varianceT = t.variance / t.n
  if (effect === 'absolute') return { estimate: t.mean - c.mean, variance: varianceC + varianceT }
  return {
    estimate: (t.mean - c.mean) / Math.abs(c.mean),
    variance: varianceT / c.mean ** 2 + (varianceC * t.mean ** 2) / c.mean ** 4,
  }
}

/** Welch and Satterthwaite; an arm without variance of its own adds nothing. */
function degreesOfFreedom(c: Summary, t: Summary): number {
  const varianceC = c.variance / c.n
  const varianceT = t.variance / t.n
  return (varianceC + varianceT) ** 2 / (varianceC ** 2 / (c.n - 1) + varianceT ** 2 / (t.n - 1))
}

function isBearable(c: Summary, t: Summary, estimate: number, variance: number): boolean {
  return c.n >= 2 && t.n >= 2 && Number.isFinite(estimate) && Number.isFinite(variance) && variance > 0
}

function unbearable(estimate: number): Difference {
  return { estimate, low: -Infinity, high: Infinity, standardError: Infinity, p: 1 }
}
