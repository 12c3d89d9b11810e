import type { Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { waitlistCounts, type SeenCounts } from './counting.ts'
import { waitingPeople } from './reads.ts'
import { questionsOf } from './store.ts'
import type { Question, Waiting } from './waitlist.ts'

/** The waiting list as the team sees it. */
export interface WaitlistView extends SeenCounts {
  questions: Question[]
}

export async function readWaitlist(ctx: Context, service: Service): Promise<WaitlistView> {
  const [counted, questions] = await Promise.all([waitlistCounts(ctx, service.id), questionsOf(ctx.db, service.id)])
  return { ...counted, questions }
}

/** All of them, a page at a time, for a file. */
export async function* everyWaiting(ctx: Context, service: Service): AsyncGenerator<Waiting> {
  let after: string | null = null
  for (;;) {
    const people: Waiting[] = await waitingPeople(ctx.db, service.id, { state: null, limit: 1_000, after })
    yield* people
    const last = people.at(-1)
    if (last === undefined || people.length < 1_000) return
    after = last.id
  }
}
