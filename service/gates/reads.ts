import { rolesOf, type Context, type Queryable, type ServiceRole, type SignalRegistry } from '../platform/index.ts'
import type { ConditionView, CriterionView, Day, Decision, GateView, RuleReading, Verdict } from './gates.ts'
import type { Playbooks } from './load-playbooks.ts'
import {
  alongPhases,
  criteriaAt,
  differences,
  findGate,
  gateAfter,
  type Gate,
  type Playbook,
  type SignalAsked,
} from './playbook.ts'
import { dayOf, evaluateCondition, evaluateCriterion, evaluateGate, gateDay, holds } from './rules.ts'
import { chosenPlaybook, decisions, evidenceOf, plannedFor, signalWaivers, signOffs, verdicts } from './store.ts'
import {
  chosenPhases,
  createdAt,
  defaultPlaybooks,
  homeOf,
  movesOfSubject,
  phaseNow,
  subjectKey,
  type Subject,
} from './subject.ts'

const dayMs = 86_400_000

interface Content {
  playbooks: Playbooks
  signals: SignalRegistry
}

let content: Content | null = null

/** What gates ask and what answers; app.ts sets both once, at the start. */
export function useGates(parts: Content): void {
  content = parts
}

export function gatesContent(): Content {
  if (content === null) throw new Error('useGates was not called')
  return content
}

/** GATE-1: a subject keeps the version that was in force on the day it was added, until it is moved. */
export async function playbookOf(db: Queryable, subject: Subject): Promise<Playbook> {
  const { playbooks } = gatesContent()
  const chosen = await chosenPlaybook(db, subjectKey(subject))
  const whole =
    chosen === null
      ? playbooks.inForce(defaultPlaybooks[subject.kind], createdAt(subject))
      : (playbooks.find(chosen.id, chosen.version) ?? playbooks.newest(chosen.id))
  const phases = chosenPhases(subject)
  return phases === null ? whole : alongPhases(whole, phases)
}

/** The gate at the end of the phase that the subject is in, or the next one after it. */
export async function nextGate(db: Queryable, subject: Subject): Promise<{ playbook: Playbook; gate: Gate | null }> {
  const playbook = await playbookOf(db, subject)
  const now = phaseNow(subject)
  const order = playbook.phases.map(({ id }) => id)
  const here = order.indexOf(now.id)
  const ahead = playbook.gates.filter(({ from }) => order.indexOf(from) >= here)
  const next = ahead.toSorted((a, b) => order.indexOf(a.from) - order.indexOf(b.from))[0] ?? null
  return { playbook, gate: gateAfter(playbook, now.id) ?? next }
}

/** A gate with every criterion evaluated on the data as it is now; inside a transaction, on what it sees. */
export async function readGate(db: Queryable, now: Date, subject: Subject, gateId: string): Promise<GateView | null> {
  const playbook = await playbookOf(db, subject)
  const gate = findGate(playbook, gateId)
  if (gate === null) return null
  const planned = await plannedFor(db, subjectKey(subject), gateId)
  const day = gateDay(dayOf(now, subject.service.timeZone), planned)
  const runSince = await runBegan(db, subject, playbook, gate)
  const { criteria, conditions } = await readAsked(db, { now, subject, gate, playbook, day, runSince })
  return evaluateGate({
    gate,
    playbook,
    subject: subject.kind,
    phase: phaseNow(subject),
    criteria,
    conditions,
    signOffs: await signOffs(db, subjectKey(subject), gateId),
    runSince,
    day,
    plannedFor: planned,
  })
}

interface At {
  now: Date
  subject: Subject
  gate: Gate
  playbook: Playbook
  day: Day
  runSince: Date | null
}

async function readAsked(
  db: Queryable,
  { now, subject, gate, playbook, day, runSince }: At,
): Promise<{ criteria: CriterionView[]; conditions: ConditionView[] }> {
  const asked = criteriaAt(playbook, gate.id)
  const key = subjectKey(subject)
  const given = await verdicts(db, key, gate.id)
  const waived = await signalWaivers(db, key, gate.id)
  const evidence = await evidenceOf(db, key)
  const { timeZone } = subject.service
  const onGate = gate.conditions ?? []
  const readings = await readSignals(db, now, subject, [...asked.flatMap(({ signals }) => signals), ...onGate])
  const conditions = onGate.map((condition) =>
    evaluateCondition({ ...withRule(condition, readings), asked: condition }, waived, { day, runSince }),
  )
  const criteria = asked.map((criterion) => {
    const history = given.filter((verdict) => verdict.criterion === criterion.id)
    return evaluateCriterion({
      criterion,
      history,
      evidence: evidence.filter((item) => item.criterion === criterion.id),
      readings: criterion.signals.map((signal) => withRule(signal, readings)),
      signalWaivers: waived.filter((waiver) => waiver.criterion === criterion.id),
      runSince,
      rewritten: history[0] !== undefined && isRewritten(history[0], playbook),
      confirmAfterDays: playbook.confirmAfterDays,
      day,
      timeZone,
    })
  })
  return { criteria, conditions }
}

type Readings = Map<string, Omit<RuleReading, 'asked' | 'holds'>>

const keyOf = ({ id, windowDays }: SignalAsked): string => `${id} ${windowDays}`

/** Each signal and window once, however many criteria ask for it; one after the other, as a transaction demands. */
async function readSignals(db: Queryable, now: Date, subject: Subject, asked: SignalAsked[]): Promise<Readings> {
  const readings: Readings = new Map()
  const look = {}
  const of = subject.kind === 'feature' ? { ...subject.service, feature: subject.feature } : subject.service
  for (const each of asked) {
    const signal = gatesContent().signals.get(each.id)
    if (signal === undefined) throw new Error(`The playbook names an unknown signal: ${each.id}`)
    if (readings.has(keyOf(each))) continue
    const window = { from: new Date(now.getTime() - each.windowDays * dayMs), to: now }
    readings.set(keyOf(each), { signal, window, reading: await signal.read(db, of, { ...window, look }) })
  }
  return readings
}

function withRule(asked: SignalAsked, readings: Readings): RuleReading {
  const found = readings.get(keyOf(asked))
  if (found === undefined) throw new Error(`${asked.id} was not read`)
  return { ...found, asked, holds: holds(asked, found.reading) }
}

const partsThatMatter = new Set(['title', 'ask', 'appliesWhen', 'evidence', 'signals', 'confirmAfterDays'])

/** GATE-15: a verdict stays while its criterion asks the same. */
function isRewritten(verdict: Verdict, now: Playbook): boolean {
  const { id, version } = verdict.frozen.playbook
  if (id === now.id && version === now.version) return false
  const then = gatesContent().playbooks.find(id, version)
  const change =
    then === null ? undefined : differences(then, now).find(({ criterion }) => criterion === verdict.criterion)
  return change === undefined || change.kind === 'added' || change.parts.some((part) => partsThatMatter.has(part))
}

/** GATE-14: repeating the phase, or leaving it backwards, begins a new run of it. */
async function runBegan(db: Queryable, subject: Subject, playbook: Playbook, gate: Gate): Promise<Date | null> {
  const order = new Map(playbook.phases.map(({ id }, index) => [id, index]))
  const place = (phase: string | null) => order.get(phase ?? '') ?? -1
  const backwards = (await movesOfSubject(db, subject)).filter(
    ({ from, to }) => from !== null && place(to) < place(from) && place(to) <= place(gate.from),
  )
  const repeats = (await decisions(db, subjectKey(subject))).filter(
    ({ outcome, from }) => outcome === 'repeat' && from === gate.from,
  )
  const times = [...backwards, ...repeats].map(({ at }) => at.getTime())
  return times.length === 0 ? null : new Date(Math.max(...times))
}

/** What the person who looks may do: their roles on this service. */
export async function ownRoles(ctx: Context, { service }: Subject): Promise<ServiceRole[]> {
  return ctx.actor.kind === 'account' ? rolesOf(ctx.db, ctx.actor.accountId, service.id) : []
}

export interface GateSummary {
  gate: { id: string; name: string; href: string; from: string; to: string; standsHere: boolean }
  playbook: { name: string; version: string }
  counts: GateView['counts']
  criteria: number
  againstData: number
  metAgainstData: number
  /** What stands before the gate. */
  missing: number
  canOpen: boolean
  plannedFor: Day | null
  differs: CriterionView[]
}

/** For the overview: “9 met, 1 against the data”. Null where no gate is ahead. */
export async function gateSummary(db: Queryable, now: Date, subject: Subject): Promise<GateSummary | null> {
  const { gate } = await nextGate(db, subject)
  const view = gate === null ? null : await readGate(db, now, subject, gate.id)
  if (view === null) return null
  const { id, name, from, to } = view.gate
  return {
    gate: { id, name, href: `${homeOf(subject)}/gates/${id}`, from, to, standsHere: from === phaseNow(subject).id },
    playbook: view.playbook,
    counts: view.counts,
    criteria: view.criteria.length,
    againstData: view.againstData,
    metAgainstData: view.metAgainstData,
    missing: view.missing.filter(({ kind }) => kind !== 'phase').length,
    canOpen: view.outcomes.some(({ kind, possible }) => possible && (kind === 'go' || kind === 'go-with-actions')),
    plannedFor: view.plannedFor,
    differs: view.criteria.filter(({ disagrees, disputed }) => disagrees !== null || disputed),
  }
}

export async function decisionsOf(db: Queryable, subject: Subject): Promise<Decision[]> {
  return decisions(db, subjectKey(subject))
}
