import { lowestCeiling, reaches, type Ceiling, type LettingRung } from '../../packages/admission/src/index.ts'
import type { Feature } from './feature.ts'
import { ceilingUnder } from './rules.ts'

/** A time in which a share of everybody had a feature; null where it goes on. */
export interface OpenWindow {
  from: Date
  to: Date | null
  /** Thousandths of a percent. */
  share: number
}

/** What decided about the share of a feature, each oldest first. */
export interface Past {
  /** As far as flag and stage let it count. */
  shares: readonly { at: Date; share: number }[]
  /** Of the service. */
  ceilings: readonly { at: Date; ceiling: Ceiling }[]
  /** Of the service; null while it stands. */
  halts: readonly { at: Date; endedAt: Date | null }[]
}

type Opening = Pick<Feature, 'kind' | 'appliesTo'>

/**
 * FEAT-18: when people who came into the service by this rung had the feature by its share: while stage, phase and halt let it
 * count (FEAT-4, ADM-28), and themselves in the new arm where it is for that arm only.
 */
export function openWindows(feature: Opening, rung: LettingRung, past: Past): OpenWindow[] {
  const times = [...past.shares, ...past.ceilings, ...past.halts, ...past.halts.map(({ endedAt }) => ({ at: endedAt }))]
    .flatMap(({ at }) => at?.getTime() ?? [])
    .toSorted((one, other) => one - other)
  return [...new Set(times)].flatMap((time, index, all) => {
    const share = shareAt(feature, rung, past, new Date(time))
    const end = all[index + 1]
    return share > 0 ? [{ from: new Date(time), to: end === undefined ? null : new Date(end), share }] : []
  })
}

function shareAt(feature: Opening, rung: LettingRung, { shares, ceilings, halts }: Past, time: Date): number {
  if (halts.some(({ at, endedAt }) => at <= time && (endedAt === null || endedAt > time))) return 0
  const ceiling = ceilings.findLast(({ at }) => at <= time)?.ceiling ?? 'closed'
  if (!counts(feature, rung, ceiling)) return 0
  return shares.findLast(({ at }) => at <= time)?.share ?? 0
}

function counts(feature: Opening, rung: LettingRung, phase: Ceiling): boolean {
  if (!reaches(ceilingUnder(phase, feature), lowestCeiling.share)) return false
  return feature.appliesTo === 'both' || reaches(phase, lowestCeiling[rung])
}

/** When somebody was in the service; null where they still are. */
export interface Stay {
  from: Date
  to: Date | null
}

/** Did the share let in somebody of this bucket, who was there then? */
export function wasOpenTo(windows: readonly OpenWindow[], bucket: number, { from, to }: Stay): boolean {
  return windows.some(
    (window) =>
      bucket < window.share && (window.to === null || from <= window.to) && (to === null || window.from <= to),
  )
}
