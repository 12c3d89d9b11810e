import type { CompiledFeature, CompiledService, CompiledSnapshot } from './compile.ts'
import type { Attributes } from './condition.ts'
import { at, climb, isImpersonal, ruleFor, standingOfAll, type CompiledLadder, type Standing } from './ladder.ts'
import type { FlagValue, Rung } from './snapshot.ts'

/**
 * What a caller says about a person. `targetingKey` is the unit. Attributes are read by rules alone, and rules count only
 * where anybody may come in: a declared attribute never lets anyone in above the ceiling.
 */
export interface EvaluationContext {
  targetingKey?: string
  [attribute: string]: unknown
}

export type Reason = 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED'

export interface Decided {
  readonly kind: 'decided'
  /** `current` or `new` for a service, the name of a variant for a feature. */
  readonly variant: string
  /** True for the new service; the value of the variant for a feature. */
  readonly value: FlagValue
  readonly reason: Reason
  readonly rung: Rung
  readonly rolloutVersion: number
}

export interface Failed {
  readonly kind: 'failed'
  readonly errorCode: 'FLAG_NOT_FOUND' | 'TARGETING_KEY_MISSING' | 'INVALID_CONTEXT' | 'GENERAL'
  /** One sentence; never repeats what the caller sent. */
  readonly detail: string
}

export type Decision = Decided | Failed

/** Longer keys are refused, so that nothing that a caller sends can make a decision slow. */
const longestTargetingKey = 256

/**
 * Rungs by the key of a service: places that the unit was just given, which the snapshot does not hold yet (ADM-10). Whatever
 * the snapshot says against the unit comes first.
 */
export type Places = ReadonlyMap<string, Rung>

const noPlaces: Places = new Map()

/**
 * Who gets in: the arm or variant for a unit, with the rung of the ladder that decided (ADM-1). Needs no database, no clock
 * but the one given, and never throws: what goes wrong is a `failed` decision with an OpenFeature error code.
 * Source: docs/rules/admission.md; reasons and codes after OpenFeature and OFREP 0.3.0.
 *
 * @example decide(compiled, 'parking-permit', { targetingKey: unit }, new Date()).variant // 'new'
 */
export function decide(
  snapshot: CompiledSnapshot,
  key: string,
  context: EvaluationContext,
  now: Date,
  places: Places = noPlaces,
): Decision {
  try {
    void now // no rung depends on the time yet; the face has it so that a decision can be replayed
    const found = snapshot.services.get(key) ?? snapshot.features.get(key)
    if (found === undefined) return unknownKey
    const caller = callerOf(context, places)
    return 'kind' in caller ? caller : decideFlag(snapshot, found, caller)
  } catch {
    return broken
  }
}

/**
 * The decisions of `decide` for every key, or for those that are wanted, in the order of the snapshot: first services, then
 * features. What all have in common is worked out once.
 *
 * @example for (const { key, decision } of decideAll(compiled, { targetingKey: unit }, now)) answer(key, decision)
 */
export function decideAll(
  snapshot: CompiledSnapshot,
  context: EvaluationContext,
  now: Date,
  isWanted: (flag: CompiledService | CompiledFeature) => boolean = () => true,
  places: Places = noPlaces,
): { key: string; decision: Decision }[] {
  void now
  const answers: { key: string; decision: Decision }[] = []
  const caller = readCaller(context, places)
  for (const flags of [snapshot.services, snapshot.features]) {
    for (const flag of flags.values()) {
      if (!isWanted(flag)) continue
      const decision = 'kind' in caller ? caller : decideSafely(snapshot, flag, caller)
      answers.push({ key: flag.key, decision })
    }
  }
  return answers
}

/** The one who asks, with where they stand on the service that was asked about last. */
interface Caller {
  unit: string | null
  attributes: Attributes
  places: Places
  service: CompiledService | null
  standing: Standing | null
}

function readCaller(context: EvaluationContext, places: Places): Caller | Failed {
  try {
    return callerOf(context, places)
  } catch {
    return broken
  }
}

function callerOf(context: EvaluationContext, places: Places): Caller | Failed {
  if (typeof context !== 'object' || context === null || Array.isArray(context)) return noContext
  const unit: unknown = context.targetingKey
  if (unit === undefined || unit === null || unit === '') {
    return { unit: null, attributes: context, places, service: null, standing: null }
  }
  if (typeof unit !== 'string' || unit.length > longestTargetingKey) return badTargetingKey
  return { unit, attributes: context, places, service: null, standing: null }
}

function decideSafely(snapshot: CompiledSnapshot, flag: CompiledService | CompiledFeature, caller: Caller): Decision {
  try {
    return decideFlag(snapshot, flag, caller)
  } catch {
    return broken
  }
}

function decideFlag(snapshot: CompiledSnapshot, flag: CompiledService | CompiledFeature, caller: Caller): Decision {
  if (!('variants' in flag)) {
    const standing = standingOnService(flag, caller)
    return standing === null ? noTargetingKey : decidedService(flag, standing)
  }
  const standing = standingOnFeature(snapshot, flag, caller, 0)
  return standing === null ? noTargetingKey : decidedFeature(flag, standing)
}

/** Null where the standing depends on who it is, and nobody says. */
function standingOnService(service: CompiledService, caller: Caller): Standing | null {
  if (caller.service === service) return caller.standing
  caller.standing = caller.unit === null ? standingOfAll(service) : standingOf(service, caller.unit, caller)
  caller.service = service
  return caller.standing
}

function standingOf(service: CompiledService, targetingKey: string, { attributes, places }: Caller): Standing {
  const standing = climb(service, { unit: unitOf(service, targetingKey), attributes })
  if (standing !== at.default.out) return standing
  const rung = places.get(service.key)
  return rung === undefined ? standing : at[rung].in
}

/** ADM-27: an application knows a person who is in by an id of its own, which stands for the unit. */
function unitOf(service: CompiledService, targetingKey: string): string {
  return service.aliases.size === 0 ? targetingKey : (service.aliases.get(targetingKey) ?? targetingKey)
}

/** A chain of requirements longer than this is a ring; a snapshot with one is refused, so nobody should get here. */
export const longestChain = 10

/** ADM-28: halt and ceiling, what the feature requires, the arm of its service, then its own ladder. */
function standingOnFeature(
  snapshot: CompiledSnapshot,
  feature: CompiledFeature,
  caller: Caller,
  depth: number,
): Standing | null {
  if (feature.halt !== null) return at.halt.out
  if (feature.ceiling === 'closed') return at.ceiling.out
  for (const required of feature.requires) {
    const met = isMet(snapshot, required, caller, depth)
    if (met !== true) return met === null ? null : at.requirement.out
  }
  if (feature.appliesTo === 'new') {
    const standing = standingOnService(feature.service, caller)
    if (standing === null) return null
    if (!standing.isIn) return at.service.out
  }
  if (caller.unit === null) return standingWithoutUnit(feature, caller.attributes)
  return climb(feature, { unit: unitOf(feature.service, caller.unit), attributes: caller.attributes })
}

function isMet(
  snapshot: CompiledSnapshot,
  required: CompiledFeature['requires'][number],
  caller: Caller,
  depth: number,
): boolean | null {
  const feature = snapshot.features.get(required.key)
  if (feature === undefined || depth >= longestChain) return false
  const standing = standingOnFeature(snapshot, feature, caller, depth + 1)
  return standing === null ? null : variantOf(feature, standing) === (required.variant ?? feature.on)
}

/** ADM-4: rules on attributes need no targeting key; a share, a cohort and every list do. */
function standingWithoutUnit(ladder: CompiledLadder, attributes: Attributes): Standing | null {
  const ofAll = standingOfAll(ladder)
  if (ofAll !== null) return ofAll
  const isCapped = ladder.cap.limit !== null
  const rule = isCapped ? null : ruleFor(ladder, attributes, null)
  if (rule !== null && ladder.counts.rules) return rule.standing
  if (!isImpersonal(ladder)) return null
  const isIn = ladder.share > 0 && !isCapped
  if (isIn && ladder.counts.share) return at.share.in
  return isIn || rule !== null ? at.ceiling.out : at.default.out
}

const reasons: Readonly<Record<Rung, Reason>> = {
  halt: 'DISABLED',
  ceiling: 'DISABLED',
  service: 'DISABLED',
  requirement: 'DISABLED',
  removed: 'TARGETING_MATCH',
  choice: 'TARGETING_MATCH',
  preview: 'TARGETING_MATCH',
  staff: 'TARGETING_MATCH',
  invited: 'TARGETING_MATCH',
  join: 'TARGETING_MATCH',
  rules: 'TARGETING_MATCH',
  share: 'SPLIT',
  default: 'STATIC',
}

export function reasonOf(rung: Rung): Reason {
  return reasons[rung]
}

function variantOf(feature: CompiledFeature, standing: Standing): string {
  return standing.isIn ? (standing.variant ?? feature.on) : feature.off
}

/** Each ladder has few decisions; each is made once and given out again. */
function decidedService(service: CompiledService, standing: Standing): Decided {
  const known = service.decisions.get(standing)
  if (known !== undefined) return known
  const decision = decidedAs(service, standing, standing.isIn ? 'new' : 'current', standing.isIn)
  service.decisions.set(standing, decision)
  return decision
}

function decidedFeature(feature: CompiledFeature, standing: Standing): Decided {
  const known = feature.decisions.get(standing)
  if (known !== undefined) return known
  const variant = variantOf(feature, standing)
  const value = feature.variants.get(variant)
  if (value === undefined) throw new RangeError('A feature names a variant that it does not have')
  const decision = decidedAs(feature, standing, variant, value)
  feature.decisions.set(standing, decision)
  return decision
}

function decidedAs(ladder: CompiledLadder, { rung }: Standing, variant: string, value: FlagValue): Decided {
  const { rolloutVersion } = ladder
  return Object.freeze({ kind: 'decided', variant, value, reason: reasons[rung], rung, rolloutVersion })
}

function failed(errorCode: Failed['errorCode'], detail: string): Failed {
  return Object.freeze({ kind: 'failed', errorCode, detail })
}

const unknownKey = failed('FLAG_NOT_FOUND', 'No service or feature has this key.')
const noContext = failed('INVALID_CONTEXT', 'The evaluation context must be an object.')
const noTargetingKey = failed('TARGETING_KEY_MISSING', 'This is decided per person: send targetingKey.')
const broken = failed('GENERAL', 'The decision could not be made.')
const badTargetingKey = failed(
  'INVALID_CONTEXT',
  `targetingKey must be a string of at most ${longestTargetingKey} characters.`,
)
