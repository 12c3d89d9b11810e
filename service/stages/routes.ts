import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mayDecideAt, ownRoles, subjectOf } from '../gates/index.ts'
import { besideField, may, readForm, Refusal, typedValues, type App, type Problem } from '../platform/index.ts'
import { html, link, type Html } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import type { OfFeature } from './actions.ts'
import { stageActs, type StageAct } from './acts.ts'
import { gateScreen } from './pages/gate-screen.ts'
import { stageContent } from './pages/stage-work.ts'
import { readStage } from './reads.ts'
import { daysIn } from './rules.ts'
import { featureParams } from './schemas.ts'
import { acknowledging } from './stages.ts'

const at = '/services/:service/features/:feature'
const hidden = { schema: { hide: true, params: featureParams } }
const named = z.object({ tester: z.string().max(100).default('') })
const testerOf = (params: unknown): string => named.parse(params).tester

export function stagesRoutes(app: App): void {
  app.get(`${at}/gate`, hidden, async (request, reply) => {
    const of = await staged(request)
    const page = await gatePage(request, of)
    return page === null ? reply.redirect(`${hrefOf(of)}/stages`, 303) : reply.page(page)
  })
  app.get(`${at}/stages`, hidden, async (request, reply) => reply.page(workPage(request, await staged(request))))
  for (const stageAct of stageActs) actRoute(app, stageAct)
  stagesApi(app)
}

async function staged(request: FastifyRequest): Promise<OfFeature> {
  const subject = await subjectOf(request)
  if (subject.kind !== 'feature') throw new Refusal('not-found')
  return subject
}

const hrefOf = ({ service, feature }: OfFeature): string => `/services/${service.key}/features/${feature.key}`

function actRoute(app: App, stageAct: StageAct): void {
  const schema = { hide: true, params: stageAct.params }
  app.post(`${at}/${stageAct.path}`, { schema }, async (request, reply) => {
    const of = await staged(request)
    const read = readForm(stageAct.body, fromForm(request.body))
    const values = typedValues(request.body)
    const tried = (problems: Problem[]) => reply.code(422).page(workPage(request, of, { problems, values }))
    if (!read.ok) return tried(read.problems.map((each) => ({ ...each, field: onForm(stageAct, each.field ?? '') })))
    try {
      await stageAct.work(request.context, of, read.value, testerOf(request.params))
    } catch (error) {
      return tried([besideField(error, onForm(stageAct, stageAct.field))])
    }
    return reply.redirect(`${hrefOf(of)}/stages#${stageAct.anchor}`, 303)
  })
}

/** Several forms stand on one page; a field that two of them have is named apart there. */
const apart: Record<string, Record<string, string>> = {
  'planning-records': { note: 'planningNote' },
  'beta-request': { note: 'readyNote' },
  announcements: { body: 'announcement' },
}

function onForm({ path }: StageAct, field: string): string {
  return apart[path]?.[field] ?? field
}

function fromForm(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  const plain = new Map(Object.values(apart).flatMap((names) => Object.entries(names).map(([to, from]) => [from, to])))
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [plain.get(name) ?? name, value]))
}

function stagesApi(app: App): void {
  const tags = ['Features']
  const schema = { summary: 'What was done for a feature between its gates', tags, params: featureParams }
  app.get(`/api/v1${at}/stages`, { schema }, async (request) => {
    const { work, demand, gate } = await readStage(request.context, await staged(request))
    return { ...work, demand, gate: gate === null ? null : gate.gate.id }
  })
  for (const { path, params, summary, body, work } of stageActs) {
    app.post(
      `/api/v1${at}/${path}`,
      { schema: { summary, tags, answers: [201], params, body } },
      async (request, reply) => {
        const id = await work(request.context, await staged(request), request.body, testerOf(request.params))
        return reply.code(201).send(id === undefined ? { done: true } : { id })
      },
    )
  }
}

async function gatePage(request: FastifyRequest, of: OfFeature): Promise<Html | null> {
  const { context: ctx } = request
  const stage = await readStage(ctx, of)
  const { gate } = stage
  if (gate === null) return null
  const roles = await ownRoles(ctx, of)
  const screen = {
    ...stage,
    gate,
    roles,
    mayDecide: await mayDecideAt(ctx, of, gate),
    clock: clockOf(of, gate, ctx.clock.now()),
  }
  const frame = {
    title: gate.gate.name,
    about: of.feature.name,
    active: 'features' as const,
    eyebrow: html`${link(of.feature.name, hrefOf(of))} · ${link('its stages', `${hrefOf(of)}/stages`)}`,
    isCompact: true,
  }
  return servicePage(request, frame, gateScreen(screen))
}

/** The soak or the watch, from the condition that asks for it. */
function clockOf(
  { feature }: OfFeature,
  gate: NonNullable<Awaited<ReturnType<typeof readStage>>['gate']>,
  now: Date,
): string | null {
  for (const { asked, holds, waiver } of gate.conditions) {
    const unit = { 'stages.days-in-stage': 'days', 'stages.hours-in-stage': 'hours' }[asked.id]
    if (unit === undefined || asked.value === undefined || holds === true || waiver !== null) continue
    const passed = daysIn(feature.course.since, now) * (unit === 'hours' ? 24 : 1)
    return `${(Math.floor(10 * passed) / 10).toLocaleString('en-GB')} of ${asked.value} ${unit}`
  }
  return null
}

interface Tried {
  problems: Problem[]
  values: Record<string, string>
}

async function workPage(
  request: FastifyRequest,
  of: OfFeature,
  { problems, values }: Tried = { problems: [], values: {} },
): Promise<Html> {
  const { context: ctx, service } = request
  const roles = await ownRoles(ctx, of)
  const page = {
    ...(await readStage(ctx, of)),
    may: {
      edit: await may(ctx, 'features.edit', service.id),
      assign: await may(ctx, 'features.assign-testers', service.id),
    },
    mine: acknowledging.filter((role) => roles.includes(role)),
    accountId: ctx.actor.kind === 'account' ? ctx.actor.accountId : null,
    isSupport: roles.includes('support') || roles.includes('service-manager'),
    ...{ problems, values },
  }
  const frame = {
    title: `Stages of ${of.feature.name}`,
    active: 'features' as const,
    eyebrow: html`${link(of.feature.name, hrefOf(of))} · ${link('its next gate', `${hrefOf(of)}/gate`)}`,
    lede: 'What is decided, asked, told and tried between two gates.',
    problems,
  }
  return servicePage(request, frame, stageContent(page))
}
