import { sql } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../platform/index.ts'
import type { Deployment, Effect } from './deployment.ts'

const columns = sql.raw(`id, reference, arm, environment, version, changes, committed_at as "committedAt",
  deployed_at as "deployedAt", outcome, recorded_by as "recordedBy", effect`)

/** Null when this reference was told before. */
export async function insertDeployment(
  tx: Tx,
  serviceId: string,
  deployment: Omit<Deployment, 'id' | 'effect'>,
): Promise<Deployment | null> {
  const { rows } = await sql<Deployment>`
    insert into deployment (service_id, reference, arm, environment, version, changes, committed_at, deployed_at, outcome, recorded_by)
    values (${serviceId}, ${deployment.reference}, ${deployment.arm}, ${deployment.environment}, ${deployment.version},
      ${deployment.changes}, ${deployment.committedAt}, ${deployment.deployedAt}, ${deployment.outcome}, ${deployment.recordedBy})
    on conflict (service_id, reference) do nothing returning ${columns}`.execute(tx)
  return rows[0] ?? null
}

export async function findDeployment(db: Queryable, serviceId: string, reference: string): Promise<Deployment | null> {
  const { rows } = await sql<Deployment>`select ${columns} from deployment
    where service_id = ${serviceId} and reference = ${reference}`.execute(db)
  return rows[0] ?? null
}

export async function findDeploymentById(db: Queryable, serviceId: string, id: string): Promise<Deployment | null> {
  const { rows } = await sql<Deployment>`select ${columns} from deployment
    where service_id = ${serviceId} and id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function deploymentsBetween(
  db: Queryable,
  serviceId: string,
  from: Date,
  to: Date,
): Promise<Deployment[]> {
  return (await deploymentsOfEach(db, [serviceId], { from, to })).get(serviceId) ?? []
}

export function deploymentsOfEach(
  db: Queryable,
  serviceIds: readonly string[],
  { from, to }: { from: Date; to: Date },
): Promise<Map<string, Deployment[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Deployment>`select ${columns} from deployment
      where service_id = ${id} and deployed_at >= ${from} and deployed_at <= ${to}
      order by deployed_at desc limit 1000`,
  )
}

/** Those whose half hour is over and whose effect nobody has read yet. */
export async function unmeasured(db: Queryable, before: Date): Promise<(Deployment & { serviceId: string })[]> {
  const { rows } = await sql<
    Deployment & { serviceId: string }
  >`select ${columns}, service_id as "serviceId" from deployment
    where effect is null and deployed_at <= ${before} order by deployed_at limit 100`.execute(db)
  return rows
}

export async function setEffect(db: Queryable, id: string, effect: Effect): Promise<void> {
  await sql`update deployment set effect = ${JSON.stringify(effect)}::jsonb where id = ${id}`.execute(db)
}
