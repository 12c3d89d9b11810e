import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Opening } from '../admission/index.ts'
import { longMomentWords, Refusal } from '../platform/index.ts'
import { dayMs, wholeShare, type Plan, type Step, type Turn } from './plan.ts'

/** Where a plan stands. */
export type Standing =
  | { kind: 'not-started' }
  | { kind: 'running'; turn: Turn }
  | { kind: 'paused'; turn: Turn; since: Date }
  /** A step is closed and the next one has not started. */
  | { kind: 'between'; last: Turn }
  | { kind: 'done'; last: Turn }

export function standingOf({ turns, steps, pausedAt }: Pick<Plan, 'turns' | 'steps' | 'pausedAt'>): Standing {
  const last = turns.at(-1)
  if (last === undefined) return { kind: 'not-started' }
  if (last.end === null)
    return pausedAt === null ? { kind: 'running', turn: last } : { kind: 'paused', turn: last, since: pausedAt }
  return last.position < steps.length ? { kind: 'between', last } : { kind: 'done', last }
}

/** The five that a step needs, in the words of the page (ROL-1). A feature has no places: a cohort or a share says how many. */
export function missingIn(step: Step, ofFeature = false): string[] {
  const missing: string[] = []
  const { audience, size } = step
  if (audience === null) missing.push('audience')
  if (size === null) missing.push('size')
  else if (ofFeature && audience === 'share' && size.kind === 'people') missing.push('size in percent')
  const isNamed = audience === 'invited' || audience === 'accounts'
  if (ofFeature && isNamed && step.group === '') missing.push('group')
  if (step.minimumDays === null) missing.push('minimum duration')
  if (step.guardrails.length === 0) missing.push('guardrails')
  if (step.question === '') missing.push('learning question')
  return missing
}

/** How many steps have started, from the first on: these are history, and no plan changes them (ROL-3). */
export function startedSteps({ turns }: Pick<Plan, 'turns'>): number {
  const last = turns.at(-1)
  return last === undefined ? 0 : last.position
}

/** The rung that a step opens, which the phase has to allow (ROL-4). */
export function rungOf(step: Step): LettingRung {
  return step.audience === 'share' || step.audience === 'everyone' ? 'share' : 'invited'
}

/** ROL-4: what a step that starts sets. Places for people and accounts; a share for those who come by themselves. */
export function openingOf({ audience, size, joinOpen }: Step): Required<Opening> {
  if (audience === 'everyone') return { share: wholeShare, cap: null, joinOpen: true }
  const cap = size?.kind === 'people' ? size.people : null
  if (audience !== 'share') return { share: 0, cap, joinOpen: false }
  return { share: size?.kind === 'percent' ? size.share : wholeShare, cap, joinOpen }
}

/** When the least time of a step is over, without the time that it stood still. */
export function leastUntil({ startedAt, step, pausedMs }: Turn): Date {
  return new Date(startedAt.getTime() + (step.minimumDays ?? 0) * dayMs + pausedMs)
}

export type Act =
  | { kind: 'start' }
  | { kind: 'answer'; answer: string }
  | { kind: 'close' }
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'back' }

/** One act on a plan, or a refusal that says what to do first. Pure: who and when come in (ROL-2). */
export function progressed(plan: Plan, act: Act, { at, by }: { at: Date; by: string }): Plan {
  switch (act.kind) {
    case 'start':
      return started(plan, at, by)
    case 'answer':
      return withLast(plan, { answer: act.answer, answeredBy: by })
    case 'close':
      return closed(plan, at, by)
    case 'pause': {
      if (standingOf(plan).kind !== 'running') throw new Refusal('no-step-runs')
      return { ...plan, pausedAt: at }
    }
    case 'resume':
      return resumed(plan, at)
    case 'back':
      return wentBack(plan, at, by)
  }
}

function started(plan: Plan, at: Date, by: string): Plan {
  const standing = standingOf(plan)
  if (standing.kind === 'running' || standing.kind === 'paused')
    throw new Refusal('step-runs', { step: standing.turn.position })
  if (standing.kind === 'done') throw new Refusal('no-step-left')
  const position = startedSteps(plan) + 1
  const step = plan.steps[position - 1]
  if (step === undefined) throw new Refusal('no-step-left')
  const missing = missingIn(step, plan.featureId !== null)
  if (missing.length > 0) throw new Refusal('step-incomplete', { step: position, missing: missing.join(', ') })
  return { ...plan, turns: [...plan.turns, turnOf(position, step, at, by)] }
}

function turnOf(position: number, step: Step, startedAt: Date, startedBy: string): Turn {
  return { position, step, startedAt, startedBy, pausedMs: 0, answer: '', answeredBy: null, end: null }
}

function closed(plan: Plan, at: Date, by: string): Plan {
  const standing = standingOf(plan)
  if (standing.kind === 'paused') throw new Refusal('step-paused')
  if (standing.kind !== 'running') throw new Refusal('no-step-runs')
  const { turn } = standing
  if (turn.answer === '') throw new Refusal('step-unanswered', { step: turn.position })
  const least = leastUntil(turn)
  if (at < least) throw new Refusal('step-too-soon', { step: turn.position, until: sayMoment(least) })
  return withLast(plan, { end: { kind: 'closed', at, by } })
}

function sayMoment(at: Date): string {
  return `${longMomentWords(at, 'UTC')} UTC`
}

function resumed(plan: Plan, at: Date): Plan {
  const standing = standingOf(plan)
  if (standing.kind !== 'paused') throw new Refusal('plan-not-paused')
  // A clock that was set back takes nothing away from the time that a step has run.
  const stood = Math.max(0, at.getTime() - standing.since.getTime())
  return { ...withLast(plan, { pausedMs: standing.turn.pausedMs + stood }), pausedAt: null }
}

/** To the step before, which runs again; it keeps the answer that it had. Who is in stays in (P3). */
function wentBack(plan: Plan, at: Date, by: string): Plan {
  const last = plan.turns.at(-1)
  if (last === undefined || last.position === 1) throw new Refusal('no-step-before')
  const before = plan.turns.findLast(({ position }) => position === last.position - 1)
  if (before === undefined) throw new Refusal('no-step-before')
  const ended = last.end === null ? withLast(plan, { end: { kind: 'back', at, by } }) : plan
  const again = turnOf(before.position, before.step, at, by)
  const kept = { answer: before.answer, answeredBy: before.answeredBy }
  return { ...ended, pausedAt: null, turns: [...ended.turns, { ...again, ...kept }] }
}

/** A change of the turn that runs. */
function withLast(plan: Plan, change: Partial<Turn>): Plan {
  const last = plan.turns.at(-1)
  if (last === undefined || last.end !== null) throw new Refusal('no-step-runs')
  return { ...plan, turns: [...plan.turns.slice(0, -1), { ...last, ...change }] }
}

/** What a plan by the clock does now (ROL-5): nothing; the acts that are due; or it cannot go on, and says why. */
export type Due = { kind: 'nothing' } | { kind: 'acts'; acts: Act[] } | { kind: 'stuck'; why: string }

/** `today` is the day in the service's time zone. A halted service begins no step. */
export function dueNow(plan: Plan, { now, today, halted }: { now: Date; today: string; halted: boolean }): Due {
  const standing = standingOf(plan)
  if (plan.progress === 'hand' || standing.kind === 'paused' || standing.kind === 'done') return { kind: 'nothing' }
  const next = plan.steps[startedSteps(plan)]
  const isPlanned = next !== undefined && (next.startsOn === null || next.startsOn <= today)
  const startNext = (before: Act[]): Due => {
    if (next === undefined) return { kind: 'acts', acts: before }
    if (!isPlanned) return before.length > 0 ? { kind: 'acts', acts: before } : { kind: 'nothing' }
    const position = startedSteps(plan) + 1
    const missing = missingIn(next, plan.featureId !== null)
    if (halted) return { kind: 'stuck', why: `Step ${position} does not start while the beta is halted.` }
    if (missing.length > 0) return { kind: 'stuck', why: `Step ${position} still lacks: ${missing.join(', ')}.` }
    return { kind: 'acts', acts: [...before, { kind: 'start' }] }
  }
  if (standing.kind === 'running') {
    if (now < leastUntil(standing.turn)) return { kind: 'nothing' }
    if (standing.turn.answer === '')
      return { kind: 'stuck', why: `Step ${standing.turn.position} waits for the answer to its question.` }
    return startNext([{ kind: 'close' }])
  }
  // A first step without a day begins when somebody starts it.
  if (standing.kind === 'not-started' && (next === undefined || next.startsOn === null)) return { kind: 'nothing' }
  return startNext([])
}
