/** A calendar day in the service's time zone: `2026-11-20`. */
export type Day = string

export const audiences = ['invited', 'accounts', 'share', 'everyone'] as const
export type Audience = (typeof audiences)[number]

/** How many: people, or a part of those who come by themselves, in thousandths of a percent. */
export type Size = { kind: 'people'; people: number } | { kind: 'percent'; share: number }

/** A step as the team plans it. What is null or empty is still open, and the step cannot start without it (ROL-1). */
export interface Step {
  audience: Audience | null
  /** The name of the cohort or of the accounts; empty for all who are invited. */
  group: string
  size: Size | null
  minimumDays: number | null
  /** Names only: what would make the team stop. */
  guardrails: string[]
  question: string
  /** May people also choose the new service themselves, by the link? */
  joinOpen: boolean
  /** When it is planned to start; null for right after the one before. */
  startsOn: Day | null
}

/** One run of a step: it can run again after going back. */
export interface Turn {
  /** Of the step in the plan, from 1. */
  position: number
  /** As it was when it started: a plan that changes later changes nothing about it. */
  step: Step
  startedAt: Date
  startedBy: string
  /** Time that it stood still. */
  pausedMs: number
  /** What the team learned so far: the answer to the question of the step. */
  answer: string
  answeredBy: string | null
  end: { kind: 'closed' | 'back'; at: Date; by: string } | null
}

export type Progress = 'hand' | 'clock'

export interface Plan {
  id: string
  serviceId: string
  /** Of the feature that it opens; null for the service itself. */
  featureId: string | null
  /** Grows with every change: whoever changes an older one is shown both. */
  version: number
  progress: Progress
  /** Points of a share, or percent of the places, that what is open may differ from the plan. */
  deviation: number
  steps: Step[]
  turns: Turn[]
  pausedAt: Date | null
  /** What the team was told already, so that it is told once. */
  told: Told
  changedAt: Date
  changedBy: string
}

export interface Told {
  /** Since when what is open differs from the plan. */
  deviatesSince: string | null
  /** Why the clock could not go on, and at which turn. */
  stuck: string | null
}

export const mostSteps = 20
export const defaultDeviation = 5
export const wholeShare = 100_000
export const dayMs = 86_400_000

export const emptyStep: Step = {
  audience: null,
  group: '',
  size: null,
  minimumDays: null,
  guardrails: [],
  question: '',
  joinOpen: false,
  startsOn: null,
}
