import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Halt } from './admission.ts'

export async function haltsInForce(db: Queryable): Promise<(Halt & { serviceId: string })[]> {
  const { rows } = await sql<Halt & { serviceId: string }>`
    select id, service_id as "serviceId", at, by_name as by, reason from halt where ended_at is null`.execute(db)
  return rows
}

export async function haltInForce(db: Queryable, serviceId: string): Promise<Halt | null> {
  const { rows } = await sql<Halt>`select id, at, by_name as by, reason from halt
    where service_id = ${serviceId} and ended_at is null`.execute(db)
  return rows[0] ?? null
}

/** When a service was halted, oldest first. */
export async function haltTimes(db: Queryable, serviceId: string): Promise<{ at: Date; endedAt: Date | null }[]> {
  const { rows } = await sql<{ at: Date; endedAt: Date | null }>`select at, ended_at as "endedAt" from halt
    where service_id = ${serviceId} order by at, id`.execute(db)
  return rows
}

export async function endedAmong(db: Queryable, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const { rows } = await sql<{ id: string }>`select id from halt
    where id = any(${[...ids]}::uuid[]) and ended_at is not null`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** Repeating what is recorded changes nothing: the journal may tell it twice. */
export async function insertHalt(tx: Tx, serviceId: string, halt: Halt): Promise<boolean> {
  const { rows } = await sql`insert into halt (id, service_id, at, by_name, reason)
    select ${halt.id}, id, ${halt.at}, ${halt.by}, ${halt.reason} from service where id = ${serviceId}
    on conflict do nothing returning id`.execute(tx)
  return rows.length === 1
}

export async function endHalt(tx: Tx, id: string, end: { at: Date; by: string; reason: string }): Promise<boolean> {
  const { rows } = await sql`update halt set ended_at = ${end.at}, ended_by = ${end.by}, end_reason = ${end.reason}
    where id = ${id} and ended_at is null returning id`.execute(tx)
  return rows.length === 1
}

/** A reason may follow; the first one stands. */
export async function explainHalt(tx: Tx, id: string, reason: string): Promise<boolean> {
  const { rows } = await sql`update halt set reason = ${reason} where id = ${id} and reason = '' returning id`.execute(
    tx,
  )
  return rows.length === 1
}

/** What became of one halt, as far as the database knows. */
export async function recordedHalt(db: Queryable, id: string): Promise<'unknown' | 'in force' | 'ended'> {
  const { rows } = await sql<{
    ended: boolean
  }>`select ended_at is not null as ended from halt where id = ${id}`.execute(db)
  const [found] = rows
  if (found === undefined) return 'unknown'
  return found.ended ? 'ended' : 'in force'
}
