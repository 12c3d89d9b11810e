import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

/** What is measured, as data: kpis.yaml. Code knows formulas by their id and holds no words. */
const formula = z.object({ id: z.string(), name: z.string(), says: z.string() })
const kpi = z.object({
  id: z.string(),
  name: z.string(),
  unit: z.enum(['percent', 'milliseconds', 'per-thousand', 'count']),
  better: z.enum(['higher', 'lower']),
  target: z.number().nullable(),
  /** What `n` counts. */
  counts: z.enum(['starts', 'answers', 'completed', 'views', 'requests']),
  shownFrom: z.number().int(),
  source: z.string(),
  formulas: z.array(formula).min(1),
})
export type Kpi = z.output<typeof kpi>
export type Formula = z.output<typeof formula>

const file = readFileSync(new URL('kpis.yaml', import.meta.url), 'utf8')
export const kpis: readonly Kpi[] = z.object({ kpis: z.array(kpi) }).parse(parse(file)).kpis

export function findKpi(id: string): Kpi | null {
  return kpis.find((one) => one.id === id) ?? null
}

export function kpiOf(id: string): Kpi {
  const found = findKpi(id)
  if (found === null) throw new Error(`kpis.yaml has no ${id}`)
  return found
}

export function formulaOf(of: Kpi, id: string): Formula {
  const found = of.formulas.find((one) => one.id === id)
  if (found === undefined) throw new Error(`${of.id} has no formula ${id}`)
  return found
}

/** A formula with its number and the time from which it holds. A new one starts a new series (P5). */
export interface Definition {
  version: number
  formula: Formula
  /** Null for the built-in first version. */
  from: Date | null
  to: Date | null
  changedBy: string | null
  reason: string | null
}

export interface StoredDefinition {
  kpi: string
  version: number
  formula: string
  fromAt: Date
  changedBy: string
  reason: string
}

/** Every version of a figure's definition, oldest first. */
export function definitionsOf(of: Kpi, stored: readonly StoredDefinition[]): [Definition, ...Definition[]] {
  const own = stored.filter((row) => row.kpi === of.id).sort((a, b) => a.version - b.version)
  const built: Definition = {
    version: 1,
    formula: of.formulas[0] ?? formulaOf(of, ''),
    from: null,
    to: own[0]?.fromAt ?? null,
    changedBy: null,
    reason: null,
  }
  const later = own.map((row, index) => ({
    version: row.version,
    formula: formulaOf(of, row.formula),
    from: row.fromAt,
    to: own[index + 1]?.fromAt ?? null,
    changedBy: row.changedBy,
    reason: row.reason,
  }))
  return [built, ...later]
}

export function currentDefinition(of: Kpi, stored: readonly StoredDefinition[]): Definition {
  const all = definitionsOf(of, stored)
  return all.at(-1) ?? all[0]
}
