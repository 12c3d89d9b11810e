import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { draw, drawMethods, type Candidate } from './draw.ts'

const quotas = ['north', 'south', 'screen-reader', 'phone']
const candidate: fc.Arbitrary<Candidate> = fc.record({
  id: fc.uuid(),
  at: fc.integer({ min: 0, max: 1_000 }).map((ms) => new Date(ms)),
  counts: fc.subarray(quotas),
})
const people = fc.uniqueArray(candidate, { selector: ({ id }) => id, maxLength: 60 })
const needs = fc
  .array(fc.integer({ min: 0, max: 10 }), { minLength: 4, maxLength: 4 })
  .map((each) => each.map((needed, at) => ({ quota: quotas[at] ?? '', needed })))
const count = fc.integer({ min: 0, max: 70 })

test('ADM-43 a draw repeats: the same seed gives the same people in the same order, however they are listed', () => {
  fc.assert(
    fc.property(people, fc.constantFrom(...drawMethods), count, fc.string(), needs, (all, method, n, seed, wanted) => {
      const once = draw(method, all, { count: n, seed, needs: wanted })
      const again = draw(method, all.toReversed(), { count: n, seed, needs: wanted })
      assert.deepEqual(again, once)
    }),
  )
})

test('ADM-43 nobody is drawn twice, nobody who is not on the list, and as many as there are places or people', () => {
  fc.assert(
    fc.property(people, fc.constantFrom(...drawMethods), count, fc.string(), needs, (all, method, n, seed, wanted) => {
      const { drawn } = draw(method, all, { count: n, seed, needs: wanted })
      assert.equal(new Set(drawn).size, drawn.length)
      assert.ok(drawn.every((id) => all.some((person) => person.id === id)))
      assert.equal(drawn.length, Math.min(n, all.length))
    }),
  )
})

test('ADM-43 a stratified draw fills quotas that do not overlap, as far as there are people and places [row 175]', () => {
  const alone = candidate.map((person) => ({ ...person, counts: person.counts.slice(0, 1) }))
  fc.assert(
    fc.property(
      fc.uniqueArray(alone, { selector: ({ id }) => id, maxLength: 60 }),
      fc.string(),
      needs,
      (all, seed, wanted) => {
        const total = wanted.reduce((sum, { needed }) => sum + needed, 0)
        const { missing } = draw('stratified', all, { count: total, seed, needs: wanted })
        for (const [at, { quota, needed }] of wanted.entries()) {
          const supply = all.filter(({ counts }) => counts.includes(quota)).length
          assert.equal(missing[at]?.needed, Math.max(0, needed - supply))
        }
      },
    ),
  )
})

test('ADM-43 a stratified draw never leaves more missing than a random one of the same seed', () => {
  const alone = candidate.map((person) => ({ ...person, counts: person.counts.slice(0, 1) }))
  const sum = (missing: readonly { needed: number }[]) => missing.reduce((total, { needed }) => total + needed, 0)
  fc.assert(
    fc.property(
      fc.uniqueArray(alone, { selector: ({ id }) => id, maxLength: 60 }),
      count,
      fc.string(),
      needs,
      (all, n, seed, wanted) => {
        const options = { count: n, seed, needs: wanted }
        assert.ok(sum(draw('stratified', all, options).missing) <= sum(draw('random', all, options).missing))
      },
    ),
  )
})

test('ADM-43 first come goes by time alone', () => {
  const all = [3, 1, 2].map((ms) => ({ id: `person-${ms}`, at: new Date(ms), counts: [] }))
  assert.deepEqual(draw('first-come', all, { count: 2, seed: 'any' }).drawn, ['person-1', 'person-2'])
})

test('ADM-43 another seed draws other people, and over many seeds everybody about equally often', () => {
  const all = Array.from({ length: 10 }, (_, at) => ({ id: `person-${at}`, at: new Date(at), counts: [] }))
  const times = new Map<string, number>()
  for (let seed = 0; seed < 2_000; seed++)
    for (const id of draw('random', all, { count: 3, seed: String(seed) }).drawn)
      times.set(id, (times.get(id) ?? 0) + 1)
  // 600 each; the seeds are fixed, so this is no matter of chance.
  for (const [id, n] of times) assert.ok(n > 500 && n < 700, `${id} was drawn ${n} times`)
  assert.equal(times.size, 10)
})
