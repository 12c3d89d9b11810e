import { z } from 'zod'
import { readOptions } from './rules.ts'
import { mostOptions, questionKinds, waitingStates } from './waitlist.ts'

const name = z
  .string()
  .trim()
  .min(1, 'Give the question a short name')
  .max(60, 'The name must be 60 characters or fewer')
const question = z
  .string()
  .trim()
  .min(1, 'Write the question as people read it')
  .max(300, 'The question must be 300 characters or fewer')
const hint = z.string().trim().max(300, 'The hint must be 300 characters or fewer').default('')
const kind = z.enum(questionKinds, 'Choose how it is answered')
const option = z.string().trim().min(1).max(200)
const checked = z
  .string()
  .max(20)
  .optional()
  .transform((value) => value === 'yes')
const wanted = z.coerce
  .number('Enter how many you want as a whole number')
  .int('Enter how many you want as a whole number')
  .min(1, 'Enter how many you want, 1 or more')
  .max(1_000_000, 'Enter how many you want, 1,000,000 or fewer')

const optionLines = z
  .string()
  .max(8_000)
  .default('')
  .transform(readOptions)
  .pipe(
    z
      .array(z.string().max(200, 'Each answer must be 200 characters or fewer'))
      .max(mostOptions, `Offer at most ${mostOptions} answers`),
  )

const needsOptions = (asked: { kind: string; options: string[] }): boolean =>
  (asked.kind !== 'choice' && asked.kind !== 'choices') || asked.options.length >= 2
const optionsMissing = { path: ['options'], message: 'Offer at least two answers, one a line' }
const noneSpecial = (asked: { special: boolean; required: boolean }): boolean => !asked.special || !asked.required
const specialRequired = { path: ['required'], message: 'Nobody has to say anything about health or the like' }

export const questionForm = z
  .object({ name, question, hint, kind, options: optionLines, required: checked, special: checked })
  .refine(needsOptions, optionsMissing)
  .refine(noneSpecial, specialRequired)

export const questionChangeForm = z.object({
  name,
  question,
  hint,
  options: optionLines,
  required: checked,
  position: z.coerce
    .number('Enter the place on the page as a whole number')
    .int('Enter the place on the page as a whole number')
    .min(1, 'The place on the page is 1 or more')
    .max(100, 'The place on the page is 100 or less')
    .optional(),
})

/** `Region: North`, from a list of what the questions offer. */
export const quotaForm = z.object({
  kind: z
    .string('Choose what is counted')
    .max(300)
    .transform((text) => {
      const at = text.indexOf(': ')
      return { attribute: text.slice(0, Math.max(0, at)).trim(), value: text.slice(at + 2).trim() }
    })
    .refine(({ attribute, value }) => attribute !== '' && value !== '', 'Choose what is counted')
    .refine(({ attribute, value }) => attribute.length <= 60 && value.length <= 200, 'Choose what is counted'),
  wanted,
})

// The same by API

const options = z.array(option).max(mostOptions).default([])

export const questionBody = z
  .object({
    name,
    question,
    hint,
    kind,
    options,
    required: z.boolean().default(false),
    /** Health, disability and the like: kept apart, never required, only counted. */
    special: z.boolean().default(false),
  })
  .refine(needsOptions, optionsMissing)
  .refine(noneSpecial, specialRequired)

export const questionChangeBody = z.object({
  name,
  question,
  hint,
  options,
  required: z.boolean().default(false),
  /** From 1; the others move. */
  position: z.number().int().min(1).max(100).optional(),
})

export const quotaBody = z.object({
  attribute: z.string().trim().min(1).max(60),
  value: z.string().trim().min(1).max(200),
  wanted: z.number().int().min(1).max(1_000_000),
})

export const peopleQuery = z.object({
  state: z.enum(waitingStates).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  /** The id of the last one of the page before. */
  after: z.uuid().optional(),
})
