import { addressRange } from './address.ts'
import { comparisons, limits, textTests } from './condition.ts'
import { parseVersion } from './version.ts'

/**
 * What is wrong with a condition from outside, with its place (`of[1].value is not a version`), or null. A regular
 * expression is only parsed here: whether it can run away is checked before it is saved. Never throws.
 *
 * @example conditionProblem({ kind: 'version', attribute: 'build', test: '>=', value: 'two' }) // 'value is not a version'
 */
export function conditionProblem(value: unknown): string | null {
  return problemAt(value, { left: limits.conditions }, 1)
}

function problemAt(value: unknown, count: { left: number }, depth: number): string | null {
  if (!isRecord(value)) return 'is not a condition'
  if (--count.left < 0) return `has more than ${limits.conditions} conditions`
  if (depth > limits.depth) return `is nested deeper than ${limits.depth} levels`
  const { kind, of } = value
  if (kind === 'not') return within('of', problemAt(of, count, depth + 1))
  if (kind !== 'all' && kind !== 'any') return testProblem(value)
  if (!Array.isArray(of) || of.length === 0) return 'of has no conditions'
  for (const [at, each] of of.entries()) {
    const problem = within(`of[${at}]`, problemAt(each, count, depth + 1))
    if (problem !== null) return problem
  }
  return null
}

function within(place: string, problem: string | null): string | null {
  if (problem === null) return null
  return problem.startsWith('is ') || problem.startsWith('has ') ? `${place} ${problem}` : `${place}.${problem}`
}

function testProblem(condition: Record<string, unknown>): string | null {
  const { kind, attribute, value } = condition
  if (!isText(attribute) || attribute === '' || attribute === 'targetingKey') return 'attribute is missing'
  switch (kind) {
    case 'true':
      return null
    case 'in':
      return listProblem('values', condition.values, isText)
    case 'address':
      return listProblem('ranges', condition.ranges, (range) => isText(range) && addressRange(range) !== null)
    case 'text':
      if (!textTests.some((each) => each === condition.test)) return 'test is none of contains, starts and ends'
      return isText(value) && value !== '' ? null : 'value is missing'
    case 'pattern':
      return isText(condition.pattern) && isPattern(condition.pattern) ? null : 'pattern is not a regular expression'
    case 'number':
      return comparisonProblem(condition) ?? (Number.isFinite(value) ? null : 'value is not a number')
    case 'version':
      return (
        comparisonProblem(condition) ??
        (isText(value) && parseVersion(value) !== null ? null : 'value is not a version')
      )
    case 'date':
      return comparisonProblem(condition) ?? (isText(value) && isDate(value) ? null : 'value is not a date')
    default:
      return `kind is none of ${kinds.join(', ')}`
  }
}

const kinds = ['in', 'text', 'true', 'number', 'version', 'date', 'address', 'pattern', 'all', 'any', 'not']

function comparisonProblem({ test }: Record<string, unknown>): string | null {
  return comparisons.some((each) => each === test) ? null : `test is none of ${comparisons.join(' ')}`
}

function listProblem(name: string, list: unknown, isGood: (value: unknown) => boolean): string | null {
  if (!Array.isArray(list) || list.length === 0) return `${name} is empty`
  if (list.length > limits.values) return `${name} has more than ${limits.values} entries`
  const bad = list.findIndex((value) => !isGood(value))
  return bad === -1 ? null : `${name}[${bad}] is not valid`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= limits.text
}

function isDate(value: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(value) && !Number.isNaN(Date.parse(value))
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
