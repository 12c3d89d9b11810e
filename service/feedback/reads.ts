import { sql } from 'kysely'
import type { Queryable } from '../platform/index.ts'
import type { Feedback, FeedbackArm } from './feedback.ts'
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

export interface EndingAnswers {
  journey: string
  ending: string
  arm: FeedbackArm
  promptedAt: Date | null
  answers: number
}

/** Per end point: when it last showed the question, and how many answered there. */
export async function endingAnswers(
  db: Queryable,
  serviceId: string,
  window: { from: Date; to: Date },
): Promise<EndingAnswers[]> {
  const { rows } = await sql<EndingAnswers>`
    with answered as (
      select journey, ending, arm, count(*)::int as n from feedback
      where service_id = ${serviceId} and state <> 'spam' and ending is not null and journey is not null and arm is not null
        and received_at >= ${window.from} and received_at < ${window.to}
      group by 1, 2, 3
    ), prompted as (
      select journey, ending, arm, seen_at from feedback_prompt
      where service_id = ${serviceId} and seen_at >= ${window.from} and seen_at < ${window.to}
    )
    select journey, ending, arm, p.seen_at as "promptedAt", coalesce(a.n, 0) as answers
    from answered a full join prompted p using (journey, ending, arm)`.execute(db)
  return rows
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

/** What came in between two moments, and where it stands now. */
export async function countsIn(
  db: Queryable,
  serviceId: string,
  window: { from: Date; to: Date },
): Promise<FeedbackCounts> {
  const { rows } = await sql<FeedbackCounts>`
    select count(*)::int as received,
      count(*) filter (where comment is not null)::int as comments,
      count(*) filter (where comment is not null and state in ('answered', 'closed'))::int as decided,
      count(*) filter (where state in ('new', 'read'))::int as open,
      count(*) filter (where state in ('new', 'read') and accessibility and arm is distinct from 'current')::int as "openAccess"
    from feedback where service_id = ${serviceId} and state <> 'spam'
      and received_at >= ${window.from} and received_at < ${window.to}`.execute(db)
  return rows[0] as FeedbackCounts
}
