import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Device, Halt, Participant, Places, PreviewLink, Rollout } from './admission.ts'

// Rollout and places

const rolloutColumns = sql.raw(`share, salt, version::int as version, cap, taken, join_open as "joinOpen"`)

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

export async function changeRollout(
  tx: Tx,
  serviceId: string,
  to: Partial<Pick<Rollout, 'share' | 'cap' | 'joinOpen'>>,
): Promise<void> {
  const { rows } = await sql<Rollout>`select ${rolloutColumns} from rollout where service_id = ${serviceId}`.execute(tx)
  const { share, cap, joinOpen } = { ...only(rows), ...to }
  await sql`update rollout set share = ${share}, cap = ${cap}, join_open = ${joinOpen}, version = version + 1
    where service_id = ${serviceId}`.execute(tx)
}

export async function readPlaces(db: Queryable, serviceId: string, at: Date): Promise<Places> {
  const { rows } = await sql<{ cap: number | null; taken: number; held: number }>`
    select cap, taken, (select count(*)::int from invitation i where i.service_id = r.service_id and i.state = 'sent'
      and i.holds_place and i.expires_at > ${at}) as held
    from rollout r where service_id = ${serviceId}`.execute(db)
  const { cap, taken, held } = only(rows)
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

// The ledger

/** Rungs whose people take a place under the cap (ADM-10). */
const placeRungs: readonly LettingRung[] = ['invited', 'join', 'share']

export function takesPlace(rung: LettingRung): boolean {
  return placeRungs.includes(rung)
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

export async function putChoice(
  tx: Tx,
  serviceId: string,
  choice: { unit: string; value: 'current' | 'new'; at: Date },
): Promise<void> {
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

// People

const participantColumns = sql.raw(`p.id, p.address, p.unit, p.created_at as "createdAt",
  (select c.name from cohort c where c.id = p.cohort_id) as cohort`)

export async function findParticipant(
  db: Queryable,
  serviceId: string,
  by: { address: string } | { unit: string } | { accountId: string },
): Promise<Participant | null> {
  const where =
    'address' in by
      ? sql`lower(p.address) = lower(${by.address})`
      : 'unit' in by
        ? sql`p.unit = ${by.unit}`
        : sql`p.account_id = ${by.accountId}`
  const { rows } = await sql<Participant>`select ${participantColumns} from participant p
    where p.service_id = ${serviceId} and ${where}`.execute(db)
  return rows[0] ?? null
}

export async function insertParticipant(
  tx: Tx,
  person: {
    serviceId: string
    address: string | null
    unit: string
    cohortId: string | null
    accountId: string | null
    at: Date
  },
): Promise<Participant> {
  const { rows } = await sql<{ id: string }>`
    insert into participant (service_id, address, unit, cohort_id, account_id, created_at)
    values (${person.serviceId}, ${person.address}, ${person.unit}, ${person.cohortId}, ${person.accountId}, ${person.at})
    returning id`.execute(tx)
  return { id: only(rows).id, address: person.address, unit: person.unit, cohort: null, createdAt: person.at }
}

export async function devicesOf(db: Queryable, participantId: string): Promise<Device[]> {
  const { rows } = await sql<Device>`select id, name, since from participant_device
    where participant_id = ${participantId} order by since, id`.execute(db)
  return rows
}

/** Holds the person's row, so that two devices at once are counted one after the other. */
export async function insertDevice(
  tx: Tx,
  device: { participantId: string; name: string; at: Date; most: number },
): Promise<boolean> {
  await sql`select id from participant where id = ${device.participantId} for update`.execute(tx)
  const { rows } = await sql`insert into participant_device (participant_id, name, since)
    select ${device.participantId}, ${device.name}, ${device.at}
    where (select count(*) from participant_device where participant_id = ${device.participantId}) < ${device.most}
    returning id`.execute(tx)
  return rows.length === 1
}

/** A new unit in place of the old one: passes that carry the old one are nobody's from then on. */
export async function replaceUnit(tx: Tx, participantId: string, unit: string): Promise<void> {
  await sql`update participant set unit = ${unit} where id = ${participantId}`.execute(tx)
  await sql`delete from participant_device where participant_id = ${participantId}`.execute(tx)
}

// Halts

export async function haltsInForce(db: Queryable): Promise<(Halt & { serviceId: string })[]> {
  const { rows } = await sql<Halt & { serviceId: string }>`
    select id, service_id as "serviceId", at, by_name as by, reason from halt where ended_at is null`.execute(db)
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

// Signing keys

export interface StoredKey {
  kid: string
  secret: string
}

export async function readSigningKeys(db: Queryable): Promise<StoredKey[]> {
  const { rows } =
    await sql<StoredKey>`select kid, secret from signing_key order by created_at desc, kid desc limit 2`.execute(db)
  return rows
}

export async function newestSigningKeyAt(db: Queryable): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`select max(created_at) as at from signing_key`.execute(db)
  return rows[0]?.at ?? null
}

/** Two stand at a time; the one before the last goes. */
export async function insertSigningKey(tx: Tx, key: StoredKey, at: Date): Promise<void> {
  await sql`insert into signing_key (kid, secret, created_at) values (${key.kid}, ${key.secret}, ${at})`.execute(tx)
  await sql`delete from signing_key where kid not in (select kid from signing_key order by created_at desc, kid desc limit 2)`.execute(
    tx,
  )
}

export async function lockSigningKeys(tx: Tx): Promise<void> {
  await sql`lock table signing_key in share row exclusive mode`.execute(tx)
}

// Ways in for the team

export async function insertPreviewLink(
  tx: Tx,
  link: { serviceId: string; name: string; tokenHash: Buffer; at: Date; by: string; expiresAt: Date },
): Promise<string> {
  const { rows } = await sql<{
    id: string
  }>`insert into preview_link (service_id, name, token_hash, created_at, created_by, expires_at)
    values (${link.serviceId}, ${link.name}, ${link.tokenHash}, ${link.at}, ${link.by}, ${link.expiresAt}) returning id`.execute(
    tx,
  )
  return only(rows).id
}

export async function revokePreviewLink(tx: Tx, serviceId: string, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update preview_link set revoked_at = ${at}
    where service_id = ${serviceId} and id = ${id} and revoked_at is null returning id`.execute(tx)
  return rows.length === 1
}

export async function previewLinks(db: Queryable, serviceId: string, at: Date): Promise<PreviewLink[]> {
  const { rows } =
    await sql<PreviewLink>`select id, name, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt"
    from preview_link where service_id = ${serviceId} and revoked_at is null and expires_at > ${at} order by created_at`.execute(
      db,
    )
  return rows
}

export async function findPreviewLink(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<PreviewLink | null> {
  const { rows } =
    await sql<PreviewLink>`select id, name, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt"
    from preview_link where service_id = ${serviceId} and token_hash = ${tokenHash} and revoked_at is null and expires_at > ${at}`.execute(
      db,
    )
  return rows[0] ?? null
}

export async function insertEnterCode(
  tx: Tx,
  code: { hash: Buffer; serviceId: string; unit: string; expiresAt: Date },
): Promise<void> {
  await sql`delete from enter_code where expires_at < ${code.expiresAt}::timestamptz - interval '1 day'`.execute(tx)
  await sql`insert into enter_code (code_hash, service_id, unit, expires_at)
    values (${code.hash}, ${code.serviceId}, ${code.unit}, ${code.expiresAt})`.execute(tx)
}

/** Single use: whoever deletes it has it. */
export async function takeEnterCode(tx: Tx, serviceId: string, hash: Buffer, at: Date): Promise<string | null> {
  const { rows } = await sql<{ unit: string }>`delete from enter_code
    where code_hash = ${hash} and service_id = ${serviceId} and expires_at > ${at} returning unit`.execute(tx)
  return rows[0]?.unit ?? null
}

export function only<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('A row is missing that must be there')
  return row
}

// The current service

export async function putLegacyCheck(
  db: Queryable,
  serviceId: string,
  at: Date,
  problem: string | null,
): Promise<void> {
  const hour = new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000)
  const passed = problem === null
  await sql`insert into legacy_check (service_id, hour, checks, passed, last_at, last_passed, last_problem)
    select id, ${hour}, 1, ${passed ? 1 : 0}, ${at}, ${passed}, ${problem} from service where id = ${serviceId}
    on conflict (service_id, hour) do update set checks = legacy_check.checks + 1, passed = legacy_check.passed + excluded.passed,
      last_at = excluded.last_at, last_passed = excluded.last_passed, last_problem = excluded.last_problem`.execute(db)
}
