import { sql } from 'kysely'
import { endingsServed, type EndingServed } from '../measures/index.ts'
import { rowsOfEach, type Queryable } from '../platform/index.ts'
import type { Feedback, FeedbackArm, FeedbackKind } from './feedback.ts'
import { listFeedback } from './store.ts'

export interface FeedbackSummary {
  /** Answers of any kind, without what is held as spam. */
  received: number
  /** Those with words: the ones that somebody has to decide about. */
  comments: number
  decided: number
  open: number
  oldestOpenAt: Date | null
  spam: number
}

/** What stands on the service's own page; `since` counts from a moment, such as the start of the phase. */
export async function feedbackSummary(db: Queryable, serviceId: string, since?: Date): Promise<FeedbackSummary> {
  const { rows } = await sql<FeedbackSummary>`
    select count(*) filter (where state <> 'spam')::int as received,
      count(*) filter (where state <> 'spam' and comment is not null)::int as comments,
      count(*) filter (where state in ('answered', 'closed') and comment is not null)::int as decided,
      count(*) filter (where state in ('new', 'read'))::int as open,
      min(received_at) filter (where state in ('new', 'read')) as "oldestOpenAt",
      count(*) filter (where state = 'spam')::int as spam
    from feedback where service_id = ${serviceId}
      ${since === undefined ? sql`` : sql`and received_at >= ${since}`}`.execute(db)
  return rows[0] as FeedbackSummary
}

/** The newest answers with words. */
export function latestFeedback(db: Queryable, serviceId: string, n: number): Promise<Feedback[]> {
  return listFeedback(db, serviceId, { comments: true }, { limit: n, offset: 0 })
}

/** One end point in one version: did it ask, and how many answered there? */
export interface EndingAsked {
  journey: string
  ending: string
  arm: FeedbackArm
  /** Really served within the period, as the gateway saw it. */
  servedAt: Date | null
  /** When it last showed the question. */
  askedAt: Date | null
  answers: number
  /** Of the answers, so many came by the question itself; one by the API may have been asked elsewhere. */
  answersByQuestion: number
}

/** Per end point: when it last showed the question, and how many answered there. An answer to the question proves that it asked. */
export async function endingsAsked(
  db: Queryable,
  serviceIds: readonly string[],
  window: { from: Date; to: Date },
): Promise<Map<string, EndingAsked[]>> {
  const answers = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<Answered>`
      select journey, ending, arm, count(*)::int as n,
        count(*) filter (where channel <> 'api')::int as "byQuestion"
      from feedback where service_id = ${id} and state <> 'spam' and ending is not null and journey is not null and arm is not null
        and received_at >= ${window.from} and received_at < ${window.to}
      group by 1, 2, 3`,
  )
  const served = await endingsServed(db, serviceIds, window.from)
  return new Map(serviceIds.map((id) => [id, askedAt(served.get(id) ?? [], answers.get(id) ?? [])]))
}

interface Answered {
  journey: string
  ending: string
  arm: FeedbackArm
  n: number
  byQuestion: number
}

function askedAt(endings: readonly EndingServed[], answered: readonly Answered[]): EndingAsked[] {
  const found = new Map<string, EndingAsked>()
  for (const { journey, ending, arm, lastAt, questionAt } of endings) {
    found.set(`${journey} ${ending} ${arm}`, {
      journey,
      ending,
      arm,
      servedAt: lastAt,
      askedAt: questionAt,
      answers: 0,
      answersByQuestion: 0,
    })
  }
  for (const { n, byQuestion, ...place } of answered) {
    const key = `${place.journey} ${place.ending} ${place.arm}`
    const served = found.get(key) ?? { ...place, servedAt: null, askedAt: null }
    found.set(key, { ...served, answers: n, answersByQuestion: byQuestion })
  }
  return [...found.values()]
}

/** Which endings people have named, for the filter. */
export async function endingsNamed(db: Queryable, serviceId: string): Promise<string[]> {
  const { rows } = await sql<{ ending: string }>`select distinct ending from feedback
    where service_id = ${serviceId} and ending is not null order by 1 limit 50`.execute(db)
  return rows.map(({ ending }) => ending)
}

export interface FeedbackCounts {
  received: number
  comments: number
  decided: number
  open: number
  /** Open, about access, and not about the current service. */
  openAccess: number
}

/** What came in between two moments, and where it stands now: of each of these services. */
export async function countsIn(
  db: Queryable,
  serviceIds: readonly string[],
  window: { from: Date; to: Date },
): Promise<Map<string, FeedbackCounts>> {
  const found = await rowsOfEach(
    db,
    serviceIds,
    (id) => sql<FeedbackCounts>`
      select count(*)::int as received,
        count(*) filter (where comment is not null)::int as comments,
        count(*) filter (where comment is not null and state in ('answered', 'closed'))::int as decided,
        count(*) filter (where state in ('new', 'read'))::int as open,
        count(*) filter (where state in ('new', 'read') and accessibility and arm is distinct from 'current')::int as "openAccess"
      from feedback where service_id = ${id} and state <> 'spam'
        and received_at >= ${window.from} and received_at < ${window.to}`,
  )
  return new Map([...found].flatMap(([id, [counts]]) => (counts === undefined ? [] : [[id, counts] as const])))
}

/** How many gave one kind of feedback since a moment. */
export async function countOfKind(db: Queryable, serviceId: string, kind: FeedbackKind, since: Date): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from feedback
    where service_id = ${serviceId} and kind = ${kind} and state <> 'spam' and received_at >= ${since}`.execute(db)
  return rows[0]?.n ?? 0
}

/** What one unit answered to the five-point question on one day (UTC). */
export interface RatingDay {
  unit: string
  day: string
  answers: number
  /** Satisfied or very satisfied. */
  topTwo: number
  /** From 0 for very dissatisfied to 4 for very satisfied. */
  points: number
}

/** Of the new service; spam and answers without a unit are left out. */
export async function ratingDays(
  db: Queryable,
  serviceId: string,
  { from, to }: { from: Date; to: Date },
): Promise<RatingDay[]> {
  const { rows } = await sql<RatingDay>`
    select unit, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as answers,
      count(*) filter (where rating >= 4)::int as "topTwo", sum(rating - 1)::int as points
    from feedback
    where service_id = ${serviceId} and received_at >= ${from} and received_at < ${to} and unit is not null
      and rating is not null and state <> 'spam' and arm is distinct from 'current'
    group by 1, 2`.execute(db)
  return rows
}
