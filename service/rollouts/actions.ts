import { changeOpening, closeToNewcomers, haltOf, refuseAboveCeiling } from '../admission/index.ts'
import { ceilingOf as ceilingOfFeature, ceilingUnder, widenFeature } from '../features/index.ts'
import { act, actorName, Refusal, type Context, type Record, type Tx } from '../platform/index.ts'
import { ceilingOf } from '../services/index.ts'
import { mostSteps, type Plan, type Progress, type Step, type Turn } from './plan.ts'
import { openingOf, progressed, rungOf, startedSteps, type Act } from './rules.ts'
import { findPlan, insertPlan, lockPlan, updatePlan } from './store.ts'
import { nameOf, ofSubject, planPermission, type Subject } from './subject.ts'
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
export async function savePlan(ctx: Context, subject: Subject, draft: PlanDraft): Promise<Plan> {
  const of = ofSubject(subject)
  const deed = { permission: planPermission(subject), service: of.serviceId, topic }
  return act(ctx, deed, async (tx, record) => {
    const now = { changedAt: ctx.clock.now(), changedBy: actorName(ctx.actor) }
    const { progress, deviation, steps } = draft
    const stored = await lockPlan(tx, of)
    if (stored === null) {
      refuseTooMany(steps)
      const told = { deviatesSince: null, stuck: null }
      const made = await insertPlan(tx, { ...of, progress, deviation, steps, told, ...now })
      if (made === null) throw await changedMeanwhile(tx, subject)
      record({
        action: 'rollout.planned',
        summary: `planned to open ${nameOf(subject)} in ${countSteps(steps.length)}`,
        subject: made.id,
      })
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
      summary: `changed the plan to open ${nameOf(subject)}: ${countSteps(all.length)}, ${countSteps(steps.length)} of them to come`,
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
async function changedMeanwhile(tx: Tx, subject: Subject): Promise<PlanChanged> {
  const stored = await findPlan(tx, ofSubject(subject))
  if (stored === null) throw new Error('The plan was neither stored nor there')
  return new PlanChanged(stored)
}

/** Null where it shall hold whatever came between: what the clock does, it does under the lock. */
export type Versioned = { version: number | null }

/** One act on the plan by a person. An answer may come from whoever learns, the rest from whoever opens. */
export async function progressPlan(
  ctx: Context,
  subject: Subject,
  { version, acts }: Versioned & { acts: readonly Act[] },
): Promise<Plan> {
  const permission = acts.every(({ kind }) => kind === 'answer') ? 'rollouts.answer' : planPermission(subject)
  return act(ctx, { permission, service: subject.service.id, topic }, async (tx, record) => {
    const stored = await lockPlan(tx, ofSubject(subject))
    if (stored === null) throw new Refusal('no-plan')
    if (version !== null && version !== stored.version) throw new PlanChanged(stored)
    return doActs(ctx, tx, record, { subject, stored, acts })
  })
}

/** Inside the caller's transaction, with the plan's row held: what a step sets and that it started hold together, or neither. */
export async function doActs(
  ctx: Context,
  tx: Tx,
  record: Record,
  { subject, stored, acts }: { subject: Subject; stored: Plan; acts: readonly Act[] },
): Promise<Plan> {
  const now = { at: ctx.clock.now(), by: actorName(ctx.actor) }
  let plan = stored
  for (const each of acts) {
    plan = progressed(plan, each, now)
    const turn = plan.turns.at(-1)
    if (turn === undefined) throw new Error('An act on a plan leaves a turn')
    await effectOf(ctx, tx, record, { subject, step: turn.step, position: turn.position, kind: each.kind })
    const { action, summary, reason } = entryOf(subject, turn, each.kind)
    record({ action, summary, subject: plan.id, detail: { step: turn.position }, ...(reason === '' ? {} : { reason }) })
  }
  const told = { ...plan.told, stuck: null }
  plan = { ...plan, told, version: stored.version + 1, changedAt: now.at, changedBy: now.by }
  await updatePlan(tx, plan)
  return plan
}

interface Effect {
  subject: Subject
  step: Step
  position: number
  kind: Act['kind']
}

/** What an act on the plan changes about who gets in. */
async function effectOf(ctx: Context, tx: Tx, record: Record, effect: Effect): Promise<void> {
  const { subject, step, position, kind } = effect
  const { service, feature } = subject
  if (kind === 'answer' || kind === 'close') return
  if (kind === 'pause') {
    // ROL-10: a feature keeps who has it and how many are drawn; its plan only stands still.
    if (feature !== null) return
    return closeToNewcomers(ctx, tx, record, { service, reason: `Step ${position} of the plan is paused` })
  }
  // P4: nothing opens while the service is halted.
  if ((await haltOf(tx, service.id)) !== null) throw new Refusal('halted')
  const rung = rungOf(step)
  const phase = ceilingOf(service.phase)
  refuseAboveCeiling(feature === null ? phase : ceilingUnder(phase, feature), rung)
  const reason = `Step ${position} of the plan: ${sayStep(step)}`
  if (feature === null) {
    // A step that starts says how many places there are; going back or on takes none from those who are in (P3).
    return changeOpening(ctx, tx, record, { service, reason, ...openingOf(step), keepPlaces: kind !== 'start' })
  }
  const { share } = openingOf(step)
  const cohort = rung === 'invited' ? step.group : null
  const widened = await widenFeature(ctx, tx, record, { service, key: feature.key }, { share, cohort, reason })
  refuseAboveCeiling(ceilingOfFeature(widened), rung)
}

function entryOf(
  subject: Subject,
  { position, step, answer }: Turn,
  kind: Act['kind'],
): { action: string; summary: string; reason: string } {
  const of = `step ${position} of the plan of ${nameOf(subject)}`
  const opens = sayOpening(step, subject.feature !== null)
  const stands = subject.feature === null ? ': nobody new is let in' : ''
  const entries: { [Kind in Act['kind']]: [action: string, summary: string, reason: string] } = {
    start: ['step-started', `started ${of}: ${opens}`, ''],
    answer: ['answered', `wrote down what ${of} teaches`, answer],
    close: ['step-closed', `closed ${of} with its answer`, answer],
    pause: ['paused', `paused at ${of}${stands}`, ''],
    resume: ['resumed', `resumed ${of}: ${opens}`, ''],
    back: ['back', `went back to ${of}: ${opens}`, ''],
  }
  const [action, summary, reason] = entries[kind]
  return { action: `rollout.${action}`, summary, reason }
}
