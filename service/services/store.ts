import { sql } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../platform/index.ts'
import type { Journey, PhaseMove, Service } from './service.ts'

const columns =
  sql.raw(`s.id, s.key, s.name, s.summary, s.door, s.host, s.new_url as "newUrl", s.current_url as "currentUrl",
  s.contact, s.time_zone as "timeZone", s.example, s.phase, s.phase_since as "phaseSince",
  coalesce((select to_phase from phase_move where service_id = s.id order by at, id limit 1), s.phase) as "firstPhase", s.created_at as "createdAt",
  coalesce((select jsonb_agg(jsonb_build_object('id', j.id, 'name', j.name, 'savable', j.savable, 'openDays', j.open_days)
    || j.points order by j.position) from journey j where j.service_id = s.id), '[]') as journeys`)

export async function findService(db: Queryable, key: string): Promise<Service | null> {
  const { rows } = await sql<Service>`select ${columns} from service s where s.key = ${key}`.execute(db)
  return rows[0] ?? null
}

export async function findServiceById(db: Queryable, id: string): Promise<Service | null> {
  const { rows } = await sql<Service>`select ${columns} from service s where s.id = ${id}`.execute(db)
  return rows[0] ?? null
}

export async function servicesById(db: Queryable, ids: readonly string[]): Promise<Map<string, Service>> {
  const { rows } = await sql<Service>`select ${columns} from service s where s.id = any(${[...ids]}::uuid[])`.execute(
    db,
  )
  return new Map(rows.map((service) => [service.id, service]))
}

export async function allServices(db: Queryable): Promise<Service[]> {
  const { rows } = await sql<Service>`select ${columns} from service s order by s.example, s.created_at`.execute(db)
  return rows
}

export async function insertService(
  tx: Tx,
  service: Omit<Service, 'id' | 'journeys' | 'phaseSince' | 'firstPhase' | 'createdAt'> & { at: Date },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    insert into service (key, name, summary, door, host, new_url, current_url, contact, time_zone, example, phase, phase_since, created_at)
    values (${service.key}, ${service.name}, ${service.summary}, ${service.door}, ${service.host}, ${service.newUrl},
      ${service.currentUrl}, ${service.contact}, ${service.timeZone}, ${service.example}, ${service.phase}, ${service.at}, ${service.at})
    on conflict (key) do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

export async function updateService(
  tx: Tx,
  id: string,
  to: Pick<Service, 'name' | 'summary' | 'door' | 'host' | 'newUrl' | 'currentUrl' | 'contact' | 'timeZone'>,
): Promise<void> {
  await sql`update service set name = ${to.name}, summary = ${to.summary}, door = ${to.door}, host = ${to.host},
    new_url = ${to.newUrl}, current_url = ${to.currentUrl}, contact = ${to.contact}, time_zone = ${to.timeZone}
    where id = ${id}`.execute(tx)
}

export async function deleteService(tx: Tx, id: string): Promise<void> {
  await sql`delete from service where id = ${id}`.execute(tx)
}

/** Holds the service's row, so that of two moves at once the second sees the first. */
export async function lockPhase(tx: Tx, id: string): Promise<string | null> {
  const { rows } = await sql<{ phase: string }>`select phase from service where id = ${id} for update`.execute(tx)
  return rows[0]?.phase ?? null
}

export async function setPhase(tx: Tx, id: string, move: PhaseMove & { byAccount: string | null }): Promise<void> {
  await sql`update service set phase = ${move.to}, phase_since = ${move.at} where id = ${id}`.execute(tx)
  await insertPhaseMove(tx, id, move)
}

export async function insertPhaseMove(
  tx: Tx,
  id: string,
  move: PhaseMove & { byAccount: string | null },
): Promise<void> {
  await sql`insert into phase_move (service_id, from_phase, to_phase, at, by_name, by_account, reason, waiver)
    values (${id}, ${move.from}, ${move.to}, ${move.at}, ${move.by}, ${move.byAccount}, ${move.reason}, ${move.waiver})`.execute(
    tx,
  )
}

export async function phaseHistory(db: Queryable, serviceId: string): Promise<PhaseMove[]> {
  return (await phaseHistories(db, [serviceId])).get(serviceId) ?? []
}

/** Of each of these services, oldest first. */
export function phaseHistories(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, PhaseMove[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<PhaseMove>`
      select from_phase as "from", to_phase as "to", at, by_name as by, reason, waiver
      from phase_move where service_id = ${id} order by at, id`,
  )
}

export async function replaceJourneys(tx: Tx, serviceId: string, journeys: Journey[], at: Date): Promise<void> {
  await sql`delete from journey where service_id = ${serviceId}`.execute(tx)
  for (const [position, { id, name, savable, openDays, ...points }] of journeys.entries()) {
    await sql`insert into journey (service_id, id, position, name, savable, open_days, points, changed_at)
      values (${serviceId}, ${id}, ${position}, ${name}, ${savable}, ${openDays}, ${JSON.stringify(points)}::jsonb, ${at})`.execute(
      tx,
    )
  }
}

// Walking the journey

export interface WalkPage {
  arm: 'current' | 'new'
  method: string
  path: string
  status: number
  title: string
  at: Date
}

export async function insertWalk(
  tx: Tx,
  walk: { serviceId: string; codeHash: Buffer; accountId: string; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`update walk set ended_at = ${walk.at} where service_id = ${walk.serviceId} and ended_at is null`.execute(tx)
  await sql`insert into walk (service_id, code_hash, account_id, started_at, expires_at)
    values (${walk.serviceId}, ${walk.codeHash}, ${walk.accountId}, ${walk.at}, ${walk.expiresAt})`.execute(tx)
}

export async function openWalk(
  db: Queryable,
  serviceId: string,
  at: Date,
): Promise<{ id: string; startedAt: Date } | null> {
  const { rows } = await sql<{ id: string; startedAt: Date }>`select id, started_at as "startedAt" from walk
    where service_id = ${serviceId} and ended_at is null and expires_at > ${at} order by started_at desc limit 1`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function findWalk(db: Queryable, serviceId: string, codeHash: Buffer, at: Date): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select id from walk
    where service_id = ${serviceId} and code_hash = ${codeHash} and ended_at is null and expires_at > ${at}`.execute(db)
  return rows[0]?.id ?? null
}

export async function endWalk(tx: Tx, serviceId: string, at: Date): Promise<void> {
  await sql`update walk set ended_at = ${at} where service_id = ${serviceId} and ended_at is null`.execute(tx)
}

export async function insertWalkPage(db: Queryable, walkId: string, page: WalkPage): Promise<void> {
  await sql`insert into walk_page (walk_id, at, arm, method, path, status, title)
    values (${walkId}, ${page.at}, ${page.arm}, ${page.method}, ${page.path}, ${page.status}, ${page.title})`.execute(
    db,
  )
}

export async function walkPages(db: Queryable, walkId: string): Promise<WalkPage[]> {
  const { rows } = await sql<WalkPage>`select arm, method, path, status, title, at from walk_page
    where walk_id = ${walkId} order by id limit 500`.execute(db)
  return rows
}
