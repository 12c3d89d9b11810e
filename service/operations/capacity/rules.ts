import { wilson } from '../../../packages/statistics/src/index.ts'
import type { LoadTest, PeakForecast } from './capacity.ts'

/** OPS-7: what a load test says of the forecast peak: how near it came, and only where it reached that, how it went there. */
export interface PeakAnswer {
  forecast: PeakForecast
  test: LoadTest
  /** Percent of the forecast. */
  reach: number
  /** Null where the test stayed below the forecast: what failed under a smaller load says nothing of the peak. */
  atPeak: { failedPercent: number; low: number; high: number; p95Ms: number } | null
}

export function answerFor(forecast: PeakForecast | undefined, test: LoadTest | undefined): PeakAnswer | null {
  if (forecast === undefined || test === undefined) return null
  const hasReached = test.reached >= forecast.perSecond
  // A report of one run is looked at once (STA-2).
  const { low, high } = wilson({ n: test.requests, successes: test.failed, alpha: 0.05 })
  const percent = (share: number) => 100 * share
  const failedPercent = percent(test.failed / test.requests)
  return {
    ...{ forecast, test },
    reach: percent(test.reached / forecast.perSecond),
    atPeak: hasReached ? { failedPercent, low: percent(low), high: percent(high), p95Ms: test.p95Ms } : null,
  }
}
