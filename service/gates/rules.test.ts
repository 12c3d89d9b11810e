import assert from 'node:assert/strict'
import test from 'node:test'
import type { Reading } from '../platform/index.ts'
import { evaluateCriterion, type CriterionFacts } from './criterion-rules.ts'
import type { Evidence, RuleReading, SignalWaiver, SignOff, Verdict } from './gates.ts'
import type { Gate, NumberedCriterion, SignalAsked } from './playbook.ts'
import { evaluateGate, gateDay, holds, inWords, nextThings, type GateFacts } from './rules.ts'

const noon = (day: string) => new Date(`${day}T12:00:00Z`)

const aCriterion = (more: Partial<NumberedCriterion> = {}): NumberedCriterion => ({
  id: 'works-well',
  number: 1,
  group: 'a',
  gates: ['gate'],
  title: 'It works',
  ask: 'Does it work?',
  why: 'Because.',
  decides: ['product'],
  failureSigns: [],
  evidence: [],
  signals: [],
  source: { heading: 'A', says: 'B', rows: [1] },
  ...more,
})

const aVerdict = (more: Partial<Verdict> = {}): Verdict => ({
  id: 'v1',
  criterion: 'works-well',
  gate: 'gate',
  phase: 'private-beta',
  kind: 'met',
  reason: 'We saw it.',
  by: 'A. Example',
  byAccount: 'a',
  role: 'product',
  at: noon('2026-11-10'),
  waiver: null,
  frozen: { playbook: { id: 'p', version: '1' }, readings: [], evidence: [] },
  ...more,
})

const aReading = (asked: Partial<SignalAsked>, reading: Reading | number): RuleReading => {
  const rule = { id: 'test.figure', windowDays: 28, op: 'gte', value: 80, ...asked } as SignalAsked
  const read: Reading =
    typeof reading === 'number'
      ? { kind: 'value', value: reading, n: 100, asOf: noon('2026-11-20'), href: '/' }
      : reading
  return {
    asked: rule,
    signal: { id: rule.id, unit: 'percent', says: 'of it' },
    window: { from: noon('2026-10-23'), to: noon('2026-11-20') },
    reading: read,
    holds: holds(rule, read),
  }
}

const someEvidence = (more: Partial<Evidence> = {}): Evidence => ({
  id: 'e1',
  criterion: 'works-well',
  asked: 'audit',
  title: 'Audit',
  url: null,
  note: '',
  dated: '2026-11-01',
  owner: 'A. Example',
  by: 'B. Example',
  byAccount: 'b',
  at: noon('2026-11-01'),
  says: null,
  attachment: null,
  ...more,
})

const evaluate = (more: Partial<CriterionFacts> = {}) =>
  evaluateCriterion({
    criterion: aCriterion(),
    history: [],
    evidence: [],
    readings: [],
    signalWaivers: [],
    runSince: null,
    rewritten: false,
    confirmAfterDays: 120,
    day: '2026-11-20',
    timeZone: 'Europe/London',
    ...more,
  })

test('GATE-3 without a verdict a criterion is not started, or evidenced once something is attached or measured', () => {
  assert.equal(evaluate().state, 'not-started')
  assert.equal(evaluate({ evidence: [someEvidence()] }).state, 'evidenced')
  assert.equal(evaluate({ readings: [aReading({}, 99)] }).state, 'evidenced')
  assert.equal(evaluate({ readings: [aReading({}, { kind: 'no-data', href: '/' })] }).state, 'not-started')
})

test('GATE-4 data that fulfils every rule makes a criterion evidenced, never met', () => {
  const view = evaluate({
    readings: [aReading({}, 100), aReading({ id: 'test.other', blocks: true }, 100)],
    evidence: [someEvidence({ says: 'met' })],
  })
  assert.equal(view.state, 'evidenced')
})

test('GATE-8 met while a signal fails, and not met while all hold, are disagreements', () => {
  const fails = [aReading({}, 70)]
  const passes = [aReading({}, 90), aReading({ id: 'test.other' }, 80)]
  assert.equal(evaluate({ history: [aVerdict()], readings: fails }).disagrees, 'met-against-data')
  assert.equal(evaluate({ history: [aVerdict()], readings: passes }).disagrees, null)
  assert.equal(
    evaluate({ history: [aVerdict({ kind: 'not-met' })], readings: passes }).disagrees,
    'not-met-against-data',
  )
  assert.equal(evaluate({ history: [aVerdict({ kind: 'not-met' })], readings: fails }).disagrees, null)
  assert.equal(evaluate({ readings: fails }).disagrees, null)
})

test('GATE-8 no data and too few neither agree nor disagree', () => {
  const silent = [
    aReading({}, { kind: 'no-data', href: '/' }),
    aReading({ id: 'test.b' }, { kind: 'too-few', n: 3, needed: 30, href: '/' }),
  ]
  assert.equal(evaluate({ history: [aVerdict()], readings: silent }).disagrees, null)
  assert.equal(
    evaluate({ history: [aVerdict({ kind: 'not-met' })], readings: [aReading({}, 90), ...silent] }).disagrees,
    null,
  )
  assert.equal(
    evaluate({
      history: [aVerdict({ kind: 'not-met' })],
      readings: [aReading({ op: undefined, value: undefined }, 90)],
    }).disagrees,
    null,
  )
})

test('GATE-9 a failing complaint signal disputes a verdict of met and changes nothing else', () => {
  const complaint = aReading({ id: 'test.complaints', op: 'eq', value: 0, disputes: true }, 1)
  const view = evaluate({ history: [aVerdict()], readings: [complaint] })
  assert.equal(view.disputed, true)
  assert.equal(view.state, 'met')
  assert.equal(evaluate({ history: [aVerdict({ kind: 'not-met' })], readings: [complaint] }).disputed, false)
})

test('GATE-6 evidence past its age limit drops met to needs confirming, the day after the last', () => {
  const criterion = aCriterion({ evidence: [{ id: 'audit', ask: 'The audit', maxAgeDays: 30 }] })
  const facts = { criterion, history: [aVerdict()], evidence: [someEvidence({ dated: '2026-10-21' })] }
  assert.equal(evaluate({ ...facts, day: '2026-11-20' }).state, 'met')
  const late = evaluate({ ...facts, day: '2026-11-21' })
  assert.equal(late.state, 'needs-confirming')
  assert.deepEqual(late.confirmBecause, ['“Audit” is 31 days old on the gate’s date, of 30'])
  const renewed = [someEvidence({ id: 'e2', dated: '2026-11-15' }), ...facts.evidence]
  assert.equal(evaluate({ ...facts, evidence: renewed, day: '2026-11-21' }).state, 'met')
})

test('GATE-6 a verdict that nobody looked at for long needs confirming', () => {
  assert.equal(evaluate({ history: [aVerdict()], confirmAfterDays: 10 }).state, 'met')
  assert.equal(evaluate({ history: [aVerdict()], confirmAfterDays: 9 }).state, 'needs-confirming')
  assert.equal(evaluate({ history: [aVerdict({ kind: 'not-met' })], confirmAfterDays: 9 }).state, 'not-met')
})

test('GATE-6 age is judged on the date of the gate, or today when that has passed', () => {
  assert.equal(gateDay('2026-11-20', '2026-12-09'), '2026-12-09')
  assert.equal(gateDay('2026-11-20', '2026-11-01'), '2026-11-20')
  assert.equal(gateDay('2026-11-20', null), '2026-11-20')
})

test('GATE-22 a difference fails where it is worse for sure, holds where its interval ends within the margin, and else cannot be told', () => {
  const asked = { id: 'some.difference', windowDays: 28, margin: 5 }
  const judged = (op: 'gte' | 'lte', low?: number, high?: number) => {
    const interval = low === undefined || high === undefined ? {} : { low, high }
    return holds(
      { ...asked, op, value: 0 },
      { kind: 'value', value: 0, n: 90, ...interval, asOf: noon('2026-11-20'), href: '/' },
    )
  }
  // The more the better.
  assert.equal(judged('gte', 1, 9), true)
  assert.equal(judged('gte', -5, 3), true, 'at worst by the margin')
  assert.equal(judged('gte', -5.1, 30), null)
  assert.equal(judged('gte', -4, -1), false, 'worse for sure, by however little')
  // The fewer the better.
  assert.equal(judged('lte', -9, -1), true)
  assert.equal(judged('lte', -30, 5), true)
  assert.equal(judged('lte', -30, 5.1), null)
  assert.equal(judged('lte', 1, 4), false)
  assert.equal(judged('lte'), null, 'without an interval nothing is sure')
  assert.equal(holds({ ...asked, op: 'gte', value: 0 }, { kind: 'no-data', href: '/' }), null)
})

test('GATE-7 a waiver holds through its last day and is never met', () => {
  const waived = aVerdict({ kind: 'waived', waiver: { owner: 'C. Example', endsOn: '2026-11-30' } })
  assert.equal(evaluate({ history: [waived], day: '2026-11-30' }).state, 'waived')
  const ended = evaluate({ history: [waived], day: '2026-12-01' })
  assert.equal(ended.state, 'needs-confirming')
  assert.deepEqual(ended.confirmBecause, ['The waiver ended on 2026-11-30'])
})

test('GATE-14 a verdict from an earlier run of the phase needs confirming', () => {
  const runSince = noon('2026-11-15')
  assert.equal(evaluate({ history: [aVerdict()], runSince }).state, 'needs-confirming')
  assert.equal(evaluate({ history: [aVerdict({ at: noon('2026-11-16') })], runSince }).state, 'met')
})

test('GATE-15 a verdict on a criterion that asks something else now needs confirming', () => {
  assert.equal(evaluate({ history: [aVerdict()], rewritten: true }).state, 'needs-confirming')
})

// The gate

const aGate: Gate = {
  id: 'gate',
  name: 'Private beta to public beta',
  from: 'private-beta',
  to: 'public-beta',
  outcomes: (['go', 'go-with-actions', 'stay', 'repeat', 'back', 'stop'] as const).map((kind) => ({
    kind,
    to: 'x',
    label: kind,
    says: kind,
  })),
  signOffs: [{ role: 'service-manager', says: 'Ready', afterVerdicts: true }],
}

const aSignOff = (more: Partial<SignOff> = {}): SignOff => ({
  id: 's',
  gate: 'gate',
  role: 'service-manager',
  by: 'A. Example',
  byAccount: 'sm',
  note: '',
  at: noon('2026-11-19'),
  ...more,
})

const gateOf = (more: Partial<GateFacts> = {}) =>
  evaluateGate({
    gate: aGate,
    playbook: { id: 'p', name: 'P', version: '1' } as GateFacts['playbook'],
    subject: 'service',
    phase: { id: 'private-beta', name: 'Private beta' },
    conditions: [],
    criteria: [evaluate({ history: [aVerdict()] })],
    signOffs: [aSignOff()],
    runSince: null,
    day: '2026-11-20',
    plannedFor: null,
    ...more,
  })

const possible = (more: Partial<GateFacts>) =>
  gateOf(more).outcomes.flatMap(({ kind, possible: can }) => (can ? [kind] : []))

test('GATE-13 a gate opens when each criterion is met and each sign-off counts', () => {
  assert.deepEqual(possible({}), ['go', 'stay', 'repeat', 'back', 'stop'])
})

test('GATE-13 what is missing is named exactly, whatever is not met or waived', () => {
  const criteria = [
    evaluate({ history: [aVerdict()] }),
    evaluate({ criterion: aCriterion({ id: 'b', number: 2 }), history: [aVerdict({ kind: 'not-met' })] }),
    evaluate({ criterion: aCriterion({ id: 'c', number: 3 }) }),
  ]
  const { missing, outcomes } = gateOf({ criteria, signOffs: [] })
  assert.equal(inWords(missing), 'criteria 2 and 3 and the sign-off of the service manager')
  assert.equal(outcomes[0]?.because, 'Not possible yet: criteria 2 and 3 and the sign-off of the service manager')
  assert.deepEqual(
    missing.map(({ kind }) => kind),
    ['criterion', 'criterion', 'sign-off'],
  )
})

test('GATE-14 stay, repeat, back and stop are possible whatever is missing [row 171]', () => {
  assert.deepEqual(possible({ criteria: [evaluate()], signOffs: [] }), ['stay', 'repeat', 'back', 'stop'])
})

test('GATE-13 in another phase nothing can be decided at this gate', () => {
  const view = gateOf({ phase: { id: 'live', name: 'Live' } })
  assert.ok(view.outcomes.every((each) => !each.possible))
  assert.match(view.outcomes[0]?.because ?? '', /service is in live/)
})

test('GATE-7 with a waiver a gate opens with actions and never with a plain go', () => {
  const waived = aVerdict({ kind: 'waived', waiver: { owner: 'C. Example', endsOn: '2026-12-31' } })
  const criteria = [evaluate({ history: [waived] })]
  assert.deepEqual(possible({ criteria }), ['go-with-actions', 'stay', 'repeat', 'back', 'stop'])
  assert.equal(gateOf({ criteria }).counts.met, 0)
})

const blocking = (value: Reading | number, signalWaivers: SignalWaiver[] = [], history = [aVerdict()]) =>
  evaluate({ history, readings: [aReading({ op: 'lte', value: 1, blocks: true }, value)], signalWaivers })

test('GATE-10 a blocking signal keeps the gate shut while it fails, and while it says nothing', () => {
  assert.deepEqual(possible({ criteria: [blocking(0.4)] }).slice(0, 1), ['go'])
  assert.equal(possible({ criteria: [blocking(2)] }).includes('go'), false)
  assert.equal(possible({ criteria: [blocking({ kind: 'no-data', href: '/' })] }).includes('go'), false)
  assert.match(inWords(gateOf({ criteria: [blocking(2)] }).missing), /a blocking signal of criterion 1/)
})

test('GATE-10 a blocking signal is waived by its own name, not with its criterion', () => {
  const waiver: SignalWaiver = {
    id: 'w',
    criterion: 'works-well',
    signal: 'test.figure',
    reason: 'Known',
    owner: 'C. Example',
    endsOn: '2026-12-01',
    by: 'A. Example',
    byAccount: 'a',
    at: noon('2026-11-12'),
  }
  assert.ok(possible({ criteria: [blocking(2, [waiver])] }).includes('go-with-actions'))
  assert.ok(!possible({ criteria: [blocking(2, [{ ...waiver, endsOn: '2026-11-19' }])] }).includes('go-with-actions'))
  const criterionWaived = [aVerdict({ kind: 'waived', waiver: { owner: 'C. Example', endsOn: '2026-12-31' } })]
  assert.ok(!possible({ criteria: [blocking(2, [], criterionWaived)] }).includes('go-with-actions'))
})

test('GATE-12 a sign-off asked after the verdicts is asked again after a later verdict', () => {
  const { signOffs } = gateOf({ signOffs: [aSignOff({ at: noon('2026-11-09') })] })
  assert.equal(signOffs[0]?.invalidBecause, 'A verdict was given after it was signed')
})

test('GATE-12 an independent sign-off by somebody who gave a verdict or evidence does not count', () => {
  const gate = { ...aGate, signOffs: [{ role: 'assessor' as const, says: 'Ready', independent: true }] }
  const signed = (byAccount: string) =>
    gateOf({ gate, signOffs: [aSignOff({ role: 'assessor', byAccount })] }).signOffs[0]?.invalidBecause
  assert.equal(signed('z'), null)
  assert.equal(signed('a'), 'Whoever signs it may have given no verdict or evidence here')
})

test('GATE-14 a sign-off from an earlier run of the phase does not count', () => {
  const { signOffs } = gateOf({ runSince: noon('2026-11-20') })
  assert.equal(signOffs[0]?.invalidBecause, 'The phase began again after it was signed')
})

test('the next three things begin with a dispute, then what blocks, then a quarrel with the data', () => {
  const numbered = (id: string, number: number) => aCriterion({ id, number, title: id })
  const view = gateOf({
    criteria: [
      evaluate({ criterion: numbered('fresh', 1) }),
      evaluate({ criterion: numbered('quarrel', 2), history: [aVerdict()], readings: [aReading({}, 10)] }),
      evaluate({
        criterion: numbered('blocked', 3),
        history: [aVerdict()],
        readings: [aReading({ blocks: true, op: 'lte', value: 1 }, { kind: 'no-data', href: '/' })],
      }),
      evaluate({
        criterion: numbered('disputed', 4),
        history: [aVerdict()],
        readings: [aReading({ op: 'eq', value: 0, disputes: true }, 1)],
      }),
    ],
  })
  assert.deepEqual(
    nextThings(view).map(({ criterion }) => criterion.id),
    ['disputed', 'blocked', 'quarrel'],
  )
})
