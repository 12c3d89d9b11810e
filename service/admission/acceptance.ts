import { newUnit, type LettingRung } from '../../packages/admission/src/index.ts'
import { change, hashSecret, newSecret, type Context, type Queryable } from '../platform/index.ts'
import { ceilingOf, type Service } from '../services/index.ts'
import { mostDevices } from './admission.ts'
import { findByToken, insertToken, lastTokenAt, markDeclined, type HeldInvitation } from './invitations/store.ts'
import { suppress, suppressAsAsked } from './invitations/suppressing.ts'
import type { Links } from './links.ts'
import { newLinkMail } from './mails.ts'
import { insertPreviewUse } from './feature-people/store.ts'
import { refuseAboveCeiling } from './rules.ts'
import { findParticipant, insertDevice } from './participant-store.ts'
import { endAdmission, findAdmission, insertAdmission, lockRollout, putChoice } from './store.ts'
import { findPreviewLink, takeEnterCode } from './team-ways-store.ts'
import { leaveList } from './waitlist/store.ts'

const topic = 'admission'
/** A link is not a way to fill somebody's inbox. */
const newLinkMs = 2 * 60_000

/** A person's own acts need no role; history names nobody for them. */
export function asPerson(ctx: Context): Context {
  return { ...ctx, actor: { kind: 'anonymous' } }
}

export interface Opened {
  service: Service
  token: string
  userAgent: string
}

/** The unit of whoever accepted, while that person is in. */
export async function acceptedUnit(
  db: Queryable,
  service: Service,
  invitation: HeldInvitation | null,
): Promise<string | null> {
  if (invitation?.state !== 'accepted') return null
  const person = await findParticipant(db, service.id, { address: invitation.address })
  if (person === null) return null
  return (await findAdmission(db, service.id, person.unit)) === null ? null : person.unit
}

export type Continued = { kind: 'in'; rung: LettingRung; unit: string } | { kind: 'unknown' | 'not-in' | 'too-many' }

/** ADM-18: the same person and place on one more device. */
export async function continueHere(ctx: Context, { service, token, userAgent }: Opened): Promise<Continued> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record): Promise<Continued> => {
    const invitation = await findByToken(tx, service.id, hashSecret(token), at)
    if (invitation === null) return { kind: 'unknown' }
    if (invitation.state !== 'accepted' || invitation.tokenEnded) return { kind: 'not-in' }
    const person = await findParticipant(tx, service.id, { address: invitation.address })
    if (person === null) return { kind: 'not-in' }
    const admission = await findAdmission(tx, service.id, person.unit)
    if (admission === null) return { kind: 'not-in' }
    const added = await insertDevice(tx, {
      participantId: person.id,
      name: deviceName(userAgent),
      at,
      most: mostDevices,
    })
    if (!added) return { kind: 'too-many' }
    await putChoice(tx, service.id, { unit: person.unit, value: 'new', at })
    record({ action: 'admission.device', summary: 'continued on another device', subject: invitation.id })
    return { kind: 'in', rung: admission.rung, unit: person.unit }
  })
}

/** Only ever to the address that was invited; nobody is told whether a mail left. False where no invitation has this link. */
export async function mailNewLink(
  ctx: Context,
  links: Links,
  { service, token }: Omit<Opened, 'userAgent'>,
): Promise<boolean> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const invitation = await findByToken(tx, service.id, hashSecret(token), at, { lock: true })
    if (invitation === null) return false
    if (invitation.state !== 'sent' && invitation.state !== 'accepted') return true
    const last = await lastTokenAt(tx, invitation.id)
    if (last !== null && at.getTime() - last.getTime() < newLinkMs) return true
    const next = newSecret()
    await insertToken(tx, invitation.id, hashSecret(next), at)
    const link = links.to(service, `invitation/${next}`)
    await ctx.mail.send(newLinkMail({ service, address: invitation.address, link }), tx)
    record({ action: 'admission.new-link', summary: 'asked for a new link', subject: invitation.id })
    return true
  })
}

/** The invitation ends, its place is free, and nobody asks again (ADM-41). Whoever accepted it stays in, and is not asked again. */
export async function decline(
  ctx: Context,
  { service, token }: Omit<Opened, 'userAgent'>,
): Promise<'declined' | 'accepted' | 'unknown'> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const invitation = await findByToken(tx, service.id, hashSecret(token), at, { lock: true })
    if (invitation === null) return 'unknown'
    const { id, address } = invitation
    if (invitation.state === 'accepted') {
      await suppressAsAsked({ ctx, tx, record }, service.id, { address, subject: id })
      return 'accepted'
    }
    if (invitation.state === 'declined') return 'declined'
    await markDeclined(tx, id, at)
    await leaveList(tx, service.id, address, at)
    await suppress(ctx, tx, service.id, { address, reason: 'declined', by: 'The person' })
    record({ action: 'admission.declined', summary: 'said no to an invitation', subject: id })
    return 'declined'
  })
}

/** ADM-20: frees the place; the choice of the current service goes with it. */
export async function leave(ctx: Context, service: Pick<Service, 'id'>, unit: string): Promise<void> {
  const at = ctx.clock.now()
  await change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    // Whoever comes in again at the same moment does so before or after, and not in between.
    await lockRollout(tx, service.id)
    const person = await findParticipant(tx, service.id, { unit })
    const left = await endAdmission(tx, service.id, unit, at)
    await putChoice(tx, service.id, { unit, value: 'current', at })
    if (!left) return
    record({ action: 'admission.left', summary: 'left the beta' })
    // ADM-41: whoever left is not asked again, unless it is the person who asks.
    const address = person?.address ?? null
    if (address !== null) await suppress(ctx, tx, service.id, { address, reason: 'left', by: 'The person' })
  })
}

/** The team's own way in, single use (rung staff). */
export async function enter(ctx: Context, service: Service, code: string): Promise<string | null> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx) => {
    await lockRollout(tx, service.id)
    const unit = await takeEnterCode(tx, service.id, hashSecret(code), at)
    // Who left or was removed since the code was made has no place that it could lead to.
    if (unit === null || (await findAdmission(tx, service.id, unit)) === null) return null
    await putChoice(tx, service.id, { unit, value: 'new', at })
    return unit
  })
}

/** What a preview link shows: the feature that it is for, or null for the whole new service and for no link. */
export async function featurePreviewed(ctx: Context, service: Service, token: string): Promise<string | null> {
  const link = await findPreviewLink(ctx.db, service.id, hashSecret(token), ctx.clock.now())
  return link?.featureName ?? null
}

/** Whoever has the link may look, one unit a browser (rung preview). */
export async function usePreviewLink(ctx: Context, service: Service, token: string): Promise<string | null> {
  refuseAboveCeiling(ceilingOf(service.phase), 'preview')
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const link = await findPreviewLink(tx, service.id, hashSecret(token), at)
    if (link === null) return null
    const unit = newUnit()
    await insertAdmission(tx, { serviceId: service.id, unit, rung: 'preview', at, by: `Preview link “${link.name}”` })
    // FEAT-20: that of a feature shows the feature too.
    if (link.featureId !== null) await insertPreviewUse(tx, link.id, unit, at)
    record({ action: 'admission.previewed', summary: `came in by the preview link “${link.name}”`, subject: link.id })
    return unit
  })
}

/** Enough to tell one's devices apart, and no more than that. */
export function deviceName(userAgent: string): string {
  const browser =
    [
      [/Edg\//, 'Edge'],
      [/Firefox\//, 'Firefox'],
      [/Chrome\//, 'Chrome'],
      [/Safari\//, 'Safari'],
    ].find(([shape]) => (shape as RegExp).test(userAgent))?.[1] ?? 'A browser'
  const system = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'Mac'],
    [/Linux/, 'Linux'],
  ].find(([shape]) => (shape as RegExp).test(userAgent))?.[1]
  return system === undefined ? String(browser) : `${String(browser)} on ${String(system)}`
}
