import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aService, aSnapshot } from './builders.ts'
import { validateSnapshot } from './index.ts'

function problem(value: unknown): string {
  const checked = validateSnapshot(value)
  return checked.ok ? 'none' : checked.problem
}

test('ADM-13 a good snapshot is accepted, also after a trip through JSON and without services', () => {
  assert.equal(problem(JSON.parse(JSON.stringify(aSnapshot(aService({ units: { invited: ['u'] } }))))), 'none')
  assert.equal(problem(aSnapshot()), 'none')
})

test('ADM-13 a wrong snapshot is refused with the place of its first fault', () => {
  assert.equal(problem(null), 'The snapshot is not an object')
  assert.equal(problem({ ...aSnapshot(), schema: 2 }), 'schema is not 1')
  assert.equal(problem({ ...aSnapshot(), version: -1 }), 'version is not a whole number from 0')
  assert.equal(problem({ ...aSnapshot(), createdAt: 'today' }), 'createdAt is not an instant')
  const one = (facts: object): string => problem({ ...aSnapshot(), services: [{ ...aService(), ...facts }] })
  assert.equal(one({ ceiling: 'ajar' }), 'services[0].ceiling is none of the six')
  assert.equal(one({ share: 100_001 }), 'services[0].share is not a whole number from 0 to 100000')
  assert.equal(one({ salt: '' }), 'services[0].salt is missing')
  assert.equal(one({ cap: { limit: 1.5, full: false } }), 'services[0].cap is not a limit with full')
  assert.equal(one({ units: { invited: 'all' } }), 'services[0].units.removed is not a list of units')
  assert.equal(problem(aSnapshot(aService(), aService())), 'services[1].key is there twice')
})

test('ADM-13 rubbish is refused and never throws', () => {
  fc.assert(fc.property(fc.anything(), (value) => validateSnapshot(value).ok === false))
})
