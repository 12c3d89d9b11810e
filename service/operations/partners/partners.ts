/** A calendar day in the service's own time zone, such as 2026-11-20. */
export type Day = string

export const readinessStates = ['ready', 'partly', 'not-yet'] as const
export type ReadinessState = (typeof readinessStates)[number]

export const readinessWords: Record<ReadinessState, string> = {
  ready: 'Ready',
  partly: 'Partly ready',
  'not-yet': 'Not ready yet',
}

/** What an organisation said of itself, on a day, by somebody of it. */
export interface Readiness {
  state: ReadinessState
  /** What is prepared, and what is left. */
  prepared: string
  saidBy: string
  saidOn: Day
  recordedAt: Date
  recordedBy: string
}

/** OPS-5: an organisation whose own people feel it when the service is used in another way than foreseen. */
export interface Partner {
  id: string
  name: string
  /** What it does with the service, or for those who use it. */
  does: string
  addedAt: Date
  addedBy: string
  /** What was said last stands first. */
  readiness: Readiness[]
}

/** OPS-6: what people did with the service that nobody foresaw. */
export interface UnexpectedUse {
  id: string
  seen: string
  seenOn: Day
  seenBy: string
  /** The organisation that saw it, or that it concerns. */
  partner: string | null
  loggedAt: Date
  loggedBy: string
  response: string | null
  respondedAt: Date | null
  respondedBy: string | null
}
