import { z } from 'zod'
import { flagKinds, type Condition, type FlagValue } from '../../packages/admission/src/index.ts'
import { sharePercent, tooLong } from '../platform/index.ts'
import { stageIds } from './stages.ts'

const text = (most: number, missing: string) =>
  z.string({ error: missing }).trim().min(1, missing).max(most, tooLong(most))
const variantName = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/, 'Name a variant with letters, digits, dots, dashes and underscores')
const featureKey = z
  .string()
  .trim()
  .regex(
    /^(?:release|plan|operations)-[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/,
    'Begin the key with its kind, then small letters, digits and dashes: release-new-inbox',
  )
export const reason = text(500, 'Say why: it stands in the history')
/** Left out, nobody is told when somebody else changed the feature meanwhile. */
export const version = z.coerce.number().int().min(1).max(2_147_483_647)
const percent = sharePercent.describe('Of people, in steps of 0.001')

const mostOfAVariant = 4_000
const isSmall = (value: unknown): boolean => JSON.stringify(value).length <= mostOfAVariant
const flagValue = z
  .union([
    z.boolean(),
    z.string().max(mostOfAVariant),
    z.number().min(-1e15).max(1e15),
    z.record(z.string().max(100), z.unknown()).refine(isSmall, tooLong(mostOfAVariant)),
  ])
  .transform((value): FlagValue => value)
export const variants = z
  .record(variantName, flagValue)
  .refine((all) => Object.keys(all).length >= 2, 'Name at least two variants: one on, one off')
  .refine((all) => Object.keys(all).length <= 20, 'Name at most 20 variants')
  .refine(
    (all) => new Set(Object.values(all).map((value) => typeof value)).size === 1,
    'Give all variants values of one type',
  )

const definition = {
  name: text(100, 'Give the feature a name'),
  description: text(2000, 'Describe the feature for people who are not engineers'),
  appliesTo: z.enum(['new', 'both']),
  forClients: z.boolean().describe('May clients without a secret see it?'),
  variants,
  on: variantName,
  off: variantName,
  requires: z.array(z.object({ key: featureKey, variant: variantName.optional() })).max(10),
}

interface Variants {
  variants?: Record<string, unknown> | undefined
  on?: string | undefined
  off?: string | undefined
}

/** Which variant is on and which off have to be among them, and be two. */
function checkVariants({ variants: all, on, off }: Variants, ctx: z.RefinementCtx): void {
  if (all === undefined) return
  for (const [field, name] of Object.entries({ on, off }))
    if (name !== undefined && !Object.hasOwn(all, name))
      ctx.addIssue({ code: 'custom', path: [field], message: `There is no variant ${name}` })
  if (on !== undefined && on === off)
    ctx.addIssue({ code: 'custom', path: ['off'], message: 'Choose another variant for off than for on' })
}

const stageSet = z.array(z.enum(stageIds)).max(stageIds.length)

export const newFeature = z
  .object({
    ...definition,
    kind: z.enum(flagKinds, 'Choose what kind of flag it is'),
    key: featureKey.optional().describe('Made from kind and name where it is left out'),
    appliesTo: definition.appliesTo.default('new'),
    forClients: definition.forClients.default(false),
    variants: variants.default({ on: true, off: false }),
    on: variantName.default('on'),
    off: variantName.default('off'),
    requires: definition.requires.default([]),
    stages: stageSet.default([...stageIds]).describe('Those that a release flag goes through'),
    stagesReason: z.string().trim().max(500).default('').describe('Why the beta release is left out'),
  })
  .superRefine((wanted, ctx) => {
    checkVariants(wanted, ctx)
    if (wanted.key !== undefined && !wanted.key.startsWith(`${wanted.kind}-`))
      ctx.addIssue({ code: 'custom', path: ['key'], message: `Begin the key with ${wanted.kind}-` })
    if (wanted.kind === 'release' && !wanted.stages.includes('beta-release') && wanted.stagesReason === '')
      ctx.addIssue({ code: 'custom', path: ['stagesReason'], message: 'Say why the beta release is left out' })
  })
export type NewFeature = z.output<typeof newFeature>

/** What is said of the feature; what is left out stays. */
export const definitionChange = z
  .object({ ...z.object(definition).partial().shape, version })
  .superRefine((wanted, ctx) => checkVariants(wanted, ctx))
export type DefinitionChange = z.output<typeof definitionChange>

export const switchBody = z.object({
  on: z.boolean(),
  reason,
  version: version.optional().describe('Left out, it is not asked whether somebody changed it meanwhile'),
})

/** For whoever writes to the API: what `Condition` of packages/admission is. */
const conditionSays = [
  'A condition on one attribute of the context, or on several:',
  '`{ kind: "in", attribute, values: [texts] }`, `{ kind: "text", attribute, test: "contains" | "starts" | "ends", value }`,',
  '`{ kind: "number" | "version" | "date", attribute, test: "=" | "!=" | "<" | "<=" | ">" | ">=", value }`,',
  '`{ kind: "true", attribute }`, `{ kind: "address", attribute, ranges: ["192.0.2.0/24"] }`,',
  '`{ kind: "pattern", attribute, pattern }`, `{ kind: "all" | "any", of: [conditions] }`, `{ kind: "not", of: condition }`',
].join(' ')

const ruleBody = z.object({
  id: z.string().max(40).optional(),
  name: z.string().trim().max(100).default(''),
  when: z.unknown().describe(conditionSays),
  percent: percent.default(100).describe('Of those for whom it holds'),
  variant: variantName.optional(),
})
export const mostRules = 50

export const audienceBody = z.object({
  version,
  reason,
  percent: percent.optional(),
  rules: z.array(ruleBody).max(mostRules).optional(),
  cohorts: z.array(text(100, 'Name the cohort')).max(50).optional().describe('By name'),
})

/** All rules of a ladder, in the order in which they are asked. */
export const rulesBody = z
  .object({ version, reason, rules: z.array(ruleBody).max(mostRules) })
  .transform(({ rules, ...rest }) => ({
    ...rest,
    // What the condition is gets judged by the one rule for rules, with the place that is wrong.
    rules: rules.map(({ when, ...rule }) => ({ ...rule, when: when as Condition })),
  }))

export const moveBody = z.object({
  version,
  to: z.enum(stageIds),
  reason,
})
export const stagesBody = z.object({ version, stages: stageSet, reason })
export const removalBody = z.object({ reason })
export const confirmationBody = z.object({ role: z.enum(['growth', 'support', 'developer']) })

export const noticeBody = z.object({
  title: text(100, 'Say in a few words what changes'),
  body: text(2000, 'Say what it means for those who work with the service'),
})
