import { lowestCeiling, reaches } from '../../packages/admission/src/index.ts'
import { ceilingOf, findServiceById, type Service } from '../services/index.ts'
import { act, actorName, Refusal, type Context, type Record, type Tx } from '../platform/index.ts'
import type { Rollout } from './admission.ts'
import { refuseAboveCeiling, refuseCap, refuseShare, sayShare } from './rules.ts'
import { changeRollout, lockRollout, readPlaces } from './store.ts'
import { people } from './words.ts'

const topic = 'admission'

/** What the team sets of who gets in by themselves; what is left out stays as it is. */
export type Opening = Partial<Pick<Rollout, 'share' | 'cap' | 'joinOpen'>>

interface Wanted extends Opening {
  service: Pick<Service, 'id'>
  reason: string
  /** Where the cap would be below the places that are taken or held, take these instead of refusing (P3). */
  keepPlaces?: boolean
}

export async function setShare(ctx: Context, service: Service, to: { share: number; reason: string }): Promise<void> {
  await open(ctx, { service, ...to })
}

export async function setCap(
  ctx: Context,
  service: Service,
  to: { cap: number | null; reason: string },
): Promise<void> {
  await open(ctx, { service, ...to })
}

export async function setJoining(ctx: Context, service: Service, to: { open: boolean; reason: string }): Promise<void> {
  await open(ctx, { service, joinOpen: to.open, reason: to.reason })
}

async function open(ctx: Context, wanted: Wanted): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: wanted.service.id, topic }, (tx, record) =>
    changeOpening(ctx, tx, record, wanted),
  )
}

/**
 * ADM-21. Inside the caller's transaction, so that a gate that opens to the public gives the first share with it, and a step
 * of a plan sets all three or none. What stays as it is leaves no entry in the history.
 */
export async function changeOpening(ctx: Context, tx: Tx, record: Record, wanted: Wanted): Promise<void> {
  const { service: of, reason } = wanted
  const service = await findServiceById(tx, of.id)
  if (service === null) throw new Refusal('not-found')
  const ceiling = ceilingOf(service.phase)
  const before = await lockRollout(tx, of.id)
  const { share = before.share, joinOpen = before.joinOpen } = wanted
  if (wanted.share !== undefined) refuseShare(ceiling, share)
  if (wanted.joinOpen === true) refuseAboveCeiling(ceiling, 'join')
  const cap = wanted.cap === undefined ? before.cap : await capOf(ctx, tx, wanted, wanted.cap)
  const entries = entriesOf(before, { share, cap, joinOpen })
  if (entries.length === 0) return
  await changeRollout(tx, of.id, { share, cap, joinOpen }, { at: ctx.clock.now(), by: actorName(ctx.actor) })
  for (const entry of entries) record({ ...entry, ...(reason === '' ? {} : { reason }) })
}

async function capOf(
  ctx: Context,
  tx: Tx,
  { service, keepPlaces }: Wanted,
  cap: number | null,
): Promise<number | null> {
  const places = await readPlaces(tx, service.id, ctx.clock.now())
  if (keepPlaces === true && cap !== null) return Math.max(cap, places.taken + places.held)
  refuseCap(cap, places)
  return cap
}

/** ADM-21: a pause admits nobody new. Who is in stays in, and whoever holds an invitation keeps the place. */
export async function closeToNewcomers(
  ctx: Context,
  tx: Tx,
  record: Record,
  { service, reason }: { service: Pick<Service, 'id' | 'phase'>; reason: string },
): Promise<void> {
  await lockRollout(tx, service.id)
  const { taken, held } = await readPlaces(tx, service.id, ctx.clock.now())
  const isOpen = reaches(ceilingOf(service.phase), lowestCeiling.share)
  const openToAll = isOpen ? { share: 0, joinOpen: false } : {}
  await changeOpening(ctx, tx, record, { service, reason, cap: taken + held, ...openToAll })
}

function entriesOf(before: Rollout, to: Required<Opening>): Parameters<Record>[0][] {
  const entries: Parameters<Record>[0][] = []
  if (before.share !== to.share)
    entries.push({
      action: 'admission.share',
      summary: `${to.share > before.share ? 'raised' : 'lowered'} the share of the new service from ${sayShare(before.share)} to ${sayShare(to.share)}`,
      detail: { from: before.share, to: to.share },
    })
  if (before.cap !== to.cap)
    entries.push({
      action: 'admission.cap',
      summary: `changed the cap from ${sayCap(before.cap)} to ${sayCap(to.cap)}`,
      detail: { from: before.cap, to: to.cap },
    })
  if (before.joinOpen !== to.joinOpen)
    entries.push({
      action: 'admission.joining',
      summary: to.joinOpen
        ? 'opened joining: everybody may choose the new service'
        : 'closed joining: nobody new may choose the new service',
    })
  return entries
}

function sayCap(cap: number | null): string {
  return cap === null ? 'no limit' : people(cap)
}
