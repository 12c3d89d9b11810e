import { sql } from 'kysely'
import type { KeyKind, Queryable, Tx } from '../context.ts'
import type { Permission } from '../permissions.ts'

export interface ApiKey {
  id: string
  name: string
  kind: KeyKind
  serviceId: string | null
  hint: string
  /** Null is everything that its kind may. */
  permissions: Permission[] | null
  /** On whose pages a client key works; null is on those of its service. */
  origins: string[] | null
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  /** Until when the secret before the present one works; null where there is none. */
  previousUntil: Date | null
  revokedAt: Date | null
}

const keyColumns = sql.raw(
  `id, name, kind, service_id as "serviceId", hint, permissions, origins, created_at as "createdAt", expires_at as "expiresAt",
   last_used_at as "lastUsedAt", previous_until as "previousUntil", revoked_at as "revokedAt"`,
)

export interface NewKey {
  name: string
  kind: KeyKind
  serviceId: string | null
  permissions: readonly Permission[] | null
  origins: readonly string[] | null
  expiresAt: Date | null
  hash: Buffer
  hint: string
  at: Date
  by: string | null
}

export async function insertKey(tx: Tx, key: NewKey): Promise<ApiKey> {
  const permissions = key.permissions === null ? null : [...key.permissions]
  const origins = key.origins === null ? null : [...key.origins]
  const { rows } = await sql<ApiKey>`
    insert into api_key (name, kind, service_id, permissions, origins, expires_at, secret_hash, hint, created_at, created_by)
    values (${key.name}, ${key.kind}, ${key.serviceId}, ${permissions}::text[], ${origins}::text[], ${key.expiresAt}, ${key.hash}, ${key.hint},
            ${key.at}, ${key.by})
    returning ${keyColumns}`.execute(tx)
  const inserted = rows[0]
  if (inserted === undefined) throw new Error('The key was not stored')
  return inserted
}

/** As it was shown: a secret from before the present one ends sooner than its key. */
export type FoundKey = ApiKey & { endsAt: Date | null }

export async function findKey(db: Queryable, hash: Buffer, at: Date): Promise<FoundKey | null> {
  const { rows } = await sql<FoundKey>`select ${keyColumns},
      case when secret_hash = ${hash} then expires_at else least(expires_at, previous_until) end as "endsAt"
    from api_key
    where (secret_hash = ${hash} or (previous_hash = ${hash} and previous_until > ${at}))
      and revoked_at is null and (expires_at is null or expires_at > ${at})`.execute(db)
  return rows[0] ?? null
}

export async function isKeyInForce(db: Queryable, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`select 1 as one from api_key
    where id = ${id} and revoked_at is null and (expires_at is null or expires_at > ${at})`.execute(db)
  return rows.length === 1
}

export async function keysOf(db: Queryable, serviceId: string): Promise<ApiKey[]> {
  const { rows } = await sql<ApiKey>`select ${keyColumns} from api_key where service_id = ${serviceId}
    order by created_at desc`.execute(db)
  return rows
}

export async function revokeKey(tx: Tx, id: string, serviceId: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update api_key set revoked_at = ${at}
    where id = ${id} and service_id = ${serviceId} and revoked_at is null returning 1 as one`.execute(tx)
  return rows.length === 1
}

/** The present secret works until then beside the new one. */
export async function rotateKey(
  tx: Tx,
  id: string,
  serviceId: string,
  to: { hash: Buffer; hint: string; previousUntil: Date },
): Promise<ApiKey | null> {
  const { rows } =
    await sql<ApiKey>`update api_key set previous_hash = secret_hash, previous_until = ${to.previousUntil},
      secret_hash = ${to.hash}, hint = ${to.hint}
    where id = ${id} and service_id = ${serviceId} and revoked_at is null returning ${keyColumns}`.execute(tx)
  return rows[0] ?? null
}

export async function touchKey(db: Queryable, id: string, at: Date): Promise<void> {
  await sql`update api_key set last_used_at = ${at} where id = ${id}`.execute(db)
}

/** Each is told once. */
export async function keysAboutToEnd(tx: Tx, now: Date, before: Date): Promise<(ApiKey & { serviceId: string })[]> {
  const { rows } = await sql<ApiKey & { serviceId: string }>`update api_key set warned_at = ${now}
    where warned_at is null and revoked_at is null and service_id is not null
      and expires_at > ${now} and expires_at <= ${before} returning ${keyColumns}`.execute(tx)
  return rows
}
