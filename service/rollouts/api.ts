import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { calendarDayOf, type App } from '../platform/index.ts'
import { PlanChanged, progressPlan, savePlan } from './actions.ts'
import { deviationNow } from './deviation.ts'
import type { Plan, Step } from './plan.ts'
import { daysOfPlan, openNow } from './reads.ts'
import { missingIn, openingOf, standingOf, type Act } from './rules.ts'
import { drawAfresh, readSaltEffect } from './salt.ts'
import { actBody, answerBody, closeBody, planBody, saltBody, stepOf } from './schemas.ts'
import { findPlan } from './store.ts'
import { ofSubject, subjectOf, type Subject } from './subject.ts'

const tags = ['Rollouts']
const params = z.object({ service: z.string().max(60) })
const withFeature = params.extend({ feature: z.string().max(64) })

export function rolloutsApi(app: App): void {
  const at = '/api/v1/services/:service'
  planApi(app, { at: `${at}/plan`, params, of: 'the service' })
  planApi(app, { at: `${at}/features/:feature/plan`, params: withFeature, of: 'the feature' })
  saltApi(app, { at: `${at}/salt`, params, of: 'the service' })
  saltApi(app, { at: `${at}/features/:feature/salt`, params: withFeature, of: 'the feature' })
}

interface Where {
  at: string
  params: typeof params | typeof withFeature
  of: string
}

function saltApi(app: App, { at, params: named, of }: Where): void {
  app.get(
    at,
    {
      schema: {
        summary: `What a new salt of ${of} would do: who stays, and how many others would be drawn`,
        tags,
        params: named,
      },
    },
    async (request) => readSaltEffect(request.context, await subjectOf(request)),
  )
  app.post(
    at,
    {
      schema: {
        summary: `Draw everybody afresh whom ${of} does not have, by a new salt`,
        answers: [200],
        tags,
        params: named,
        body: saltBody,
      },
    },
    async (request) => drawAfresh(request.context, await subjectOf(request), request.body),
  )
}

function planApi(app: App, { at, params: named, of }: Where): void {
  app.get(
    at,
    { schema: { summary: `The plan of ${of}, where it stands, planned and actual`, tags, params: named } },
    async (request) => {
      const subject = await subjectOf(request)
      return { plan: await shown(request, await findPlan(request.context.db, ofSubject(subject))) }
    },
  )
  app.put(
    at,
    {
      schema: {
        summary: `Write or change the plan of ${of}; steps that have started stand`,
        answers: [200],
        tags,
        params: named,
        body: planBody,
      },
    },
    (request, reply) =>
      versioned(request, reply, (subject) =>
        savePlan(request.context, subject, { ...request.body, steps: request.body.steps.map(stepOf) }),
      ),
  )
  for (const [kind, summary] of [
    ['start', 'Start the next step; it needs its five fields, and the phase has to allow it'],
    ['pause', 'Pause the plan'],
    ['resume', 'Resume the plan'],
    ['back', 'Go back to the step before; whoever is in stays in'],
  ] as const)
    app.post(
      `${at}/${kind}`,
      { schema: { summary, answers: [200], tags, params: named, body: actBody } },
      (request, reply) => acted(request, reply, request.body.version, [{ kind }]),
    )
  app.post(
    `${at}/answer`,
    {
      schema: {
        summary: 'Write down what the step that runs teaches',
        answers: [200],
        tags,
        params: named,
        body: answerBody,
      },
    },
    (request, reply) => acted(request, reply, request.body.version, [{ kind: 'answer', answer: request.body.answer }]),
  )
  app.post(
    `${at}/close`,
    {
      schema: {
        summary: 'Close the step that runs, with its answer',
        answers: [200],
        tags,
        params: named,
        body: closeBody,
      },
    },
    (request, reply) => {
      const { answer, version } = request.body
      return acted(request, reply, version, [...answering(answer), { kind: 'close' }])
    },
  )
}

const answering = (answer: string | undefined): Act[] => (answer === undefined ? [] : [{ kind: 'answer', answer }])

function acted(request: FastifyRequest, reply: FastifyReply, version: number | null, acts: Act[]): Promise<unknown> {
  return versioned(request, reply, (subject) => progressPlan(request.context, subject, { version, acts }))
}

/** ROL-6: of two who change one plan at once the second is shown both versions. */
async function versioned(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (subject: Subject) => Promise<Plan>,
): Promise<unknown> {
  const subject = await subjectOf(request)
  try {
    return { plan: await shown(request, await work(subject)) }
  } catch (error) {
    if (!(error instanceof PlanChanged)) throw error
    const conflict = {
      type: `urn:phasegate:${error.code}`,
      title: error.title,
      status: error.status,
      code: error.code,
      detail: error.whatToDo,
      stored: await shown(request, error.stored),
      sent: request.body,
      requestId: request.id,
    }
    return reply.code(error.status).type('application/problem+json').send(JSON.stringify(conflict))
  }
}

/** The feature is read again: an act on the plan may have changed it. */
async function shown(request: FastifyRequest, plan: Plan | null) {
  if (plan === null) return null
  const { context: ctx } = request
  const known = await subjectOf(request)
  const { serviceId: _service, featureId, told: _told, ...rest } = plan
  const now = ctx.clock.now()
  const { timeZone } = known.service
  const actual = await openNow(ctx.db, known)
  const stepShown = (step: Step) => asTold(step, featureId !== null)
  return {
    ...rest,
    feature: known.feature?.key ?? null,
    standing: standingOf(plan).kind,
    steps: plan.steps.map(stepShown),
    turns: plan.turns.map(({ step, ...turn }) => ({ ...turn, step: stepShown(step) })),
    deviationNow: deviationNow(plan, timeZone, calendarDayOf(now, timeZone), actual),
    days: await daysOfPlan(ctx.db, known, plan, now),
  }
}

/** As the API tells a step: in percent, with what is still open and what starting it sets. */
function asTold(step: Step, ofFeature: boolean) {
  const { size } = step
  return {
    ...step,
    size: size?.kind === 'percent' ? { kind: 'percent', percent: size.share / 1000 } : size,
    missing: missingIn(step, ofFeature),
    sets: openingOf(step),
  }
}
