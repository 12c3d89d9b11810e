import { z } from 'zod'
import { calendarDay as day, serviceRoles } from '../platform/index.ts'

const text = (most: number, missing?: string) =>
  z
    .string(missing)
    .trim()
    .max(most, `Use ${most.toLocaleString('en-GB')} characters or fewer`)
const id = z.string().max(60)

export const reason = text(4000, 'Enter a reason').min(1, 'Enter a reason')
const role = z.enum(serviceRoles, 'Choose a role')
const outcome = z.enum(['go', 'go-with-actions', 'stay', 'repeat', 'back', 'stop'], 'Choose what happens next')

const webAddress = text(2000).refine(
  (value) => value === '' || /^https?:\/\/\S+$/.test(value),
  'Enter a link that starts with https:// or http://',
)

export const params = {
  subject: z.object({ service: id }),
  gate: z.object({ service: id, gate: id }),
  criterion: z.object({ service: id, gate: id, criterion: id }),
  evidence: z.object({ service: id, gate: id, criterion: id, evidence: z.uuid() }),
}
export const attachmentParams = z.object({ service: id, evidence: z.uuid() })

const feature = z.string().max(64)
export const featureParams = {
  subject: z.object({ service: id, feature }),
  gate: z.object({ service: id, feature, gate: id }),
  criterion: z.object({ service: id, feature, gate: id, criterion: id }),
  evidence: z.object({ service: id, feature, gate: id, criterion: id, evidence: z.uuid() }),
}

// What forms send

export const verdictForm = z.object({ verdict: z.enum(['met', 'not-met'], 'Choose met or not met'), reason })

export const waiverForm = z.object({
  signals: z
    .union([
      z
        .string()
        .max(100)
        .transform((one) => [one]),
      z.array(z.string().max(100)).max(50),
    ])
    .default(['criterion']),
  why: reason,
  waivedBy: text(200, 'Enter who sees to it').min(1, 'Enter who sees to it'),
  endsOn: day,
})

export const evidenceForm = z.object({
  asked: z
    .string()
    .max(60)
    .default('')
    .transform((value) => (value === '' ? null : value)),
  title: text(200, 'Enter a title').min(1, 'Enter a title'),
  url: webAddress.default('').transform((value) => (value === '' ? null : value)),
  dated: day,
  owner: text(200, 'Enter who can answer questions about it').min(1, 'Enter who can answer questions about it'),
  note: text(4000).default(''),
})

/** The note has a field per role, since several such forms can stand on one page. */
export const signOffForm = z.looseObject({ role })

/** A share in percent, in steps of 0.001; kept in thousandths of a percent. */
const percentText = z
  .string()
  .trim()
  .max(20)
  .transform((value) => value.replace(',', '.').replace(/\s*%$/, ''))
  .refine(
    (value) => value === '' || (/^\d{1,3}(\.\d{1,3})?$/.test(value) && Number(value) <= 100),
    'Enter a share between 0 and 100, such as 10',
  )
  .transform((value) => (value === '' ? null : Math.round(Number(value) * 1000)))

export const decisionForm = z.object({
  outcome,
  reason,
  // Go and go with actions each have a field for it; without a script both may be sent.
  share: z
    .preprocess(
      (value) => (Array.isArray(value) ? (value.find((each) => String(each).trim() !== '') ?? '') : value),
      percentText,
    )
    .default(null),
  confirm: z.literal('yes', 'Confirm that you decide this'),
})

export const dateForm = z.object({ day: z.union([z.literal('').transform(() => null), day]) })

export const moveForm = z.object({
  to: z.string('Choose a phase').min(1, 'Choose a phase').max(60),
  reason,
  waiver: text(2000)
    .default('')
    .transform((value) => (value === '' ? null : value)),
})

export const playbookForm = z.object({ version: z.string('Choose a version').min(1, 'Choose a version').max(20) })

const condition = z.string('Choose what need not hold').min(1, 'Choose what need not hold').max(100)

export const conditionWaiverForm = z.object({
  condition,
  why: reason,
  waivedBy: text(200, 'Enter who sees to it').min(1, 'Enter who sees to it'),
  endsOn: day,
})

// What programs send

export const conditionWaiverBody = z.object({ condition, reason, owner: text(200).min(1), endsOn: day })

export const waiverBody = z.object({
  targets: z.array(z.string().max(100)).min(1).max(50).default(['criterion']),
  reason,
  owner: text(200).min(1),
  endsOn: day,
})

export const evidenceBody = z.object({
  asked: id.nullable().default(null),
  title: text(200).min(1),
  url: webAddress.nullable().default(null),
  dated: day,
  owner: text(200).min(1),
  note: text(4000).default(''),
})

export const signOffBody = z.object({ role, note: text(4000).default('') })

export const decisionBody = z.object({
  outcome,
  reason,
  firstSharePercent: z.number().min(0).max(100).multipleOf(0.001).nullable().default(null),
})

export const dateBody = z.object({ day: day.nullable() })

export const moveBody = z.object({ to: id, reason, waiver: text(2000).min(1).nullable().default(null) })

export const playbookBody = z.object({ version: z.string().max(20) })
