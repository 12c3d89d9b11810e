import { sql } from 'kysely'
import type { Platform } from '../service/platform/index.ts'

/**
 * A waiting list of so many people: a tenth of them is in, two tenths are invited. Three questions, one of them special, and seven
 * numbers wanted.
 */
export async function seedApplicants(
  { db, secrets, clock }: Pick<Platform, 'db' | 'secrets' | 'clock'>,
  serviceId: string,
  applicants: number,
): Promise<void> {
  const at = clock.now()
  const open = new Date(at.getTime() + 14 * 86_400_000)
  await sql`insert into waiting (service_id, address, at, confirmed_at, invited_at)
    select ${serviceId}::uuid, 'applicant' || n || '@example.org', ${at}::timestamptz - n * interval '1 second', ${at},
      case when n % 10 < 3 then ${at}::timestamptz end from generate_series(1, ${applicants}::int) n`.execute(db)
  const number = sql`substr(w.address, 10, position('@' in w.address) - 10)::int`
  const asked: { name: string; options: string[]; special: boolean; value: ReturnType<typeof sql> }[] = [
    { name: 'Region', options: ['North', 'South', 'East', 'West'], special: false, value: sql`1 + ${number} / 7 % 4` },
    { name: 'Device', options: ['Phone', 'Tablet', 'Computer'], special: false, value: sql`1 + ${number} / 11 % 3` },
    {
      name: 'Screen reader',
      options: ['Yes', 'No'],
      special: true,
      value: sql`case when ${number} / 13 % 20 = 0 then 1 else 2 end`,
    },
  ]
  for (const [position, { name, options, special, value }] of asked.entries()) {
    const table = special ? 'waiting_special_answer' : 'waiting_answer'
    const agreed = special
      ? { column: sql`, agreed_at`, value: sql`, ${at}::timestamptz` }
      : { column: sql``, value: sql`` }
    await sql`with question as (
        insert into screening_question (service_id, position, name, question, kind, options, special)
        values (${serviceId}, ${position + 1}, ${name}, ${name}, 'choice', ${options}::text[], ${special}) returning id
      ) insert into ${sql.table(table)} (waiting_id, question_id, position, value${agreed.column})
      select w.id, q.id, 0, (${options}::text[])[${value}]${agreed.value} from waiting w, question q
      where w.service_id = ${serviceId}`.execute(db)
  }
  const wanted = {
    Region: ['North', 'South', 'East'],
    Device: ['Phone', 'Tablet', 'Computer'],
    'Screen reader': ['Yes'],
  }
  for (const [attribute, values] of Object.entries(wanted))
    await sql`insert into quota (service_id, attribute, value, wanted)
      select ${serviceId}::uuid, ${attribute}, v.value, least(1000000, ${applicants}::int / v.n)
      from unnest(${values}::text[]) with ordinality as v (value, n)`.execute(db)
  await sql`insert into participant (service_id, unit, address, created_at)
    select service_id, 'u' || lpad(${number}::text, 21, '0'), address, ${at} from waiting w
    where service_id = ${serviceId} and ${number} % 10 = 0`.execute(db)
  await sql`insert into admission (service_id, unit, rung, at, by_name, participant_id)
    select service_id, unit, 'invited', created_at, 'The person', id from participant
    where service_id = ${serviceId} and address like 'applicant%'`.execute(db)
  await sql`insert into invitation (service_id, address, state, holds_place, sent_at, sent_by, expires_at)
    select service_id, address, 'sent', true, ${at}, 'Bench', ${open} from waiting w
    where service_id = ${serviceId} and ${number} % 10 in (1, 2)`.execute(db)
  const { rows: refusing } = await sql<{ address: string }>`select address from waiting w
    where service_id = ${serviceId} and ${number} % 100 = 53`.execute(db)
  const refused = refusing.map(({ address }) => ({ address, mac: secrets.mac('suppression', address).toString('hex') }))
  await sql`insert into suppression (service_id, address_mac, address, reason, at, by_name)
    select ${serviceId}::uuid, decode(mac, 'hex'), address, 'asked', ${at}, 'Bench'
    from jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) as r (address text, mac text)`.execute(db)
  await sql`update rollout set taken = taken + ${applicants}::int / 10, cap = null where service_id = ${serviceId}`.execute(
    db,
  )
  await sql`vacuum analyze`.execute(db)
}
