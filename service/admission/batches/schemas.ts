import { z } from 'zod'
import { pointInTime, isCalendarDay } from '../../platform/index.ts'
import { drawMethods } from '../waitlist/draw.ts'

const batchName = z.string().trim().min(1, 'Give the batch a name').max(100, 'The name must be 100 characters or fewer')
const checked = z
  .string()
  .max(20)
  .optional()
  .transform((value) => value === 'yes')
const optionalNumber = (most: number, message: string) =>
  z
    .string()
    .trim()
    .max(12)
    .regex(/^\d*$/, message)
    .default('')
    .transform((text) => (text === '' ? null : Number(text)))
    .refine((value) => value === null || (value >= 1 && value <= most), message)
const hour = (least: number, most: number, message: string) =>
  z.coerce.number(message).int(message).min(least, message).max(most, message)
const text = z.union([z.string().max(300), z.array(z.string().max(300)).max(100)]).optional()

/** `50`, or `10%` of those who wait. */
export const countText = z
  .string()
  .trim()
  .max(12)
  .regex(/^\d{1,7}$|^\d{1,3}(\.\d{1,2})?\s*%$/, 'Enter a number such as 50, or a part such as 10%')
  .transform((typed): { people: number } | { percent: number } =>
    typed.endsWith('%') ? { percent: Number(typed.replace(/\s*%$/, '')) } : { people: Number(typed) },
  )
  .refine(
    (count) => ('people' in count ? count.people >= 1 : count.percent > 0 && count.percent <= 100),
    'Enter 1 or more people, or a part up to 100%',
  )

/** Each ticked answer comes as `Region: North`. */
export const drawForm = z.object({
  count: countText,
  name: batchName,
  method: z.enum(drawMethods, 'Choose who comes first'),
  overInvite: checked,
  filter: text.transform((sent) => filtersOf(sent === undefined ? [] : [sent].flat())),
})

export function filtersOf(ticked: readonly string[]): { attribute: string; values: string[] }[] {
  const filters = new Map<string, string[]>()
  for (const each of ticked) {
    const at = each.indexOf(': ')
    if (at <= 0) continue
    const attribute = each.slice(0, at)
    filters.set(attribute, [...(filters.get(attribute) ?? []), each.slice(at + 2)])
  }
  return [...filters].map(([attribute, values]) => ({ attribute, values }))
}

export const startForm = z.object({
  beginsOn: z
    .string()
    .trim()
    .regex(/^(\d{4}-\d{2}-\d{2})?$/, 'The day to begin on must be like 2026-12-01, or empty')
    .default('')
    .refine((day) => day === '' || isCalendarDay(day), 'The day to begin on must be like 2026-12-01, or empty'),
  fromHour: hour(0, 23, 'Choose the hour before which nothing is sent'),
  toHour: hour(1, 24, 'Choose the hour after which nothing is sent'),
  weekdays: z
    .union([z.string().max(2), z.array(z.string().max(2)).max(7)], 'Choose at least one day')
    .transform((days) => [days].flat().map(Number))
    .pipe(z.array(z.number().int().min(1).max(7)).min(1, 'Choose at least one day').max(7)),
  perHour: optionalNumber(1_000_000, 'The most an hour must be a whole number, or empty'),
  cap: optionalNumber(100_000_000, 'The most of this batch who may be in must be a whole number, or empty'),
  days: z.coerce
    .number('Enter for how many days an invitation is good')
    .int('An invitation is good for whole days')
    .min(1, 'An invitation is good for 1 day at least')
    .max(90, 'An invitation is good for 90 days at most'),
  overInvite: checked,
})

export const pauseForm = z.object({ reason: z.string().trim().max(2000).default('') })
export const endForm = z.object({ revoke: checked })

export const ruleForm = z
  .object({
    unanswered: optionalNumber(1_000_000, 'How many answers may wait must be a whole number, or empty for no limit'),
    onlyAttribute: z.string().trim().max(60).default(''),
    onlyValues: z
      .string()
      .max(8_000)
      .default('')
      .transform((lines) =>
        lines
          .split(/[\n\r,]+/)
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      )
      .pipe(z.array(z.string().max(200)).max(100, 'Name at most 100')),
  })
  .refine(({ onlyAttribute, onlyValues }) => onlyAttribute === '' || onlyValues.length > 0, {
    path: ['onlyValues'],
    message: 'Say which people it reaches, one a line',
  })

// The same by API

const apiName = z.string().trim().min(1).max(100)
const filter = z.object({
  attribute: z.string().trim().min(1).max(60),
  values: z.array(z.string().trim().min(1).max(200)).min(1).max(100),
})

export const drawBody = z.object({
  name: apiName,
  method: z.enum(drawMethods),
  count: z.union([
    z.object({ people: z.number().int().min(1).max(1_000_000) }),
    z.object({ percent: z.number().min(0.01).max(100) }),
  ]),
  filters: z.array(filter).max(30).default([]),
  overInvite: z.boolean().default(false),
  /** To do a draw again; without it one is made and kept. */
  seed: z.string().min(1).max(100).optional(),
})

export const startBody = z.object({
  beginsAt: pointInTime.nullable().default(null),
  fromHour: z.number().int().min(0).max(23).default(0),
  toHour: z.number().int().min(1).max(24).default(24),
  weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).default([1, 2, 3, 4, 5, 6, 7]),
  perHour: z.number().int().min(1).max(1_000_000).nullable().default(null),
  /** The most people of this batch who can be in. */
  cap: z.number().int().min(1).max(100_000_000).nullable().default(null),
  days: z.number().int().min(1).max(90).default(14),
  overInvite: z.boolean().default(false),
})

export const pauseBody = z.object({ reason: z.string().trim().max(2000).default('') }).default({ reason: '' })
export const endBody = z.object({ revoke: z.boolean().default(false) }).default({ revoke: false })
export const ruleBody = z.object({
  unansweredLimit: z.number().int().min(1).max(1_000_000).nullable(),
  only: filter.nullable().default(null),
})
export const listQuery = z.object({ name: apiName })
