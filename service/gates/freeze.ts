import { differenceInWords, roleNames, sideInWords, type DifferenceUnit, type Reading } from '../platform/index.ts'
import type {
  CriterionView,
  FrozenEvidence,
  FrozenGate,
  FrozenReading,
  GateView,
  Missing,
  RuleReading,
} from './gates.ts'
import { subjectWords, type SignalAsked } from './playbook.ts'

/** GATE-5: what a verdict rests on, with the version, the windows and the definitions of this moment. */
export function freezeEvidence(view: CriterionView, playbook: { id: string; version: string }): FrozenEvidence {
  return {
    playbook: { id: playbook.id, version: playbook.version },
    readings: view.readings.map(freezeReading),
    evidence: view.evidence.map(({ id, title, dated, attachment }) => ({
      id,
      title,
      dated,
      ...(attachment === null ? {} : { sha256: attachment.sha256 }),
    })),
  }
}

export function freezeGate(view: GateView, firstShare: number | null): FrozenGate {
  return {
    playbook: { id: view.playbook.id, version: view.playbook.version },
    criteria: view.criteria.map(({ criterion: { id, number, title }, state, verdict, disagrees }) => ({
      id,
      number,
      title,
      state,
      verdict: verdict?.id ?? null,
      disagrees,
    })),
    signOffs: view.signOffs.map(({ asked: { role }, given, invalidBecause }) => {
      const counts = given !== null && invalidBecause === null
      return { role, by: counts ? given.by : null, at: counts ? given.at.toISOString() : null }
    }),
    missing: view.missing.map(missingInWords),
    ...(view.conditions.length === 0 ? {} : { conditions: view.conditions.map(freezeReading) }),
    firstShare,
  }
}

function freezeReading({ asked, signal, window, reading, holds }: RuleReading): FrozenReading {
  return {
    signal: signal.id,
    says: wordsOf({ signal, reading }),
    unit: signal.unit,
    ...(signal.difference === undefined ? {} : { difference: signal.difference }),
    definition: definitionOf(reading),
    window: { from: window.from.toISOString(), to: window.to.toISOString() },
    rule: ruleInWords(asked, signal),
    holds,
    reading: plain(reading),
  }
}

/** What is kept or told elsewhere keeps what the signal warns of. */
export function wordsOf({ signal, reading }: Pick<RuleReading, 'signal' | 'reading'>): string {
  const says = reading.kind === 'value' ? wordsAfter(reading.value, signal) : signal.says
  return signal.warns === undefined ? says : `${says}; ${signal.warns}`
}

export const wordsAfter = (value: number, { says, one }: { says: string; one?: string }): string =>
  value === 1 && one !== undefined ? one : says

function plain(reading: Reading): FrozenReading['reading'] {
  if (reading.kind === 'no-data') return { kind: 'no-data' }
  if (reading.kind === 'too-few') return { kind: 'too-few', n: reading.n, needed: reading.needed }
  const { kind, value, n, low, high, asOf } = reading
  return {
    kind,
    value,
    n,
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    asOf: asOf.toISOString(),
  }
}

const opWords = { gte: 'at least', lte: 'at most', eq: 'exactly' }

/** The version of the formula that a reading follows, where it names one. */
export function definitionOf(reading: Reading): string | null {
  return reading.kind === 'value' ? (reading.definition ?? null) : null
}

export function ruleInWords(
  { op, value, margin }: Pick<SignalAsked, 'op' | 'value' | 'margin'>,
  { difference }: Pick<RuleReading['signal'], 'difference'> = {},
): string | null {
  if (op === undefined || value === undefined) return null
  if (difference !== undefined && value === 0 && op !== 'eq')
    return differenceRule({ op, margin: margin ?? 0, unit: difference.unit })
  return `${opWords[op]} ${value}${marginInWords({ op, value, margin })}`
}

/** “not more, at worst 5 in 1,000 more”: no sure harm, and the interval reaches no further than the margin (GATE-22). */
function differenceRule({ op, margin, unit }: { op: 'gte' | 'lte'; margin: number; unit: DifferenceUnit }): string {
  const harm = op === 'lte' ? 1 : -1
  const worst = differenceInWords(harm * margin, unit)
  return `not ${sideInWords(harm, unit)}${worst === null ? '' : `, at worst ${worst}`}`
}

/** GATE-22: how far the interval may reach beyond the value; nothing where the rule asks the value alone. */
export function marginInWords({ op, value = 0, margin }: Pick<SignalAsked, 'op' | 'value' | 'margin'>): string {
  if (margin === undefined) return ''
  return op === 'gte' ? `, with an interval from ${value - margin} up` : `, with an interval up to ${value + margin}`
}

export function missingInWords(item: Missing): string {
  if (item.kind === 'criterion')
    return `Criterion ${item.number}, ${item.title.toLowerCase()}: ${stateWords[item.state].toLowerCase()}`
  if (item.kind === 'signal') return `Criterion ${item.number}: a signal keeps the gate shut (${item.says})`
  if (item.kind === 'condition') return item.says
  if (item.kind === 'sign-off') return `Sign-off as ${roleNames[item.role].toLowerCase()}`
  return `The ${subjectWords[item.subject].subject} is in ${item.phase.toLowerCase()}`
}

export const stateWords = {
  met: 'Met',
  'not-met': 'Not met',
  waived: 'Waived',
  'not-started': 'Not started',
  evidenced: 'No verdict yet',
  'needs-confirming': 'Needs confirming',
} as const
