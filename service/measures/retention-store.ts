import { sql } from 'kysely'
import type { Platform } from '../platform/index.ts'
import { dayMs, retentionDays } from './measures.ts'

const daysAhead = 3
/** A visitor's hash is worth nothing after its day; late events of that day may still come for a while. */
const visitorDays = 14

export async function makePartitionsAhead({ db, clock }: Platform): Promise<void> {
  const today = clock.now().getTime()
  for (let day = -1; day <= daysAhead; day++) {
    const wanted = new Date(today + day * dayMs).toISOString().slice(0, 10)
    await sql`select event_partition(${wanted}::date)`.execute(db)
  }
}

/** Past the retention, events go by whole days; the hourly sums stay. */
export async function forgetOld({ db, clock }: Platform): Promise<void> {
  const now = clock.now().getTime()
  const oldest = new Date(now - retentionDays * dayMs)
  const lastKept = oldest.toISOString().slice(0, 10).replaceAll('-', '')
  const { rows } = await sql<{ name: string }>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'event'::regclass and c.relname < ${`event_${lastKept}`} order by 1`.execute(db)
  for (const { name } of rows) {
    await db.transaction().execute(async (tx) => {
      // Taking a partition away waits for every reader; better to try again tomorrow than to stop the intake.
      await sql`set local lock_timeout = '2s'`.execute(tx)
      await sql`drop table ${sql.table(name)}`.execute(tx)
    })
  }
  await sql`delete from event_seen where day < ${Math.floor(oldest.getTime() / dayMs)}`.execute(db)
  await sql`delete from journey_transaction where first_at < ${oldest}`.execute(db)
  await sql`delete from exposure where last_at < ${oldest}`.execute(db)
  await sql`delete from unit_seen where last_at < ${oldest}`.execute(db)
  await sql`delete from visitor_seen where day < ${new Date(now - visitorDays * dayMs)}::date`.execute(db)
}
