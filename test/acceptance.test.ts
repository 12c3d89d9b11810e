import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptancePage, sortRows } from './acceptance.ts'

const row = (number: number, proof: 'A' | 'M' | 'H') => ({
  ...{ row: number, part: 'A0', kind: 'CAP', mustHold: `thing ${number}`, passesWhen: 'it does', proof },
})
const rows = [row(1, 'A'), row(2, 'M'), row(3, 'H'), row(4, 'A'), row(12, 'A')]

test('a row is proven when every test that names it passes', () => {
  const found = sortRows(rows, [
    { title: 'one thing [row 1]', outcome: 'passed' },
    { title: 'two and three [rows 2, 3]', outcome: 'passed' },
    { title: 'four works [row 4]', outcome: 'passed' },
    { title: 'four also fails [row 4]', outcome: 'failed' },
    { title: 'twelve was left out [row 12]', outcome: 'skipped' },
    { title: 'a test of no row', outcome: 'passed' },
  ])
  assert.deepEqual(
    Object.values(found).map((group: { row: number }[]) => group.map((each) => each.row)),
    [[1, 2], [3], [4, 12]],
  )
})

test('the page counts what the product does apart from what people type in', () => {
  const page = acceptancePage(sortRows(rows, [{ title: 'a | b [rows 1, 3]', outcome: 'passed' }]))
  assert.match(page, /\| Done by the product \| 1 \|\n\| Typed in by people .*\| 1 \|\n\| No proof yet \| 3 \|/)
  assert.match(page, /\| 1 \| thing 1 \| a \\\| b \|/)
})
