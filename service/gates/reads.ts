import {
  calendarDayOf,
  rolesOf,
  type Context,
  type Look,
  type Queryable,
  type ServiceRole,
  type SignalRegistry,
  type SignalService,
} from '../platform/index.ts'
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
import { evaluateCondition, evaluateCriterion, evaluateGate, gateDay, holds } from './rules.ts'
import { chosenPlaybooks, decisions, nameOf, recordsAt, type Records } from './store.ts'
import {
  chosenPhases,
  createdAt,
  defaultPlaybooks,
  homeOf,
  movesOfSubjects,
  phaseNow,
  subjectKey,
  type Move,
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
  const chosen = await chosenPlaybooks(db, [subjectKey(subject)])
  return playbookBy(chosen, subject)
}

function playbookBy(chosen: Awaited<ReturnType<typeof chosenPlaybooks>>, subject: Subject): Playbook {
  const { playbooks } = gatesContent()
  const [own] = chosen.get(nameOf(subjectKey(subject))) ?? []
  const whole =
    own === undefined
      ? playbooks.inForce(defaultPlaybooks[subject.kind], createdAt(subject))
      : (playbooks.find(own.id, own.version) ?? playbooks.newest(own.id))
  const phases = chosenPhases(subject)
  return phases === null ? whole : alongPhases(whole, phases)
}

/** The gate at the end of the phase that the subject is in, or the next one after it. */
export async function nextGate(db: Queryable, subject: Subject): Promise<{ playbook: Playbook; gate: Gate | null }> {
  const playbook = await playbookOf(db, subject)
  return { playbook, gate: gateAhead(playbook, subject) }
}

function gateAhead(playbook: Playbook, subject: Subject): Gate | null {
  const now = phaseNow(subject)
  const order = playbook.phases.map(({ id }) => id)
  const here = order.indexOf(now.id)
  const ahead = playbook.gates.filter(({ from }) => order.indexOf(from) >= here)
  const next = ahead.toSorted((a, b) => order.indexOf(a.from) - order.indexOf(b.from))[0] ?? null
  return gateAfter(playbook, now.id) ?? next
}

/** A gate with every criterion evaluated on the data as it is now; inside a transaction, on what it sees. */
export async function readGate(db: Queryable, now: Date, subject: Subject, gateId: string): Promise<GateView | null> {
  const playbook = await playbookOf(db, subject)
  const gate = findGate(playbook, gateId)
  if (gate === null) return null
  const [view] = await readGates(db, now, [{ subject, playbook, gate }])
  return view ?? null
}

interface Standing {
  subject: Subject
  playbook: Playbook
  gate: Gate
}

/** One gate of each of several subjects, in their order: what is read of all of them is read once. */
async function readGates(db: Queryable, now: Date, all: readonly Standing[]): Promise<GateView[]> {
  const places = all.map(({ subject, gate }) => ({ ...subjectKey(subject), gate: gate.id }))
  const records = await recordsAt(db, places)
  const moves = await movesOfSubjects(
    db,
    all.map(({ subject }) => subject),
  )
  const look = { services: all.map(({ subject }) => signalService(subject)) }
  const viewOf = async ({ subject, playbook, gate }: Standing, index: number): Promise<GateView | null> => {
    const stored = records[index]
    if (stored === undefined) return null
    const day = gateDay(calendarDayOf(now, subject.service.timeZone), stored.plannedFor)
    const runSince = runBegan(playbook, gate, moves[index] ?? [], stored.decisions)
    const asked = await readAsked(db, { now, subject, gate, playbook, day, runSince, stored, look })
    return evaluateGate({
      gate,
      playbook,
      subject: subject.kind,
      phase: phaseNow(subject),
      ...asked,
      signOffs: stored.signOffs,
      runSince,
      day,
      plannedFor: stored.plannedFor,
    })
  }
  const views: (GateView | null)[] = []
  // A transaction asks one thing after the other.
  if (db.isTransaction) for (const [index, each] of all.entries()) views.push(await viewOf(each, index))
  else views.push(...(await Promise.all(all.map(viewOf))))
  return views.filter((view) => view !== null)
}

function signalService(subject: Subject): SignalService {
  return subject.kind === 'feature' ? { ...subject.service, feature: subject.feature } : subject.service
}

interface At {
  now: Date
  subject: Subject
  gate: Gate
  playbook: Playbook
  day: Day
  runSince: Date | null
  stored: Records
  look: Look
}

async function readAsked(
  db: Queryable,
  { now, subject, gate, playbook, day, runSince, stored, look }: At,
): Promise<{ criteria: CriterionView[]; conditions: ConditionView[] }> {
  const asked = criteriaAt(playbook, gate.id)
  const { verdicts: given, signalWaivers: waived, evidence } = stored
  const { timeZone } = subject.service
  const onGate = gate.conditions ?? []
  const signals = [...asked.flatMap((criterion) => criterion.signals), ...onGate]
  const readings = await readSignals(db, now, signalService(subject), signals, look)
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
async function readSignals(
  db: Queryable,
  now: Date,
  of: SignalService,
  asked: SignalAsked[],
  look: Look,
): Promise<Readings> {
  const readings: Readings = new Map()
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
function runBegan(playbook: Playbook, gate: Gate, moves: readonly Move[], decided: readonly Decision[]): Date | null {
  const order = new Map(playbook.phases.map(({ id }, index) => [id, index]))
  const place = (phase: string | null) => order.get(phase ?? '') ?? -1
  const backwards = moves.filter(
    ({ from, to }) => from !== null && place(to) < place(from) && place(to) <= place(gate.from),
  )
  const repeats = decided.filter(({ outcome, from }) => outcome === 'repeat' && from === gate.from)
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
  return (await gateSummaries(db, now, [subject])).get(subject) ?? null
}

/** Of each subject that has a gate ahead. */
export async function gateSummaries(
  db: Queryable,
  now: Date,
  subjects: readonly Subject[],
): Promise<Map<Subject, GateSummary>> {
  const chosen = await chosenPlaybooks(db, subjects.map(subjectKey))
  const ahead = subjects.flatMap((subject) => {
    const playbook = playbookBy(chosen, subject)
    const gate = gateAhead(playbook, subject)
    return gate === null ? [] : [{ subject, playbook, gate }]
  })
  const views = await readGates(db, now, ahead)
  return new Map(
    ahead.flatMap(({ subject }, index) => {
      const view = views[index]
      return view === undefined ? [] : [[subject, summaryOf(view, subject)] as const]
    }),
  )
}

function summaryOf(view: GateView, subject: Subject): GateSummary {
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
