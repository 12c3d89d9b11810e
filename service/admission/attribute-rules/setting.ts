import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Rule } from '../../../packages/admission/src/index.ts'
import { refuseBadRules, refuseWildPatterns, withRule, type GivenRule } from '../../features/index.ts'
import { act, actorName, must, Refusal, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { lockRollout } from '../store.ts'
import { readRuleSet, writeRules, type RuleSet } from './store.ts'

/** ADM-53: somebody else changed the rules since the one who sends this had read them. Holds what is stored now. */
export class RulesChanged extends Refusal {
  readonly stored: RuleSet

  constructor(stored: RuleSet) {
    super('rules-changed', { version: stored.version, by: stored.changedBy ?? 'Somebody' })
    this.stored = stored
  }
}

interface Deed {
  /** The version of the rules that the change was made from. */
  version: number
  reason: string
}

/** ADM-53: all rules of a service's own ladder; whoever may set the share may set them. */
export async function setRules(
  ctx: Context,
  service: Service,
  { version, reason, rules }: Deed & { rules: readonly GivenRule[] },
): Promise<RuleSet> {
  await must(ctx, 'admission.share', service.id)
  refuseBadRules(rules, {})
  await refuseWildPatterns(rules, (await readRuleSet(ctx.db, service.id)).rules)
  const deed = { permission: 'admission.share', service: service.id, topic: 'admission' } as const
  return act(ctx, deed, async (tx, record) => {
    await lockRollout(tx, service.id)
    const stored = await readRuleSet(tx, service.id)
    if (stored.version !== version) throw new RulesChanged(stored)
    const next = rules.map((rule): Rule => ({ ...rule, id: rule.id ?? randomUUID() }))
    if (isDeepStrictEqual(next, stored.rules)) return stored
    await writeRules(tx, service.id, next, actorName(ctx.actor))
    record({
      action: 'admission.rules',
      summary: `changed the rules on attributes: ${sayRules(next)}`,
      reason,
      detail: { from: stored.rules, to: next },
    })
    return readRuleSet(tx, service.id)
  })
}

/** One rule more (with an empty id), another in its place, or one less (null). */
export async function setOneRule(
  ctx: Context,
  service: Service,
  { id, rule, ...deed }: Deed & { id: string; rule: Omit<Rule, 'id'> | null },
): Promise<RuleSet> {
  const { rules } = await readRuleSet(ctx.db, service.id)
  return setRules(ctx, service, { ...deed, rules: withRule(rules, id, rule) })
}

function sayRules(rules: readonly Rule[]): string {
  if (rules.length === 0) return 'none'
  return rules.map(({ name }) => (name === '' ? 'one without a name' : `“${name}”`)).join(', ')
}
