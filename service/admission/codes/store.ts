import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import { only } from '../store.ts'
import type { Code } from './code.ts'

const columns =
  sql.raw(`c.id, c.kind, c.name, c.cohort_id as "cohortId", (select h.name from cohort h where h.id = c.cohort_id) as cohort,
  c.rung, c.most_uses as "mostUses", c.used, c.domain, c.created_at as "createdAt", c.created_by as "createdBy",
  c.expires_at as "expiresAt", c.revoked_at as "revokedAt"`)

export interface NewCode extends Pick<
  Code,
  'kind' | 'name' | 'cohortId' | 'rung' | 'mostUses' | 'domain' | 'expiresAt'
> {
  mac: Buffer
}

export async function insertCode(
  tx: Tx,
  serviceId: string,
  code: NewCode,
  { at, by }: { at: Date; by: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into invitation_code (service_id, cohort_id, kind, name, rung, code_mac, most_uses, domain, created_at, created_by,
      expires_at)
    values (${serviceId}, ${code.cohortId}, ${code.kind}, ${code.name}, ${code.rung}, ${code.mac}, ${code.mostUses},
      ${code.domain}, ${at}, ${by}, ${code.expiresAt}) returning id`.execute(tx)
  return only(rows).id
}

export async function findCode(
  db: Queryable,
  serviceId: string,
  macs: readonly Buffer[],
  options: { lock?: boolean } = {},
): Promise<Code | null> {
  const { rows } = await sql<Code>`select ${columns} from invitation_code c
    where c.service_id = ${serviceId} and c.code_mac in (${sql.join(macs)}) ${options.lock ? sql`for update of c` : sql``}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function lockCode(tx: Tx, serviceId: string, id: string): Promise<Code | null> {
  const { rows } = await sql<Code>`select ${columns} from invitation_code c
    where c.service_id = ${serviceId} and c.id = ${id} for update of c`.execute(tx)
  return rows[0] ?? null
}

export async function codesOf(db: Queryable, serviceId: string, limit: number): Promise<Code[]> {
  const { rows } = await sql<Code>`select ${columns} from invitation_code c where c.service_id = ${serviceId}
    order by c.created_at desc, c.name, c.id limit ${limit}`.execute(db)
  return rows
}

export async function markCodeRevoked(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update invitation_code set revoked_at = ${at} where id = ${id}`.execute(tx)
}

/** One more, in one statement: never past the limit. */
export async function countUse(
  tx: Tx,
  codeId: string,
  use: { unit: string; at: Date; nonceHash: Buffer },
): Promise<boolean> {
  const { rows } = await sql`update invitation_code set used = used + 1 where id = ${codeId} and used < most_uses
    returning used`.execute(tx)
  if (rows.length === 0) return false
  await sql`insert into code_use (code_id, unit, at, nonce_hash) values (${codeId}, ${use.unit}, ${use.at}, ${use.nonceHash})`.execute(
    tx,
  )
  return true
}

export async function useBy(tx: Tx, codeId: string, nonceHash: Buffer): Promise<{ unit: string; at: Date } | null> {
  const { rows } = await sql<{ unit: string; at: Date }>`select unit, at from code_use
    where code_id = ${codeId} and nonce_hash = ${nonceHash}`.execute(tx)
  return rows[0] ?? null
}

// Codes for addresses of one domain

export async function insertCodeRequest(
  tx: Tx,
  request: { tokenHash: Buffer; codeId: string; address: string; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`insert into code_request (token_hash, code_id, address, at, expires_at)
    values (${request.tokenHash}, ${request.codeId}, ${request.address}, ${request.at}, ${request.expiresAt})`.execute(
    tx,
  )
}

export async function findCodeRequest(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<{ codeId: string; address: string } | null> {
  const { rows } = await sql<{ codeId: string; address: string }>`
    select r.code_id as "codeId", r.address from code_request r join invitation_code c on c.id = r.code_id
    where c.service_id = ${serviceId} and r.token_hash = ${tokenHash} and r.expires_at > ${at}`.execute(db)
  return rows[0] ?? null
}

export async function deleteOldCodeRequests(db: Queryable, at: Date): Promise<void> {
  await sql`delete from code_request where expires_at <= ${at}`.execute(db)
}
