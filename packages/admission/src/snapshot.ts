/** How far a door can open: a phase is a ceiling (P2). Ordered from shut to open. */
export const ceilings = ['closed', 'preview', 'staff', 'invited', 'open', 'everyone'] as const
export type Ceiling = (typeof ceilings)[number]

/** The arm that serves a person: the existing service (or the holding page), or the beta. */
export type Arm = 'current' | 'new'

/** What decided. `ceiling` says that a rung would have let the person in and the phase did not. */
export const rungs = [
  'halt',
  'removed',
  'choice',
  'preview',
  'staff',
  'invited',
  'join',
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
}

export interface ServiceSnapshot {
  id: string
  /** Unique per installation; also the OpenFeature flag key. */
  key: string
  name: string
  /** Phase id of the playbook, such as `private-beta`. */
  phase: string
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
  /** Sets of units, by what is known of them. */
  units: {
    removed: string[]
    choseCurrent: string[]
    joined: string[]
    preview: string[]
    staff: string[]
    invited: string[]
    /** Drawn by an earlier, larger share and let in then: they stay (P3). */
    carried: string[]
  }
}
