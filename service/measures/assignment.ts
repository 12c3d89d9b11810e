import type { ExposureCount } from './reads.ts'

/** How people came to be in one arm or the other. It decides what a difference may be taken for. */
export type Assignment =
  | { kind: 'randomised'; says: string }
  | { kind: 'self-selected'; says: string }
  | { kind: 'unknown'; says: string }

/**
 * MEA-10: randomised only where chance alone decided for everybody in the period: every exposure came from the share, both arms
 * were drawn, and the share was the same throughout (statistics.md, section 3). Everything else is two groups side by side.
 */
export function assignmentOf(exposures: readonly ExposureCount[]): Assignment {
  if (exposures.length === 0) {
    return {
      kind: 'unknown',
      says: 'Nothing tells how people came to the one or the other. This compares two groups; it does not prove a cause.',
    }
  }
  const arms = new Set(exposures.map(({ assigned }) => assigned))
  if (exposures.some(({ rung }) => rung !== 'share') || !arms.has('new') || !arms.has('current')) {
    return {
      kind: 'self-selected',
      says: 'People in the new service were invited or chose it. This compares two groups; it does not prove a cause.',
    }
  }
  if (new Set(exposures.map(({ rolloutVersion }) => rolloutVersion)).size > 1) {
    return {
      kind: 'self-selected',
      says: 'People were drawn by lot, but the share changed in this period. What changed with time looks like a difference; choose a period with one share.',
    }
  }
  return { kind: 'randomised', says: 'Everybody in this period was drawn by lot, with one share throughout.' }
}
