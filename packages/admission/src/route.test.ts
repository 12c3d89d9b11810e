import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aService, aSnapshot, anyService } from './builders.ts'
import {
  afterAdmission,
  compile,
  decide,
  route,
  type Pass,
  type Routing,
  type ServiceSnapshot,
  type Visit,
} from './index.ts'

const now = new Date('2026-01-15T09:00:00Z')
const unit = 'AAAAAAAAAAAAAAAAAAAAAA'
const fresh = 'BBBBBBBBBBBBBBBBBBBBBB'

function aPass(facts: Partial<Pass> = {}): Pass {
  return { kid: 'k1', arm: 'new', rung: 'invited', unit, expiresAt: new Date('2026-04-10T00:00:00Z'), ...facts }
}

function visit(service: ServiceSnapshot, facts: Partial<Visit> = {}): Routing {
  const full: Visit = { pass: null, choice: null, newUnit: () => fresh, mayDraw: true, ...facts }
  return route(compile(aSnapshot(service)), service.key, full, now)
}

test('ADM-1 a stranger in private beta gets the current service and no cookie', () => {
  const routing = visit(aService())
  assert.deepEqual([routing.arm, routing.unit, routing.pass], ['current', null, 'keep'])
})

test('ADM-6 a halt sends a person with a pass to the current service and keeps the pass for later', () => {
  const routing = visit(aService({ halt: { id: 'h', at: '2026-01-15T08:59:59Z' } }), { pass: aPass() })
  assert.deepEqual([routing.arm, routing.rung, routing.pass], ['current', 'halt', 'keep'])
})

test('ADM-6 a pass above the ceiling does not count, and counts again when the ceiling returns', () => {
  const pass = aPass()
  const fallen = visit(aService({ ceiling: 'staff' }), { pass })
  assert.deepEqual([fallen.arm, fallen.rung, fallen.reason, fallen.pass], ['current', 'ceiling', 'DISABLED', 'keep'])
  assert.equal(visit(aService({ ceiling: 'invited' }), { pass }).arm, 'new')
})

test('ADM-6 a removed person loses the pass', () => {
  const routing = visit(aService({ units: { removed: [unit], invited: [unit] } }), { pass: aPass() })
  assert.deepEqual([routing.arm, routing.rung, routing.pass], ['current', 'removed', 'drop'])
})

test('ADM-7 a pass keeps its person in before the snapshot knows the unit', () => {
  assert.equal(visit(aService(), { pass: aPass() }).arm, 'new')
})

test('ADM-5 a pass is renewed unchanged when less than half of its 90 days is left', () => {
  const service = aService({ units: { invited: [unit] } })
  const left = (days: number): Pass => aPass({ expiresAt: new Date(now.getTime() + days * 86_400_000) })
  assert.equal(visit(service, { pass: left(45) }).pass, 'keep')
  assert.equal(visit(service, { pass: left(44.9) }).pass, 'renew')
})

test('ADM-8 both outcomes of a draw set a pass', () => {
  const inside = visit(aService({ ceiling: 'open', share: 100_000 }))
  assert.deepEqual(inside.pass, { arm: 'new', rung: 'share', unit: fresh })
  const outside = visit(aService({ ceiling: 'open', share: 1, salt: 'other' }))
  assert.deepEqual(outside.pass, { arm: 'current', rung: 'share', unit: fresh })
})

test('ADM-8 a pass of arm current is decided afresh, so a growing share adds its person', () => {
  const pass = aPass({ arm: 'current', rung: 'share' })
  assert.equal(visit(aService({ ceiling: 'open', share: 1 }), { pass }).arm, 'current')
  const grown = visit(aService({ ceiling: 'open', share: 100_000 }), { pass })
  assert.deepEqual([grown.arm, grown.pass], ['new', { arm: 'new', rung: 'share', unit }])
})

test('ADM-3 a pass of a share that shrank keeps its person in', () => {
  const routing = visit(aService({ ceiling: 'open', share: 0 }), { pass: aPass({ rung: 'share' }) })
  assert.deepEqual([routing.arm, routing.rung, routing.pass], ['new', 'share', 'keep'])
})

test('ADM-10 under a cap a newcomer is asked for first and gets in only when the control plane says so', () => {
  const capped = aService({ ceiling: 'open', share: 100_000, cap: { limit: 5, full: false } })
  const asked = visit(capped)
  assert.deepEqual([asked.arm, asked.rung, asked.unit, asked.needsAdmission], ['current', 'share', fresh, true])
  const inside = afterAdmission(asked, true)
  assert.deepEqual([inside.arm, inside.pass], ['new', { arm: 'new', rung: 'share', unit: fresh }])
  const outside = afterAdmission(asked, false)
  assert.deepEqual([outside.arm, outside.rung, outside.pass], ['current', 'default', 'keep'])
})

test('ADM-10 a full cap asks nobody and turns away nobody who is in', () => {
  const full = aService({ ceiling: 'open', share: 100_000, joinOpen: true, cap: { limit: 5, full: true } })
  assert.deepEqual([visit(full).arm, visit(full).needsAdmission], ['current', false])
  assert.equal(visit(full, { choice: 'new' }).needsAdmission, false)
  assert.equal(visit(full, { pass: aPass({ rung: 'share' }) }).arm, 'new')
})

test('ADM-11 without consent nobody is drawn and no cookie is set', () => {
  const service = aService({ ceiling: 'open', share: 100_000 })
  const stranger = visit(service, { mayDraw: false })
  assert.deepEqual([stranger.arm, stranger.unit, stranger.pass], ['current', null, 'keep'])
  const withdrawn = visit(service, { mayDraw: false, pass: aPass({ rung: 'share' }) })
  assert.deepEqual([withdrawn.arm, withdrawn.pass], ['current', 'drop'])
  assert.equal(visit(service, { mayDraw: false, pass: aPass({ rung: 'join' }) }).arm, 'new')
})

test('ADM-12 the choice of the current service beats the assignment and keeps the pass', () => {
  const routing = visit(aService({ units: { invited: [unit] } }), { pass: aPass(), choice: 'current' })
  assert.deepEqual([routing.arm, routing.rung, routing.pass], ['current', 'choice', 'keep'])
})

test('ADM-12 choosing the new service joins only where joining is open', () => {
  const open = visit(aService({ ceiling: 'open', joinOpen: true }), { choice: 'new' })
  assert.deepEqual([open.arm, open.rung, open.pass], ['new', 'join', { arm: 'new', rung: 'join', unit: fresh }])
  assert.equal(visit(aService({ ceiling: 'open' }), { choice: 'new' }).arm, 'current')
  assert.equal(visit(aService({ ceiling: 'invited', joinOpen: true }), { choice: 'new' }).arm, 'current')
})

test('ADM-14 an unknown service goes to the current one', () => {
  const snapshot = compile(aSnapshot(aService()))
  const routing = route(snapshot, 'nowhere', { pass: null, choice: null, newUnit: () => fresh, mayDraw: true }, now)
  assert.deepEqual([routing.arm, routing.pass], ['current', 'keep'])
})

const visits = fc.record({
  choice: fc.constantFrom(null, 'current', 'new'),
  mayDraw: fc.boolean(),
  person: fc.constantFrom('u0', 'u1', 'u2', 'u3'),
  arm: fc.constantFrom('current', 'new'),
  rung: fc.constantFrom('preview', 'staff', 'invited', 'join', 'share'),
})

test('ADM-1 route and decide agree for a person who holds a pass of the current arm', () => {
  fc.assert(
    fc.property(anyService, fc.constantFrom('u0', 'u1', 'u2'), (service, person) => {
      const routed = visit(service, { pass: aPass({ arm: 'current', rung: 'share', unit: person }) })
      const decision = decide(compile(aSnapshot(service)), service.key, { targetingKey: person }, now)
      assert.ok(decision.kind === 'decided')
      assert.equal(routed.arm, decision.variant)
      if (!routed.needsAdmission) assert.equal(routed.rung, decision.rung)
    }),
    { numRuns: 1000 },
  )
})

test('ADM-2 no pass, choice or draw leads above the ceiling', () => {
  const lowest = { preview: 1, staff: 2, invited: 3, join: 4, share: 4, default: 5 } as Record<string, number>
  const heights = ['closed', 'preview', 'staff', 'invited', 'open', 'everyone']
  fc.assert(
    fc.property(anyService, fc.option(visits), visits, (service, held, how) => {
      const pass = held === null ? null : aPass({ arm: held.arm, rung: held.rung, unit: held.person })
      const routed = visit(service, { pass, choice: how.choice, mayDraw: how.mayDraw })
      if (routed.arm === 'current') return
      assert.ok(heights.indexOf(service.ceiling) >= (lowest[routed.rung] ?? 9), `${routed.rung} at ${service.ceiling}`)
      assert.equal(service.halt, null)
      assert.notEqual(how.choice, 'current')
    }),
    { numRuns: 2000 },
  )
})
