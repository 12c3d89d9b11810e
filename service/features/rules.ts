import { reaches, lowestCeiling, type Ceiling, type FlagKind, type Rule } from '../../packages/admission/src/index.ts'
import { Refusal, type Permission, type ServiceRole } from '../platform/index.ts'
import { staleDays, wholeShare, type Feature, type Requirement } from './feature.ts'
import { unreadableIn } from './readable.ts'
import { skippedStages, stageOf, stages, type Stage } from './stages.ts'

/** FEAT-2: release flags are switched by Growth and Support, operations flags by developers. */
export const switchPermission = {
  release: 'features.switch-release',
  plan: 'features.switch-plan',
  operations: 'features.switch-operations',
} as const satisfies Record<FlagKind, Permission>

/** FEAT-8: who has to agree that a release flag goes. */
export const rolesToConfirm = ['growth', 'support', 'developer'] as const satisfies readonly ServiceRole[]

/**
 * FEAT-4: how far the flag opens by itself; the phase of the service stands over it (ADM-28). Off is shut. Kinds without
 * stages are for everybody or for those whom share, rules and cohorts name.
 */
export function ceilingOf({ isOn, course, share }: Pick<Feature, 'isOn' | 'course' | 'share'>): Ceiling {
  if (!isOn) return 'closed'
  if (course !== null) return stageOf(course.stage).ceiling
  return share === wholeShare ? 'everyone' : 'open'
}

/** ADM-28: how far the phase of the service lets a flag open among those whom it lets in. What has no stages only a closed one shuts. */
export function ceilingUnder(phase: Ceiling, { kind }: Pick<Feature, 'kind'>): Ceiling {
  return kind === 'release' || phase === 'closed' ? phase : 'everyone'
}

/** What of everybody gets the feature by the share, as far as flag and stage let it count; the service stands over it. */
export function openShareOf(feature: Pick<Feature, 'isOn' | 'course' | 'share'>): number {
  const ceiling = ceilingOf(feature)
  if (ceiling === 'everyone') return wholeShare
  return isOpenToShare(feature) ? feature.share : 0
}

/** Do flag and stage let a share count? */
export function isOpenToShare(feature: Pick<Feature, 'isOn' | 'course' | 'share'>): boolean {
  return reaches(ceilingOf(feature), lowestCeiling.share)
}

/** FEAT-7: everybody has it, as far as the flag says. */
export function isFullyOn({ kind, isOn, course, share }: Feature): boolean {
  if (kind !== 'release' || !isOn || course === null) return false
  return course.stage === 'removal' || (course.stage === 'public-release' && share === wholeShare)
}

export function isStale({ fullyOnSince }: Feature, now: Date): boolean {
  return fullyOnSince !== null && now.getTime() - fullyOnSince.getTime() >= staleDays * 86_400_000
}

/** FEAT-4, as ADM-21: a share counts for nothing below public release, and so is not set there. */
export function refuseShareBelowOpen(course: Feature['course'], share: number): void {
  if (course === null || share === 0 || reaches(stageOf(course.stage).ceiling, lowestCeiling.share)) return
  throw new Refusal('share-before-public-release', { stage: stageOf(course.stage).name.toLowerCase() })
}

/** FEAT-3: what each feature must go through stays among its stages. */
export function refuseLeavingOut(chosen: readonly Stage['id'][], present: Stage['id']): void {
  const missing = stages.find(({ id, isCompulsory }) => (isCompulsory || id === present) && !chosen.includes(id))
  if (missing !== undefined) throw new Refusal('stage-compulsory', { stage: missing.name })
}

/** FEAT-3: forward to the next chosen stage, or back to any; the beta is gone past only by a decision on record. */
export function refuseMove(course: NonNullable<Feature['course']>, to: Stage['id']): void {
  if (!course.stages.includes(to)) throw new Refusal('stage-not-chosen', { stage: stageOf(to).name })
  const [skipped] = skippedStages(course.stages, course.stage, to)
  if (skipped !== undefined) throw new Refusal('stage-between', { stage: skipped.name })
}

/** FEAT-5: a rule that a decision could not read is refused, with the place named. */
export function refuseBadRules(rules: readonly Omit<Rule, 'id' | 'share'>[], variants: Feature['variants']): void {
  for (const [at, { name, when, variant }] of rules.entries()) {
    const rule = name === '' ? String(at + 1) : name
    const problem = unreadableIn(when)
    if (problem !== null) throw new Refusal('rule-not-understood', { rule, problem: `its condition ${problem}` })
    if (variant !== undefined && !Object.hasOwn(variants, variant))
      throw new Refusal('rule-not-understood', { rule, problem: `there is no variant ${variant}` })
  }
}

/** ADM-28: a feature that requires itself, by whatever way round, could never be decided. */
export function refuseRing(key: string, requires: readonly Requirement[], others: readonly Feature[]): void {
  const required = new Map(others.map((other) => [other.key, other.requires.map((each) => each.key)]))
  for (const each of requires) {
    const other = others.find((known) => known.key === each.key && known.key !== key)
    if (other === undefined) throw new Refusal('requirement-unknown', { key: each.key })
    if (each.variant !== undefined && !Object.hasOwn(other.variants, each.variant))
      throw new Refusal('requirement-unknown', { key: `${each.key} with the variant ${each.variant}` })
  }
  required.set(
    key,
    requires.map((each) => each.key),
  )
  if (longestChainIn(required) > longestChain) throw new Refusal('requirement-ring', { key, most: longestChain })
}

/** As long as a decision follows requirements, and as a snapshot may have them. */
const longestChain = 10

/** How many features the longest chain of requirements has; Infinity where one is a ring. */
function longestChainIn(required: ReadonlyMap<string, readonly string[]>): number {
  const lengths = new Map<string, number>()
  const lengthFrom = (key: string, above: ReadonlySet<string>): number => {
    if (above.has(key)) return Infinity
    const known = lengths.get(key)
    if (known !== undefined) return known
    const below = new Set([...above, key])
    const length = 1 + Math.max(0, ...(required.get(key) ?? []).map((each) => lengthFrom(each, below)))
    lengths.set(key, length)
    return length
  }
  return Math.max(0, ...[...required.keys()].map((key) => lengthFrom(key, new Set())))
}

/** FEAT-8: why a flag may not be deleted yet; null when it may. */
export function whyKept(feature: Feature, confirmed: readonly string[], requiredBy: readonly string[]): string | null {
  const [user] = requiredBy
  if (user !== undefined) return `${user} requires it`
  if (feature.kind !== 'release') return feature.isOn ? 'It is switched on' : null
  if (!feature.isOn && feature.course?.stage === 'development') return null
  if (feature.removalAskedAt === null) return `It has not been on for everybody for ${staleDays} days`
  const missing = rolesToConfirm.filter((role) => !confirmed.includes(role))
  return missing.length === 0 ? null : `${missing.map((role) => roleWords[role]).join(', ')} has to agree first`
}

export const roleWords: Record<(typeof rolesToConfirm)[number], string> = {
  growth: 'Growth',
  support: 'Support',
  developer: 'A developer',
}
