import { change, type Context, type PartState, type Platform, type Tx } from '../../platform/index.ts'
import { allServices, type Service } from '../../services/index.ts'
import { takeTime } from '../waitlist/count-store.ts'
import {
  addWhatLacks,
  comparisonState,
  countDifferences,
  followChoices,
  keptCounts,
  lastComparisons,
  linesUnlikeChoice,
  putComparison,
  type KeptCount,
} from './compare-store.ts'

const hourMs = 3_600_000
/** By the service's own clock, when few people come. */
const nightHours = { from: 1, to: 5 }
const leastMs = 12 * hourMs
/** Where nobody ran in the night, it is done at any hour. */
const mostMs = 30 * hourMs
const linesAtOnce = 50_000
const linesMendedAtOnce = 1_000
const shownDays = 7

type Differences = Partial<Record<KeptCount | 'choices', number>>

/** ADM-54: each service once a night. One that could not be compared is tried again in an hour, and keeps no other waiting. */
export async function compareCounts(platform: Platform): Promise<void> {
  const { db, clock, log } = platform
  const last = await lastComparisons(db)
  for (const service of await allServices(db)) {
    if (!isDue(service, last.get(service.id) ?? null, clock.now())) continue
    try {
      await compareService(platform, service)
    } catch (error) {
      log.error({ err: error, service: service.key }, 'the kept counts of a service could not be compared')
    }
  }
}

function isDue({ timeZone }: Service, last: Date | null, at: Date): boolean {
  if (last === null) return true
  const ageMs = at.getTime() - last.getTime()
  const hour = Number(at.toLocaleString('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }))
  const isNight = hour >= nightHours.from && hour < nightHours.to
  // A time ahead is of a clock that was set back.
  return ageMs < 0 || ageMs >= (isNight ? leastMs : mostMs)
}

async function compareService(platform: Platform, service: Service): Promise<void> {
  const found: Differences = {}
  const choices = await mendChoices(platform, service)
  if (choices > 0) found.choices = choices
  for (const kept of keptCounts) {
    const differ = await platform.db.transaction().execute(async (tx) => {
      await takeTime(tx)
      return countDifferences(tx, kept, service.id)
    })
    if (differ === 0) continue
    const mended = await asSystem(platform, service, kept, async (tx) => {
      await takeTime(tx)
      return addWhatLacks(tx, kept, service.id)
    })
    if (mended > 0) found[kept] = mended
  }
  const differences = Object.values(found).reduce((sum, n) => sum + n, 0)
  await putComparison(platform.db, service.id, { at: platform.clock.now(), differences })
  if (differences > 0)
    platform.log.error(
      { service: service.key, differences: found },
      'kept counts differed from the people and were put right; what wrote to the database?',
    )
}

const says: Record<KeptCount | 'choices', string> = {
  places: 'places taken',
  rungs: 'people on each rung',
  invitations: 'invitations',
  batches: 'batches',
  choices: 'who went back to the current service',
}

/** Line by line of the ledger, so many at once: a line that says otherwise than the person's choice is put right. */
async function mendChoices(platform: Platform, service: Service): Promise<number> {
  let mended = 0
  for (let after: number | null = 0; after !== null;) {
    const piece = await linesUnlikeChoice(platform.db, service.id, { after, most: linesAtOnce })
    for (let at = 0; at < piece.unlike.length; at += linesMendedAtOnce) {
      const lines = piece.unlike.slice(at, at + linesMendedAtOnce)
      mended += await asSystem(platform, service, 'choices', (tx) => followChoices(tx, service.id, lines))
    }
    after = piece.last
  }
  return mended
}

/** The transaction that puts it right writes it down. */
async function asSystem(
  platform: Platform,
  service: Service,
  what: KeptCount | 'choices',
  work: (tx: Tx) => Promise<number>,
): Promise<number> {
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'Phasegate' }, requestId: 'counts' }
  return change(ctx, { service: service.id, topic: 'admission' }, async (tx, record) => {
    const mended = await work(tx)
    if (mended > 0) {
      const summary = `counted everybody again and put right what differed: ${says[what]}`
      record({ action: 'admission.counts-mended', summary, detail: { counts: what, differences: mended } })
    }
    return mended
  })
}

/** For `/ready`: that there was a difference is to be seen for a week. It turns nothing red, since it was put right. */
export async function countsState({ db, clock }: Pick<Platform, 'db' | 'clock'>): Promise<PartState> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, 1_000, null).unref())
  const since = new Date(clock.now().getTime() - shownDays * 24 * hourMs)
  const state = await Promise.race([comparisonState(db, since).catch(() => null), late])
  if (state === null) return { ok: true, says: 'not known while the database does not answer' }
  const { oldest, differences, differedAt } = state
  if (oldest === null) return { ok: true, says: 'not compared yet' }
  if (differedAt === null) return { ok: true, says: `as the people are, compared since ${oldest.toISOString()}` }
  return {
    ok: true,
    says: `${differences} differed and were put right, last at ${differedAt.toISOString()}: see the log`,
  }
}
