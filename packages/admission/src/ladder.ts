import { bucketer } from './bucket.ts'
import { lowestCeiling, reaches, type LettingRung } from './ceiling.ts'
import { compileCondition, type Attributes, type Test } from './condition.ts'
import type { Decided } from './decide.ts'
import type { Ceiling, LadderSnapshot, Rule, Rung } from './snapshot.ts'
import { unitSet, type UnitSet } from './units.ts'
import type { ValueLists } from './value-lists.ts'

/** Where somebody stands on a ladder: in or not, and the rung that decided. */
export interface Standing {
  readonly isIn: boolean
  readonly rung: Rung
  /** The variant that a rule names for those whom it lets in. */
  readonly variant: string | undefined
}

export interface CompiledRule {
  readonly id: string
  readonly name: string
  readonly share: number
  readonly holds: Test
  /** Of somebody whom this rule lets in. */
  readonly standing: Standing
}

/** A ladder ready for decisions: every list has become a set, every rule a function. */
export interface CompiledLadder {
  readonly ceiling: Ceiling
  readonly halt: LadderSnapshot['halt']
  readonly salt: string
  /** Thousandths of a percent, 0 to 100,000. */
  readonly share: number
  readonly rolloutVersion: number
  readonly joinOpen: boolean
  readonly cap: LadderSnapshot['cap']
  readonly units: { readonly [Kind in keyof LadderSnapshot['units']]: UnitSet }
  readonly cohorts: readonly UnitSet[]
  /** Who is known by name, rung by rung. Lists without anybody are left out: most ladders name nobody on most rungs. */
  readonly sentAway: readonly { readonly units: UnitSet; readonly standing: Standing }[]
  readonly named: readonly { readonly units: UnitSet; readonly rung: NamedRung }[]
  readonly rules: readonly CompiledRule[]
  /** ADM-9: the bucket of a unit under this ladder's salt. */
  readonly bucketOf: (unit: string) => number
  /** What was decided by it so far, for each standing. */
  readonly decisions: Map<Standing, Decided>
  /** Which rungs count under the ceiling (ADM-2). */
  readonly counts: Readonly<Record<LettingRung, boolean>>
}

/** What a ladder knows of the one who asks. */
export interface Asker {
  unit: string
  attributes: Attributes
}

export const lettingRungs = ['preview', 'staff', 'invited', 'join', 'rules', 'share'] as const

/** What all ladders of a snapshot are compiled with. */
export interface Shared {
  cohorts: ReadonlyMap<string, UnitSet>
  sets: ReadonlyMap<string, UnitSet>
  lists: ValueLists
}

export function compileLadder(ladder: LadderSnapshot, { cohorts, sets, lists }: Shared): CompiledLadder {
  const { ceiling, halt, salt, share, rolloutVersion, joinOpen, cap } = ladder
  const units = {
    removed: unitSet(ladder.units.removed),
    choseCurrent: unitSet(ladder.units.choseCurrent),
    joined: unitSet(ladder.units.joined, sets),
    preview: unitSet(ladder.units.preview),
    staff: unitSet(ladder.units.staff),
    invited: unitSet(ladder.units.invited, sets),
    carried: unitSet(ladder.units.carried, sets),
  }
  // A cohort that is not there has no members: the rest of the ladder still decides.
  const ownCohorts = (ladder.cohorts ?? []).flatMap((id) => cohorts.get(id) ?? [])
  return {
    ceiling,
    halt,
    salt,
    share,
    rolloutVersion,
    joinOpen,
    cap,
    units,
    cohorts: ownCohorts,
    ...listsByName(units, ownCohorts),
    rules: (ladder.rules ?? []).map((rule) => compileRule(rule, lists)),
    bucketOf: bucketer(salt),
    decisions: new Map(),
    counts: Object.fromEntries(
      lettingRungs.map((rung) => [rung, reaches(ceiling, lowestCeiling[rung])]),
    ) as CompiledLadder['counts'],
  }
}

/** In the order in which a decision asks them (ADM-1). */
function listsByName(
  units: CompiledLadder['units'],
  cohorts: readonly UnitSet[],
): Pick<CompiledLadder, 'sentAway' | 'named'> {
  const names = ({ units: { size } }: { units: UnitSet }): boolean => size > 0
  const sentAway = [
    { units: units.removed, standing: at.removed.out },
    { units: units.choseCurrent, standing: at.choice.out },
  ]
  const named: CompiledLadder['named'] = [
    { units: units.preview, rung: 'preview' },
    { units: units.staff, rung: 'staff' },
    { units: units.invited, rung: 'invited' },
    ...cohorts.map((cohort) => ({ units: cohort, rung: 'invited' as const })),
    { units: units.joined, rung: 'join' },
  ]
  return { sentAway: sentAway.filter(names), named: named.filter(names) }
}

function compileRule({ id, name, when, share, variant }: Rule, lists: ValueLists): CompiledRule {
  const standing = { isIn: true, rung: 'rules', variant } as const
  return { id, name, share, holds: compileCondition(when, lists), standing }
}

/** The standings without a rule, made once: a decision makes no garbage. */
export const at: Readonly<Record<Rung, { in: Standing; out: Standing }>> = {
  halt: both('halt'),
  service: both('service'),
  requirement: both('requirement'),
  removed: both('removed'),
  choice: both('choice'),
  preview: both('preview'),
  staff: both('staff'),
  invited: both('invited'),
  join: both('join'),
  rules: both('rules'),
  share: both('share'),
  ceiling: both('ceiling'),
  default: both('default'),
}

function both(rung: Rung): { in: Standing; out: Standing } {
  return { in: { isIn: true, rung, variant: undefined }, out: { isIn: false, rung, variant: undefined } }
}

/** The standing that holds for every person alike, or null where it depends on the person. */
export function standingOfAll(ladder: CompiledLadder): Standing | null {
  if (ladder.halt !== null) return at.halt.out
  if (ladder.ceiling === 'closed') return at.ceiling.out
  return ladder.ceiling === 'everyone' ? at.default.in : null
}

/** ADM-1: walks down the ladder; the first rung that holds decides. */
export function climb(ladder: CompiledLadder, asker: Asker): Standing {
  const { unit, attributes } = asker
  const sent = sentElsewhere(ladder, unit)
  if (sent !== null) return sent
  const named = namedRung(ladder, unit)
  if (named !== null && ladder.counts[named]) return at[named].in
  if (ladder.ceiling === 'everyone') return at.default.in
  const rule = ladder.cap.limit === null ? ruleFor(ladder, attributes, unit) : null
  if (rule !== null && ladder.counts.rules) return rule.standing
  const isIn = isDrawn(ladder, unit)
  if (isIn && ladder.counts.share) return at.share.in
  return named !== null || rule !== null || isIn ? at.ceiling.out : at.default.out
}

/** The rungs that send a person to the current service whatever else is known of them. */
export function sentElsewhere(ladder: CompiledLadder, unit: string): Standing | null {
  if (ladder.halt !== null) return at.halt.out
  if (ladder.ceiling === 'closed') return at.ceiling.out
  for (const { units, standing } of ladder.sentAway) if (units.has(unit)) return standing
  return null
}

export type NamedRung = Extract<LettingRung, 'preview' | 'staff' | 'invited' | 'join'>

/** The first rung that counts at this ceiling and knows the unit by name; else one that knows it and does not count. */
export function namedRung({ named, counts }: CompiledLadder, unit: string): NamedRung | null {
  let above: NamedRung | null = null
  for (const { units, rung } of named) {
    if (!units.has(unit)) continue
    if (counts[rung]) return rung
    above ??= rung
  }
  return above
}

/** ADM-26: the first rule that holds and whose part of people has the unit, whether or not a cap leaves a place. */
export function ruleFor(ladder: CompiledLadder, attributes: Attributes, unit: string | null): CompiledRule | null {
  for (const rule of ladder.rules) if (isPartOf(rule, ladder, unit) && rule.holds(attributes)) return rule
  return null
}

/** Without a unit nobody can say which part of people the asker belongs to, but for all of them. */
function isPartOf({ share }: CompiledRule, ladder: CompiledLadder, unit: string | null): boolean {
  return share === wholeShare || (unit !== null && share > 0 && ladder.bucketOf(unit) < share)
}

const wholeShare = 100_000

/** ADM-8, ADM-10: carried units were let in earlier; under a cap the ledger alone says who is in. */
export function isDrawn(ladder: CompiledLadder, unit: string): boolean {
  if (ladder.units.carried.size > 0 && ladder.units.carried.has(unit)) return true
  return ladder.cap.limit === null && isInShare(ladder, unit)
}

/** ADM-9: below the share by bucket, whether or not a cap leaves a place. */
export function isInShare(ladder: CompiledLadder, unit: string): boolean {
  return ladder.share > 0 && ladder.bucketOf(unit) < ladder.share
}

/** ADM-4: does nothing on this ladder ask who it is? */
export function isImpersonal({ units, cohorts, rules, share }: CompiledLadder): boolean {
  const isAllOrNone = (part: number): boolean => part === 0 || part === wholeShare
  return (
    isAllOrNone(share) &&
    cohorts.length === 0 &&
    rules.every((rule) => isAllOrNone(rule.share)) &&
    Object.values(units).every(({ size }) => size === 0)
  )
}
