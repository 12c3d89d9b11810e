import { createHash, randomUUID } from 'node:crypto'
import { recordRating } from '../measures/index.ts'
import type { Service } from '../services/index.ts'
import { change, must, Refusal, type Context } from '../platform/index.ts'
import { ratingOnlyDecision, type FeedbackArm, type FeedbackChannel, type FeedbackState } from './feedback.ts'
import { isSpam, newReference, pageWithoutNumbers, placeOf, soundsLikeAccess, spamReasons } from './rules.ts'
import type { SentAnswer } from './schemas.ts'
import { answerBefore, insertFeedback, type Before, type NewFeedback } from './store.ts'

/** What the one who passes an answer on knows of the person: the gateway by its headers, the API by its body. */
export interface Origin {
  channel: FeedbackChannel
  arm: FeedbackArm | null
  unit: string | null
  transaction: string | null
}

export interface Received {
  reference: string
  /** False when the same answer came before. */
  stored: boolean
}

/** FEED-2, FEED-5: takes an answer in. One that looks like spam is put aside and answered like any other. */
export async function receive(ctx: Context, service: Service, sent: SentAnswer, origin: Origin): Promise<Received> {
  await must(ctx, 'feedback.write', service.id)
  if (!ctx.disk.hasRoom()) throw new Refusal('no-room')
  const first = newFeedback(ctx, service, sent, origin)
  let told = 0
  const received = await change(ctx, { service: service.id, topic: 'feedback' }, async (tx) => {
    let item = first
    if (!(await insertFeedback(tx, first))) {
      const before = await answerBefore(tx, first)
      const other = before === null ? null : otherWords(first, before)
      if (other === null || !(await insertFeedback(tx, other))) {
        const known = other === null ? before : await answerBefore(tx, other)
        return { reference: known?.reference ?? first.reference, stored: false }
      }
      item = other
    }
    if (item.rating !== null && item.state !== 'spam') {
      await recordRating(tx, { ...item, rating: item.rating, arm: item.arm ?? 'unknown', at: item.receivedAt })
    }
    // No entry of history: it is the person's answer, not an act of the team.
    const news = { action: 'feedback.received', summary: '', subject: item.reference }
    if (item.state !== 'spam') told = await ctx.webhooks.queue(tx, ctx, service.id, [news])
    return { reference: item.reference, stored: true }
  })
  if (told > 0) ctx.webhooks.wake()
  return received
}

function newFeedback(ctx: Context, service: Service, sent: SentAnswer, origin: Origin): NewFeedback {
  const behaviour = { trap: sent.website?.trim() ?? '', comment: sent.comment ?? '', tookMs: sent.tookMs ?? null }
  const state: FeedbackState = isSpam(behaviour) ? 'spam' : sent.comment === undefined ? 'closed' : 'new'
  const place = placeOf(service.journeys, sent)
  // A page that is older than the journey must not lose what a person wrote; a program is told.
  if (!place.ok && origin.channel === 'api') throw new Refusal('unknown-ending')
  const { journey, ending } = place.ok ? place : { journey: null, ending: null }
  return {
    ...origin,
    serviceId: service.id,
    sentId: sent.id ?? randomUUID(),
    reference: newReference(),
    receivedAt: ctx.clock.now(),
    transaction: sent.transaction ?? origin.transaction,
    journey,
    ending,
    page: sent.page === undefined ? null : pageWithoutNumbers(sent.page),
    rating: sent.rating ?? null,
    kind: sent.kind ?? null,
    comment: sent.comment ?? null,
    address: sent.address ?? null,
    accessibility: soundsLikeAccess(sent.comment ?? ''),
    spamReasons: spamReasons(behaviour),
    state,
    decision: state === 'closed' ? ratingOnlyDecision : null,
  }
}

/** FEED-3: a form that came back by the browser's “back” holds its id still. Other words from it are kept; a rating counted already. */
function otherWords(item: NewFeedback, before: Before): NewFeedback | null {
  if (item.channel !== 'page' || item.comment === null || item.comment === before.comment) return null
  const words = createHash('sha256')
    .update(JSON.stringify([item.sentId, item.comment]))
    .digest('base64url')
  return { ...item, rating: before.rating === null ? item.rating : null, sentId: `form-${words}` }
}

/** A form without an id, sent twice by a double click or a reload, holds the same words: those are its id for a minute. */
export function idOfForm(origin: Origin, sent: SentAnswer, visitor: string, now: Date): string {
  if (visitor === '' && origin.unit === null) return randomUUID()
  const minute = Math.floor(now.getTime() / 60_000)
  const parts = [
    visitor,
    origin.unit,
    minute,
    sent.rating,
    sent.kind,
    sent.comment,
    sent.address,
    sent.journey,
    sent.ending,
  ]
  return `form-${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`
}
