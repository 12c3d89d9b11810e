import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'
import type { CountByRung } from './admission.ts'

export interface LadderCounts {
  removed: number
  choice: number
  /** People who are in, by the rung that let them in. */
  letIn: CountByRung
  /** Of these, people who chose the current service since. */
  wentBack: CountByRung
  /** Of those on the share: in although the present share would not let them in (ADM-3). */
  carried: number
}

interface CountRow {
  rung: LettingRung | 'removed' | 'choice' | 'back'
  of: LettingRung | null
  n: number
  carried: number
}

/** One statement, so that all counts are of one moment. */
export async function countLadder(db: Queryable, serviceId: string): Promise<LadderCounts> {
  const { rows } = await sql<CountRow>`
    with rollout as (select share, salt_after from rollout where service_id = ${serviceId})
    select rung, null as of, count(*)::int as n,
      count(*) filter (where rung = 'share' and (coalesce(bucket, 100000) >= (select share from rollout)
        or id <= (select salt_after from rollout)))::int as carried
      from admission where service_id = ${serviceId} and left_at is null group by rung
    union all
    select 'removed', null, count(*)::int, 0 from removal where service_id = ${serviceId} and lifted_at is null
    union all
    select 'choice', null, count(*)::int, 0 from choice where service_id = ${serviceId} and value = 'current'
    union all
    select 'back', a.rung, count(*)::int,
      count(*) filter (where a.rung = 'share' and (coalesce(a.bucket, 100000) >= (select share from rollout)
        or a.id <= (select salt_after from rollout)))::int
      from choice c join admission a on a.service_id = c.service_id and a.unit = c.unit and a.left_at is null
      where c.service_id = ${serviceId} and c.value = 'current' group by a.rung`.execute(db)
  const counts: LadderCounts = {
    removed: 0,
    choice: 0,
    letIn: { preview: 0, staff: 0, invited: 0, join: 0, rules: 0, share: 0 },
    wentBack: { preview: 0, staff: 0, invited: 0, join: 0, rules: 0, share: 0 },
    carried: 0,
  }
  for (const { rung, of, n, carried } of rows) {
    if (rung === 'removed' || rung === 'choice') counts[rung] += n
    else if (rung !== 'back') {
      counts.letIn[rung] += n
      counts.carried += carried
    } else if (of !== null) {
      counts.wentBack[of] += n
      counts.carried -= carried
    }
  }
  return counts
}
