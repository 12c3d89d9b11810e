import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aService, aSnapshot } from './builders.ts'
import type { LettingRung } from './ceiling.ts'
import { compile } from './compile.ts'
import { route, type Visit } from './route.ts'
import { ceilings, type Ceiling, type ServiceSnapshot } from './snapshot.ts'

type Held = { arm: 'current' | 'new'; rung: LettingRung; unit: string }

/** What teams and people do, in any order; a person is one of a few browsers. */
type Act =
  | { kind: 'move'; to: Ceiling }
  | { kind: 'share'; to: number }
  | { kind: 'joining'; isOpen: boolean }
  | { kind: 'halting'; isOn: boolean }
  | { kind: 'accept' | 'preview' | 'staff' | 'visit' | 'choose-current' | 'choose-new' | 'remove'; who: number }

/** As docs/rules/admission.md has it, apart from the code that is tried: from which ceiling on a rung counts. */
const countsFrom: Record<LettingRung, Ceiling> = {
  ...{ preview: 'preview', staff: 'staff', invited: 'invited' },
  ...{ join: 'open', rules: 'open', share: 'open' },
}
const order: readonly Ceiling[] = ['closed', 'preview', 'staff', 'invited', 'open', 'everyone']
const mayCount = (ceiling: Ceiling, rung: LettingRung) => order.indexOf(ceiling) >= order.indexOf(countsFrom[rung])

const browsers = 5
const who = fc.nat(browsers - 1)
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('move' as const), to: fc.constantFrom(...ceilings) }),
  fc.record({ kind: fc.constant('share' as const), to: fc.constantFrom(0, 30_000, 70_000, 100_000) }),
  fc.record({ kind: fc.constant('joining' as const), isOpen: fc.boolean() }),
  fc.record({ kind: fc.constant('halting' as const), isOn: fc.boolean() }),
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        ...(['accept', 'preview', 'staff', 'visit', 'choose-current', 'choose-new', 'remove'] as const),
      ),
      who,
    }),
  },
)

const now = new Date('2026-01-01T00:00:00Z')
const acceptable = {
  accept: ['invited', 'invited'],
  preview: ['preview', 'preview'],
  staff: ['staff', 'staff'],
} as const

/** The installation as the acts leave it, with every pass that was ever given out. */
function follow(
  acts: readonly Act[],
  check: (state: ServiceSnapshot, held: Held, choice: Visit['choice']) => void,
): void {
  let state = aService()
  let units = 0
  const passes: (Held | null)[] = Array.from({ length: browsers }, () => null)
  const choices: Visit['choice'][] = Array.from({ length: browsers }, () => null)
  const everGiven: Held[] = []
  const give = (browser: number, held: Held): void => {
    passes[browser] = held
    everGiven.push(held)
  }
  for (const act of acts) {
    if (act.kind === 'move') state = { ...state, ceiling: act.to }
    else if (act.kind === 'share') state = { ...state, share: act.to }
    else if (act.kind === 'joining') state = { ...state, joinOpen: act.isOpen }
    else if (act.kind === 'halting') state = { ...state, halt: act.isOn ? { id: 'h', at: now.toISOString() } : null }
    else if (act.kind === 'choose-current') choices[act.who] = 'current'
    else if (act.kind === 'choose-new') choices[act.who] = 'new'
    else if (act.kind === 'remove') {
      const unit = passes[act.who]?.unit
      if (unit !== undefined) state = withUnit(state, 'removed', unit)
    } else if (act.kind === 'visit') {
      const pass = passes[act.who] ?? null
      const visit = {
        pass: asPass(pass),
        choice: choices[act.who] ?? null,
        newUnit: () => `u${units++}`,
        mayDraw: true,
      }
      const routing = route(compile(aSnapshot(state)), state.key, visit, now)
      if (typeof routing.pass === 'object') give(act.who, routing.pass)
    } else {
      const [rung, set] = acceptable[act.kind]
      if (state.halt !== null || !mayCount(state.ceiling, rung)) continue
      const unit = passes[act.who]?.unit ?? `u${units++}`
      state = withUnit(state, set, unit)
      give(act.who, { arm: 'new', rung, unit })
    }
    for (const held of everGiven) for (const choice of [null, 'new', 'current'] as const) check(state, held, choice)
  }
}

function withUnit(
  state: ServiceSnapshot,
  set: 'removed' | 'invited' | 'preview' | 'staff',
  unit: string,
): ServiceSnapshot {
  const units = state.units[set]
  assert.ok(!('set' in units) && !('packed' in units))
  return { ...state, units: { ...state.units, [set]: [...units, unit] } }
}

function asPass(held: Held | null): Visit['pass'] {
  return held === null ? null : { ...held, kid: 'k', expiresAt: new Date('2026-03-01T00:00:00Z') }
}

test('ADM-2 whatever happens in whatever order, no pass ever given out lets anybody in above the ceiling [promise 8]', () => {
  let inside = 0
  fc.assert(
    fc.property(fc.array(anyAct, { minLength: 1, maxLength: 25 }), (acts) => {
      follow(acts, (state, held, choice) => {
        const visit = { pass: asPass(held), choice, newUnit: () => 'stranger', mayDraw: true }
        const { arm, rung } = route(compile(aSnapshot(state)), state.key, visit, now)
        if (arm === 'current') return
        inside++
        assert.equal(state.halt, null, 'in although it is halted')
        assert.ok(!state.units.removed.includes(held.unit), 'in although removed')
        if (state.ceiling === 'everyone') return
        assert.notEqual(choice, 'current', 'in although the person chose otherwise')
        assert.ok(rung !== 'default' && rung !== 'ceiling', `in by ${rung}`)
        assert.ok(mayCount(state.ceiling, rung as LettingRung), `in by ${rung} under ${state.ceiling}`)
      })
    }),
    { numRuns: 300 },
  )
  assert.ok(inside > 1_000, `only ${inside} were ever in: nothing was tried`)
})
