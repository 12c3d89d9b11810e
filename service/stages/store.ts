import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type {
  Acknowledgement,
  Announcement,
  BetaDecision,
  BetaRequest,
  PlanningRecord,
  StagedFeature,
  StageWork,
  Tester,
} from './stages.ts'

/** Acts on one feature come one after the other. */
export async function lockStage(tx: Tx, featureId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('stage:' || ${featureId}::text, 0))`.execute(tx)
}

/** One after the other, as a transaction demands. */
export async function workOf(db: Queryable, feature: Pick<StagedFeature, 'id' | 'course'>): Promise<StageWork> {
  return {
    decision: await lastDecision(db, feature.id),
    request: await lastRequest(db, feature),
    planning: await planningOf(db, feature.id),
    announcements: await announcementsOf(db, feature.id),
    testers: await testersOf(db, feature.id),
  }
}

export async function insertBetaDecision(tx: Tx, featureId: string, decision: BetaDecision): Promise<void> {
  const { growth, support } = decision
  await sql`insert into beta_decision (feature_id, takes, reasons, reason, growth_account, growth_name, support_account,
      support_name, at, by_name)
    values (${featureId}, ${decision.takes}, ${decision.reasons}::text[], ${decision.reason}, ${growth.accountId},
      ${growth.name}, ${support.accountId}, ${support.name}, ${decision.at}, ${decision.by})`.execute(tx)
}

async function lastDecision(db: Queryable, featureId: string): Promise<BetaDecision | null> {
  const { rows } = await sql<BetaDecision>`select takes, reasons, reason,
      jsonb_build_object('accountId', growth_account, 'name', growth_name) as growth,
      jsonb_build_object('accountId', support_account, 'name', support_name) as support, at, by_name as by
    from beta_decision where feature_id = ${featureId} order by at desc, id desc limit 1`.execute(db)
  return rows[0] ?? null
}

export async function insertRequest(
  tx: Tx,
  featureId: string,
  request: Pick<BetaRequest, 'note' | 'at' | 'by'>,
): Promise<void> {
  await sql`insert into beta_request (feature_id, note, at, by_name)
    values (${featureId}, ${request.note}, ${request.at}, ${request.by})`.execute(tx)
}

export async function lastRequest(
  db: Queryable,
  { id, course }: Pick<StagedFeature, 'id' | 'course'>,
): Promise<BetaRequest | null> {
  const { rows } = await sql<Omit<BetaRequest, 'acknowledgements'>>`select id, note, at, by_name as by from beta_request
    where feature_id = ${id} and (${course.stage !== 'internal-release'}::boolean or at >= ${course.since})
    order by at desc, id limit 1`.execute(db)
  const [request] = rows
  if (request === undefined) return null
  const acknowledgements = await sql<Acknowledgement>`select role, by_name as by, at from beta_acknowledgement
    where request_id = ${request.id} order by role`.execute(db)
  return { ...request, acknowledgements: acknowledgements.rows }
}

/** False when somebody of that role acknowledged before. */
export async function insertAcknowledgement(
  tx: Tx,
  requestId: string,
  { role, by, at }: Acknowledgement,
  accountId: string,
): Promise<boolean> {
  const { rows } = await sql`insert into beta_acknowledgement (request_id, role, account_id, by_name, at)
    values (${requestId}, ${role}, ${accountId}, ${by}, ${at}) on conflict do nothing returning role`.execute(tx)
  return rows.length > 0
}

export async function insertPlanning(tx: Tx, featureId: string, record: PlanningRecord): Promise<void> {
  await sql`insert into planning_record (feature_id, talked_on, note, at, by_name)
    values (${featureId}, ${record.talkedOn}::date, ${record.note}, ${record.at}, ${record.by})`.execute(tx)
}

async function planningOf(db: Queryable, featureId: string): Promise<PlanningRecord[]> {
  const { rows } =
    await sql<PlanningRecord>`select to_char(talked_on, 'YYYY-MM-DD') as "talkedOn", note, at, by_name as by
    from planning_record where feature_id = ${featureId} order by at, id limit 100`.execute(db)
  return rows
}

export async function insertAnnouncement(tx: Tx, featureId: string, announcement: Announcement): Promise<void> {
  await sql`insert into stage_announcement (feature_id, stage, body, public_on, at, by_name)
    values (${featureId}, ${announcement.stage}, ${announcement.body}, ${announcement.publicOn}::date,
      ${announcement.at}, ${announcement.by})`.execute(tx)
}

async function announcementsOf(db: Queryable, featureId: string): Promise<Announcement[]> {
  const { rows } = await sql<Announcement>`select stage, body, to_char(public_on, 'YYYY-MM-DD') as "publicOn", at,
      by_name as by
    from stage_announcement where feature_id = ${featureId} order by at desc, id desc limit 100`.execute(db)
  return rows
}

export async function insertTester(
  tx: Tx,
  featureId: string,
  tester: { accountId: string; name: string; task: string; at: Date; by: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`insert into stage_tester (feature_id, account_id, name, task, at, by_name)
    values (${featureId}, ${tester.accountId}, ${tester.name}, ${tester.task}, ${tester.at}, ${tester.by})
    returning id`.execute(tx)
  return idOf(rows)
}

export async function setResult(tx: Tx, id: string, result: NonNullable<Tester['result']>): Promise<void> {
  await sql`update stage_tester set result = ${result.kind}, note = ${result.note}, result_at = ${result.at}
    where id = ${id}`.execute(tx)
}

/** What somebody was asked to try of these features, and has said nothing of yet. */
export async function openTests<F extends { id: string }>(
  db: Queryable,
  accountId: string,
  features: readonly F[],
): Promise<{ feature: F; task: string }[]> {
  const { rows } = await sql<{
    featureId: string
    task: string
  }>`select feature_id as "featureId", task from stage_tester
    where account_id = ${accountId} and result is null and feature_id = any(${features.map(({ id }) => id)}::uuid[])
    order by at, id limit 20`.execute(db)
  return rows.flatMap(({ featureId, task }) => {
    const feature = features.find(({ id }) => id === featureId)
    return feature === undefined ? [] : [{ feature, task }]
  })
}

async function testersOf(db: Queryable, featureId: string): Promise<Tester[]> {
  const { rows } = await sql<Tester>`select id, account_id as "accountId", name, task, at, by_name as by,
      case when result is not null then jsonb_build_object('kind', result, 'note', note, 'at', result_at) end as result
    from stage_tester where feature_id = ${featureId} order by at, id limit 200`.execute(db)
  return rows.map(({ result, ...tester }) => ({
    ...tester,
    result: result === null ? null : { ...result, at: new Date(result.at) },
  }))
}

function idOf(rows: { id: string }[]): string {
  const [row] = rows
  if (row === undefined) throw new Error('The row was not stored')
  return row.id
}
