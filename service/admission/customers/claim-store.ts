import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'
import type { ReturnSetting } from './customers.ts'

export async function readReturnSetting(db: Queryable, serviceId: string): Promise<ReturnSetting> {
  const { rows } = await sql<ReturnSetting>`select origins, address from return_setting
    where service_id = ${serviceId}`.execute(db)
  return rows[0] ?? { origins: [], address: null }
}

export async function putReturnSetting(tx: Tx, serviceId: string, { origins, address }: ReturnSetting): Promise<void> {
  await sql`insert into return_setting (service_id, origins, address) values (${serviceId}, ${origins}, ${address})
    on conflict (service_id) do update set origins = excluded.origins, address = excluded.address`.execute(tx)
}

export async function insertClaim(
  tx: Tx,
  claim: { idHash: Buffer; serviceId: string; participantId: string; returnTo: string; expiresAt: Date },
): Promise<void> {
  await sql`insert into claim (id_hash, service_id, participant_id, return_to, expires_at)
    values (${claim.idHash}, ${claim.serviceId}, ${claim.participantId}, ${claim.returnTo}, ${claim.expiresAt})`.execute(
    tx,
  )
}

/** ADM-61: in one statement, so that of two servers that redeem it one does. */
export async function spendClaim(
  tx: Tx,
  { serviceId, idHash, returnTo, at }: { serviceId: string; idHash: Buffer; returnTo: string; at: Date },
): Promise<string | null> {
  const { rows } = await sql<{ participantId: string }>`update claim set redeemed_at = ${at}
    where id_hash = ${idHash} and service_id = ${serviceId} and return_to = ${returnTo} and redeemed_at is null
      and expires_at > ${at} returning participant_id as "participantId"`.execute(tx)
  return rows[0]?.participantId ?? null
}

export async function dropEndedClaims(db: Queryable, before: Date): Promise<void> {
  await sql`delete from claim where expires_at < ${before}`.execute(db)
  await sql`delete from account_acceptance where at < ${before}`.execute(db)
}

/** ADM-27: of two claims with one id the later says who it is. */
export async function putAlias(
  tx: Tx,
  alias: { serviceId: string; externalId: string; participantId: string; at: Date },
): Promise<void> {
  await sql`insert into participant_alias (service_id, external_id, participant_id, since)
    values (${alias.serviceId}, ${alias.externalId}, ${alias.participantId}, ${alias.at})
    on conflict (service_id, external_id) do update set participant_id = excluded.participant_id, since = excluded.since`.execute(
    tx,
  )
}

/** By the application's own id, the unit of each person who is in. */
export async function aliasesOf(db: Queryable, serviceId: string): Promise<Record<string, string>> {
  const { rows } = await sql<{ id: string; unit: string }>`select x.external_id as id, p.unit
    from participant_alias x join participant p on p.id = x.participant_id
    where x.service_id = ${serviceId} order by x.external_id`.execute(db)
  return Object.fromEntries(rows.map(({ id, unit }) => [id, unit]))
}

/** The ids by which applications know these people. */
export async function idsOf(db: Queryable, participantIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ participantId: string; ids: string[] }>`select participant_id as "participantId",
      array_agg(external_id order by external_id) as ids
    from participant_alias where participant_id = any(${[...participantIds]}::uuid[]) group by participant_id`.execute(
    db,
  )
  return new Map(rows.map(({ participantId, ids }) => [participantId, ids]))
}

/** Whom an application or the team means: by the application's id, or by the unit itself. */
export async function unitNamed(db: Queryable, serviceId: string, who: string): Promise<string> {
  const { rows } = await sql<{ unit: string }>`select p.unit from participant_alias x
    join participant p on p.id = x.participant_id
    where x.service_id = ${serviceId} and x.external_id = ${who}`.execute(db)
  return rows[0]?.unit ?? who
}
