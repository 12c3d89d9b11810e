import { checkAlpha, checkCounts, checkPositive } from './check.ts'
import { logBeta, normalQuantile, solveFalling } from './special.ts'

export interface OneSample {
  /** People or transactions counted, 0 or more. */
  n: number
  /** Of these, how many succeeded: 0 to n. */
  successes: number
  /** Chance of missing the truth that is accepted, 0 to 1; 0.05 for an interval of 95 %. */
  alpha: number
  /** The n at which the interval should be narrowest (STA-6); default 500. Costs width, never validity. */
  optimalN?: number
}

/** A proportion with its interval, all from 0 to 1. `estimate` is null where nothing was counted. */
export interface Interval {
  estimate: number | null
  low: number
  high: number
}

/**
 * Wilson's score interval for a proportion that is looked at once (STA-2). With n = 0 it is 0 to 1. Throws a RangeError
 * for counts or an alpha that cannot be.
 * Source: Wilson, JASA 22 (1927), 209-212; Agresti & Coull 1998.
 *
 * @example wilson({ n: 10, successes: 9, alpha: 0.05 }) // { estimate: 0.9, low: 0.5958, high: 0.9821 }
 */
export function wilson({ n, successes, alpha }: OneSample): Interval {
  checkCounts(n, successes)
  checkAlpha(alpha)
  if (n === 0) return { estimate: null, low: 0, high: 1 }
  const p = successes / n
  const z = normalQuantile(alpha / 2)
  const centre = p + (z * z) / (2 * n)
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return {
    estimate: p,
    low: successes === 0 ? 0 : (centre - half) / scale,
    high: successes === n ? 1 : (centre + half) / scale,
  }
}

/**
 * An interval for a proportion that may be looked at as often as one likes: it holds at all times at once with
 * probability 1 - alpha (STA-3). With n = 0 it is 0 to 1. Throws a RangeError for counts or an alpha that cannot be.
 * Source: Howard, Ramdas, McAuliffe & Sekhon 2021 (arXiv 1810.08240), propositions 6 and 7, two-sided beta-binomial
 * mixture.
 *
 * @example betaBinomialConfidenceSequence({ n: 50, successes: 15, alpha: 0.05, optimalN: 50 }) // low 0.1296, high 0.5119
 */
export function betaBinomialConfidenceSequence({ n, successes, alpha, optimalN = 500 }: OneSample): Interval {
  checkCounts(n, successes)
  checkAlpha(alpha)
  checkPositive('optimalN', optimalN)
  if (n === 0) return { estimate: null, low: 0, high: 1 }
  const weight = mixtureWeight(alpha, optimalN)
  const evidence = (m: number): number => logMixture(n, successes, m, weight) + Math.log(alpha)
  const p = successes / n
  return {
    estimate: p,
    low: p <= edge || evidence(edge) <= 0 ? 0 : solveFalling(evidence, edge, p),
    high: p >= 1 - edge || evidence(1 - edge) <= 0 ? 1 : 1 - solveFalling((q) => evidence(1 - q), edge, 1 - p),
  }
}

const edge = 1e-12

/** How much prior weight makes the sequence narrowest at optimalN, floored as in the authors' own code. */
function mixtureWeight(alpha: number, optimalN: number): number {
  const log = Math.log(1 / alpha)
  return Math.max(optimalN / (2 * log + Math.log(1 + 2 * log)) - 1, 0.001)
}

/** The log of the mixture martingale against the proportion m. */
export function logMixture(n: number, successes: number, m: number, weight: number): number {
  const a = weight * m
  const b = weight * (1 - m)
  const failures = n - successes
  const likelihood = successes * Math.log(m) + failures * Math.log1p(-m)
  return logBeta(a + successes, b + failures) - logBeta(a, b) - likelihood
}
