import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPatterns } from './patterns.ts'

/** Published examples, and forms that simple checks take for harmless. */
const runaway = [
  '^(a+)+$',
  '^(a|a)*$',
  '^(a|aa)+$',
  '(.*a){20}$',
  '^(?:a?){30}a{30}$',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(x+x+)+y',
  '^(\\d+)*x$',
  '^(\\w+\\s?)*$',
  '^(?:.*,){11}P',
  '([a-z]+)*=',
  '^\\s*(\\S+\\s*)*;$',
  '^(?=(a+)+b)a*$',
]
const quick = ['^[a-z]{1,20}@example$', '^\\d{4}-\\d{2}-\\d{2}$', '^(?:north|south)-\\d+$', 'beta$', '^v?\\d+\\.\\d+']

test('FEAT-5 fourteen known runaway expressions are refused, and everyday ones are taken [promise 31]', async () => {
  const verdicts = await checkPatterns([...runaway, ...quick])
  const taken = runaway.filter((_, index) => verdicts[index] === 'safe')
  const refused = quick.filter((_, index) => verdicts[runaway.length + index] !== 'safe')
  assert.deepEqual({ taken, refused }, { taken: [], refused: [] })
})
