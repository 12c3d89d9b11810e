import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asOne } from './as-one.ts'
import type { Db } from '../context.ts'

const db = {} as Db

test('of those who ask at once one asks, and nobody gets what was read before they asked', async () => {
  let stored = 0
  let questions = 0
  const held: (() => void)[] = []
  const read = asOne(async () => {
    questions += 1
    const seen = stored
    await new Promise<void>((resolve) => held.push(resolve))
    return seen
  })
  const first = read(db, 'a')
  stored = 1
  const others = [read(db, 'a'), read(db, 'a'), read(db, 'a')]
  assert.equal(questions, 1)
  held.shift()?.()
  assert.equal(await first, 0)
  await new Promise(setImmediate)
  stored = 2
  const late = read(db, 'a')
  held.shift()?.()
  assert.deepEqual(await Promise.all(others), [1, 1, 1])
  await new Promise(setImmediate)
  held.shift()?.()
  assert.equal(await late, 2)
  assert.equal(questions, 3)
})

test('what fails for one question fails for those who shared it alone', async () => {
  let fails = true
  const read = asOne(async (_db, key) => {
    await new Promise(setImmediate)
    if (fails) throw new Error(`No ${key}`)
    return key
  })
  const [one, two] = [read(db, 'a'), read(db, 'a')]
  await assert.rejects(one)
  fails = false
  assert.equal(await two, 'a')
  assert.equal(await read(db, 'b'), 'b')
})

test('nobody waits long for a question of others', async () => {
  let questions = 0
  const read = asOne(() => {
    questions += 1
    return questions === 1 ? new Promise<string>(() => {}) : Promise.resolve('there')
  })
  void read(db, 'a')
  assert.equal(await read(db, 'a'), 'there')
})
