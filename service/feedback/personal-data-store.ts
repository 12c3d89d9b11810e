import { sql } from 'kysely'
import type { PersonalData, Subject } from '../platform/index.ts'

function ofPerson({ serviceId, address, units }: Subject) {
  return sql`service_id = ${serviceId} and (lower(address) = lower(${address}) or unit = any(${[...units]}::text[])
    or position(lower(${address}) in lower(comment)) > 0)`
}

/** FEED-15: the rating stays in the figures, the decision stays the team's; the words and whose they were go. */
export const feedbackPersonalData: readonly PersonalData[] = [
  {
    name: 'Feedback',
    becomes: 'stays as a rating and a decision, without words, address and page',
    async count(db, subject) {
      const { rows } = await sql<{ n: number }>`select count(*) as n from feedback where ${ofPerson(subject)}`.execute(
        db,
      )
      return rows[0]?.n ?? 0
    },
    async erase(tx, subject) {
      await sql`update feedback set address = null, unit = null, transaction = null, page = null, link = null,
        sent_id = 'erased-' || id, comment = case when comment is null then null else 'Erased on request' end
        where ${ofPerson(subject)}`.execute(tx)
    },
  },
]
