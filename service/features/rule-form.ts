import { z } from 'zod'
import type { Rule } from '../../packages/admission/src/index.ts'
import { problemsOf, type Problem } from '../platform/index.ts'
import { mostRows, readRows, rowsOf, type ConditionRow } from './condition-rows.ts'
import { percentText } from './forms.ts'
import { reason, version } from './schemas.ts'

const cell = z.string().trim().max(4_000).default('')
/** A rule has few lines; what else the form sends is read elsewhere. */
const cells = z.record(z.string().max(100), z.unknown())

const ruleForm = z.object({
  version,
  id: z.string().max(40).default(''),
  ruleName: z.string({ error: 'Give the rule a name' }).trim().min(1, 'Give the rule a name').max(100),
  match: z.enum(['all', 'any']).default('all'),
  percent: percentText,
  variant: z.string().max(40).default(''),
  ruleReason: reason,
})

export interface RuleChange {
  version: number
  reason: string
  /** Empty for a new one. */
  id: string
  rule: Omit<Rule, 'id'>
}

/** The lines of the form as they were typed. */
export function typedRows(body: unknown): ConditionRow[] {
  const read = cells.safeParse(body ?? {})
  const typed = read.success ? read.data : {}
  const cellOf = (name: string): string => {
    const value = cell.safeParse(typed[name])
    return value.success ? value.data : ''
  }
  return Array.from({ length: mostRows }, (_, at) => ({
    attribute: cellOf(`attribute-${at + 1}`),
    test: cellOf(`test-${at + 1}`),
    value: cellOf(`value-${at + 1}`),
  }))
}

/** What is to be removed needs no lines. */
export function readRule(
  body: unknown,
  isRemoval: boolean,
): { ok: true; value: RuleChange } | { ok: false; problems: Problem[] } {
  const form = ruleForm.safeParse(body ?? {})
  const rows = isRemoval
    ? ({ ok: true, when: { kind: 'all', of: [] } } as const)
    : readRows(form.success ? form.data.match : 'all', typedRows(body))
  const problems = form.success ? [] : problemsOf(form.error)
  if (!rows.ok) problems.push(...rows.problems)
  if (!form.success || !rows.ok || problems.length > 0) return { ok: false, problems }
  const { version: from, id, ruleName, percent, variant, ruleReason } = form.data
  const share = Math.round(percent * 1000)
  const rule = { name: ruleName, when: rows.when, share, ...(variant === '' ? {} : { variant }) }
  return { ok: true, value: { version: from, reason: ruleReason, id, rule } }
}

/** A rule as its form holds it; null where its condition is more than lines can say. */
export function asTypedRule({ id, name, when, share, variant }: Rule): Record<string, string> | null {
  const known = rowsOf(when)
  if (known === null) return null
  const lines = known.rows.flatMap(({ attribute, test, value }, at) => [
    [`attribute-${at + 1}`, attribute],
    [`test-${at + 1}`, test],
    [`value-${at + 1}`, value],
  ])
  const fields = { id, ruleName: name, match: known.match, percent: String(share / 1000), variant: variant ?? '' }
  return { ...fields, rows: String(known.rows.length), ...Object.fromEntries(lines) }
}

/** What was typed, with two lines more to type into. */
export function withMoreLines(values: Record<string, string>): Record<string, string> {
  return { ...values, rows: String(Number(values['rows'] ?? 2) + 2) }
}

/** Where a refusal of the whole rule is said: at its first pattern, else at its name. */
export function patternField(values: Record<string, string>): string {
  const test = Object.entries(values).find(([name, value]) => name.startsWith('test-') && value === 'pattern')
  return test === undefined ? 'ruleName' : test[0].replace('test-', 'value-')
}
