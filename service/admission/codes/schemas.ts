import { z } from 'zod'
import { codeDays, mostLetters } from './code.ts'

const name = z.string().trim().min(1, 'Give the code a name').max(100, 'The name must be 100 characters or fewer')
const cohort = z
  .string()
  .trim()
  .max(100, 'The name of the group must be 100 characters or fewer')
  .default('')
  .transform((typed) => (typed === '' ? null : typed))
const days = z.coerce
  .number('Enter for how many days the code is good')
  .int('A code is good for whole days')
  .min(1, 'A code is good for 1 day at least')
  .max(90, 'A code is good for 90 days at most')
const domain = z
  .string()
  .trim()
  .max(253)
  .regex(/^@?([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$/i, 'Enter a domain such as example.org')
  .transform((typed) => typed.replace(/^@/, '').toLowerCase())
const noDomain = z
  .string()
  .max(0)
  .transform(() => null)
const needsDomain = ({ isStaff, domain: of }: { isStaff: boolean; domain: string | null }): boolean =>
  !isStaff || of !== null
const domainMissing = { path: ['domain'], message: 'Say of which domain colleagues are' }

export const sharedForm = z
  .object({
    name,
    mostUses: z.coerce
      .number('Enter for how many people it is')
      .int('Enter for how many people it is as a whole number')
      .min(1, 'Enter for how many people it is, 1 or more')
      .max(1_000_000, 'Enter for how many people it is, 1,000,000 or fewer'),
    domain: z.union([noDomain, domain], 'Enter a domain such as example.org').default(null),
    isStaff: z
      .string()
      .max(20)
      .optional()
      .transform((value) => value === 'yes'),
    cohort,
    days,
  })
  .refine(needsDomain, domainMissing)

export const lettersForm = z.object({
  names: z
    .string()
    .max(60_000)
    .transform((lines) =>
      lines
        .split(/[\n\r]+/)
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    )
    .pipe(
      z
        .array(z.string().max(100, 'Each name must be 100 characters or fewer'))
        .min(1, 'Say for whom, one a line')
        .max(mostLetters, `Make at most ${mostLetters} at a time`),
    ),
  cohort,
  days,
})

// The same by API

const apiDays = z.number().int().min(1).max(90).default(codeDays)
const apiCohort = z.string().trim().min(1).max(100).nullable().default(null)

export const sharedBody = z
  .object({
    name: z.string().trim().min(1).max(100),
    mostUses: z.number().int().min(1).max(1_000_000),
    /** Only for addresses of this domain, which a mail proves. */
    domain: domain.nullable().default(null),
    /** Whoever comes by it counts as the team; only with a domain. */
    isStaff: z.boolean().default(false),
    cohort: apiCohort,
    days: apiDays,
  })
  .refine(needsDomain, domainMissing)

export const lettersBody = z.object({
  names: z.array(z.string().trim().min(1).max(100)).min(1).max(mostLetters),
  cohort: apiCohort,
  days: apiDays,
})
