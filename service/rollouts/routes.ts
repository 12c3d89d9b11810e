import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import {
  calendarDayOf,
  besideField,
  may,
  must,
  readForm,
  typedValues,
  type App,
  type Problem,
} from '../platform/index.ts'
import { link } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { PlanChanged, progressPlan, savePlan, type PlanDraft } from './actions.ts'
import { rolloutsApi } from './api.ts'
import { conflictOf, type Conflict } from './conflict.ts'
import { deviationNow } from './deviation.ts'
import { defaultDeviation, mostSteps } from './plan.ts'
import { editContent } from './pages/edit-page.ts'
import { planContent, planLede, type PlanPage } from './pages/plan-page.ts'
import { saltContent } from './pages/salt-page.ts'
import { daysOfPlan, openNow } from './reads.ts'
import { startedSteps, type Act } from './rules.ts'
import { drawAfresh, readSaltEffect } from './salt.ts'
import * as schemas from './schemas.ts'
import { findPlan } from './store.ts'
import { homeOf, ofSubject, planPermission, subjectOf, type Subject } from './subject.ts'

const hidden = { schema: { hide: true } }
const homes = ['/services/:service/plan', '/services/:service/features/:feature/plan']

export function rolloutsRoutes(app: App): void {
  rolloutsApi(app)
  for (const at of homes) {
    app.get(at, hidden, (request, reply) => reply.page(planPage(request)))
    editRoutes(app, at)
    saltRoutes(app, `${at}/salt`)
    for (const kind of ['start', 'pause', 'resume', 'back'] as const)
      actRoute(app, `${at}/${kind}`, { schema: schemas.actForm, field: 'plan' }, () => [{ kind }])
    actRoute(app, `${at}/answer`, { schema: schemas.answerForm, field: 'answer' }, ({ answer }) => [
      { kind: 'answer', answer },
    ])
    actRoute(app, `${at}/close`, { schema: schemas.closeForm, field: 'answer' }, ({ answer }) => [
      { kind: 'answer', answer },
      { kind: 'close' },
    ])
  }
}

/** Problems and refusals come back on the page of the plan, a conflict with what is stored now. */
function actRoute<S extends z.ZodType<{ version: number }>>(
  app: App,
  at: string,
  form: { schema: S; field: string },
  actsOf: (value: z.output<S>) => Act[],
): void {
  app.post(at, hidden, async (request, reply) => {
    const subject = await subjectOf(request)
    const values = typedValues(request.body)
    const read = readForm(form.schema, request.body)
    if (!read.ok) return reply.code(422).page(planPage(request, { problems: read.problems, values }))
    try {
      const { version } = read.value
      await progressPlan(request.context, subject, { version, acts: actsOf(read.value) })
    } catch (error) {
      const problems = [besideField(error, form.field)]
      return reply.code(error instanceof PlanChanged ? 409 : 422).page(planPage(request, { problems, values }))
    }
    return reply.redirect(homeOf(subject), 303)
  })
}

function editRoutes(app: App, at: string): void {
  app.get(`${at}/edit`, hidden, (request, reply) => reply.page(editPage(request, {})))
  app.post(`${at}/edit`, hidden, async (request, reply) => {
    const subject = await subjectOf(request)
    const values = typedValues(request.body)
    // “Another step” sends the whole form: nothing typed is lost, and nothing is stored yet.
    if (values['another'] === 'yes') return reply.page(editPage(request, { values, another: true }))
    const read = readForm(schemas.planForm, request.body)
    const plan = await findPlan(request.context.db, ofSubject(subject))
    const { steps, problems: inSteps } = schemas.readSteps(values, plan === null ? 0 : startedSteps(plan))
    if (plan === null && steps.length === 0 && inSteps.length === 0)
      inSteps.push({
        field: 'step-1-audience',
        message: 'Write at least one step: whom it is for, or what you want to learn',
      })
    const problems = [...(read.ok ? [] : read.problems), ...inSteps]
    if (!read.ok || problems.length > 0) return reply.code(422).page(editPage(request, { values, problems }))
    const draft: PlanDraft = { ...read.value, steps }
    try {
      await savePlan(request.context, subject, draft)
    } catch (error) {
      if (error instanceof PlanChanged) {
        const conflict = conflictOf(error.stored, draft)
        return reply.code(409).page(editPage(request, { values, conflict }))
      }
      return reply.code(422).page(editPage(request, { values, problems: [besideField(error, 'progress')] }))
    }
    return reply.redirect(homeOf(subject), 303)
  })
}

function saltRoutes(app: App, at: string): void {
  app.get(at, hidden, (request, reply) => reply.page(saltPage(request, [], {})))
  app.post(at, hidden, async (request, reply) => {
    const read = readForm(schemas.saltForm, request.body)
    if (!read.ok) return reply.code(422).page(saltPage(request, read.problems, typedValues(request.body)))
    const subject = await subjectOf(request)
    await drawAfresh(request.context, subject, { reason: read.value.saltReason })
    const { service, feature } = subject
    const home = `/services/${service.key}`
    return reply.redirect(feature === null ? `${home}/admission#ladder` : `${home}/features/${feature.key}#ladder`, 303)
  })
}

async function planPage(
  request: FastifyRequest,
  { problems = [], values = {} }: { problems?: Problem[]; values?: Record<string, string> } = {},
) {
  const { context: ctx } = request
  const subject = await subjectOf(request)
  const { service, feature } = subject
  const plan = await findPlan(ctx.db, ofSubject(subject))
  const now = ctx.clock.now()
  const open = await openNow(ctx.db, subject)
  const view: PlanPage = {
    subject,
    plan,
    days: plan === null ? [] : await daysOfPlan(ctx.db, subject, plan, now),
    now,
    deviation: plan === null ? null : deviationNow(plan, service.timeZone, calendarDayOf(now, service.timeZone), open),
    mayPlan: await may(ctx, planPermission(subject), service.id),
    mayAnswer: await may(ctx, 'rollouts.answer', service.id),
    problems,
    values,
  }
  const title = feature === null ? 'Rollout plan' : `Rollout plan of ${feature.name}`
  const lede = planLede(view)
  return servicePage(
    request,
    { title, active: sectionOf(subject), eyebrow: upFrom(subject), lede, problems },
    planContent(view),
  )
}

interface Editing {
  values?: Record<string, string>
  problems?: Problem[]
  conflict?: Conflict
  another?: boolean
}

async function editPage(request: FastifyRequest, { values, problems = [], conflict, another = false }: Editing) {
  const { context: ctx } = request
  const subject = await subjectOf(request)
  await must(ctx, planPermission(subject), subject.service.id)
  const plan = await findPlan(ctx.db, ofSubject(subject))
  const started = plan === null ? 0 : startedSteps(plan)
  const upcoming = plan === null ? [] : plan.steps.slice(started)
  const stored: Record<string, string> = {
    progress: plan?.progress ?? 'hand',
    deviation: String(plan?.deviation ?? defaultDeviation),
    version: plan === null ? '' : String(plan.version),
    ...Object.fromEntries(upcoming.flatMap((step, index) => Object.entries(schemas.fieldsOf(step, index + 1)))),
  }
  // After a conflict what is sent next is meant for what is stored now: both versions stand on the page.
  const version = stored['version'] ?? ''
  const shown = values === undefined ? stored : { ...values, ...(conflict === undefined ? {} : { version }) }
  const typed = values === undefined ? upcoming.length : lastNumber(values)
  const room = mostSteps - started
  const view = {
    subject,
    started,
    count: Math.min(room, Math.max(1, typed + (another ? 1 : 0))),
    isFull: typed >= room,
    values: shown,
    problems,
    conflict: conflict ?? null,
  }
  return servicePage(
    request,
    {
      title: plan === null ? 'Write the rollout plan' : 'Change the rollout plan',
      about: subject.feature?.name,
      active: sectionOf(subject),
      eyebrow: link('Rollout plan', homeOf(subject)),
      lede: 'Each step is small, watched and asks one question. What is left empty can follow, but no step starts without it.',
      problems: conflict === undefined ? problems : [conflictProblem(conflict)],
    },
    editContent(view),
  )
}

function conflictProblem({ by }: Conflict): Problem {
  return { field: 'conflict', message: `${by} changed the plan after you had opened it` }
}

function lastNumber(values: Record<string, string>): number {
  const numbers = Object.keys(values).flatMap((name) => Number(/^step-(\d{1,2})-/.exec(name)?.[1] ?? 0))
  return Math.min(mostSteps, Math.max(0, ...numbers))
}

async function saltPage(request: FastifyRequest, problems: Problem[], values: Record<string, string>) {
  const subject = await subjectOf(request)
  const effect = await readSaltEffect(request.context, subject)
  return servicePage(
    request,
    {
      title: 'Draw afresh',
      about: subject.feature?.name,
      active: sectionOf(subject),
      eyebrow: upFrom(subject),
      lede: 'A new salt for the share: who is in stays in, and everybody else is drawn again.',
      problems,
    },
    saltContent({ subject, effect, problems, values }),
  )
}

const sectionOf = ({ feature }: Subject) => (feature === null ? 'admission' : 'features')

function upFrom({ service, feature }: Subject) {
  const home = `/services/${service.key}`
  return feature === null
    ? link('Who gets in', `${home}/admission`)
    : link(feature.name, `${home}/features/${feature.key}`)
}
