import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../platform/index.ts'
import { PlanChanged, progressPlan, savePlan } from './actions.ts'
import { deviationNow, dayIn } from './deviation.ts'
import type { Plan, Step } from './plan.ts'
import { daysOfPlan, openNow } from './reads.ts'
import { missingIn, openingOf, standingOf, type Act } from './rules.ts'
import { drawAfresh, readSaltEffect } from './salt.ts'
import { actBody, answerBody, closeBody, planBody, saltBody, stepOf } from './schemas.ts'
import { findPlan } from './store.ts'

const tags = ['Rollouts']
const params = z.object({ service: z.string().max(60) })

export function rolloutsApi(app: App): void {
  const at = '/api/v1/services/:service'
  app.get(
    `${at}/plan`,
    { schema: { summary: 'The rollout plan, where it stands, and planned against actual', tags, params } },
    async (request) => ({ plan: await shown(request, await findPlan(request.context.db, request.service.id)) }),
  )
  app.put(
    `${at}/plan`,
    { schema: { summary: 'Write or change the plan; steps that have started stand', tags, params, body: planBody } },
    (request, reply) =>
      versioned(request, reply, () =>
        savePlan(request.context, request.service, { ...request.body, steps: request.body.steps.map(stepOf) }),
      ),
  )
  for (const [kind, summary] of [
    ['start', 'Start the next step; it needs its five fields, and the phase has to allow it'],
    ['pause', 'Pause the plan: nobody new is let in, whoever is in stays in'],
    ['resume', 'Resume the plan'],
    ['back', 'Go back to the step before; whoever is in stays in'],
  ] as const)
    app.post(`${at}/plan/${kind}`, { schema: { summary, tags, params, body: actBody } }, (request, reply) =>
      acted(request, reply, request.body.version, [{ kind }]),
    )
  app.post(
    `${at}/plan/answer`,
    { schema: { summary: 'Write down what the step that runs teaches', tags, params, body: answerBody } },
    (request, reply) => acted(request, reply, request.body.version, [{ kind: 'answer', answer: request.body.answer }]),
  )
  app.post(
    `${at}/plan/close`,
    { schema: { summary: 'Close the step that runs, with its answer', tags, params, body: closeBody } },
    (request, reply) => {
      const { answer, version } = request.body
      return acted(request, reply, version, [...answering(answer), { kind: 'close' }])
    },
  )
  app.get(
    `${at}/salt`,
    { schema: { summary: 'What a new salt would do: who stays, and how many others would be drawn', tags, params } },
    (request) => readSaltEffect(request.context, request.service),
  )
  app.post(
    `${at}/salt`,
    { schema: { summary: 'Draw everybody afresh who is not in, by a new salt', tags, params, body: saltBody } },
    (request) => drawAfresh(request.context, request.service, request.body),
  )
}

const answering = (answer: string | undefined): Act[] => (answer === undefined ? [] : [{ kind: 'answer', answer }])

function acted(request: FastifyRequest, reply: FastifyReply, version: number | null, acts: Act[]): Promise<unknown> {
  return versioned(request, reply, () => progressPlan(request.context, request.service, { version, acts }))
}

/** ROL-6: of two who change one plan at once the second is shown both versions. */
async function versioned(request: FastifyRequest, reply: FastifyReply, work: () => Promise<Plan>): Promise<unknown> {
  try {
    return { plan: await shown(request, await work()) }
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

async function shown({ context: ctx, service }: FastifyRequest, plan: Plan | null) {
  if (plan === null) return null
  const { serviceId: _service, told: _told, ...rest } = plan
  const now = ctx.clock.now()
  const actual = await openNow(ctx.db, service)
  return {
    ...rest,
    standing: standingOf(plan).kind,
    steps: plan.steps.map(stepShown),
    turns: plan.turns.map(({ step, ...turn }) => ({ ...turn, step: stepShown(step) })),
    deviationNow: deviationNow(plan, service.timeZone, dayIn(service.timeZone, now), actual),
    days: await daysOfPlan(ctx.db, service, plan, now),
  }
}

/** As the API writes a step: in percent, with what is still open and what starting it sets. */
function stepShown({ size, ...rest }: Step) {
  return {
    ...rest,
    size: size?.kind === 'percent' ? { kind: 'percent', percent: size.share / 1000 } : size,
    missing: missingIn({ size, ...rest }),
    sets: openingOf({ size, ...rest }),
  }
}
