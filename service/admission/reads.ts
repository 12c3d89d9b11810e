import { sql } from 'kysely'
import { lowestCeiling, reaches, type LettingRung } from '../../packages/admission/src/index.ts'
import { rowsOfEach, type Queryable } from '../platform/index.ts'
import { ceilingOf, type Service } from '../services/index.ts'
import type { Halt, Places } from './admission.ts'
import { countHeld, countOpen } from './invitations/count-store.ts'
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

interface SummaryRow extends Omit<Funnel, 'expired'> {
  serviceId: string
  sent: number
  share: number
  cap: number | null
  taken: number
  held: number
  withoutPlace: number
  wentBack: number
}

export async function admissionSummary(
  db: Queryable,
  service: Pick<Service, 'id' | 'phase'>,
  at: Date,
): Promise<AdmissionSummary> {
  return only([...(await admissionSummaries(db, [service], at)).values()])
}

/** Of each service. One statement, so that all counts are of one moment. */
export async function admissionSummaries(
  db: Queryable,
  services: readonly Pick<Service, 'id' | 'phase'>[],
  at: Date,
): Promise<Map<string, AdmissionSummary>> {
  const { rows } =
    await sql<SummaryRow>`select r.service_id as "serviceId", r.share, r.cap, r.taken, f.*, ${countHeld(ofRollout, at)} as held,
      ${countOpen(ofRollout, at)} as open, ${withoutPlace} as "withoutPlace", ${backFrom} as "wentBack"
    from rollout r, lateral (
      select coalesce(sum(people), 0)::int as invited,
        coalesce(sum(people) filter (where state = 'accepted'), 0)::int as accepted,
        coalesce(sum(people) filter (where state = 'sent'), 0)::int as sent,
        coalesce(sum(people) filter (where state = 'revoked'), 0)::int as withdrawn
      from invitation_count where service_id = r.service_id
    ) as f
    where r.service_id = any(${services.map(({ id }) => id)}::uuid[])`.execute(db)
  const phases = new Map(services.map(({ id, phase }) => [id, { phase }]))
  return new Map(
    rows.flatMap((row) => {
      const service = phases.get(row.serviceId)
      return service === undefined ? [] : [[row.serviceId, summaryOf(row, service)] as const]
    }),
  )
}

function summaryOf(row: SummaryRow, service: Pick<Service, 'phase'>): AdmissionSummary {
  const { serviceId: _, share, cap, taken, held, withoutPlace: without, wentBack, sent, ...funnel } = row
  const peopleIn = taken + without
  return {
    peopleIn,
    places: placesOf({ cap, taken, held }),
    funnel: { ...funnel, expired: sent - funnel.open },
    active: peopleIn - wentBack,
    wentBack,
    share,
    shareCounts: reaches(ceilingOf(service.phase), lowestCeiling.share),
  }
}

const ofRollout = sql`r.service_id`
const withoutPlace = sql`(select coalesce(sum(c.people), 0)::int from admission_count c
  where c.service_id = r.service_id and c.rung = any(${rungsWithoutPlace}::text[]))`
const backFrom = sql`(select coalesce(sum(c.people), 0)::int from admission_count c
  where c.service_id = r.service_id and c.went_back)`

/** By any rung. Every team page tells it. */
export async function countIn(db: Queryable, serviceId: string): Promise<number> {
  return (await countStanding(db, [serviceId])).get(serviceId)?.peopleIn ?? 0
}

/** Of each of these services: who is in, and who of them went back to the current service. */
export async function countStanding(
  db: Queryable,
  serviceIds: readonly string[],
): Promise<Map<string, { peopleIn: number; wentBack: number }>> {
  const { rows } = await sql<{ id: string; peopleIn: number; wentBack: number }>`
    select r.service_id as id, r.taken + ${withoutPlace} as "peopleIn", ${backFrom} as "wentBack"
    from rollout r where r.service_id = any(${[...serviceIds]}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, ...standing }) => [id, standing]))
}

/** The halt that the database knows of. Pages show the one in memory, which may be younger. */
export async function haltOf(db: Queryable, serviceId: string): Promise<Halt | null> {
  return (await haltsOfEach(db, [serviceId])).get(serviceId)?.[0] ?? null
}

export function haltsOfEach(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Halt[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Halt>`select id, at, by_name as by, reason from halt where service_id = ${id} and ended_at is null`,
  )
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
      select cohort_id, sum(people) as invited, sum(people) filter (where state = 'accepted') as accepted
      from invitation_count where service_id = ${serviceId} group by cohort_id
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

export function countInvitations(
  db: Queryable,
  serviceIds: readonly string[],
  which: 'sent' | 'accepted',
  window: { from: Date; to: Date },
): Promise<Map<string, { n: number }[]>> {
  const column = which === 'sent' ? sql`sent_at` : sql`accepted_at`
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<{ n: number }>`select count(*)::int as n from invitation
      where service_id = ${id} and ${column} >= ${window.from} and ${column} < ${window.to}`,
  )
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
  return (await legacyHealths(db, [serviceId], window)).get(serviceId)?.[0] ?? null
}

export function legacyHealths(
  db: Queryable,
  serviceIds: readonly string[],
  window: { from: Date; to: Date },
): Promise<Map<string, LegacyHealth[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<LegacyHealth>`select sum(checks) over ()::int as checks, sum(passed) over ()::int as passed,
        last_at as "lastAt", last_passed as "lastPassed", last_problem as "lastProblem"
      from legacy_check where service_id = ${id} and hour >= ${window.from}::timestamptz - interval '1 hour'
        and last_at <= ${window.to}
      order by hour desc limit 1`,
  )
}
