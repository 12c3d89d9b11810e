import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisedIn, promises, shownNow } from './support/promises.ts'

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'promises.md'), 'utf8')
const rows = [...page.matchAll(/^\| (\d+) \| (.+?) \| (.+) \|$/gm)]

test('docs/promises.md names every promise, each once', () => {
  assert.deepEqual(
    rows.map(([, number, says]) => [Number(number), says]),
    promises.map((says, index) => [index + 1, says]),
  )
})

test('docs/promises.md says of nothing that it is shown which is not', () => {
  const now = shownNow()
  for (const [, number, , by = ''] of rows) {
    const named = [...by.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path)
    const { scenarios = [], tests = [] } = now[Number(number) - 1] ?? {}
    const missing = named.filter((path = '') => ![...scenarios, ...tests].includes(path))
    assert.deepEqual(missing, [], `promise ${number}: run npm run promises`)
    assert.equal(by === 'Not shown yet', named.length === 0, `promise ${number}`)
  }
})

test('a number counts only in the title of a test that runs', () => {
  const source = `
    test('one [promise 7]', () => {})
      test(\n  "two [promise 8] [promise 9]", () => {})
    // test('three [promise 10]')
    test.skip('four [promise 11]', () => {})
    const five = '[promise 12]'`
  assert.deepEqual(promisedIn(source), [7, 8, 9])
})

test('docs/security.md names only what is there, and every chapter', () => {
  const folder = join(import.meta.dirname, '..', 'docs')
  const text = readFileSync(join(folder, 'security.md'), 'utf8')
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path)
  assert.ok(links.length > 40)
  assert.deepEqual(
    links.filter((path) => !existsSync(join(folder, path))),
    [],
  )
  const chapters = [...text.matchAll(/^### V(\d+) /gm)].map(([, number]) => Number(number))
  assert.deepEqual(
    chapters,
    Array.from({ length: 17 }, (_, index) => index + 1),
  )
})
