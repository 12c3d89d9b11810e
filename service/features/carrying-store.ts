import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'

/** Up to which share people have a feature by their bucket. */
export interface Reach {
  /** Thousandths of a percent. */
  reached: number
  /** Since when flag or stage keep it shut; null while they let it count. */
  until: Date | null
}

export async function reachOf(db: Queryable, featureId: string): Promise<Reach> {
  const { rows } =
    await sql<Reach>`select reached, reached_until as until from feature where id = ${featureId}`.execute(db)
  return rows[0] ?? { reached: 0, until: null }
}

export async function putReach(tx: Tx, featureId: string, { reached, until }: Reach): Promise<void> {
  await sql`update feature set reached = ${reached}, reached_until = ${until} where id = ${featureId}`.execute(tx)
}

export async function reachesOf(tx: Tx, serviceId: string): Promise<{ id: string; salt: string; reached: number }[]> {
  const { rows } = await sql<{ id: string; salt: string; reached: number }>`select id, salt, reached from feature
    where service_id = ${serviceId}`.execute(tx)
  return rows
}

const unitsAtOnce = 50_000

/** Whoever is in the service by its ledger, and was so at that time, some at a time. */
export async function* unitsKnown(db: Queryable, serviceId: string, until: Date | null): AsyncGenerator<string[]> {
  for (let last = '0'; ;) {
    const { rows } = await sql<{ id: string; unit: string }>`select id::text as id, unit from admission
      where service_id = ${serviceId} and left_at is null and id > ${last}::bigint
        and (${until}::timestamptz is null or at <= ${until}) order by id limit ${unitsAtOnce}`.execute(db)
    yield rows.map(({ unit }) => unit)
    const end = rows.at(-1)
    if (end === undefined || rows.length < unitsAtOnce) return
    last = end.id
  }
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

/** Whoever is carried is so under every salt from now on. */
export async function forgetBuckets(tx: Tx, featureId: string): Promise<void> {
  await sql`update feature_carried set bucket = null where feature_id = ${featureId} and bucket is not null`.execute(tx)
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
