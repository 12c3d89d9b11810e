import { calendarDayOf, type Reading } from '../platform/index.ts'
import type {
  Age,
  ConditionView,
  CriterionState,
  CriterionView,
  Day,
  Disagreement,
  Evidence,
  RuleReading,
  SignalWaiver,
  Verdict,
} from './gates.ts'
import type { NumberedCriterion, SignalAsked } from './playbook.ts'

export interface CriterionFacts {
  criterion: NumberedCriterion
  /** At this gate, newest first. */
  history: Verdict[]
  evidence: Evidence[]
  readings: RuleReading[]
  signalWaivers: SignalWaiver[]
  /** Verdicts from before this instant belong to an earlier run of the phase (GATE-14). */
  runSince: Date | null
  /** The playbook's words of this criterion changed since its verdict (GATE-15). */
  rewritten: boolean
  confirmAfterDays: number
  /** The gate's date (GATE-6). */
  day: Day
  timeZone: string
}

export function evaluateCriterion(facts: CriterionFacts): CriterionView {
  const { criterion, history, evidence, readings } = facts
  const verdict = history[0] ?? null
  const confirmBecause = verdict === null ? [] : reasonsToConfirm(facts, verdict)
  const state = stateOf(facts, verdict, confirmBecause)
  return {
    criterion,
    state,
    verdict,
    history,
    evidence,
    readings,
    signalWaivers: facts.signalWaivers.filter(({ endsOn, at }) => holdsOn(facts, endsOn, at)),
    disagrees: disagreement(verdict, readings),
    disputed:
      verdict?.kind === 'met' && readings.some(({ asked, holds }) => asked.disputes === true && holds === false),
    confirmBecause,
    lacks: lackingEvidence(criterion, evidence),
    age: ageOf(facts, verdict),
  }
}

/** GATE-3. Data can make it evidenced; only a stored verdict makes it anything more (P1). */
function stateOf(facts: CriterionFacts, verdict: Verdict | null, confirmBecause: string[]): CriterionState {
  if (verdict === null) {
    const measured = facts.readings.some(({ reading }) => reading.kind === 'value')
    return measured || facts.evidence.length > 0 ? 'evidenced' : 'not-started'
  }
  if (verdict.kind === 'not-met') return 'not-met'
  return confirmBecause.length > 0 ? 'needs-confirming' : verdict.kind
}

/** GATE-6, GATE-7, GATE-14, GATE-15: what turns a verdict of met, or a waiver, into one that needs confirming. */
function reasonsToConfirm(facts: CriterionFacts, verdict: Verdict): string[] {
  const { criterion, day, timeZone } = facts
  const reasons: string[] = []
  if (belongsToEarlierRun(facts, verdict.at)) reasons.push('The phase began again after this verdict')
  if (facts.rewritten) reasons.push('The playbook asks for something else since this verdict')
  if (verdict.waiver !== null) {
    if (verdict.waiver.endsOn < day) reasons.push(`The waiver ended on ${verdict.waiver.endsOn}`)
    return reasons
  }
  const days = daysBetween(calendarDayOf(verdict.at, timeZone), day)
  const limit = criterion.confirmAfterDays ?? facts.confirmAfterDays
  if (days > limit) reasons.push(`The verdict is ${days} days old on the gate’s date, of ${limit}`)
  for (const asked of criterion.evidence) {
    const newest = newestOf(facts.evidence, asked.id)
    if (newest === null || asked.maxAgeDays === undefined) continue
    const old = daysBetween(newest.dated, day)
    if (old > asked.maxAgeDays)
      reasons.push(`“${newest.title}” is ${old} days old on the gate’s date, of ${asked.maxAgeDays}`)
  }
  return reasons
}

/** GATE-19: a waiver of it ends like any other. */
export function evaluateCondition(
  condition: Omit<ConditionView, 'waiver'>,
  waivers: readonly SignalWaiver[],
  facts: Pick<CriterionFacts, 'day' | 'runSince'>,
): ConditionView {
  const waiver = waivers.find(
    ({ criterion, signal, endsOn, at }) =>
      criterion === null && signal === condition.asked.id && holdsOn(facts, endsOn, at),
  )
  return { ...condition, waiver: waiver ?? null }
}

function belongsToEarlierRun({ runSince }: Pick<CriterionFacts, 'runSince'>, at: Date): boolean {
  return runSince !== null && at < runSince
}

function holdsOn(facts: Pick<CriterionFacts, 'day' | 'runSince'>, endsOn: Day, at: Date): boolean {
  return endsOn >= facts.day && !belongsToEarlierRun(facts, at)
}

/** GATE-8: either way round. No data and too few are no answer, so they neither agree nor disagree (P6). */
export function disagreement(
  verdict: Pick<Verdict, 'kind'> | null,
  readings: Pick<RuleReading, 'asked' | 'holds'>[],
): Disagreement | null {
  const ruled = readings.filter(({ asked }) => asked.op !== undefined)
  if (verdict?.kind === 'met' && ruled.some(({ holds }) => holds === false)) return 'met-against-data'
  const allHold = ruled.length > 0 && ruled.every(({ holds }) => holds === true)
  return verdict?.kind === 'not-met' && allHold ? 'not-met-against-data' : null
}

/** Does what was read fulfil the rule? Null where there is no rule, or no answer. */
export function holds({ op, value, margin }: SignalAsked, reading: Reading): boolean | null {
  if (op === undefined || value === undefined || reading.kind !== 'value') return null
  if (margin !== undefined) return holdsByInterval({ op, value, margin }, reading)
  if (op === 'gte') return reading.value >= value
  return op === 'lte' ? reading.value <= value : reading.value === value
}

/**
 * GATE-22: it fails where the whole interval lies on the wrong side of the value, and holds where the interval ends within the
 * margin. Else the data cannot tell, which is no answer; nor can a reading without an interval.
 */
function holdsByInterval(
  { op, value, margin }: { op: NonNullable<SignalAsked['op']>; value: number; margin: number },
  { low, high }: { low?: number; high?: number },
): boolean | null {
  if (low === undefined || high === undefined || op === 'eq') return null
  const [worst, best, limit, reach] =
    op === 'gte' ? [low, high, value, value - margin] : [-high, -low, -value, -value - margin]
  if (best < limit) return false
  return worst >= reach ? true : null
}

/** GATE-10, GATE-23: a blocking signal keeps the gate shut until it is waived by name, or what it reads lets the gate open. */
export function blockingSignals(view: CriterionView): RuleReading[] {
  const waived = new Set(view.signalWaivers.map(({ signal }) => signal))
  return view.readings.filter(
    ({ asked, holds: fulfilled }) => keepsShut(asked.blocks, fulfilled) && !waived.has(asked.id),
  )
}

/** No data does not hold; of a signal that blocks only when failing it says nothing either way. */
function keepsShut(blocks: SignalAsked['blocks'], fulfilled: boolean | null): boolean {
  return blocks === 'when-failing' ? fulfilled === false : blocks === true && fulfilled !== true
}

export function lackingEvidence(criterion: NumberedCriterion, evidence: Evidence[]): string[] {
  return criterion.evidence
    .filter(({ id, required }) => required === true && newestOf(evidence, id) === null)
    .map(({ ask }) => ask)
}

function newestOf(evidence: Evidence[], asked: string): Evidence | null {
  return evidence.filter((item) => item.asked === asked).toSorted((a, b) => b.dated.localeCompare(a.dated))[0] ?? null
}

/** The age of the evidence nearest to its limit; of the verdict where nothing is attached. */
function ageOf(facts: CriterionFacts, verdict: Verdict | null): Age | null {
  const { criterion, evidence, day, timeZone } = facts
  const ages: Age[] = criterion.evidence.flatMap(({ id, maxAgeDays }) => {
    const newest = newestOf(evidence, id)
    return newest === null ? [] : [{ days: Math.max(0, daysBetween(newest.dated, day)), limitDays: maxAgeDays ?? null }]
  })
  if (verdict !== null && verdict.kind !== 'waived' && ages.length === 0) {
    const limitDays = criterion.confirmAfterDays ?? facts.confirmAfterDays
    ages.push({ days: Math.max(0, daysBetween(calendarDayOf(verdict.at, timeZone), day)), limitDays })
  }
  const left = ({ days, limitDays }: Age) => (limitDays === null ? Infinity : limitDays - days)
  return ages.toSorted((a, b) => left(a) - left(b) || b.days - a.days)[0] ?? null
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

/** GATE-6: the planned date, or today where there is none or it has passed. */
export function gateDay(today: Day, plannedFor: Day | null): Day {
  return plannedFor !== null && plannedFor > today ? plannedFor : today
}
