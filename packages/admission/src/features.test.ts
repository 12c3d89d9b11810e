import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aFeature, anyAttributes, anyCondition, anyService, aService, aSnapshot, people } from './builders.ts'
import {
  ceilings,
  compile,
  decide,
  decideAll,
  explain,
  lowestCeiling,
  newUnit,
  packUnits,
  reaches,
  validateSnapshot,
  type EvaluationContext,
  type FeatureSnapshot,
  type ServiceSnapshot,
  type Snapshot,
  unitsOf,
} from './index.ts'

const now = new Date('2026-01-15T09:00:00Z')
const unit = 'AAAAAAAAAAAAAAAAAAAAAA'
const live = aService({ ceiling: 'everyone', phase: 'live' })

function withFeatures(service: ServiceSnapshot, ...features: FeatureSnapshot[]): Snapshot {
  const snapshot = { ...aSnapshot(service), features }
  const checked = validateSnapshot(snapshot)
  assert.ok(checked.ok, checked.ok ? '' : checked.problem)
  return snapshot
}

function answer(snapshot: Snapshot, key: string, context: EvaluationContext = { targetingKey: unit }): string {
  const decision = decide(compile(snapshot), key, context, now)
  return decision.kind === 'decided' ? `${decision.variant} ${decision.rung} ${decision.reason}` : decision.errorCode
}

test('ADM-28 a feature is off until its stage lets somebody in', () => {
  const invited = { units: { invited: [unit] } }
  assert.equal(answer(withFeatures(live, aFeature()), 'release.new-inbox'), 'off default STATIC')
  assert.equal(answer(withFeatures(live, aFeature(invited)), 'release.new-inbox'), 'on invited TARGETING_MATCH')
  const internal = aFeature({ ...invited, ceiling: 'staff' })
  assert.equal(answer(withFeatures(live, internal), 'release.new-inbox'), 'off ceiling DISABLED')
})

test('ADM-28 a feature opens no further than its service, and is halted with it', () => {
  const everywhere = aFeature({ ceiling: 'everyone' })
  assert.equal(answer(withFeatures(aService(), everywhere), 'release.new-inbox'), 'off default STATIC')
  const halted = aService({ ceiling: 'everyone', halt: { id: 'h', at: '2026-01-15T08:00:00Z' } })
  assert.equal(answer(withFeatures(halted, everywhere), 'release.new-inbox'), 'off halt DISABLED')
})

test('ADM-28 a feature is for people in the new arm of its service, unless it applies to both', () => {
  const service = aService({ ceiling: 'open', units: { invited: [unit] } })
  const feature = aFeature({ ceiling: 'open', share: 100_000, appliesTo: 'new' })
  assert.equal(answer(withFeatures(service, feature), 'release.new-inbox'), 'on share SPLIT')
  const stranger = { targetingKey: newUnit() }
  assert.equal(answer(withFeatures(service, feature), 'release.new-inbox', stranger), 'off service DISABLED')
  const both = aFeature({ ceiling: 'open', share: 100_000 })
  assert.equal(answer(withFeatures(service, both), 'release.new-inbox', stranger), 'on share SPLIT')
})

test('ADM-10 a place that the snapshot does not hold yet counts for the service and its features, and against no refusal', () => {
  const capped = { ceiling: 'open', share: 100_000, cap: { limit: 5, full: false } } as const
  const feature = aFeature({ ceiling: 'open', share: 100_000, appliesTo: 'new' })
  const said = (service: ServiceSnapshot, at = 'parking'): string[] =>
    decideAll(
      compile(withFeatures(service, feature)),
      { targetingKey: unit },
      now,
      undefined,
      new Map([[at, 'share']]),
    ).map(({ decision }) => (decision.kind === 'decided' ? `${decision.variant} ${decision.rung}` : decision.errorCode))
  assert.deepEqual(said(aService(capped)), ['new share', 'on share'])
  assert.deepEqual(said(aService(capped), 'permits'), ['current default', 'off service'])
  assert.deepEqual(said(aService({ ...capped, units: { removed: [unit] } })), ['current removed', 'off service'])
  const halt = { id: 'h', at: '2026-01-15T08:00:00Z' }
  assert.deepEqual(said(aService({ ...capped, halt })), ['current halt', 'off halt'])
})

test('ADM-28 a flag can require another, by variant too, and a ring of them is refused', () => {
  const search = aFeature({ key: 'release.search', id: 'f2', ceiling: 'everyone' })
  const inbox = (requires: FeatureSnapshot['requires']) => aFeature({ ceiling: 'everyone', requires })
  const ask = (requires: FeatureSnapshot['requires'], required = search) =>
    answer(withFeatures(live, inbox(requires), required), 'release.new-inbox')
  assert.equal(ask([{ key: 'release.search' }]), 'on default STATIC')
  assert.equal(ask([{ key: 'release.search', variant: 'off' }]), 'off requirement DISABLED')
  assert.equal(ask([{ key: 'release.search' }], { ...search, ceiling: 'closed' }), 'off requirement DISABLED')
  assert.equal(ask([{ key: 'release.gone' }]), 'off requirement DISABLED')
  const ring = [inbox([{ key: 'release.search' }]), { ...search, requires: [{ key: 'release.new-inbox' }] }]
  const checked = validateSnapshot({ ...aSnapshot(live), features: ring })
  assert.match(checked.ok ? '' : checked.problem, /features\[0\].requires itself/)
})

test('ADM-26 a rule lets in by attribute, gives its own variant, and counts only where anybody may come in', () => {
  const rules = [
    {
      id: 'r1',
      name: 'Large accounts',
      when: { kind: 'number', attribute: 'seats', test: '>', value: 50 } as const,
      share: 100_000,
      variant: 'wide',
    },
  ]
  const variants = { narrow: 'narrow', wide: 'wide', none: 'none' }
  const feature = aFeature({ ceiling: 'open', rules, variants, on: 'narrow', off: 'none' })
  const context = { targetingKey: unit, seats: 80 }
  assert.equal(answer(withFeatures(live, feature), feature.key, context), 'wide rules TARGETING_MATCH')
  assert.equal(answer(withFeatures(live, feature), feature.key, { ...context, seats: 5 }), 'none default STATIC')
  const shut = withFeatures(live, { ...feature, ceiling: 'invited' })
  assert.equal(answer(shut, feature.key, context), 'none ceiling DISABLED')
})

test('ADM-4 a flag of rules alone needs no targeting key; a share, a cohort or a list does', () => {
  const rules = [
    { id: 'r1', name: 'Pro', when: { kind: 'in', attribute: 'plan', values: ['pro'] } as const, share: 100_000 },
  ]
  const plan = aFeature({ key: 'plan.export', kind: 'plan', ceiling: 'open', rules })
  assert.equal(answer(withFeatures(live, plan), plan.key, { plan: 'pro' }), 'on rules TARGETING_MATCH')
  assert.equal(answer(withFeatures(live, plan), plan.key, {}), 'off default STATIC')
  const missing = 'TARGETING_KEY_MISSING'
  assert.equal(answer(withFeatures(live, { ...plan, share: 500 }), plan.key, {}), missing)
  assert.equal(answer(withFeatures(live, aFeature({ ...plan, units: { invited: [unit] } })), plan.key, {}), missing)
  const cohorts = [{ id: 'c1', units: [unit] }]
  assert.equal(answer({ ...withFeatures(live, { ...plan, cohorts: ['c1'] }), cohorts }, plan.key, {}), missing)
})

test('ADM-25 flags share a cohort, as a list or compact', () => {
  const units = [unit, 'customer-17', ...Array.from({ length: 500 }, newUnit)]
  for (const list of [units, packUnits(units)]) {
    const features = ['release.a', 'release.b'].map((key) => aFeature({ id: key, key, cohorts: ['c1'] }))
    const snapshot = { ...withFeatures(live, ...features), cohorts: [{ id: 'c1', units: list }] }
    assert.ok(validateSnapshot(snapshot).ok)
    for (const { key } of features) {
      assert.equal(answer(snapshot, key), 'on invited TARGETING_MATCH')
      assert.equal(answer(snapshot, key, { targetingKey: 'customer-17' }), 'on invited TARGETING_MATCH')
      assert.equal(answer(snapshot, key, { targetingKey: newUnit() }), 'off default STATIC')
    }
  }
})

test('ADM-27 an id of the application stands for the unit of its person', () => {
  const service = aService({ ceiling: 'open', share: 50_000, aliases: { 'user-17': unit } })
  const feature = aFeature({ ceiling: 'open', share: 50_000, salt: 'other' })
  const snapshot = withFeatures(service, feature)
  for (const key of [service.key, feature.key]) {
    assert.equal(answer(snapshot, key, { targetingKey: 'user-17' }), answer(snapshot, key))
  }
})

const anyFeature = fc.record({
  service: anyService,
  own: anyService,
  appliesTo: fc.constantFrom('new' as const, 'both' as const),
  when: anyCondition,
  part: fc.constantFrom(0, 30_000, 100_000),
  attributes: anyAttributes,
  person: fc.constantFrom(...people),
})

test('ADM-2 no feature lets anybody in above the ceiling of its stage or of its service', () => {
  fc.assert(
    fc.property(anyFeature, ({ service, own, appliesTo, when, part, attributes, person }) => {
      const { ceiling, halt, share, joinOpen, cap, units } = own
      const rules = [{ id: 'r', name: 'r', when, share: part }]
      const feature = aFeature({ ceiling, halt, share, joinOpen, cap, units, appliesTo, rules })
      const snapshot = withFeatures(service, feature)
      const context = { ...attributes, targetingKey: person }
      const decision = decide(compile(snapshot), feature.key, context, now)
      assert.ok(decision.kind === 'decided')
      if (decision.variant === 'off') return
      assert.ok(service.halt === null && halt === null)
      assert.ok((!units.removed.includes(person) && !units.choseCurrent.includes(person)) || ceiling === 'everyone')
      const low = ceilings[Math.min(ceilings.indexOf(ceiling), ceilings.indexOf(service.ceiling))] ?? 'closed'
      const needed = decision.rung === 'default' ? 'everyone' : lowestCeiling[decision.rung as 'share']
      assert.ok(reaches(low, needed), `${decision.rung} at ${low}`)
    }),
    { numRuns: 1000 },
  )
})

test('ADM-14 deciding all at once gives the answers of each alone, and never throws', () => {
  fc.assert(
    fc.property(fc.array(anyFeature, { minLength: 1, maxLength: 4 }), fc.anything(), (made, rubbish) => {
      const [first] = made
      assert.ok(first)
      const features = made.map(({ own, appliesTo, when, part }, at) => {
        const { ceiling, share, cap, units } = own
        const rules = [{ id: 'r', name: 'r', when, share: part }]
        return aFeature({ id: `f${at}`, key: `release.f${at}`, ceiling, share, cap, units, appliesTo, rules })
      })
      const snapshot = compile(withFeatures(first.service, ...features))
      for (const context of [{ ...first.attributes, targetingKey: first.person }, first.attributes, rubbish]) {
        const all = decideAll(snapshot, context as EvaluationContext, now)
        assert.equal(all.length, features.length + 1)
        for (const { key, decision } of all) {
          assert.deepEqual(decision, decide(snapshot, key, context as EvaluationContext, now))
        }
      }
    }),
  )
})

test('ADM-29 an explanation names the rung that decides, and what it says would change the answer does', () => {
  fc.assert(
    fc.property(anyFeature, ({ service, attributes, person }) => {
      const context = { ...attributes, targetingKey: person }
      const said = explain(compile(aSnapshot(service)), service.key, context, now)
      assert.ok(said?.decision.kind === 'decided')
      const { rung } = said.decision
      assert.equal(said.isIn, said.decision.value)
      const step = said.ladder.find((each) => each.rung === rung)
      if (step !== undefined) assert.equal(step.finding, 'holds')
      assert.ok(said.isIn || said.changes.length > 0)
      for (const change of said.changes) {
        const changed = structuredClone(service)
        if (change.kind === 'end-halt') changed.halt = null
        else if (change.kind === 'invite')
          changed.units.invited = [...unitsOf(changed.units.invited as string[]), person]
        // Under a cap it is the ledger that takes in, at a visit.
        else if (change.kind === 'grow-share' && service.cap.limit === null) changed.share = change.to
        else if (change.kind === 'lift-removal') changed.units.removed = []
        else if (change.kind === 'take-back-choice') changed.units.choseCurrent = []
        else if (change.kind === 'raise-ceiling') changed.ceiling = change.to
        else continue
        const after = explain(compile(aSnapshot(changed)), service.key, context, now)
        assert.notDeepEqual(after?.decision, said.decision, `${change.kind} changes nothing`)
      }
    }),
    { numRuns: 500 },
  )
  assert.equal(explain(compile(aSnapshot()), 'nowhere', {}, now), null)
})

test('ADM-13 a snapshot with a feature, rule or cohort that is wrong is refused with the place named', () => {
  const bad = (facts: object, problem: RegExp) => {
    const checked = validateSnapshot({ ...aSnapshot(live), features: [{ ...aFeature(), ...facts }] })
    assert.match(checked.ok ? 'it was accepted' : checked.problem, problem)
  }
  bad({ key: 'parking' }, /features\[0\].key is that of a service/)
  bad({ service: 'nowhere' }, /features\[0\].service is not there/)
  bad({ kind: 'other' }, /kind is none of/)
  bad({ variants: { on: true, off: 'no' } }, /variants are not values of one type/)
  bad({ on: 'maybe' }, /on is none of the variants/)
  bad(
    { rules: [{ id: 'r', name: 'r', share: 1, when: { kind: 'any', of: [] } }] },
    /rules\[0\].when of has no conditions/,
  )
  bad({ rules: [{ id: 'r', name: 'r', share: 100_001, when: { kind: 'true', attribute: 'a' } }] }, /rules\[0\].share/)
  bad({ cohorts: [7] }, /cohorts is not a list of ids/)
  const cohorts = [{ id: 'c', units: { packed: 'AAAA', others: [] } }]
  const checked = validateSnapshot({ ...aSnapshot(live), cohorts })
  assert.match(checked.ok ? '' : checked.problem, /cohorts\[0\].units is not packed/)
})

test('ADM-28 a flag without stages is for whoever is in the new arm, whatever the phase, and shuts with its service', () => {
  const kill = (facts: Partial<FeatureSnapshot> = {}) =>
    aFeature({ kind: 'operations', ceiling: 'everyone', appliesTo: 'new', ...facts })
  const inBeta = aService({ units: { invited: [unit] } })
  const stranger = { targetingKey: newUnit() }
  assert.equal(answer(withFeatures(inBeta, kill()), 'release.new-inbox'), 'on default STATIC')
  assert.equal(answer(withFeatures(inBeta, kill()), 'release.new-inbox', stranger), 'off service DISABLED')
  const retired = aService({ ceiling: 'closed' })
  assert.equal(answer(withFeatures(retired, kill({ appliesTo: 'both' })), 'release.new-inbox'), 'off ceiling DISABLED')
})
