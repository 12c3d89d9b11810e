import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openSpool } from './spool.ts'

const directory = mkdtempSync(join(tmpdir(), 'phasegate-spool-'))
after(() => rmSync(directory, { recursive: true, force: true }))

const items = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ id: from + index, text: 'ü'.repeat(20) }))

test('GW-24 what was kept is read oldest first, in pieces, and gone when it was delivered', () => {
  const path = join(directory, 'one.ndjson')
  const spool = openSpool(path, 1_000_000)
  assert.equal(spool.append(items(0, 7)), 0)
  const first = spool.read(5)
  assert.deepEqual(first.items, items(0, 5))
  spool.forget(first.bytes)
  spool.append(items(7, 1))
  const second = spool.read(5)
  assert.deepEqual(second.items, items(5, 3))
  assert.equal(spool.isEmpty(), false)
  spool.forget(second.bytes)
  assert.equal(spool.isEmpty(), true)
  assert.equal(readFileSync(path, 'utf8'), '')
})

test('GW-24 after a restart everything not yet gone is read again; a line that a crash cut off harms no other', () => {
  const path = join(directory, 'two.ndjson')
  openSpool(path, 1_000_000).append(items(0, 3))
  appendFileSync(path, '{"id":3,"te')
  const spool = openSpool(path, 1_000_000)
  spool.append(items(4, 1))
  const { items: read, bytes } = spool.read(100)
  assert.deepEqual(read, [...items(0, 3), ...items(4, 1)])
  spool.forget(bytes)
  assert.equal(spool.isEmpty(), true)
})

test('GW-24 it is bounded, and says how many did not fit', () => {
  const [item = ''] = items(0, 1)
  const spool = openSpool(join(directory, 'three.ndjson'), (Buffer.byteLength(item) + 1) * 2)
  assert.equal(spool.append(items(0, 5)), 3)
  assert.equal(spool.append(items(5, 1)), 1)
  assert.deepEqual(spool.read(10).items, items(0, 2))
})
