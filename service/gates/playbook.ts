import type { ServiceRole, SignalRegistry } from '../platform/index.ts'
import type { Phase } from '../services/index.ts'

/** What goes through its gates. */
export type SubjectKind = 'service' | 'feature'

export const subjectWords = {
  service: { subject: 'service', phase: 'phase' },
  feature: { subject: 'feature', phase: 'stage' },
} as const satisfies { [kind in SubjectKind]: { subject: string; phase: string } }

/** What a gate asks and who decides it: content, read from playbooks/*.yaml (P10). */
export interface Playbook {
  id: string
  name: string
  subject: SubjectKind
  version: string
  /** Calendar date, such as 2026-01-05. */
  inForceSince: string
  basedOn: string
  phases: PlaybookPhase[]
  gates: Gate[]
  groups: { id: string; name: string }[]
  confirmAfterDays: number
  criteria: Criterion[]
}

export interface PlaybookPhase extends Phase {
  guidance: string
}

export type OutcomeKind = 'go' | 'go-with-actions' | 'stay' | 'repeat' | 'back' | 'stop'

export interface Outcome {
  kind: OutcomeKind
  /** The phase that the service is in afterwards. */
  to: string
  label: string
  says: string
}

export interface SignOffAsked {
  role: ServiceRole
  says: string
  independent?: boolean
  afterVerdicts?: boolean
}

export interface Gate {
  id: string
  name: string
  from: string
  to: string
  assessment?: string
  firstShare?: boolean
  /** Who may decide here; without it, whoever may decide at gates at all. */
  decidedBy?: ServiceRole[]
  conditions?: ConditionAsked[]
  outcomes: Outcome[]
  signOffs: SignOffAsked[]
}

export interface EvidenceAsked {
  id: string
  ask: string
  maxAgeDays?: number
  required?: boolean
}

export interface SignalAsked {
  id: string
  op?: 'gte' | 'lte' | 'eq'
  value?: number
  /** GATE-22: the rule is judged by the whole interval, which may reach so far beyond the value. */
  margin?: number
  windowDays: number
  /** GATE-10: until it holds; or, as GATE-23 says, only while it fails. */
  blocks?: boolean | 'when-failing'
  disputes?: boolean
  gates?: string[]
}

/** What a gate asks besides its criteria, measured: it keeps the gate shut, or only warns. */
export interface ConditionAsked extends SignalAsked {
  blocks?: boolean
  /** As it stands among what is missing. */
  says: string
  /** What to do about it. */
  remedy: string
}

export interface Criterion {
  id: string
  group: string
  gates: string[]
  title: string
  ask: string
  why: string
  appliesWhen?: string
  decides: ServiceRole[]
  failureSigns: string[]
  confirmAfterDays?: number
  evidence: EvidenceAsked[]
  signals: SignalAsked[]
  source: { heading: string; says: string; rows: number[] }
}

/** The criteria of one gate, numbered as the page shows them, each with the signals that this gate asks for. */
export interface NumberedCriterion extends Criterion {
  number: number
}

export function criteriaAt(playbook: Playbook, gateId: string): NumberedCriterion[] {
  return playbook.criteria
    .filter(({ gates }) => gates.includes(gateId))
    .map((criterion, index) => ({
      ...criterion,
      number: index + 1,
      signals: criterion.signals.filter(({ gates }) => gates === undefined || gates.includes(gateId)),
    }))
}

export function findGate(playbook: Playbook, gateId: string): Gate | null {
  return playbook.gates.find(({ id }) => id === gateId) ?? null
}

/** GATE-18: of the gates those between the phases that were chosen, and of their outcomes those that lead to one. */
export function alongPhases(playbook: Playbook, chosen: readonly string[]): Playbook {
  const phases = playbook.phases.filter(({ id }) => chosen.includes(id))
  const isNext = ({ from, to }: Gate): boolean => {
    const at = phases.findIndex(({ id }) => id === from)
    return at !== -1 && phases[at + 1]?.id === to
  }
  const gates = playbook.gates
    .filter(isNext)
    .map((gate) => ({ ...gate, outcomes: gate.outcomes.filter(({ to }) => chosen.includes(to)) }))
  return { ...playbook, phases, gates }
}

/** The gate that stands at the end of a phase. */
export function gateAfter(playbook: Playbook, phase: string): Gate | null {
  return playbook.gates.find(({ from }) => from === phase) ?? null
}

/** GATE-2: names that lead nowhere are found when the playbook is loaded, not when somebody stands at the gate. */
export function danglingNames(playbook: Playbook, signals: SignalRegistry): string[] {
  const phases = new Set(playbook.phases.map(({ id }) => id))
  const gates = new Set(playbook.gates.map(({ id }) => id))
  const groups = new Set(playbook.groups.map(({ id }) => id))
  const wrong: string[] = []
  const ask = (known: boolean, words: string) => void (known || wrong.push(words))
  const askSignal = (id: string, who: string) => {
    ask(signals.has(id), `${who} names an unknown signal: ${id}`)
    const isForeign = playbook.subject !== 'feature' && signals.get(id)?.of === 'feature'
    ask(!isForeign, `${who} names a signal of features: ${id}`)
  }
  for (const gate of playbook.gates) {
    for (const phase of [gate.from, gate.to, ...gate.outcomes.map(({ to }) => to)]) {
      ask(phases.has(phase), `gate ${gate.id} names an unknown phase: ${phase}`)
    }
    for (const { id } of gate.conditions ?? []) askSignal(id, `gate ${gate.id}`)
  }
  for (const { id, group, gates: at, signals: asked } of playbook.criteria) {
    ask(groups.has(group), `criterion ${id} names an unknown group: ${group}`)
    for (const gate of [...at, ...asked.flatMap((signal) => signal.gates ?? [])]) {
      ask(gates.has(gate), `criterion ${id} names an unknown gate: ${gate}`)
    }
    for (const signal of asked) askSignal(signal.id, `criterion ${id}`)
  }
  return [...wrong, ...repeated(playbook)]
}

function repeated({ phases, gates, criteria }: Playbook): string[] {
  return Object.entries({ phase: phases, gate: gates, criterion: criteria }).flatMap(([kind, entries]) => {
    const ids = entries.map(({ id }) => id)
    return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two of kind ${kind} have the id ${id}`)
  })
}

export interface PlaybookDifference {
  kind: 'added' | 'removed' | 'changed' | 'unchanged'
  criterion: string
  title: string
  /** The parts of a criterion that differ, such as `signals`. */
  parts: string[]
}

/** GATE-15: what a move from one version to another would change, criterion by criterion. */
export function differences(from: Playbook, to: Playbook): PlaybookDifference[] {
  const before = new Map(from.criteria.map((criterion) => [criterion.id, criterion]))
  const after = new Map(to.criteria.map((criterion) => [criterion.id, criterion]))
  const removed = from.criteria
    .filter(({ id }) => !after.has(id))
    .map(({ id, title }): PlaybookDifference => ({ kind: 'removed', criterion: id, title, parts: [] }))
  const kept = to.criteria.map((criterion): PlaybookDifference => {
    const { id, title } = criterion
    const old = before.get(id)
    if (old === undefined) return { kind: 'added', criterion: id, title, parts: [] }
    const parts = differingParts(old, criterion, from.confirmAfterDays, to.confirmAfterDays)
    return { kind: parts.length === 0 ? 'unchanged' : 'changed', criterion: id, title, parts }
  })
  return [...kept, ...removed]
}

function differingParts(old: Criterion, now: Criterion, oldDays: number, nowDays: number): string[] {
  const a: Record<string, unknown> = { ...old, confirmAfterDays: old.confirmAfterDays ?? oldDays }
  const b: Record<string, unknown> = { ...now, confirmAfterDays: now.confirmAfterDays ?? nowDays }
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
}
