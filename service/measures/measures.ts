import type { Arm, Rung } from '../../packages/admission/src/index.ts'

/** The arms of a figure: `unknown` is what came without saying which service answered. */
export type MeasuredArm = Arm | 'unknown'

/** `team` is preview links and staff: seen, but in no figure about the people that the service is for. */
export type Audience = 'public' | 'team'

export const outcomes = ['completed', 'refused', 'failed'] as const
export type Outcome = (typeof outcomes)[number]

export const eventNames = ['start', 'step', 'end', 'error', 'exposure'] as const
export const channels = ['digital', 'phone', 'post', 'face-to-face'] as const

/** One event that was checked, of a service that exists. */
export interface MeasuredEvent {
  serviceId: string
  id: string
  /** Digest of service and id, as a UUID: the same id counts once. */
  key: string
  /** Milliseconds since 1970. */
  at: number
  name: string
  journey: string | null
  /** Id of a step, or of the ending for `end`. */
  step: string | null
  outcome: Outcome | null
  transaction: string | null
  /** Names the application among all of them; null where the event belongs to none. */
  application: string | null
  unit: string | null
  channel: string | null
  /** The arm that answered. */
  arm: MeasuredArm
  device: string | null
  flags: Record<string, Scalar> | null
  properties: Record<string, Scalar> | null
  /** The arm that was decided, where it is known; else the one that answered. Comparisons go by it. */
  assigned: MeasuredArm
  audience: Audience
  /** After how long a saved application that has not ended counts as failed; null where it cannot be saved. */
  openMs: number | null
}

export type Scalar = string | number | boolean | null

/** What an `exposure` says besides: who decided. */
export interface Exposure {
  rung: Rung
  rolloutVersion: number
  slice: string
}

export interface Period {
  from: Date
  to: Date
}

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** MEA-4: with no end for this long, an application that cannot be saved counts as failed. */
export const idleMs = 30 * 60_000
/** Comparisons and rates are shown from this many. */
export const enough = 30
/** How long events are kept, and the age from which they are refused. */
export const retentionDays = 400
