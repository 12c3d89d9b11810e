import type { CompiledSnapshot } from '../../packages/admission/src/index.ts'

/** How many stand on each rung that knows people by name. */
export type Standing = Record<'removed' | 'choice' | 'preview' | 'staff' | 'invited' | 'join' | 'carried', number> & {
  isHalted: boolean
}

/** As decisions see it now; null where they do not know the feature yet. */
export function standingOf(snapshot: CompiledSnapshot, key: string): Standing | null {
  const flag = snapshot.features.get(key)
  if (flag === undefined) return null
  const { removed, choseCurrent, preview, staff, invited, joined, carried } = flag.units
  return {
    isHalted: flag.halt !== null,
    removed: removed.size,
    choice: choseCurrent.size,
    preview: preview.size,
    staff: staff.size,
    // Nobody is in two cohorts of a service.
    invited: invited.size + flag.cohorts.reduce((sum, cohort) => sum + cohort.size, 0),
    join: joined.size,
    carried: carried.size,
  }
}
