import { sql } from 'kysely'
import type { Db, Queryable } from '../context.ts'
import type { Allowance } from './throttle.ts'

/**
 * True where a try may be made now; one that may not does not lengthen the wait. Of many at once one may come here after others
 * that began later: as long as tries are free that is no reason to wait.
 */
export async function takeTry(db: Db, subject: Buffer, allowance: Allowance, now: Date): Promise<boolean> {
  const { free, firstWaitMs, longestWaitMs, forgetMs } = allowance
  const forgotten = new Date(now.getTime() - forgetMs)
  // A clock set back must keep nobody out: what lies ahead is forgotten.
  const ahead = new Date(now.getTime() + 60_000)
  const isOld = sql`(throttle.last_at < ${forgotten} or throttle.last_at > ${ahead})`
  const tries = sql`(case when ${isOld} then 1 else throttle.tries + 1 end)`
  const waitMs = sql`least(${longestWaitMs}::float8, ${firstWaitMs}::float8 * power(2, least(${tries} - ${free}::int, 40)))`
  const { rows } = await sql`
    insert into throttle (subject, tries, last_at, next_at) values (${subject}, 1, ${now}, ${now})
    on conflict (subject) do update set tries = ${tries}, last_at = ${now},
      next_at = case when ${tries} < ${free}::int then ${now}::timestamptz
                     else ${now}::timestamptz + ${waitMs} * interval '1 millisecond' end
      where throttle.next_at <= ${now} or throttle.tries < ${free}::int or ${isOld}
    returning 1 as one`.execute(db)
  return rows.length === 1
}

export async function nextTryAt(db: Queryable, subject: Buffer): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`select next_at as at from throttle where subject = ${subject}`.execute(db)
  return rows[0]?.at ?? new Date(0)
}

export async function giveBackTry(db: Queryable, subject: Buffer): Promise<void> {
  await sql`update throttle set tries = greatest(tries - 1, 0), next_at = least(next_at, last_at)
    where subject = ${subject}`.execute(db)
}

export async function dropOldTries(db: Queryable, before: Date): Promise<void> {
  await sql`delete from throttle where last_at < ${before}`.execute(db)
}

// Requests for a link

export async function insertLinkRequest(db: Queryable, address: string, at: Date): Promise<void> {
  await sql`insert into link_request (address, asked_at) values (${address}, ${at})`.execute(db)
}

/** Takes one that nobody else is at; whoever takes it deals with it in the same transaction. */
export async function takeLinkRequest(tx: Queryable): Promise<string | null> {
  const { rows } = await sql<{ address: string }>`delete from link_request where id =
    (select id from link_request order by id limit 1 for update skip locked) returning address`.execute(tx)
  return rows[0]?.address ?? null
}
