import { sql } from 'kysely'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable } from '../platform/index.ts'

/** One line of the ledger: a person was let in. Never changed but for its end. */
export interface Admission {
  id: number
  unit: string
  rung: LettingRung
  at: Date
  by: string
  leftAt: Date | null
  /** Was let in by the share and is named in the snapshot, since the present share would not let this person in (ADM-3). */
  carried: boolean
  /** Null where the person is not known by an address. */
  address: string | null
}

/** What happened to one person, in the words of the ledger. */
export type LedgerEvent =
  | { kind: 'invited'; at: Date; by: string }
  | { kind: 'let-in'; at: Date; by: string; rung: LettingRung; unit: string }
  | { kind: 'ended'; at: Date; unit: string }
  | { kind: 'removed'; at: Date; by: string; reason: string; unit: string }
  | { kind: 'removal-lifted'; at: Date; unit: string }
  | { kind: 'chose'; at: Date; value: 'current' | 'new'; unit: string }
  | { kind: 'device'; at: Date; name: string }

const columns = sql.raw(`a.id, a.unit, a.rung, a.at, a.by_name as by, a.left_at as "leftAt", p.address,
  (a.left_at is null and a.rung = 'share'
    and (coalesce(a.bucket, 100000) >= r.share or a.id <= r.salt_after)) as carried`)

/** Who was let in, newest first, a page at a time; `before` is the last id of the page before. */
export async function admissionsOf(
  db: Queryable,
  serviceId: string,
  { before, limit, carried }: { before: number | null; limit: number; carried: boolean },
): Promise<Admission[]> {
  const isOlder = before === null ? sql`true` : sql`a.id < ${before}`
  // Mostly nobody is carried: whoever looks for them in the order of the ledger goes through all of it.
  const ids = sql`with carried as materialized (
      select a.id from admission a join rollout r on r.service_id = a.service_id
      where a.service_id = ${serviceId} and a.left_at is null and a.rung = 'share'
        and (coalesce(a.bucket, 100000) >= r.share or a.id <= r.salt_after) and ${isOlder}
    ) select id from carried order by id desc limit ${limit}`
  const { rows } = await sql<Admission>`select ${columns} from admission a
    join rollout r on r.service_id = a.service_id left join participant p on p.id = a.participant_id
    where a.service_id = ${serviceId} and ${carried ? sql`a.id in (${ids})` : isOlder}
    order by a.id desc limit ${limit}`.execute(db)
  return rows
}

/** Everything that the ledger has of one person, oldest first: over all units, since signed-out devices bring a new one. */
export async function ledgerOf(
  db: Queryable,
  serviceId: string,
  who: { address: string } | { unit: string },
): Promise<LedgerEvent[]> {
  const person =
    'address' in who
      ? sql`select id, unit, address from participant where service_id = ${serviceId} and lower(address) = lower(${who.address})`
      : sql`select id, unit, address from participant where service_id = ${serviceId} and (unit = ${who.unit}
          or id in (select participant_id from admission where service_id = ${serviceId} and unit = ${who.unit}))`
  const named = 'unit' in who ? sql`select ${who.unit}::text as unit union` : sql``
  const address = 'address' in who ? sql`select ${who.address}::text as address union` : sql``
  const { rows } = await sql<{ event: LedgerEvent & { at: string } }>`
    with person as (${person}),
    units as (${named} select unit from person
      union select a.unit from admission a join person p on p.id = a.participant_id),
    addresses as (${address} select address from person where address is not null),
    event as (
      select sent_at as at, 0 as turn, jsonb_build_object('kind', 'invited', 'by', sent_by) as event
        from invitation where service_id = ${serviceId} and lower(address) in (select lower(address) from addresses)
      union all select at, 1, jsonb_build_object('kind', 'let-in', 'by', by_name, 'rung', rung, 'unit', unit)
        from admission where service_id = ${serviceId} and unit in (select unit from units)
      union all select since, 2, jsonb_build_object('kind', 'device', 'name', name)
        from participant_device where participant_id in (select id from person)
      union all select at, 3, jsonb_build_object('kind', 'chose', 'value', value, 'unit', unit)
        from choice where service_id = ${serviceId} and unit in (select unit from units)
      union all select left_at, 4, jsonb_build_object('kind', 'ended', 'unit', unit)
        from admission where service_id = ${serviceId} and unit in (select unit from units) and left_at is not null
      union all select at, 5, jsonb_build_object('kind', 'removed', 'by', by_name, 'reason', reason, 'unit', unit)
        from removal where service_id = ${serviceId} and unit in (select unit from units)
      union all select lifted_at, 6, jsonb_build_object('kind', 'removal-lifted', 'unit', unit)
        from removal where service_id = ${serviceId} and unit in (select unit from units) and lifted_at is not null
    )
    select event || jsonb_build_object('at', at) as event from event order by at, turn limit 1000`.execute(db)
  return rows.map(({ event }) => ({ ...event, at: new Date(event.at) }))
}

/** What was open from a moment on: share in thousandths of a percent, cap, joining. */
export interface OpeningChange {
  at: Date
  share: number
  cap: number | null
  joinOpen: boolean
  by: string
}

/** Every change of what is open, oldest first. */
export async function openingChanges(db: Queryable, serviceId: string): Promise<OpeningChange[]> {
  const { rows } = await sql<OpeningChange>`select at, share, cap, join_open as "joinOpen", by_name as by
    from rollout_change where service_id = ${serviceId} order by at, id limit 10000`.execute(db)
  return rows
}
