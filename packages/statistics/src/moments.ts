/** What an arm's figure rests on: sums only, nothing of a single person. All from one period and one definition. */
export type Moments =
  | { kind: 'mean'; n: number; sum: number; sumSquares: number }
  | { kind: 'proportion'; n: number; successes: number }
  | { kind: 'ratio'; n: number; sumM: number; sumD: number; sumMM: number; sumDD: number; sumMD: number }

export interface Summary {
  n: number
  mean: number
  /** Variance of one unit's value, not of the mean. */
  variance: number
}

/**
 * Mean and variance of an arm (STA-1); NaN where the sums cannot bear them, such as a mean of nothing.
 * Source: sample variance; m(1-m) for a proportion; delta method for a ratio (Deng, Knoblich & Lu 2018).
 *
 * @example summarise({ kind: 'proportion', n: 100, successes: 80 }) // { n: 100, mean: 0.8, variance: 0.16 }
 */
export function summarise(moments: Moments): Summary {
  const { n } = moments
  if (moments.kind === 'proportion') {
    const mean = moments.successes / n
    return { n, mean, variance: mean * (1 - mean) }
  }
  if (moments.kind === 'mean') {
    const { sum, sumSquares } = moments
    return { n, mean: sum / n, variance: covariance(n, sum, sum, sumSquares) }
  }
  const { sumM, sumD, sumMM, sumDD, sumMD } = moments
  const meanM = sumM / n
  const meanD = sumD / n
  const variance =
    covariance(n, sumM, sumM, sumMM) / meanD ** 2 +
    (covariance(n, sumD, sumD, sumDD) * meanM ** 2) / meanD ** 4 -
    (2 * covariance(n, sumM, sumD, sumMD) * meanM) / meanD ** 3
  return { n, mean: sumM / sumD, variance }
}

function covariance(n: number, sumX: number, sumY: number, sumXY: number): number {
  return (sumXY - (sumX * sumY) / n) / (n - 1)
}
