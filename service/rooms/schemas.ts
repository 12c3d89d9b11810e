import { z } from 'zod'
import { stageIds } from '../features/index.ts'
import { tooLong } from '../platform/index.ts'
import { mailWishes, messageKinds, needAnswers, severities } from './room.ts'

const text = (most: number, missing: string) =>
  z.string({ error: missing }).trim().min(1, missing).max(most, tooLong(most))
/** Forms send empty fields for what was left out. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema.optional())

const sentId = optional(z.string().trim().max(100))
export const messageText = text(4000, 'Write your message')

export const roomBody = z.object({
  welcome: text(2000, 'Say what testers should know first'),
  builder: optional(z.uuid()).describe('Account of the team who answers testers and is reminded'),
})

export const teamMessageBody = z.object({
  text: messageText,
  answers: optional(z.uuid()).describe('The message that it answers'),
  sentId: sentId.describe('Your own id: the same message sent twice is one'),
})

/** What a tester sends: a kind for what begins something, none for what goes on. */
export const testerMessageForm = z
  .object({
    text: messageText,
    kind: optional(z.enum(messageKinds, 'Choose what it is')),
    answers: optional(z.uuid()),
    sentId,
  })
  .refine(({ kind, answers }) => kind !== undefined || answers !== undefined, {
    path: ['kind'],
    message: 'Choose what it is',
  })

export const settingsForm = z.object({
  name: optional(z.string().trim().max(60, 'Use at most 60 characters')),
  mails: z.enum(mailWishes, 'Choose which mails you want'),
  usage: z
    .literal('yes')
    .optional()
    .transform((value) => value === 'yes'),
})

export const unknownBody = z.object({ question: text(500, 'Write what you want to find out') })
export const answerBody = z.object({ answer: text(2000, 'Write what you found out') })
export const needBody = z.object({
  answer: z.enum(needAnswers, 'Choose an answer'),
  because: text(2000, 'Say what it rests on'),
})

const stage = z.enum(stageIds, 'Choose a stage')
export const defectBody = z.object({
  title: text(200, 'Say what goes wrong'),
  severity: z.enum(severities, 'Choose how bad it is'),
  foundIn: stage,
  introducedIn: stage,
  link: optional(text(500, 'Where it is tracked')),
})

export const testimonialBody = z.object({
  message: z.uuid('Choose the message that it comes from'),
  wording: text(1000, 'Write the exact words that you want to use'),
})
export const withdrawBody = z.object({ because: text(500, 'Say why it is withdrawn') })
export const useBody = z.object({ place: text(300, 'Say where the words stand') })
export const consentForm = z.object({
  signedAs: optional(z.string().trim().max(100, 'How you want to be named must be 100 characters or fewer')),
})
