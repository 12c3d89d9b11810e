import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Testimonial } from './room.ts'

const columns = sql.raw(`t.id, t.member_id as "memberId", t.wording, t.signed_as as "signedAs", t.state,
  t.asked_at as "askedAt", t.asked_by as "askedBy", t.decided_at as "decidedAt", t.withdrawn_by as "withdrawnBy",
  t.withdrawn_because as "withdrawnBecause",
  coalesce((select jsonb_agg(jsonb_build_object('id', u.id, 'place', u.place, 'at', u.at, 'by', u.by_name,
    'takenDownAt', u.taken_down_at) order by u.at, u.id) from testimonial_use u where u.testimonial_id = t.id), '[]') as uses`)

type Row = Omit<Testimonial, 'uses'> & {
  uses: { id: string; place: string; at: string; by: string; takenDownAt: string | null }[]
}

function read({ uses, ...row }: Row): Testimonial {
  return {
    ...row,
    uses: uses.map(({ at, takenDownAt, ...use }) => ({
      ...use,
      at: new Date(at),
      takenDownAt: takenDownAt === null ? null : new Date(takenDownAt),
    })),
  }
}

export async function testimonialsOf(db: Queryable, featureId: string): Promise<Testimonial[]> {
  const { rows } = await sql<Row>`select ${columns} from testimonial t where t.feature_id = ${featureId}
    order by t.asked_at desc, t.id limit 500`.execute(db)
  return rows.map(read)
}

export async function lockTestimonial(tx: Tx, featureId: string, id: string): Promise<Testimonial | null> {
  const { rows } = await sql<Row>`select ${columns} from testimonial t
    where t.feature_id = ${featureId} and t.id = ${id} for update of t`.execute(tx)
  return rows[0] === undefined ? null : read(rows[0])
}

export type Held = Testimonial & { featureId: string }

export async function testimonialByToken(
  db: Queryable,
  serviceId: string,
  tokenHash: Buffer,
  options: { lock?: boolean } = {},
): Promise<Held | null> {
  const { rows } = await sql<Row & { featureId: string }>`select ${columns}, t.feature_id as "featureId"
    from testimonial t where t.token_hash = ${tokenHash} and t.service_id = ${serviceId}
    ${options.lock === true ? sql`for update of t` : sql``}`.execute(db)
  const [row] = rows
  return row === undefined ? null : { ...read(row), featureId: row.featureId }
}

export async function insertTestimonial(
  tx: Tx,
  testimonial: {
    featureId: string
    serviceId: string
    memberId: string
    messageId: string
    wording: string
    at: Date
    by: string
    tokenHash: Buffer
  },
): Promise<string> {
  const { rows } = await sql<{
    id: string
  }>`insert into testimonial (feature_id, service_id, member_id, message_id, wording,
      state, asked_at, asked_by, token_hash)
    values (${testimonial.featureId}, ${testimonial.serviceId}, ${testimonial.memberId}, ${testimonial.messageId},
      ${testimonial.wording}, 'asked', ${testimonial.at}, ${testimonial.by}, ${testimonial.tokenHash})
    returning id`.execute(tx)
  return rows[0]?.id ?? ''
}

export async function decideTestimonial(
  tx: Tx,
  id: string,
  to: { state: 'approved' | 'declined'; signedAs: string | null; at: Date },
): Promise<void> {
  await sql`update testimonial set state = ${to.state}, signed_as = ${to.signedAs}, decided_at = ${to.at}
    where id = ${id}`.execute(tx)
}

export async function withdrawTestimonial(
  tx: Tx,
  id: string,
  { by, because, at }: { by: 'person' | 'team'; because: string | null; at: Date },
): Promise<void> {
  await sql`update testimonial set state = 'withdrawn', withdrawn_by = ${by}, withdrawn_because = ${because},
    decided_at = ${at} where id = ${id}`.execute(tx)
}

export async function insertUse(
  tx: Tx,
  testimonialId: string,
  { place, at, by }: { place: string; at: Date; by: string },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`insert into testimonial_use (testimonial_id, place, at, by_name)
    values (${testimonialId}, ${place}, ${at}, ${by}) returning id`.execute(tx)
  return rows[0]?.id ?? ''
}

export async function takeDownUse(tx: Tx, testimonialId: string, useId: string, at: Date): Promise<boolean> {
  const { rows } = await sql`update testimonial_use set taken_down_at = ${at}
    where testimonial_id = ${testimonialId} and id = ${useId} and taken_down_at is null returning id`.execute(tx)
  return rows.length === 1
}

export async function addressOf(db: Queryable, memberId: string): Promise<string | null> {
  const { rows } = await sql<{ address: string | null }>`select p.address from room_member m
    join participant p on p.id = m.participant_id where m.id = ${memberId}`.execute(db)
  return rows[0]?.address ?? null
}

export async function countTestimonials(
  db: Queryable,
  of: { serviceId: string; featureId?: string | undefined },
): Promise<{ approved: number; toTakeDown: number }> {
  const { rows } = await sql<{ approved: number; toTakeDown: number }>`
    select count(*) filter (where t.state = 'approved')::int as approved,
      count(*) filter (where t.state <> 'approved' and exists (select from testimonial_use u
        where u.testimonial_id = t.id and u.taken_down_at is null))::int as "toTakeDown"
    from testimonial t where t.service_id = ${of.serviceId}
      ${of.featureId === undefined ? sql`` : sql`and t.feature_id = ${of.featureId}`}`.execute(db)
  return rows[0] ?? { approved: 0, toTakeDown: 0 }
}
