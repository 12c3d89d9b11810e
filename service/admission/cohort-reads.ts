import { sql } from 'kysely'
import type { Db, Queryable } from '../platform/index.ts'
import { unitsIn, unitsRead, type UnitsRead } from './units-reads.ts'

/** The people of a cohort, with what tells whether anybody came or went. */
export interface CohortUnits {
  count: number
  digest: string
  units: readonly string[]
}

/** The units of those cohorts' people, without whom the team removed by name, by the id of the cohort; unchanged ones as before. */
export async function unitsOfCohorts(
  db: Db,
  ids: readonly string[],
  before: ReadonlyMap<string, CohortUnits>,
): Promise<Map<string, CohortUnits>> {
  if (ids.length === 0) return new Map()
  const isMember = sql<boolean>`p.cohort_id = any(${[...ids]}::uuid[])
    and not exists (select from removal r where r.service_id = p.service_id and r.unit = p.unit and r.lifted_at is null)`
  const { rows } = await sql<{ id: string; count: number; digest: string }>`
    select p.cohort_id as id, count(*)::int as count, bit_xor(hashtextextended(p.unit, 0))::text as digest
    from participant p where ${isMember} group by p.cohort_id`.execute(db)
  const cohorts = new Map<string, CohortUnits>()
  for (const { id, count, digest } of rows) {
    const known = before.get(id)
    const isSame = known !== undefined && known.count === count && known.digest === digest
    cohorts.set(id, isSame ? known : { count, digest, units: [] })
  }
  const changed = rows.flatMap(({ id }) => (cohorts.get(id) === before.get(id) ? [] : [id]))
  if (changed.length === 0) return cohorts
  const { rows: read } = await sql<{ id: string } & UnitsRead>`
    select p.cohort_id as id, ${unitsRead(sql`p.unit`, sql`p.unit`)} from participant p
    where ${isMember} and p.cohort_id = any(${changed}::uuid[]) group by p.cohort_id`.execute(db)
  for (const { id, ...of } of read) {
    const counted = cohorts.get(id)
    if (counted !== undefined) cohorts.set(id, { ...counted, units: unitsIn(of) })
  }
  return cohorts
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
