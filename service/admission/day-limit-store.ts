import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import { only } from './store.ts'

export async function readDayLimit(db: Queryable, serviceId: string): Promise<number | null> {
  const { rows } = await sql<{ most: number | null }>`select starts_a_day as most from rollout
    where service_id = ${serviceId}`.execute(db)
  return only(rows).most
}

export async function putDayLimit(tx: Tx, serviceId: string, most: number | null): Promise<void> {
  await sql`update rollout set starts_a_day = ${most}, version = version + 1 where service_id = ${serviceId}`.execute(
    tx,
  )
}
