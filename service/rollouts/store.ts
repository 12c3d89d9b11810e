import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Plan, Step, Told, Turn } from './plan.ts'

/** Whose plan: a service's own, or that of a feature of it. */
export type Of = Pick<Plan, 'serviceId' | 'featureId'>

const columns = sql.raw(`id, feature_id as "featureId",
  coalesce(service_id, (select f.service_id from feature f where f.id = feature_id)) as "serviceId", version, progress, deviation, steps, paused_at as "pausedAt", told,
  changed_at as "changedAt", changed_by as "changedBy"`)

const whose = ({ serviceId, featureId }: Of) =>
  featureId === null ? sql`service_id = ${serviceId}` : sql`feature_id = ${featureId}`

export async function findPlan(db: Queryable, of: Of): Promise<Plan | null> {
  const { rows } = await sql<Omit<Plan, 'turns'>>`select ${columns} from rollout_plan
    where ${whose(of)}`.execute(db)
  return withTurns(db, rows[0])
}

/** Whoever holds the row changes the plan; the others wait, and then see that it changed. */
export async function lockPlan(tx: Tx, of: Of): Promise<Plan | null> {
  const { rows } = await sql<Omit<Plan, 'turns'>>`select ${columns} from rollout_plan
    where ${whose(of)} for update`.execute(tx)
  return withTurns(tx, rows[0])
}

async function withTurns(db: Queryable, plan: Omit<Plan, 'turns'> | undefined): Promise<Plan | null> {
  if (plan === undefined) return null
  const { rows } = await sql<
    Omit<Turn, 'end'> & { endKind: 'closed' | 'back' | null; endedAt: Date | null; endedBy: string | null }
  >`select position, step, started_at as "startedAt", started_by as "startedBy", paused_ms::float8 as "pausedMs", answer,
      answered_by as "answeredBy", end_kind as "endKind", ended_at as "endedAt", ended_by as "endedBy"
    from rollout_turn where plan_id = ${plan.id} order by number`.execute(db)
  const turns = rows.map(({ endKind, endedAt, endedBy, ...turn }) => ({
    ...turn,
    end: endKind === null || endedAt === null ? null : { kind: endKind, at: endedAt, by: endedBy ?? '' },
  }))
  return { ...plan, turns }
}

/** Null where the service has a plan already. */
export async function insertPlan(
  tx: Tx,
  plan: Pick<Plan, 'serviceId' | 'featureId' | 'progress' | 'deviation' | 'steps' | 'told' | 'changedAt' | 'changedBy'>,
): Promise<Plan | null> {
  const { rows } = await sql<Omit<Plan, 'turns'>>`
    insert into rollout_plan (service_id, feature_id, progress, deviation, steps, told, changed_at, changed_by)
    values (${plan.featureId === null ? plan.serviceId : null}, ${plan.featureId}, ${plan.progress}, ${plan.deviation}, ${json(plan.steps)}::jsonb, ${json(plan.told)}::jsonb,
      ${plan.changedAt}, ${plan.changedBy})
    on conflict do nothing returning ${columns}`.execute(tx)
  return withTurns(tx, rows[0])
}

/** The plan with its next version, and its turns. */
export async function updatePlan(tx: Tx, plan: Plan): Promise<void> {
  await sql`update rollout_plan set version = ${plan.version}, progress = ${plan.progress}, deviation = ${plan.deviation},
      steps = ${json(plan.steps)}::jsonb, paused_at = ${plan.pausedAt}, told = ${json(plan.told)}::jsonb,
      changed_at = ${plan.changedAt}, changed_by = ${plan.changedBy}
    where id = ${plan.id}`.execute(tx)
  for (const [
    index,
    { position, step, startedAt, startedBy, pausedMs, answer, answeredBy, end },
  ] of plan.turns.entries()) {
    await sql`insert into rollout_turn (plan_id, number, position, step, started_at, started_by, paused_ms, answer,
        answered_by, end_kind, ended_at, ended_by)
      values (${plan.id}, ${index + 1}, ${position}, ${json(step)}::jsonb, ${startedAt}, ${startedBy}, ${pausedMs}, ${answer},
        ${answeredBy}, ${end?.kind ?? null}, ${end?.at ?? null}, ${end?.by ?? null})
      on conflict (plan_id, number) do update set paused_ms = excluded.paused_ms, answer = excluded.answer,
        answered_by = excluded.answered_by, end_kind = excluded.end_kind, ended_at = excluded.ended_at,
        ended_by = excluded.ended_by`.execute(tx)
  }
}

/** Changes nothing that anybody planned, and so is no new version. */
export async function setTold(tx: Tx, planId: string, told: Told): Promise<void> {
  await sql`update rollout_plan set told = ${json(told)}::jsonb where id = ${planId}`.execute(tx)
}

/** Whose plans there are, each with the key of its feature. */
export async function plans(db: Queryable): Promise<(Of & { featureKey: string | null })[]> {
  const { rows } = await sql<Of & { featureKey: string | null }>`
    select coalesce(p.service_id, f.service_id) as "serviceId", p.feature_id as "featureId", f.key as "featureKey"
    from rollout_plan p left join feature f on f.id = p.feature_id order by p.id`.execute(db)
  return rows
}

function json(value: Step | Step[] | Told): string {
  return JSON.stringify(value)
}
