import type { Comparison, Condition } from '../../packages/admission/src/index.ts'
import type { Problem } from '../platform/index.ts'
import { unreadableIn } from './readable.ts'

/** One line of the form of a rule: what it asks of one attribute. */
export interface ConditionRow {
  attribute: string
  test: string
  value: string
}

export type Match = 'all' | 'any'

interface RowTest {
  id: string
  says: string
  /** What to type beside it; null where nothing is. */
  value: string | null
  make(attribute: string, value: string): Condition
  /** The row that this test made, from its condition. */
  read(condition: Condition): ConditionRow | null
}

const list = (text: string): string[] =>
  text
    .split(/[\n,]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '')

const comparisonWords: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
}
const dateWords: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is before',
  '<=': 'is not after',
  '>': 'is after',
  '>=': 'is not before',
}
const versionWords: Record<Comparison, string> = {
  ...comparisonWords,
  '<': 'is older than',
  '<=': 'is not newer than',
  '>': 'is newer than',
  '>=': 'is not older than',
}

function compared(kind: 'number' | 'version' | 'date', what: string, words: Record<Comparison, string>): RowTest[] {
  return (Object.entries(words) as [Comparison, string][]).map(([test, word]) => ({
    id: `${kind} ${test}`,
    says: `${what}: ${word}`,
    value: { number: 'a number, such as 50', version: 'a version, such as 2.1.0', date: 'a day, such as 2026-11-20' }[
      kind
    ],
    make: (attribute, value) =>
      kind === 'number'
        ? // What is no number is left as it is, for the one rule that judges conditions.
          ({ kind, attribute, test, value: value === '' ? value : Number(value) } as Condition)
        : { kind, attribute, test, value },
    read: (condition) =>
      condition.kind === kind && condition.test === test
        ? { attribute: condition.attribute, test: `${kind} ${test}`, value: String(condition.value) }
        : null,
  }))
}

function textTest(test: 'contains' | 'starts' | 'ends', says: string): RowTest {
  return {
    id: `text ${test}`,
    says: `Text: ${says}`,
    value: 'a text',
    make: (attribute, value) => ({ kind: 'text', attribute, test, value }),
    read: (condition) =>
      condition.kind === 'text' && condition.test === test
        ? { attribute: condition.attribute, test: `text ${test}`, value: condition.value }
        : null,
  }
}

/** The same test the other way round: it holds for a missing attribute too. */
function negated(id: string, says: string, test: RowTest): RowTest {
  return {
    ...test,
    id,
    says,
    make: (attribute, value) => ({ kind: 'not', of: test.make(attribute, value) }),
    read(condition) {
      const row = condition.kind === 'not' ? test.read(condition.of) : null
      return row === null ? null : { ...row, test: id }
    },
  }
}

const isOneOf: RowTest = {
  id: 'in',
  says: 'Text: is one of',
  value: 'texts, with a comma or a new line between',
  make: (attribute, value) => ({ kind: 'in', attribute, values: list(value) }),
  read: (condition) =>
    condition.kind === 'in' ? { attribute: condition.attribute, test: 'in', value: condition.values.join(', ') } : null,
}
const isTrue: RowTest = {
  id: 'true',
  says: 'Yes or no: is yes',
  value: null,
  make: (attribute) => ({ kind: 'true', attribute }),
  read: (condition) => (condition.kind === 'true' ? { attribute: condition.attribute, test: 'true', value: '' } : null),
}

/** Every test that a line can make, in the order of the form. */
export const rowTests: readonly RowTest[] = [
  isOneOf,
  negated('not in', 'Text: is none of', isOneOf),
  textTest('contains', 'contains'),
  textTest('starts', 'starts with'),
  textTest('ends', 'ends with'),
  {
    id: 'pattern',
    says: 'Text: matches the pattern',
    value: 'a regular expression, such as ^[a-z]+-\\d{1,4}$',
    make: (attribute, pattern) => ({ kind: 'pattern', attribute, pattern }),
    read: (condition) =>
      condition.kind === 'pattern'
        ? { attribute: condition.attribute, test: 'pattern', value: condition.pattern }
        : null,
  },
  isTrue,
  negated('not true', 'Yes or no: is not yes', isTrue),
  ...compared('number', 'Number', comparisonWords),
  ...compared('version', 'Version', versionWords),
  ...compared('date', 'Date', dateWords),
  {
    id: 'address',
    says: 'IP address: lies in',
    value: 'ranges, such as 192.0.2.0/24',
    make: (attribute, value) => ({ kind: 'address', attribute, ranges: list(value) }),
    read: (condition) =>
      condition.kind === 'address'
        ? { attribute: condition.attribute, test: 'address', value: condition.ranges.join(', ') }
        : null,
  },
]

/** The lines that make this condition; null where it is more than lines can say (the API can nest). */
export function rowsOf(when: Condition): { match: Match; rows: ConditionRow[] } | null {
  const match = when.kind === 'any' ? 'any' : 'all'
  const parts = when.kind === 'all' || when.kind === 'any' ? when.of : [when]
  const rows = parts.map(rowOf)
  return rows.every((row) => row !== null) ? { match, rows } : null
}

function rowOf(condition: Condition): ConditionRow | null {
  for (const test of rowTests) {
    const row = test.read(condition)
    if (row !== null) return row
  }
  return null
}

/** In words, for people: `country is one of DE, FR, and seats is more than 50`. */
export function sayCondition(when: Condition): string {
  const known = rowsOf(when)
  if (known === null) return `a condition of several levels, made by the API: ${JSON.stringify(when)}`
  return known.rows
    .map(({ attribute, test, value }) => {
      const says = rowTests.find(({ id }) => id === test)?.says ?? test
      return `${attribute} ${says.replace(/^[^:]+: /, '')}${value === '' ? '' : ` ${value}`}`
    })
    .join(known.match === 'all' ? ', and ' : ', or ')
}

export const mostRows = 20

/** FEAT-5: the condition of these lines, or what is wrong with which of them. Lines with nothing in them are left out. */
export function readRows(
  match: Match,
  rows: readonly ConditionRow[],
): { ok: true; when: Condition } | { ok: false; problems: Problem[] } {
  const conditions: Condition[] = []
  const problems: Problem[] = []
  for (const [at, { attribute, test, value }] of rows.entries()) {
    if (attribute === '' && value === '') continue
    const found = rowTests.find(({ id }) => id === test)
    const says = (field: string, message: string) =>
      problems.push({ field: `${field}-${at + 1}`, message: `Condition ${at + 1}: ${message}` })
    if (attribute === '') says('attribute', 'name the attribute')
    else if (found === undefined) says('test', 'choose a test')
    else {
      const condition = found.make(attribute, value)
      const problem = unreadableIn(condition)
      if (problem === null) conditions.push(condition)
      else if (found.value === null) says('attribute', problem)
      else says('value', `enter ${found.value}`)
    }
  }
  if (problems.length > 0) return { ok: false, problems }
  const [first] = conditions
  if (first === undefined) return { ok: false, problems: [{ field: 'attribute-1', message: 'Enter an attribute' }] }
  return { ok: true, when: conditions.length === 1 ? first : { kind: match, of: conditions } }
}

/** Every regular expression in it. */
export function patternsIn(when: Condition): string[] {
  if (when.kind === 'all' || when.kind === 'any') return when.of.flatMap(patternsIn)
  if (when.kind === 'not') return patternsIn(when.of)
  return when.kind === 'pattern' ? [when.pattern] : []
}
