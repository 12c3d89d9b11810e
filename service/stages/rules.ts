import { stageIds } from '../features/index.ts'
import { Refusal } from '../platform/index.ts'
import type { BetaDecision, BetaReason, BetaRequest, PlanningRecord, StagedFeature } from './stages.ts'

/** FEAT-12: a decision says which way, and is the one that the stages of the feature now follow. */
export function isBetaDecided({ course }: StagedFeature, decision: BetaDecision | null): boolean {
  return decision !== null && decision.takes === course.stages.includes('beta-release')
}

/** FEAT-12: for a beta speaks at least one of the five reasons; without one, the sentence has to do. */
export function refuseReasonless(takes: boolean, reasons: readonly BetaReason[]): void {
  if (takes && reasons.length === 0) throw new Refusal('beta-reason')
}

/** FEAT-12: once the feature is past the place of the beta, it is too late to choose. */
export function isPastChoice({ course }: StagedFeature): boolean {
  return stageIds.indexOf(course.stage) > stageIds.indexOf('internal-release')
}

export function refuseLateChoice(feature: StagedFeature): void {
  const { course } = feature
  if (isPastChoice(feature)) throw new Refusal('beta-chosen-late', { stage: course.stage.replaceAll('-', ' ') })
}

/** FEAT-13. */
export function refuseEarlyRequest({ course }: StagedFeature): void {
  const isBefore = course.stage === 'internal-release' && course.stages.includes('beta-release')
  if (!isBefore) throw new Refusal('not-before-beta')
}

/** FEAT-13: what was recorded before the request; the day that a record names proves nothing. */
export function wasPlannedFirst(planning: readonly PlanningRecord[], request: BetaRequest | null): boolean {
  return planning.some(({ at }) => request === null || at < request.at)
}

const dayMs = 86_400_000

export function daysIn(since: Date, now: Date): number {
  return Math.max(0, (now.getTime() - since.getTime()) / dayMs)
}
