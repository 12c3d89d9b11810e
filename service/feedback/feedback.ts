/** The words of feedback: what a piece of it is, where it stands, and what it ends in. */
export const feedbackStates = ['new', 'read', 'answered', 'closed', 'spam'] as const
export type FeedbackState = (typeof feedbackStates)[number]

export const stateNames: Record<FeedbackState, string> = {
  new: 'New',
  read: 'Read',
  answered: 'Answered',
  closed: 'Closed',
  spam: 'Held as spam',
}

export const kinds = ['experience', 'suggestion', 'general'] as const
export type FeedbackKind = (typeof kinds)[number]

export const kindNames: Record<FeedbackKind, string> = {
  experience: 'Experience',
  suggestion: 'Suggestion',
  general: 'General feedback',
}

export const ratings = [5, 4, 3, 2, 1] as const
export type Rating = (typeof ratings)[number]

export const ratingNames: Record<Rating, string> = {
  5: 'Very satisfied',
  4: 'Satisfied',
  3: 'Neither satisfied nor dissatisfied',
  2: 'Dissatisfied',
  1: 'Very dissatisfied',
}

export type FeedbackArm = 'current' | 'new'
export const armNames: Record<FeedbackArm, string> = { new: 'New service', current: 'Current service' }

export type FeedbackChannel = 'widget' | 'page' | 'api'

/** One answer as it arrives, already checked for form and length. */
export interface Answer {
  /** The sender's own id: the same one sent again is the same answer. */
  sentId: string
  channel: FeedbackChannel
  arm: FeedbackArm | null
  unit: string | null
  journey: string | null
  ending: string | null
  transaction: string | null
  page: string | null
  rating: Rating | null
  kind: FeedbackKind | null
  comment: string | null
  address: string | null
}

export interface Feedback extends Omit<Answer, 'sentId'> {
  id: string
  reference: string
  receivedAt: Date
  /** Is it about access: screen readers, keyboard, contrast? */
  accessibility: boolean
  spamReasons: string[]
  state: FeedbackState
  decision: string | null
  decidedAt: Date | null
  decidedBy: string | null
  assignee: { id: string; name: string } | null
  link: string | null
}

/** FEED-7: a rating without words needs nobody's answer; it counts in satisfaction, and its decision says so. */
export const ratingOnlyDecision = 'Counted in satisfaction. There are no words to answer.'
