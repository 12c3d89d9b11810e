import { z } from 'zod'

const text = (most: number) => z.string().trim().max(most)
const address = (what: string) =>
  z
    .string()
    .trim()
    .max(2000)
    .refine(
      (value) => /^https?:\/\//.test(value) && URL.canParse(value),
      `Enter ${what}, starting with https:// or http://`,
    )

/** A pattern is a path, a method may stand before it: `/apply/*`, `POST /apply/send`. */
const pattern = z
  .string()
  .trim()
  .max(500)
  .regex(/^((GET|POST|PUT|PATCH|DELETE) )?\/\S*$/, 'Enter a path that starts with /, such as /apply/* or POST /send')
const patterns = z.array(pattern).min(1, 'Give at least one path').max(20)
const pointId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'Use small letters, digits and hyphens')

export const journeySchema = z.object({
  id: pointId,
  name: text(200).min(1),
  savable: z.boolean().default(false),
  openDays: z.number().int().min(1).max(400).default(30),
  start: z.object({ patterns }),
  steps: z.array(z.object({ id: pointId, name: text(200).min(1), patterns })).max(100),
  endings: z
    .array(
      z.object({ id: pointId, name: text(200).min(1), outcome: z.enum(['completed', 'refused', 'failed']), patterns }),
    )
    .min(1, 'A journey needs at least one ending')
    .max(50),
})

const timeZone = z.string().max(60).refine(isTimeZone, 'Enter a time zone such as Europe/London')

function isTimeZone(value: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).format()
    return true
  } catch {
    return false
  }
}

const host = z
  .string()
  .trim()
  .max(255)
  .regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/, 'Enter a host name such as beta.example.org')

const fields = {
  name: text(200).min(1, 'Enter the name of the service'),
  summary: text(2000),
  newUrl: address('the address of the new service'),
  currentUrl: address('the address of the current service').nullable(),
  door: z.enum(['gateway', 'link', 'application']),
  host: host.nullable(),
  contact: text(500),
  timeZone,
}

export const serviceFields = {
  ...fields,
  summary: fields.summary.default(''),
  currentUrl: fields.currentUrl.default(null),
  door: fields.door.default('gateway'),
  host: fields.host.default(null),
  contact: fields.contact.default(''),
  timeZone: fields.timeZone.default('Europe/London'),
}

export const newServiceSchema = z.object({
  key: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$/, 'Use small letters, digits and hyphens')
    .optional(),
  ...serviceFields,
  phase: z.string().max(60).default('private-beta'),
  example: z.boolean().default(false),
  journeys: z.array(journeySchema).max(20).default([]),
})
export type NewService = z.output<typeof newServiceSchema>

/** What is left out stays as it was: a default would overwrite it. */
export const serviceChangeSchema = z.object(fields).partial()
export type ServiceChange = z.output<typeof serviceChangeSchema>
