import type { Platform, Queryable } from '../platform/index.ts'
import { idsOf } from '../admission/index.ts'
import { featuresOf } from '../features/index.ts'
import { usesOfFlag } from '../measures/index.ts'
import type { Room, Usage } from './room.ts'
import { usageDays } from './rules.ts'
import { openRooms } from './store.ts'
import { consenting, dropOldUsage, putUsage, usageOf } from './usage-store.ts'

const dayMs = 86_400_000

/** ROOM-8: of today and yesterday, of those who agreed, since they did. */
export async function gatherUsage({ db, clock }: Platform): Promise<void> {
  const now = clock.now()
  for (const room of await openRooms(db)) await gather(db, room, now)
  await dropOldUsage(db, new Date(now.getTime() - (usageDays + 1) * dayMs))
}

async function gather(db: Platform['db'], room: Room, now: Date): Promise<void> {
  const feature = (await featuresOf(db, room.serviceId)).find(({ id }) => id === room.featureId)
  const members = await consenting(db, room.featureId)
  if (feature === undefined || members.length === 0) return
  const known = await idsOf(
    db,
    members.flatMap(({ participantId }) => participantId ?? []),
  )
  const people = members.flatMap(({ memberId, participantId, unit, since }) =>
    [unit, ...(known.get(participantId ?? '') ?? [])].map((id) => ({ memberId, id, since })),
  )
  const midnight = new Date(Math.floor(now.getTime() / dayMs) * dayMs - dayMs)
  const { key, off } = feature
  const uses = await usesOfFlag(db, room.serviceId, { key, off }, { people, from: midnight })
  if (uses.length > 0) await putUsage(db, uses)
}

export interface CohortUsage {
  cohort: string | null
  people: number
  active: number
  uses: number
}

export interface UsageView {
  people: Usage[]
  cohorts: CohortUsage[]
}

export async function readUsage(db: Queryable, featureId: string, now: Date): Promise<UsageView> {
  const people = await usageOf(db, featureId, new Date(now.getTime() - usageDays * dayMs))
  const cohorts = new Map<string | null, CohortUsage>()
  for (const { cohort, uses } of people) {
    const of = cohorts.get(cohort) ?? { cohort, people: 0, active: 0, uses: 0 }
    cohorts.set(cohort, {
      cohort,
      people: of.people + 1,
      active: of.active + (uses > 0 ? 1 : 0),
      uses: of.uses + uses,
    })
  }
  return { people, cohorts: [...cohorts.values()] }
}
