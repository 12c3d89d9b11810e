import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyAttributes, anyCondition } from './builders.ts'
import { compileCondition, type Attributes, type Condition } from './condition.ts'
import { conditionProblem } from './condition-problem.ts'
import { valueLists } from './value-lists.ts'

function holds(condition: Condition, context: Attributes): boolean {
  assert.equal(conditionProblem(condition), null, JSON.stringify(condition))
  return compileCondition(condition)(context)
}

test('ADM-26 a rule compares texts, sets, numbers, versions, dates, addresses and patterns', () => {
  const cases: [Condition, Attributes, boolean][] = [
    [{ kind: 'in', attribute: 'region', values: ['north', 'south'] }, { region: 'south' }, true],
    [{ kind: 'in', attribute: 'region', values: ['north'] }, { region: 'North' }, false],
    [{ kind: 'in', attribute: 'groups', values: ['pilot'] }, { groups: ['a', 'pilot'] }, true],
    [{ kind: 'text', attribute: 'email', test: 'ends', value: '@example.org' }, { email: 'a@example.org' }, true],
    [{ kind: 'text', attribute: 'page', test: 'starts', value: '/apply' }, { page: '/' }, false],
    [{ kind: 'text', attribute: 'page', test: 'contains', value: 'pp' }, { page: '/apply' }, true],
    [{ kind: 'true', attribute: 'trial' }, { trial: 'true' }, false],
    [{ kind: 'number', attribute: 'seats', test: '>=', value: 10 }, { seats: 10 }, true],
    [{ kind: 'number', attribute: 'seats', test: '>=', value: 10 }, { seats: '12' }, false],
    [{ kind: 'number', attribute: 'seats', test: '!=', value: 10 }, { seats: Number.NaN }, false],
    [{ kind: 'date', attribute: 'since', test: '<', value: '2026-01-01' }, { since: '2025-12-31T23:59:59Z' }, true],
    [{ kind: 'date', attribute: 'since', test: '<', value: '2026-01-01' }, { since: 'yesterday' }, false],
    [{ kind: 'address', attribute: 'ip', ranges: ['192.0.2.0/24', '2001:db8::/32'] }, { ip: '2001:db8::9' }, true],
    [{ kind: 'address', attribute: 'ip', ranges: ['192.0.2.0/24'] }, { ip: '::ffff:192.0.2.7' }, true],
    [{ kind: 'address', attribute: 'ip', ranges: ['192.0.2.0/24'] }, { ip: '192.0.3.1' }, false],
    [{ kind: 'pattern', attribute: 'plan', pattern: '^pro(-\\d+)?$' }, { plan: 'pro-7' }, true],
  ]
  for (const [condition, context, wanted] of cases) {
    assert.equal(holds(condition, context), wanted, `${JSON.stringify(condition)} for ${JSON.stringify(context)}`)
  }
})

test('ADM-26 versions come in the order that Semantic Versioning gives them', () => {
  const ascending = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11']
  const all = [...ascending, '1.0.0-rc.1', '1.0.0', '1.0.1', '1.2', '2', '10.0.0']
  for (const [at, version] of all.entries()) {
    for (const [other, value] of all.entries()) {
      const less = holds({ kind: 'version', attribute: 'app', test: '<', value }, { app: version })
      assert.equal(less, at < other, `${version} < ${value}`)
    }
  }
  assert.ok(holds({ kind: 'version', attribute: 'app', test: '=', value: '1.2.0' }, { app: 'v1.2.0+build.5' }))
  assert.ok(!holds({ kind: 'version', attribute: 'app', test: '!=', value: '1.2.0' }, { app: '1.2.0.0' }))
})

test('ADM-26 what is missing or inherited holds for no test, and "not" turns that round', () => {
  const inNorth: Condition = { kind: 'in', attribute: 'region', values: ['north'] }
  assert.ok(!holds(inNorth, {}))
  assert.ok(holds({ kind: 'not', of: inNorth }, {}))
  assert.ok(!holds({ kind: 'true', attribute: 'constructor' }, {}))
  assert.ok(!holds(inNorth, Object.create({ region: 'north' })))
})

test('ADM-26 a rule is what its parts are, whatever they are given', () => {
  fc.assert(
    fc.property(anyCondition, anyCondition, anyAttributes, (one, other, context) => {
      const [a, b] = [holds(one, context), holds(other, context)]
      assert.equal(holds({ kind: 'all', of: [one, other] }, context), a && b)
      assert.equal(holds({ kind: 'any', of: [one, other] }, context), a || b)
      assert.equal(holds({ kind: 'not', of: one }, context), !a)
    }),
  )
})

test('ADM-26 a long subject is cut before a pattern sees it', () => {
  assert.ok(!holds({ kind: 'pattern', attribute: 'name', pattern: 'z$' }, { name: `${'a'.repeat(300)}z` }))
})

test('ADM-26 a rule that cannot be read is refused with the place named', () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { kind: 'true', attribute: 'a' } : { kind: 'not', of: deep(levels - 1) }
  const cases: [unknown, string][] = [
    [null, 'is not a condition'],
    [
      { kind: 'like', attribute: 'a' },
      'kind is none of in, text, true, number, version, date, address, pattern, all, any, not',
    ],
    [{ kind: 'all', of: [] }, 'of has no conditions'],
    [{ kind: 'all', of: [{ kind: 'true', attribute: 'a' }, { kind: 'true' }] }, 'of[1].attribute is missing'],
    [{ kind: 'not', of: { kind: 'in', attribute: 'a', values: [] } }, 'of.values is empty'],
    [{ kind: 'any', of: [7] }, 'of[0] is not a condition'],
    [{ kind: 'in', attribute: 'a', values: ['x', 7] }, 'values[1] is not valid'],
    [{ kind: 'address', attribute: 'a', ranges: ['10.0.0.0/33'] }, 'ranges[0] is not valid'],
    [{ kind: 'number', attribute: 'a', test: '~', value: 1 }, 'test is none of = != < <= > >='],
    [{ kind: 'number', attribute: 'a', test: '<', value: Infinity }, 'value is not a number'],
    [{ kind: 'version', attribute: 'a', test: '>', value: 'two' }, 'value is not a version'],
    [{ kind: 'date', attribute: 'a', test: '>', value: 'soon' }, 'value is not a date'],
    [{ kind: 'pattern', attribute: 'a', pattern: '(' }, 'pattern is not a regular expression'],
    [{ kind: 'in', attribute: 'targetingKey', values: ['x'] }, 'attribute is missing'],
    [deep(5), 'of.of.of.of.of is nested deeper than 5 levels'],
  ]
  for (const [condition, problem] of cases) assert.equal(conditionProblem(condition), problem)
  const wide = { kind: 'all', of: Array.from({ length: 101 }, () => ({ kind: 'true', attribute: 'a' })) }
  assert.match(conditionProblem(wide) ?? '', /more than 100 conditions/)
  fc.assert(fc.property(fc.anything(), (value) => assert.notEqual(conditionProblem(value), undefined)))
})

test('ADM-26 lists that share their look-ups hold what each holds alone, whoever was asked about before', () => {
  const text = fc.constantFrom('north', 'south', 'east', 'west', '')
  const region = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(7))
  const lists = fc.array(fc.array(text, { maxLength: 4 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(lists, fc.array(fc.record({ region }), { maxLength: 8 }), (all, contexts) => {
      const conditions = all.map((values): Condition => ({ kind: 'in', attribute: 'region', values }))
      const shared = valueLists()
      const together = conditions.map((condition) => compileCondition(condition, shared))
      for (const context of contexts) {
        for (const [at, condition] of conditions.entries()) {
          assert.equal(together[at]?.(context), compileCondition(condition)(context))
        }
      }
    }),
  )
})
