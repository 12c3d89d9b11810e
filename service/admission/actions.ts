import { ceilingOf, findServiceById, type Service } from '../services/index.ts'
import {
  act,
  actorName,
  hashSecret,
  newSecret,
  Refusal,
  type Context,
  type Record,
  type Tx,
} from '../platform/index.ts'
import { newUnit } from '../../packages/admission/src/index.ts'
import { invitationDays, previewDays, type Invitation } from './admission.ts'
import {
  expiredInvitations,
  findCohort,
  insertInvitation,
  insertToken,
  knownAddresses,
  lockInvitation,
  markInvited,
  markRevoked,
  nextWaiting,
  renewInvitation,
} from './invitation-store.ts'
import type { Links } from './links.ts'
import { invitationMail } from './mails.ts'
import { invitationsHoldPlaces, readAddresses, refuseAboveCeiling, refuseCap, refuseShare, sayShare } from './rules.ts'
import {
  changeRollout,
  endAdmission,
  findAdmission,
  findParticipant,
  insertAdmission,
  insertEnterCode,
  insertParticipant,
  insertPreviewLink,
  insertRemoval,
  liftRemoval,
  lockRollout,
  readPlaces,
  replaceUnit,
  revokePreviewLink,
  takePlace,
  takesPlace,
} from './store.ts'

const dayMs = 86_400_000
const topic = 'admission'

export interface InvitationResult {
  line: string
  outcome: 'invited' | 'already-in' | 'already-invited' | 'not-an-address'
  id: string | null
  /** For a key that hands links out by itself; never shown to people. */
  link: string | null
}

export interface Batch {
  addresses: string
  cohort: string | null
  overInvite: boolean
  days?: number
}

/** ADM-15: sends an invitation to each address that needs one, and says of every line what became of it. */
export async function invite(ctx: Context, links: Links, service: Service, batch: Batch): Promise<InvitationResult[]> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, (tx, record) =>
    inviteIn(ctx, tx, record, links, service, batch),
  )
}

/** The next of the waiting list, in the order in which they came. */
export async function inviteWaiting(
  ctx: Context,
  links: Links,
  service: Service,
  wanted: { count: number; overInvite: boolean },
): Promise<InvitationResult[]> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const addresses = await nextWaiting(tx, service.id, wanted.count)
    if (addresses.length === 0) throw new Refusal('nobody-waiting')
    const batch = { addresses: addresses.join('\n'), cohort: 'Waiting list', overInvite: wanted.overInvite }
    const results = await inviteIn(ctx, tx, record, links, service, batch)
    await markInvited(tx, service.id, addresses, ctx.clock.now())
    return results
  })
}

async function inviteIn(
  ctx: Context,
  tx: Tx,
  record: Record,
  links: Links,
  service: Service,
  batch: Batch,
): Promise<InvitationResult[]> {
  refuseAboveCeiling(ceilingOf(service.phase), 'invited')
  if (links.isHalted(service.id)) throw new Refusal('halted')
  const at = ctx.clock.now()
  await lockRollout(tx, service.id)
  const rows = readAddresses(batch.addresses)
  const addresses = rows.flatMap(({ address }) => (address === null ? [] : [address]))
  const known = await knownAddresses(tx, service.id, addresses, at)
  const expired = await expiredInvitations(tx, service.id, addresses, at)
  const wanted = addresses.filter((address) => !known.has(address.toLowerCase()))
  const holdsPlace = invitationsHoldPlaces(await readPlaces(tx, service.id, at), wanted.length, batch.overInvite)
  const cohortId =
    batch.cohort === null || wanted.length === 0 ? null : await findCohort(tx, service.id, batch.cohort, at)
  const expiresAt = new Date(at.getTime() + (batch.days ?? invitationDays) * dayMs)
  const results: InvitationResult[] = []
  for (const { line, address } of rows) {
    const how = address === null ? null : known.get(address.toLowerCase())
    if (address === null || how !== undefined) {
      results.push({
        line,
        outcome: address === null ? 'not-an-address' : how === 'in' ? 'already-in' : 'already-invited',
        id: null,
        link: null,
      })
      continue
    }
    const token = newSecret()
    const tokenHash = hashSecret(token)
    const old = expired.get(address.toLowerCase())
    const by = actorName(ctx.actor)
    const id =
      old ??
      (await insertInvitation(tx, {
        serviceId: service.id,
        cohortId,
        address,
        holdsPlace,
        at,
        by,
        expiresAt,
        tokenHash,
      }))
    if (old !== undefined) {
      await renewInvitation(tx, old, { at, expiresAt, holdsPlace })
      await insertToken(tx, old, tokenHash, at)
    }
    const link = links.to(service, `invitation/${token}`)
    await ctx.mail.send(invitationMail({ service, address, link, expiresAt, limited: !holdsPlace }), tx)
    results.push({ line, outcome: 'invited', id, link: ctx.actor.kind === 'key' ? link : null })
  }
  await markInvited(tx, service.id, wanted, at)
  const sent = results.filter(({ outcome }) => outcome === 'invited')
  if (sent.length > 0) {
    const group = batch.cohort === null ? '' : ` as “${batch.cohort}”`
    const over = holdsPlace ? '' : ', more than there are places'
    record({
      action: 'admission.invited',
      summary: `invited ${people(sent.length)}${group}${over}`,
      detail: { invitations: sent.map(({ id }) => id) },
    })
  }
  return results
}

/** A new link by mail, with a new life; the old link ends (ADM-17). */
export async function resend(ctx: Context, links: Links, service: Service, id: string): Promise<Invitation> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), 'invited')
    if (links.isHalted(service.id)) throw new Refusal('halted')
    const at = ctx.clock.now()
    // The invitation before the places, as whoever accepts takes them: the other order could lock both out.
    const invitation = await lockInvitation(tx, service.id, id, at)
    await lockRollout(tx, service.id)
    if (invitation === null) throw new Refusal('not-found')
    if (invitation.state === 'revoked') throw new Refusal('invitation-not-open', { state: 'withdrawn' })
    if (invitation.state === 'accepted') throw new Refusal('invitation-not-open', { state: 'accepted' })
    const holdsNow = invitation.state === 'sent' && invitation.holdsPlace
    const holdsPlace =
      holdsNow || invitationsHoldPlaces(await readPlaces(tx, service.id, at), 1, !invitation.holdsPlace)
    const expiresAt = new Date(at.getTime() + invitationDays * dayMs)
    const token = newSecret()
    await renewInvitation(tx, id, { at, expiresAt, holdsPlace })
    await insertToken(tx, id, hashSecret(token), at)
    const link = links.to(service, `invitation/${token}`)
    await ctx.mail.send(
      invitationMail({ service, address: invitation.address, link, expiresAt, limited: !holdsPlace }),
      tx,
    )
    record({ action: 'admission.resent', summary: 'sent an invitation again', subject: id })
    return { ...invitation, state: 'sent', sentAt: at, expiresAt, holdsPlace, resent: invitation.resent + 1 }
  })
}

export async function revoke(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const invitation = await lockInvitation(tx, service.id, id, ctx.clock.now())
    if (invitation === null) throw new Refusal('not-found')
    if (invitation.state === 'accepted') throw new Refusal('invitation-not-open', { state: 'accepted' })
    if (invitation.state === 'revoked') throw new Refusal('invitation-not-open', { state: 'withdrawn' })
    await markRevoked(tx, id, ctx.clock.now())
    record({ action: 'admission.revoked', summary: 'withdrew an invitation; its link works no longer', subject: id })
  })
}

// Share, cap, joining

export async function setShare(ctx: Context, service: Service, to: { share: number; reason: string }): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: service.id, topic }, (tx, record) =>
    changeShare(tx, record, { service, ...to }),
  )
}

/** Inside the caller's transaction: a gate that opens to the public gives the first share with it. */
export async function changeShare(
  tx: Tx,
  record: Record,
  to: { service: Pick<Service, 'id'>; share: number; reason: string },
): Promise<void> {
  const service = await findServiceById(tx, to.service.id)
  if (service === null) throw new Refusal('not-found')
  refuseShare(ceilingOf(service.phase), to.share)
  const before = await lockRollout(tx, to.service.id)
  if (before.share === to.share) return
  await changeRollout(tx, to.service.id, { share: to.share })
  record({
    action: 'admission.share',
    summary: `${to.share > before.share ? 'raised' : 'lowered'} the share of the new service from ${sayShare(before.share)} to ${sayShare(to.share)}`,
    ...reasonOf(to.reason),
    detail: { from: before.share, to: to.share },
  })
}

export async function setCap(
  ctx: Context,
  service: Service,
  to: { cap: number | null; reason: string },
): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: service.id, topic }, async (tx, record) => {
    const before = await lockRollout(tx, service.id)
    refuseCap(to.cap, await readPlaces(tx, service.id, ctx.clock.now()))
    if (before.cap === to.cap) return
    await changeRollout(tx, service.id, { cap: to.cap })
    const say = (cap: number | null): string => (cap === null ? 'no limit' : people(cap))
    record({
      action: 'admission.cap',
      summary: `changed the cap from ${say(before.cap)} to ${say(to.cap)}`,
      ...reasonOf(to.reason),
      detail: { from: before.cap, to: to.cap },
    })
  })
}

export async function setJoining(ctx: Context, service: Service, to: { open: boolean; reason: string }): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: service.id, topic }, async (tx, record) => {
    if (to.open) refuseAboveCeiling(ceilingOf(service.phase), 'join')
    const before = await lockRollout(tx, service.id)
    if (before.joinOpen === to.open) return
    await changeRollout(tx, service.id, { joinOpen: to.open })
    const summary = to.open
      ? 'opened joining: everybody may choose the new service'
      : 'closed joining: nobody new may choose the new service'
    record({ action: 'admission.joining', summary, ...reasonOf(to.reason) })
  })
}

// One person

/** ADM-20: by name, with a reason. `who` is an address of somebody who takes part, or a unit. */
export async function remove(ctx: Context, service: Service, wanted: { who: string; reason: string }): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const at = ctx.clock.now()
    const isAddress = wanted.who.includes('@')
    const person = await findParticipant(tx, service.id, isAddress ? { address: wanted.who } : { unit: wanted.who })
    const unit = person?.unit ?? (isAddress ? null : wanted.who)
    const isIn = unit !== null && (await findAdmission(tx, service.id, unit)) !== null
    if (unit === null || (!isIn && person === null)) throw new Refusal('person-unknown')
    await endAdmission(tx, service.id, unit, at)
    const isNew = await insertRemoval(tx, {
      serviceId: service.id,
      unit,
      at,
      by: actorName(ctx.actor),
      reason: wanted.reason,
    })
    if (!isNew) throw new Refusal('person-unknown')
    record({
      action: 'admission.removed',
      summary: 'removed a person from the beta',
      reason: wanted.reason,
      subject: unit,
    })
  })
}

/** ADM-18: every device of a person is signed out; the person, the place and the invitation's link stay. */
export async function signDevicesOut(ctx: Context, service: Service, who: string): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const at = ctx.clock.now()
    const serviceId = service.id
    const person = await findParticipant(tx, serviceId, who.includes('@') ? { address: who } : { unit: who })
    const admission = person === null ? null : await findAdmission(tx, serviceId, person.unit)
    if (person === null || admission === null) throw new Refusal('person-unknown')
    const by = actorName(ctx.actor)
    await endAdmission(tx, serviceId, person.unit, at)
    await insertRemoval(tx, { serviceId, unit: person.unit, at, by, reason: 'Devices signed out' })
    const unit = newUnit()
    await replaceUnit(tx, person.id, unit)
    await insertAdmission(tx, { serviceId, unit, rung: admission.rung, at, by, participantId: person.id })
    if (takesPlace(admission.rung)) await takePlace(tx, serviceId, at, true)
    record({ action: 'admission.devices-out', summary: 'signed all devices of a person out', subject: unit })
  })
}

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

export async function addPreviewLink(
  ctx: Context,
  links: Links,
  service: Service,
  wanted: { name: string; days?: number },
): Promise<{ id: string; link: string; expiresAt: Date }> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), 'preview')
    const at = ctx.clock.now()
    const token = newSecret()
    const expiresAt = new Date(at.getTime() + (wanted.days ?? previewDays) * dayMs)
    const by = actorName(ctx.actor)
    const id = await insertPreviewLink(tx, {
      serviceId: service.id,
      name: wanted.name,
      tokenHash: hashSecret(token),
      at,
      by,
      expiresAt,
    })
    record({ action: 'admission.preview-link', summary: `made the preview link “${wanted.name}”`, subject: id })
    return { id, link: links.to(service, `preview/${token}`), expiresAt }
  })
}

export async function endPreviewLink(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    if (!(await revokePreviewLink(tx, service.id, id, ctx.clock.now()))) throw new Refusal('not-found')
    record({ action: 'admission.preview-link-ended', summary: 'ended a preview link', subject: id })
  })
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`
}

function reasonOf(reason: string): { reason?: string } {
  return reason === '' ? {} : { reason }
}
