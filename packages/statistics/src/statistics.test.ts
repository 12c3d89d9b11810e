import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  asymptoticConfidenceSequence,
  betaBinomialConfidenceSequence,
  welch,
  wilson,
  type Difference,
  type Moments,
} from './index.ts'
import { logMixture } from './one-sample.ts'
import { erfc, incompleteBeta, logGamma, normalQuantile, studentQuantile, studentTail } from './special.ts'

function near(actual: number | null, expected: number, tolerance: number, what = ''): void {
  assert.ok(actual !== null && Math.abs(actual - expected) <= tolerance, `${what} ${actual} is not near ${expected}`)
}

function nearDifference(actual: Difference, [estimate, low, high, error, p]: number[]): void {
  near(actual.estimate, estimate ?? NaN, 5e-6, 'estimate')
  near(actual.low, low ?? NaN, 5e-6, 'low')
  near(actual.high, high ?? NaN, 5e-6, 'high')
  if (error !== undefined) near(actual.standardError, error, 5e-6, 'standard error')
  if (p !== undefined) near(actual.p, p, 5e-6, 'p')
}

const mean = (n: number, sum: number, sumSquares: number): Moments => ({ kind: 'mean', n, sum, sumSquares })
const share = (successes: number, n: number): Moments => ({ kind: 'proportion', n, successes })

test('the special functions agree with tabulated values', () => {
  near(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 1e-14)
  near(logGamma(11), Math.log(3628800), 1e-13)
  near(erfc(0.5), 0.4795001221869535, 1e-15)
  near(erfc(3) / 2.209049699858544e-5, 1, 1e-13)
  near(incompleteBeta(0.3, 2, 3), 0.3483, 1e-14)
  near(normalQuantile(0.025), 1.959963984540054, 1e-12)
  near(normalQuantile(1e-12), 7.034483825301131, 1e-9)
  near(studentQuantile(0.025, 10), 2.2281388519862735, 1e-12)
  near(studentQuantile(0.025, 1e6), 1.959966, 1e-6)
  near(studentTail(1, 1), 0.25, 1e-15)
})

test('STA-2 the Wilson interval has the published values', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3
  for (const [successes, n, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const interval = wilson({ n, successes, alpha: 0.05 })
    near(interval.low, low, 5e-5)
    near(interval.high, high, 5e-5)
  }
})

test('STA-3 the confidence sequence has the values of its authors', () => {
  for (const [successes, n, optimalN, low, high] of [
    [700, 1000, 100, 0.651629, 0.745949],
    [15, 50, 50, 0.129556, 0.511896],
    [5, 50, 50, 0.013021, 0.269264],
    [1, 50, 50, 0, 0.13489],
    [1, 2, 50, 0, 1],
    [100, 200, 1, 0.328923, 0.671076],
    [0, 1, 50, 0, 1],
    [1, 1, 50, 0, 1],
  ] as const) {
    const interval = betaBinomialConfidenceSequence({ n, successes, alpha: 0.05, optimalN })
    near(interval.low, low, 1e-5, `${successes} of ${n}, low`)
    near(interval.high, high, 1e-5, `${successes} of ${n}, high`)
  }
})

test('STA-3 the mixture under it has the published value of the reference implementation', () => {
  const weight = 625 / (2 * Math.log(20) + Math.log(1 + 2 * Math.log(20))) - 1
  near(logMixture(625, 135, 0.2, weight), -0.6941012, 1e-6)
  near(logMixture(625, 125 + 31.4308, 0.2, weight), Math.log(20), 1e-4)
})

test('STA-3 a sequence is wider than an interval for one look and holds the estimate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(5000), (n, some) => {
      const successes = some % (n + 1)
      const sequence = betaBinomialConfidenceSequence({ n, successes, alpha: 0.05 })
      const once = wilson({ n, successes, alpha: 0.05 })
      const estimate = successes / n
      assert.ok(sequence.low >= 0 && sequence.high <= 1 && sequence.low <= estimate && estimate <= sequence.high)
      const isInside = n >= 30 && estimate > 0.1 && estimate < 0.9
      if (isInside) assert.ok(sequence.high - sequence.low > once.high - once.low)
    }),
  )
})

test('STA-3 looking after every single person misses the truth in fewer than one of twenty runs', () => {
  let seed = 7
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return seed / 2 ** 32
  }
  let missed = 0
  for (let run = 0; run < 200; run++) {
    let successes = 0
    for (let n = 1; n <= 400; n++) {
      if (random() < 0.85) successes++
      if (n % 5 !== 0) continue
      const { low, high } = betaBinomialConfidenceSequence({ n, successes, alpha: 0.05 })
      if (low > 0.85 || high < 0.85) {
        missed++
        break
      }
    }
  }
  assert.ok(missed <= 10, `${missed} of 200`)
})

test('STA-4 Welch has the values of GrowthBook’s published tests', () => {
  const control = mean(3407, 1396.87, 52377.9767)
  const treatment = mean(3461, 2422.7, 134698.29)
  nearDifference(welch({ control, treatment, alpha: 0.05 }), [0.29, 0.04538, 0.53462, undefined as never, 0.02016])
  const proportions = { control: share(14, 28), treatment: share(16, 30), alpha: 0.05 }
  nearDifference(
    welch({ ...proportions, effect: 'relative' }),
    [0.06667, -0.47767, 0.61101, 0.2717, 0.80707].map(round),
  )
})

test('STA-1 the ratio of two sums per person has the published relative effect', () => {
  const treatment: Moments = {
    kind: 'ratio',
    n: 2034,
    sumM: 99673.9364269569,
    sumMM: 11298745.182728939,
    sumD: 947,
    sumDD: 947,
    sumMD: 99673.9364269569,
  }
  const control: Moments = {
    kind: 'ratio',
    n: 1966,
    sumM: 94605.79858780127,
    sumMM: 10463129.505392816,
    sumD: 936,
    sumDD: 936,
    sumMD: 94605.79858780127,
  }
  const result = welch({ control, treatment, alpha: 0.05, effect: 'relative' })
  near(result.estimate, 0.041333, 5e-5)
  near(result.low, 0.01378609, 5e-5)
  near(result.high, 0.0689, 5e-5)
  near(result.p, 0.0032826, 5e-5)
})

test('STA-4 the asymptotic confidence sequence has GrowthBook’s and PostHog’s published values', () => {
  const growthbook = { control: mean(3000, 1396.87, 52377.9767), treatment: mean(3461, 2422.7, 134698.29) }
  nearDifference(
    asymptoticConfidenceSequence({ ...growthbook, alpha: 0.05, optimalN: 1000, effect: 'relative' }),
    [0.50336, -0.55844, 1.56516, 0.33341, 1],
  )
  const means = { control: mean(3000, 1400, 52000), treatment: mean(3500, 2500, 135000) }
  nearDifference(
    asymptoticConfidenceSequence({ ...means, alpha: 0.05, optimalN: 1000, effect: 'relative' }),
    [0.53061, -0.5323, 1.59353, 0.33368, 1],
  )
  const proportions = { control: share(1450, 3050), treatment: share(2600, 3500) }
  nearDifference(
    asymptoticConfidenceSequence({ ...proportions, alpha: 0.05, optimalN: 5000, effect: 'relative' }),
    [0.56256, 0.46064, 0.66448, 0.03354, 0],
  )
})

test('STA-4 the always-valid p is below alpha exactly where the sequence has left zero behind', () => {
  const counts = fc.tuple(fc.integer({ min: 2, max: 3000 }), fc.nat(3000)).map(([n, s]) => share(s % (n + 1), n))
  fc.assert(
    fc.property(counts, counts, fc.constantFrom(1 as const, 2 as const), (control, treatment, sides) => {
      const { low, high, p } = asymptoticConfidenceSequence({ control, treatment, alpha: 0.05, optimalN: 500, sides })
      const left = sides === 2 ? low > 0 || high < 0 : low > 0
      if (Math.abs(p - 0.05) > 1e-9) assert.equal(p < 0.05, left)
    }),
    { numRuns: 500 },
  )
})

test('STA-7 one side gives a nearer bound than two', () => {
  const arms = { control: share(800, 1000), treatment: share(850, 1000), alpha: 0.05 }
  assert.ok(welch({ ...arms, sides: 1 }).low > welch(arms).low)
  near(welch({ ...arms, sides: 1 }).p, welch(arms).p / 2, 1e-12)
  assert.ok(asymptoticConfidenceSequence({ ...arms, sides: 1 }).low > asymptoticConfidenceSequence(arms).low)
})

test('STA-5 nothing counted is no estimate, and never zero', () => {
  assert.deepEqual(wilson({ n: 0, successes: 0, alpha: 0.05 }), { estimate: null, low: 0, high: 1 })
  assert.deepEqual(betaBinomialConfidenceSequence({ n: 0, successes: 0, alpha: 0.05 }), {
    estimate: null,
    low: 0,
    high: 1,
  })
  for (const method of [welch, asymptoticConfidenceSequence]) {
    const one = method({ control: share(1, 1), treatment: share(3, 9), alpha: 0.05 })
    assert.deepEqual([one.low, one.high, one.p], [-Infinity, Infinity, 1])
    const flat = method({ control: share(9, 9), treatment: share(9, 9), alpha: 0.05 })
    assert.deepEqual([flat.estimate, flat.low, flat.high, flat.p], [0, -Infinity, Infinity, 1])
    const zero = method({ control: share(0, 9), treatment: share(3, 9), alpha: 0.05, effect: 'relative' })
    assert.deepEqual([zero.low, zero.high, zero.p], [-Infinity, Infinity, 1])
  }
})

test('STA-5 impossible arguments are refused by name', () => {
  assert.throws(() => wilson({ n: 5, successes: 6, alpha: 0.05 }), /successes must be from 0 to n/)
  assert.throws(() => wilson({ n: 5, successes: 1, alpha: 0 }), /alpha/)
  assert.throws(() => betaBinomialConfidenceSequence({ n: NaN, successes: 0, alpha: 0.05 }), /n must be/)
  assert.throws(() => betaBinomialConfidenceSequence({ n: 1, successes: 0, alpha: 0.05, optimalN: 0 }), /optimalN/)
})

/** The published relative effect is (16/30 - 1/2) / (1/2), rounded there to five places. */
function round(value: number): number {
  return value === 0.06667 ? (16 / 30 - 0.5) / 0.5 : value
}
