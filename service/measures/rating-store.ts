import { sql } from 'kysely'
import type { Tx } from '../platform/index.ts'
import type { MeasuredArm } from './measures.ts'

export interface Rating {
  serviceId: string
  /** From 1, very dissatisfied, to 5, very satisfied. */
  rating: 1 | 2 | 3 | 4 | 5
  at: Date
  arm: MeasuredArm
  journey?: string | null
  ending?: string | null
}

/** Counts an answer to the satisfaction question, in the transaction that keeps the answer itself. */
export async function recordRating(tx: Tx, rating: Rating): Promise<void> {
  const column = sql.ref(`r${rating.rating}`)
  const hour = new Date(Math.floor(rating.at.getTime() / 3_600_000) * 3_600_000)
  await sql`
    insert into rating_hour as t (service_id, hour, journey, ending, arm, ${column})
    values (${rating.serviceId}, ${hour}, ${rating.journey ?? ''}, ${rating.ending ?? ''}, ${rating.arm}, 1)
    on conflict (service_id, hour, journey, ending, arm) do update set ${column} = t.${column} + 1`.execute(tx)
}
