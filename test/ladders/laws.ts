import assert from 'node:assert/strict'
import { ceilingOf, ceilings, type Act } from './acts.ts'
import type { Answer, Browser, State } from './beta.ts'

/** What was done in one step, by whom, and what came of it. */
export interface Deed {
  act: Act
  answered: string
  /** Of the browser that did it, before. */
  unit: string | null
  /** Of the pass that came of it. */
  letIn: string | null
}

/** Somebody about whom all were asked, and gave this answer. */
export interface Judged extends Answer {
  name: string
  unit: string | null
  /** Null for somebody of whom no gateway knows. */
  browser: Browser | null
}

/** Judges a story look by look, by what was done and by what the API says of phase and halt; it asks no code that decides. */
export interface Laws {
  look(state: State, did: readonly Deed[], everybody: readonly Judged[]): void
}

export function openLaws(): Laws {
  /** Of each unit, the ways of the team's own by which it came. */
  const ways = new Map<string, Set<string>>()
  const removed = new Set<string>()
  /** Chose the current service, or left, and were not seen to be out yet: a gateway tells of it within a second. */
  const goingBack = new Set<string>()
  /** Removed and let in at once: nobody can say which was first. */
  const unsure = new Set<string>()
  let everDraws = false
  let before: State | null = null
  let inside: ReadonlySet<string> = new Set()

  function remember({ act, answered, unit, letIn }: Deed): void {
    if (act.kind === 'rules' && answered === '200' && act.which.length > 0) everDraws = true
    if (act.kind === 'share' && answered === '200' && act.percent > 0) everDraws = true
    if (act.kind === 'joining' && answered === '200' && act.open) everDraws = true
    if (unit !== null) {
      if (act.kind === 'remove' && answered === '204') removed.add(unit)
      if (act.kind === 'choose-current' || act.kind === 'leave') goingBack.add(unit)
    }
    if (letIn === null || (act.kind !== 'preview' && act.kind !== 'code' && act.kind !== 'staff')) return
    ways.set(letIn, (ways.get(letIn) ?? new Set()).add(act.kind === 'code' ? 'invited' : act.kind))
    // ADM-20: whom the team lets in again is no longer removed.
    if (act.kind === 'staff') removed.delete(letIn)
  }

  function isNamed(unit: string | null, most: (typeof ceilings)[number]): boolean {
    const counting: readonly string[] = ceilings.slice(0, ceilings.indexOf(most) + 1)
    return [...(ways.get(unit ?? '') ?? [])].some((way) => counting.includes(way))
  }

  function nobodyAboveTheCeiling(state: State, { name, unit, browser, service, feature }: Judged): void {
    const ceiling = ceilingOf[state.phase]
    const says = `${name} under ${ceiling}`
    if (feature) {
      assert.ok(service, `${says} has the feature and not its service`)
      const isReleased = state.stage === 'public-release' || state.stage === 'removal'
      assert.ok(isReleased || ways.get(unit ?? '')?.has('staff') === true, `${says} has the feature in ${state.stage}`)
    }
    if (!service) return
    assert.ok(!state.isHalted, `${says} is in although it is halted`)
    assert.notEqual(ceiling, 'closed', `${says} is in`)
    assert.ok(unit === null || !removed.has(unit), `${says} is in although removed`)
    assert.ok(!hasChosenCurrent(browser), `${says} is in although their choice is the current service`)
    if (ceiling === 'everyone') return
    assert.ok(isNamed(unit, ceiling) || (ceiling === 'open' && everDraws), `${says} is in, and nothing lets them in`)
  }

  function whoIsInStaysIn(state: State, did: readonly Deed[], { name, unit, browser, service }: Judged): void {
    if (unit === null || before === null || service || !inside.has(unit) || hasChosenCurrent(browser)) return
    const fell = ceilings.indexOf(ceilingOf[state.phase]) < ceilings.indexOf(ceilingOf[before.phase])
    if (state.isHalted || fell || removed.has(unit) || goingBack.has(unit)) return
    // Whom no door let in has no place to keep: such people only growth has to keep.
    if (browser === null && did.some(({ act }) => takesAway(act, before))) return
    assert.fail(`${name} was in and is out, under a share of ${state.share} in ${state.phase}`)
  }

  return {
    look(state, did, everybody) {
      for (const deed of did) remember(deed)
      for (const { act, unit } of did) {
        const isLetIn = did.some(({ letIn }) => letIn === unit)
        if (act.kind === 'remove' && unit !== null && isLetIn) unsure.add(unit)
      }
      for (const each of everybody) {
        if (each.unit !== null && unsure.has(each.unit)) continue
        nobodyAboveTheCeiling(state, each)
        whoIsInStaysIn(state, did, each)
      }
      // Several browsers may hold one unit: who has gone back is known once all of them were judged.
      for (const { unit, service } of everybody)
        if (unit !== null && !service && inside.has(unit)) goingBack.delete(unit)
      if (state.cap !== null && before?.cap === state.cap)
        assert.ok(state.taken <= Math.max(state.cap, before.taken), `${state.taken} of ${state.cap} places are taken`)
      inside = new Set(everybody.flatMap(({ service, unit }) => (service && unit !== null ? [unit] : [])))
      before = state
    },
  }
}

export function hasChosenCurrent(browser: Browser | null): boolean {
  return [...(browser?.cookies ?? [])].some(([name, value]) => name.startsWith('pgc_') && value === 'current')
}

function takesAway(act: Act, before: State | null): boolean {
  if (act.kind === 'share') return act.percent < (before?.share ?? 0)
  return act.kind === 'rules' || act.kind === 'cap' || act.kind === 'salt'
}
