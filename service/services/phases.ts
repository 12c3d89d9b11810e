import type { Ceiling } from '../../packages/admission/src/index.ts'

export interface Phase {
  id: string
  name: string
  /** The most that this phase lets in (P2). */
  ceiling: Ceiling
  /** What the phase banner says; null where none is shown. */
  label: string | null
  /** Who gets in, in words, for the track. */
  opensTo: string
  /** Days after which the page says that the phase is long; null for no limit. */
  expectedDays: number | null
}

let known: readonly Phase[] = []

/** The phases come from the playbook; app.ts sets them once at the start, before any service is read. */
export function usePhases(phases: readonly Phase[]): void {
  known = phases
}

export function allPhases(): readonly Phase[] {
  return known
}

export function findPhase(id: string): Phase | null {
  return known.find((phase) => phase.id === id) ?? null
}

export function phaseOf(service: { phase: string }): Phase {
  const phase = findPhase(service.phase)
  if (phase === null) throw new Error(`The playbook has no phase ${service.phase}`)
  return phase
}

export function ceilingOf(phaseId: string): Ceiling {
  return phaseOf({ phase: phaseId }).ceiling
}

/** GATE-25: it was open to everybody when it came here, and opens by no gate of its own; its features do. */
export function isProduct({ phase, firstPhase }: { phase: string; firstPhase: string }): boolean {
  return phase === firstPhase && ceilingOf(phase) === 'everyone'
}

/** Phases that a move from one to another would jump over, forwards. */
export function skippedPhases(from: string, to: string): Phase[] {
  const start = known.findIndex(({ id }) => id === from)
  const end = known.findIndex(({ id }) => id === to)
  return end > start + 1 ? known.slice(start + 1, end) : []
}
