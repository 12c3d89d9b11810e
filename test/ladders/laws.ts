import assert from 'node:assert/strict'
import { ceilingOf, ceilingOfStage, ceilings, stages, type Act } from './acts.ts'
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
  /** Of each person, the cohorts as which they were invited; and of each unit those of the person. */
  const invitedAs = new Map<number, Set<string>>()
  const cohortsOf = new Map<string, ReadonlySet<string>>()
  const removed = new Set<string>()
  /** Chose the current service, or left, and were not seen to be out yet: a gateway tells of it within a second. */
  const goingBack = new Set<string>()
  /** Removed and let in at once: nobody can say which was first. */
  const unsure = new Set<string>()
  let everDraws = false
  let everDrawsFeature = false
  const everNamed = new Set<string>()
  let before: State | null = null
  let inside: ReadonlySet<string> = new Set()
  let having: ReadonlySet<string> = new Set()
  /** Who was seen to be in, or to have the feature, at some look, or may have been between two. */
  const everIn = new Set<string>()
  const everHad = new Set<string>()
  let seen: ReadonlySet<string> = new Set()

  function remember({ act, answered, unit, letIn }: Deed): void {
    if (act.kind === 'rules' && answered === '200' && act.which.length > 0) everDraws = true
    if (act.kind === 'share' && answered === '200' && act.percent > 0) everDraws = true
    if (act.kind === 'joining' && answered === '200' && act.open) everDraws = true
    if (act.kind === 'feature-rules' && answered === '200' && act.which.length > 0) everDrawsFeature = true
    if (act.kind === 'feature-share' && answered === '200' && act.percent > 0) everDrawsFeature = true
    if (act.kind === 'feature-cohorts' && answered === '200') for (const cohort of act.which) everNamed.add(cohort)
    if (act.kind === 'invite' && answered === '201 invited')
      invitedAs.set(act.who, (invitedAs.get(act.who) ?? new Set()).add(act.as))
    if (unit !== null) {
      if (act.kind === 'remove' && answered === '204') removed.add(unit)
      if (act.kind === 'choose-current' || act.kind === 'leave') goingBack.add(unit)
    }
    const way = wayOf(act)
    if (letIn === null || way === null) return
    ways.set(letIn, (ways.get(letIn) ?? new Set()).add(way))
    if (act.kind === 'accept') cohortsOf.set(letIn, invitedAs.get(act.who) ?? new Set())
    // ADM-20: whom the team lets in again is no longer removed.
    if (act.kind === 'staff' || act.kind === 'accept') removed.delete(letIn)
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
      const most = featureCeiling(state)
      const isStaff = ways.get(unit ?? '')?.has('staff') === true && reaches(most, 'staff')
      const isNamed = [...(cohortsOf.get(unit ?? '') ?? [])].some((cohort) => everNamed.has(cohort))
      const isDrawn = most === 'everyone' || (most === 'open' && everDrawsFeature)
      const has = isStaff || (isNamed && reaches(most, 'invited')) || isDrawn
      assert.ok(has, `${says} has the feature in ${state.feature.stage}, and nothing gives it`)
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

  /** FEAT-18: a smaller share takes the feature from nobody whom the ledger knows, another rule from those it let in. */
  function whoHasItKeepsIt(state: State, did: readonly Deed[], { name, unit, service, feature }: Judged): void {
    if (unit === null || before === null || feature || !service || !having.has(unit) || goingBack.has(unit)) return
    const fell = ceilings.indexOf(featureCeiling(state)) < ceilings.indexOf(featureCeiling(before))
    const isKnown = ways.has(unit)
    const wasInRemoval = before.feature.stage === 'removal' && state.feature.stage !== 'removal'
    const wasEverybody = ceilingOf[before.phase] === 'everyone' || (wasInRemoval && !isKnown)
    if (state.isHalted || fell || wasEverybody) return
    if (did.some(({ act }) => takesFeature(act, before, isKnown))) return
    assert.fail(`${name} had the feature and lost it, under a share of ${state.feature.share}`)
  }

  /** ADM-3, FEAT-18: whoever is kept by name was let in once; where nothing draws, nobody else is in by it. */
  function nobodyIsKeptWhoNeverWasIn(state: State, { name, unit, service, feature, by }: Judged): void {
    if (unit === null) return
    const { share, rules, joinOpen } = state
    const nothingDraws = share === 0 && rules.length === 0 && !joinOpen && ceilingOf[state.phase] === 'open'
    if (service && nothingDraws && !ways.has(unit)) assert.ok(everIn.has(unit), `${name} is kept in and never was`)
    const isKept = feature && by === 'share' && state.feature.share === 0 && state.feature.stage !== 'removal'
    if (isKept) assert.ok(everHad.has(unit), `${name} is kept in the feature and never had it`)
  }

  /** What opens and shuts at once nobody sees, and whoever comes at that moment may have been first. */
  function excuseWhoMayHaveBeenIn(did: readonly Deed[], everybody: readonly Judged[]): void {
    const openings = did.filter(({ act, answered }) => isOpening(act) && answered.startsWith('2')).length
    for (const { unit } of everybody) {
      if (unit === null || openings === 0 || (openings === 1 && seen.has(unit))) continue
      everIn.add(unit)
      everHad.add(unit)
    }
    seen = new Set(everybody.flatMap(({ unit }) => unit ?? []))
  }

  /** FEAT-4: in removal it is for everybody of the new service, where that is open to a share. */
  function everybodyHasItInRemoval(state: State, { name, unit, service, feature, by }: Judged): void {
    if (state.feature.stage !== 'removal' || !service || unit === null) return
    if (reaches(ceilingOf[state.phase], 'open'))
      assert.ok(feature, `${name} (${unit}) lacks the feature in removal, by ${by}`)
  }

  return {
    look(state, did, everybody) {
      for (const deed of did) remember(deed)
      // It may have been there and back at once.
      const forwards = did.filter(
        ({ act, answered }) => act.kind === 'feature-stage' && act.forwards && answered === '200',
      )
      const stage = stages.indexOf((before ?? state).feature.stage)
      if (stage + forwards.length >= stages.indexOf('removal')) everDrawsFeature = true
      for (const { act, unit } of did) {
        const isLetIn = did.some(({ letIn }) => letIn === unit)
        if (act.kind === 'remove' && unit !== null && isLetIn) unsure.add(unit)
      }
      excuseWhoMayHaveBeenIn(did, everybody)
      for (const each of everybody) {
        if (each.unit !== null && unsure.has(each.unit)) continue
        nobodyAboveTheCeiling(state, each)
        whoIsInStaysIn(state, did, each)
        whoHasItKeepsIt(state, did, each)
        everybodyHasItInRemoval(state, each)
        nobodyIsKeptWhoNeverWasIn(state, each)
      }
      // Several browsers may hold one unit: who has gone back is known once all of them were judged.
      for (const { unit, service } of everybody)
        if (unit !== null && !service && inside.has(unit)) goingBack.delete(unit)
      if (state.cap !== null && before?.cap === state.cap)
        assert.ok(state.taken <= Math.max(state.cap, before.taken), `${state.taken} of ${state.cap} places are taken`)
      inside = new Set(everybody.flatMap(({ service, unit }) => (service && unit !== null ? [unit] : [])))
      having = new Set(everybody.flatMap(({ feature, unit }) => (feature && unit !== null ? [unit] : [])))
      for (const unit of inside) everIn.add(unit)
      for (const unit of having) everHad.add(unit)
      before = state
    },
  }
}

export function hasChosenCurrent(browser: Browser | null): boolean {
  return [...(browser?.cookies ?? [])].some(([name, value]) => name.startsWith('pgc_') && value === 'current')
}

function wayOf(act: Act): 'preview' | 'staff' | 'invited' | null {
  if (act.kind === 'preview' || act.kind === 'staff') return act.kind
  return act.kind === 'code' || act.kind === 'accept' ? 'invited' : null
}

/** FEAT-4: a feature opens no further than its stage, and than its service. */
function featureCeiling({ phase, feature }: State): (typeof ceilings)[number] {
  const [ofService, ofStage] = [ceilingOf[phase], ceilingOfStage[feature.stage] ?? 'closed']
  return reaches(ofService, ofStage) ? ofStage : ofService
}

function reaches(ceiling: (typeof ceilings)[number], needed: (typeof ceilings)[number]): boolean {
  return ceilings.indexOf(ceiling) >= ceilings.indexOf(needed)
}

function isOpening({ kind }: Act): boolean {
  const others: readonly string[] = ['phase', 'share', 'joining', 'rules', 'cap', 'halt', 'resume', 'salt']
  return others.includes(kind) || kind.startsWith('feature-')
}

function takesFeature(act: Act, before: State | null, isKnown: boolean): boolean {
  const lacks = (had: readonly string[], which: readonly string[]) => had.some((name) => !which.includes(name))
  if (act.kind === 'feature-rules') return lacks(before?.feature.rules ?? [], act.which)
  if (act.kind === 'feature-cohorts') return lacks(before?.feature.cohorts ?? [], act.which)
  return act.kind === 'feature-share' && !isKnown && act.percent < (before?.feature.share ?? 0)
}

function takesAway(act: Act, before: State | null): boolean {
  if (act.kind === 'share') return act.percent < (before?.share ?? 0)
  return act.kind === 'rules' || act.kind === 'cap' || act.kind === 'salt'
}
