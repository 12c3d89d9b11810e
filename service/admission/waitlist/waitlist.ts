/** What somebody who asks for a place is asked. */
export interface Question {
  id: string
  /** As the team calls it: “Region”. */
  name: string
  question: string
  hint: string
  kind: QuestionKind
  options: string[]
  required: boolean
  /** Health, disability and the like (ADM-42). */
  special: boolean
}

export const questionKinds = ['text', 'choice', 'choices', 'yes-no'] as const
export type QuestionKind = (typeof questionKinds)[number]

export const kindWords: Record<QuestionKind, string> = {
  text: 'A text in their own words',
  choice: 'One of several answers',
  choices: 'Any number of several answers',
  'yes-no': 'Yes or no',
}

/** Texts by the id of their question; without an entry it was not answered. */
export type Answers = Record<string, string[]>

export const waitingStates = ['applied', 'invited', 'active', 'declined'] as const
export type WaitingState = (typeof waitingStates)[number]

export interface Waiting {
  id: string
  address: string
  state: WaitingState
  at: Date
  confirmedAt: Date | null
  invitedAt: Date | null
  /** By the name of the question; what is special is left out. */
  answers: Record<string, string[]>
}

export const mostQuestions = 30
export const mostOptions = 30
export const longestAnswer = 500
/** An address that is not proven by then is forgotten. */
export const requestDays = 7

/** How many people of a kind are wanted, and how it stands. */
export interface Quota {
  id: string
  attribute: string
  value: string
  wanted: number
}

export interface QuotaState extends Quota {
  /** People who are in. */
  actual: number
  /** With an open invitation, or queued in a batch. */
  invited: number
  /** On the list, not invited yet. */
  waiting: number
}

/** Of a long list what is wanted is counted in its turn: null until then (ADM-44). */
export type QuotaSeen = QuotaState | (Quota & { actual: null; invited: null; waiting: null })

/** Any number of answers to one question; all of a filter have to hold, and of each one of its values. */
export interface AttributeFilter {
  attribute: string
  values: string[]
}
