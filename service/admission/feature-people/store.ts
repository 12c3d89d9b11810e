import { sql } from 'kysely'
import type { Queryable, Tx } from '../../platform/index.ts'

export interface FeatureRemoval {
  id: string
  unit: string
  /** Null where nobody knows one, and for whoever may not see people. */
  address: string | null
  at: Date
  by: string
  reason: string
}

export interface FeaturePreview {
  id: string
  viewer: string
  outsiderReason: string | null
  createdAt: Date
  createdBy: string
  expiresAt: Date
  revokedAt: Date | null
  /** Browsers that came in by it. */
  uses: number
  firstUsedAt: Date | null
  verdict: ViewerVerdict | null
}

/** What the one for whom a link was made said of the feature. */
export interface ViewerVerdict {
  kind: 'yes' | 'no'
  comment: string
  at: Date
  by: string
}

/** Of a feature, the units on its rungs that the ladder of its service does not have. */
export interface NamedUnits {
  removed: string[]
  preview: string[]
  carried: string[]
}

/** By the id of the feature; carried are only those whom its present share would not let in. */
export async function namedUnitsOf(db: Queryable, serviceId: string): Promise<Map<string, NamedUnits>> {
  const { rows } = await sql<{ id: string; kind: keyof NamedUnits; units: string[] }>`
    select r.feature_id as id, 'removed' as kind, array_agg(r.unit order by r.unit) as units
      from feature_removal r join feature f on f.id = r.feature_id
      where f.service_id = ${serviceId} and r.lifted_at is null group by r.feature_id
    union all
    select l.feature_id, 'preview', array_agg(u.unit order by u.unit)
      from preview_use u join preview_link l on l.id = u.link_id
      where l.service_id = ${serviceId} and l.feature_id is not null and l.revoked_at is null group by l.feature_id
    union all
    select c.feature_id, 'carried', array_agg(c.unit order by c.unit)
      from feature_carried c join feature f on f.id = c.feature_id
      where f.service_id = ${serviceId} and coalesce(c.bucket, 100000) >= f.share group by c.feature_id`.execute(db)
  const found = new Map<string, NamedUnits>()
  for (const { id, kind, units } of rows) {
    const named = found.get(id) ?? { removed: [], preview: [], carried: [] }
    found.set(id, { ...named, [kind]: units })
  }
  return found
}

/** False where the unit is removed already. */
export async function insertFeatureRemoval(
  tx: Tx,
  featureId: string,
  { unit, at, by, reason }: { unit: string; at: Date; by: string; reason: string },
): Promise<boolean> {
  const { rows } = await sql`insert into feature_removal (feature_id, unit, at, by_name, reason)
    values (${featureId}, ${unit}, ${at}, ${by}, ${reason})
    on conflict (feature_id, unit) where lifted_at is null do nothing returning id`.execute(tx)
  return rows.length === 1
}

export async function liftFeatureRemoval(
  tx: Tx,
  featureId: string,
  { id, at, by }: { id: string; at: Date; by: string },
): Promise<string | null> {
  const { rows } = await sql<{ unit: string }>`update feature_removal set lifted_at = ${at}, lifted_by = ${by}
    where id = ${id} and feature_id = ${featureId} and lifted_at is null returning unit`.execute(tx)
  return rows[0]?.unit ?? null
}

export async function featureRemovals(db: Queryable, featureId: string): Promise<FeatureRemoval[]> {
  const { rows } = await sql<FeatureRemoval>`
    select r.id, r.unit, p.address, r.at, r.by_name as by, r.reason from feature_removal r
    join feature f on f.id = r.feature_id
    left join participant p on p.service_id = f.service_id and p.unit = r.unit
    where r.feature_id = ${featureId} and r.lifted_at is null order by r.at desc, r.id limit 1000`.execute(db)
  return rows
}

export async function endFeaturePreview(tx: Tx, featureId: string, id: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update preview_link set revoked_at = ${at}
    where id = ${id} and feature_id = ${featureId} and revoked_at is null returning id`.execute(tx)
  return rows.length === 1
}

/** False where the feature has no such link. */
export async function setViewerVerdict(
  tx: Tx,
  featureId: string,
  id: string,
  { kind, comment, at, by }: ViewerVerdict,
): Promise<boolean> {
  const { rows } = await sql`update preview_link set verdict = ${kind}, comment = ${comment}, verdict_at = ${at},
    verdict_by = ${by} where id = ${id} and feature_id = ${featureId} returning id`.execute(tx)
  return rows.length === 1
}

export async function featurePreviews(db: Queryable, featureId: string): Promise<FeaturePreview[]> {
  const { rows } = await sql<FeaturePreview>`
    select l.id, l.viewer, l.outsider_reason as "outsiderReason", l.created_at as "createdAt",
      l.created_by as "createdBy", l.expires_at as "expiresAt", l.revoked_at as "revokedAt",
      (select count(*)::int from preview_use u where u.link_id = l.id) as uses,
      (select min(u.at) from preview_use u where u.link_id = l.id) as "firstUsedAt",
      case when l.verdict is not null then jsonb_build_object('kind', l.verdict, 'comment', l.comment,
        'at', l.verdict_at, 'by', l.verdict_by) end as verdict
    from preview_link l where l.feature_id = ${featureId} order by l.created_at desc, l.id limit 1000`.execute(db)
  return rows.map(({ verdict, ...preview }) => ({
    ...preview,
    verdict: verdict === null ? null : { ...verdict, at: new Date(verdict.at) },
  }))
}

export async function insertPreviewUse(tx: Tx, linkId: string, unit: string, at: Date): Promise<void> {
  await sql`insert into preview_use (link_id, unit, at) values (${linkId}, ${unit}, ${at})`.execute(tx)
}

/** Does this address belong to somebody with an account here? */
export async function isColleague(db: Queryable, address: string): Promise<boolean> {
  const { rows } =
    await sql`select from account where lower(email) = lower(${address}) and disabled_at is null`.execute(db)
  return rows.length > 0
}
