import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newUnit, nameOfSet, packUnits, unitSet, type UnitList } from '../../packages/admission/src/index.ts'
import { sampleOfLists } from './unit-sample.ts'

test('ADM-29 whoever stands on several lists counts once, and is drawn no oftener than others', () => {
  const [both, long, short] = [40, 60, 30].map((count) => Array.from({ length: count }, newUnit))
  const gone = newUnit()
  const packed = packUnits([...(both ?? []), ...(long ?? []), gone])
  const name = nameOfSet(JSON.stringify(packed))
  const sets = { atHand: new Map([[name, unitSet(packed)]]), packed: () => packed }
  const own = [...(both ?? []), ...(short ?? [])]
  const lists: UnitList[] = [own, packUnits(own), [], { set: name, added: ['customer-1'], gone: [gone] }]
  const everybody = new Set([...(both ?? []), ...(long ?? []), ...(short ?? []), 'customer-1'])

  assert.deepEqual(new Set(sampleOfLists(lists, 1_000, sets).units), everybody)
  assert.equal(sampleOfLists(lists, 20, sets).count, everybody.size)
  assert.deepEqual(sampleOfLists([], 20, sets), { count: 0, units: [] })
  let ofBoth = 0
  for (let round = 0; round < 500; round++) {
    const { units } = sampleOfLists(lists, 20, sets)
    assert.equal(new Set(units).size, 20)
    ofBoth += units.filter((unit) => both?.includes(unit)).length
  }
  // 40 of 131 people in 10,000 draws: 3,053. Counted for each of their lists it would be half of them.
  assert.ok(ofBoth > 2_700 && ofBoth < 3_400, String(ofBoth))
})
