import type { CompiledSnapshot } from '../../packages/admission/src/index.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  besideField,
  holdersOf,
  may,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Context,
  type Problem,
} from '../platform/index.ts'
import { servicePage } from '../services/index.ts'
import { announceChange, changeDefinition, createFeature, setAudience, setRule, switchFeature } from './actions.ts'
import { featuresApi } from './api.ts'
import { FeatureChanged, mustFind } from './changing.ts'
import { chooseStages, moveStage } from './moving.ts'
import { conflictOf } from './conflict.ts'
import type { Feature } from './feature.ts'
import * as forms from './forms.ts'
import { definitionForm } from './pages/definition-form.ts'
import { conflictSection, featureContent, type Conflict } from './pages/feature-page.ts'
import { ruleContent, ruleOfApi } from './pages/rule-page.ts'
import { asTypedRule, patternField, readRule, withMoreLines } from './rule-form.ts'
import { standingOf } from './standing.ts'
import { featuresContent } from './pages/features-page.ts'
import { confirmRemoval, removeFeature, requiring } from './removing.ts'
import { roleWords, rolesToConfirm, switchPermission, whyKept } from './rules.ts'
import { confirmationBody, definitionChange, newFeature, noticeBody, removalBody } from './schemas.ts'
import { cohortsOf, confirmationsOf, decisionsOf, featuresOf, movesOf, noticesOf } from './store.ts'
import { typeOfVariants, writeVariants } from './variants-text.ts'
import { box, html, link, type Html } from '../platform/html/index.ts'

const hiddenSchema = { schema: { hide: true } }
const withFeature = {
  schema: { hide: true, params: z.object({ service: z.string().max(60), feature: z.string().max(64) }) },
}
const at = '/services/:service/features'

interface Typed {
  problems?: Problem[]
  values?: Record<string, string>
  conflict?: Conflict | null
}

/** What decides. */
export interface Decisions {
  compiled(): CompiledSnapshot
}

export function featuresRoutes(app: App, decisions: Decisions): void {
  featuresApi(app)
  app.get(at, hiddenSchema, (request, reply) => reply.page(listPage(request)))
  app.get(`${at}/new`, hiddenSchema, (request, reply) => reply.page(newPage(request)))
  app.post(at, hiddenSchema, async (request, reply) => {
    const values = typedValues(request.body)
    const { wanted, problem } = forms.readDefinition(request.body)
    const read = readForm(newFeature, wanted)
    const problems = [...(problem === null ? [] : [problem]), ...(read.ok ? [] : read.problems)]
    if (!read.ok || problems.length > 0) return reply.code(422).page(newPage(request, { problems, values }))
    try {
      const feature = await createFeature(request.context, request.service, read.value)
      return reply.redirect(`/services/${request.service.key}/features/${feature.key}`, 303)
    } catch (error) {
      return reply.code(422).page(newPage(request, { problems: [besideField(error, 'key')], values }))
    }
  })
  app.post('/services/:service/change-notices', hiddenSchema, async (request, reply) => {
    const read = readForm(noticeBody, request.body)
    if (!read.ok) {
      const typed = { problems: read.problems, values: typedValues(request.body) }
      return reply.code(422).page(listPage(request, typed))
    }
    await announceChange(request.context, request.service, read.value)
    return reply.redirect(`/services/${request.service.key}/features#notices`, 303)
  })
  app.get(`${at}/:feature`, withFeature, (request, reply) =>
    reply.page(featurePage(request, decisions, request.params.feature)),
  )
  editRoutes(app)
  removalRoutes(app, decisions)
  ruleRoutes(app, decisions)
  changeRoutes(app, decisions)
}

function editRoutes(app: App): void {
  app.get(`${at}/:feature/edit`, withFeature, (request, reply) => reply.page(editPage(request, request.params.feature)))
  app.post(`${at}/:feature/edit`, withFeature, async (request, reply) => {
    const key = request.params.feature
    await mustFind(request.context, request.service, key)
    const values = typedValues(request.body)
    const { wanted, problem } = forms.readDefinition(request.body)
    const read = readForm(definitionChange, wanted)
    const problems = [...(problem === null ? [] : [problem]), ...(read.ok ? [] : read.problems)]
    if (!read.ok || problems.length > 0) return reply.code(422).page(editPage(request, key, { problems, values }))
    try {
      await changeDefinition(request.context, request.service, key, read.value)
    } catch (error) {
      if (error instanceof FeatureChanged) {
        const { version: _version, ...sent } = values
        const conflict = conflictOf(error.stored, read.value)
        return reply.code(409).page(editPage(request, key, { values: sent, conflict }))
      }
      return reply.code(422).page(editPage(request, key, { problems: [besideField(error, 'name')], values }))
    }
    return reply.redirect(`/services/${request.service.key}/features/${key}`, 303)
  })
}

function ruleRoutes(app: App, decisions: Decisions): void {
  const path = `${at}/:feature/rule`
  const asked = { schema: { ...withFeature.schema, querystring: z.object({ id: z.string().max(40).optional() }) } }
  app.get(path, asked, async (request, reply) => {
    const feature = await mustFind(request.context, request.service, request.params.feature)
    const { id } = request.query
    if (id === undefined) return reply.page(rulePage(request, feature))
    const rule = feature.rules.find((each) => each.id === id)
    if (rule === undefined) throw new Refusal('not-found')
    const values = asTypedRule(rule)
    return reply.page(values === null ? ruleOfApiPage(request, feature, id) : rulePage(request, feature, { values }))
  })
  app.post(path, withFeature, async (request, reply) => {
    const { context, service, params } = request
    const key = params.feature
    const feature = await mustFind(context, service, key)
    const values = typedValues(request.body)
    if (values['do'] === 'more') return reply.page(rulePage(request, feature, { values: withMoreLines(values) }))
    const isRemoval = values['do'] === 'remove'
    const read = readRule(request.body, isRemoval)
    if (!read.ok) return reply.code(422).page(rulePage(request, feature, { problems: read.problems, values }))
    try {
      await setRule(context, service, key, isRemoval ? { ...read.value, rule: null } : read.value)
    } catch (error) {
      if (error instanceof FeatureChanged) {
        const conflict = conflictOf(error.stored, { rules: [read.value.rule] })
        return reply.code(409).page(featurePage(request, decisions, key, { conflict }))
      }
      return reply
        .code(422)
        .page(rulePage(request, feature, { problems: [besideField(error, patternField(values))], values }))
    }
    return reply.redirect(`/services/${service.key}/features/${key}#rules`, 303)
  })
}

function rulePage(
  request: FastifyRequest,
  feature: Feature,
  { problems = [], values = {} }: Typed = {},
): Promise<Html> {
  const home = `/services/${request.service.key}/features/${feature.key}`
  const title = (values['id'] ?? '') === '' ? 'Add a rule' : 'Change a rule'
  const names = Object.keys(feature.variants)
  return servicePage(
    request,
    { title, about: feature.name, eyebrow: link(feature.name, home), active: 'features', problems },
    ruleContent({
      ...{ action: `${home}/rule`, back: `${home}#rules`, version: feature.version, values, problems },
      variants: names.length > 2 ? { names, on: feature.on } : null,
    }),
  )
}

function ruleOfApiPage(request: FastifyRequest, feature: Feature, id: string): Promise<Html> {
  const home = `/services/${request.service.key}/features/${feature.key}`
  return servicePage(
    request,
    { title: 'A rule made by the API', about: feature.name, eyebrow: link(feature.name, home), active: 'features' },
    ruleOfApi(feature.rules, id, `${home}#rules`),
  )
}

function removalRoutes(app: App, decisions: Decisions): void {
  app.post(`${at}/:feature/removal`, withFeature, async (request, reply) => {
    const { context, service, params } = request
    await mustFind(context, service, params.feature)
    const read = readForm(confirmationBody, request.body)
    if (!read.ok) throw new Refusal('invalid-request')
    await confirmRemoval(context, service, params.feature, read.value.role)
    return reply.redirect(`/services/${service.key}/features/${params.feature}#removal`, 303)
  })
  app.post(`${at}/:feature/remove`, withFeature, async (request, reply) => {
    const { context, service, params } = request
    const key = params.feature
    await mustFind(context, service, key)
    const values = typedValues(request.body)
    const read = readForm(removalBody, request.body)
    if (!read.ok) return reply.code(422).page(featurePage(request, decisions, key, { problems: read.problems, values }))
    try {
      await removeFeature(context, service, key, read.value.reason)
    } catch (error) {
      return reply
        .code(422)
        .page(featurePage(request, decisions, key, { problems: [besideField(error, 'reason')], values }))
    }
    return reply.redirect(`/services/${service.key}/features`, 303)
  })
}

/** Forms of the page of a feature: problems come back beside their field, a conflict with both versions. */
function changeRoutes(app: App, decisions: Decisions): void {
  function formRoute<S extends z.ZodType>(
    path: string,
    form: { schema: S; field: string },
    work: (request: FastifyRequest, key: string, value: z.output<S>) => Promise<Feature>,
  ): void {
    app.post(`${at}/:feature/${path}`, withFeature, async (request, reply) => {
      const { service, context, params } = request
      const key = params.feature
      await mustFind(context, service, key)
      const values = typedValues(request.body)
      const read = readForm(form.schema, request.body)
      if (!read.ok)
        return reply.code(422).page(featurePage(request, decisions, key, { problems: read.problems, values }))
      try {
        await work(request, key, read.value)
      } catch (error) {
        if (error instanceof FeatureChanged) {
          const conflict = conflictOf(error.stored, read.value as object)
          return reply.code(409).page(featurePage(request, decisions, key, { conflict }))
        }
        return reply
          .code(422)
          .page(featurePage(request, decisions, key, { problems: [besideField(error, form.field)], values }))
      }
      return reply.redirect(`/services/${service.key}/features/${key}#${path}`, 303)
    })
  }

  formRoute('switch', { schema: forms.switchForm, field: 'switchReason' }, ({ context, service }, key, value) =>
    switchFeature(context, service, key, value),
  )
  formRoute('share', { schema: forms.shareForm, field: 'percent' }, ({ context, service }, key, value) =>
    setAudience(context, service, key, value),
  )
  formRoute('cohorts', { schema: forms.cohortsForm, field: 'cohorts' }, ({ context, service }, key, value) =>
    setAudience(context, service, key, value),
  )
  formRoute('stage', { schema: forms.moveForm, field: 'to' }, ({ context, service }, key, value) =>
    moveStage(context, service, key, value),
  )
  formRoute('stages', { schema: forms.stagesForm, field: 'stages' }, ({ context, service }, key, value) =>
    chooseStages(context, service, key, value),
  )
}

async function listPage(request: FastifyRequest, { problems = [], values = {} }: Typed = {}): Promise<Html> {
  const { context: ctx, service } = request
  const [features, notices, mayEdit] = await Promise.all([
    featuresOf(ctx.db, service.id),
    noticesOf(ctx.db, service.id),
    may(ctx, 'features.edit', service.id),
  ])
  const asking = features.filter(({ removalAskedAt }) => removalAskedAt !== null)
  const stale = await Promise.all(asking.map(async (feature) => ({ feature, missing: await missingFor(ctx, feature) })))
  const lede = 'What is shown to some people first, who gets it, and how far it is.'
  return servicePage(
    request,
    { title: 'Features', active: 'features', lede, problems },
    featuresContent({ service, features, stale, notices, mayEdit, problems, values }),
  )
}

async function missingFor({ db }: Context, { id }: Feature): Promise<string[]> {
  const agreed = (await confirmationsOf(db, id)).map(({ role }) => role)
  return rolesToConfirm.filter((role) => !agreed.includes(role)).map((role) => roleWords[role])
}

const beginning = {
  appliesTo: 'new',
  variantType: 'boolean',
  variants: 'on = true\noff = false',
  on: 'on',
  off: 'off',
  stages: 'development\nbeta-release',
}

async function newPage(request: FastifyRequest, { problems = [], values }: Typed = {}): Promise<Html> {
  const { context: ctx, service } = request
  const home = `/services/${service.key}/features`
  const others = await featuresOf(ctx.db, service.id)
  const lede = 'The flag is off until somebody switches it on. The team hears of it at once.'
  return servicePage(
    request,
    { title: 'Add a feature', active: 'features', lede, problems },
    box(definitionForm({ action: home, cancel: home, feature: null, others, problems, values: values ?? beginning })),
  )
}

async function editPage(
  request: FastifyRequest,
  key: string,
  { problems = [], values, conflict = null }: Typed = {},
): Promise<Html> {
  const { context: ctx, service } = request
  const feature = await mustFind(ctx, service, key)
  const home = `/services/${service.key}/features/${key}`
  const others = (await featuresOf(ctx.db, service.id)).filter(({ id }) => id !== feature.id)
  const form = { action: `${home}/edit`, cancel: home, feature, others, problems, values: values ?? asTyped(feature) }
  return servicePage(
    request,
    { title: `Change ${feature.name}`, active: 'features', problems: withConflict(problems, conflict) },
    html`${conflict !== null && conflictSection(conflict)} ${box(definitionForm(form))}`,
  )
}

function withConflict(problems: Problem[], conflict: Conflict | null): Problem[] {
  if (conflict === null) return problems
  return [{ field: 'conflict', message: `${conflict.by} changed this feature after you had opened it` }]
}

function asTyped(feature: Feature): Record<string, string> {
  const { name, description, appliesTo, forClients, variants, on, off, requires } = feature
  return {
    ...{ name, description, appliesTo, on, off },
    ...(forClients ? { forClients: 'yes' } : {}),
    variantType: typeOfVariants(variants),
    variants: writeVariants(variants),
    requires: requires.map((each) => each.key).join(', '),
  }
}

async function featurePage(
  request: FastifyRequest,
  { compiled }: Decisions,
  key: string,
  { problems = [], values = {}, conflict = null }: Typed = {},
): Promise<Html> {
  const { context: ctx, service } = request
  const feature = await mustFind(ctx, service, key)
  const [cohorts, moves, decisions, confirmations, all, holders, maySwitch, mayEdit, mayReadRoom] = await Promise.all([
    cohortsOf(ctx.db, service.id),
    movesOf(ctx.db, feature.id),
    decisionsOf(ctx.db, feature.id),
    confirmationsOf(ctx.db, feature.id),
    featuresOf(ctx.db, service.id),
    holdersOf(ctx, service.id),
    may(ctx, switchPermission[feature.kind], service.id),
    may(ctx, 'features.edit', service.id),
    may(ctx, 'rooms.view', service.id),
  ])
  const agreed = confirmations.map(({ role }) => role)
  const removal = {
    confirmations,
    mine: rolesToConfirm.filter((role) => holders.includes(role)),
    keptBecause: whyKept(feature, agreed, requiring(all, key)),
  }
  return servicePage(
    request,
    { title: feature.name, active: 'features', problems: withConflict(problems, conflict) },
    featureContent({
      ...{ service, feature, cohorts, moves, decisions, removal, conflict, problems, values },
      rights: { maySwitch, mayEdit, mayReadRoom },
      standing: standingOf(compiled(), key),
    }),
  )
}
