import type { Arm } from '../../packages/admission/src/index.ts'

export interface Deployment {
  id: string
  reference: string
  arm: Arm
  environment: string
  version: string
  changes: string
  /** When the oldest change in it was committed; null where nobody said. */
  committedAt: Date | null
  deployedAt: Date
  outcome: 'succeeded' | 'failed'
  recordedBy: string
  effect: Effect | null
}

export interface Traffic {
  requests: number
  /** Answers of 5xx, and requests that nothing answered. */
  failed: number
  checks: number
  checksFailed: number
}

/** What the gateway saw of that arm in the half hour before and after. */
export interface Effect {
  before: Traffic
  after: Traffic
}

/** OPS-4: what Support must know of: a change that the users of the new service meet. */
export function changesUsers({ arm, outcome }: Pick<Deployment, 'arm' | 'outcome'>): boolean {
  return arm === 'new' && outcome === 'succeeded'
}

/** Half an hour on each side: long enough for a number, short enough to belong to the deployment. */
export const windowMs = 30 * 60_000
export const historyDays = 90
