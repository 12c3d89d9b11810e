import { sql } from 'kysely'
import type { Queryable } from '../context.ts'
import type { AuditHead, ChainedEntry } from './chain.ts'
import { checkChain, type ChainReport } from './check.ts'

const pageLength = 5_000

const columns = sql`position::text as position, id::text as id,
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, service_id::text as "serviceId",
  actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName", action, summary, reason, subject,
  detail::text as detail, request_id as "requestId", salt, personal, hash`

/** The whole history in the order of the chain, a page at a time. */
export async function* chainedEntries(db: Queryable): AsyncGenerator<ChainedEntry> {
  for (let after: string | null = null; ;) {
    const { rows }: { rows: ChainedEntry[] } = await sql<ChainedEntry>`select ${columns} from audit
      where position is not null ${after === null ? sql`` : sql`and position > ${after}::bigint`}
      order by audit.position limit ${pageLength}`.execute(db)
    yield* rows
    after = rows.at(-1)?.position ?? null
    if (rows.length < pageLength) return
  }
}

/** AUD-5: every entry, against the chain and against what was kept elsewhere. */
export async function verifyAudit(
  db: Queryable,
  kept: { heads?: readonly AuditHead[]; hashes?: readonly string[] } = {},
): Promise<ChainReport> {
  const check = checkChain(kept.heads ?? [], kept.hashes)
  for await (const entry of chainedEntries(db)) check.take(entry)
  const { rows } = await sql<{ id: string; at: string }>`select id::text as id, at::text as at from audit
    where position is null order by audit.id limit 1000`.execute(db)
  for (const row of rows) check.takeOutside(row)
  return check.report()
}

export async function auditHead(db: Queryable): Promise<AuditHead | null> {
  const { rows } = await sql<AuditHead>`select position, encode(hash, 'hex') as hash from audit
    where position is not null order by position desc limit 1`.execute(db)
  return rows[0] ?? null
}

/** Whether the entry that a kept head names still is the one it was. */
export async function isStillThere(db: Queryable, { position, hash }: AuditHead): Promise<boolean> {
  const { rows } = await sql`select from audit where position = ${position} and encode(hash, 'hex') = ${hash}`.execute(
    db,
  )
  return rows.length === 1
}
