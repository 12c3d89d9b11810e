import type { LettingRung } from '../../packages/admission/src/index.ts'

/** Shares are kept in thousandths of a percent. */
export const wholeShare = 100_000

export const invitationDays = 14
export const previewDays = 14
export const mostDevices = 5
/** A repeat of the form that accepted, within this time, is the same act (ADM-17). */
export const repeatMs = 10 * 60_000

/** News of a halt's beginning or end goes before all other news (ADM-22). */
export const haltTopic = 'halt'

export interface Rollout {
  share: number
  salt: string
  /** Admissions up to this id were drawn by an earlier salt, and are carried (ADM-52). */
  saltAfter: number
  version: number
  cap: number | null
  /** Places of people who are in. */
  taken: number
  joinOpen: boolean
}

/** Places, as they stand at a moment. */
export interface Places {
  cap: number | null
  taken: number
  /** Open invitations that hold a place. */
  held: number
  /** Null where there is no cap. */
  free: number | null
}

/** Declined by the person, revoked by the team. */
export type InvitationState = 'sent' | 'accepted' | 'declined' | 'revoked' | 'expired'

export interface Invitation {
  id: string
  address: string
  cohort: string | null
  state: InvitationState
  holdsPlace: boolean
  sentAt: Date
  sentBy: string
  expiresAt: Date
  resent: number
  acceptedAt: Date | null
  /** When the person said no. */
  declinedAt: Date | null
}

export interface Participant {
  id: string
  address: string | null
  unit: string
  cohort: string | null
  createdAt: Date
}

export interface Device {
  id: string
  name: string
  since: Date
}

export interface Halt {
  id: string
  at: Date
  by: string
  reason: string
}

export interface PreviewLink {
  id: string
  name: string
  createdAt: Date
  createdBy: string
  expiresAt: Date
}

/** People who are in, by the rung that let them in. */
export type CountByRung = Record<LettingRung, number>
