import { lowestCeiling, type LettingRung } from './ceiling.ts'
import type { CompiledFeature, CompiledService, CompiledSnapshot } from './compile.ts'
import { decide, type Decision, type EvaluationContext } from './decide.ts'
import { buckets } from './bucket.ts'
import type { CompiledLadder } from './ladder.ts'
import type { Ceiling, Rung } from './snapshot.ts'

/** What a rung says of one person. `shut`: it holds and the ceiling does not let it count. */
export type Finding = 'holds' | 'shut' | 'does-not-hold'

/** One change that alone would turn the answer round. */
export type Change =
  | { kind: 'end-halt' }
  | { kind: 'raise-ceiling'; to: Ceiling }
  | { kind: 'lower-ceiling' }
  | { kind: 'lift-removal' }
  | { kind: 'take-back-choice' }
  | { kind: 'invite' }
  | { kind: 'grow-share'; to: number }
  | { kind: 'satisfy-rule'; rule: string }
  | { kind: 'raise-cap' }
  /** Under a cap the ledger takes the person in at the next visit, while a place is free. */
  | { kind: 'visit' }
  | { kind: 'let-into-service'; service: string }
  | { kind: 'satisfy-requirement'; key: string }
  | { kind: 'remove' }

export interface Explanation {
  decision: Decision
  isIn: boolean
  /** From the first rung to the last, what each says. */
  ladder: { rung: Rung; finding: Finding; rule?: string }[]
  /** Bucket of the unit, 0 to 99,999, and the share that would reach it. */
  bucket: number | null
  changes: Change[]
}

/**
 * In or out, which rung decided, and what would change it, for one person: what `decide` says, taken apart. Null where there
 * is no such key. Never throws for a compiled snapshot.
 *
 * @example explain(compiled, 'parking', { targetingKey: unit }, now)?.changes // [{ kind: 'invite' }]
 */
export function explain(
  snapshot: CompiledSnapshot,
  key: string,
  context: EvaluationContext,
  now: Date,
): Explanation | null {
  const flag = snapshot.services.get(key) ?? snapshot.features.get(key)
  if (flag === undefined) return null
  const decision = decide(snapshot, key, context, now)
  const given = typeof context?.targetingKey === 'string' ? context.targetingKey : null
  const service = 'variants' in flag ? flag.service : flag
  const unit = given === null ? null : (service.aliases.get(given) ?? given)
  const isIn =
    decision.kind === 'decided' && (isFeature(flag) ? decision.variant !== flag.off : decision.value === true)
  return {
    decision,
    isIn,
    ladder: ladderOf(snapshot, flag, unit, context, now),
    bucket: unit === null ? null : flag.bucketOf(unit),
    changes: decision.kind === 'decided' ? changesFor(snapshot, flag, unit, decision.rung, isIn, context, now) : [],
  }
}

function isFeature(flag: CompiledService | CompiledFeature): flag is CompiledFeature {
  return 'variants' in flag
}

function ladderOf(
  snapshot: CompiledSnapshot,
  flag: CompiledService | CompiledFeature,
  unit: string | null,
  context: EvaluationContext,
  now: Date,
): Explanation['ladder'] {
  const plain = (rung: Rung, holds: boolean): Explanation['ladder'][number] => ({
    rung,
    finding: holds ? 'holds' : 'does-not-hold',
  })
  const above = [plain('halt', flag.halt !== null)]
  if (isFeature(flag)) {
    above.push(plain('requirement', unmet(snapshot, flag, context, now) !== null))
    above.push(plain('service', isKeptOutByService(snapshot, flag, context, now)))
  }
  const held = unit !== null && flag.units.removed.has(unit)
  const chose = unit !== null && flag.units.choseCurrent.has(unit)
  return [...above, plain('removed', held), plain('choice', chose), ...lettingFindings(flag, unit, context)]
}

function lettingFindings(flag: CompiledLadder, unit: string | null, context: EvaluationContext): Explanation['ladder'] {
  const found = (rung: LettingRung, holds: boolean): Explanation['ladder'][number] => ({
    rung,
    finding: !holds ? 'does-not-hold' : flag.counts[rung] ? 'holds' : 'shut',
  })
  const { units } = flag
  const isIn = (set: { has(unit: string): boolean }): boolean => unit !== null && set.has(unit)
  return [
    found('preview', isIn(units.preview)),
    found('staff', isIn(units.staff)),
    found('invited', isIn(units.invited) || flag.cohorts.some(isIn)),
    found('join', isIn(units.joined)),
    ...flag.rules.map((rule) => ({ ...found('rules', rule.holds(context)), rule: rule.name })),
    found('share', isIn(units.carried) || (unit !== null && flag.bucketOf(unit) < flag.share)),
  ]
}

function unmet(
  snapshot: CompiledSnapshot,
  flag: CompiledFeature,
  context: EvaluationContext,
  now: Date,
): string | null {
  const found = flag.requires.find(({ key, variant }) => {
    const required = snapshot.features.get(key)
    const answer = decide(snapshot, key, context, now)
    return required === undefined || answer.kind === 'failed' || answer.variant !== (variant ?? required.on)
  })
  return found?.key ?? null
}

function isKeptOutByService(
  snapshot: CompiledSnapshot,
  flag: CompiledFeature,
  context: EvaluationContext,
  now: Date,
): boolean {
  if (flag.appliesTo === 'both') return false
  const answer = decide(snapshot, flag.service.key, context, now)
  return answer.kind === 'decided' && answer.value === false
}

function changesFor(
  snapshot: CompiledSnapshot,
  flag: CompiledService | CompiledFeature,
  unit: string | null,
  rung: Rung,
  isIn: boolean,
  context: EvaluationContext,
  now: Date,
): Change[] {
  if (isIn) return rung === 'default' ? [{ kind: 'lower-ceiling' }] : [{ kind: 'remove' }]
  switch (rung) {
    case 'halt':
      return [{ kind: 'end-halt' }]
    case 'removed':
      return [{ kind: 'lift-removal' }]
    case 'choice':
      return [{ kind: 'take-back-choice' }]
    case 'service':
      return isFeature(flag) ? [{ kind: 'let-into-service', service: flag.service.key }] : []
    case 'requirement': {
      const key = isFeature(flag) ? unmet(snapshot, flag, context, now) : null
      return key === null ? [] : [{ kind: 'satisfy-requirement', key }]
    }
    case 'ceiling':
      return [{ kind: 'raise-ceiling', to: neededCeiling(flag, unit, context) }]
    default:
      return waysIn(flag, unit, context)
  }
}

/** The lowest ceiling under which a rung that holds would count. */
function neededCeiling(flag: CompiledLadder, unit: string | null, context: EvaluationContext): Ceiling {
  const shut = lettingFindings(flag, unit, context).find(({ finding }) => finding === 'shut')
  return shut === undefined ? 'everyone' : lowestCeiling[shut.rung as LettingRung]
}

function waysIn(flag: CompiledLadder, unit: string | null, context: EvaluationContext): Change[] {
  const changes: Change[] = []
  if (flag.counts.invited) changes.push({ kind: 'invite' })
  if (flag.counts.share) {
    const reached = unit === null ? buckets : flag.bucketOf(unit) + 1
    const isFull = flag.cap.limit !== null && flag.cap.full
    if (isFull) changes.push({ kind: 'raise-cap' })
    else if (flag.share < reached) changes.push({ kind: 'grow-share', to: reached })
    else if (flag.cap.limit !== null) changes.push({ kind: 'visit' })
    for (const rule of flag.rules) {
      if (!rule.holds(context)) changes.push({ kind: 'satisfy-rule', rule: rule.name })
    }
  }
  changes.push({ kind: 'raise-ceiling', to: 'everyone' })
  return changes
}
