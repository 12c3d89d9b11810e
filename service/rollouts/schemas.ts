import { z } from 'zod'
import { asClause, isCalendarDay, problemsOf, sharePercent } from '../platform/index.ts'
import { audiences, defaultDeviation, emptyStep, mostSteps, wholeShare, type Step } from './plan.ts'

/** The same ends for page and API. */
export const ends = {
  guardrails: 10,
  guardrail: 120,
  question: 1000,
  answer: 4000,
  group: 100,
  people: 100_000_000,
  days: 730,
}

const day = z.iso.date().max(10).refine(isCalendarDay, 'Enter a real date')
const size = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('people'), people: z.number().int().min(1).max(ends.people) }),
  z.object({ kind: z.literal('percent'), percent: sharePercent }),
])

const step = z.object({
  audience: z.enum(audiences).nullable().default(null),
  group: z.string().trim().max(ends.group).default(''),
  size: size.nullable().default(null),
  minimumDays: z.number().int().min(1).max(ends.days).nullable().default(null),
  guardrails: z.array(z.string().trim().min(1).max(ends.guardrail)).max(ends.guardrails).default([]),
  question: z.string().trim().max(ends.question).default(''),
  joinOpen: z.boolean().default(false),
  startsOn: day.nullable().default(null),
})

export const version = z.number().int().min(1).max(2_147_483_647)

export const planBody = z.object({
  version: version.nullable().default(null).describe('The version that was read; null for the first plan'),
  progress: z.enum(['hand', 'clock']).default('hand'),
  deviation: z.number().int().min(1).max(100).default(defaultDeviation),
  steps: z.array(step).max(mostSteps).describe('The steps that have not started yet, in their order'),
})

const read = version.nullable().default(null).describe('The version that was read; null to act on whatever there is')
export const actBody = z.object({ version: read })
const answer = z.string().trim().min(1, 'Write down what the step taught').max(ends.answer)
export const answerBody = z.object({ version: read, answer })
export const closeBody = z.object({ version: read, answer: answer.optional() })
export const saltBody = z.object({
  reason: z.string().trim().min(1, 'Say why: it stands in the history').max(2000),
  sure: z.literal(true).describe('That the effect was read first, by GET'),
})

/** As a program writes a step, made into one of the plan. */
export function stepOf({ size: many, ...rest }: z.output<typeof step>): Step {
  return normal({
    ...rest,
    size: many?.kind === 'percent' ? { kind: 'percent', share: Math.round(many.percent * 1000) } : many,
  })
}

/** Everybody is everybody; places are counted in people; only a share leaves it to people to choose. */
export function normal(given: Step): Step {
  if (given.audience === 'everyone')
    return { ...given, size: { kind: 'percent', share: wholeShare }, joinOpen: true, group: '' }
  if (given.audience === 'share') return { ...given, group: '' }
  if (given.audience === null) return given
  return { ...given, joinOpen: false, size: given.size?.kind === 'people' ? given.size : null }
}

// Forms

const version1 = z.coerce.number().int().min(1).max(2_147_483_647)
export const actForm = z.object({ version: version1 })
export const answerForm = z.object({ version: version1, answer })
export const closeForm = z.object({ version: version1, answer })
export const saltForm = z.object({
  saltReason: z.string().trim().min(1, 'Say why: it stands in the history').max(2000),
  sure: z.literal('yes', 'Confirm that you have read what a new draw does'),
})

const whole = (message: string, most: number) =>
  z
    .string()
    .trim()
    .max(1000, message)
    .default('')
    .refine((text) => text === '' || (/^\d{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most), message)
    .transform((text) => (text === '' ? null : Number(text)))

const stepForm = z
  .object({
    audience: z.enum(['', ...audiences]).default(''),
    group: z.string().trim().max(ends.group, 'The group must be 100 characters or fewer').default(''),
    people: whole('Enter how many people as a whole number, 1 or more', ends.people),
    percent: z
      .string()
      .trim()
      .max(12)
      .default('')
      .refine(
        (text) => text === '' || /^(100|\d{1,2}(\.\d{1,3})?)\s*%?$/.test(text),
        'Enter the share from 0 to 100 percent, such as 5',
      ),
    minimumDays: whole(`Enter at least how many days as a whole number, 1 to ${ends.days}`, ends.days),
    guardrails: z
      .string()
      .max(ends.guardrails * (ends.guardrail + 2))
      .default('')
      .transform((text) =>
        text
          .split(/[\r\n]+/)
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      )
      .refine((lines) => lines.length <= ends.guardrails, `Name at most ${ends.guardrails} guardrails`)
      .refine(
        (lines) => lines.every((line) => line.length <= ends.guardrail),
        'Each guardrail must be 120 characters or fewer',
      ),
    question: z
      .string()
      .trim()
      .max(ends.question, 'The learning question must be 1,000 characters or fewer')
      .default(''),
    joinOpen: z.string().max(5).default(''),
    startsOn: z
      .string()
      .trim()
      .max(10)
      .default('')
      .refine((text) => text === '' || isCalendarDay(text), 'Enter the day that it is planned for, like 2027-03-31'),
  })
  .superRefine(({ people, percent, audience }, issues) => {
    if (people !== null && percent !== '')
      issues.addIssue({ code: 'custom', path: ['percent'], message: 'Enter people or a percentage, not both' })
    if (percent !== '' && (audience === 'invited' || audience === 'accounts'))
      issues.addIssue({
        code: 'custom',
        path: ['percent'],
        message: 'Invited people have places: enter how many people',
      })
  })

const deviationWords = 'Enter by how much it may differ from the plan, a whole number from 1 to 100'

export const planForm = z.object({
  version: version1.nullable().catch(null),
  progress: z.enum(['hand', 'clock'], 'Choose how the plan goes on'),
  deviation: z.coerce.number(deviationWords).int(deviationWords).min(1, deviationWords).max(100, deviationWords),
})

export interface ReadSteps {
  steps: Step[]
  problems: { field: string; message: string }[]
}

/**
 * Fields are named `step-1-question`, from the first that is to come on; a step of which every field is empty is left out. All
 * steps have the same fields, so each problem names its step.
 */
export function readSteps(values: Record<string, string>, started: number): ReadSteps {
  const found: ReadSteps = { steps: [], problems: [] }
  for (let number = 1; number <= mostSteps; number++) {
    const own = ownFields(values, number)
    if (Object.values(own).every((value) => value.trim() === '')) continue
    const parsed = stepForm.safeParse(own)
    if (!parsed.success) {
      for (const { field, message } of problemsOf(parsed.error))
        found.problems.push({
          field: `step-${number}-${field}`,
          message: `Step ${started + number}: ${asClause(message)}`,
        })
      continue
    }
    const { people, percent, audience, joinOpen, startsOn, ...rest } = parsed.data
    found.steps.push(
      normal({
        ...emptyStep,
        ...rest,
        audience: audience === '' ? null : audience,
        size:
          people !== null
            ? { kind: 'people', people }
            : percent === ''
              ? null
              : { kind: 'percent', share: Math.round(Number(percent.replace('%', '')) * 1000) },
        joinOpen: joinOpen === 'yes',
        startsOn: startsOn === '' ? null : startsOn,
      }),
    )
  }
  return found
}

function ownFields(values: Record<string, string>, number: number): Record<string, string> {
  const prefix = `step-${number}-`
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  )
}

/** A step as the fields of the form hold it. */
export function fieldsOf(given: Step, number: number): Record<string, string> {
  const fields = {
    audience: given.audience ?? '',
    group: given.group,
    people: given.size?.kind === 'people' ? String(given.size.people) : '',
    percent: given.size?.kind === 'percent' ? String(given.size.share / 1000) : '',
    minimumDays: given.minimumDays === null ? '' : String(given.minimumDays),
    guardrails: given.guardrails.join('\n'),
    question: given.question,
    joinOpen: given.joinOpen ? 'yes' : '',
    startsOn: given.startsOn ?? '',
  }
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`step-${number}-${name}`, value]))
}
