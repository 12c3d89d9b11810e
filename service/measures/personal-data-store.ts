import { sql } from 'kysely'
import type { PersonalData, Subject } from '../platform/index.ts'

function ofPerson({ serviceId, units }: Subject) {
  return sql`event.service_id = ${serviceId} and event.unit = any(${[...units]}::text[])`
}

/** What a service wrote beside an event may name the person, and so may the number of an application. */
export const measuresPersonalData: readonly PersonalData[] = [
  {
    name: 'Events',
    becomes: 'stay in the figures, without ids, properties and the number of the application',
    async count(db, subject) {
      if (subject.units.length === 0) return 0
      const { rows } = await sql<{ n: number }>`select count(*) as n from event
        where ${ofPerson(subject)} and id <> 'erased'`.execute(db)
      return rows[0]?.n ?? 0
    },
    async erase(tx, subject) {
      if (subject.units.length === 0) return
      await sql`
        with known as materialized (
          select transaction, 'erased-' || gen_random_uuid() as next
          from (select distinct transaction from event where ${ofPerson(subject)}) as found
        ), renamed as (
          update journey_transaction t set id = known.next from known
          where t.service_id = ${subject.serviceId} and t.id = known.transaction
        )
        update event set id = 'erased', properties = null,
          transaction = (select next from known where known.transaction = event.transaction)
        where ${ofPerson(subject)}`.execute(tx)
    },
  },
]
