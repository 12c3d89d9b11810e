import type { Condition } from './condition.ts'
import type { UnitList } from './units.ts'

/** How far a door can open: a phase is a ceiling (P2). Ordered from shut to open. */
export const ceilings = ['closed', 'preview', 'staff', 'invited', 'open', 'everyone'] as const
export type Ceiling = (typeof ceilings)[number]

/** The arm that serves a person: the existing service (or the holding page), or the beta. */
export type Arm = 'current' | 'new'

/**
 * What decided. `ceiling` says that a rung would have let the person in and the phase did not; `service` and `requirement`
 * that a feature's service, or a flag that it requires, sends the person elsewhere.
 */
export const rungs = [
  'halt',
  'service',
  'requirement',
  'removed',
  'choice',
  'preview',
  'staff',
  'invited',
  'join',
  'rules',
  'share',
  'ceiling',
  'default',
] as const
export type Rung = (typeof rungs)[number]

/** Everything that a decision needs, for every service of an installation. It has no expiry (P4). */
export interface Snapshot {
  schema: 1
  /** Grows with every change, also across restarts. */
  version: number
  /** ISO 8601 instant. */
  createdAt: string
  services: ServiceSnapshot[]
  /** Flags of features; a key is unique among these and the services. */
  features?: FeatureSnapshot[]
  /** Sets of units that several ladders name, each held once. */
  cohorts?: CohortSnapshot[]
}

export interface CohortSnapshot {
  id: string
  units: UnitList
}

/** A condition on attributes, and the part of those for whom it holds that it lets in. */
export interface Rule {
  id: string
  name: string
  when: Condition
  /** In thousandths of a percent, 0 to 100,000. */
  share: number
  /** For a feature with several variants: which one. Without it the one that is on. */
  variant?: string
}

export type FlagValue = boolean | string | number | object

export const flagKinds = ['release', 'plan', 'operations'] as const
export type FlagKind = (typeof flagKinds)[number]

/** A feature of a service (or product), with a ladder of its own under the ladder of its service. */
export interface FeatureSnapshot extends LadderSnapshot {
  id: string
  key: string
  name: string
  /** Key of the service that it belongs to. */
  service: string
  kind: FlagKind
  /** `new`: for people in the new arm of its service. `both`: for everybody. */
  appliesTo: 'new' | 'both'
  /** May clients without a secret see it? */
  forClients: boolean
  /** Values by the name of the variant, all of one type. */
  variants: Record<string, FlagValue>
  on: string
  off: string
  requires: { key: string; variant?: string }[]
}

export interface ServiceSnapshot extends LadderSnapshot {
  id: string
  /** Unique per installation; also the OpenFeature flag key. */
  key: string
  name: string
  /** Phase id of the playbook, such as `private-beta`. */
  phase: string
  /** The unit of each id under which an application knows a person who is in. */
  aliases?: Record<string, string>
}

/** Who gets in: the rungs of one service or feature. */
export interface LadderSnapshot {
  ceiling: Ceiling
  halt: { id: string; at: string } | null
  /** Bucketing salt; a new one draws everybody again. */
  salt: string
  /** What the new arm gets of people who come by themselves, in thousandths of a percent: 0 to 100,000. */
  share: number
  /** Grows with every change to who gets in. */
  rolloutVersion: number
  /** May a person join the beta by own choice (counts from ceiling `open`)? */
  joinOpen: boolean
  /** The limit on people let in, and whether it is reached (the ledger counts, the snapshot only tells). */
  cap: { limit: number | null; full: boolean }
  /** Sets of units, by what is known of them. Many invited ones come as a cohort, which is compact. */
  units: {
    removed: string[]
    choseCurrent: string[]
    joined: UnitList
    preview: string[]
    staff: string[]
    invited: UnitList
    /** Let in by an earlier share or rule that would not let them in now: they stay (P3). */
    carried: UnitList
  }
  /** Cohorts whose members stand on the rung `invited`. */
  cohorts?: string[]
  rules?: Rule[]
}
