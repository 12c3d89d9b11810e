import { ceilings, type Ceiling, type Rung } from './snapshot.ts'

/** The rungs that can let a person in (the others send everybody they catch to the current service). */
export type LettingRung = Extract<Rung, 'preview' | 'staff' | 'invited' | 'join' | 'rules' | 'share'>

/** ADM-2: the lowest ceiling at which each rung counts. Source: the phases and their ceilings, docs/rules/admission.md. */
export const lowestCeiling: Readonly<Record<LettingRung, Ceiling>> = {
  preview: 'preview',
  staff: 'staff',
  invited: 'invited',
  join: 'open',
  rules: 'open',
  share: 'open',
}

const heights: Readonly<Record<Ceiling, number>> = Object.fromEntries(
  ceilings.map((ceiling, height) => [ceiling, height]),
) as Record<Ceiling, number>

/**
 * Is one ceiling at least as high as another? Never throws for a `Ceiling`.
 *
 * @example reaches('open', 'invited') // true
 * @example reaches('staff', lowestCeiling.share) // false: a share counts from `open`
 */
export function reaches(ceiling: Ceiling, needed: Ceiling): boolean {
  return heights[ceiling] >= heights[needed]
}

/**
 * The lower of two ceilings: a feature opens no further than its service.
 *
 * @example lower('open', 'staff') // 'staff'
 */
export function lower(one: Ceiling, other: Ceiling): Ceiling {
  return heights[one] < heights[other] ? one : other
}
