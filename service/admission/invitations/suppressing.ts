import {
  act,
  actorName,
  change,
  Refusal,
  type Context,
  type Platform,
  type Record,
  type Tx,
} from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { accountsThrough } from '../customers/store.ts'
import {
  deleteSuppression,
  deleteSuppressions,
  insertSuppression,
  revokeUnreached,
  servicesInviting,
  suppressedAmong,
  type SuppressionReason,
} from './suppression-store.ts'

const topic = 'admission'
const purpose = 'suppression'

/** ADM-41: nobody writes to this address again, from this service. Of somebody who was erased only the hash stays. */
export async function suppress(
  ctx: Context,
  tx: Tx,
  serviceId: string,
  { address, reason, by }: { address: string; reason: SuppressionReason; by: string },
): Promise<boolean> {
  await liftOwn(ctx, tx, serviceId, address)
  return insertSuppression(tx, {
    serviceId,
    mac: ctx.secrets.mac(purpose, address.toLowerCase()),
    address: reason === 'erased' ? null : address,
    reason,
    at: ctx.clock.now(),
    by,
  })
}

/** ADM-41: said by somebody who loses nothing by it: who is in stays in. Said again, it changes nothing. */
export async function suppressAsAsked(
  { ctx, tx, record }: { ctx: Context; tx: Tx; record: Record },
  serviceId: string,
  { address, subject }: { address: string; subject: string },
): Promise<void> {
  if (await isNotWanted(ctx, tx, serviceId, address)) return
  await suppress(ctx, tx, serviceId, { address, reason: 'asked', by: 'The person' })
  record({ action: 'admission.suppressed', summary: 'asked for no more invitations', subject })
}

/** Whoever asks for a place wants to hear from us again; also from under a key of former days. */
export async function liftOwn(ctx: Context, tx: Tx, serviceId: string, address: string): Promise<void> {
  await deleteSuppressions(tx, serviceId, ctx.secrets.macs(purpose, address.toLowerCase()))
}

export async function isNotWanted(ctx: Context, tx: Tx, serviceId: string, address: string): Promise<boolean> {
  return (await suppressedOf(ctx, tx, serviceId, [address.toLowerCase()])).size > 0
}

/** Which of these addresses (in lower case) are not to be invited, and why. */
export async function suppressedOf(
  ctx: Context,
  tx: Tx,
  serviceId: string,
  addresses: readonly string[],
): Promise<Map<string, SuppressionReason>> {
  const macs = addresses.flatMap((address) =>
    ctx.secrets.macs(purpose, address).map((mac) => ({ address, mac: mac.toString('hex') })),
  )
  const known = await suppressedAmong(
    tx,
    serviceId,
    macs.map(({ mac }) => mac),
  )
  const found = new Map<string, SuppressionReason>()
  for (const { address, mac } of macs) {
    const reason = known.get(mac)
    if (reason !== undefined) found.set(address, reason)
  }
  return found
}

/** The team adds who asked not to be written to, or whose mails came back. */
export async function suppressByTeam(
  ctx: Context,
  service: Service,
  { address, reason }: { address: string; reason: 'asked' | 'bounced' },
): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const isNew = await suppress(ctx, tx, service.id, { address, reason, by: actorName(ctx.actor) })
    if (isNew) record({ action: 'admission.suppressed', summary: 'put an address on the list of those not invited' })
  })
}

export async function liftByTeam(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const lifted = await deleteSuppression(tx, service.id, id)
    if (lifted === null) throw new Refusal('not-found')
    record({ action: 'admission.unsuppressed', summary: 'took an address off the list of those not invited' })
  })
}

/**
 * ADM-41: no mailbox, so no invitation: the place is free, and the address is on the list. The link of an account, which others
 * may have by now, stays.
 */
export async function noteUnreachable(platform: Platform, address: string): Promise<void> {
  const by = 'Phasegate'
  const ctx: Context = { ...platform, actor: { kind: 'system', name: by }, requestId: 'mail' }
  for (const serviceId of await servicesInviting(ctx.db, address, ctx.clock.now())) {
    await change(ctx, { service: serviceId, topic }, async (tx, record) => {
      const [invitation] = await revokeUnreached(tx, serviceId, address)
      const [account] = await accountsThrough(tx, serviceId, address, ctx.clock.now())
      const subject = invitation ?? account
      if (subject === undefined) return
      await suppress(ctx, tx, serviceId, { address, reason: 'bounced', by })
      const did = invitation === undefined ? 'noted that the link of an account' : 'withdrew an invitation that'
      record({ action: 'admission.bounced', summary: `${did} reached nobody: there is no such mailbox`, subject })
    })
  }
}
