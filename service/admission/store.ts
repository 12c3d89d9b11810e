import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Places, Rollout } from './admission.ts'
import { countHeld } from './invitations/count-store.ts'

// Rollout and places

const rolloutColumns = sql.raw(
  `share, salt, salt_after::float8 as "saltAfter", version::int as version, cap, taken, join_open as "joinOpen"`,
)

export async function readRollout(db: Queryable, serviceId: string): Promise<Rollout> {
  const { rows } = await sql<Rollout>`select ${rolloutColumns} from rollout where service_id = ${serviceId}`.execute(db)
  return only(rows)
}

/** ADM-19: whoever holds this row decides about places; the others wait. */
export async function lockRollout(tx: Tx, serviceId: string): Promise<Rollout> {
  const { rows } =
    await sql<Rollout>`select ${rolloutColumns} from rollout where service_id = ${serviceId} for update`.execute(tx)
  return only(rows)
}

/** Every change stays readable: a plan is compared with what was open on each day. */
export async function changeRollout(
  tx: Tx,
  serviceId: string,
  { share, cap, joinOpen }: Pick<Rollout, 'share' | 'cap' | 'joinOpen'>,
  { at, by }: { at: Date; by: string },
): Promise<void> {
  await sql`update rollout set share = ${share}, cap = ${cap}, join_open = ${joinOpen}, version = version + 1
    where service_id = ${serviceId}`.execute(tx)
  await sql`insert into rollout_change (service_id, at, share, cap, join_open, by_name)
    values (${serviceId}, ${at}, ${share}, ${cap}, ${joinOpen}, ${by})`.execute(tx)
}

/**
 * ADM-52: whoever the share had let in is carried by name, since the old bucket says nothing under a new salt. One mark says
 * so for all of them, however many they are. Says how many.
 */
export async function changeSalt(tx: Tx, serviceId: string, salt: string): Promise<number> {
  await sql`update rollout set salt = ${salt}, version = version + 1,
      salt_after = (select coalesce(max(id), 0) from admission where service_id = ${serviceId})
    where service_id = ${serviceId}`.execute(tx)
  return countOnShare(tx, serviceId)
}

/** People whom the share let in. */
export async function countOnShare(db: Queryable, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select coalesce(sum(people), 0)::int as n from admission_count
    where service_id = ${serviceId} and rung = 'share'`.execute(db)
  return only(rows).n
}

export async function readPlaces(db: Queryable, serviceId: string, at: Date): Promise<Places> {
  const { rows } = await sql<{ cap: number | null; taken: number; held: number }>`
    select cap, taken, ${countHeld(sql`r.service_id`, at)} as held from rollout r where service_id = ${serviceId}`.execute(
    db,
  )
  return placesOf(only(rows))
}

export function placesOf({ cap, taken, held }: Omit<Places, 'free'>): Places {
  return { cap, taken, held, free: cap === null ? null : Math.max(0, cap - taken - held) }
}

/** One statement under the row's lock: whoever holds a place only needs the cap, the others need a free one. */
export async function takePlace(tx: Tx, serviceId: string, at: Date, holdsPlace: boolean): Promise<boolean> {
  if (!holdsPlace) {
    await lockRollout(tx, serviceId)
    const { free } = await readPlaces(tx, serviceId, at)
    if (free === 0) return false
  }
  const { rows } = await sql`update rollout set taken = taken + 1
    where service_id = ${serviceId} and (cap is null or taken < cap) returning taken`.execute(tx)
  return rows.length === 1
}

/** Whoever counted them holds the rollout's row; the cap is asked again all the same. */
export async function takePlaces(tx: Tx, serviceId: string, count: number): Promise<void> {
  if (count === 0) return
  const { rows } = await sql`update rollout set taken = taken + ${count}
    where service_id = ${serviceId} and (cap is null or taken + ${count} <= cap) returning taken`.execute(tx)
  if (rows.length === 0) throw new Error('More places were given out than there are')
}

// The ledger

/** Their people take no place under the cap (ADM-10); everybody else does. */
export const rungsWithoutPlace: readonly LettingRung[] = ['preview', 'staff']

export function takesPlace(rung: LettingRung): boolean {
  return !rungsWithoutPlace.includes(rung)
}

/** False where the unit is in already. Does not touch the count of places: take one first. */
export async function insertAdmission(
  tx: Tx,
  entry: {
    serviceId: string
    unit: string
    rung: LettingRung
    at: Date
    by: string
    participantId?: string
    bucket?: number
  },
): Promise<boolean> {
  const { rows } = await sql`
    insert into admission (service_id, unit, rung, at, by_name, participant_id, bucket)
    values (${entry.serviceId}, ${entry.unit}, ${entry.rung}, ${entry.at}, ${entry.by}, ${entry.participantId ?? null},
      ${entry.bucket ?? null})
    on conflict (service_id, unit) where left_at is null do nothing returning id`.execute(tx)
  return rows.length === 1
}

/** What a gateway let in by itself, all at once; a unit that is in already stays as it is. */
export async function insertReported(
  tx: Tx,
  serviceId: string,
  by: string,
  reported: readonly { unit: string; rung: LettingRung; at: Date; bucket: number }[],
): Promise<number> {
  await lockRollout(tx, serviceId)
  const { rows } = await sql<{ rung: LettingRung }>`
    insert into admission (service_id, unit, rung, at, by_name, bucket)
    select distinct on (e.unit) ${serviceId}::uuid, e.unit, e.rung, e.at, ${by}, e.bucket
    from jsonb_to_recordset(${JSON.stringify(reported)}::jsonb) as e (unit text, rung text, at timestamptz, bucket integer)
    order by e.unit, e.at
    on conflict (service_id, unit) where left_at is null do nothing returning rung`.execute(tx)
  const places = rows.filter(({ rung }) => takesPlace(rung)).length
  if (places > 0) await sql`update rollout set taken = taken + ${places} where service_id = ${serviceId}`.execute(tx)
  return rows.length
}

export async function findAdmission(
  db: Queryable,
  serviceId: string,
  unit: string,
): Promise<{ rung: LettingRung; at: Date; by: string } | null> {
  const { rows } = await sql<{ rung: LettingRung; at: Date; by: string }>`select rung, at, by_name as by from admission
    where service_id = ${serviceId} and unit = ${unit} and left_at is null`.execute(db)
  return rows[0] ?? null
}

/** Ends an admission and frees its place. False where the unit was not in. */
export async function endAdmission(tx: Tx, serviceId: string, unit: string, at: Date): Promise<boolean> {
  await lockRollout(tx, serviceId)
  const { rows } = await sql<{ rung: LettingRung }>`update admission set left_at = ${at}
    where service_id = ${serviceId} and unit = ${unit} and left_at is null returning rung`.execute(tx)
  const [ended] = rows
  if (ended !== undefined && takesPlace(ended.rung)) {
    await sql`update rollout set taken = taken - 1 where service_id = ${serviceId}`.execute(tx)
  }
  return ended !== undefined
}

// Choices and removals

/** The ledger follows, so the rollout's row is held before the person's own (ADM-19). */
export async function putChoice(
  tx: Tx,
  serviceId: string,
  choice: { unit: string; value: 'current' | 'new'; at: Date },
): Promise<void> {
  await lockRollout(tx, serviceId)
  await sql`insert into choice (service_id, unit, value, at) values (${serviceId}, ${choice.unit}, ${choice.value}, ${choice.at})
    on conflict (service_id, unit) do update set value = excluded.value, at = excluded.at where choice.at <= excluded.at`.execute(
    tx,
  )
}

export async function insertRemoval(
  tx: Tx,
  removal: { serviceId: string; unit: string; at: Date; by: string; reason: string },
): Promise<boolean> {
  const { rows } = await sql`insert into removal (service_id, unit, at, by_name, reason)
    values (${removal.serviceId}, ${removal.unit}, ${removal.at}, ${removal.by}, ${removal.reason})
    on conflict (service_id, unit) where lifted_at is null do nothing returning id`.execute(tx)
  return rows.length === 1
}

/** Whoever is invited again may come back. */
export async function liftRemoval(tx: Tx, serviceId: string, unit: string, at: Date): Promise<void> {
  await sql`update removal set lifted_at = ${at} where service_id = ${serviceId} and unit = ${unit} and lifted_at is null`.execute(
    tx,
  )
}

export function only<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('A row is missing that must be there')
  return row
}
