import { sql } from 'kysely'
import type { Queryable, Tx } from '../../context.ts'
import type { ServiceRole } from '../../permissions.ts'

/** Somebody with an account, as the owners see it. */
export interface Colleague {
  id: string
  name: string
  email: string
  installation: 'owner' | 'member'
  createdAt: Date
  seenAt: Date | null
  disabledAt: Date | null
  /** Where the invitation was never used: when it ends, or ended. */
  invitedUntil: Date | null
  hasPassword: boolean
  passkeys: number
  identities: number
  roles: { serviceId: string; role: ServiceRole }[]
}

const colleagueColumns = sql`a.id, a.name, a.email, a.installation, a.created_at as "createdAt", a.seen_at as "seenAt",
  a.disabled_at as "disabledAt", a.password_hash is not null as "hasPassword",
  case when a.verified_at is null then (select max(l.expires_at) from sign_in_link l
    where l.account_id = a.id and l.purpose = 'join' and l.used_at is null) end as "invitedUntil",
  (select count(*)::int from passkey p where p.account_id = a.id) as passkeys,
  (select count(*)::int from oidc_identity i where i.account_id = a.id) as identities,
  coalesce((select json_agg(json_build_object('serviceId', m.service_id, 'role', m.role) order by m.since)
    from membership m where m.account_id = a.id), '[]'::json) as roles`

export interface Wanted {
  /** Part of a name or an address. */
  search: string
  /** The first is 1. */
  page: number
}

export const pageSize = 50

export async function colleagues(
  db: Queryable,
  { search, page }: Wanted,
): Promise<{ total: number; colleagues: Colleague[] }> {
  const isMeant = sql`position(lower(${search}) in lower(a.name || ' ' || a.email)) > 0`
  const [counted, listed] = await Promise.all([
    sql<{ total: number }>`select count(*)::int as total from account a where ${isMeant}`.execute(db),
    sql<Colleague>`select ${colleagueColumns} from account a where ${isMeant}
      order by lower(a.name), a.id limit ${pageSize} offset ${(page - 1) * pageSize}`.execute(db),
  ])
  return { total: counted.rows[0]?.total ?? 0, colleagues: listed.rows }
}

export async function findColleague(db: Queryable, id: string): Promise<Colleague | null> {
  const { rows } = await sql<Colleague>`select ${colleagueColumns} from account a where a.id = ${id}`.execute(db)
  return rows[0] ?? null
}

/** Of two acts on one account, the second sees what the first did. */
export async function lockAccount(tx: Tx, id: string): Promise<void> {
  await sql`select 1 from account where id = ${id} for update`.execute(tx)
}

/** Owners who can sign in, locked in one order: of two who step back at once, the second finds one fewer. */
export async function lockOwners(tx: Tx): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from account a
    where installation = 'owner' and disabled_at is null and (verified_at is not null or not exists
      (select 1 from sign_in_link l where l.account_id = a.id and l.purpose = 'join' and l.used_at is null))
    order by id for update`.execute(tx)
  return rows.map(({ id }) => id)
}

export async function setInstallation(tx: Tx, id: string, installation: 'owner' | 'member'): Promise<void> {
  await sql`update account set installation = ${installation} where id = ${id}`.execute(tx)
}

export async function setDisabled(tx: Tx, id: string, at: Date | null): Promise<void> {
  await sql`update account set disabled_at = ${at} where id = ${id}`.execute(tx)
}
