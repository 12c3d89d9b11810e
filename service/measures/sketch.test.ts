import { test } from 'node:test'
import assert from 'node:assert/strict'
import { bucketOf, countOf, quantile, quantileInterval } from './sketch.ts'

function sketchOf(durations: number[]): Map<number, number> {
  const sketch = new Map<number, number>()
  for (const one of durations) sketch.set(bucketOf(one), (sketch.get(bucketOf(one)) ?? 0) + 1)
  return sketch
}

// From half a second to an hour, more short ones than long ones.
const durations = Array.from({ length: 5_000 }, (_, index) => 500 * 1.00177 ** index)

test('a quantile of the sketch is within 2 per cent of the true one', () => {
  const sketch = sketchOf(durations)
  for (const q of [0.01, 0.1, 0.5, 0.9, 0.99]) {
    const truth = durations[Math.ceil(q * durations.length) - 1] ?? 0
    const found = quantile(sketch, q) ?? 0
    assert.ok(Math.abs(found - truth) <= truth * 0.0201, `${q}: ${found} for ${truth}`)
  }
})

test('two sketches added up are the sketch of both', () => {
  const [some, others] = [sketchOf(durations.slice(0, 1_234)), sketchOf(durations.slice(1_234))]
  for (const [bucket, n] of others) some.set(bucket, (some.get(bucket) ?? 0) + n)
  assert.deepEqual([...some].sort(), [...sketchOf(durations)].sort())
  assert.equal(countOf(some), durations.length)
})

test('the interval holds the median, never narrower than what a bucket can tell, and nothing has none', () => {
  const same = sketchOf(Array.from({ length: 200 }, () => 60_000))
  const interval = quantileInterval(same, 0.5)
  assert.ok(interval !== null && interval.low < 60_000 && interval.high > 60_000)
  assert.equal(quantile(new Map(), 0.5), null)
  assert.equal(quantileInterval(new Map(), 0.5), null)
})
