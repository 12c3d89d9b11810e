import { isDeepStrictEqual } from 'node:util'
import {
  act,
  actorName,
  notify,
  Refusal,
  type Context,
  type Permission,
  type Record,
  type Tx,
} from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { keepWhoIsIn } from './carrying.ts'
import type { Feature } from './feature.ts'
import { isFullyOn, openShareOf } from './rules.ts'
import { dropConfirmations, findFeature, insertShareChange, lockFeatures, updateFeature } from './store.ts'

/** FEAT-6: somebody else changed the feature since the one who sends this had read it. Holds what is stored now. */
export class FeatureChanged extends Refusal {
  readonly stored: Feature

  constructor(stored: Feature) {
    super('feature-changed', { version: stored.version, by: stored.changedBy })
    this.stored = stored
  }
}

export interface Deed {
  permission: (feature: Feature) => Permission
  /** The version that the change was made from; undefined where it shall hold whatever came between. */
  version: number | undefined
  reason?: string
  confirmed?: boolean
}

/** What a change came to: the feature as it shall be, and what history and the teams read of it. */
export interface Change {
  to: Feature
  action: string
  /** After the name of who did it: `switched “New inbox” on`. */
  summary: string
  detail?: { [name: string]: unknown }
}

export async function mustFind(ctx: Context, service: Service, key: string): Promise<Feature> {
  const feature = await findFeature(ctx.db, service.id, key)
  if (feature === null) throw new Refusal('not-found')
  return feature
}

/**
 * Every change of a feature: permission by its kind, against the version that was read, in one transaction with history and
 * the notice to the team (FEAT-9). Where nothing changes, nothing is told.
 */
export async function changeFeature(
  ctx: Context,
  service: Service,
  key: string,
  deed: Deed,
  work: (tx: Tx, feature: Feature) => Promise<Change> | Change,
): Promise<Feature> {
  const known = await mustFind(ctx, service, key)
  const { confirmed = false } = deed
  const where = { permission: deed.permission(known), service: service.id, topic: 'features', confirmed }
  return act(ctx, where, (tx, record) => changeIn(ctx, { tx, record }, { service, key, ...deed }, work))
}

/** The same inside the transaction of somebody who has checked who may. */
export async function changeIn(
  ctx: Context,
  { tx, record }: { tx: Tx; record: Record },
  { service, key, version, reason }: { service: Service; key: string } & Pick<Deed, 'version' | 'reason'>,
  work: (tx: Tx, feature: Feature) => Promise<Change> | Change,
): Promise<Feature> {
  await lockFeatures(tx, service.id)
  const stored = await findFeature(tx, service.id, key)
  if (stored === null) throw new Refusal('not-found')
  if (version !== undefined && version !== stored.version) throw new FeatureChanged(stored)
  return changeWithin(ctx, tx, record, service, { stored, change: await work(tx, stored), reason })
}

/** The part inside a transaction that holds the features of the service, with its permission asked. */
export async function changeWithin(
  ctx: Context,
  tx: Tx,
  record: Record,
  service: Service,
  { stored, change, reason }: { stored: Feature; change: Change; reason: string | undefined },
): Promise<Feature> {
  if (isDeepStrictEqual(change.to, stored)) return stored
  const changed = after(ctx, stored, change.to)
  await updateFeature(tx, changed)
  await keepWhoIsIn(tx, changed)
  if (openShareOf(changed) !== openShareOf(stored)) await insertShareChange(tx, changed, openShareOf(changed))
  if (changed.removalAskedAt === null && stored.removalAskedAt !== null) await dropConfirmations(tx, stored.id)
  await tell(ctx, tx, record, { ...change, to: changed }, service, reason)
  return changed
}

/** FEAT-7: the time of being fully on begins anew whenever somebody is kept out meanwhile. */
function after(ctx: Context, before: Feature, to: Feature): Feature {
  const at = ctx.clock.now()
  const isOn = isFullyOn(to)
  return {
    ...to,
    version: before.version + 1,
    changedAt: at,
    changedBy: actorName(ctx.actor),
    fullyOnSince: isOn ? (before.fullyOnSince ?? at) : null,
    removalAskedAt: isOn ? to.removalAskedAt : null,
  }
}

/** FEAT-9: history, other systems and everybody of the team hear of it. */
export async function tell(
  ctx: Context,
  tx: Tx,
  record: Record,
  { to, action, summary, detail = {} }: Change,
  service: Service,
  reason: string | undefined,
): Promise<void> {
  const said = reason === undefined || reason === '' ? {} : { reason }
  record({ action, summary, ...said, subject: to.id, detail: { key: to.key, version: to.version, ...detail } })
  await notify(ctx, tx, {
    service: service.id,
    title: `${actorName(ctx.actor)} ${summary}`,
    body: reason === undefined || reason === '' ? to.description : reason,
    href: `/services/${service.key}/features/${to.key}`,
  })
}
