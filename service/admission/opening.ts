import { ceilingOf, findServiceById, type Service } from '../services/index.ts'
import { act, Refusal, type Context, type Record, type Tx } from '../platform/index.ts'
import { refuseAboveCeiling, refuseCap, refuseShare, sayShare } from './rules.ts'
import { changeRollout, lockRollout, readPlaces } from './store.ts'
import { people } from './words.ts'

const topic = 'admission'

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

function reasonOf(reason: string): { reason?: string } {
  return reason === '' ? {} : { reason }
}
