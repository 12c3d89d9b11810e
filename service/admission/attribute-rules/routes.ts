import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  asTypedRule,
  patternField,
  readRule,
  ruleContent,
  ruleOfApi,
  sayCondition,
  withMoreLines,
  type RuleChange,
} from '../../features/index.ts'
import { besideField, may, Refusal, typedValues, type App, type Problem } from '../../platform/index.ts'
import { html, link, type Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import { wayBack } from '../pages/door-parts.ts'
import type { Snapshots } from '../snapshots.ts'
import { attributeRulesApi } from './api.ts'
import { bothVersions, doorsSection, rulesContent, type RuleConflict } from './page.ts'
import { RulesChanged, setOneRule } from './setting.ts'
import { readRuleSet, type RuleSet } from './store.ts'

interface Typed {
  problems?: Problem[]
  values?: Record<string, string>
}

/** ADM-53: the rules of a service's own ladder, each changed by itself. */
export function attributeRulesRoutes(app: App, snapshots: Snapshots): void {
  attributeRulesApi(app, snapshots)
  const at = '/services/:service/admission/rules'
  app.get(at, { schema: { hide: true } }, (request, reply) => reply.page(rulesPage(request)))
  const id = z.string().max(40).optional()
  app.get(`${at}/rule`, { schema: { hide: true, querystring: z.object({ id }) } }, async (request, reply) => {
    const set = await readRuleSet(request.context.db, request.service.id)
    const asked = request.query.id
    if (asked === undefined) return reply.page(formPage(request, set))
    const rule = set.rules.find((each) => each.id === asked)
    if (rule === undefined) throw new Refusal('not-found')
    const values = asTypedRule(rule)
    return reply.page(values === null ? ofApiPage(request, set, asked) : formPage(request, set, { values }))
  })
  app.post(`${at}/rule`, { schema: { hide: true } }, async (request, reply) => {
    const { context, service } = request
    const set = await readRuleSet(context.db, service.id)
    const values = typedValues(request.body)
    if (values['do'] === 'more') return reply.page(formPage(request, set, { values: withMoreLines(values) }))
    const isRemoval = values['do'] === 'remove'
    const read = readRule(request.body, isRemoval)
    if (!read.ok) return reply.code(422).page(formPage(request, set, { problems: read.problems, values }))
    try {
      await setOneRule(context, service, isRemoval ? { ...read.value, rule: null } : read.value)
    } catch (error) {
      if (error instanceof RulesChanged) return reply.code(409).page(rulesPage(request, conflictOf(error, read.value)))
      const problems = [besideField(error, patternField(values))]
      return reply.code(422).page(formPage(request, set, { problems, values }))
    }
    await snapshots.refresh(service.id)
    return reply.redirect(`/services/${service.key}/admission/rules`, 303)
  })
}

function conflictOf({ stored }: RulesChanged, { id, rule }: RuleChange): RuleConflict {
  const before = stored.rules.find((each) => each.id === id)
  return {
    by: stored.changedBy ?? 'Somebody',
    stored: before === undefined ? 'It is not there' : `${before.name}: ${sayCondition(before.when)}`,
    yours: `${rule.name}: ${sayCondition(rule.when)}`,
  }
}

async function rulesPage(request: FastifyRequest, conflict: RuleConflict | null = null): Promise<Html> {
  const { context: ctx, service } = request
  const [set, mayChange] = await Promise.all([readRuleSet(ctx.db, service.id), may(ctx, 'admission.share', service.id)])
  return servicePage(
    request,
    {
      title: 'Rules on attributes',
      active: 'admission',
      eyebrow: wayBack(service),
      lede: 'A rule lets in whoever has certain attributes. The first that holds decides.',
      problems:
        conflict === null
          ? []
          : [{ field: 'conflict', message: `${conflict.by} changed the rules after you had opened this one` }],
    },
    html`${conflict !== null && bothVersions(conflict)} ${rulesContent({ service, set, mayChange })}`,
  )
}

function formPage(request: FastifyRequest, set: RuleSet, { problems = [], values = {} }: Typed = {}): Promise<Html> {
  const home = `/services/${request.service.key}/admission/rules`
  const title = (values['id'] ?? '') === '' ? 'Add a rule' : 'Change a rule'
  const form = { action: `${home}/rule`, back: home, version: set.version, variants: null, values, problems }
  return servicePage(
    request,
    { title, eyebrow: link('Rules on attributes', home), active: 'admission', problems },
    html`${ruleContent(form)} ${doorsSection(request.service)}`,
  )
}

function ofApiPage(request: FastifyRequest, { rules }: RuleSet, id: string): Promise<Html> {
  const home = `/services/${request.service.key}/admission/rules`
  return servicePage(
    request,
    { title: 'A rule made by the API', eyebrow: link('Rules on attributes', home), active: 'admission' },
    ruleOfApi(rules, id, home),
  )
}
