import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'
import type { Usage } from './room.ts'

/** Of whom usage may be seen, and since when. */
export async function consenting(
  db: Queryable,
  featureId: string,
): Promise<{ memberId: string; participantId: string | null; unit: string; since: Date }[]> {
  const { rows } = await sql<{ memberId: string; participantId: string | null; unit: string; since: Date }>`
    select m.id as "memberId", m.participant_id as "participantId", coalesce(p.unit, m.unit) as unit,
      m.usage_since as since
    from room_member m left join participant p on p.id = m.participant_id
    where m.feature_id = ${featureId} and m.usage_since is not null order by m.number limit 5000`.execute(db)
  return rows
}

/** Days are counted anew as a whole; of somebody who took the yes back meanwhile nothing is stored. */
export async function putUsage(
  db: Queryable,
  days: readonly { memberId: string; day: string; uses: number; lastAt: Date }[],
): Promise<void> {
  await sql`insert into room_usage (member_id, day, uses, last_at)
    select m.id, e.day, e.uses, e."lastAt"
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as e ("memberId" uuid, day date, uses integer, "lastAt" timestamptz)
      join room_member m on m.id = e."memberId" and m.usage_since is not null
    on conflict (member_id, day) do update set uses = excluded.uses, last_at = excluded.last_at`.execute(db)
}

export async function usageOf(db: Queryable, featureId: string, from: Date): Promise<Usage[]> {
  const { rows } = await sql<Usage>`select m.id as "memberId", coalesce(m.name, 'Tester ' || m.number) as name,
      c.name as cohort, count(u.day)::int as days, coalesce(sum(u.uses), 0)::int as uses, max(u.last_at) as "lastAt"
    from room_member m left join participant p on p.id = m.participant_id left join cohort c on c.id = p.cohort_id
      left join room_usage u on u.member_id = m.id and u.day >= ${from}::date
    where m.feature_id = ${featureId} and m.usage_since is not null
    group by m.id, m.name, m.number, c.name order by uses desc, m.number limit 5000`.execute(db)
  return rows
}

/** Of one feature, or of all of a service: testers who agreed to be counted, and those of them who used it since then. */
export async function usersOf(
  db: Queryable,
  { serviceId, featureId }: { serviceId: string; featureId: string | undefined },
  from: Date,
): Promise<{ agreed: number; used: number }> {
  const { rows } = await sql<{ agreed: number; used: number }>`
    select count(*)::int as agreed, count(*) filter (where exists (
        select from room_usage u where u.member_id = m.id and u.day >= ${from}::date and u.uses > 0))::int as used
    from room_member m join feature f on f.id = m.feature_id
    where f.service_id = ${serviceId} and (${featureId ?? null}::uuid is null or f.id = ${featureId ?? null}::uuid)
      and m.usage_since is not null`.execute(db)
  return rows[0] ?? { agreed: 0, used: 0 }
}

export async function dropOldUsage(db: Queryable, before: Date): Promise<void> {
  await sql`delete from room_usage where day < ${before}::date`.execute(db)
}
