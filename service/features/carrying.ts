import { bucketer } from '../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'
import {
  carry,
  carriedBeyond,
  followUnitByName,
  forgetBuckets,
  putReach,
  reachOf,
  reachesOf,
  unitsKnown,
  type Reach,
} from './carrying-store.ts'
import type { Feature } from './feature.ts'
import { isOpenToShare, openShareOf } from './rules.ts'

/**
 * FEAT-18: after a change, whoever of the service's ledger had the feature by a larger share is carried by name. While the flag is
 * shut nothing is forgotten: what was reached stands until the share is made smaller.
 */
export async function keepWhoIsIn(tx: Tx, before: Feature, changed: Feature): Promise<void> {
  const stored = await reachOf(tx, changed.id)
  const isOpen = isOpenToShare(changed)
  const kept = isOpen ? openShareOf(changed) : changed.share
  const until = stored.until ?? (isOpenToShare(before) ? null : changed.changedAt)
  if (stored.reached > kept) await carryBetween(tx, changed, { from: kept, to: stored.reached, until })
  const next: Reach = isOpen
    ? { reached: kept, until: null }
    : { reached: Math.min(stored.reached, kept), until: until ?? changed.changedAt }
  if (next.reached !== stored.reached || next.until !== stored.until) await putReach(tx, changed.id, next)
}

interface Between {
  from: number
  to: number
  until: Date | null
}

async function carryBetween(tx: Tx, feature: Feature, range: Between): Promise<void> {
  for await (const units of unitsBetween(tx, feature, range)) await carry(tx, feature.id, units, feature.changedAt)
}

/** Exactly those whose bucket lies between the two shares, of all who were in the service while the feature was open. */
async function* unitsBetween(db: Queryable, { serviceId, salt }: Feature, { from, to, until }: Between) {
  const bucketOf = bucketer(salt)
  for await (const units of unitsKnown(db, serviceId, until))
    yield units.flatMap((unit) => {
      const bucket = bucketOf(unit)
      return bucket >= from && bucket < to ? [{ unit, bucket }] : []
    })
}

/** FEAT-21: how many a new salt would keep by name: who was carried before, and whom of the ledger the share reached. */
export async function countKept(db: Queryable, feature: Feature): Promise<number> {
  const { reached, until } = await reachOf(db, feature.id)
  let kept = await carriedBeyond(db, feature.id, reached)
  for await (const units of unitsBetween(db, feature, { from: 0, to: reached, until })) kept += units.length
  return kept
}

/** FEAT-21: before its salt changes, after which the old buckets say nothing. */
export async function keepByName(tx: Tx, feature: Feature, at: Date): Promise<void> {
  const { reached, until } = await reachOf(tx, feature.id)
  await carryBetween(tx, { ...feature, changedAt: at }, { from: 0, to: reached, until })
  await forgetBuckets(tx, feature.id)
  await putReach(tx, feature.id, { reached: 0, until })
}

/** A person whose devices were signed out has a new unit: what is known of the old one by name or by bucket goes with them. */
export async function followUnit(
  tx: Tx,
  serviceId: string,
  who: { from: string; to: string; at: Date },
): Promise<void> {
  for (const { id, salt, reached } of await reachesOf(tx, serviceId)) {
    await followUnitByName(tx, id, who)
    if (bucketer(salt)(who.from) < reached) await carry(tx, id, [{ unit: who.to, bucket: null }], who.at)
  }
}
