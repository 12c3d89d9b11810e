import { sql, type RawBuilder } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../platform/index.ts'
import type { Defect, NeedCheck, Unknown } from './room.ts'

const unknownColumns = sql.raw(`id, question, asked_at as "askedAt", asked_by as "askedBy", answer,
  answered_at as "answeredAt", answered_by as "answeredBy"`)

export async function unknownsOf(db: Queryable, featureId: string): Promise<Unknown[]> {
  const { rows } = await sql<Unknown>`select ${unknownColumns} from beta_unknown where feature_id = ${featureId}
    order by answered_at is not null, asked_at, id limit 500`.execute(db)
  return rows
}

export async function insertUnknown(
  tx: Tx,
  featureId: string,
  { question, at, by }: { question: string; at: Date; by: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`insert into beta_unknown (feature_id, question, asked_at, asked_by)
    values (${featureId}, ${question}, ${at}, ${by}) returning id`.execute(tx)
  return rows[0]?.id ?? ''
}

/** Null where there is no such unknown; its question else. */
export async function answerUnknown(
  tx: Tx,
  featureId: string,
  id: string,
  { answer, at, by }: { answer: string; at: Date; by: string },
): Promise<string | null> {
  const { rows } = await sql<{ question: string }>`update beta_unknown
    set answer = ${answer}, answered_at = ${at}, answered_by = ${by}
    where feature_id = ${featureId} and id = ${id} returning question`.execute(tx)
  return rows[0]?.question ?? null
}

export async function needChecksOf(db: Queryable, featureId: string): Promise<NeedCheck[]> {
  const { rows } = await sql<NeedCheck>`select answer, because, at, by_name as by from need_check
    where feature_id = ${featureId} order by id desc limit 100`.execute(db)
  return rows
}

export async function insertNeedCheck(tx: Tx, featureId: string, check: NeedCheck): Promise<void> {
  await sql`insert into need_check (feature_id, answer, because, at, by_name)
    values (${featureId}, ${check.answer}, ${check.because}, ${check.at}, ${check.by})`.execute(tx)
}

const defectColumns = sql.raw(`id, title, severity, found_in as "foundIn", introduced_in as "introducedIn", link,
  found_at as "foundAt", found_by as "foundBy", closed_at as "closedAt", closed_by as "closedBy"`)

export async function defectsOf(db: Queryable, featureId: string): Promise<Defect[]> {
  const { rows } = await sql<Defect>`select ${defectColumns} from beta_defect where feature_id = ${featureId}
    order by closed_at is not null, found_at desc, id limit 1000`.execute(db)
  return rows
}

export async function insertDefect(
  tx: Tx,
  featureId: string,
  defect: Pick<Defect, 'title' | 'severity' | 'foundIn' | 'introducedIn' | 'link' | 'foundAt' | 'foundBy'>,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into beta_defect (feature_id, title, severity, found_in, introduced_in, link, found_at, found_by)
    values (${featureId}, ${defect.title}, ${defect.severity}, ${defect.foundIn}, ${defect.introducedIn}, ${defect.link},
      ${defect.foundAt}, ${defect.foundBy}) returning id`.execute(tx)
  return rows[0]?.id ?? ''
}

/** Null where there is no such defect, or it was closed before. */
export async function closeDefect(
  tx: Tx,
  featureId: string,
  id: string,
  { at, by }: { at: Date; by: string },
): Promise<string | null> {
  const { rows } = await sql<{ title: string }>`update beta_defect set closed_at = ${at}, closed_by = ${by}
    where feature_id = ${featureId} and id = ${id} and closed_at is null returning title`.execute(tx)
  return rows[0]?.title ?? null
}

/** What the beta of one feature, or all of a service together, has come to so far. */
export interface Learned {
  features: number
  unknowns: number
  unknownsOpen: number
  /** Features of which somebody said whether the need was misread. */
  needAnswered: number
  needMissed: number
  defects: number
  defectsOpen: number
  seriousOpen: number
  /** By the stage that found them, and by the stage that brought them in. */
  found: Record<string, number>
  introduced: Record<string, number>
}

/** Of a service: features that are in their beta, or have a room. */
export async function learnedOf(
  db: Queryable,
  of: { serviceId: string; featureId?: string | undefined },
): Promise<Learned> {
  const { rows } = await learned(sql`${of.serviceId}`, of.featureId).execute(db)
  const [found] = rows
  if (found === undefined) throw new Error('A row is missing that must be there')
  return found
}

/** The same of several services, whole. */
export function learnedOfEach(db: Queryable, serviceIds: readonly string[]): Promise<Map<string, Learned[]>> {
  return rowsOfEach(db, serviceIds, (id) => learned(id))
}

function learned(serviceId: RawBuilder<unknown>, featureId?: string): RawBuilder<Learned> {
  return sql<Learned>`
    with of as materialized (
      select f.id from feature f where f.service_id = ${serviceId}
        and ${featureId === undefined ? sql`(f.stage = 'beta-release' or exists (select from beta_room r where r.feature_id = f.id))` : sql`f.id = ${featureId}`}
    ), last as (
      select distinct on (n.feature_id) n.answer from need_check n join of on of.id = n.feature_id
      order by n.feature_id, n.id desc
    ), unknown as (
      select u.answered_at from beta_unknown u join of on of.id = u.feature_id
    ), defect as materialized (
      select d.found_in, d.introduced_in, d.severity, d.closed_at from beta_defect d join of on of.id = d.feature_id
    )
    select (select count(*)::int from of) as features,
      (select count(*)::int from unknown) as unknowns,
      (select count(*)::int from unknown where answered_at is null) as "unknownsOpen",
      (select count(*)::int from last) as "needAnswered",
      (select count(*)::int from last where answer = 'missed') as "needMissed",
      (select count(*)::int from defect) as defects,
      (select count(*)::int from defect where closed_at is null) as "defectsOpen",
      (select count(*)::int from defect where closed_at is null and severity <> 'minor') as "seriousOpen",
      coalesce((select jsonb_object_agg(found_in, n) from (select found_in, count(*) as n from defect group by 1) as x), '{}')
        as found,
      coalesce((select jsonb_object_agg(introduced_in, n)
        from (select introduced_in, count(*) as n from defect group by 1) as x), '{}') as introduced`
}
