import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'

/** Whom a mail went to, and where an answer to it belongs. */
export interface AnswerAddress {
  featureId: string
  serviceId: string
  memberId: string | null
  accountId: string | null
  /** The message that it answers; null where it begins something. */
  answersId: string | null
}

export async function insertAnswerAddress(
  tx: Tx,
  tokenHash: Buffer,
  to: Omit<AnswerAddress, 'serviceId'> & { expiresAt: Date },
): Promise<void> {
  await sql`insert into room_answer_address (token_hash, feature_id, member_id, account_id, answers_id, expires_at)
    values (${tokenHash}, ${to.featureId}, ${to.memberId}, ${to.accountId}, ${to.answersId}, ${to.expiresAt})`.execute(
    tx,
  )
}

export async function answerAddress(db: Queryable, tokenHash: Buffer, at: Date): Promise<AnswerAddress | null> {
  const { rows } = await sql<AnswerAddress>`select a.feature_id as "featureId", r.service_id as "serviceId",
      a.member_id as "memberId", a.account_id as "accountId", a.answers_id as "answersId"
    from room_answer_address a join beta_room r on r.feature_id = a.feature_id
    where a.token_hash = ${tokenHash} and a.expires_at > ${at}`.execute(db)
  return rows[0] ?? null
}

const hourMs = 3_600_000
const mostTold = 10

/** ROOM-16: true at most once an hour for one address, and ten times a day for one person; then it counts as told. */
export async function mayTell(tx: Tx, tokenHash: Buffer, at: Date): Promise<boolean> {
  const { rows } = await sql`update room_answer_address a set told_at = ${at}
    where a.token_hash = ${tokenHash} and (a.told_at is null or a.told_at <= ${new Date(at.getTime() - hourMs)})
      and (select count(*) from room_answer_address o where o.told_at > ${new Date(at.getTime() - 24 * hourMs)}
        and (o.member_id = a.member_id or o.account_id = a.account_id)) < ${mostTold}
    returning 1 as one`.execute(tx)
  return rows.length === 1
}

export async function dropEndedAnswerAddresses(db: Queryable, at: Date): Promise<void> {
  await sql`delete from room_answer_address where expires_at <= ${at}`.execute(db)
}
