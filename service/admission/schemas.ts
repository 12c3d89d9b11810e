import { z } from 'zod'
import { sharePercent } from '../platform/index.ts'
import { readAddresses, readShare } from './rules.ts'

const reason = z.string().trim().max(2000).default('')
const cohort = z
  .string()
  .trim()
  .max(100, 'The name of the group must be 100 characters or fewer')
  .default('')
  .transform((name) => (name === '' ? null : name))
const checked = z
  .string()
  .max(20)
  .optional()
  .transform((value) => value === 'yes')

export const inviteForm = z.object({
  addresses: z
    .string()
    .max(200_000, 'Invite at most 5,000 people at a time')
    .refine(
      (text) => readAddresses(text).some(({ address }) => address !== null),
      'Enter at least one email address, like name@example.org',
    ),
  cohort,
  overInvite: checked,
})

export const shareForm = z
  .object({ share: z.string().max(20).optional(), exact: z.string().trim().max(20).default(''), reason })
  .transform(({ share, exact, reason: why }, issues) => {
    const read = readShare(exact === '' ? (share ?? '') : exact)
    if (read !== null) return { share: read, reason: why }
    const path = exact === '' ? ['share'] : ['exact']
    issues.addIssue({
      code: 'custom',
      path,
      message: 'Enter a share from 0 to 100 percent, with at most three decimals',
    })
    return z.NEVER
  })

export const capForm = z.object({
  cap: z
    .string()
    .trim()
    .max(20)
    .regex(/^(\d{1,8})?$/, 'Enter the cap as a whole number, or leave it empty for no limit')
    .transform((text) => (text === '' ? null : Number(text))),
  reason,
})

export const dayForm = z.object({
  most: z
    .string()
    .trim()
    .max(20)
    .regex(/^([1-9]\d{0,7})?$/, 'Enter journeys a day as a whole number of 1 or more, or leave it empty for no limit')
    .transform((text) => (text === '' ? null : Number(text))),
  reason,
})

export const joiningForm = z.object({
  open: z.enum(['yes', 'no'], 'Choose one').transform((value) => value === 'yes'),
  reason,
})

export const removalForm = z.object({
  person: z.string().trim().min(1, 'Enter an email address or a reference').max(254),
  removalReason: z.string().trim().min(1, 'Say why: it stands in the history').max(2000),
})

export const personForm = removalForm.pick({ person: true })

export const erasureForm = z.object({
  erased: z.string().trim().min(1, 'Enter an email address').max(254),
  sure: z.literal('yes').optional(),
})

export const previewForm = z.object({ name: z.string().trim().min(1, 'Say who the link is for').max(100) })

export const haltForm = z.object({ reason })

// The same by API

const why = z.string().trim().max(2000).default('')
export const invitationsBody = z.object({
  addresses: z.array(z.string().max(300)).min(1).max(5000),
  cohort: z.string().trim().min(1).max(100).nullable().default(null),
  overInvite: z.boolean().default(false),
  days: z.number().int().min(1).max(90).optional(),
})
export const waitingBody = z.object({
  count: z.number().int().min(1).max(5000),
  overInvite: z.boolean().default(false),
})
export const shareBody = z.object({
  percent: sharePercent,
  reason: why,
})
export const capBody = z.object({ cap: z.number().int().min(0).max(100_000_000).nullable(), reason: why })
export const dayBody = z.object({ most: z.number().int().min(1).max(100_000_000).nullable(), reason: why })
export const joiningBody = z.object({ open: z.boolean(), reason: why })
export const removalBody = z.object({
  who: z.string().trim().min(1).max(256),
  reason: z.string().trim().min(1).max(2000),
})
export const erasureBody = z.object({
  address: z.string().trim().min(3).max(254),
  /** Without it, only what there is is told. */
  sure: z.boolean().default(false),
})
export const reasonBody = z.object({ reason: why }).default({ reason: '' })
export const previewBody = z.object({
  name: z.string().trim().min(1).max(100),
  days: z.number().int().min(1).max(90).optional(),
})
