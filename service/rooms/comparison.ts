import { asymptoticConfidenceSequence } from '../../packages/statistics/src/index.ts'
import type { Platform, Queryable, Window } from '../platform/index.ts'
import { featuresOf } from '../features/index.ts'
import { ratingDays } from '../feedback/index.ts'
import { daysOfFlag, satisfactionInForce } from '../measures/index.ts'
import { armsOf, dropOldBetaDays, putBetaDays, servicesInBeta, type Arms } from './comparison-store.ts'
import { usageDays } from './rules.ts'

const dayMs = 86_400_000
/** STA-6: from how many people in each group a difference is shown, and where the interval is to be narrowest. */
const enough = 30
const fewest = 5
const optimalN = 500

/** ROOM-14: of today and yesterday, for each feature that is in its beta. */
export async function compareBetas({ db, clock }: Platform): Promise<void> {
  const now = clock.now()
  await dropOldBetaDays(db, now)
  const from = new Date(Math.floor(now.getTime() / dayMs) * dayMs - dayMs)
  for (const serviceId of await servicesInBeta(db)) {
    const ratings = await ratingDays(db, serviceId, { from, to: now })
    const rated = new Map(ratings.map((rating) => [`${rating.day} ${rating.unit}`, rating]))
    const features = (await featuresOf(db, serviceId)).filter(({ course }) => course?.stage === 'beta-release')
    for (const { id, key, off } of features) {
      const days = (await daysOfFlag(db, serviceId, { key, off }, { from, to: now })).map((day) => {
        const { answers = 0, topTwo = 0, points = 0 } = rated.get(`${day.day} ${day.unit}`) ?? {}
        return { ...day, answers, topTwo, points }
      })
      await db.transaction().execute((tx) => putBetaDays(tx, id, { from, days }))
    }
  }
}

/** Those with a feature beside those without it, by one figure. */
export interface Comparison {
  /** Of the figure, with its definition where it has versions. */
  name: string
  unit: 'count' | 'percent'
  with: Group
  without: Group
  difference: Difference
}

interface Group {
  people: number
  /** Null where nobody is in it, and of so few that it would tell of each of them (STA-6). */
  value: number | null
}

/** With it less without it. `low` and `high` are null where there is a difference but nothing to tell how sure it is. */
export type Difference =
  | { kind: 'value'; value: number; low: number | null; high: number | null }
  | { kind: 'too-few'; n: number; needed: number }
  | { kind: 'no-data' }

export async function compareErrors(db: Queryable, featureId: string, window: Window): Promise<Comparison> {
  return {
    name: 'Error pages in 1,000',
    unit: 'count',
    ...compare(await armsOf(db, featureId, 'errors', window), 1000),
  }
}

/** MEA-6: no figure mixes two definitions; the day of a change is left out, since answers are kept by day. */
export async function compareSatisfaction(
  db: Queryable,
  of: { serviceId: string; featureId: string },
  { from, to }: Window,
): Promise<Comparison> {
  const { formula, from: since, name } = await satisfactionInForce(db, of.serviceId)
  const begins = since === null ? from : new Date(Math.max(from.getTime(), since.getTime() + dayMs))
  return { name, unit: 'percent', ...compare(await armsOf(db, of.featureId, formula, { from: begins, to }), 100) }
}

/** As the page shows them, of the days that use is shown of. */
export async function readComparisons(
  db: Queryable,
  of: { serviceId: string; featureId: string },
  now: Date,
): Promise<Comparison[]> {
  const window = { from: new Date(now.getTime() - usageDays * dayMs), to: now }
  return [await compareErrors(db, of.featureId, window), await compareSatisfaction(db, of, window)]
}

function compare(arms: Arms, scale: number): Omit<Comparison, 'name' | 'unit'> {
  const group = ({ n, sumM, sumD }: Arms['with']): Group => ({
    people: n,
    value: n < fewest ? null : (scale * sumM) / sumD,
  })
  return { with: group(arms.with), without: group(arms.without), difference: differenceOf(arms, scale) }
}

function differenceOf(arms: Arms, scale: number): Difference {
  const n = Math.min(arms.with.n, arms.without.n)
  if (n === 0) return { kind: 'no-data' }
  if (n < enough) return { kind: 'too-few', n, needed: enough }
  // STA-4: it is looked at every day.
  const { estimate, low, high } = asymptoticConfidenceSequence({
    control: arms.without,
    treatment: arms.with,
    alpha: 0.05,
    optimalN,
  })
  // STA-5: without any variance, such as where nobody met an error, nothing tells how sure it is.
  const hasEnds = Number.isFinite(low)
  return {
    kind: 'value',
    value: estimate * scale,
    low: hasEnds ? low * scale : null,
    high: hasEnds ? high * scale : null,
  }
}
