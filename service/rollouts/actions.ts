import { changeOpening, closeToNewcomers, haltOf, refuseAboveCeiling } from '../admission/index.ts'
import { act, actorName, Refusal, type Context, type Record, type Tx } from '../platform/index.ts'
import { ceilingOf, findServiceById, type Service } from '../services/index.ts'
import { mostSteps, type Plan, type Progress, type Step } from './plan.ts'
import { openingOf, progressed, rungOf, startedSteps, type Act } from './rules.ts'
import { findPlan, insertPlan, lockPlan, updatePlan } from './store.ts'
import { sayOpening, sayStep } from './words.ts'

/** ROL-6: somebody else changed the plan since the one who sends this had read it. Holds what is stored now. */
export class PlanChanged extends Refusal {
  readonly stored: Plan

  constructor(stored: Plan) {
    super('plan-changed', { by: stored.changedBy })
    this.stored = stored
  }
}

export interface PlanDraft {
  /** The version that was read; null for the first plan of a service. */
  version: number | null
  progress: Progress
  deviation: number
  /** Those that have not started yet, in their order. */
  steps: Step[]
}

const topic = 'admission'

/** ROL-3: the steps that have started stand; the rest is what is sent. */
export async function savePlan(ctx: Context, service: Service, draft: PlanDraft): Promise<Plan> {
  const deed = { permission: 'rollouts.plan', service: service.id, topic } as const
  return act(ctx, deed, async (tx, record) => {
    const now = { changedAt: ctx.clock.now(), changedBy: actorName(ctx.actor) }
    const { progress, deviation, steps } = draft
    const stored = await lockPlan(tx, service.id)
    if (stored === null) {
      refuseTooMany(steps)
      const told = { deviatesSince: null, stuck: null }
      const made = await insertPlan(tx, { serviceId: service.id, progress, deviation, steps, told, ...now })
      if (made === null) throw await changedMeanwhile(tx, service.id)
      record({ action: 'rollout.planned', summary: `planned to open in ${countSteps(steps.length)}`, subject: made.id })
      return made
    }
    if (draft.version !== stored.version) throw new PlanChanged(stored)
    const started = stored.steps.slice(0, startedSteps(stored))
    const all = [...started, ...steps]
    refuseTooMany(all)
    const plan: Plan = { ...stored, ...now, version: stored.version + 1, progress, deviation, steps: all }
    await updatePlan(tx, plan)
    record({
      action: 'rollout.planned',
      summary: `changed the plan to open: ${countSteps(all.length)}, ${countSteps(steps.length)} of them to come`,
      subject: plan.id,
    })
    return plan
  })
}

function countSteps(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`
}

function refuseTooMany(steps: readonly Step[]): void {
  if (steps.length > mostSteps) throw new Refusal('too-many-steps', { most: mostSteps })
}

/** Two made the first plan at once: the second is shown the one that is there. */
async function changedMeanwhile(tx: Tx, serviceId: string): Promise<PlanChanged> {
  const stored = await findPlan(tx, serviceId)
  if (stored === null) throw new Error('The plan was neither stored nor there')
  return new PlanChanged(stored)
}

/** Null where it shall hold whatever came between: what the clock does, it does under the lock. */
export type Versioned = { version: number | null }

/** One act on the plan by a person. An answer may come from whoever learns, the rest from whoever opens. */
export async function progressPlan(
  ctx: Context,
  service: Service,
  { version, acts }: Versioned & { acts: readonly Act[] },
): Promise<Plan> {
  const permission = acts.every(({ kind }) => kind === 'answer') ? 'rollouts.answer' : 'rollouts.plan'
  return act(ctx, { permission, service: service.id, topic }, async (tx, record) => {
    const stored = await lockPlan(tx, service.id)
    if (stored === null) throw new Refusal('no-plan')
    if (version !== null && version !== stored.version) throw new PlanChanged(stored)
    return doActs(ctx, tx, record, stored, acts)
  })
}

/** Inside the caller's transaction, with the plan's row held: what a step sets and that it started hold together, or neither. */
export async function doActs(ctx: Context, tx: Tx, record: Record, stored: Plan, acts: readonly Act[]): Promise<Plan> {
  const now = { at: ctx.clock.now(), by: actorName(ctx.actor) }
  let plan = stored
  for (const each of acts) {
    plan = progressed(plan, each, now)
    await effectOf(ctx, tx, record, plan, each)
  }
  const told = { ...plan.told, stuck: null }
  plan = { ...plan, told, version: stored.version + 1, changedAt: now.at, changedBy: now.by }
  await updatePlan(tx, plan)
  return plan
}

/** What an act on the plan changes about who gets in, and what history says of it. */
async function effectOf(ctx: Context, tx: Tx, record: Record, plan: Plan, { kind }: Act): Promise<void> {
  const service = await findServiceById(tx, plan.serviceId)
  const turn = plan.turns.at(-1)
  if (service === null || turn === undefined) throw new Refusal('not-found')
  const { position, step, answer } = turn
  const say = (action: string, summary: string, reason?: string): void =>
    record({
      action: `rollout.${action}`,
      summary,
      subject: plan.id,
      detail: { step: position },
      ...(reason ? { reason } : {}),
    })
  if (kind === 'answer') return say('answered', `wrote down what step ${position} teaches`, answer)
  if (kind === 'close') return say('step-closed', `closed step ${position} with its answer`, answer)
  if (kind === 'pause') {
    const reason = `Step ${position} of the plan is paused`
    await closeToNewcomers(ctx, tx, record, { service, reason })
    return say('paused', `paused the plan at step ${position}: nobody new is let in`)
  }
  // P4: nothing opens while the service is halted.
  if ((await haltOf(tx, service.id)) !== null) throw new Refusal('halted')
  refuseAboveCeiling(ceilingOf(service.phase), rungOf(step))
  const reason = `Step ${position} of the plan: ${sayStep(step)}`
  // A step that starts says how many places there are; going back or on takes none from those who are in (P3).
  const keepPlaces = kind !== 'start'
  await changeOpening(ctx, tx, record, { service, reason, ...openingOf(step), keepPlaces })
  const words = { start: 'started', resume: 'resumed the plan at', back: 'went back to' }[kind]
  say(
    kind === 'start' ? 'step-started' : kind === 'back' ? 'back' : 'resumed',
    `${words} step ${position}: ${sayOpening(step)}`,
  )
}
