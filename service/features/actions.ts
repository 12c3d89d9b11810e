import { randomUUID } from 'node:crypto'
import { act, actorName, must, notify, Refusal, type Context, type Tx } from '../platform/index.ts'
import { keyFor, type Service } from '../services/index.ts'
import type { Rule } from '../../packages/admission/src/index.ts'
import { changeFeature, mustFind, tell } from './changing.ts'
import { wholeShare, type ChangeNotice, type Cohort, type Feature } from './feature.ts'
import { refuseBadRules, refuseLeavingOut, refuseRing, refuseShareBelowOpen, switchPermission } from './rules.ts'
import { refuseWildPatterns, withRule, type GivenRule } from './rule-set.ts'
import { type DefinitionChange, type NewFeature } from './schemas.ts'
import { stageIds, type Stage } from './stages.ts'
import {
  cohortsOf,
  featuresOf,
  findFeature,
  insertDecision,
  insertFeature,
  insertMove,
  insertNotice,
  lockFeatures,
} from './store.ts'

const edit = () => 'features.edit' as const
const switching = ({ kind }: Feature) => switchPermission[kind]

/** FEAT-1: a new flag is off, whatever its kind. */
export async function createFeature(ctx: Context, service: Service, wanted: NewFeature): Promise<Feature> {
  const { stages: chosen, stagesReason, key: wantedKey, ...rest } = wanted
  const at = ctx.clock.now()
  const by = actorName(ctx.actor)
  const key = wantedKey ?? keyOf(wanted)
  return act(ctx, { permission: 'features.edit', service: service.id, topic: 'features' }, async (tx, record) => {
    await lockFeatures(tx, service.id)
    refuseRing(key, wanted.requires, await featuresOf(tx, service.id))
    const course = wanted.kind === 'release' ? beginning(chosen, at) : null
    const id = await insertFeature(tx, {
      ...rest,
      key,
      serviceId: service.id,
      course,
      isOn: false,
      // Plan and operations flags are for everybody once they are on, until a share says otherwise.
      share: course === null ? wholeShare : 0,
      rules: [],
      cohorts: [],
      createdAt: at,
      createdBy: by,
    })
    if (id === null) throw new Refusal('key-taken', { key })
    if (course !== null) {
      await insertMove(tx, id, { from: null, to: course.stage, at, by, reason: 'The feature was added', waiver: null })
      if (!chosen.includes('beta-release'))
        await insertDecision(tx, id, { stage: 'beta-release', takes: false, reason: stagesReason, at, by })
    }
    const feature = await findFeature(tx, service.id, key)
    if (feature === null) throw new Error('The feature was not stored')
    const detail = { kind: wanted.kind }
    const created = { to: feature, action: 'feature.created', summary: `added the flag ${key}`, detail }
    await tell(ctx, tx, record, created, service, undefined)
    return feature
  })
}

function keyOf({ kind, name }: Pick<NewFeature, 'kind' | 'name'>): string {
  return `${kind}-${keyFor(name).slice(0, 48).replace(/-+$/, '')}`
}

function beginning(chosen: readonly Stage['id'][], since: Date): Feature['course'] {
  const ordered = stageIds.filter((id) => chosen.includes(id))
  const stage = ordered[0] ?? 'development'
  refuseLeavingOut(ordered, stage)
  return { stages: ordered, stage, since }
}

/** What is said of it: words, variants, for whom, and what it requires. */
export async function changeDefinition(
  ctx: Context,
  service: Service,
  key: string,
  { version, ...wanted }: DefinitionChange,
): Promise<Feature> {
  return changeFeature(ctx, service, key, { permission: edit, version }, async (tx, feature) => {
    const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
    const to: Feature = { ...feature, ...given }
    for (const name of [to.on, to.off])
      if (!Object.hasOwn(to.variants, name)) throw new Refusal('variant-unknown', { name })
    if (to.on === to.off) throw new Refusal('variant-unknown', { name: `${to.off} for off that differs from on` })
    refuseBadRules(to.rules, to.variants)
    const all = await featuresOf(tx, service.id)
    refuseRing(key, to.requires, all)
    const names = Object.keys(given).filter(
      (name) => JSON.stringify(given[name]) !== JSON.stringify(feature[name as keyof Feature]),
    )
    const words = names.map((name) => fieldWords[name] ?? name).join(', ')
    return { to, action: 'feature.changed', summary: `changed ${words} of ${key}` }
  })
}

const fieldWords: { [field: string]: string | undefined } = {
  name: 'the name',
  description: 'the description',
  appliesTo: 'for which arm it is',
  forClients: 'whether clients see it',
  variants: 'the variants',
  on: 'the variant that is on',
  off: 'the variant that is off',
  requires: 'what it requires',
}

/** FEAT-2: who may depends on the kind of the flag. */
export async function switchFeature(
  ctx: Context,
  service: Service,
  key: string,
  { on, reason, version }: { on: boolean; reason: string; version?: number | undefined },
): Promise<Feature> {
  return changeFeature(ctx, service, key, { permission: switching, version, reason }, (_tx, feature) => ({
    to: { ...feature, isOn: on },
    action: 'feature.switched',
    summary: `switched ${key} ${on ? 'on' : 'off'}`,
    detail: { on },
  }))
}

export interface Audience {
  version: number
  reason: string
  /** Thousandths of a percent. */
  share?: number | undefined
  rules?: GivenRule[] | undefined
  /** By name. */
  cohorts?: string[] | undefined
}

/** Who gets it, as far as the stage lets them. */
export async function setAudience(
  ctx: Context,
  service: Service,
  key: string,
  { version, reason, share, rules, cohorts }: Audience,
): Promise<Feature> {
  if (rules !== undefined) {
    const feature = await mustFind(ctx, service, key)
    await must(ctx, switching(feature), service.id)
    refuseBadRules(rules, feature.variants)
    await refuseWildPatterns(rules, feature.rules)
  }
  return changeFeature(ctx, service, key, { permission: switching, version, reason }, async (tx, feature) => {
    const to: Feature = {
      ...feature,
      share: share ?? feature.share,
      rules: rules?.map((rule) => ({ ...rule, id: rule.id ?? randomUUID() })) ?? feature.rules,
      cohorts: cohorts === undefined ? feature.cohorts : await cohortsNamed(tx, service, cohorts),
    }
    if (to.share > feature.share) refuseShareBelowOpen(feature.course, to.share)
    refuseBadRules(to.rules, to.variants)
    return { to, action: 'feature.audience', summary: `changed who gets ${key}`, detail: { share: to.share } }
  })
}

/** One rule more, another in its place, or one less; the others stay as they are. */
export async function setRule(
  ctx: Context,
  service: Service,
  key: string,
  { version, reason, id, rule }: { version: number; reason: string; id: string; rule: Omit<Rule, 'id'> | null },
): Promise<Feature> {
  const { rules } = await mustFind(ctx, service, key)
  const next = withRule(rules, id, rule)
  return setAudience(ctx, service, key, { version, reason, rules: next })
}

async function cohortsNamed(tx: Tx, service: Service, names: readonly string[]): Promise<Cohort[]> {
  const known = await cohortsOf(tx, service.id)
  const found = names.map((name) => {
    const cohort = known.find((each) => each.name.toLowerCase() === name.toLowerCase())
    if (cohort === undefined) throw new Refusal('cohort-unknown', { name })
    return cohort
  })
  return known.filter((cohort) => found.includes(cohort))
}

/** FEAT-9: a change without a flag is told all the same. */
export async function announceChange(
  ctx: Context,
  service: Service,
  { title, body }: { title: string; body: string },
): Promise<ChangeNotice> {
  return act(ctx, { permission: 'features.edit', service: service.id, topic: 'features' }, async (tx, record) => {
    const notice = await insertNotice(tx, service.id, { title, body, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({ action: 'feature.notice', summary: `told the teams of a change without a flag: ${title}`, reason: body })
    await notify(ctx, tx, { service: service.id, title, body, href: `/services/${service.key}/features#notices` })
    return notice
  })
}
