import { must, Refusal, type Context, type Record, type Tx } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { changeWithin } from './changing.ts'
import type { Feature } from './feature.ts'
import { ceilingOf, refuseShareBelowOpen, switchPermission } from './rules.ts'
import { cohortsOf, findFeature, lockFeatures } from './store.ts'

export interface Widening {
  /** Thousandths of a percent; a smaller one than now changes nothing. */
  share: number
  /** The name of a cohort to be added; null for none. */
  cohort: string | null
  reason: string
}

/**
 * ROL-10: inside the caller's transaction, for a step of a plan. It only ever adds: a share that shrinks would send people away
 * who have the feature (P3), so that is an act of its own on the page of the feature.
 */
export async function widenFeature(
  ctx: Context,
  tx: Tx,
  record: Record,
  where: { service: Service; key: string },
  { share, cohort, reason }: Widening,
): Promise<Feature> {
  const { service, key } = where
  await lockFeatures(tx, service.id)
  const stored = await findFeature(tx, service.id, key)
  if (stored === null) throw new Refusal('not-found')
  await must(ctx, switchPermission[stored.kind], service.id)
  if (ceilingOf(stored) === 'closed') throw new Refusal('flag-off', { key })
  if (share > 0) refuseShareBelowOpen(stored.course, share)
  const added = cohort === null ? [] : await cohortNamed(tx, service, cohort)
  const known = new Set(stored.cohorts.map(({ id }) => id))
  const to: Feature = {
    ...stored,
    share: Math.max(stored.share, share),
    cohorts: [...stored.cohorts, ...added.filter(({ id }) => !known.has(id))],
  }
  const change = { to, action: 'feature.audience', summary: `changed who gets ${key}`, detail: { share: to.share } }
  return changeWithin(ctx, tx, record, service, { stored, change, reason })
}

async function cohortNamed(tx: Tx, service: Service, name: string): Promise<Feature['cohorts']> {
  const found = (await cohortsOf(tx, service.id)).filter((each) => each.name.toLowerCase() === name.toLowerCase())
  if (found.length === 0) throw new Refusal('cohort-unknown', { name })
  return found
}
