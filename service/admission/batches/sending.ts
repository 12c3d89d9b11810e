import { lowestCeiling, reaches } from '../../../packages/admission/src/index.ts'
import {
  change,
  notify,
  type Context,
  type Platform,
  type Queryable,
  type Record,
  type Tx,
} from '../../platform/index.ts'
import { ceilingOf, findServiceById, type Service } from '../../services/index.ts'
import { sendInvitation, whoNeedsNone } from '../invitations/inviting.ts'
import { expiredInvitations, markInvited } from '../invitations/store.ts'
import type { Links } from '../links.ts'
import { lockRollout, readPlaces } from '../store.ts'
import { addressesWith } from '../waitlist/reads.ts'
import { people as sayPeople } from '../words.ts'
import type { Batch, LineOutcome } from './batch.ts'
import { cohortPlaces } from './reads.ts'
import { countedSince, isInside, isInWindow, reasonToPause, roomNow } from './rules.ts'
import {
  batchesToSend,
  deleteUnread,
  pauseBatch,
  queuedPeople,
  readSendingRule,
  sentSince,
  setBatchState,
  settlePeople,
  takeBatch,
} from './store.ts'

/** So many in one transaction: whoever accepts meanwhile waits no longer than that. */
const together = 50
const dayMs = 86_400_000

/** What another domain knows: how many answers of people wait for the team. */
export type Unanswered = (db: Queryable, serviceId: string) => Promise<number>

export interface Sending {
  platform: Platform
  links: Links
  unanswered: Unanswered
}

/** Everything that may leave now, of every batch. Several instances share the work: who holds a batch sends of it. */
export async function sendDue(sending: Sending): Promise<void> {
  const { platform } = sending
  await deleteUnread(platform.db, new Date(platform.clock.now().getTime() - dayMs))
  for (const { id, serviceId } of await batchesToSend(platform.db)) {
    const ctx: Context = { ...platform, actor: { kind: 'system', name: 'Phasegate' }, requestId: `batch ${id}` }
    const deed = { service: serviceId, topic: 'admission' }
    while (await change(ctx, deed, (tx, record) => sendPart(ctx, tx, record, sending, id)));
  }
}

/** True where there may be more to send right away. */
async function sendPart(ctx: Context, tx: Tx, record: Record, sending: Sending, id: string): Promise<boolean> {
  const batch = await takeBatch(tx, id)
  const service = batch === null ? null : await findServiceById(tx, batch.serviceId)
  if (batch === null || service === null) return false
  const why = await whyNotNow(tx, sending, service)
  if (why !== null) return pause(ctx, tx, record, { service, batch, why })
  const at = ctx.clock.now()
  if (!isInWindow(batch, at, service.timeZone)) return false
  const room = Math.min(together, roomNow(batch.perHour, await sentSince(tx, id, countedSince(at))))
  if (room === 0) return false
  return sendNext(ctx, tx, record, { sending, service, batch, room })
}

/** ADM-47, asked in the same transaction that would send. */
export async function whyNotNow(tx: Tx, { links, unanswered }: Sending, service: Service): Promise<string | null> {
  const { unansweredLimit } = await readSendingRule(tx, service.id)
  return reasonToPause({
    isHalted: links.isHalted(service.id),
    allowsInvited: reaches(ceilingOf(service.phase), lowestCeiling.invited),
    unanswered: unansweredLimit === null ? 0 : await unanswered(tx, service.id),
    unansweredLimit,
  })
}

interface Part {
  sending: Sending
  service: Service
  batch: Batch
  room: number
}

async function sendNext(ctx: Context, tx: Tx, record: Record, part: Part): Promise<boolean> {
  const { service, batch, room } = part
  const at = ctx.clock.now()
  await lockRollout(tx, service.id)
  const queued = await queuedPeople(tx, batch.id, room)
  if (queued.length === 0) return finish(ctx, tx, record, batch)
  const lowered = queued.map(({ address }) => address.toLowerCase())
  const settled = await outsiders(ctx, tx, service, queued, lowered)
  const wanted = queued.filter(({ position }) => !settled.has(position))
  const free = batch.overInvite ? Infinity : await freePlaces(tx, service, batch, at)
  if (wanted.length > 0 && free === 0) {
    const why =
      'Every place is taken or held. Raise the cap, withdraw invitations, or invite more than there are places'
    return pause(ctx, tx, record, { service, batch, why })
  }
  const expiresAt = new Date(at.getTime() + batch.days * dayMs)
  const holdsPlace = !batch.overInvite || (await freePlaces(tx, service, batch, at)) >= wanted.length
  const now = wanted.slice(0, free)
  const rows = [...settled.values()]
  const addresses = now.map(({ address }) => address)
  const expired = await expiredInvitations(tx, service.id, addresses, at)
  for (const { position, address, attributes } of now) {
    const renewed = expired.get(address.toLowerCase()) ?? null
    const { id } = await sendInvitation(ctx, tx, part.sending.links, {
      ...{ service, address, attributes, holdsPlace, expiresAt, renewed },
      ...{ cohortId: batch.cohortId, by: batch.createdBy },
    })
    rows.push({ position, outcome: 'invited', invitationId: id })
  }
  await settlePeople(tx, batch.id, rows, at)
  await markInvited(tx, service.id, addresses, at)
  if (now.length > 0)
    record({
      action: 'admission.invited',
      summary: `invited ${sayPeople(now.length)} as “${batch.name}”`,
      subject: batch.id,
      detail: { invitations: rows.flatMap(({ invitationId }) => invitationId ?? []) },
    })
  return true
}

interface Settled {
  position: number
  outcome: LineOutcome
  invitationId: string | null
}

/** Who came in, was invited, said no or moved meanwhile: since the list was read, days may have passed. */
async function outsiders(
  ctx: Context,
  tx: Tx,
  service: Service,
  queued: readonly { position: number; address: string; attributes: { [name: string]: string } | null }[],
  lowered: readonly string[],
): Promise<Map<number, Settled>> {
  const none = await whoNeedsNone(ctx, tx, service.id, lowered)
  const rule = await readSendingRule(tx, service.id)
  const { onlyAttribute, onlyValues } = rule
  const inside =
    onlyAttribute === null
      ? null
      : await addressesWith(tx, service.id, lowered, { attribute: onlyAttribute, values: onlyValues })
  const settled = new Map<number, Settled>()
  for (const { position, address, attributes } of queued) {
    const outcome = none.get(address.toLowerCase())
    if (outcome !== undefined) settled.set(position, { position, outcome, invitationId: null })
    else if (inside !== null && !inside.has(address.toLowerCase()) && !isInside(rule, attributes))
      settled.set(position, { position, outcome: 'outside', invitationId: null })
  }
  return settled
}

async function freePlaces(tx: Tx, service: Service, batch: Batch, at: Date): Promise<number> {
  const { free } = await readPlaces(tx, service.id, at)
  const all = free ?? Infinity
  if (batch.cohortId === null) return all
  const { cap, taken, held } = await cohortPlaces(tx, batch.cohortId, at)
  return Math.min(all, cap === null ? Infinity : Math.max(0, cap - taken - held))
}

async function finish(ctx: Context, tx: Tx, record: Record, batch: Batch): Promise<false> {
  await setBatchState(tx, batch.id, 'done', ctx.clock.now())
  record({ action: 'admission.batch-done', summary: `sent the batch “${batch.name}” to its end`, subject: batch.id })
  return false
}

const told = ['service-manager', 'product', 'researcher', 'support', 'growth'] as const

/** ADM-47: it stops by itself, says why on the page and in a notice, and goes on by a person's wish only. */
async function pause(
  ctx: Context,
  tx: Tx,
  record: Record,
  { service, batch, why }: { service: Service; batch: Batch; why: string },
): Promise<false> {
  await pauseBatch(tx, batch.id, { why, by: 'Phasegate', at: ctx.clock.now() })
  record({
    action: 'admission.batch-paused',
    summary: `sending of “${batch.name}” paused by itself`,
    reason: why,
    subject: batch.id,
  })
  await notify(ctx, tx, {
    service: service.id,
    roles: told,
    title: `No more invitations leave: “${batch.name}” has paused`,
    body: `${why}. Whoever is invited already keeps the place. Sending goes on when somebody resumes it.`,
    href: `/services/${service.key}/admission/batches/${batch.id}`,
  })
  return false
}
