import { sql } from 'kysely'
import type { Db, Queryable } from '../platform/index.ts'

/** The units of those cohorts' people, without whom the team removed by name, by the id of the cohort. */
export async function unitsOfCohorts(db: Db, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; units: string[] }>`
    select p.cohort_id as id, array_agg(p.unit order by p.unit) as units from participant p
    where p.cohort_id = any(${[...ids]}::uuid[])
      and not exists (select from removal r where r.service_id = p.service_id and r.unit = p.unit and r.lifted_at is null)
    group by p.cohort_id`.execute(db)
  return new Map(rows.map(({ id, units }) => [id, units]))
}

/** Those of the cohorts who are in, and whom the team did not remove. */
export async function peopleOfCohorts(
  db: Queryable,
  serviceId: string,
  cohortIds: readonly string[],
): Promise<{ participantId: string; unit: string }[]> {
  const { rows } = await sql<{ participantId: string; unit: string }>`select p.id as "participantId", p.unit
    from participant p
    where p.service_id = ${serviceId} and p.cohort_id = any(${[...cohortIds]}::uuid[])
      and exists (select from admission a where a.service_id = p.service_id and a.unit = p.unit and a.left_at is null)
      and not exists (select from removal r where r.service_id = p.service_id and r.unit = p.unit and r.lifted_at is null)
    order by p.created_at, p.id limit 10000`.execute(db)
  return rows
}
