import { sql } from 'kysely'
import { lowestCeiling, reaches, type LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'
import { ceilingOf, type Service } from '../services/index.ts'
import type { Halt, Places } from './admission.ts'
import { only, placesOf, rungsWithoutPlace } from './store.ts'

export interface AdmissionSummary {
  /** People who are in, by any rung. */
  peopleIn: number
  places: Places
  funnel: Funnel
  /** In, and not gone back to the current service. */
  active: number
  wentBack: number
  /** Thousandths of a percent. */
  share: number
  /** Does the phase let the share count? */
  shareCounts: boolean
}

export interface Funnel {
  invited: number
  open: number
  accepted: number
  expired: number
  withdrawn: number
}

interface SummaryRow extends Funnel {
  share: number
  cap: number | null
  taken: number
  held: number
  withoutPlace: number
  wentBack: number
}

/** One statement, so that all counts are of one moment. */
export async function admissionSummary(
  db: Queryable,
  service: Pick<Service, 'id' | 'phase'>,
  at: Date,
): Promise<AdmissionSummary> {
  const { rows } = await sql<SummaryRow>`select r.share, r.cap, r.taken, f.*,
      (select count(*)::int from invitation i where i.service_id = r.service_id and i.state = 'sent' and i.holds_place
        and i.expires_at > ${at}) as held,
      (${withoutPlace}) as "withoutPlace", (${backFrom}) as "wentBack"
    from rollout r, lateral (
      select coalesce(sum(n), 0)::int as invited, coalesce(sum(open), 0)::int as open,
        coalesce(sum(n) filter (where state = 'accepted'), 0)::int as accepted,
        coalesce(sum(n - open) filter (where state = 'sent'), 0)::int as expired,
        coalesce(sum(n) filter (where state = 'revoked'), 0)::int as withdrawn
      from (select state, count(*) as n, count(*) filter (where state = 'sent' and expires_at > ${at}) as open
        from invitation where service_id = r.service_id group by state) as by_state
    ) as f
    where r.service_id = ${service.id}`.execute(db)
  const { share, cap, taken, held, withoutPlace: without, wentBack, ...funnel } = only(rows)
  const peopleIn = taken + without
  return {
    peopleIn,
    places: placesOf({ cap, taken, held }),
    funnel,
    active: peopleIn - wentBack,
    wentBack,
    share,
    shareCounts: reaches(ceilingOf(service.phase), lowestCeiling.share),
  }
}

const withoutPlace = sql`select count(*)::int from admission a
  where a.service_id = r.service_id and a.left_at is null and a.rung = any(${rungsWithoutPlace}::text[])`
const backFrom = sql`select count(*)::int from choice c
  join admission a on a.service_id = c.service_id and a.unit = c.unit and a.left_at is null
  where c.service_id = r.service_id and c.value = 'current'`

/** By any rung. Every team page tells it: whoever takes a place is counted already (ADM-10), and only the few others are now. */
export async function countIn(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select r.taken + (${withoutPlace}) as n
    from rollout r where r.service_id = ${serviceId}`.execute(db)
  return rows[0]?.n ?? 0
}

export async function countWentBack(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select (${backFrom}) as n from rollout r where r.service_id = ${serviceId}`.execute(db)
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
  const { rows } = await sql<CohortRow>`select c.name, coalesce(i.invited, 0)::int as invited,
      coalesce(i.accepted, 0)::int as accepted
    from cohort c left join (
      select cohort_id, count(*) as invited, count(*) filter (where state = 'accepted') as accepted
      from invitation where service_id = ${serviceId} group by cohort_id
    ) as i on i.cohort_id = c.id
    where c.service_id = ${serviceId} order by c.created_at, c.name`.execute(db)
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
