import {
  lowestCeiling,
  reaches,
  type Ceiling,
  type LettingRung,
  type Rung,
} from '../../packages/admission/src/index.ts'
import { allPhases, ceilingOf, type Phase, type Service } from '../services/index.ts'
import type { LadderCounts } from './ladder-reads.ts'

/** The rungs of a service in the order in which a decision asks them (ADM-1). */
const order = [
  'halt',
  'removed',
  'choice',
  'preview',
  'staff',
  'invited',
  'join',
  'rules',
  'share',
  'default',
] as const satisfies readonly Rung[]
export type LadderRungId = (typeof order)[number]

export interface RungOnLadder {
  rung: LadderRungId
  /** Where it sends those who stand on it. */
  arm: 'current' | 'new'
  /** Null where nobody can say: everybody for whom nothing else is known. */
  people: number | null
  /** Of these, in although the present share would not let them in. */
  carried: number
  /** The lowest ceiling at which the rung counts; null for what counts at every one. */
  countsFrom: Ceiling | null
  /** The first phase with such a ceiling. */
  opensWith: string | null
  counts: boolean
}

export interface LadderView {
  ceiling: Ceiling
  /** In the order of the questions; the ceiling lies below the first that does not count. */
  rungs: RungOnLadder[]
}

/** ADM-50: every rung with how many people stand on it, and whether the phase lets it count. */
export function ladderOf(service: Pick<Service, 'phase'>, counts: LadderCounts, isHalted: boolean): LadderView {
  const ceiling = ceilingOf(service.phase)
  const rungs = order.map((rung): RungOnLadder => {
    const countsFrom = lowestOf(rung)
    return {
      rung,
      arm: rung === 'halt' || rung === 'removed' || rung === 'choice' ? 'current' : 'new',
      people: peopleOn(rung, counts),
      carried: rung === 'share' ? counts.carried : 0,
      countsFrom,
      opensWith: countsFrom === null ? null : (firstPhaseWith(countsFrom)?.name ?? null),
      counts: rung === 'halt' ? isHalted : countsFrom === null || reaches(ceiling, countsFrom),
    }
  })
  return { ceiling, rungs }
}

function peopleOn(rung: LadderRungId, counts: LadderCounts): number | null {
  if (rung === 'halt' || rung === 'default') return null
  if (rung === 'removed' || rung === 'choice') return counts[rung]
  // Whoever chose the current service stands there: the first rung that holds decides.
  return counts.letIn[rung] - counts.wentBack[rung]
}

function lowestOf(rung: LadderRungId): Ceiling | null {
  if (rung === 'default') return 'everyone'
  return isLetting(rung) ? lowestCeiling[rung] : null
}

function isLetting(rung: LadderRungId): rung is LettingRung {
  return Object.hasOwn(lowestCeiling, rung)
}

function firstPhaseWith(ceiling: Ceiling): Phase | null {
  return allPhases().find((phase) => reaches(phase.ceiling, ceiling)) ?? null
}
