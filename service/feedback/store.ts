import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Answer, Feedback, FeedbackArm, FeedbackState } from './feedback.ts'

const columns =
  sql.raw(`f.id, f.reference, f.received_at as "receivedAt", f.arm, f.unit, f.journey, f.ending, f.transaction,
  f.page, f.channel, f.rating, f.kind, f.comment, f.address, f.accessibility, f.spam_reasons as "spamReasons", f.state, f.decision,
  f.decided_at as "decidedAt", f.decided_by as "decidedBy", f.link,
  case when a.id is null then null else jsonb_build_object('id', a.id, 'name', a.name) end as assignee`)
const source = sql.raw('feedback f left join account a on a.id = f.assignee_id')

export interface NewFeedback extends Answer {
  serviceId: string
  reference: string
  receivedAt: Date
  accessibility: boolean
  spamReasons: string[]
  state: FeedbackState
  decision: string | null
}

/** False when the same answer came before. */
export async function insertFeedback(tx: Tx, item: NewFeedback): Promise<boolean> {
  const { rows } = await sql`
    insert into feedback (service_id, reference, sent_id, received_at, arm, unit, journey, ending, transaction, page, channel,
      rating, kind, comment, address, accessibility, spam_reasons, state, decision, decided_at)
    values (${item.serviceId}, ${item.reference}, ${item.sentId}, ${item.receivedAt}, ${item.arm}, ${item.unit}, ${item.journey},
      ${item.ending}, ${item.transaction}, ${item.page}, ${item.channel}, ${item.rating}, ${item.kind}, ${item.comment},
      ${item.address}, ${item.accessibility}, ${item.spamReasons}, ${item.state}, ${item.decision},
      ${item.decision === null ? null : item.receivedAt})
    on conflict (service_id, sent_id) do nothing returning 1 as stored`.execute(tx)
  return rows.length === 1
}

export type Before = Pick<Feedback, 'reference' | 'rating' | 'comment'>

/** What came under this id of the sender before. */
export async function answerBefore(
  db: Queryable,
  { serviceId, sentId }: { serviceId: string; sentId: string },
): Promise<Before | null> {
  const { rows } = await sql<Before>`select reference, rating, comment from feedback
    where service_id = ${serviceId} and sent_id = ${sentId}`.execute(db)
  return rows[0] ?? null
}

export async function findFeedback(db: Queryable, serviceId: string, reference: string): Promise<Feedback | null> {
  const { rows } = await sql<Feedback>`select ${columns} from ${source}
    where f.service_id = ${serviceId} and f.reference = ${reference.toUpperCase()}`.execute(db)
  return rows[0] ?? null
}

export async function lockFeedback(tx: Tx, serviceId: string, reference: string): Promise<Feedback | null> {
  const { rows } = await sql<Feedback>`select ${columns} from ${source}
    where f.service_id = ${serviceId} and f.reference = ${reference.toUpperCase()} for update of f`.execute(tx)
  return rows[0] ?? null
}

export interface FeedbackChange {
  state: FeedbackState
  decision: string | null
  decidedAt: Date | null
  decidedBy: string | null
  assigneeId: string | null
  accessibility: boolean
  link: string | null
}

export async function updateFeedback(tx: Tx, id: string, to: FeedbackChange): Promise<void> {
  await sql`update feedback set state = ${to.state}, decision = ${to.decision}, decided_at = ${to.decidedAt},
    decided_by = ${to.decidedBy}, assignee_id = ${to.assigneeId}, accessibility = ${to.accessibility}, link = ${to.link} where id = ${id}`.execute(
    tx,
  )
}

export interface Filter {
  search?: string | undefined
  /** `open` is new and read together; without one everything but spam. */
  state?: FeedbackState | 'open' | undefined
  rating?: number | undefined
  arm?: FeedbackArm | undefined
  ending?: string | undefined
  kind?: string | undefined
  /** Only what is about access. */
  accessibility?: boolean | undefined
  /** Only answers with words. */
  comments?: boolean | undefined
}

const anything = sql``

function where(serviceId: string, filter: Filter) {
  const { search, state, rating, arm, ending, kind, accessibility, comments } = filter
  return sql`f.service_id = ${serviceId}
    ${state === undefined ? sql`and f.state <> 'spam'` : state === 'open' ? sql`and f.state in ('new', 'read')` : sql`and f.state = ${state}`}
    ${rating === undefined ? anything : sql`and f.rating = ${rating}`}
    ${arm === undefined ? anything : sql`and f.arm = ${arm}`}
    ${ending === undefined ? anything : sql`and f.ending = ${ending}`}
    ${kind === undefined ? anything : sql`and f.kind = ${kind}`}
    ${accessibility === true ? sql`and f.accessibility` : anything}
    ${comments === true ? sql`and f.comment is not null` : anything}
    ${search === undefined || search === '' ? anything : sql`and (f.words @@ websearch_to_tsquery('english', ${search}) or f.reference = ${search.toUpperCase()})`}`
}

export async function listFeedback(
  db: Queryable,
  serviceId: string,
  filter: Filter,
  page: { limit: number; offset: number },
): Promise<Feedback[]> {
  const { rows } = await sql<Feedback>`select ${columns} from ${source} where ${where(serviceId, filter)}
    order by f.received_at desc, f.arrival desc limit ${page.limit} offset ${page.offset}`.execute(db)
  return rows
}

export async function countFeedback(db: Queryable, serviceId: string, filter: Filter): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from feedback f
    where ${where(serviceId, filter)}`.execute(db)
  return rows[0]?.n ?? 0
}
