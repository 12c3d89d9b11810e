import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import { only } from '../store.ts'
import {
  usualUnansweredLimit,
  type Batch,
  type BatchPerson,
  type DrawRecord,
  type LineOutcome,
  type Preparing,
  type SendingRule,
  type SendWindow,
} from './batch.ts'

const columns = sql.raw(`b.id, b.service_id as "serviceId", b.name, b.source, b.state, b.created_at as "createdAt",
  b.created_by as "createdBy", b.draw, b.preparing, b.over_invite as "overInvite", b.days, b.begins_at as "beginsAt",
  b.from_hour as "fromHour", b.to_hour as "toHour", b.weekdays, b.per_hour as "perHour", b.cohort_id as "cohortId",
  (select cap from cohort where cohort.id = b.cohort_id) as cap, b.paused_why as "pausedWhy", b.paused_by as "pausedBy",
  b.paused_at as "pausedAt", b.started_at as "startedAt", b.done_at as "doneAt"`)

export async function insertBatch(
  tx: Tx,
  batch: Pick<Batch, 'serviceId' | 'name' | 'source' | 'state' | 'createdBy' | 'overInvite' | 'preparing'> & {
    at: Date
  },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into invitation_batch (service_id, name, source, state, created_at, created_by, over_invite, preparing)
    values (${batch.serviceId}, ${batch.name}, ${batch.source}, ${batch.state}, ${batch.at}, ${batch.createdBy},
      ${batch.overInvite}, ${JSON.stringify(batch.preparing)}::jsonb) returning id`.execute(tx)
  return only(rows).id
}

export async function putDraw(tx: Tx, id: string, draw: DrawRecord): Promise<void> {
  await sql`update invitation_batch set draw = ${JSON.stringify(draw)}::jsonb where id = ${id}`.execute(tx)
}

/** False where it is made, or discarded. */
export async function putPreparing(db: Queryable, id: string, preparing: Preparing): Promise<boolean> {
  const { numAffectedRows } = await sql`update invitation_batch set preparing = ${JSON.stringify(preparing)}::jsonb
    where id = ${id} and state = 'reading'`.execute(db)
  return numAffectedRows === 1n
}

export async function findBatch(db: Queryable, serviceId: string, id: string): Promise<Batch | null> {
  const { rows } = await sql<Batch>`select ${columns} from invitation_batch b
    where b.service_id = ${serviceId} and b.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function lockBatch(tx: Tx, serviceId: string, id: string): Promise<Batch | null> {
  await sql`select id from invitation_batch where service_id = ${serviceId} and id = ${id} for update`.execute(tx)
  return findBatch(tx, serviceId, id)
}

/** For whoever sends: null where another instance is at it, or where it is not being sent any more. */
export async function takeBatch(tx: Tx, id: string): Promise<Batch | null> {
  const { rows } = await sql<Batch>`select ${columns} from invitation_batch b
    where b.id = ${id} and b.state = 'sending' for update of b skip locked`.execute(tx)
  return rows[0] ?? null
}

export async function batchesToSend(db: Queryable): Promise<{ id: string; serviceId: string }[]> {
  const { rows } = await sql<{
    id: string
    serviceId: string
  }>`select id, service_id as "serviceId" from invitation_batch
    where state = 'sending' order by started_at, id`.execute(db)
  return rows
}

export async function startBatch(
  tx: Tx,
  id: string,
  to: SendWindow & { overInvite: boolean; days: number; cohortId: string; at: Date },
): Promise<void> {
  await sql`update invitation_batch set state = 'sending', started_at = coalesce(started_at, ${to.at}), paused_why = null,
    paused_by = null, paused_at = null, begins_at = ${to.beginsAt}, from_hour = ${to.fromHour}, to_hour = ${to.toHour},
    weekdays = ${to.weekdays}::smallint[], per_hour = ${to.perHour}, over_invite = ${to.overInvite}, days = ${to.days},
    cohort_id = ${to.cohortId} where id = ${id}`.execute(tx)
}

export async function setCohortCap(tx: Tx, cohortId: string, cap: number | null): Promise<void> {
  await sql`update cohort set cap = ${cap} where id = ${cohortId}`.execute(tx)
}

export async function pauseBatch(tx: Tx, id: string, why: { why: string; by: string; at: Date }): Promise<void> {
  await sql`update invitation_batch set state = 'paused', paused_why = ${why.why}, paused_by = ${why.by}, paused_at = ${why.at}
    where id = ${id}`.execute(tx)
}

export async function setBatchState(
  tx: Tx,
  id: string,
  state: 'draft' | 'sending' | 'done' | 'ended',
  at: Date,
): Promise<void> {
  const doneAt = state === 'done' || state === 'ended' ? at : null
  await sql`update invitation_batch set state = ${state}, done_at = ${doneAt}, preparing = null,
    paused_why = null, paused_by = null, paused_at = null where id = ${id}`.execute(tx)
}

export async function deleteBatch(tx: Queryable, id: string): Promise<void> {
  await sql`delete from invitation_batch where id = ${id}`.execute(tx)
}

/** Of lists whose reading was cut off, nothing stays. */
export async function deleteUnread(db: Queryable, before: Date): Promise<void> {
  await sql`delete from invitation_batch where state = 'reading' and created_at < ${before}`.execute(db)
}

export type NewBatchPerson = Omit<BatchPerson, 'doneAt'>

/** An address that stands in the batch already is told apart: it is invited once. */
export async function insertPeople(tx: Tx, batchId: string, people: readonly NewBatchPerson[]): Promise<void> {
  if (people.length === 0) return
  const rows = JSON.stringify(people)
  await sql`
    with given as (
      select * from jsonb_to_recordset(${rows}::jsonb)
        as p (position integer, address text, line text, attributes jsonb, outcome text)
    ), inserted as (
      insert into batch_person (batch_id, position, address, line, attributes, outcome)
      select ${batchId}::uuid, position, address, line, attributes, outcome from given order by position
      on conflict (batch_id, lower(address)) where outcome not in ('repeated', 'not-an-address', 'not-readable') do nothing
      returning position
    )
    insert into batch_person (batch_id, position, address, line, attributes, outcome)
    select ${batchId}::uuid, position, address, line, attributes, 'repeated' from given
    where position not in (select position from inserted)`.execute(tx)
}

export async function queuedPeople(
  tx: Tx,
  batchId: string,
  limit: number,
): Promise<{ position: number; address: string; attributes: Record<string, string> | null }[]> {
  const { rows } = await sql<{ position: number; address: string; attributes: Record<string, string> | null }>`
    select position, address, attributes from batch_person where batch_id = ${batchId} and outcome = 'queued'
    order by position limit ${limit} for update`.execute(tx)
  return rows
}

export async function settlePeople(
  tx: Tx,
  batchId: string,
  settled: readonly { position: number; outcome: LineOutcome; invitationId: string | null }[],
  at: Date,
): Promise<void> {
  await sql`update batch_person p set outcome = s.outcome, invitation_id = s."invitationId", done_at = ${at}
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as s (position integer, outcome text, "invitationId" uuid)
    where p.batch_id = ${batchId} and p.position = s.position`.execute(tx)
}

export async function stopQueued(tx: Tx, batchId: string, at: Date): Promise<number> {
  const { rows } = await sql`update batch_person set outcome = 'stopped', done_at = ${at}
    where batch_id = ${batchId} and outcome = 'queued' returning position`.execute(tx)
  return rows.length
}

export async function sentSince(
  tx: Tx,
  batchId: string,
  since: { hour: Date; slice: Date },
): Promise<{ hour: number; slice: number }> {
  const { rows } = await sql<{ hour: number; slice: number }>`select count(*)::int as hour,
      count(*) filter (where done_at > ${since.slice})::int as slice
    from batch_person where batch_id = ${batchId} and outcome = 'invited' and done_at > ${since.hour}`.execute(tx)
  return only(rows)
}

/** Open invitations of a batch end; who accepted stays in. */
export async function revokeOpen(tx: Tx, batchId: string, at: Date): Promise<number> {
  const { rows } = await sql<{ id: string }>`update invitation i set state = 'revoked'
    from batch_person p where p.batch_id = ${batchId} and i.id = p.invitation_id and i.state = 'sent' returning i.id`.execute(
    tx,
  )
  const ids = rows.map(({ id }) => id)
  await sql`update invitation_token set ended_at = ${at} where invitation_id = any(${ids}::uuid[]) and ended_at is null`.execute(
    tx,
  )
  return rows.length
}

// Rules of sending

export async function readSendingRule(db: Queryable, serviceId: string): Promise<SendingRule> {
  const { rows } =
    await sql<SendingRule>`select unanswered_limit as "unansweredLimit", only_attribute as "onlyAttribute",
    only_values as "onlyValues" from sending_rule where service_id = ${serviceId}`.execute(db)
  return rows[0] ?? { unansweredLimit: usualUnansweredLimit, onlyAttribute: null, onlyValues: [] }
}

export async function putSendingRule(tx: Tx, serviceId: string, rule: SendingRule): Promise<void> {
  await sql`insert into sending_rule (service_id, unanswered_limit, only_attribute, only_values)
    values (${serviceId}, ${rule.unansweredLimit}, ${rule.onlyAttribute}, ${rule.onlyValues}::text[])
    on conflict (service_id) do update set unanswered_limit = excluded.unanswered_limit,
      only_attribute = excluded.only_attribute, only_values = excluded.only_values`.execute(tx)
}
