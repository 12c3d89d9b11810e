import { roleNames, Refusal, type ServiceRole } from '../platform/index.ts'
import { blockingSignals } from './criterion-rules.ts'
import type {
  ConditionView,
  CriterionState,
  CriterionView,
  Day,
  GateView,
  Missing,
  OutcomeView,
  SignOff,
  SignOffView,
  VerdictKind,
} from './gates.ts'
import {
  subjectWords,
  type Gate,
  type NumberedCriterion,
  type OutcomeKind,
  type Playbook,
  type SignOffAsked,
  type SubjectKind,
} from './playbook.ts'

export * from './criterion-rules.ts'

export interface GateFacts {
  gate: Gate
  playbook: Playbook
  subject: SubjectKind
  /** The phase that it is in, with its name. */
  phase: { id: string; name: string }
  criteria: CriterionView[]
  conditions: ConditionView[]
  signOffs: SignOff[]
  runSince: Date | null
  day: Day
  plannedFor: Day | null
}

export function evaluateGate(facts: GateFacts): GateView {
  const { gate, playbook, criteria, conditions, subject } = facts
  const signOffs = gate.signOffs.map((asked) => signOffView(asked, facts))
  const missing = whatIsMissing(facts, signOffs)
  const { id, name, version } = playbook
  return {
    gate,
    subject,
    playbook: { id, name, version },
    day: facts.day,
    plannedFor: facts.plannedFor,
    criteria,
    conditions,
    signOffs,
    missing,
    warnings: conditions.filter(({ asked, holds }) => asked.blocks !== true && holds !== true),
    outcomes: outcomes({ gate, criteria, conditions, missing }),
    counts: countStates(criteria),
    againstData: criteria.filter(isAgainstData).length,
    metAgainstData: criteria.filter((view) => view.state === 'met' && isAgainstData(view)).length,
  }
}

export function isAgainstData(view: CriterionView): boolean {
  return view.disagrees !== null || view.disputed
}

/** GATE-13: each criterion met, or waived and in date; no blocking signal; every sign-off. Nothing else. */
function whatIsMissing({ gate, phase, subject, criteria, conditions }: GateFacts, signOffs: SignOffView[]): Missing[] {
  const open = criteria
    .filter(({ state }) => state !== 'met' && state !== 'waived')
    .map(({ criterion: { id, number, title }, state }): Missing => ({
      kind: 'criterion',
      criterion: id,
      number,
      title,
      state,
    }))
  const blocked = criteria.flatMap((view) =>
    blockingSignals(view).map(({ signal }): Missing => {
      const { id, number, title } = view.criterion
      // What is to be so reads as if it were: “on, for everybody”.
      const says = signal.unit === 'yes-no' ? `not yet: ${signal.says}` : signal.says
      return { kind: 'signal', criterion: id, number, title, signal: signal.id, says }
    }),
  )
  const unmet = conditions
    .filter(({ asked, holds, waiver }) => asked.blocks === true && holds !== true && waiver === null)
    .map(({ asked: { id, says } }): Missing => ({ kind: 'condition', signal: id, says }))
  const unsigned = signOffs
    .filter(({ given, invalidBecause }) => given === null || invalidBecause !== null)
    .map(({ asked: { role, says } }): Missing => ({ kind: 'sign-off', role, says }))
  const elsewhere: Missing[] = phase.id === gate.from ? [] : [{ kind: 'phase', phase: phase.name, subject }]
  return [...elsewhere, ...unmet, ...open, ...blocked, ...unsigned]
}

/** GATE-7, GATE-14: with a waiver the outcome is go with actions, never a plain go; the others are always open. */
function outcomes({
  gate,
  criteria,
  conditions,
  missing,
}: Pick<GateView, 'gate' | 'criteria' | 'conditions' | 'missing'>): OutcomeView[] {
  const waived =
    conditions.some(({ waiver }) => waiver !== null) ||
    criteria.some(({ state, signalWaivers }) => state === 'waived' || signalWaivers.length > 0)
  const elsewhere = missing.find(({ kind }) => kind === 'phase')
  return gate.outcomes.map((outcome) => {
    const because = whyNot(outcome.kind, { missing, waived, elsewhere: elsewhere !== undefined })
    return { ...outcome, possible: because === null, because }
  })
}

function whyNot(
  kind: OutcomeKind,
  { missing, waived, elsewhere }: { missing: Missing[]; waived: boolean; elsewhere: boolean },
): string | null {
  if (elsewhere) return inWords(missing.filter((item) => item.kind === 'phase'))
  if (kind !== 'go' && kind !== 'go-with-actions') return null
  if (missing.length > 0) return `Not possible yet: ${inWords(missing)}`
  if (kind === 'go' && waived) return 'Something is waived, so it can only open with actions'
  return kind === 'go-with-actions' && !waived ? 'Nothing is waived, so there are no actions to open with' : null
}

/** What is missing in one sentence: “criteria 4, 6 and 8, error rate (criterion 9) and the sign-off of the risk owner”. */
export function inWords(missing: Missing[]): string {
  const phase = missing.find((item) => item.kind === 'phase')
  if (phase?.kind === 'phase')
    return `The ${subjectWords[phase.subject].subject} is in ${phase.phase.toLowerCase()}, so this gate is not its next one`
  const numbers = missing.flatMap((item) => (item.kind === 'criterion' ? [String(item.number)] : []))
  const signals = missing.flatMap((item) =>
    item.kind === 'signal' ? [`a blocking signal of criterion ${item.number}`] : [],
  )
  const unmet = missing.flatMap((item) => (item.kind === 'condition' ? [`“${item.says}”`] : []))
  const roles = missing.flatMap((item) => (item.kind === 'sign-off' ? [roleNames[item.role].toLowerCase()] : []))
  const parts = [
    numbers.length === 0 ? [] : [`${numbers.length === 1 ? 'criterion' : 'criteria'} ${list(numbers)}`],
    signals,
    unmet,
    roles.length === 0 ? [] : [`the sign-off of the ${list(roles)}`],
  ].flat()
  return list(parts)
}

export function list(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** GATE-12. A sign-off counts in this run of the phase, after the last verdict and by an independent person where asked. */
function signOffView(asked: SignOffAsked, { criteria, signOffs, runSince }: GateFacts): SignOffView {
  const given =
    signOffs.filter(({ role }) => role === asked.role).toSorted((a, b) => b.at.getTime() - a.at.getTime())[0] ?? null
  return { asked, given, invalidBecause: given === null ? null : whyNotCounted(asked, given, criteria, runSince) }
}

function whyNotCounted(
  asked: SignOffAsked,
  given: SignOff,
  criteria: CriterionView[],
  runSince: Date | null,
): string | null {
  if (runSince !== null && given.at < runSince) return 'The phase began again after it was signed'
  if (asked.afterVerdicts === true && given.at < lastVerdictAt(criteria))
    return 'A verdict was given after it was signed'
  if (asked.independent === true && contributors(criteria).has(given.byAccount))
    return 'Whoever signs it may have given no verdict or evidence here'
  return null
}

function lastVerdictAt(criteria: CriterionView[]): Date {
  const times = criteria.flatMap(({ verdict, signalWaivers }) =>
    [verdict, ...signalWaivers].map((item) => item?.at.getTime() ?? 0),
  )
  return new Date(Math.max(0, ...times))
}

/** The accounts that gave a verdict, a waiver or evidence at this gate. */
export function contributors(criteria: CriterionView[]): Set<string> {
  const accounts = criteria.flatMap(({ history, evidence, signalWaivers }) =>
    [...history, ...evidence, ...signalWaivers].flatMap(({ byAccount }) => (byAccount === null ? [] : [byAccount])),
  )
  return new Set(accounts)
}

/** GATE-11: the roles that the criterion names, and the service manager, who answers for all of it. */
export function roleThatDecides(criterion: NumberedCriterion, roles: readonly ServiceRole[]): ServiceRole | null {
  return (
    criterion.decides.find((role) => roles.includes(role)) ?? roles.find((role) => role === 'service-manager') ?? null
  )
}

export function refuseForeignVerdict(criterion: NumberedCriterion, roles: readonly ServiceRole[]): ServiceRole {
  const role = roleThatDecides(criterion, roles)
  if (role === null)
    throw new Refusal('verdict-of-another-role', {
      roles: list(criterion.decides.map((each) => roleNames[each].toLowerCase())),
    })
  return role
}

/** GATE-20: a gate can belong to a role; a key stands for nobody's role and is recorded as having moved it. */
export function refuseForeignDecision({ decidedBy }: Gate, roles: readonly ServiceRole[]): void {
  if (decidedBy === undefined || decidedBy.some((role) => roles.includes(role))) return
  throw new Refusal('decision-of-another-role', { roles: list(decidedBy.map((role) => roleNames[role].toLowerCase())) })
}

/** GATE-19: only what keeps the gate shut now is waived, and by its own name. */
export function refuseNeedlessWaiver({ missing }: GateView, signal: string): void {
  if (!missing.some((item) => item.kind === 'condition' && item.signal === signal)) throw new Refusal('not-found')
}

/** Met cannot be said while required evidence is missing. */
export function refuseMetWithoutEvidence(kind: VerdictKind, lacks: string[]): void {
  if (kind === 'met' && lacks.length > 0) throw new Refusal('evidence-missing', { evidence: lacks.join('; ') })
}

/** GATE-7: a waiver ends, and not before it began. */
export function refuseEndlessWaiver(endsOn: Day, today: Day, latest: Day): void {
  if (endsOn < today || endsOn > latest) throw new Refusal('waiver-end', { latest })
}

export function refuseDependentSignOff(asked: SignOffAsked, accountId: string, criteria: CriterionView[]): void {
  if (asked.independent === true && contributors(criteria).has(accountId)) throw new Refusal('sign-off-not-independent')
}

/** GATE-13: refused with exactly what is missing. */
export function refuseImpossible(view: GateView, kind: OutcomeKind): OutcomeView {
  const outcome = view.outcomes.find((each) => each.kind === kind)
  if (outcome === undefined) throw new Refusal('outcome-unknown')
  if (!outcome.possible) throw new Refusal('gate-not-ready', { because: outcome.because ?? '' })
  return outcome
}

function countStates(criteria: CriterionView[]): Record<CriterionState, number> {
  const counts: Record<CriterionState, number> = {
    met: 0,
    'not-met': 0,
    waived: 0,
    'not-started': 0,
    evidenced: 0,
    'needs-confirming': 0,
  }
  for (const { state } of criteria) counts[state] += 1
  return counts
}

export interface NextThing {
  criterion: NumberedCriterion
  what: string
  who: ServiceRole[]
}

/** What would move the gate most: quarrels with the data first, then what is not met, old, or waiting for a verdict. */
export function nextThings(view: GateView, count = 3): NextThing[] {
  const ranked = view.criteria.map((each) => ({ each, what: whatNext(each) })).filter(({ what }) => what !== null)
  return ranked
    .toSorted((a, b) => rank(a.each) - rank(b.each))
    .slice(0, count)
    .map(({ each, what }) => ({ criterion: each.criterion, what: what ?? '', who: each.criterion.decides }))
}

function rank(view: CriterionView): number {
  if (view.disputed) return 0
  if (blockingSignals(view).length > 0) return 1
  if (view.disagrees !== null) return 2
  return { 'not-met': 3, 'needs-confirming': 4, evidenced: 5, 'not-started': 6, waived: 7, met: 8 }[view.state]
}

function whatNext(view: CriterionView): string | null {
  if (view.disputed) return 'Answer the complaint that disputes it'
  if (blockingSignals(view).length > 0) return 'A signal keeps the gate shut: make it hold, or waive it by name'
  if (view.disagrees !== null) return 'The data says otherwise: look again'
  if (view.state === 'not-met') return 'Not met: change what is behind it, then decide again'
  if (view.state === 'needs-confirming') return view.confirmBecause[0] ?? 'Confirm it'
  if (view.lacks.length > 0) return `Attach: ${view.lacks[0] ?? ''}`
  return view.state === 'evidenced' || view.state === 'not-started' ? 'Give a verdict' : null
}
