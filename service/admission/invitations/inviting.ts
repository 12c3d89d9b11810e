import { ceilingOf, type Service } from '../../services/index.ts'
import {
  act,
  actorName,
  hashSecret,
  may,
  newSecret,
  Refusal,
  type Context,
  type Record,
  type Tx,
} from '../../platform/index.ts'
import { invitationDays, type Invitation, type Places } from '../admission.ts'
import { nextWaiting } from '../batches/drawing.ts'
import { cohortPlaces } from '../batches/reads.ts'
import { readSendingRule } from '../batches/store.ts'
import {
  expiredInvitations,
  findCohort,
  insertInvitation,
  insertToken,
  knownAddresses,
  lockInvitation,
  markInvited,
  markRevoked,
  renewInvitation,
} from './store.ts'
import type { Links } from '../links.ts'
import { isNotWanted, suppressedOf } from './suppressing.ts'
import { invitationMail } from '../mails.ts'
import { invitationsHoldPlaces, readAddresses, refuseAboveCeiling } from '../rules.ts'
import { lockRollout, readPlaces } from '../store.ts'
import { addressesWith } from '../waitlist/reads.ts'
import { people } from '../words.ts'

const dayMs = 86_400_000
const topic = 'admission'

export interface InvitationResult {
  line: string
  outcome: 'invited' | 'already-in' | 'already-invited' | 'not-wanted' | 'outside' | 'not-an-address' | 'repeated'
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

/** The next of the waiting list, in the order in which they came; an address only to whoever may see people. */
export async function inviteWaiting(
  ctx: Context,
  links: Links,
  service: Service,
  { count, overInvite }: { count: number; overInvite: boolean },
): Promise<(Omit<InvitationResult, 'line'> & { line: string | null })[]> {
  const maySeePeople = await may(ctx, 'admission.people', service.id)
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    // Before looking: of two who invite the next at once the second finds the others.
    await lockRollout(tx, service.id)
    const next = await nextWaiting(tx, service, count)
    if (next.length === 0) throw new Refusal('nobody-waiting')
    const batch = { addresses: next.join('\n'), cohort: 'Waiting list', overInvite }
    const results = await inviteIn(ctx, tx, record, links, service, batch)
    return maySeePeople ? results : results.map((result) => ({ ...result, line: null }))
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
  const addresses = rows.flatMap(({ address, repeated }) => (address === null || repeated ? [] : [address]))
  const lowered = addresses.map((address) => address.toLowerCase())
  const none = await whoNeedsNone(ctx, tx, service.id, lowered)
  await refuseOutside(tx, service, lowered, none)
  const expired = await expiredInvitations(tx, service.id, addresses, at)
  const wanted = addresses.filter((address) => !none.has(address.toLowerCase()))
  const cohortId =
    batch.cohort === null || wanted.length === 0 ? null : await findCohort(tx, service.id, batch.cohort, at)
  const holdsPlace = invitationsHoldPlaces(
    await placesOf(tx, service.id, cohortId, at),
    wanted.length,
    batch.overInvite,
  )
  const expiresAt = new Date(at.getTime() + (batch.days ?? invitationDays) * dayMs)
  const results: InvitationResult[] = []
  for (const { line, address, repeated } of rows) {
    const known = address === null ? 'not-an-address' : none.get(address.toLowerCase())
    const how = repeated ? 'repeated' : known
    if (address === null || how !== undefined) {
      results.push({ line, outcome: how ?? 'not-an-address', id: null, link: null })
      continue
    }
    const renewed = expired.get(address.toLowerCase()) ?? null
    const by = actorName(ctx.actor)
    const one = { service, address, attributes: null, cohortId, holdsPlace, expiresAt, renewed, by }
    const { id, link } = await sendInvitation(ctx, tx, links, one)
    results.push({ line, outcome: 'invited', id, link: ctx.actor.kind === 'key' ? link : null })
  }
  await markInvited(tx, service.id, wanted, at)
  const sent = results.filter(({ outcome }) => outcome === 'invited')
  if (sent.length === 0) return results
  const group = batch.cohort === null ? '' : ` as “${batch.cohort}”`
  const over = holdsPlace ? '' : ', more than there are places'
  const detail = { invitations: sent.map(({ id }) => id) }
  record({ action: 'admission.invited', summary: `invited ${people(sent.length)}${group}${over}`, detail })
  return results
}

export type NoNeed = 'already-in' | 'already-invited' | 'not-wanted' | 'outside'

/** Addresses in lower case that are not to be invited, and why. */
export async function whoNeedsNone(
  ctx: Context,
  tx: Tx,
  serviceId: string,
  lowered: readonly string[],
): Promise<Map<string, NoNeed>> {
  const none = new Map<string, NoNeed>()
  for (const [address, how] of await knownAddresses(tx, serviceId, lowered, ctx.clock.now()))
    none.set(address, how === 'in' ? 'already-in' : 'already-invited')
  for (const address of (await suppressedOf(ctx, tx, serviceId, lowered)).keys()) none.set(address, 'not-wanted')
  return none
}

/** ADM-48: where only some people are invited, an address alone says nothing; what is known of it has to. */
async function refuseOutside(
  tx: Tx,
  service: Service,
  lowered: readonly string[],
  none: Map<string, NoNeed>,
): Promise<void> {
  const { onlyAttribute, onlyValues } = await readSendingRule(tx, service.id)
  if (onlyAttribute === null) return
  const only = { attribute: onlyAttribute, values: onlyValues }
  const inside = await addressesWith(tx, service.id, lowered, only)
  for (const address of lowered) if (!none.has(address) && !inside.has(address)) none.set(address, 'outside')
}

/** Places of the service, and of the group where that has a cap of its own. */
async function placesOf(tx: Tx, serviceId: string, cohortId: string | null, at: Date): Promise<Places> {
  const places = await readPlaces(tx, serviceId, at)
  if (cohortId === null) return places
  const group = await cohortPlaces(tx, cohortId, at)
  if (group.cap === null) return places
  const free = Math.max(0, group.cap - group.taken - group.held)
  return places.free !== null && places.free <= free ? places : { ...group, free }
}

interface NewInvitation {
  service: Service
  address: string
  attributes: { [name: string]: string } | null
  cohortId: string | null
  holdsPlace: boolean
  expiresAt: Date
  /** An invitation of this person that ran out, which this one renews. */
  renewed: string | null
  by: string
}

export async function sendInvitation(
  ctx: Context,
  tx: Tx,
  links: Links,
  wanted: NewInvitation,
): Promise<{ id: string; link: string }> {
  const { service, address, attributes, cohortId, holdsPlace, expiresAt, renewed, by } = wanted
  const at = ctx.clock.now()
  const token = newSecret()
  const tokenHash = hashSecret(token)
  const invitation = { serviceId: service.id, cohortId, address, attributes, holdsPlace, at, by, expiresAt, tokenHash }
  const id = renewed ?? (await insertInvitation(tx, invitation))
  if (renewed !== null) {
    await renewInvitation(tx, renewed, { at, expiresAt, holdsPlace })
    await insertToken(tx, renewed, tokenHash, at)
  }
  const link = links.to(service, `invitation/${token}`)
  await ctx.mail.send(invitationMail({ service, address, link, expiresAt, limited: !holdsPlace }), tx)
  return { id, link }
}

/** A new link by mail, with as long a life as the old one had, which ends (ADM-17). */
export async function resend(
  ctx: Context,
  links: Links,
  service: Service,
  id: string,
): Promise<{ invitation: Invitation; link: string | null }> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), 'invited')
    if (links.isHalted(service.id)) throw new Refusal('halted')
    const at = ctx.clock.now()
    // The invitation before the places, as whoever accepts takes them: the other order could lock both out.
    const invitation = await lockInvitation(tx, service.id, id, at)
    await lockRollout(tx, service.id)
    if (invitation === null) throw new Refusal('not-found')
    refuseClosed(invitation)
    if (await isNotWanted(ctx, tx, service.id, invitation.address)) throw new Refusal('invitation-not-wanted')
    const holdsNow = invitation.state === 'sent' && invitation.holdsPlace
    const holdsPlace =
      holdsNow || invitationsHoldPlaces(await readPlaces(tx, service.id, at), 1, !invitation.holdsPlace)
    const lastsMs = invitation.expiresAt.getTime() - invitation.sentAt.getTime()
    const expiresAt = new Date(at.getTime() + lastsMs)
    const token = newSecret()
    await renewInvitation(tx, id, { at, expiresAt, holdsPlace })
    await insertToken(tx, id, hashSecret(token), at)
    const link = links.to(service, `invitation/${token}`)
    await ctx.mail.send(
      invitationMail({ service, address: invitation.address, link, expiresAt, limited: !holdsPlace }),
      tx,
    )
    record({ action: 'admission.resent', summary: 'sent an invitation again', subject: id })
    const again = { state: 'sent', sentAt: at, expiresAt, holdsPlace, resent: invitation.resent + 1 } as const
    return { invitation: { ...invitation, ...again }, link: ctx.actor.kind === 'key' ? link : null }
  })
}

export async function revoke(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const invitation = await lockInvitation(tx, service.id, id, ctx.clock.now())
    if (invitation === null) throw new Refusal('not-found')
    refuseClosed(invitation)
    await markRevoked(tx, id, ctx.clock.now())
    record({ action: 'admission.revoked', summary: 'withdrew an invitation; its link works no longer', subject: id })
  })
}

/** One that ran out can be sent again, or withdrawn; what became of the others stands. */
function refuseClosed({ state }: Invitation): void {
  if (state === 'sent' || state === 'expired') return
  throw new Refusal('invitation-not-open', { state: state === 'revoked' ? 'withdrawn' : state })
}
