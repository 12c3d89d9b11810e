/**
 * Durations as counts per logarithmic bucket (DDSketch, Masson, Rim and Lee 2019). Any quantile of the sum of two sketches is
 * within 2 % of the true one.
 */
const accuracy = 0.02
const gamma = (1 + accuracy) / (1 - accuracy)
const logGamma = Math.log(gamma)

/** Sorted or not: bucket number and how many durations fell into it. */
export type Sketch = ReadonlyMap<number, number>

/** Below one millisecond all durations share a bucket. */
export function bucketOf(durationMs: number): number {
  return durationMs <= 1 ? 0 : Math.ceil(Math.log(durationMs) / logGamma)
}

export function durationOf(bucket: number): number {
  return bucket === 0 ? 1 : (2 * gamma ** bucket) / (gamma + 1)
}

export function countOf(sketch: Sketch): number {
  let n = 0
  for (const count of sketch.values()) n += count
  return n
}

/** The duration that a share `q` (0 to 1) of them does not pass, in milliseconds; null when there is none. */
export function quantile(sketch: Sketch, q: number): number | null {
  const bucket = bucketAt(sketch, q)
  return bucket === null ? null : durationOf(bucket)
}

function bucketAt(sketch: Sketch, q: number): number | null {
  const n = countOf(sketch)
  if (n === 0) return null
  const rank = Math.min(n, Math.max(1, Math.ceil(q * n)))
  let below = 0
  for (const [bucket, count] of [...sketch].sort(([a], [b]) => a - b)) {
    below += count
    if (below >= rank) return bucket
  }
  return null
}

/**
 * Distribution-free interval of a quantile: the order statistics around it (95 %, normal approximation of the binomial), out to the
 * edges of their buckets, since nothing is known within one.
 */
export function quantileInterval(sketch: Sketch, q: number): { low: number; high: number } | null {
  const n = countOf(sketch)
  if (n === 0) return null
  const reach = 1.959964 * Math.sqrt((q * (1 - q)) / n)
  const low = bucketAt(sketch, Math.max(0, q - reach))
  const high = bucketAt(sketch, Math.min(1, q + reach))
  return low === null || high === null ? null : { low: low === 0 ? 0 : gamma ** (low - 1), high: gamma ** high }
}
