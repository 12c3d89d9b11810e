import { sql } from 'kysely'
import type { Db } from '../platform/index.ts'

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
