import { z } from 'zod'
import { pointInTime, emailAddress, tooLong } from '../platform/index.ts'
import { kinds, type Rating } from './feedback.ts'

/** Forms send empty fields for what was left out. */
const given = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value)
const optional = <T extends z.ZodType>(schema: T) => z.preprocess(given, schema.optional())
const name = (most: number) => z.string().trim().max(most, tooLong(most))

const oneOfFive = 'Choose one of the five answers'
const rating = z
  .union(
    [
      z.number().min(1, oneOfFive).max(5, oneOfFive),
      z
        .string()
        .regex(/^[1-5]$/)
        .transform(Number),
    ],
    oneOfFive,
  )
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= 5, oneOfFive)
  .transform((value) => value as Rating)

/** What a person, the widget or another system sends. */
const answerFields = {
  /** The sender's own id: the same answer sent again counts once. */
  id: optional(name(100)),
  rating: optional(rating),
  kind: optional(z.enum(kinds, 'Choose what your feedback is about')),
  comment: optional(z.string().trim().max(5000, 'Your comment must be 5,000 characters or fewer')),
  address: optional(emailAddress),
  journey: optional(name(100)),
  ending: optional(name(100)),
  transaction: optional(name(200)),
  page: optional(name(2000)),
  /** A trap for robots: people leave it blank. */
  website: z.string().max(5000).optional(),
  /** Milliseconds from showing the form to sending it. */
  tookMs: optional(z.coerce.number().min(0).max(1e9)),
}

const emptyAnswer = 'Choose how satisfied you were, or write a comment'

const hasContent = ({ rating: said, comment }: { rating?: Rating; comment?: string }) =>
  said !== undefined || comment !== undefined

export const formSchema = z.object(answerFields).refine(hasContent, { path: ['rating'], message: emptyAnswer })
export type SentAnswer = z.output<typeof formSchema>

export const apiSchema = z
  .object({
    service: z.string().max(60),
    ...answerFields,
    arm: z.enum(['current', 'new']).optional(),
    unit: z.string().max(100).optional(),
    /** Only for example data. */
    time: pointInTime.optional(),
  })
  .refine(hasContent, { path: ['rating'], message: emptyAnswer })
