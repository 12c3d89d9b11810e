import { sql } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../../platform/index.ts'
import type { Day, Partner, Readiness, ReadinessState, UnexpectedUse } from './partners.ts'

/** Those that left the list are in history only. */
export async function partnersOf(db: Queryable, serviceId: string): Promise<Partner[]> {
  const { rows } = await sql<Omit<Partner, 'readiness'>>`
    select id, name, does, added_at as "addedAt", added_by as "addedBy" from partner
    where service_id = ${serviceId} and ended_at is null order by lower(name), id limit 200`.execute(db)
  const said = await sql<Readiness & { partnerId: string }>`
    select partner_id as "partnerId", state, prepared, said_by as "saidBy", to_char(said_on, 'YYYY-MM-DD') as "saidOn",
      recorded_at as "recordedAt", recorded_by as "recordedBy"
    from unnest(${rows.map(({ id }) => id)}::uuid[]) as p (id) cross join lateral (
      select * from partner_readiness where partner_id = p.id order by said_on desc, id desc limit 50) as r
    order by r.said_on desc, r.id desc`.execute(db)
  const of = Map.groupBy(said.rows, ({ partnerId }) => partnerId)
  return rows.map((partner) => ({
    ...partner,
    readiness: (of.get(partner.id) ?? []).map(({ partnerId: _, ...readiness }) => readiness),
  }))
}

/** Null where another of this name is on the list. */
export async function insertPartner(
  tx: Tx,
  serviceId: string,
  partner: { name: string; does: string; at: Date; by: string },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`insert into partner (service_id, name, does, added_at, added_by)
    values (${serviceId}, ${partner.name}, ${partner.does}, ${partner.at}, ${partner.by})
    on conflict do nothing returning id`.execute(tx)
  return rows[0]?.id ?? null
}

export async function countPartners(tx: Tx, serviceId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from partner
    where service_id = ${serviceId} and ended_at is null`.execute(tx)
  return rows[0]?.n ?? 0
}

/** Its name; null where no such organisation is on the list of this service. */
export async function findPartner(tx: Tx, serviceId: string, id: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`select name from partner
    where service_id = ${serviceId} and id = ${id} and ended_at is null`.execute(tx)
  return rows[0]?.name ?? null
}

export async function insertReadiness(
  tx: Tx,
  partnerId: string,
  said: { state: ReadinessState; prepared: string; saidBy: string; saidOn: Day; at: Date; by: string },
): Promise<void> {
  await sql`insert into partner_readiness (partner_id, state, prepared, said_by, said_on, recorded_at, recorded_by)
    values (${partnerId}, ${said.state}, ${said.prepared}, ${said.saidBy}, ${said.saidOn}::date, ${said.at}, ${said.by})`.execute(
    tx,
  )
}

export async function endPartner(
  tx: Tx,
  id: string,
  { because, at, by }: { because: string; at: Date; by: string },
): Promise<void> {
  await sql`update partner set ended_at = ${at}, ended_by = ${by}, ended_because = ${because} where id = ${id}`.execute(
    tx,
  )
}

const columns = sql.raw(`u.id, u.seen, to_char(u.seen_on, 'YYYY-MM-DD') as "seenOn", u.seen_by as "seenBy",
  p.name as partner, u.logged_at as "loggedAt", u.logged_by as "loggedBy", u.response, u.responded_at as "respondedAt",
  u.responded_by as "respondedBy"`)

/** What has no response yet stands first. */
export async function unexpectedUsesOf(db: Queryable, serviceId: string): Promise<UnexpectedUse[]> {
  const { rows } = await sql<UnexpectedUse>`select ${columns}
    from unexpected_use u left join partner p on p.id = u.partner_id where u.service_id = ${serviceId}
    order by u.responded_at is not null, u.seen_on desc, u.logged_at desc, u.id limit 500`.execute(db)
  return rows
}

export async function insertUnexpectedUse(
  tx: Tx,
  serviceId: string,
  use: { seen: string; seenOn: Day; seenBy: string; partner: string | null; at: Date; by: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into unexpected_use (service_id, partner_id, seen, seen_on, seen_by, logged_at, logged_by)
    values (${serviceId}, ${use.partner}, ${use.seen}, ${use.seenOn}::date, ${use.seenBy}, ${use.at}, ${use.by})
    returning id`.execute(tx)
  return rows[0]?.id ?? ''
}

/** What was seen; null where there is no such entry of this service. */
export async function respondTo(
  tx: Tx,
  serviceId: string,
  id: string,
  { response, at, by }: { response: string; at: Date; by: string },
): Promise<string | null> {
  const { rows } = await sql<{ seen: string }>`update unexpected_use
    set response = ${response}, responded_at = ${at}, responded_by = ${by}
    where service_id = ${serviceId} and id = ${id} returning seen`.execute(tx)
  return rows[0]?.seen ?? null
}

/** Organisations on the list, and those whose last word, said since a day, is that they are ready. */
/** Of each of these services, `since` its own day. */
export function countReady(
  db: Queryable,
  services: readonly { id: string; since: Day }[],
): Promise<Map<string, { all: number; ready: number }[]>> {
  return rowsOfEach(
    db,
    services.map(({ id }) => id),
    (id) => sql<{ all: number; ready: number }>`
      select count(*)::int as all, count(*) filter (where r.state = 'ready' and r.said_on >= e.since::date)::int as ready
      from partner p left join lateral (
        select state, said_on from partner_readiness where partner_id = p.id order by said_on desc, id desc limit 1) r on true
      where p.service_id = ${id} and p.ended_at is null`,
    [{ name: 'since', type: 'text', values: services.map(({ since }) => since) }],
  )
}

export function countUnexpected(
  db: Queryable,
  serviceIds: readonly string[],
): Promise<Map<string, { all: number; open: number }[]>> {
  return rowsOfEach(
    db,
    serviceIds,
    (id) => sql<{ all: number; open: number }>`
      select count(*)::int as all, count(*) filter (where response is null)::int as open from unexpected_use
      where service_id = ${id}`,
  )
}
