import { sql } from 'kysely'
import { lowestCeiling, reaches, type LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'
import { ceilingOf, type Service } from '../services/index.ts'
import type { Halt } from './admission.ts'
import { readPlaces, readRollout, rungsWithoutPlace } from './store.ts'

export interface AdmissionSummary {
  /** People who are in, by any rung. */
  peopleIn: number
  cap: number | null
  /** Of them, people who take a place: all but those of a preview and of the team. */
  taken: number
  /** Open invitations that hold a place. */
  held: number
  invited: number
  accepted: number
  /** In, and not gone back to the current service. */
  active: number
  wentBack: number
  /** Thousandths of a percent. */
  share: number
  /** Does the phase let the share count? */
  shareCounts: boolean
}

export async function admissionSummary(
  db: Queryable,
  service: Pick<Service, 'id' | 'phase'>,
  at: Date,
): Promise<AdmissionSummary> {
  const [rollout, places, funnel, peopleIn, wentBack] = [
    await readRollout(db, service.id),
    await readPlaces(db, service.id, at),
    await invitationFunnel(db, service.id, at),
    await countIn(db, service.id),
    await countWentBack(db, service.id),
  ]
  return {
    peopleIn,
    cap: rollout.cap,
    taken: places.taken,
    held: places.held,
    invited: funnel.invited,
    accepted: funnel.accepted,
    active: peopleIn - wentBack,
    wentBack,
    share: rollout.share,
    shareCounts: reaches(ceilingOf(service.phase), lowestCeiling.share),
  }
}

export interface Funnel {
  invited: number
  open: number
  accepted: number
  expired: number
  withdrawn: number
}

export async function invitationFunnel(db: Queryable, serviceId: string, at: Date): Promise<Funnel> {
  const { rows } = await sql<Funnel>`select count(*)::int as invited,
      count(*) filter (where state = 'sent' and expires_at > ${at})::int as open,
      count(*) filter (where state = 'accepted')::int as accepted,
      count(*) filter (where state = 'sent' and expires_at <= ${at})::int as expired,
      count(*) filter (where state = 'revoked')::int as withdrawn
    from invitation where service_id = ${serviceId}`.execute(db)
  return rows[0] ?? { invited: 0, open: 0, accepted: 0, expired: 0, withdrawn: 0 }
}

/** By any rung. Every team page tells it: whoever takes a place is counted already (ADM-10), and only the few others are now. */
export async function countIn(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select r.taken + (select count(*)::int from admission a
      where a.service_id = r.service_id and a.left_at is null and a.rung = any(${rungsWithoutPlace}::text[])) as n
    from rollout r where r.service_id = ${serviceId}`.execute(db)
  return rows[0]?.n ?? 0
}

export async function countWentBack(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from choice c
    join admission a on a.service_id = c.service_id and a.unit = c.unit and a.left_at is null
    where c.service_id = ${serviceId} and c.value = 'current'`.execute(db)
  return rows[0]?.n ?? 0
}

/** The halt that the database knows of. Pages show the one in memory, which may be younger. */
export async function haltOf(db: Queryable, serviceId: string): Promise<Halt | null> {
  const { rows } = await sql<Halt>`select id, at, by_name as by, reason from halt
    where service_id = ${serviceId} and ended_at is null`.execute(db)
  return rows[0] ?? null
}

export interface CohortRow {
  name: string
  invited: number
  accepted: number
}

export async function cohorts(db: Queryable, serviceId: string): Promise<CohortRow[]> {
  const { rows } = await sql<CohortRow>`select c.name, count(i.id)::int as invited,
      count(i.id) filter (where i.state = 'accepted')::int as accepted
    from cohort c left join invitation i on i.cohort_id = c.id
    where c.service_id = ${serviceId} group by c.id order by c.created_at, c.name`.execute(db)
  return rows
}

export async function countWaiting(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from waiting
    where service_id = ${serviceId} and invited_at is null and left_at is null`.execute(db)
  return rows[0]?.n ?? 0
}

/** Units let in within a period, by one rung or several. */
export async function countAdmitted(
  db: Queryable,
  serviceId: string,
  rungs: readonly LettingRung[],
  window: { from: Date; to: Date },
): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from admission where service_id = ${serviceId}
    and rung = any(${[...rungs]}::text[]) and at >= ${window.from} and at < ${window.to}`.execute(db)
  return rows[0]?.n ?? 0
}

export async function countInvitations(
  db: Queryable,
  serviceId: string,
  which: 'sent' | 'accepted',
  window: { from: Date; to: Date },
): Promise<number> {
  const column = which === 'sent' ? sql`sent_at` : sql`accepted_at`
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from invitation
    where service_id = ${serviceId} and ${column} >= ${window.from} and ${column} < ${window.to}`.execute(db)
  return rows[0]?.n ?? 0
}

export interface LegacyHealth {
  checks: number
  passed: number
  lastAt: Date
  lastPassed: boolean
  lastProblem: string | null
}

export async function legacyHealth(
  db: Queryable,
  serviceId: string,
  window: { from: Date; to: Date },
): Promise<LegacyHealth | null> {
  const { rows } =
    await sql<LegacyHealth>`select sum(checks) over ()::int as checks, sum(passed) over ()::int as passed,
      last_at as "lastAt", last_passed as "lastPassed", last_problem as "lastProblem"
    from legacy_check where service_id = ${serviceId} and hour >= ${window.from}::timestamptz - interval '1 hour' and last_at <= ${window.to}
    order by hour desc limit 1`.execute(db)
  return rows[0] ?? null
}
