import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { ChangeNotice, Confirmation, Feature, StageDecision, StageMove } from './feature.ts'
import type { Stage } from './stages.ts'

interface Row extends Omit<Feature, 'course'> {
  stages: Stage['id'][] | null
  stage: Stage['id'] | null
  stageSince: Date | null
}

const columns =
  sql.raw(`f.id, f.service_id as "serviceId", f.key, f.kind, f.name, f.description, f.applies_to as "appliesTo",
  f.for_clients as "forClients", f.variants, f.on_variant as "on", f.off_variant as "off", f.requires, f.stages, f.stage,
  f.stage_since as "stageSince", f.is_on as "isOn", f.share, f.salt, f.rules, f.version, f.created_at as "createdAt",
  f.created_by as "createdBy", f.changed_at as "changedAt", f.changed_by as "changedBy",
  f.fully_on_since as "fullyOnSince", f.removal_asked_at as "removalAskedAt",
  coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name) order by c.name)
    from feature_cohort fc join cohort c on c.id = fc.cohort_id where fc.feature_id = f.id), '[]') as cohorts`)

function read({ stages, stage, stageSince, ...row }: Row): Feature {
  const course = stages === null || stage === null || stageSince === null ? null : { stages, stage, since: stageSince }
  return { ...row, course }
}

export async function featuresOf(db: Queryable, serviceId: string): Promise<Feature[]> {
  const { rows } = await sql<Row>`select ${columns} from feature f where f.service_id = ${serviceId}
    order by f.created_at, f.id`.execute(db)
  return rows.map(read)
}

export async function findFeature(db: Queryable, serviceId: string, key: string): Promise<Feature | null> {
  const { rows } = await sql<Row>`select ${columns} from feature f
    where f.service_id = ${serviceId} and f.key = ${key}`.execute(db)
  return rows[0] === undefined ? null : read(rows[0])
}

/** Changes of a service's features come one after the other, so that two can make no ring of requirements between them. */
export async function lockFeatures(tx: Tx, serviceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('features:' || ${serviceId}::text, 0))`.execute(tx)
}

/** Null when a service or feature has this key. */
export async function insertFeature(
  tx: Tx,
  feature: Omit<Feature, 'id' | 'salt' | 'version' | 'changedAt' | 'changedBy' | 'fullyOnSince' | 'removalAskedAt'>,
): Promise<string | null> {
  const { course } = feature
  const { rows } = await sql<{ id: string }>`
    insert into feature (service_id, key, kind, name, description, applies_to, for_clients, variants, on_variant,
      off_variant, requires, stages, stage, stage_since, is_on, share, salt, rules, created_at, created_by, changed_at,
      changed_by)
    values (${feature.serviceId}, ${feature.key}, ${feature.kind}, ${feature.name}, ${feature.description},
      ${feature.appliesTo}, ${feature.forClients}, ${JSON.stringify(feature.variants)}::jsonb, ${feature.on},
      ${feature.off}, ${JSON.stringify(feature.requires)}::jsonb, ${course?.stages ?? null}::text[],
      ${course?.stage ?? null}, ${course?.since ?? null}, ${feature.isOn}, ${feature.share},
      replace(gen_random_uuid()::text, '-', ''), ${JSON.stringify(feature.rules)}::jsonb, ${feature.createdAt},
      ${feature.createdBy}, ${feature.createdAt}, ${feature.createdBy})
    on conflict (key) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

/** Everything of it that can change, with the next version. */
export async function updateFeature(tx: Tx, to: Feature): Promise<void> {
  const { course } = to
  await sql`update feature set name = ${to.name}, description = ${to.description}, applies_to = ${to.appliesTo},
    for_clients = ${to.forClients}, variants = ${JSON.stringify(to.variants)}::jsonb, on_variant = ${to.on},
    off_variant = ${to.off}, requires = ${JSON.stringify(to.requires)}::jsonb, stages = ${course?.stages ?? null}::text[],
    stage = ${course?.stage ?? null}, stage_since = ${course?.since ?? null}, is_on = ${to.isOn}, share = ${to.share}, salt = ${to.salt},
    rules = ${JSON.stringify(to.rules)}::jsonb, version = ${to.version}, changed_at = ${to.changedAt},
    changed_by = ${to.changedBy}, fully_on_since = ${to.fullyOnSince}, removal_asked_at = ${to.removalAskedAt}
    where id = ${to.id}`.execute(tx)
  await sql`delete from feature_cohort where feature_id = ${to.id}`.execute(tx)
  await sql`insert into feature_cohort (feature_id, cohort_id)
    select ${to.id}::uuid, id from cohort where id = any(${to.cohorts.map(({ id }) => id)}::uuid[])`.execute(tx)
}

export async function deleteFeature(tx: Tx, id: string): Promise<void> {
  await sql`delete from feature where id = ${id}`.execute(tx)
}

export async function cohortsOf(db: Queryable, serviceId: string): Promise<Feature['cohorts']> {
  const { rows } = await sql<Feature['cohorts'][number]>`select id, name from cohort where service_id = ${serviceId}
    order by name`.execute(db)
  return rows
}

export async function insertMove(tx: Tx, featureId: string, move: StageMove): Promise<void> {
  await sql`insert into feature_move (feature_id, from_stage, to_stage, at, by_name, reason, waiver)
    values (${featureId}, ${move.from}, ${move.to}, ${move.at}, ${move.by}, ${move.reason}, ${move.waiver})`.execute(tx)
}

export async function movesOf(db: Queryable, featureId: string): Promise<StageMove[]> {
  const { rows } = await sql<StageMove>`select from_stage as "from", to_stage as "to", at, by_name as by, reason, waiver
    from feature_move where feature_id = ${featureId} order by at, id limit 1000`.execute(db)
  return rows
}

export async function insertDecision(tx: Tx, featureId: string, decision: StageDecision): Promise<void> {
  await sql`insert into stage_decision (feature_id, stage, takes, reason, at, by_name)
    values (${featureId}, ${decision.stage}, ${decision.takes}, ${decision.reason}, ${decision.at}, ${decision.by})`.execute(
    tx,
  )
}

export async function decisionsOf(db: Queryable, featureId: string): Promise<StageDecision[]> {
  const { rows } = await sql<StageDecision>`select stage, takes, reason, at, by_name as by
    from stage_decision where feature_id = ${featureId} order by at, id limit 1000`.execute(db)
  return rows
}

export async function insertNotice(tx: Tx, serviceId: string, notice: Omit<ChangeNotice, 'id'>): Promise<ChangeNotice> {
  const { rows } = await sql<ChangeNotice>`insert into change_notice (service_id, title, body, at, by_name)
    values (${serviceId}, ${notice.title}, ${notice.body}, ${notice.at}, ${notice.by})
    returning id, title, body, at, by_name as by`.execute(tx)
  const [stored] = rows
  if (stored === undefined) throw new Error('The notice was not stored')
  return stored
}

export async function noticesOf(db: Queryable, serviceId: string): Promise<ChangeNotice[]> {
  const { rows } = await sql<ChangeNotice>`select id, title, body, at, by_name as by from change_notice
    where service_id = ${serviceId} order by at desc, id limit 50`.execute(db)
  return rows
}

/** False when it was asked before. */
export async function markAsked(tx: Tx, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update feature set removal_asked_at = ${at}
    where id = ${id} and removal_asked_at is null and fully_on_since is not null returning id`.execute(tx)
  return rows.length > 0
}

/** False when somebody of that role agreed before. */
export async function insertConfirmation(
  tx: Tx,
  featureId: string,
  { role, by, at }: Confirmation,
  accountId: string,
): Promise<boolean> {
  const { rows } = await sql`insert into removal_confirmation (feature_id, role, account_id, by_name, at)
    values (${featureId}, ${role}, ${accountId}, ${by}, ${at}) on conflict do nothing returning role`.execute(tx)
  return rows.length > 0
}

export async function confirmationsOf(db: Queryable, featureId: string): Promise<Confirmation[]> {
  const { rows } = await sql<Confirmation>`select role, by_name as by, at from removal_confirmation
    where feature_id = ${featureId} order by at, role`.execute(db)
  return rows
}

/** What was agreed of a flag that everybody had holds no more once somebody is kept out. */
export async function dropConfirmations(tx: Tx, featureId: string): Promise<void> {
  await sql`delete from removal_confirmation where feature_id = ${featureId}`.execute(tx)
}

/** What the share was when: a plan is compared with it. */
export interface ShareChange {
  at: Date
  share: number
  by: string
}

export async function insertShareChange(tx: Tx, { id, changedAt, changedBy }: Feature, share: number): Promise<void> {
  await sql`insert into feature_share_change (feature_id, at, share, by_name)
    values (${id}, ${changedAt}, ${share}, ${changedBy})`.execute(tx)
}

/** Oldest first. */
export async function shareChanges(db: Queryable, featureId: string): Promise<ShareChange[]> {
  const { rows } = await sql<ShareChange>`select at, share, by_name as by from feature_share_change
    where feature_id = ${featureId} order by at, id limit 10000`.execute(db)
  return rows
}
