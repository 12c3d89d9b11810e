import { sql } from 'kysely'
import { actorName, type Context, type Queryable, type Tx } from '../context.ts'

export interface AuditEntry {
  /** What was done, as `domain.act`: `admission.halted`. */
  action: string
  /** One sentence that a service manager can read, without the name of who did it: “raised the cap from 200 to 500”. */
  summary: string
  reason?: string
  subject?: string
  detail?: object
  /** The service, where the deed itself could not name it yet. */
  service?: string
  /** The request, where one transaction answers several. */
  requestId?: string
  /** What a chat that asked for it is told in place of the summary; history does not keep it (ROOM-6). */
  aloud?: string
}

export interface HistoryRow {
  id: string
  at: Date
  actor: string
  action: string
  summary: string
  reason: string | null
  subject: string | null
}

/** AUD-3: the last thing that a transaction does, since it holds the head of the chain until the commit; in one statement. */
export async function writeAudit(
  tx: Tx,
  ctx: Context,
  serviceId: string | null,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return
  const { actor } = ctx
  const rows = entries.map((entry) => ({
    ...{ service: entry.service ?? serviceId, action: entry.action, summary: entry.summary, reason: entry.reason },
    ...{ subject: entry.subject, detail: entry.detail, request: entry.requestId ?? ctx.requestId },
  }))
  await sql`
    select audit_append(${ctx.clock.now()}, e.service, ${actor.kind}, ${actorId(ctx)}, ${actorName(actor)}, e.action,
      e.summary, e.reason, e.subject, e.detail, e.request)
    from (
      select entry.* from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) with ordinality as list (item, position)
        cross join lateral jsonb_to_record(item) as entry
          (service uuid, action text, summary text, reason text, subject text, detail jsonb, request text)
      order by position
    ) as e`.execute(tx)
}

function actorId(ctx: Context): string | null {
  if (ctx.actor.kind === 'account') return ctx.actor.accountId
  return ctx.actor.kind === 'key' ? ctx.actor.keyId : null
}

/** Of a service, or, with null, of the installation itself. */
export async function history(
  db: Queryable,
  serviceId: string | null,
  page: { limit: number; before?: string; actions?: string[] },
): Promise<HistoryRow[]> {
  const { rows } = await sql<HistoryRow>`
    select id::text as id, at, actor_name as actor, action, summary, reason, subject
    from audit
    where ${serviceId === null ? sql`service_id is null` : sql`service_id = ${serviceId}`}
      ${page.before === undefined ? sql`` : sql`and (at, id) < (select at, id from audit where id = ${page.before}::bigint)`}
      ${page.actions === undefined ? sql`` : sql`and action = any(${page.actions}::text[])`}
    order by at desc, id desc limit ${page.limit}`.execute(db)
  return rows
}

/** Whether anybody ever did this on the installation. */
export async function wasEverDone(db: Queryable, action: string): Promise<boolean> {
  const { rows } = await sql`select from audit where action = ${action} limit 1`.execute(db)
  return rows.length > 0
}
