import { act, actorName, longMomentWords, Refusal, type Context, type Record, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { findCohort } from '../invitations/store.ts'
import { invitationsHoldPlaces, refuseAboveCeiling } from '../rules.ts'
import { lockRollout, readPlaces } from '../store.ts'
import { moreAnswersThan, people as sayPeople } from '../words.ts'
import type { Batch, SendingRule, SendWindow } from './batch.ts'
import { countOutcomes } from './reads.ts'
import { sayWindow } from './rules.ts'
import { whyNotNow, type Sending } from './sending.ts'
import {
  deleteBatch,
  lockBatch,
  pauseBatch,
  putSendingRule,
  revokeOpen,
  setBatchState,
  setCohortCap,
  startBatch,
  stopQueued,
} from './store.ts'

const topic = 'admission'

function withBatch<T>(
  ctx: Context,
  service: Service,
  id: string,
  work: (tx: Tx, record: Record, batch: Batch) => Promise<T>,
): Promise<T> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const batch = await lockBatch(tx, service.id, id)
    if (batch === null) throw new Refusal('not-found')
    return work(tx, record, batch)
  })
}

/** From shown to sent: what was drawn or read is now invited, within the hours and at the pace that were chosen. */
export async function start(
  ctx: Context,
  { links }: Sending,
  service: Service,
  id: string,
  how: SendWindow & { overInvite: boolean; days: number; cap: number | null },
): Promise<void> {
  await withBatch(ctx, service, id, async (tx, record, batch) => {
    if (batch.state !== 'draft') throw new Refusal('batch-not-so', { state: batch.state })
    refuseAboveCeiling(ceilingOf(service.phase), 'invited')
    if (links.isHalted(service.id)) throw new Refusal('halted')
    const at = ctx.clock.now()
    await lockRollout(tx, service.id)
    const { queued = 0 } = await countOutcomes(tx, id)
    if (queued === 0) throw new Refusal('batch-empty')
    invitationsHoldPlaces(await readPlaces(tx, service.id, at), queued, how.overInvite)
    const cohortId = await findCohort(tx, service.id, batch.name, at)
    await setCohortCap(tx, cohortId, how.cap)
    await startBatch(tx, id, { ...how, cohortId, at })
    const from =
      how.beginsAt !== null && how.beginsAt > at ? `, from ${longMomentWords(how.beginsAt, service.timeZone)} on` : ''
    const summary = `began to invite ${sayPeople(queued)} as “${batch.name}”${from}`
    record({ action: 'admission.batch-started', summary, subject: id, detail: { window: sayWindow(how) } })
  })
}

export async function pauseByTeam(ctx: Context, service: Service, id: string, reason: string): Promise<void> {
  await withBatch(ctx, service, id, async (tx, record, batch) => {
    if (batch.state !== 'sending') throw new Refusal('batch-not-so', { state: batch.state })
    const why = reason === '' ? 'No reason given' : reason
    await pauseBatch(tx, id, { why, by: actorName(ctx.actor), at: ctx.clock.now() })
    const words = reason === '' ? {} : { reason }
    record({ action: 'admission.batch-paused', summary: `paused the batch “${batch.name}”`, subject: id, ...words })
  })
}

/** ADM-47: what would pause it again at once is told instead. */
export async function resumeSending(ctx: Context, sending: Sending, service: Service, id: string): Promise<void> {
  await withBatch(ctx, service, id, async (tx, record, batch) => {
    if (batch.state !== 'paused') throw new Refusal('batch-not-so', { state: batch.state })
    if (sending.links.isHalted(service.id)) throw new Refusal('halted')
    const why = await whyNotNow(tx, sending, service)
    if (why !== null) throw new Refusal('sending-still-held', { why })
    await setBatchState(tx, id, 'sending', ctx.clock.now())
    record({ action: 'admission.batch-resumed', summary: `lets the batch “${batch.name}” go on`, subject: id })
  })
}

/** Nobody more is invited by it; a batch that never began is gone. `revoke` ends open invitations too. */
export async function end(ctx: Context, service: Service, id: string, revoke: boolean): Promise<void> {
  await withBatch(ctx, service, id, async (tx, record, batch) => {
    if (batch.state === 'draft' || batch.state === 'reading') {
      await deleteBatch(tx, id)
      record({ action: 'admission.batch-discarded', summary: `discarded the batch “${batch.name}”`, subject: id })
      return
    }
    const at = ctx.clock.now()
    const stopped = await stopQueued(tx, id, at)
    const revoked = revoke ? await revokeOpen(tx, id, at) : 0
    await setBatchState(tx, id, 'ended', at)
    const also = revoked === 0 ? '' : `, and withdrew ${sayPeople(revoked)}’s open invitations`
    record({
      action: 'admission.batch-ended',
      summary: `ended the batch “${batch.name}”${also}`,
      subject: id,
      detail: { stopped, revoked },
    })
  })
}

/** ADM-47, ADM-48 */
export async function setSendingRule(ctx: Context, service: Service, rule: SendingRule): Promise<void> {
  await act(ctx, { permission: 'admission.share', service: service.id, topic }, async (tx, record) => {
    await putSendingRule(tx, service.id, rule)
    const { unansweredLimit: most, onlyAttribute, onlyValues } = rule
    const pauses = most === null ? 'never pauses for answers' : `pauses when ${moreAnswersThan(most)}`
    const only = onlyAttribute === null ? 'everybody may be invited' : `only ${onlyAttribute}: ${onlyValues.join(', ')}`
    record({ action: 'admission.sending-rule', summary: `sending ${pauses}; ${only}` })
  })
}
