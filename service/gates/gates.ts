import type { Reading, ServiceRole, Signal, SignalDifference } from '../platform/index.ts'
import type { Attachment } from '../platform/attachments/index.ts'
import type {
  ConditionAsked,
  Gate,
  NumberedCriterion,
  OutcomeKind,
  SignalAsked,
  SignOffAsked,
  SubjectKind,
} from './playbook.ts'

/** A calendar day in the service's own time zone, such as 2026-11-20. Ages and ends are counted in days. */
export type Day = string

/** What a named person says of a criterion. These three are stored; every other state is computed (GATE-3). */
export type VerdictKind = 'met' | 'not-met' | 'waived'

export type CriterionState = VerdictKind | 'not-started' | 'evidenced' | 'needs-confirming'

export interface Verdict {
  id: string
  criterion: string
  gate: string
  phase: string
  kind: VerdictKind
  reason: string
  by: string
  byAccount: string | null
  /** In which role it was given. */
  role: ServiceRole
  at: Date
  /** Of a waiver: who sees to it, and the last day on which it holds. */
  waiver: Waiver | null
  frozen: FrozenEvidence
}

export interface Waiver {
  owner: string
  endsOn: Day
}

/** One blocking signal, waived by name. Without a criterion it is a condition of the gate itself. */
export interface SignalWaiver extends Waiver {
  id: string
  criterion: string | null
  signal: string
  reason: string
  by: string
  byAccount: string | null
  at: Date
}

export interface Evidence {
  id: string
  criterion: string
  /** Which of the evidence asked for it is; null for anything else. */
  asked: string | null
  title: string
  url: string | null
  note: string
  /** The day of what it shows (of an audit: the day of the audit), from which its age counts. */
  dated: Day
  owner: string
  by: string
  byAccount: string | null
  at: Date
  /** What a program said (GATE-4): shown as evidence, never counted as a verdict. */
  says: 'met' | 'not-met' | null
  /** The file that came along. */
  attachment: Attachment | null
}

/** What a verdict or a decision rested on. Written once, never recomputed (GATE-5). */
export interface FrozenEvidence {
  playbook: { id: string; version: string }
  readings: FrozenReading[]
  evidence: { id: string; title: string; dated: Day; sha256?: string }[]
}

export interface FrozenReading {
  signal: string
  says: string
  unit: Signal['unit']
  difference?: SignalDifference
  definition: string | null
  window: { from: string; to: string }
  rule: string | null
  holds: boolean | null
  reading:
    | { kind: 'value'; value: number; n: number | null; low?: number; high?: number; asOf: string }
    | { kind: 'no-data' }
    | { kind: 'too-few'; n: number; needed: number }
}

/** A signal that a criterion asks for, as read now. `holds` is null where there is no rule, no data or too few. */
export interface RuleReading {
  asked: SignalAsked
  signal: Pick<Signal, 'id' | 'unit' | 'says' | 'one' | 'difference' | 'warns'>
  window: { from: Date; to: Date }
  reading: Reading
  holds: boolean | null
}

/** Something that the gate asks besides its criteria, and that is measured, such as that the soaking time is over. */
export interface ConditionView extends RuleReading {
  asked: ConditionAsked
  waiver: SignalWaiver | null
}

export interface SignOff {
  id: string
  gate: string
  role: ServiceRole
  by: string
  byAccount: string
  note: string
  at: Date
}

export interface Decision {
  id: string
  gate: string
  outcome: OutcomeKind
  from: string
  to: string
  reason: string
  by: string
  byAccount: string | null
  /** Set where a key moved the phase: what it was moved past. */
  waiver: string | null
  at: Date
  frozen: FrozenGate
}

export interface FrozenGate {
  playbook: { id: string; version: string }
  criteria: {
    id: string
    number: number
    title: string
    state: CriterionState
    verdict: string | null
    disagrees: Disagreement | null
  }[]
  signOffs: { role: ServiceRole; by: string | null; at: string | null }[]
  missing: string[]
  /** Not there in decisions from before gates had conditions. */
  conditions?: FrozenReading[]
  firstShare: number | null
}

export type Disagreement = 'met-against-data' | 'not-met-against-data'

export interface Age {
  days: number
  /** Days after which it has to be renewed; null for no limit. */
  limitDays: number | null
}

/** A criterion at a gate, evaluated. */
export interface CriterionView {
  criterion: NumberedCriterion
  state: CriterionState
  verdict: Verdict | null
  history: Verdict[]
  evidence: Evidence[]
  readings: RuleReading[]
  signalWaivers: SignalWaiver[]
  disagrees: Disagreement | null
  /** A complaint disputes the verdict by itself (GATE-9). */
  disputed: boolean
  /** Why it needs confirming, each in a sentence. */
  confirmBecause: string[]
  /** Required evidence that nobody has attached. */
  lacks: string[]
  age: Age | null
}

export interface SignOffView {
  asked: SignOffAsked
  given: SignOff | null
  /** Why one that was given does not count. */
  invalidBecause: string | null
}

export type Missing =
  | { kind: 'criterion'; criterion: string; number: number; title: string; state: CriterionState }
  | { kind: 'signal'; criterion: string; number: number; title: string; signal: string; says: string }
  | { kind: 'condition'; signal: string; says: string }
  | { kind: 'sign-off'; role: ServiceRole; says: string }
  | { kind: 'phase'; phase: string; subject: SubjectKind }

export interface OutcomeView {
  kind: OutcomeKind
  to: string
  label: string
  says: string
  possible: boolean
  /** Why it is not. */
  because: string | null
}

export interface GateView {
  gate: Gate
  subject: SubjectKind
  playbook: { id: string; name: string; version: string }
  /** The day on which ages are judged (GATE-6). */
  day: Day
  plannedFor: Day | null
  criteria: CriterionView[]
  conditions: ConditionView[]
  signOffs: SignOffView[]
  missing: Missing[]
  /** Conditions that do not hold and only warn. */
  warnings: ConditionView[]
  outcomes: OutcomeView[]
  counts: Record<CriterionState, number>
  /** Met or not met, with the data on the other side, or disputed. */
  againstData: number
  /** Of those, the ones that count as met. */
  metAgainstData: number
}
