import { sql } from 'kysely'
import type { Rule } from '../../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../../platform/index.ts'
import { only } from '../store.ts'

/** The rules on attributes of a service, in the order in which a decision asks them. */
export interface RuleSet {
  rules: Rule[]
  /** Grows with every change of the rules. */
  version: number
  /** Null where nobody changed them yet. */
  changedBy: string | null
}

export async function readRuleSet(db: Queryable, serviceId: string): Promise<RuleSet> {
  const { rows } = await sql<RuleSet>`select rules, rules_version as version, rules_changed_by as "changedBy"
    from rollout where service_id = ${serviceId}`.execute(db)
  return only(rows)
}

export async function writeRules(tx: Tx, serviceId: string, rules: readonly Rule[], by: string): Promise<void> {
  await sql`update rollout set rules = ${JSON.stringify(rules)}::jsonb, rules_version = rules_version + 1,
    rules_changed_by = ${by}, version = version + 1 where service_id = ${serviceId}`.execute(tx)
}
