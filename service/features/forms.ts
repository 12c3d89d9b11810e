import { z } from 'zod'
import { reason, version } from './schemas.ts'
import { stageIds } from './stages.ts'
import { readVariants, variantTypes } from './variants-text.ts'

/** A box that is not ticked is not sent; one alone is sent as a text. */
const many = (most: number) =>
  z.preprocess(
    (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]),
    z.array(z.string().max(100)).max(most),
  )

export const switchForm = z
  .object({ on: z.enum(['yes', 'no']), version, switchReason: reason })
  .transform(({ on, version: from, switchReason }) => ({ on: on === 'yes', version: from, reason: switchReason }))

export const percentText = z
  .string({ error: 'Enter a share from 0 to 100, such as 12.5' })
  .trim()
  .regex(/^\d{1,3}([.,]\d{1,3})?\s?%?$/, 'Enter a share from 0 to 100, such as 12.5')
  .transform((text) => Number(text.replace(',', '.').replace(/\s?%$/, '')))
  .refine((percent) => percent <= 100, 'Enter a share from 0 to 100, such as 12.5')

export const shareForm = z
  .object({
    version,
    percent: percentText,
    shareReason: reason,
  })
  .transform(({ version: from, percent, shareReason }) => ({
    version: from,
    share: Math.round(percent * 1000),
    reason: shareReason,
  }))

export const cohortsForm = z
  .object({ version, cohorts: many(50), cohortsReason: reason })
  .transform(({ version: from, cohorts, cohortsReason }) => ({ version: from, cohorts, reason: cohortsReason }))

export const moveForm = z
  .object({ version, to: z.enum(stageIds, 'Choose a stage'), moveReason: reason })
  .transform(({ version: from, to, moveReason }) => ({ version: from, to, reason: moveReason }))

export const stagesForm = z
  .object({ version, stages: many(stageIds.length), stagesReason: reason })
  .transform(({ version: from, stages, stagesReason }) => ({
    version: from,
    stages: stageIds.filter((id) => stages.includes(id) || compulsory.has(id)),
    reason: stagesReason,
  }))

const compulsory = new Set<string>(['internal-release', 'public-release', 'removal'])

const typed = z.object({
  variantType: z.enum(variantTypes.map(({ type }) => type)).default('boolean'),
  variants: z.string().max(100_000).default(''),
  requires: z.string().max(1_000).default(''),
  forClients: z.literal('yes').optional(),
  stages: many(stageIds.length),
})

const mayNotBeEmpty = new Set(['name', 'description'])

/** What the form holds, in the shape that the API takes; problems of the lines of variants come with it. */
export function readDefinition(body: unknown): {
  wanted: Record<string, unknown>
  problem: { field: string; message: string } | null
} {
  const given = typed.safeParse(body ?? {})
  const { variantType, variants: text, requires, forClients, stages } = given.success ? given.data : typed.parse({})
  const read = readVariants(text, variantType)
  // An emptied field is left out, but where leaving it out would keep what was there.
  const fields = Object.fromEntries(
    Object.entries(body ?? {}).filter(
      ([field, value]) => typeof value === 'string' && (value !== '' || mayNotBeEmpty.has(field)),
    ),
  )
  return {
    wanted: {
      ...fields,
      forClients: forClients === 'yes',
      variants: read.ok ? read.variants : {},
      requires: requires
        .split(/[\s,]+/)
        .filter((key) => key !== '')
        .map((key) => ({ key })),
      stages: stageIds.filter((id) => stages.includes(id) || compulsory.has(id)),
    },
    problem: read.ok ? null : { field: 'variants', message: read.message },
  }
}
