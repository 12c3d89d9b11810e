import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newUnit } from './bucket.ts'
import { packUnits, unitListProblem, unitSet, unitsOf } from './units.ts'

const anyUnit = fc.oneof(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  // Few first words, so that many units share one.
  fc.tuple(fc.nat(3), fc.nat(2 ** 31)).map(([first, rest]) => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt32BE(first)
    bytes.writeUInt32BE(rest, 12)
    return bytes.toString('base64url')
  }),
  fc.string({ maxLength: 30 }),
  // Looks like a unit, but is not the canonical spelling of 128 bits.
  fc.constant('AAAAAAAAAAAAAAAAAAAAAB'),
)

test('ADM-25 a compact set holds exactly the units it was given, in every form', () => {
  fc.assert(
    fc.property(fc.array(anyUnit, { maxLength: 300 }), fc.array(anyUnit, { maxLength: 50 }), (units, strangers) => {
      const truth = new Set(units)
      const packed = packUnits(units)
      for (const set of [
        unitSet(units),
        unitSet(packed),
        unitSet([...units, ...Array.from({ length: 70 }, newUnit)]),
      ]) {
        for (const unit of units) assert.ok(set.has(unit))
        for (const unit of strangers) assert.equal(set.has(unit), truth.has(unit))
      }
      assert.equal(unitSet(packed).size, truth.size)
      assert.deepEqual([...unitsOf(packed)].toSorted(), [...truth].toSorted())
      assert.equal(unitListProblem(packed), null)
    }),
    { numRuns: 200 },
  )
})

test('ADM-25 a hundred thousand invited people are all in, and nobody else is', () => {
  const units = Array.from({ length: 100_000 }, newUnit)
  const set = unitSet(packUnits(units))
  assert.equal(set.size, units.length)
  assert.ok(units.every((unit) => set.has(unit)))
  assert.ok(!Array.from({ length: 100_000 }, newUnit).some((unit) => set.has(unit)))
})

test('ADM-13 a list of units that is not one is refused', () => {
  for (const value of [
    null,
    'u',
    [1],
    {},
    { packed: 'AAAA', others: [] },
    { packed: Buffer.alloc(32).toString('base64'), others: [] },
    { packed: '', others: [1] },
    { packed: '', others: { packed: '', others: [] } },
    { packed: 'ÄÄÄÄ', others: [] },
  ]) {
    assert.notEqual(unitListProblem(value), null, JSON.stringify(value))
  }
})
