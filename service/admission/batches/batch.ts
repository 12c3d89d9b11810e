import type { AttributeFilter } from '../waitlist/waitlist.ts'
import type { DrawMethod, Need } from '../waitlist/draw.ts'

export const batchStates = ['reading', 'draft', 'sending', 'paused', 'done', 'ended'] as const
export type BatchState = (typeof batchStates)[number]

/** When and how quickly a batch is sent; hours and days are those of the service's time zone. */
export interface SendWindow {
  beginsAt: Date | null
  fromHour: number
  /** The hour before which the last one leaves; 24 is midnight. */
  toHour: number
  /** 1 is Monday. */
  weekdays: number[]
  perHour: number | null
}

/** How the people of a batch were found on the waiting list (ADM-43). */
export interface DrawRecord {
  method: DrawMethod
  seed: string
  /** How many were asked for. */
  count: number
  /** From so many people who waited and whom the filters left. */
  candidates: number
  filters: AttributeFilter[]
  needs: (Need & { attribute: string; value: string; filled: number })[]
}

/** How far the work has come that makes a batch (ADM-73): a list that is read, or people who are drawn. */
export interface Preparing {
  /** When it was last heard of, in ISO 8601. */
  heardAt: string
  /** Lines of a list that were read. */
  lines: number
  /** How much of a list was read, from 0 to 100; null of a draw, which tells only its end. */
  percent: number | null
  /** Why there will be no batch, in words; null while the work goes on. */
  brokeOff: string | null
}

/** A process that does such work tells every second; after a minute without a word it is no more. */
export const longestSilenceMs = 60_000

export interface Batch extends SendWindow {
  id: string
  serviceId: string
  name: string
  source: 'waiting-list' | 'list'
  state: BatchState
  createdAt: Date
  createdBy: string
  draw: DrawRecord | null
  /** While its state is `reading`, else null. */
  preparing: Preparing | null
  overInvite: boolean
  days: number
  /** The most people of its group who can be in. */
  cap: number | null
  cohortId: string | null
  pausedWhy: string | null
  pausedBy: string | null
  pausedAt: Date | null
  startedAt: Date | null
  doneAt: Date | null
}

export const lineOutcomes = [
  'queued',
  'invited',
  'already-in',
  'already-invited',
  'not-wanted',
  'outside',
  'repeated',
  'not-an-address',
  'not-readable',
  'stopped',
] as const
export type LineOutcome = (typeof lineOutcomes)[number]

/** As a result and as its reason in the file that goes back. */
export const outcomeWords: Record<LineOutcome, string> = {
  queued: 'To be invited',
  invited: 'Invited',
  'already-in': 'In already',
  'already-invited': 'Holds an invitation',
  'not-wanted': 'Is not invited again',
  outside: 'Outside those whom the service invites now',
  repeated: 'Stands in the list twice',
  'not-an-address': 'Not an email address',
  'not-readable': 'The line cannot be read',
  stopped: 'Sending was ended before',
}

/** Lines that somebody has to correct, and those that need nothing. */
export const badOutcomes: readonly LineOutcome[] = ['not-an-address', 'not-readable']

export interface BatchPerson {
  position: number
  address: string | null
  line: string
  attributes: Record<string, string> | null
  outcome: LineOutcome
  doneAt: Date | null
}

export interface SendingRule {
  /** Sending pauses when so many answers wait for the team; null for no limit. */
  unansweredLimit: number | null
  onlyAttribute: string | null
  onlyValues: string[]
}

export const usualUnansweredLimit = 50
export const mostLines = 2_000_000
/** Two million lines of a hundred letters. */
export const mostListBytes = 200 * 1_048_576
export const mostColumns = 20
