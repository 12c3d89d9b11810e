import { act, actorName, change, hashSecret, newSecret, notify, Refusal, type Context } from '../platform/index.ts'
import { asPerson, type Links } from '../admission/index.ts'
import { consentMail } from './mails.ts'
import { findMessage } from './message-store.ts'
import type { Place } from './room.ts'
import {
  addressOf,
  decideTestimonial,
  insertTestimonial,
  insertUse,
  lockTestimonial,
  takeDownUse,
  testimonialByToken,
  withdrawTestimonial,
} from './testimonial-store.ts'

const topic = 'rooms'
const edit = ({ service }: Place) => ({ permission: 'rooms.write', service: service.id, topic }) as const

/** ROOM-11: the person is asked about exactly these words, by a link of their own. */
export async function askToQuote(
  ctx: Context,
  links: Links,
  place: Place,
  { message: messageId, wording }: { message: string; wording: string },
): Promise<string> {
  const { service, feature } = place
  return act(ctx, edit(place), async (tx, record) => {
    const message = await findMessage(tx, feature.id, messageId)
    if (message === null) throw new Refusal('not-found')
    if (message.fromTeam || message.memberId === null) throw new Refusal('not-of-a-tester')
    const address = await addressOf(tx, message.memberId)
    if (address === null) throw new Refusal('nobody-to-ask')
    const token = newSecret()
    const id = await insertTestimonial(tx, {
      ...{ featureId: feature.id, serviceId: service.id, memberId: message.memberId, messageId, wording },
      ...{ at: ctx.clock.now(), by: actorName(ctx.actor), tokenHash: hashSecret(token) },
    })
    const link = links.to(service, `quote/${token}`)
    await ctx.mail.send(consentMail({ place, wording, address, link }), tx)
    record({ action: 'testimonial.asked', summary: `asked a tester of “${feature.name}” to be quoted`, subject: id })
    return id
  })
}

/** ROOM-11: what a person decides by the link; a yes can be taken back by the same link. */
export async function decideQuote(
  ctx: Context,
  service: Place['service'],
  token: string,
  said: { act: 'approve' | 'decline' | 'withdraw'; signedAs?: string | undefined },
): Promise<boolean> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const held = await testimonialByToken(tx, service.id, hashSecret(token), { lock: true })
    if (held === null) return false
    const { id, state, uses } = held
    if (state === 'asked' && said.act !== 'withdraw') {
      const to = said.act === 'approve' ? 'approved' : 'declined'
      const signedAs = to === 'approved' ? (said.signedAs ?? null) : null
      await decideTestimonial(tx, id, { state: to, signedAs, at })
      const summary = to === 'approved' ? 'agreed to be quoted' : 'does not want to be quoted'
      record({ action: `testimonial.${to}`, summary, subject: id })
    } else if (state === 'approved' && said.act === 'withdraw') {
      await withdrawTestimonial(tx, id, { by: 'person', because: null, at })
      record({ action: 'testimonial.withdrawn', summary: 'does not want to be quoted any more', subject: id })
      const places = uses.filter(({ takenDownAt }) => takenDownAt === null).map(({ place }) => place)
      await notify(ctx, tx, {
        service: service.id,
        roles: ['growth', 'product', 'service-manager'],
        title: 'A testimonial was withdrawn',
        body:
          places.length === 0
            ? 'It stood nowhere. Do not use its words any more.'
            : `Take its words down from: ${places.join('; ')}`.slice(0, 2000),
        href: `/services/${service.key}/features`,
      })
    }
    return true
  })
}

export async function withdraw(ctx: Context, place: Place, id: string, because: string): Promise<void> {
  await act(ctx, edit(place), async (tx, record) => {
    const held = await lockTestimonial(tx, place.feature.id, id)
    if (held === null) throw new Refusal('not-found')
    if (held.state !== 'approved' && held.state !== 'asked') throw new Refusal('testimonial-over')
    await withdrawTestimonial(tx, id, { by: 'team', because, at: ctx.clock.now() })
    const summary = `withdrew a testimonial of “${place.feature.name}”`
    record({ action: 'testimonial.withdrawn', summary, reason: because, subject: id })
  })
}

/** ROOM-11: only words that the person approved stand anywhere. */
export async function noteUse(ctx: Context, place: Place, id: string, where: string): Promise<string> {
  return act(ctx, edit(place), async (tx, record) => {
    const held = await lockTestimonial(tx, place.feature.id, id)
    if (held === null) throw new Refusal('not-found')
    if (held.state !== 'approved') throw new Refusal('testimonial-not-approved')
    const used = await insertUse(tx, id, { place: where, at: ctx.clock.now(), by: actorName(ctx.actor) })
    record({
      action: 'testimonial.used',
      summary: `noted where a testimonial of “${place.feature.name}” stands`,
      subject: id,
    })
    return used
  })
}

export async function noteTakenDown(ctx: Context, place: Place, id: string, useId: string): Promise<void> {
  await act(ctx, edit(place), async (tx, record) => {
    const held = await lockTestimonial(tx, place.feature.id, id)
    if (held === null || !(await takeDownUse(tx, id, useId, ctx.clock.now()))) throw new Refusal('not-found')
    record({
      action: 'testimonial.taken-down',
      summary: `noted that a testimonial of “${place.feature.name}” was taken down`,
      subject: id,
    })
  })
}
