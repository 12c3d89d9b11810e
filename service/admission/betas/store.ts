import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import { noBeta, type Beta } from './betas.ts'

export interface StoredBeta extends Beta {
  featureId: string
  /** Units whose persons chose, the earliest first. */
  on: string[]
  off: string[]
}

/** By feature: how each is opened, and what people chose. */
export async function betasOf(db: Queryable, serviceId: string): Promise<Map<string, StoredBeta>> {
  const { rows } = await sql<StoredBeta>`
    select f.id as "featureId", coalesce(b.pool, 'customers') as pool, coalesce(b.offered, false) as offered,
      coalesce(b.changes, '') as changes, b.cap, coalesce(b.cap_counts, 'people') as "capCounts",
      coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) order by c.name)
        from feature_account a join customer_account c on c.id = a.customer_account_id where a.feature_id = f.id), '[]')
        as accounts,
      coalesce((select array_agg(x.unit order by x.at, x.unit) from feature_choice x
        where x.feature_id = f.id and x.value = 'on'), '{}') as on,
      coalesce((select array_agg(x.unit order by x.at, x.unit) from feature_choice x
        where x.feature_id = f.id and x.value = 'off'), '{}') as off
    from feature f left join feature_beta b on b.feature_id = f.id
    where f.service_id = ${serviceId}`.execute(db)
  return new Map(rows.map((row) => [row.featureId, row]))
}

export async function findBeta(db: Queryable, serviceId: string, featureId: string): Promise<Beta> {
  const found = (await betasOf(db, serviceId)).get(featureId)
  if (found === undefined) return noBeta
  const { pool, offered, changes, cap, capCounts, accounts } = found
  return { pool, offered, changes, cap, capCounts, accounts }
}

/** Whoever holds the row counts who gets the beta; the others wait. */
export async function lockBeta(tx: Tx, featureId: string): Promise<void> {
  await sql`select feature_id from feature_beta where feature_id = ${featureId} for update`.execute(tx)
}

export async function putBeta(
  tx: Tx,
  of: { featureId: string; serviceId: string },
  { pool, offered, changes, cap, capCounts, accounts }: Beta,
): Promise<void> {
  await sql`insert into feature_beta (feature_id, service_id, pool, offered, changes, cap, cap_counts)
    values (${of.featureId}, ${of.serviceId}, ${pool}, ${offered}, ${changes}, ${cap}, ${capCounts})
    on conflict (feature_id) do update set pool = excluded.pool, offered = excluded.offered, changes = excluded.changes,
      cap = excluded.cap, cap_counts = excluded.cap_counts`.execute(tx)
  await sql`delete from feature_account where feature_id = ${of.featureId}`.execute(tx)
  await sql`insert into feature_account (feature_id, customer_account_id)
    select ${of.featureId}::uuid, id from customer_account
    where service_id = ${of.serviceId} and id = any(${accounts.map(({ id }) => id)}::uuid[])`.execute(tx)
}

export async function putFeatureChoice(
  tx: Tx,
  choice: { featureId: string; serviceId: string; unit: string; value: 'on' | 'off'; at: Date },
): Promise<void> {
  await sql`insert into feature_choice (feature_id, service_id, unit, value, at)
    values (${choice.featureId}, ${choice.serviceId}, ${choice.unit}, ${choice.value}, ${choice.at})
    on conflict (feature_id, unit) do update set value = excluded.value, at = excluded.at, arrival = excluded.arrival
      where feature_choice.value <> excluded.value`.execute(tx)
}

/** The units of those accounts' people who are in, by the id of the account. */
export async function unitsOfAccounts(db: Queryable, ids: readonly string[]): Promise<Map<string, string[]>> {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; units: string[] }>`
    select p.customer_account_id as id, array_agg(p.unit order by p.unit) as units from participant p
    where p.customer_account_id = any(${[...ids]}::uuid[]) and ${isIn}
    group by p.customer_account_id`.execute(db)
  return new Map(rows.map(({ id, units }) => [id, units]))
}

const isIn = sql`exists (select from admission a where a.service_id = p.service_id and a.unit = p.unit and a.left_at is null)
  and not exists (select from removal r where r.service_id = p.service_id and r.unit = p.unit and r.lifted_at is null)`

/**
 * ADM-64: who gets a beta with a cap, exactly as many people or accounts as it says: those who switched it on themselves in
 * their order, then people of cohorts and accounts, the earliest first. Somebody without an account counts as one.
 */
export async function unitsUnderCap(db: Queryable, of: OfFeature, limit: Limit): Promise<string[]> {
  return (await placesUnderCap(db, of, limit)).map(({ unit }) => unit)
}

interface OfFeature {
  featureId: string
  serviceId: string
}

interface Limit {
  cap: number
  capCounts: Beta['capCounts']
  cohorts: string[]
  accounts: string[]
}

/** The same with what each takes a place as: the account or the unit. */
export async function placesUnderCap(
  db: Queryable,
  { featureId, serviceId }: OfFeature,
  { cap, capCounts, cohorts, accounts }: Limit,
): Promise<{ unit: string; counts: string }[]> {
  const { rows } = await sql<{ unit: string; counts: string }>`
    with wanting as (
      select p.unit, p.customer_account_id as account, array[1, extract(epoch from p.created_at)] as turn from participant p
      where p.service_id = ${serviceId} and ${isIn}
        and (p.cohort_id = any(${cohorts}::uuid[]) or p.customer_account_id = any(${accounts}::uuid[]))
        and not exists (select from feature_choice c where c.feature_id = ${featureId} and c.unit = p.unit and c.value = 'off')
      union all
      select c.unit, p.customer_account_id, array[0, c.arrival::numeric] from feature_choice c
        left join participant p on p.service_id = c.service_id and p.unit = c.unit
      where c.feature_id = ${featureId} and c.value = 'on'
    ), person as (
      select unit, coalesce(min(account::text), unit) as account, min(turn) as turn from wanting group by unit
    ), counted as (
      select unit, turn, case when ${capCounts === 'accounts'} then account else unit end as counts from person
    ), began as (
      select counts, min(turn) as turn from counted group by counts
    ), ranked as (
      select counts, row_number() over (order by turn, counts) as place from began
    )
    select c.unit, c.counts from counted c join ranked r on r.counts = c.counts where r.place <= ${cap}
    order by c.turn, c.unit`.execute(db)
  return rows
}

/** Of a person of the service, by the unit or an id of the application; null for everybody else. */
export async function groupsOf(
  db: Queryable,
  serviceId: string,
  who: string,
): Promise<{ unit: string; cohortId: string | null; accountId: string | null } | null> {
  const { rows } = await sql<{ unit: string; cohortId: string | null; accountId: string | null }>`
    select p.unit, p.cohort_id as "cohortId", p.customer_account_id as "accountId" from participant p
    where p.service_id = ${serviceId} and (p.unit = ${who} or p.id = (select x.participant_id from participant_alias x
      where x.service_id = ${serviceId} and x.external_id = ${who})) limit 1`.execute(db)
  return rows[0] ?? null
}
