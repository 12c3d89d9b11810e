import type { Feature, Stage } from '../features/index.ts'
import { stageIds } from '../features/index.ts'
import type { Defect, Room, RoomCounts, Testimonial } from './room.ts'

const dayMs = 86_400_000
/** ROOM-5: a message may wait so long before the builder is reminded, and the next reminder as long again. */
export const patienceMs = dayMs
/** ROOM-4: how long the link of a mail opens the room. */
export const linkDays = 90
/** ROOM-8: usage is shown of the last four weeks. */
export const usageDays = 28

/** ROOM-1: testers write while the room is open; it stays readable after. */
export function isOpen(room: Pick<Room, 'closedAt'>): boolean {
  return room.closedAt === null
}

/** ROOM-5: until the stage ends, once a day, while something waits for an answer. */
export function needsReminder(
  room: Pick<Room, 'closedAt' | 'remindedAt'>,
  feature: Pick<Feature, 'course'>,
  { oldestUnanswered }: Pick<RoomCounts, 'oldestUnanswered'>,
  now: Date,
): boolean {
  if (!isOpen(room) || feature.course?.stage !== 'beta-release' || oldestUnanswered === null) return false
  const since = Math.max(oldestUnanswered.getTime(), room.remindedAt?.getTime() ?? 0)
  return now.getTime() - since >= patienceMs
}

/** ROOM-15: capitals, and what stands behind a plus, make no other person of an address. */
export function isSameMailbox(one: string, other: string): boolean {
  const plain = (address: string): string =>
    address
      .trim()
      .toLowerCase()
      .replace(/\+[^@]*(?=@)/, '')
  return one !== '' && plain(one) === plain(other)
}

export interface DefectTable {
  stages: { id: Stage['id']; found: number; introduced: number; open: number }[]
  /** Found in a later stage than the one that brought them in: what that stage missed. */
  missed: number
  open: number
  total: number
}

/** ROOM-10: defects by the stage that found them and by the stage that brought them in. */
export function countDefects(defects: readonly Defect[]): DefectTable {
  const order = (stage: Stage['id']): number => stageIds.indexOf(stage)
  return {
    stages: stageIds.map((id) => ({
      id,
      found: defects.filter(({ foundIn }) => foundIn === id).length,
      introduced: defects.filter(({ introducedIn }) => introducedIn === id).length,
      open: defects.filter(({ foundIn, closedAt }) => foundIn === id && closedAt === null).length,
    })),
    missed: defects.filter(({ foundIn, introducedIn }) => order(foundIn) > order(introducedIn)).length,
    open: defects.filter(({ closedAt }) => closedAt === null).length,
    total: defects.length,
  }
}

/** ROOM-10: nothing is found before it was brought in. */
export function isPossible({ foundIn, introducedIn }: Pick<Defect, 'foundIn' | 'introducedIn'>): boolean {
  return stageIds.indexOf(foundIn) >= stageIds.indexOf(introducedIn)
}

/** ROOM-11: places that still show words which nobody may use any more. */
export function toTakeDown({ state, uses }: Pick<Testimonial, 'state' | 'uses'>): Testimonial['uses'] {
  return state === 'approved' ? [] : uses.filter(({ takenDownAt }) => takenDownAt === null)
}
