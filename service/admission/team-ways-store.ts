import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { PreviewLink } from './admission.ts'
import { only } from './store.ts'

/** A link of the service itself, or of a feature of it: that one names who it is for. */
export interface NewPreviewLink {
  serviceId: string
  name: string
  tokenHash: Buffer
  at: Date
  by: string
  expiresAt: Date
  feature: { id: string; viewer: string; outsiderReason: string | null } | null
}

export async function insertPreviewLink(tx: Tx, { feature, ...link }: NewPreviewLink): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into preview_link (service_id, name, token_hash, created_at, created_by, expires_at, feature_id, viewer,
      outsider_reason)
    values (${link.serviceId}, ${link.name}, ${link.tokenHash}, ${link.at}, ${link.by}, ${link.expiresAt},
      ${feature?.id ?? null}, ${feature?.viewer ?? null}, ${feature?.outsiderReason ?? null}) returning id`.execute(tx)
  return only(rows).id
}

export async function revokePreviewLink(tx: Tx, serviceId: string, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update preview_link set revoked_at = ${at}
    where service_id = ${serviceId} and id = ${id} and feature_id is null and revoked_at is null returning id`.execute(
    tx,
  )
  return rows.length === 1
}

export async function previewLinks(db: Queryable, serviceId: string, at: Date): Promise<PreviewLink[]> {
  const { rows } =
    await sql<PreviewLink>`select id, name, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt"
    from preview_link where service_id = ${serviceId} and feature_id is null and revoked_at is null and expires_at > ${at} order by created_at`.execute(
      db,
    )
  return rows
}

type FoundLink = PreviewLink & { featureId: string | null; featureName: string | null }

export async function findPreviewLink(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  at: Date,
): Promise<FoundLink | null> {
  const { rows } = await sql<FoundLink>`
    select id, name, feature_id as "featureId",
      (select f.name from feature f where f.id = feature_id) as "featureName",
      created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt"
    from preview_link
    where service_id = ${serviceId} and token_hash = ${tokenHash} and revoked_at is null and expires_at > ${at}`.execute(
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
