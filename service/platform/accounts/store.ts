import { sql } from 'kysely'
import type { Queryable, Tx } from '../context.ts'
import type { ServiceRole } from '../permissions.ts'

export interface Account {
  id: string
  email: string
  name: string
  installation: 'owner' | 'member'
  passwordHash: string | null
  stamp: number
  /** When a link mailed to the address was first used. */
  verifiedAt: Date | null
}

export interface Member {
  accountId: string
  name: string
  email: string
  role: ServiceRole
  since: Date
  /** What shows that the person is suitably skilled; empty where nobody said. */
  skills: string
}

export type LinkPurpose = 'first-person' | 'sign-in' | 'join' | 'email'

const accountColumns = sql.raw(
  'id, email, name, installation, password_hash as "passwordHash", stamp, verified_at as "verifiedAt"',
)

export async function findAccountByEmail(db: Queryable, email: string): Promise<Account | null> {
  const { rows } = await sql<Account>`select ${accountColumns} from account
    where lower(email) = lower(${email}) and disabled_at is null`.execute(db)
  return rows[0] ?? null
}

export async function findAccount(db: Queryable, id: string): Promise<Account | null> {
  const { rows } =
    await sql<Account>`select ${accountColumns} from account where id = ${id} and disabled_at is null`.execute(db)
  return rows[0] ?? null
}

export async function firstOwner(db: Queryable): Promise<Account | null> {
  const { rows } = await sql<Account>`select ${accountColumns} from account
    where installation = 'owner' and disabled_at is null order by created_at limit 1`.execute(db)
  return rows[0] ?? null
}

/** Null where somebody has the address, also at the same moment, and also where that account is disabled. */
export async function insertNewAccount(
  tx: Tx,
  account: { email: string; name: string; installation: 'owner' | 'member'; passwordHash: string | null; at: Date },
): Promise<Account | null> {
  const { rows } = await sql<Account>`insert into account (email, name, installation, password_hash, created_at)
    values (${account.email}, ${account.name}, ${account.installation}, ${account.passwordHash}, ${account.at})
    on conflict (lower(email)) do nothing returning ${accountColumns}`.execute(tx)
  return rows[0] ?? null
}

export async function insertAccount(tx: Tx, account: Parameters<typeof insertNewAccount>[1]): Promise<Account> {
  const inserted = await insertNewAccount(tx, account)
  if (inserted === null) throw new Error('The account was not stored')
  return inserted
}

export async function nameAccount(tx: Tx, id: string, name: string, passwordHash: string | null): Promise<void> {
  await sql`update account set name = ${name}, password_hash = coalesce(${passwordHash}, password_hash) where id = ${id}`.execute(
    tx,
  )
}

export async function setPasswordHash(tx: Tx, id: string, passwordHash: string): Promise<void> {
  await sql`update account set password_hash = ${passwordHash} where id = ${id}`.execute(tx)
}

export async function setEmail(tx: Tx, id: string, email: string, at: Date): Promise<void> {
  await sql`update account set email = ${email}, verified_at = ${at} where id = ${id}`.execute(tx)
}

/** ACC-9, ACC-23: true the first time; what was set up before the address was proven no longer signs in. */
export async function verifyAddress(tx: Tx, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update account set verified_at = ${at}, password_hash = null
    where id = ${id} and verified_at is null returning 1 as one`.execute(tx)
  if (rows.length === 0) return false
  await sql`delete from passkey where account_id = ${id}`.execute(tx)
  await sql`delete from oidc_identity where account_id = ${id}`.execute(tx)
  return true
}

export async function makeOwner(tx: Tx, id: string): Promise<void> {
  await sql`update account set installation = 'owner' where id = ${id}`.execute(tx)
}

// One-time links

export async function insertLink(
  tx: Queryable,
  link: {
    hash: Buffer
    purpose: LinkPurpose
    accountId: string | null
    email: string | null
    at: Date
    expiresAt: Date
  },
): Promise<void> {
  await sql`insert into sign_in_link (token_hash, purpose, account_id, email, created_at, expires_at)
    values (${link.hash}, ${link.purpose}, ${link.accountId}, ${link.email}, ${link.at}, ${link.expiresAt})`.execute(tx)
}

/** Links on their way to an account die with what they rested on. */
export async function dropLinksOf(tx: Tx, accountId: string, purposes: readonly LinkPurpose[]): Promise<void> {
  await sql`delete from sign_in_link where account_id = ${accountId} and used_at is null
    and purpose = any(${[...purposes]}::text[])`.execute(tx)
}

export async function dropFirstPersonLinks(db: Queryable, until: Date): Promise<void> {
  await sql`delete from sign_in_link where purpose = 'first-person' and created_at <= ${until}`.execute(db)
}

export interface Link {
  purpose: LinkPurpose
  accountId: string | null
  /** The new address that an `email` link proves. */
  email: string | null
  expiresAt: Date
  usedAt: Date | null
}

export async function findLink(db: Queryable, hash: Buffer): Promise<Link | null> {
  const { rows } =
    await sql<Link>`select purpose, account_id as "accountId", email, expires_at as "expiresAt", used_at as "usedAt"
    from sign_in_link where token_hash = ${hash}`.execute(db)
  return rows[0] ?? null
}

/** Of any number at once, one gets true. */
export async function useLink(tx: Tx, hash: Buffer, at: Date): Promise<boolean> {
  const { rows } = await sql`update sign_in_link set used_at = ${at}
    where token_hash = ${hash} and used_at is null and expires_at > ${at} returning 1 as one`.execute(tx)
  return rows.length === 1
}

// Membership

export async function rolesOf(db: Queryable, accountId: string, serviceId: string): Promise<ServiceRole[]> {
  const { rows } = await sql<{ role: ServiceRole }>`select role from membership
    where account_id = ${accountId} and service_id = ${serviceId}`.execute(db)
  return rows.map(({ role }) => role)
}

export async function serviceIdsOf(db: Queryable, accountId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select distinct service_id as id from membership
    where account_id = ${accountId}`.execute(db)
  return rows.map(({ id }) => id)
}

export async function membersOf(db: Queryable, serviceId: string): Promise<Member[]> {
  const { rows } = await sql<Member>`select m.account_id as "accountId", a.name, a.email, m.role, m.since, m.skills
    from membership m join account a on a.id = m.account_id
    where m.service_id = ${serviceId} and a.disabled_at is null order by m.since, a.name`.execute(db)
  return rows
}

/** The one accountable person, also where that account is disabled: the place is taken until it is handed over. */
export async function serviceManagerOf(db: Queryable, serviceId: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`select account_id as id from membership
    where service_id = ${serviceId} and role = 'service-manager'`.execute(db)
  return rows[0]?.id ?? null
}

export async function addMember(
  tx: Tx,
  member: { accountId: string; serviceId: string; role: ServiceRole; at: Date },
): Promise<void> {
  await sql`insert into membership (account_id, service_id, role, since)
    values (${member.accountId}, ${member.serviceId}, ${member.role}, ${member.at}) on conflict do nothing`.execute(tx)
}

export async function setSkills(tx: Tx, serviceId: string, role: ServiceRole, skills: string): Promise<void> {
  await sql`update membership set skills = ${skills} where service_id = ${serviceId} and role = ${role}`.execute(tx)
}

export async function removeMember(tx: Tx, accountId: string, serviceId: string, role: ServiceRole): Promise<void> {
  await sql`delete from membership where account_id = ${accountId} and service_id = ${serviceId} and role = ${role}`.execute(
    tx,
  )
}

export async function removeMembersOfService(tx: Tx, serviceId: string): Promise<void> {
  await sql`delete from membership where service_id = ${serviceId}`.execute(tx)
}
