import { addressRange } from './address.ts'
import { valueLists, type ValueLists } from './value-lists.ts'
import { compareVersions, parseVersion } from './version.ts'

/** How a number, a version or a date is compared with what the rule names. */
export const comparisons = ['=', '!=', '<', '<=', '>', '>='] as const
export type Comparison = (typeof comparisons)[number]

export const textTests = ['contains', 'starts', 'ends'] as const

/** What a rule asks of an evaluation context. Written by the team, kept in the snapshot, compiled once. */
export type Condition =
  | { kind: 'all'; of: readonly Condition[] }
  | { kind: 'any'; of: readonly Condition[] }
  | { kind: 'not'; of: Condition }
  /** The attribute is one of these texts; where it is a list, one of its entries is. */
  | { kind: 'in'; attribute: string; values: readonly string[] }
  | { kind: 'text'; attribute: string; test: (typeof textTests)[number]; value: string }
  | { kind: 'true'; attribute: string }
  | { kind: 'number'; attribute: string; test: Comparison; value: number }
  /** Semantic Versioning 2.0.0; a version before its release (`2.0.0-rc.1`) comes before it. */
  | { kind: 'version'; attribute: string; test: Comparison; value: string }
  /** ISO 8601 instant or day; the attribute may also be milliseconds since 1970. */
  | { kind: 'date'; attribute: string; test: Comparison; value: string }
  /** An IP address in one of these ranges: `192.0.2.0/24`, `2001:db8::/32`. */
  | { kind: 'address'; attribute: string; ranges: readonly string[] }
  /** A regular expression, checked against running away before it was saved; subjects are cut at 256 characters. */
  | { kind: 'pattern'; attribute: string; pattern: string }

export type Attributes = Readonly<Record<string, unknown>>
export type Test = (context: Attributes) => boolean

/** Bounds on one rule, so that no decision can be slow. */
export const limits = { depth: 5, conditions: 100, values: 10_000, text: 256 } as const

/**
 * A condition as a function that never throws. A missing attribute, or one of another type, holds for no test but within
 * `not`. Expects a condition without a problem (`conditionProblem`). Conditions that are asked together share `lists`.
 *
 * @example compileCondition({ kind: 'in', attribute: 'region', values: ['north'] })({ region: 'north' }) // true
 */
export function compileCondition(condition: Condition, lists: ValueLists = valueLists()): Test {
  switch (condition.kind) {
    case 'all': {
      const tests = condition.of.map((each) => compileCondition(each, lists))
      return (context) => tests.every((test) => test(context))
    }
    case 'any': {
      const tests = condition.of.map((each) => compileCondition(each, lists))
      return (context) => tests.some((test) => test(context))
    }
    case 'not': {
      const test = compileCondition(condition.of, lists)
      return (context) => !test(context)
    }
    default: {
      const { attribute } = condition
      const test = compileTest(condition, lists)
      return (context) => Object.hasOwn(context, attribute) && test(context[attribute])
    }
  }
}

type Leaf = Exclude<Condition, { kind: 'all' | 'any' | 'not' }>

function compileTest(condition: Leaf, lists: ValueLists): (value: unknown) => boolean {
  switch (condition.kind) {
    case 'in': {
      const isListed = lists(condition.attribute)(condition.values)
      return (value) =>
        typeof value === 'string'
          ? isListed(value)
          : Array.isArray(value) && value.some((each) => typeof each === 'string' && isListed(each))
    }
    case 'text':
      return textTest(condition.test, condition.value)
    case 'true':
      return (value) => value === true
    case 'number':
      return ordered(condition.test, (value) => (typeof value === 'number' ? value - condition.value : null))
    case 'version': {
      const wanted = parseVersion(condition.value)
      return ordered(condition.test, (value) => {
        const version = typeof value === 'string' ? parseVersion(value) : null
        return version === null || wanted === null ? null : compareVersions(version, wanted)
      })
    }
    case 'date': {
      const wanted = instantOf(condition.value)
      return ordered(condition.test, (value) => instantOf(value) - wanted)
    }
    case 'address': {
      const ranges = condition.ranges.flatMap((range) => addressRange(range) ?? [])
      return (value) => typeof value === 'string' && ranges.some((contains) => contains(value))
    }
    case 'pattern': {
      const pattern = new RegExp(condition.pattern, 'u')
      return (value) => typeof value === 'string' && pattern.test(value.slice(0, limits.text))
    }
  }
}

function textTest(test: (typeof textTests)[number], wanted: string): (value: unknown) => boolean {
  return (value) => {
    if (typeof value !== 'string') return false
    if (test === 'contains') return value.includes(wanted)
    return test === 'starts' ? value.startsWith(wanted) : value.endsWith(wanted)
  }
}

/** By a difference that is negative, zero or positive; null and NaN hold for no comparison. */
function ordered(test: Comparison, difference: (value: unknown) => number | null): (value: unknown) => boolean {
  const holds: Record<Comparison, (by: number) => boolean> = {
    '=': (by) => by === 0,
    '!=': (by) => by !== 0,
    '<': (by) => by < 0,
    '<=': (by) => by <= 0,
    '>': (by) => by > 0,
    '>=': (by) => by >= 0,
  }
  const isHeld = holds[test]
  return (value) => {
    const by = difference(value)
    return by !== null && !Number.isNaN(by) && isHeld(by)
  }
}

/** Milliseconds since 1970, or NaN. */
function instantOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (value instanceof Date) return value.getTime()
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
}
