import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import { only } from '../store.ts'
import type { Answers, Question, QuestionKind } from './waitlist.ts'

// Questions

const questionColumns = sql.raw(`id, name, question, hint, kind, options, required, special`)

export async function questionsOf(db: Queryable, serviceId: string): Promise<Question[]> {
  const { rows } = await sql<Question>`select ${questionColumns} from screening_question
    where service_id = ${serviceId} and ended_at is null order by position, lower(name)`.execute(db)
  return rows
}

export async function lockQuestions(tx: Tx, serviceId: string): Promise<Question[]> {
  await sql`select service_id from rollout where service_id = ${serviceId} for update`.execute(tx)
  return questionsOf(tx, serviceId)
}

export interface NewQuestion {
  name: string
  question: string
  hint: string
  kind: QuestionKind
  options: string[]
  required: boolean
  special: boolean
}

export async function insertQuestion(tx: Tx, serviceId: string, asked: NewQuestion): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into screening_question (service_id, position, name, question, hint, kind, options, required, special)
    values (${serviceId}, (select coalesce(max(position), 0) + 1 from screening_question where service_id = ${serviceId}),
      ${asked.name}, ${asked.question}, ${asked.hint}, ${asked.kind}, ${asked.options}::text[], ${asked.required}, ${asked.special})
    returning id`.execute(tx)
  return only(rows).id
}

/** Its kind stays, and so does whether it is special: answers that are there were given to that. */
export async function updateQuestion(
  tx: Tx,
  id: string,
  asked: Pick<NewQuestion, 'name' | 'question' | 'hint' | 'options' | 'required'>,
): Promise<void> {
  await sql`update screening_question set name = ${asked.name}, question = ${asked.question}, hint = ${asked.hint},
    options = ${asked.options}::text[], required = ${asked.required} where id = ${id}`.execute(tx)
}

export async function placeQuestion(tx: Tx, id: string, position: number): Promise<void> {
  await sql`update screening_question set position = ${position} where id = ${id}`.execute(tx)
}

/** It is asked no more; its answers go with it. */
export async function endQuestion(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update screening_question set ended_at = ${at} where id = ${id}`.execute(tx)
  await sql`delete from waiting_answer where question_id = ${id}`.execute(tx)
  await sql`delete from waiting_special_answer where question_id = ${id}`.execute(tx)
}

// Quotas

export async function putQuota(
  tx: Tx,
  serviceId: string,
  quota: { attribute: string; value: string; wanted: number },
): Promise<void> {
  await sql`insert into quota (service_id, attribute, value, wanted)
    values (${serviceId}, ${quota.attribute}, ${quota.value}, ${quota.wanted})
    on conflict (service_id, lower(attribute), lower(value)) do update set wanted = excluded.wanted`.execute(tx)
}

export async function countQuotas(tx: Tx, serviceId: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from quota where service_id = ${serviceId}`.execute(tx)
  return only(rows).n
}

export async function deleteQuota(
  tx: Tx,
  serviceId: string,
  id: string,
): Promise<{ attribute: string; value: string } | null> {
  const { rows } = await sql<{ attribute: string; value: string }>`
    delete from quota where service_id = ${serviceId} and id = ${id} returning attribute, value`.execute(tx)
  return rows[0] ?? null
}

// Asking for a place

export interface Request {
  id: string
  serviceId: string
  address: string
  answers: Answers
  agreed: boolean
  askedAt: Date
}

const requestColumns = sql.raw(`id, service_id as "serviceId", address, answers, agreed, asked_at as "askedAt"`)

export async function insertRequest(
  db: Queryable,
  request: { serviceId: string; address: string; answers: Answers; agreed: boolean; at: Date; expiresAt: Date },
): Promise<void> {
  const { serviceId, address, answers, agreed, at, expiresAt } = request
  await sql`insert into waiting_request (service_id, address, answers, agreed, asked_at, expires_at)
    values (${serviceId}, ${address}, ${JSON.stringify(answers)}::jsonb, ${agreed}, ${at}, ${expiresAt})`.execute(db)
}

/** The next that nobody was written to about; of several instances each takes another. */
export async function takeUnmailed(tx: Tx): Promise<Request | null> {
  const { rows } = await sql<Request>`select ${requestColumns} from waiting_request where token_hash is null
    order by asked_at limit 1 for update skip locked`.execute(tx)
  return rows[0] ?? null
}

export async function setRequestToken(tx: Tx, id: string, tokenHash: Buffer): Promise<void> {
  await sql`update waiting_request set token_hash = ${tokenHash} where id = ${id}`.execute(tx)
}

export async function deleteRequest(tx: Tx, id: string): Promise<void> {
  await sql`delete from waiting_request where id = ${id}`.execute(tx)
}

export async function deleteExpiredRequests(db: Queryable, at: Date): Promise<void> {
  await sql`delete from waiting_request where expires_at <= ${at}`.execute(db)
}

export async function findRequest(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<Request | null> {
  const { rows } = await sql<Request>`select ${requestColumns} from waiting_request
    where service_id = ${serviceId} and token_hash = ${tokenHash} and expires_at > ${at}`.execute(db)
  return rows[0] ?? null
}

/**
 * Proven: onto the list, or anew with these answers. The turn is that of the asking, not of a mail that was slow to come; whoever
 * had left the list has lost theirs. Other requests for the address are done with.
 */
export async function putWaiting(
  tx: Tx,
  request: Pick<Request, 'serviceId' | 'address' | 'askedAt'> & { tokenHash: Buffer; at: Date },
): Promise<{ id: string; isNew: boolean }> {
  const { serviceId, address, askedAt, tokenHash, at } = request
  const { rows } = await sql<{ id: string; isNew: boolean }>`
    insert into waiting (service_id, address, at, confirmed_at) values (${serviceId}, ${address}, ${askedAt}, ${at})
    on conflict (service_id, lower(address)) do update set confirmed_at = ${at}, left_at = null,
      at = case when waiting.left_at is null then waiting.at else excluded.at end,
      invited_at = case when waiting.left_at is null then waiting.invited_at end
    returning id, (xmax = 0) as "isNew"`.execute(tx)
  const { id, isNew } = only(rows)
  await insertWaitingToken(tx, id, tokenHash, at)
  await sql`delete from waiting_request where service_id = ${serviceId} and lower(address) = lower(${address})`.execute(
    tx,
  )
  return { id, isNew }
}

export async function putAnswers(
  tx: Tx,
  waitingId: string,
  questions: readonly Question[],
  answers: Answers,
  at: Date,
): Promise<void> {
  await deleteAnswers(tx, waitingId)
  const rows = questions.flatMap(({ id, special }) =>
    (answers[id] ?? []).map((value, position) => ({ question: id, special, position, value })),
  )
  const given = sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
    as a (question uuid, special boolean, position smallint, value text)`
  await sql`insert into waiting_answer (waiting_id, question_id, position, value)
    select ${waitingId}::uuid, question, position, value from ${given} where not special`.execute(tx)
  await sql`insert into waiting_special_answer (waiting_id, question_id, position, value, agreed_at)
    select ${waitingId}::uuid, question, position, value, ${at} from ${given} where special`.execute(tx)
}

async function deleteAnswers(tx: Tx, waitingId: string): Promise<void> {
  await sql`delete from waiting_answer where waiting_id = ${waitingId}`.execute(tx)
  await sql`delete from waiting_special_answer where waiting_id = ${waitingId}`.execute(tx)
}

async function insertWaitingToken(tx: Tx, waitingId: string, tokenHash: Buffer, at: Date): Promise<void> {
  await sql`insert into waiting_token (token_hash, waiting_id, made_at) values (${tokenHash}, ${waitingId}, ${at})
    on conflict do nothing`.execute(tx)
}

export async function findWaitingId(db: Queryable, serviceId: string, tokenHash: Buffer): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select w.id from waiting_token t join waiting w on w.id = t.waiting_id
    where t.token_hash = ${tokenHash} and w.service_id = ${serviceId}`.execute(db)
  return rows[0]?.id ?? null
}

/** Off the list: the answers go, the address stays so that nobody writes to it again. */
export async function leaveList(tx: Tx, serviceId: string, address: string, at: Date): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`update waiting set left_at = ${at}
    where service_id = ${serviceId} and lower(address) = lower(${address}) and left_at is null returning id`.execute(tx)
  for (const { id } of rows) await deleteAnswers(tx, id)
  return rows.length > 0
}
