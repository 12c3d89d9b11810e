import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Stay } from './open-windows.ts'

/** Up to which share people may have a feature by their bucket, and when its present salt began: null from its first day on. */
export interface Reach {
  /** Thousandths of a percent. */
  reached: number
  since: Date | null
}

export async function reachOf(db: Queryable, featureId: string): Promise<Reach> {
  const { rows } = await sql<Reach>`select reached, drawn_since as since from feature where id = ${featureId}`.execute(
    db,
  )
  return rows[0] ?? { reached: 0, since: null }
}

export async function putReach(tx: Tx, featureId: string, reached: number): Promise<void> {
  await sql`update feature set reached = ${reached} where id = ${featureId}`.execute(tx)
}

/** Under the next salt the share has reached nobody yet, and whoever is carried is so under every salt from now on. */
export async function drawAfresh(tx: Tx, featureId: string, at: Date): Promise<void> {
  await sql`update feature_carried set bucket = null where feature_id = ${featureId} and bucket is not null`.execute(tx)
  await sql`update feature set reached = 0, drawn_since = ${at} where id = ${featureId}`.execute(tx)
}

/** Somebody of the ledger, by which rung, and how long they have been in the new service. */
export interface Known {
  unit: string
  rung: LettingRung
  stay: Stay
}

const unitsAtOnce = 50_000

/** Whoever is in the service by its ledger, some at a time. Whoever chose the current service has been out since then. */
export async function* peopleKnown(db: Queryable, serviceId: string): AsyncGenerator<Known[]> {
  for (let last = '0'; ;) {
    const { rows } = await sql<Omit<Known, 'stay'> & Stay & { id: string }>`
      select a.id::text as id, a.unit, a.rung, a.at as "from", case when a.went_back then (
        select c.at from choice c where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current'
      ) end as "to" from admission a
      where a.service_id = ${serviceId} and a.left_at is null and a.id > ${last}::bigint
      order by a.id limit ${unitsAtOnce}`.execute(db)
    yield rows.map(({ unit, rung, from, to }) => ({ unit, rung, stay: { from, to } }))
    const end = rows.at(-1)
    if (end === undefined || rows.length < unitsAtOnce) return
    last = end.id
  }
}

/** The last time that a unit was in the service; null where it never was. */
export async function lastStayOf(db: Queryable, serviceId: string, unit: string): Promise<Omit<Known, 'unit'> | null> {
  const { rows } = await sql<Omit<Known, 'stay'> & Stay>`
    select rung, at as "from", left_at as "to" from admission
    where service_id = ${serviceId} and unit = ${unit} order by id desc limit 1`.execute(db)
  const [found] = rows
  return found === undefined ? null : { rung: found.rung, stay: { from: found.from, to: found.to } }
}

export async function carry(
  tx: Tx,
  featureId: string,
  units: readonly { unit: string; bucket: number | null }[],
  at: Date,
): Promise<void> {
  if (units.length === 0) return
  await sql`insert into feature_carried (feature_id, unit, bucket, at)
    select ${featureId}::uuid, e.unit, e.bucket, ${at}
    from jsonb_to_recordset(${JSON.stringify(units)}::jsonb) as e (unit text, bucket integer)
    on conflict (feature_id, unit) do nothing`.execute(tx)
}

/** Of the carried, those whom the share would not let in by their bucket. */
export async function carriedBeyond(db: Queryable, featureId: string, share: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from feature_carried
    where feature_id = ${featureId} and coalesce(bucket, 100000) >= ${share}`.execute(db)
  return rows[0]?.n ?? 0
}

export async function followUnitByName(
  tx: Tx,
  featureId: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await sql`update feature_carried set unit = ${to}, bucket = null where feature_id = ${featureId} and unit = ${from}`.execute(
    tx,
  )
  await sql`update feature_removal set unit = ${to}
    where feature_id = ${featureId} and unit = ${from} and lifted_at is null`.execute(tx)
}
