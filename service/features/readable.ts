import { conditionProblem, type Condition } from '../../packages/admission/src/index.ts'
import { isCalendarDay } from '../platform/index.ts'

/**
 * FEAT-5: what a decision could not read, or would read as another day than the one that is written there. The second is asked on
 * save alone: a snapshot that holds such a rule of before goes on deciding.
 */
export function unreadableIn(when: Condition): string | null {
  return conditionProblem(when) ?? unrealDayIn(when)
}

function unrealDayIn(condition: Condition): string | null {
  switch (condition.kind) {
    case 'date':
      return isCalendarDay(condition.value.slice(0, 10)) ? null : 'value is a day that does not exist'
    case 'not': {
      const problem = unrealDayIn(condition.of)
      return problem === null ? null : `of.${problem}`
    }
    case 'all':
    case 'any':
      for (const [at, each] of condition.of.entries()) {
        const problem = unrealDayIn(each)
        if (problem !== null) return `of[${at}].${problem}`
      }
      return null
    default:
      return null
  }
}
