import { ceilingOf, type Service } from '../services/index.ts'
import { act, actorName, hashSecret, newSecret, Refusal, type Context, type Tx } from '../platform/index.ts'
import { newUnit } from '../../packages/admission/src/index.ts'
import { previewDays } from './admission.ts'
import type { Links } from './links.ts'
import { refuseAboveCeiling } from './rules.ts'
import { findParticipant, insertParticipant } from './participant-store.ts'
import { insertAdmission, liftRemoval, lockRollout } from './store.ts'
import { insertEnterCode, insertPreviewLink, revokePreviewLink, type NewPreviewLink } from './team-ways-store.ts'

const dayMs = 86_400_000
const topic = 'admission'

/** Members of the team see the new service by a code that is good once, for a minute (rung staff). */
export async function enterAsStaff(ctx: Context, links: Links, service: Service): Promise<string> {
  const { actor } = ctx
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  return act(ctx, { permission: 'service.walk', service: service.id, topic }, async (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), 'staff')
    const at = ctx.clock.now()
    await lockRollout(tx, service.id)
    const { accountId } = actor
    const known = await findParticipant(tx, service.id, { accountId })
    const person =
      known ??
      (await insertParticipant(tx, {
        serviceId: service.id,
        address: null,
        unit: newUnit(),
        cohortId: null,
        accountId,
        at,
      }))
    await liftRemoval(tx, service.id, person.unit, at)
    const by = actorName(actor)
    await insertAdmission(tx, {
      serviceId: service.id,
      unit: person.unit,
      rung: 'staff',
      at,
      by,
      participantId: person.id,
    })
    const code = newSecret()
    await insertEnterCode(tx, {
      hash: hashSecret(code),
      serviceId: service.id,
      unit: person.unit,
      expiresAt: new Date(at.getTime() + 60_000),
    })
    if (known === null) record({ action: 'admission.staff', summary: 'went into the new service as one of the team' })
    return links.to(service, `enter/${code}`)
  })
}

export interface MadeLink {
  id: string
  /** Shown once. */
  link: string
  expiresAt: Date
}

export async function addPreviewLink(
  ctx: Context,
  links: Links,
  service: Service,
  { name, days }: { name: string; days?: number | undefined },
): Promise<MadeLink> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const made = await makePreviewLink(ctx, tx, links, service, { name, days, feature: null })
    record({ action: 'admission.preview-link', summary: `made the preview link “${name}”`, subject: made.id })
    return made
  })
}

/** Inside the transaction of whoever has asked for the permission and keeps the history. */
export async function makePreviewLink(
  ctx: Context,
  tx: Tx,
  links: Links,
  service: Service,
  { name, days = previewDays, feature }: Pick<NewPreviewLink, 'name' | 'feature'> & { days?: number | undefined },
): Promise<MadeLink> {
  refuseAboveCeiling(ceilingOf(service.phase), 'preview')
  const at = ctx.clock.now()
  const token = newSecret()
  const expiresAt = new Date(at.getTime() + days * dayMs)
  const of = { serviceId: service.id, name, feature, at, by: actorName(ctx.actor), expiresAt }
  const id = await insertPreviewLink(tx, { ...of, tokenHash: hashSecret(token) })
  return { id, link: links.to(service, `preview/${token}`), expiresAt }
}

export async function endPreviewLink(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    if (!(await revokePreviewLink(tx, service.id, id, ctx.clock.now()))) throw new Refusal('not-found')
    record({ action: 'admission.preview-link-ended', summary: 'ended a preview link', subject: id })
  })
}
