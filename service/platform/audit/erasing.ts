import { sql } from 'kysely'
import type { Queryable, Tx } from '../context.ts'
import type { PersonalData, Subject } from '../personal-data.ts'
import type { AuditEntry } from './audit.ts'

/** Entries about the person: they name the invitation or the unit, or somebody wrote the address into them. */
function about({ serviceId, address, units, invitations }: Subject) {
  return sql`service_id = ${serviceId} and salt is not null and (subject = any(${[...units, ...invitations]}::text[])
    or position(lower(${address}) in lower(concat_ws(' ', summary, reason, subject, detail::text))) > 0)`
}

export const historyEntries: Pick<PersonalData, 'name' | 'becomes' | 'count'> = {
  name: 'Entries of the history',
  becomes: 'stay, without what was said of the person',
  async count(db: Queryable, subject: Subject) {
    const { rows } = await sql<{ n: number }>`select count(*) as n from audit where ${about(subject)}`.execute(db)
    return rows[0]?.n ?? 0
  },
}

/** AUD-6: what the team did stays, with who did it; whom it was about goes. The entry says which ones were touched. */
export async function eraseFromHistory(tx: Tx, subject: Subject): Promise<AuditEntry | null> {
  const { rows } = await sql<{ id: string }>`
    update audit set salt = null, subject = null, reason = null, detail = null,
      summary = case when position(lower(${subject.address}) in lower(summary)) > 0 then 'was erased' else summary end
    where ${about(subject)} returning id::text as id`.execute(tx)
  if (rows.length === 0) return null
  const detail = { entries: rows.map(({ id }) => id) }
  const count = rows.length === 1 ? 'one entry' : `${rows.length} entries`
  return { action: 'audit.erased', summary: `took a person out of ${count} of the history`, detail }
}
