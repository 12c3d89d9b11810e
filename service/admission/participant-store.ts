import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Device, Participant } from './admission.ts'
import { only } from './store.ts'

const participantColumns = sql.raw(`p.id, p.address, p.unit, p.created_at as "createdAt",
  (select c.name from cohort c where c.id = p.cohort_id) as cohort`)

export async function findParticipant(
  db: Queryable,
  serviceId: string,
  by: { id: string } | { address: string } | { unit: string } | { accountId: string },
): Promise<Participant | null> {
  const where =
    'id' in by
      ? sql`p.id = ${by.id}`
      : 'address' in by
        ? sql`lower(p.address) = lower(${by.address})`
        : 'unit' in by
          ? sql`p.unit = ${by.unit}`
          : sql`p.account_id = ${by.accountId}`
  const { rows } = await sql<Participant>`select ${participantColumns} from participant p
    where p.service_id = ${serviceId} and ${where}`.execute(db)
  return rows[0] ?? null
}

export async function insertParticipant(
  tx: Tx,
  person: {
    serviceId: string
    address: string | null
    unit: string
    cohortId: string | null
    accountId: string | null
    at: Date
  },
): Promise<Participant> {
  const { rows } = await sql<{ id: string }>`
    insert into participant (service_id, address, unit, cohort_id, account_id, created_at)
    values (${person.serviceId}, ${person.address}, ${person.unit}, ${person.cohortId}, ${person.accountId}, ${person.at})
    returning id`.execute(tx)
  return { id: only(rows).id, address: person.address, unit: person.unit, cohort: null, createdAt: person.at }
}

export async function devicesOf(db: Queryable, participantId: string): Promise<Device[]> {
  const { rows } = await sql<Device>`select id, name, since from participant_device
    where participant_id = ${participantId} order by since, id`.execute(db)
  return rows
}

/** Holds the person's row, so that two devices at once are counted one after the other. */
export async function insertDevice(
  tx: Tx,
  device: { participantId: string; name: string; at: Date; most: number },
): Promise<boolean> {
  await sql`select id from participant where id = ${device.participantId} for update`.execute(tx)
  const { rows } = await sql`insert into participant_device (participant_id, name, since)
    select ${device.participantId}, ${device.name}, ${device.at}
    where (select count(*) from participant_device where participant_id = ${device.participantId}) < ${device.most}
    returning id`.execute(tx)
  return rows.length === 1
}

/** A new unit in place of the old one: passes that carry the old one are nobody's from then on. */
export async function replaceUnit(
  tx: Tx,
  participantId: string,
  { before, unit }: { before: string; unit: string },
): Promise<void> {
  await sql`update participant set unit = ${unit} where id = ${participantId}`.execute(tx)
  await sql`delete from participant_device where participant_id = ${participantId}`.execute(tx)
  await sql`update feature_choice c set unit = ${unit} from participant p
    where p.id = ${participantId} and c.service_id = p.service_id and c.unit = ${before}`.execute(tx)
}
