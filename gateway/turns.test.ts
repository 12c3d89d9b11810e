import assert from 'node:assert/strict'
import { setImmediate as nextRound } from 'node:timers/promises'
import { test } from 'node:test'
import { openTurns } from './turns.ts'

test('GW-38 long answers go on four at a time', async () => {
  const turns = openTurns()
  let gone = 0
  for (let n = 0; n < 10; n++) turns.take(() => gone++)
  const seen: number[] = []
  for (let round = 0; round < 4; round++) {
    await nextRound()
    seen.push(gone)
  }
  assert.deepEqual(seen, [4, 8, 10, 10])
})

test('GW-38 while somebody comes in every round they go on seldom, and still do', async () => {
  const turns = openTurns()
  let gone = 0
  for (let n = 0; n < 10; n++) turns.take(() => gone++)
  for (let round = 0; round < 12; round++) {
    turns.somebodyCame()
    await nextRound()
  }
  assert.equal(gone, 3)
})
