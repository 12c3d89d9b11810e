import { bucketOf } from './sketch.ts'
import { hourMs, type Audience, type MeasuredArm, type MeasuredEvent, type Outcome } from './measures.ts'

/**
 * One application from start to end (MEA-1). Each field is the earliest time of its kind, in milliseconds: merging is then the
 * same in whatever order, and however often, the events arrive.
 */
export interface Application {
  /** See applicationKey. */
  key: string
  serviceId: string
  journey: string
  id: string
  firstAt: number
  startedAt: number | null
  /** Of the earliest start. */
  arm: MeasuredArm | null
  audience: Audience | null
  /** MEA-4: the journey's limit for saved applications when it started, so that a later change moves no earlier figure. */
  openMs: number | null
  completedAt: number | null
  refusedAt: number | null
  failedAt: number | null
  steps: string[]
}

/** What an application adds to the figures of the hour in which it started. */
export interface Contribution {
  serviceId: string
  hour: number
  journey: string
  arm: MeasuredArm
  audience: Audience
  outcome: Outcome | null
  bucket: number | null
  steps: string[]
}

export function applicationKey(serviceId: string, journey: string, transaction: string): string {
  return `${serviceId} ${journey} ${transaction}`
}

export function newApplication(event: MeasuredEvent): Application {
  return {
    key: event.application ?? '',
    serviceId: event.serviceId,
    journey: event.journey ?? '',
    id: event.transaction ?? '',
    firstAt: event.at,
    startedAt: null,
    arm: null,
    audience: null,
    openMs: null,
    completedAt: null,
    refusedAt: null,
    failedAt: null,
    steps: [],
  }
}

/** MEA-1: a second start of the same application is a return to it, not a new start. */
export function withEvent(before: Application, event: MeasuredEvent): Application {
  const after = { ...before, firstAt: Math.min(before.firstAt, event.at) }
  if (event.name === 'start' && isEarlierStart(before, event)) {
    after.startedAt = event.at
    after.arm = event.assigned
    after.audience = event.audience
    after.openMs = event.openMs
  }
  if (event.name === 'step' && event.step !== null && !before.steps.includes(event.step)) {
    after.steps = [...before.steps, event.step]
  }
  if (event.name === 'end') {
    if (event.outcome === 'completed') after.completedAt = earlier(before.completedAt, event.at)
    if (event.outcome === 'refused') after.refusedAt = earlier(before.refusedAt, event.at)
    if (event.outcome === 'failed') after.failedAt = earlier(before.failedAt, event.at)
  }
  return after
}

/** Two starts at the same instant: the words decide, so that the order of arrival does not. */
function isEarlierStart(before: Application, event: MeasuredEvent): boolean {
  if (before.startedAt === null || event.at < before.startedAt) return true
  return event.at === before.startedAt && `${event.assigned} ${event.audience}` < `${before.arm} ${before.audience}`
}

function earlier(known: number | null, at: number): number {
  return known === null ? at : Math.min(known, at)
}

/**
 * MEA-2: an application counts from its start page. It counts as completed once the service has done its job, whatever happened
 * on the way; else as refused (an honest “not eligible” is the job done too); else as failed.
 * MEA-4: one that was saved and ends after the journey's limit has failed.
 */
export function contributionOf(application: Application): Contribution | null {
  const { startedAt, arm, audience, openMs } = application
  if (startedAt === null || arm === null || audience === null) return null
  const inTime = (at: number | null) => at !== null && (openMs === null || at - startedAt <= openMs)
  const outcome: Outcome | null = inTime(application.completedAt)
    ? 'completed'
    : inTime(application.refusedAt)
      ? 'refused'
      : application.failedAt !== null || application.completedAt !== null || application.refusedAt !== null
        ? 'failed'
        : null
  const endedAt =
    outcome === 'completed' ? application.completedAt : outcome === 'refused' ? application.refusedAt : null
  const tookMs = endedAt === null ? null : endedAt - startedAt
  return {
    serviceId: application.serviceId,
    hour: hourOf(startedAt),
    journey: application.journey,
    arm,
    audience,
    outcome,
    // An end stamped before its start is two clocks that differ: it counts, its duration does not.
    bucket: tookMs === null || tookMs < 0 ? null : bucketOf(tookMs),
    steps: application.steps,
  }
}

export function hourOf(at: number): number {
  return at - (((at % hourMs) + hourMs) % hourMs)
}

/** How many chose each of the five answers, from very dissatisfied to very satisfied. */
export type FiveAnswers = readonly [number, number, number, number, number]

export function answersTo(counts: FiveAnswers): number {
  return counts.reduce((sum, n) => sum + n, 0)
}

/** MEA-6, formula A: the share who are satisfied or very satisfied. Neutral answers are in the base. */
export function topTwo(counts: FiveAnswers): number | null {
  const n = answersTo(counts)
  return n === 0 ? null : ((counts[3] + counts[4]) / n) * 100
}

/** MEA-6, formula B: the answers weighted 0, 25, 50, 75 and 100. */
export function weightedIndex(counts: FiveAnswers): number | null {
  const n = answersTo(counts)
  return n === 0 ? null : (counts[1] * 25 + counts[2] * 50 + counts[3] * 75 + counts[4] * 100) / n
}
