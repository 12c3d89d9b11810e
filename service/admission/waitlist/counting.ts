import type { Platform } from '../../platform/index.ts'
import { dropKeptCounts, keptCounts, putKeptCounts, servicesToCount, takeTime } from './count-store.ts'
import { quotaStates } from './quota-reads.ts'
import { countByState } from './reads.ts'
import type { QuotaSeen, WaitingState } from './waitlist.ts'

/** ADM-44: from more people than this on a list is counted now and then, and not at each look. */
export const mostCountedAtOnce = 20_000
const leastMs = 60_000
/** Counting takes at most this part of the time. */
const restOfCounting = 20

/** Lists that are long, counted again when it is their turn; one that has become short is counted at each look again. */
export async function countLongLists(platform: Platform): Promise<void> {
  const { db, clock, log } = platform
  for (const { id, isLong, countedAt, tookMs, lacks } of await servicesToCount(db, mostCountedAtOnce)) {
    const ageMs = countedAt === null ? Infinity : clock.now().getTime() - countedAt.getTime()
    if (!isLong) await dropKeptCounts(db, id)
    // A time ahead is of a clock that was set back.
    else if (lacks || ageMs < 0 || ageMs >= Math.max(leastMs, restOfCounting * (tookMs ?? 0)))
      await countList(platform, id).catch((error: unknown) =>
        log.error({ err: error, service: id }, 'a long waiting list could not be counted; the counts of before stand'),
      )
  }
}

async function countList({ db, clock }: Pick<Platform, 'db' | 'clock'>, serviceId: string): Promise<void> {
  const countedAt = clock.now()
  const from = performance.now()
  // It locks nobody: whoever changes something goes on, and is counted next time.
  await db.transaction().execute(async (tx) => {
    await takeTime(tx)
    const counts = await countByState(tx, serviceId)
    const quotas = await quotaStates(tx, serviceId, countedAt)
    await putKeptCounts(tx, serviceId, { counts, quotas, countedAt, tookMs: Math.ceil(performance.now() - from) })
  })
}

export interface SeenCounts {
  counts: Record<WaitingState, number>
  quotas: QuotaSeen[]
  /** Of a long list, when it was counted; null where the counts are of now (ADM-44). */
  countedAt: Date | null
}

/** As the list was last counted where it is long, else as it stands; then `countedAt` is null. */
export async function waitlistCounts(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  serviceId: string,
): Promise<SeenCounts> {
  const kept = await keptCounts(db, serviceId)
  if (kept !== null) return kept
  const [counts, quotas] = await Promise.all([countByState(db, serviceId), quotaStates(db, serviceId, clock.now())])
  return { counts, quotas, countedAt: null }
}
