import { act, actorName, holdersOf, notify, Refusal, type Context, type Platform } from '../platform/index.ts'
import { allServices, type Service } from '../services/index.ts'
import { mustFind } from './changing.ts'
import { staleDays, type Confirmation, type Feature } from './feature.ts'
import { isStale, rolesToConfirm, roleWords, whyKept } from './rules.ts'
import {
  confirmationsOf,
  deleteFeature,
  featuresOf,
  findFeature,
  insertConfirmation,
  lockFeatures,
  markAsked,
} from './store.ts'

/** FEAT-7: a release flag that has been fully on for a week asks to be removed; once, until it is off again. */
export async function askForRemovals(platform: Platform): Promise<void> {
  const now = platform.clock.now()
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'Phasegate' }, requestId: 'job' }
  for (const service of await allServices(platform.db)) {
    const due = (await featuresOf(platform.db, service.id)).filter(
      (each) => isStale(each, now) && each.removalAskedAt === null,
    )
    for (const feature of due) await askForRemoval(ctx, service, feature)
  }
}

async function askForRemoval(ctx: Context, service: Service, { id, key }: Feature): Promise<void> {
  await act(ctx, { permission: 'features.view', service: service.id, topic: 'features' }, async (tx, record) => {
    if (!(await markAsked(tx, id, ctx.clock.now()))) return
    record({
      action: 'feature.stale',
      summary: `asks to remove ${key}: everybody has had it for ${staleDays} days`,
      subject: id,
      detail: { key },
    })
    await notify(ctx, tx, {
      service: service.id,
      roles: rolesToConfirm,
      title: `The flag ${key} asks to be removed`,
      body: `Everybody has had the feature for ${staleDays} days. Growth, Support and a developer confirm, then the flag can go from code and from here.`,
      href: `/services/${service.key}/features/${key}#removal`,
    })
  })
}

/** FEAT-8: for each of the roles a person who holds it. */
export async function confirmRemoval(
  ctx: Context,
  service: Service,
  key: string,
  role: Confirmation['role'],
): Promise<Confirmation[]> {
  const feature = await mustFind(ctx, service, key)
  return act(
    ctx,
    { permission: 'features.confirm-removal', service: service.id, topic: 'features', confirmed: true },
    async (tx, record) => {
      if (ctx.actor.kind !== 'account' || !(await holdersOf(ctx, service.id)).includes(role))
        throw new Refusal('confirmation-of-another-role', { role: roleWords[role] })
      if (feature.removalAskedAt === null) throw new Refusal('flag-kept', { because: 'It does not ask to be removed' })
      const at = ctx.clock.now()
      const { accountId } = ctx.actor
      const isNew = await insertConfirmation(tx, feature.id, { role, by: actorName(ctx.actor), at }, accountId)
      if (isNew)
        record({
          action: 'feature.removal-confirmed',
          summary: `agreed as ${roleWords[role]} that ${key} goes`,
          subject: feature.id,
          detail: { key, role },
        })
      return confirmationsOf(tx, feature.id)
    },
  )
}

/** FEAT-8: nothing goes that somebody still needs; whoever asks for it then gets the default of the code. */
export async function removeFeature(ctx: Context, service: Service, key: string, reason: string): Promise<void> {
  await mustFind(ctx, service, key)
  const where = { permission: 'features.edit', service: service.id, topic: 'features', confirmed: true } as const
  await act(ctx, where, async (tx, record) => {
    await lockFeatures(tx, service.id)
    const feature = await findFeature(tx, service.id, key)
    if (feature === null) throw new Refusal('not-found')
    const confirmed = await confirmationsOf(tx, feature.id)
    const because = whyKept(feature, roles(confirmed), requiring(await featuresOf(tx, service.id), key))
    if (because !== null) throw new Refusal('flag-kept', { because })
    await deleteFeature(tx, feature.id)
    record({
      action: 'feature.removed',
      summary: `removed the flag ${key}`,
      reason,
      subject: feature.id,
      detail: { key },
    })
    await notify(ctx, tx, {
      service: service.id,
      title: `${actorName(ctx.actor)} removed the flag ${key}`,
      body: reason,
      href: `/services/${service.key}/features`,
    })
  })
}

export function requiring(features: readonly Feature[], key: string): string[] {
  return features.filter(({ requires }) => requires.some((each) => each.key === key)).map((each) => each.key)
}

function roles(confirmed: readonly Confirmation[]): string[] {
  return confirmed.map(({ role }) => role)
}
