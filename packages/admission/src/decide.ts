import { bucket } from './bucket.ts'
import { lowestCeiling, reaches, type LettingRung } from './ceiling.ts'
import type { CompiledService, CompiledSnapshot } from './compile.ts'
import type { Arm, Rung } from './snapshot.ts'

/** What a caller says about a person. Only `targetingKey`, the unit, decides: a declared attribute never lets anyone in. */
export interface EvaluationContext {
  targetingKey?: string
  [attribute: string]: unknown
}

export type Reason = 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED'

export interface Decided {
  kind: 'decided'
  variant: Arm
  /** True for the new service. */
  value: boolean
  reason: Reason
  rung: Rung
  rolloutVersion: number
}

export interface Failed {
  kind: 'failed'
  errorCode: 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL'
  /** One sentence; never repeats what the caller sent. */
  detail: string
}

export type Decision = Decided | Failed

/** Longer keys are refused, so that nothing that a caller sends can make a decision slow. */
const longestTargetingKey = 256

/**
 * Who gets in: the arm for a unit, with the rung of the ladder that decided (ADM-1). Needs no database, no clock but the
 * one given, and never throws: what goes wrong is a `failed` decision with an OpenFeature error code.
 * Source: docs/rules/admission.md; reasons and codes after OpenFeature and OFREP 0.3.0.
 *
 * @example decide(compiled, 'parking-permit', { targetingKey: unit }, new Date()).variant // 'new'
 */
export function decide(snapshot: CompiledSnapshot, key: string, context: EvaluationContext, now: Date): Decision {
  try {
    void now // no rung depends on the time yet; the face has it so that a decision can be replayed
    const service = snapshot.services.get(key)
    if (service === undefined) return failed('FLAG_NOT_FOUND', 'No service has this key.')
    if (typeof context !== 'object' || context === null || Array.isArray(context)) {
      return failed('INVALID_CONTEXT', 'The evaluation context must be an object.')
    }
    const unit: unknown = context.targetingKey
    if (unit === undefined || unit === null || unit === '') {
      return (
        decideForAll(service) ??
        failed('TARGETING_KEY_MISSING', 'This service is decided per person: send targetingKey.')
      )
    }
    if (typeof unit !== 'string' || unit.length > longestTargetingKey) {
      return failed('INVALID_CONTEXT', `targetingKey must be a string of at most ${longestTargetingKey} characters.`)
    }
    return decideForUnit(service, unit)
  } catch {
    return failed('GENERAL', 'The decision could not be made.')
  }
}

/** The decision that holds for every person alike, or null where it depends on the person. */
export function decideForAll(service: CompiledService): Decided | null {
  if (service.halt !== null) return decided(service, 'current', 'halt')
  if (service.ceiling === 'closed') return decided(service, 'current', 'ceiling')
  if (service.ceiling === 'everyone') return decided(service, 'new', 'default')
  return null
}

/** The ladder of ADM-1 for a known unit. */
export function decideForUnit(service: CompiledService, unit: string): Decided {
  const sent = decideElsewhere(service, unit)
  if (sent !== null) return sent
  const named = setRung(service, unit)
  if (named !== null && counts(service, named)) return decided(service, 'new', named)
  if (service.ceiling === 'everyone') return decided(service, 'new', 'default')
  const isIn = isDrawn(service, unit)
  if (isIn && counts(service, 'share')) return decided(service, 'new', 'share')
  return decided(service, 'current', named !== null || isIn ? 'ceiling' : 'default')
}

/** The rungs that send a person to the current service whatever else is known of them. */
export function decideElsewhere(service: CompiledService, unit: string): Decided | null {
  if (service.halt !== null) return decided(service, 'current', 'halt')
  if (service.ceiling === 'closed') return decided(service, 'current', 'ceiling')
  if (service.units.removed.has(unit)) return decided(service, 'current', 'removed')
  if (service.units.choseCurrent.has(unit)) return decided(service, 'current', 'choice')
  return null
}

/** The first rung that counts at this ceiling and knows the unit by name; else one that knows it and does not count. */
export function setRung(service: CompiledService, unit: string): Exclude<LettingRung, 'share'> | null {
  const { units } = service
  let above: Exclude<LettingRung, 'share'> | null = null
  for (const [rung, set] of [
    ['preview', units.preview],
    ['staff', units.staff],
    ['invited', units.invited],
    ['join', units.joined],
  ] as const) {
    if (!set.has(unit)) continue
    if (counts(service, rung)) return rung
    above ??= rung
  }
  return above
}

/** Does this rung let anyone in under the service's ceiling (ADM-2)? */
export function counts(service: CompiledService, rung: LettingRung): boolean {
  return reaches(service.ceiling, lowestCeiling[rung])
}

/** ADM-8, ADM-10: carried units were let in earlier; under a cap the ledger alone says who is in. */
export function isDrawn(service: CompiledService, unit: string): boolean {
  if (service.units.carried.has(unit)) return true
  return service.cap.limit === null && isInShare(service, unit)
}

/** ADM-9: below the share by bucket, whether or not a cap leaves a place. */
export function isInShare(service: CompiledService, unit: string): boolean {
  return service.share > 0 && bucket(service.salt, unit) < service.share
}

const reasons: Readonly<Record<Rung, Reason>> = {
  halt: 'DISABLED',
  ceiling: 'DISABLED',
  removed: 'TARGETING_MATCH',
  choice: 'TARGETING_MATCH',
  preview: 'TARGETING_MATCH',
  staff: 'TARGETING_MATCH',
  invited: 'TARGETING_MATCH',
  join: 'TARGETING_MATCH',
  share: 'SPLIT',
  default: 'STATIC',
}

export function decided(service: CompiledService, variant: Arm, rung: Rung): Decided {
  const { rolloutVersion } = service
  return { kind: 'decided', variant, value: variant === 'new', reason: reasons[rung], rung, rolloutVersion }
}

function failed(errorCode: Failed['errorCode'], detail: string): Failed {
  return { kind: 'failed', errorCode, detail }
}
