import { sql } from 'kysely'
import type { Arm } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'
import type { Period } from './measures.ts'

export interface ArmTraffic {
  requests: number
  failed: number
  checks: number
  checksFailed: number
}

/** What the gateway told of one arm in a stretch of time: its events of traffic, one a minute. */
export async function trafficBetween(
  db: Queryable,
  serviceId: string,
  arm: Arm,
  { from, to }: Period,
): Promise<ArmTraffic> {
  const { rows } = await sql<ArmTraffic>`
    select coalesce(sum((properties->>'requests')::float8), 0)::float8 as requests,
      coalesce(sum((properties->>'errors')::float8), 0)::float8 as failed,
      coalesce(sum((properties->>'checks')::float8), 0)::float8 as checks,
      coalesce(sum((properties->>'checksFailed')::float8), 0)::float8 as "checksFailed"
    from event
    where service_id = ${serviceId} and name = 'custom.gateway.traffic' and arm = ${arm}
      and time >= ${from} and time < ${to} and json_typeof(properties->'requests') = 'number'`.execute(db)
  return rows[0] ?? { requests: 0, failed: 0, checks: 0, checksFailed: 0 }
}
