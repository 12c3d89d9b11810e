import { sql } from 'kysely'
import type { Context, Queryable, Tx } from './context.ts'
import type { ServiceRole } from './permissions.ts'

export interface Notification {
  id: string
  title: string
  body: string
  href: string
  needsAcknowledgement: boolean
  createdAt: Date
  seenAt: Date | null
  acknowledgedAt: Date | null
}

/** Tells everybody on the team who has one of the roles (or everybody, without roles). */
export async function notify(
  { clock }: Pick<Context, 'clock'>,
  tx: Tx,
  note: {
    service: string
    roles?: readonly ServiceRole[]
    /** Only these people of the team. */
    accounts?: readonly string[]
    title: string
    body: string
    href: string
    needsAcknowledgement?: boolean
    /** What it is about, by an id that is unique in the service: acknowledgements are counted by it. */
    subject?: string
  },
): Promise<void> {
  await sql`
    insert into notification (account_id, service_id, title, body, href, needs_acknowledgement, subject, created_at)
    select distinct m.account_id, m.service_id, ${note.title}, ${note.body}, ${note.href},
      ${note.needsAcknowledgement ?? false}::boolean, ${note.subject ?? null}::text, ${clock.now()}::timestamptz
    from membership m
    where m.service_id = ${note.service}
      ${note.roles === undefined ? sql`` : sql`and m.role = any(${[...note.roles]}::text[])`}
      ${note.accounts === undefined ? sql`` : sql`and m.account_id = any(${[...note.accounts]}::uuid[])`}`.execute(tx)
}

export async function notificationsOf(db: Queryable, accountId: string): Promise<Notification[]> {
  const { rows } = await sql<Notification>`
    select id, title, body, href, needs_acknowledgement as "needsAcknowledgement", created_at as "createdAt",
      seen_at as "seenAt", acknowledged_at as "acknowledgedAt"
    from notification where account_id = ${accountId} order by created_at desc, id limit 200`.execute(db)
  return rows
}

export async function openNotifications(db: Queryable, accountId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from notification where account_id = ${accountId}
    and case when needs_acknowledgement then acknowledged_at is null else seen_at is null end`.execute(db)
  return rows[0]?.n ?? 0
}

/** Seen is not acknowledged: that is an act of its own. */
export async function markSeen(tx: Tx, accountId: string, at: Date): Promise<void> {
  await sql`update notification set seen_at = ${at} where account_id = ${accountId} and seen_at is null`.execute(tx)
}

/** One person who was asked to acknowledge something. */
export interface Asked {
  accountId: string
  name: string
  acknowledgedAt: Date | null
}

/** Who was asked about each of these things, but for those who left the team without an answer. Things without any are left out. */
export async function askedAbout(
  db: Queryable,
  serviceId: string,
  subjects: readonly string[],
): Promise<Map<string, Asked[]>> {
  const { rows } = await sql<Asked & { subject: string }>`
    select n.subject, n.account_id as "accountId", a.name, n.acknowledged_at as "acknowledgedAt"
    from notification n join account a on a.id = n.account_id
    where n.service_id = ${serviceId} and n.subject = any(${[...subjects]}::text[]) and n.needs_acknowledgement
      and (n.acknowledged_at is not null or exists (
        select from membership m where m.service_id = n.service_id and m.account_id = n.account_id))
    order by n.acknowledged_at nulls last, a.name`.execute(db)
  return Map.groupBy(rows, ({ subject }) => subject)
}

/** False where this person was not asked about it. Done again, it changes nothing. */
export async function acknowledgeAbout(
  tx: Tx,
  accountId: string,
  { serviceId, subject, at }: { serviceId: string; subject: string; at: Date },
): Promise<boolean> {
  const { rows } = await sql`
    update notification set acknowledged_at = coalesce(acknowledged_at, ${at}), seen_at = coalesce(seen_at, ${at})
    where service_id = ${serviceId} and subject = ${subject} and account_id = ${accountId} and needs_acknowledgement
    returning id`.execute(tx)
  return rows.length > 0
}

export async function acknowledge(tx: Tx, accountId: string, id: string, at: Date): Promise<Notification | null> {
  const { rows } = await sql<Notification & { serviceId: string | null }>`
    update notification set acknowledged_at = ${at}, seen_at = coalesce(seen_at, ${at})
    where id = ${id} and account_id = ${accountId} and acknowledged_at is null
    returning id, title, body, href, needs_acknowledgement as "needsAcknowledgement", created_at as "createdAt",
      seen_at as "seenAt", acknowledged_at as "acknowledgedAt"`.execute(tx)
  return rows[0] ?? null
}
