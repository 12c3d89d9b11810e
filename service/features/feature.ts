import type { FlagKind, FlagValue, Rule } from '../../packages/admission/src/index.ts'
import type { Stage } from './stages.ts'

/** A feature of a service, with its flag and who gets it. */
export interface Feature {
  id: string
  serviceId: string
  /** Begins with its kind; unique among the features and services of the installation. */
  key: string
  kind: FlagKind
  name: string
  /** For people who are not engineers. */
  description: string
  /** `new`: for people in the new arm of its service. `both`: for everybody. */
  appliesTo: 'new' | 'both'
  /** May clients without a secret see it? */
  forClients: boolean
  variants: Record<string, FlagValue>
  on: string
  off: string
  requires: Requirement[]
  /** Where a release flag is in its stages; null for kinds that have none. */
  course: Course | null
  isOn: boolean
  /** Thousandths of a percent, 0 to 100,000. */
  share: number
  salt: string
  rules: Rule[]
  cohorts: Cohort[]
  version: number
  createdAt: Date
  createdBy: string
  changedAt: Date
  changedBy: string
  /** Since when everybody has had what a release flag releases; null while not everybody has. */
  fullyOnSince: Date | null
  /** When the teams were asked to remove the flag. */
  removalAskedAt: Date | null
}

export interface Requirement {
  key: string
  /** Without it, the one that is on. */
  variant?: string
}

export interface Course {
  /** The stages chosen for this feature, in their order. */
  stages: Stage['id'][]
  stage: Stage['id']
  since: Date
}

export interface Cohort {
  id: string
  name: string
}

export interface StageMove {
  /** Null for where it began. */
  from: Stage['id'] | null
  to: Stage['id']
  at: Date
  by: string
  reason: string
  waiver: string | null
}

/** Whether the feature goes through a stage that it need not go through. */
export interface StageDecision {
  stage: Stage['id']
  takes: boolean
  reason: string
  at: Date
  by: string
}

/** What the teams are told of a change that has no flag. */
export interface ChangeNotice {
  id: string
  title: string
  body: string
  at: Date
  by: string
}

/** Somebody of a role that has to agree did agree that the flag goes. */
export interface Confirmation {
  role: 'growth' | 'support' | 'developer'
  by: string
  at: Date
}

export const kindWords: Record<FlagKind, { name: string; says: string; switchedBy: string }> = {
  release: {
    name: 'Release',
    says: 'Brings a feature to people in stages, and is removed once everybody has it',
    switchedBy: 'Growth or Support',
  },
  plan: {
    name: 'Plan',
    says: 'Stays: some have the feature and some do not, by plan or by contract',
    switchedBy: 'the service manager, product, Growth or Support',
  },
  operations: {
    name: 'Operations',
    says: 'Turns something off in an emergency, or on for a short time',
    switchedBy: 'a developer',
  },
}

/** FEAT-7: a release flag that has been fully on for this long asks to be removed. */
export const staleDays = 7

export const wholeShare = 100_000
