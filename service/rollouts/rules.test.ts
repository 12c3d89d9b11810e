import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../platform/index.ts'
import { actualOn, deviationNow, plannedOn, plannedStarts } from './deviation.ts'
import { dayMs, emptyStep, type Plan, type Step } from './plan.ts'
import { dueNow, leastUntil, missingIn, openingOf, progressed, standingOf, startedSteps, type Act } from './rules.ts'

const start = new Date('2026-11-20T12:00:00Z')

const aStep = (given: Partial<Step> = {}): Step => ({
  ...emptyStep,
  audience: 'invited',
  size: { kind: 'people', people: 50 },
  minimumDays: 3,
  guardrails: ['Completion falls below 80%'],
  question: 'Do people find their address?',
  ...given,
})

const aPlan = (given: Partial<Plan> = {}): Plan => ({
  id: 'plan',
  serviceId: 'service',
  featureId: null,
  version: 1,
  progress: 'hand',
  deviation: 5,
  steps: [aStep(), aStep({ audience: 'share', size: { kind: 'percent', share: 5_000 } })],
  turns: [],
  pausedAt: null,
  told: { deviatesSince: null, stuck: null },
  changedAt: start,
  changedBy: 'A. Example',
  ...given,
})

/** Steps as somebody might leave them: some of the five may be missing. */
const anyStep: fc.Arbitrary<Step> = fc.record({
  audience: fc.constantFrom('invited', 'accounts', 'share', 'everyone', null),
  group: fc.constantFrom('', 'Drivers'),
  size: fc.oneof(
    fc.record({ kind: fc.constant('people' as const), people: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ kind: fc.constant('percent' as const), share: fc.integer({ min: 0, max: 100_000 }) }),
    fc.constant(null),
  ),
  minimumDays: fc.option(fc.integer({ min: 1, max: 9 })),
  guardrails: fc.array(fc.constant('Errors rise'), { maxLength: 2 }),
  question: fc.constantFrom('', 'Why?'),
  joinOpen: fc.boolean(),
  startsOn: fc.constant(null),
})

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Act>({ kind: 'start' }) },
  { weight: 3, arbitrary: fc.constantFrom<Act>({ kind: 'answer', answer: 'They do' }, { kind: 'answer', answer: '' }) },
  { weight: 4, arbitrary: fc.constant<Act>({ kind: 'close' }) },
  fc.constantFrom<Act>({ kind: 'pause' }, { kind: 'resume' }, { kind: 'back' }),
)

/** Any course of acts, each some hours later or earlier: what is refused changes nothing. */
function run(
  steps: Step[],
  acts: [Act, number][],
  each: (before: Plan, after: Plan, act: Act, at: Date) => void,
): Plan {
  let plan = aPlan({ steps })
  let at = start.getTime()
  for (const [act, hours] of acts) {
    at += hours * 3_600_000
    const before = plan
    try {
      plan = progressed(plan, act, { at: new Date(at), by: 'A. Example' })
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error))
      continue
    }
    each(before, plan, act, new Date(at))
  }
  return plan
}

const courses = [
  fc.array(anyStep, { maxLength: 4 }),
  fc.array(fc.tuple(anyAct, fc.integer({ min: -24, max: 120 })), { maxLength: 40 }),
] as const

test('ROL-1 no step ever starts without its five fields or closes without an answer, whatever is tried [row 61]', () => {
  fc.assert(
    fc.property(...courses, (steps, acts) => {
      run(steps, acts, (before, plan, act) => {
        const turn = plan.turns.at(-1)
        if (act.kind === 'start') assert.deepEqual(missingIn(turn?.step ?? emptyStep), [])
        if (act.kind === 'close') assert.notEqual(turn?.answer, '')
        assert.ok(plan.turns.length - before.turns.length <= 1)
      })
    }),
  )
})

test('ROL-2 at most one step runs, steps go one forward or one back, and none closes before its least time', () => {
  fc.assert(
    fc.property(...courses, (steps, acts) => {
      run(steps, acts, (before, plan, act, at) => {
        const open = plan.turns.filter(({ end }) => end === null)
        assert.ok(open.length <= 1)
        if (open.length === 1) assert.equal(plan.turns.at(-1), open[0])
        if (plan.pausedAt !== null) assert.equal(standingOf(plan).kind, 'paused')
        const moved = startedSteps(plan) - startedSteps(before)
        assert.equal(moved, act.kind === 'start' ? 1 : act.kind === 'back' ? -1 : 0)
        const closed = act.kind === 'close' ? plan.turns.at(-1) : undefined
        if (closed !== undefined) assert.ok(at >= leastUntil(closed))
        // History stands: a turn that has ended is never touched again.
        for (const [index, turn] of before.turns.entries())
          if (turn.end !== null) assert.deepEqual(plan.turns[index], turn)
      })
    }),
  )
})

test('ROL-2 time that a step stands still does not count as time that it ran', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (ran, stood) => {
      const at = (hours: number) => ({ at: new Date(start.getTime() + hours * 3_600_000), by: 'A. Example' })
      let plan = progressed(aPlan(), { kind: 'start' }, at(0))
      plan = progressed(plan, { kind: 'pause' }, at(ran))
      plan = progressed(plan, { kind: 'resume' }, at(ran + stood))
      const [turn] = plan.turns
      assert.equal(turn && leastUntil(turn).getTime(), start.getTime() + 3 * dayMs + stood * 3_600_000)
    }),
  )
})

test('ROL-2 a step that runs again after going back keeps the answer that it had', () => {
  const at = (days: number) => ({ at: new Date(start.getTime() + days * dayMs), by: 'A. Example' })
  let plan = progressed(aPlan(), { kind: 'start' }, at(0))
  plan = progressed(plan, { kind: 'answer', answer: 'Most do' }, at(1))
  plan = progressed(progressed(plan, { kind: 'close' }, at(3)), { kind: 'start' }, at(3))
  plan = progressed(plan, { kind: 'back' }, at(4))
  assert.deepEqual(
    plan.turns.map(({ position, end, answer }) => [position, end?.kind ?? null, answer]),
    [
      [1, 'closed', 'Most do'],
      [2, 'back', ''],
      [1, null, 'Most do'],
    ],
  )
})

test('ROL-5 the clock does nothing that a person could not do then, and never does the same twice', () => {
  fc.assert(
    fc.property(...courses, fc.boolean(), (steps, acts, halted) => {
      run(steps, acts, (_before, after, _act, at) => {
        const plan: Plan = { ...after, progress: 'clock' }
        const due = dueNow(plan, { now: at, today: at.toISOString().slice(0, 10), halted })
        if (due.kind !== 'acts') return
        const now = { at, by: 'The plan' }
        const done = due.acts.reduce((each, act) => progressed(each, act, now), plan)
        if (halted) assert.ok(!due.acts.some(({ kind }) => kind === 'start'))
        const again = dueNow(done, { now: at, today: at.toISOString().slice(0, 10), halted })
        assert.ok(again.kind !== 'acts', 'at the same moment nothing more is due')
      })
    }),
  )
})

test('ROL-5 the clock waits for the least time, the answer, the planned day, and says what it waits for', () => {
  const by = 'A. Example'
  const steps = [aStep(), aStep({ startsOn: '2026-12-01' })]
  const running = progressed(aPlan({ steps, progress: 'clock' }), { kind: 'start' }, { at: start, by })
  const at = (days: number) => {
    const now = new Date(start.getTime() + days * dayMs)
    return { now, today: now.toISOString().slice(0, 10), halted: false }
  }
  assert.equal(dueNow(running, at(2)).kind, 'nothing')
  const waits = dueNow(running, at(3))
  assert.match(waits.kind === 'stuck' ? waits.why : '', /waits for the answer/)
  const answered = progressed(running, { kind: 'answer', answer: 'They do' }, { at: start, by })
  assert.deepEqual(dueNow(answered, at(3)), { kind: 'acts', acts: [{ kind: 'close' }] })
  assert.deepEqual(dueNow(answered, at(11)), { kind: 'acts', acts: [{ kind: 'close' }, { kind: 'start' }] })
  assert.deepEqual(dueNow({ ...answered, progress: 'hand' }, at(11)), { kind: 'nothing' })
})

test('ROL-4 each audience opens what it says and nothing else', () => {
  const size = { kind: 'percent', share: 5_000 } as const
  assert.deepEqual(openingOf(aStep()), { share: 0, cap: 50, joinOpen: false })
  assert.deepEqual(openingOf(aStep({ audience: 'share', size })), { share: 5_000, cap: null, joinOpen: false })
  assert.deepEqual(openingOf(aStep({ audience: 'share' })), { share: 100_000, cap: 50, joinOpen: false })
  assert.deepEqual(openingOf(aStep({ audience: 'everyone', size })), { share: 100_000, cap: null, joinOpen: true })
})

test('ROL-7 the plan by date follows the steps, and a difference counts from the day after a step was due [row 81]', () => {
  const share = (percent: number) => ({
    audience: 'share' as const,
    size: { kind: 'percent' as const, share: percent * 1000 },
  })
  const plan = aPlan({
    steps: [
      aStep({ ...share(5), startsOn: '2026-11-20' }),
      aStep(share(25)),
      aStep({ ...share(50), startsOn: '2026-12-01' }),
    ],
  })
  assert.deepEqual(plannedStarts(plan, 'Europe/London'), ['2026-11-20', '2026-11-23', '2026-12-01'])
  assert.equal(plannedOn(plan, 'Europe/London', '2026-11-19'), null)
  assert.equal(plannedOn(plan, 'Europe/London', '2026-11-30')?.share, 25_000)
  const open = actualOn(
    [{ at: start, share: 5_000, cap: null, joinOpen: false, by: 'A. Example' }],
    [{ at: start, ceiling: 'open' }],
    new Date('2026-11-24T00:00:00Z'),
  )
  assert.equal(deviationNow(plan, 'Europe/London', '2026-11-23', open), null, 'the day of the step')
  assert.deepEqual(deviationNow(plan, 'Europe/London', '2026-11-24', open), {
    kind: 'share',
    points: -20,
    planned: 25_000,
    actual: 5_000,
  })
  const shut = actualOn([], [{ at: start, ceiling: 'invited' }], new Date('2026-11-24T00:00:00Z'))
  assert.equal(shut.share, 0, 'what the phase does not let count is not open')
})
