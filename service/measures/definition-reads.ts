import { sql } from 'kysely'
import { rowsOfEach, type Queryable } from '../platform/index.ts'
import type { StoredDefinition } from './kpis.ts'

export async function storedDefinitions(db: Queryable, serviceId: string): Promise<StoredDefinition[]> {
  return (await definitionsOfEach(db, [serviceId])).get(serviceId) ?? []
}

export function definitionsOfEach(
  db: Queryable,
  serviceIds: readonly string[],
): Promise<Map<string, StoredDefinition[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<StoredDefinition>`
      select kpi, version, formula, from_at as "fromAt", changed_by as "changedBy", reason from kpi_definition
      where service_id = ${id} order by kpi, version`,
  )
}

export async function storedTargets(db: Queryable, serviceId: string): Promise<Map<string, number>> {
  const { rows } = await sql<{ kpi: string; target: number }>`
    select kpi, target from kpi_target where service_id = ${serviceId}`.execute(db)
  return new Map(rows.map(({ kpi, target }) => [kpi, target]))
}

export interface Check {
  kpi: string
  checkedAt: Date
  passed: boolean
  says: string
}

export function checks(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Check[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Check>`
      select kpi, checked_at as "checkedAt", passed, says from kpi_check where service_id = ${id}`,
  )
}
