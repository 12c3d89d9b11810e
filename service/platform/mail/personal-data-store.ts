import { sql } from 'kysely'
import type { PersonalData, Subject } from '../personal-data.ts'

function ofPerson({ address }: Subject) {
  return sql`(lower(recipient) = lower(${address}) or position(lower(${address}) in lower(subject || body)) > 0)`
}

export const mailPersonalData: readonly PersonalData[] = [
  {
    name: 'Mails that have not left',
    becomes: 'deleted, as are those that were written to files',
    async count(db, subject) {
      const { rows } = await sql<{
        n: number
      }>`select count(*) as n from mail_outbox where ${ofPerson(subject)}`.execute(db)
      return rows[0]?.n ?? 0
    },
    async erase(tx, subject) {
      await sql`delete from mail_outbox where ${ofPerson(subject)}`.execute(tx)
    },
  },
]
