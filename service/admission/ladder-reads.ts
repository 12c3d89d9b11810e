import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'
import type { CountByRung } from './admission.ts'
import { only } from './store.ts'

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

/**
 * Some of those who stand on a rung, by the ledger: from a place in the order of their buckets that was chosen by chance on, and
 * from its beginning where that comes to the end too soon. Whoever came by a link of the team was not drawn, and has no bucket.
 */
export async function ledgerSample(
  db: Queryable,
  serviceId: string,
  { rung, from, most }: { rung: LettingRung; from: number; most: number },
): Promise<string[]> {
  const onRung = sql`select unit, bucket from admission
    where service_id = ${serviceId} and rung = ${rung} and left_at is null and not went_back`
  const { rows } = await sql<{ unit: string }>`
    select unit from ((${onRung} and bucket >= ${from} order by bucket limit ${most})
    union all (${onRung} and bucket < ${from} order by bucket limit ${most})
    union all (${onRung} and bucket is null order by md5(unit || ${String(from)}) limit ${most})) as found
    limit ${most}`.execute(db)
  return rows.map(({ unit }) => unit)
}

interface CountRow {
  removed: number
  choice: number
  carried: number
  rungs: { rung: LettingRung; wentBack: boolean; n: number }[] | null
}

/**
 * One statement, so that all counts are of one moment. Of the share, the counts of whole thousands of buckets say who is carried;
 * only in the thousand where the share ends people are counted one by one.
 */
export async function countLadder(db: Queryable, serviceId: string): Promise<LadderCounts> {
  const { rows } = await sql<CountRow>`
    select
      (select count(*)::int from removal where service_id = r.service_id and lifted_at is null) as removed,
      (select count(*)::int from choice where service_id = r.service_id and value = 'current') as choice,
      (select coalesce(sum(people), 0)::int from admission_count where service_id = r.service_id
        and rung = 'share' and not went_back and part >= ceil(r.share / 1000.0)::int)
      + (select count(*)::int from admission where service_id = r.service_id and rung = 'share' and left_at is null
        and not went_back and bucket >= r.share and bucket < ceil(r.share / 1000.0)::int * 1000 and id > r.salt_after) as carried,
      (select jsonb_agg(jsonb_build_object('rung', rung, 'wentBack', went_back, 'n', n)) from (
        select rung, went_back, sum(people) as n from admission_count where service_id = r.service_id group by rung, went_back
      ) as on_rung) as rungs
    from rollout r where r.service_id = ${serviceId}`.execute(db)
  const { removed, choice, carried, rungs } = only(rows)
  const counts: LadderCounts = {
    removed,
    choice,
    letIn: { preview: 0, staff: 0, invited: 0, join: 0, rules: 0, share: 0 },
    wentBack: { preview: 0, staff: 0, invited: 0, join: 0, rules: 0, share: 0 },
    carried,
  }
  for (const { rung, wentBack, n } of rungs ?? []) {
    counts.letIn[rung] += n
    if (wentBack) counts.wentBack[rung] += n
  }
  return counts
}
