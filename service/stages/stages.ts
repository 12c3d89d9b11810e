import type { StagedFeature } from '../gates/index.ts'

/** Why a feature goes through a beta: any of these may speak for it. */
export const betaReasons = ['new-way', 'large-change', 'unknown-effect', 'much-demanded', 'references'] as const
export type BetaReason = (typeof betaReasons)[number]

export const betaReasonWords: Record<BetaReason, string> = {
  'new-way': 'It solves a problem in a new or different way',
  'large-change': 'It changes a lot how people work today',
  'unknown-effect': 'We are unsure of the effect on customers',
  'much-demanded': 'Many people ask for it',
  references: 'We want testimonials, case studies and references before it is announced',
}

export interface Party {
  accountId: string | null
  name: string
}

export interface BetaDecision {
  takes: boolean
  reasons: BetaReason[]
  reason: string
  growth: Party
  support: Party
  at: Date
  by: string
}

export const acknowledging = ['growth', 'support'] as const
export type AcknowledgingRole = (typeof acknowledging)[number]
export const acknowledgingWords: Record<AcknowledgingRole, string> = { growth: 'Growth', support: 'Support' }

export interface Acknowledgement {
  role: AcknowledgingRole
  by: string
  at: Date
}

export interface BetaRequest {
  id: string
  note: string
  at: Date
  by: string
  acknowledgements: Acknowledgement[]
}

export interface PlanningRecord {
  talkedOn: string
  note: string
  at: Date
  by: string
}

export interface Announcement {
  stage: string
  body: string
  publicOn: string
  at: Date
  by: string
}

export interface Tester {
  id: string
  accountId: string | null
  name: string
  task: string
  at: Date
  by: string
  result: { kind: 'works' | 'fails'; note: string; at: Date } | null
}

/** Everything that was done for a feature between its gates. */
export interface StageWork {
  decision: BetaDecision | null
  /** Of this time in internal release; one from before does not count. */
  request: BetaRequest | null
  planning: PlanningRecord[]
  announcements: Announcement[]
  testers: Tester[]
}

export type { StagedFeature }
