import { act, actorName, mustHaveCome, notify, Refusal, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { readinessWords, type Day, type ReadinessState } from './partners.ts'
import {
  countPartners,
  endPartner,
  findPartner,
  insertPartner,
  insertReadiness,
  insertUnexpectedUse,
  respondTo,
} from './store.ts'

const mostPartners = 200
const deed = ({ id }: Service) => ({ permission: 'partners.write', service: id, topic: 'partners' }) as const

/** OPS-5. */
export async function addPartner(
  ctx: Context,
  service: Service,
  wanted: { name: string; does: string },
): Promise<string> {
  return act(ctx, deed(service), async (tx, record) => {
    if ((await countPartners(tx, service.id)) >= mostPartners) throw new Refusal('too-many-partners')
    const id = await insertPartner(tx, service.id, { ...wanted, at: ctx.clock.now(), by: actorName(ctx.actor) })
    if (id === null) throw new Refusal('partner-known')
    record({ action: 'partner.added', summary: `added ${wanted.name} to the partner organisations`, subject: id })
    return id
  })
}

/** OPS-5: who of it said so, and when, stands beside who recorded it. */
export async function recordReadiness(
  ctx: Context,
  service: Service,
  said: { state: ReadinessState; prepared: string; saidBy: string; saidOn: Day },
  partner: string,
): Promise<void> {
  mustHaveCome(said.saidOn, service, ctx.clock.now())
  await act(ctx, deed(service), async (tx, record) => {
    const name = await findPartner(tx, service.id, partner)
    if (name === null) throw new Refusal('not-found')
    await insertReadiness(tx, partner, { ...said, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({
      action: 'partner.readiness',
      summary: `recorded of ${name}: ${readinessWords[said.state].toLowerCase()}`,
      reason: said.prepared.slice(0, 200),
      subject: partner,
      detail: { state: said.state, saidOn: said.saidOn },
    })
  })
}

export async function removePartner(
  ctx: Context,
  service: Service,
  { because }: { because: string },
  partner: string,
): Promise<void> {
  await act(ctx, deed(service), async (tx, record) => {
    const name = await findPartner(tx, service.id, partner)
    if (name === null) throw new Refusal('not-found')
    await endPartner(tx, partner, { because, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({
      action: 'partner.ended',
      summary: `took ${name} off the partner organisations`,
      reason: because,
      subject: partner,
    })
  })
}

/** OPS-6: those hear of it who have to adapt. */
export async function logUnexpectedUse(
  ctx: Context,
  service: Service,
  use: { seen: string; seenOn: Day; seenBy: string; partner?: string | undefined },
): Promise<string> {
  mustHaveCome(use.seenOn, service, ctx.clock.now())
  const { partner = null, ...rest } = use
  return act(ctx, deed(service), async (tx, record) => {
    if (partner !== null && (await findPartner(tx, service.id, partner)) === null) throw new Refusal('partner-unknown')
    const id = await insertUnexpectedUse(tx, service.id, {
      ...rest,
      partner,
      at: ctx.clock.now(),
      by: actorName(ctx.actor),
    })
    record({ action: 'unexpected-use.logged', summary: 'logged a use that nobody foresaw', subject: id })
    await notify(ctx, tx, {
      service: service.id,
      roles: ['service-manager', 'support', 'client'],
      title: `People use ${service.name} in a way that nobody foresaw`,
      body: use.seen,
      href: `/services/${service.key}/partners#unexpected`,
    })
    return id
  })
}

export async function answerUnexpectedUse(
  ctx: Context,
  service: Service,
  { response }: { response: string },
  id: string,
): Promise<void> {
  await act(ctx, deed(service), async (tx, record) => {
    const seen = await respondTo(tx, service.id, id, { response, at: ctx.clock.now(), by: actorName(ctx.actor) })
    if (seen === null) throw new Refusal('not-found')
    record({
      action: 'unexpected-use.answered',
      summary: 'responded to a use that nobody foresaw',
      reason: response.slice(0, 200),
      subject: id,
    })
  })
}
