import { bucketer, type LettingRung } from '../../packages/admission/src/index.ts'
import type { Queryable, Tx } from '../platform/index.ts'
import { ceilingOf, phaseHistory } from '../services/index.ts'
import {
  carry,
  carriedBeyond,
  drawAfresh,
  followUnitByName,
  lastStayOf,
  peopleKnown,
  putReach,
  reachOf,
  type Reach,
} from './carrying-store.ts'
import type { Feature } from './feature.ts'
import { openWindows, wasOpenTo, type OpenWindow, type Past } from './open-windows.ts'
import { isOpenToShare, openShareOf } from './rules.ts'
import { featuresOf, shareChanges } from './store.ts'

type ReadHalts = (db: Queryable, serviceId: string) => Promise<Past['halts']>

let haltsOf: ReadHalts = async () => []

/** Who halts a service is not known here: the admission domain, which stands on this one, answers. */
export function useHalts(read: ReadHalts): void {
  haltsOf = read
}

/**
 * FEAT-18: after a change, whoever of the service's ledger had the feature by a larger share is carried by name. While the flag is
 * shut nothing is forgotten: what was reached stands until the share is made smaller.
 */
export async function keepWhoIsIn(tx: Tx, changed: Feature): Promise<void> {
  const { reached, since } = await reachOf(tx, changed.id)
  const isOpen = isOpenToShare(changed)
  const kept = isOpen ? openShareOf(changed) : changed.share
  if (reached > kept) await carryBetween(tx, changed, { from: kept, to: reached, since })
  const next = isOpen ? kept : Math.min(reached, kept)
  if (next !== reached) await putReach(tx, changed.id, next)
}

interface Between {
  from: number
  to: number
  since: Reach['since']
}

async function carryBetween(tx: Tx, feature: Feature, range: Between): Promise<void> {
  for await (const units of unitsBetween(tx, feature, range)) await carry(tx, feature.id, units, feature.changedAt)
}

/** Exactly those whose bucket lies between the two shares, of all who were in the service while the feature was open to it. */
async function* unitsBetween(db: Queryable, feature: Feature, { from, to, since }: Between) {
  const bucketOf = bucketer(feature.salt)
  const windowsFor = await windowsOf(db, feature, since)
  for await (const people of peopleKnown(db, feature.serviceId))
    yield people.flatMap(({ unit, rung, stay }) => {
      const bucket = bucketOf(unit)
      // Of both arms nobody is out by going back to the current one.
      const there = feature.appliesTo === 'both' ? { ...stay, to: null } : stay
      return bucket >= from && bucket < to && wasOpenTo(windowsFor(rung), bucket, there) ? [{ unit, bucket }] : []
    })
}

type WindowsFor = (rung: LettingRung) => readonly OpenWindow[]

async function windowsOf(db: Queryable, feature: Feature, since: Reach['since']): Promise<WindowsFor> {
  const shares = await shareChanges(db, feature.id)
  const moves = await phaseHistory(db, feature.serviceId)
  const halts = await haltsOf(db, feature.serviceId)
  const ceilings = moves.map(({ at, to }) => ({ at, ceiling: ceilingOf(to) }))
  const past: Past = { shares: since === null ? shares : drawnSince(shares, since), ceilings, halts }
  const known = new Map<LettingRung, readonly OpenWindow[]>()
  return (rung) => {
    const windows = known.get(rung) ?? openWindows(feature, rung, past)
    known.set(rung, windows)
    return windows
  }
}

/** Of the time before the present salt buckets say nothing. */
function drawnSince(shares: Past['shares'], since: Date): Past['shares'] {
  const then = shares.findLast(({ at }) => at <= since)?.share ?? 0
  return [{ at: since, share: then }, ...shares.filter(({ at }) => at > since)]
}

/** FEAT-21: how many a new salt would keep by name: who was carried before, and whom of the ledger the share reached. */
export async function countKept(db: Queryable, feature: Feature): Promise<number> {
  const { reached, since } = await reachOf(db, feature.id)
  let kept = await carriedBeyond(db, feature.id, reached)
  for await (const units of unitsBetween(db, feature, { from: 0, to: reached, since })) kept += units.length
  return kept
}

/** FEAT-21: before its salt changes, after which the old buckets say nothing. */
export async function keepByName(tx: Tx, feature: Feature, at: Date): Promise<void> {
  const { reached, since } = await reachOf(tx, feature.id)
  await carryBetween(tx, { ...feature, changedAt: at }, { from: 0, to: reached, since })
  await drawAfresh(tx, feature.id, at)
}

/** A person whose devices were signed out has a new unit: what is known of the old one by name or by bucket goes with them. */
export async function followUnit(
  tx: Tx,
  serviceId: string,
  who: { from: string; to: string; at: Date },
): Promise<void> {
  const last = await lastStayOf(tx, serviceId, who.from)
  for (const feature of await featuresOf(tx, serviceId)) {
    await followUnitByName(tx, feature.id, who)
    const { reached, since } = await reachOf(tx, feature.id)
    const bucket = bucketer(feature.salt)(who.from)
    if (last === null || bucket >= reached) continue
    const windowsFor = await windowsOf(tx, feature, since)
    if (wasOpenTo(windowsFor(last.rung), bucket, last.stay))
      await carry(tx, feature.id, [{ unit: who.to, bucket: null }], who.at)
  }
}
