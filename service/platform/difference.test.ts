import assert from 'node:assert/strict'
import test from 'node:test'
import { betweenInWords, differenceInWords } from './index.ts'

test('a difference says more or fewer, higher or lower, and never a minus', () => {
  assert.equal(differenceInWords(-5.21, 'per-thousand'), '5.2 in 1,000 fewer')
  assert.equal(differenceInWords(1_204, 'per-thousand'), '1,204 in 1,000 more')
  assert.equal(differenceInWords(40, 'points'), '40 points higher')
  assert.equal(differenceInWords(-0.04, 'points'), null, 'what rounds to none is none')
})

test('an interval of a difference says both ends in plain words', () => {
  const between = (low: number, high: number) => betweenInWords({ low, high }, 'per-thousand')
  assert.equal(between(-12.1, 1.7), 'between 12.1 fewer and 1.7 more in 1,000')
  assert.equal(between(-12.1, -1.7), 'between 1.7 and 12.1 in 1,000 fewer')
  assert.equal(between(0, 1.7), 'between 0 and 1.7 in 1,000 more')
  assert.equal(betweenInWords({ low: -3, high: 9.84 }, 'points'), 'between 3 points lower and 9.8 points higher')
  assert.equal(betweenInWords({ low: 3, high: 9 }, 'points'), 'between 3 and 9 points higher')
})
