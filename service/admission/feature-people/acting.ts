import { findFeature, switchPermission, type Feature } from '../../features/index.ts'
import { act, actorName, must, Refusal, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Links } from '../links.ts'
import { findParticipant } from '../participant-store.ts'
import { findAdmission } from '../store.ts'
import { makePreviewLink, type MadeLink } from '../team-ways.ts'
import {
  endFeaturePreview,
  insertFeatureRemoval,
  isColleague,
  liftFeatureRemoval,
  setViewerVerdict,
  type ViewerVerdict,
} from './store.ts'

export async function mustFindFeature(ctx: Context, service: Service, key: string): Promise<Feature> {
  const feature = await findFeature(ctx.db, service.id, key)
  if (feature === null) throw new Refusal('not-found')
  return feature
}

function deedOf(service: Service, { kind }: Feature) {
  return { permission: switchPermission[kind], service: service.id, topic: 'features' } as const
}

/** FEAT-19: by name, with a reason; whoever names an address has to be one who may see people. */
export async function removeFromFeature(
  ctx: Context,
  service: Service,
  key: string,
  { who, reason }: { who: string; reason: string },
): Promise<void> {
  const feature = await mustFindFeature(ctx, service, key)
  const isAddress = who.includes('@')
  await must(ctx, switchPermission[feature.kind], service.id)
  if (isAddress) await must(ctx, 'admission.people', service.id)
  await act(ctx, deedOf(service, feature), async (tx, record) => {
    const person = await findParticipant(tx, service.id, isAddress ? { address: who } : { unit: who })
    const unit = person?.unit ?? (isAddress ? null : who)
    const isKnown = person !== null || (unit !== null && (await findAdmission(tx, service.id, unit)) !== null)
    // For everybody of the service or not, an application may know people whom the service does not.
    if (unit === null || (!isKnown && feature.appliesTo === 'new')) throw new Refusal('person-unknown')
    const entry = { unit, at: ctx.clock.now(), by: actorName(ctx.actor), reason }
    if (!(await insertFeatureRemoval(tx, feature.id, entry))) throw new Refusal('person-unknown')
    record({
      action: 'feature.removed-person',
      summary: `took ${key} from a person`,
      reason,
      subject: feature.id,
      detail: { key, unit },
    })
  })
}

export async function undoRemoval(ctx: Context, service: Service, key: string, id: string): Promise<void> {
  const feature = await mustFindFeature(ctx, service, key)
  await act(ctx, deedOf(service, feature), async (tx, record) => {
    const lifted = { id, at: ctx.clock.now(), by: actorName(ctx.actor) }
    const unit = await liftFeatureRemoval(tx, feature.id, lifted)
    if (unit === null) throw new Refusal('not-found')
    record({
      action: 'feature.removal-undone',
      summary: `took the removal of a person from ${key} back`,
      subject: feature.id,
      detail: { key, unit },
    })
  })
}

export interface PreviewWanted {
  /** Address of the one person whom the link is for. */
  viewer: string
  /** Why somebody outside gets one; empty for colleagues. */
  outsiderReason: string
  days?: number | undefined
}

/** FEAT-20: for one named person; for somebody outside the installation only with the reason on record. */
export async function addFeaturePreview(
  ctx: Context,
  links: Links,
  service: Service,
  key: string,
  { viewer, outsiderReason, days }: PreviewWanted,
): Promise<MadeLink> {
  const feature = await mustFindFeature(ctx, service, key)
  return act(ctx, { ...deedOf(service, feature), permission: 'features.edit' }, async (tx, record) => {
    const isInside = await isColleague(tx, viewer)
    if (!isInside && outsiderReason === '') throw new Refusal('preview-for-outsider')
    const { id: featureId, name } = feature
    const whom = { id: featureId, viewer, outsiderReason: isInside ? null : outsiderReason }
    const made = await makePreviewLink(ctx, tx, links, service, { name, days, feature: whom })
    record({
      action: 'feature.preview-link',
      summary: `made a preview link of ${key} for ${isInside ? 'a colleague' : 'somebody outside'}`,
      ...(isInside ? {} : { reason: outsiderReason }),
      subject: made.id,
      detail: { key, outsider: !isInside },
    })
    return made
  })
}

/** What the viewer said, as the team heard it; said again, it takes the place of what was said before. */
export async function recordViewerVerdict(
  ctx: Context,
  service: Service,
  key: string,
  id: string,
  { kind, comment }: Pick<ViewerVerdict, 'kind' | 'comment'>,
): Promise<void> {
  const feature = await mustFindFeature(ctx, service, key)
  await act(ctx, { ...deedOf(service, feature), permission: 'features.edit' }, async (tx, record) => {
    const verdict = { kind, comment, at: ctx.clock.now(), by: actorName(ctx.actor) }
    if (!(await setViewerVerdict(tx, feature.id, id, verdict))) throw new Refusal('not-found')
    record({
      action: 'feature.preview-verdict',
      summary: `recorded what a viewer of the preview of ${feature.name} said: ${kind}`,
      subject: id,
      detail: { key, verdict: kind },
    })
  })
}

/** Whoever came by it has the feature no more. */
export async function endPreviewOfFeature(ctx: Context, service: Service, key: string, id: string): Promise<void> {
  const feature = await mustFindFeature(ctx, service, key)
  await act(ctx, { ...deedOf(service, feature), permission: 'features.edit' }, async (tx, record) => {
    if (!(await endFeaturePreview(tx, feature.id, id, ctx.clock.now()))) throw new Refusal('not-found')
    record({ action: 'feature.preview-ended', summary: `ended a preview link of ${key}`, subject: id, detail: { key } })
  })
}
