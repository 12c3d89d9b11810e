import type { Feature, Stage } from '../features/index.ts'
import type { Service } from '../services/index.ts'

/** Where all of it happens: a feature of a service. */
export interface Place {
  service: Service
  feature: Feature
}

/** What a tester can say: each message is one of these (ROOM-2). */
export const messageKinds = ['experience', 'suggestion', 'feedback'] as const
export type MessageKind = (typeof messageKinds)[number]

export const kindNames: Record<MessageKind, string> = {
  experience: 'Experience',
  suggestion: 'Suggestion',
  feedback: 'Feedback',
}

/** Who wrote in a room, where no person of the team has a name there. */
export const theTeam = 'The team'

export const kindHints: Record<MessageKind, string> = {
  experience: 'What you did with it, and how that went',
  suggestion: 'What would make it better',
  feedback: 'Anything else that you think of it',
}

/** Which messages reach a tester by mail. */
export const mailWishes = ['all', 'answers', 'none'] as const
export type MailWish = (typeof mailWishes)[number]

export interface Room {
  featureId: string
  serviceId: string
  welcome: string
  /** Who answers the testers; null where nobody was named, or the account is gone. */
  builder: { id: string; name: string } | null
  openedAt: Date
  openedBy: string
  closedAt: Date | null
  remindedAt: Date | null
}

export interface Member {
  id: string
  featureId: string
  serviceId: string
  participantId: string | null
  unit: string
  number: number
  name: string | null
  mails: MailWish
  /** Since when the team may see how often this person uses the feature; null where it may not. */
  usageSince: Date | null
  joinedAt: Date
}

/** As the team sees them. */
export interface Tester extends Member {
  cohort: string | null
  hasAddress: boolean
}

export interface Message {
  id: string
  arrival: number
  at: Date
  answersId: string | null
  kind: MessageKind | null
  fromTeam: boolean
  memberId: string | null
  by: string
  text: string
  settledAt: Date | null
  settledBy: string | null
  feedbackReference: string | null
}

/** A message that began something, with what belongs to it. */
export interface Thread extends Message {
  answers: Message[]
}

export interface RoomCounts {
  testers: number
  messages: number
  unanswered: number
  /** When the oldest message without an answer came. */
  oldestUnanswered: Date | null
}

/** One thing that a beta is to find out. */
export interface Unknown {
  id: string
  question: string
  askedAt: Date
  askedBy: string
  answer: string | null
  answeredAt: Date | null
  answeredBy: string | null
}

export const needAnswers = ['hit', 'partly', 'missed'] as const
export type NeedAnswer = (typeof needAnswers)[number]

export const needWords: Record<NeedAnswer, string> = {
  hit: 'No: it is what people need',
  partly: 'In part: the need is another one than we thought',
  missed: 'Yes: we built for a need that people do not have',
}

/** Did we misread the need? */
export interface NeedCheck {
  answer: NeedAnswer
  because: string
  at: Date
  by: string
}

export const severities = ['critical', 'major', 'minor'] as const
export type Severity = (typeof severities)[number]

export interface Defect {
  id: string
  title: string
  severity: Severity
  foundIn: Stage['id']
  introducedIn: Stage['id']
  link: string | null
  foundAt: Date
  foundBy: string
  closedAt: Date | null
  closedBy: string | null
}

/** How often those who agreed used the feature. */
export interface Usage {
  memberId: string
  name: string
  cohort: string | null
  days: number
  uses: number
  lastAt: Date | null
}

export const testimonialStates = ['asked', 'approved', 'declined', 'withdrawn'] as const
export type TestimonialState = (typeof testimonialStates)[number]

export interface TestimonialUse {
  id: string
  place: string
  at: Date
  by: string
  takenDownAt: Date | null
}

export interface Testimonial {
  id: string
  memberId: string | null
  wording: string
  signedAs: string | null
  state: TestimonialState
  askedAt: Date
  askedBy: string
  decidedAt: Date | null
  withdrawnBy: 'person' | 'team' | null
  withdrawnBecause: string | null
  uses: TestimonialUse[]
}

/** As the room calls somebody who gave no name. */
export function nameOf({ name, number }: Pick<Member, 'name' | 'number'>): string {
  return name ?? `Tester ${number}`
}
