import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aService, aSnapshot } from './builders.ts'
import {
  compile,
  createSetsAtHand,
  decide,
  nameOfSet,
  newUnit,
  packUnits,
  validateSnapshot,
  writtenOut,
} from './index.ts'

const people = [...Array.from({ length: 8 }, newUnit), 'customer-1', 'customer-2']
const now = new Date('2026-01-15T09:00:00Z')

test('ADM-35 whatever stands in a named set and beside it, it decides as the list written out does', () => {
  const some = fc.subarray(people)
  fc.assert(
    fc.property(some, some, some, (base, added, gone) => {
      const packed = packUnits(base)
      const text = JSON.stringify(packed)
      const set = nameOfSet(text)
      const left = gone.filter((unit) => base.includes(unit) && !added.includes(unit))
      const come = added.filter((unit) => !base.includes(unit))
      const snapshot = aSnapshot(aService({ units: { invited: { set, added: come, gone: left } } }))
      assert.equal(validateSnapshot(snapshot).ok, true)
      const sets = createSetsAtHand()
      assert.deepEqual(sets.missing(snapshot), [set])
      assert.ok(sets.take(set, text))
      assert.deepEqual(sets.missing(snapshot), [])
      const named = compile(snapshot, sets.atHand)
      const plain = compile(writtenOut(snapshot, () => packed))
      const service = named.services.get('parking')
      assert.equal(service?.units.invited.size, new Set([...base, ...come].filter((unit) => !left.includes(unit))).size)
      for (const targetingKey of people) {
        assert.deepEqual(
          decide(named, 'parking', { targetingKey }, now),
          decide(plain, 'parking', { targetingKey }, now),
        )
      }
    }),
  )
})

test('ADM-35 a set that is not what its name says is none, and a snapshot without its sets is not compiled', () => {
  const text = JSON.stringify(packUnits(people))
  const set = nameOfSet(text)
  const sets = createSetsAtHand()
  assert.equal(sets.take(set, text.replace('customer-1', 'customer-9')), false)
  assert.equal(sets.take(nameOfSet('{}'), '{}'), false)
  assert.equal(sets.take(nameOfSet('nonsense'), 'nonsense'), false)
  assert.equal(sets.atHand.size, 0)
  assert.throws(() => compile(aSnapshot(aService({ units: { invited: { set, added: [], gone: [] } } }))), RangeError)
  for (const units of [
    { set: 'short', added: [], gone: [] },
    { set, added: 'x', gone: [] },
    { set, added: [] },
  ]) {
    const snapshot = aSnapshot(aService({ units: { invited: units as never } }))
    assert.equal(validateSnapshot(snapshot).ok, false)
  }
})
