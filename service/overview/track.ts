import { shortDateWords } from '../platform/index.ts'
import { html, type TrackGate, type TrackOptions, type TrackPhase } from '../platform/html/index.ts'
import type { GateSummary } from '../gates/index.ts'
import { allPhases, type Phase, type PhaseMove, type Service } from '../services/index.ts'

const dayMs = 86_400_000

/** The way of a service as the playbook draws it: phases that were passed, the one it is in, gates between them. */
export function trackOf(parts: {
  service: Service
  moves: PhaseMove[]
  gate: GateSummary | null
  gates: { from: string; to: string; href: string }[]
  now: Date
  halted: boolean
}): TrackOptions {
  const { service, moves, gate, gates, now, halted } = parts
  const phases = allPhases().filter(({ ceiling, id }) => ceiling !== 'closed' || id === service.phase)
  const here = phases.findIndex(({ id }) => id === service.phase)
  const first = phases.findIndex(({ id }) => id === moves[0]?.to)
  const shown = first > 0 ? phases.slice(Math.min(first, here)) : phases
  const at = shown.findIndex(({ id }) => id === service.phase)
  return {
    phases: shown.map((phase, index) => trackPhase(phase, index, at, service, moves, now)),
    gates: shown
      .slice(0, -1)
      .map((phase, index) => trackGate(phase, shown[index + 1], index, at, gate, gates, moves, service.timeZone)),
    current:
      service.currentUrl === null
        ? null
        : { endsAfter: Math.max(shown.findIndex(({ ceiling }) => ceiling === 'everyone') - 1, 0) },
    halted,
  }
}

function trackPhase(
  phase: Phase,
  index: number,
  at: number,
  service: Service,
  moves: PhaseMove[],
  now: Date,
): TrackPhase {
  if (index > at) return { name: phase.name, note: phase.opensTo, state: 'ahead' }
  if (index < at) return { name: phase.name, note: spanOf(phase, moves, service.timeZone), state: 'done' }
  const day = Math.floor((now.getTime() - service.phaseSince.getTime()) / dayMs) + 1
  const of = phase.expectedDays === null ? '' : ` of about ${phase.expectedDays}`
  const percent = phase.expectedDays === null ? 50 : Math.min(95, (100 * day) / phase.expectedDays)
  return { name: phase.name, note: html`<b>Day ${day}</b>${of}`, state: 'here', percent }
}

function trackGate(
  phase: Phase,
  next: Phase | undefined,
  index: number,
  at: number,
  gate: GateSummary | null,
  gates: { from: string; to: string; href: string }[],
  moves: PhaseMove[],
  timeZone: string,
): TrackGate | null {
  const stands = gates.find(({ from, to }) => from === phase.id && to === next?.id)
  if (stands === undefined) return null
  if (index < at) {
    const passed = moves.findLast(({ to }) => to === next?.id)
    return {
      state: 'open',
      note: passed === undefined ? 'Passed' : html`<b>Passed</b> ${shortDateWords(passed.at, timeZone)}`,
      href: stands.href,
    }
  }
  if (gate !== null && gate.gate.from === phase.id) {
    return { state: 'next', note: html`<b>${gate.counts.met} of ${gate.criteria}</b> met`, href: gate.gate.href }
  }
  return { state: 'shut', note: 'Not started', href: stands.href }
}

function spanOf(phase: Phase, moves: PhaseMove[], timeZone: string): string {
  const began = moves.find(({ to }) => to === phase.id)
  const ended = moves.find(({ from }) => from === phase.id)
  if (began === undefined) return 'Before it was added here'
  return ended === undefined
    ? `From ${shortDateWords(began.at, timeZone)}`
    : `${shortDateWords(began.at, timeZone)} to ${shortDateWords(ended.at, timeZone)}`
}
