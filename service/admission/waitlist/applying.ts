import { randomInt } from 'node:crypto'
import { change, hashSecret, mayTry, newSecret, type Context, type Platform, type Tx } from '../../platform/index.ts'
import { findServiceById, type Service } from '../../services/index.ts'
import { asPerson } from '../acceptance.ts'
import { liftOwn, suppress } from '../invitations/suppressing.ts'
import type { Links } from '../links.ts'
import { confirmMail } from './mails.ts'
import { ownAnswers, waitingPerson } from './reads.ts'
import {
  deleteExpiredRequests,
  deleteRequest,
  findRequest,
  findWaitingId,
  insertRequest,
  leaveList,
  putAnswers,
  putWaiting,
  questionsOf,
  setRequestToken,
  takeUnmailed,
} from './store.ts'
import { requestDays, type Answers, type Question, type Waiting } from './waitlist.ts'

const topic = 'admission'
const dayMs = 86_400_000

/** ADM-40: noted now and looked at later, so that neither the answer nor its time tells whether the address is known. */
export async function askForPlace(
  ctx: Context,
  links: Links,
  service: Service,
  asked: { address: string; answers: Answers; agreed: boolean },
): Promise<void> {
  const at = ctx.clock.now()
  const expiresAt = new Date(at.getTime() + requestDays * dayMs)
  await insertRequest(ctx.db, { serviceId: service.id, ...asked, at, expiresAt })
  setTimeout(
    () => {
      mailRequests(ctx, links).catch((error: unknown) => ctx.log.warn({ err: error }, 'mails to applicants wait'))
    },
    randomInt(50, 500),
  ).unref()
}

/** One after the other; more than a few an hour go to nobody, since anybody can type anybody's address. */
export async function mailRequests(platform: Platform, links: Links): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'anonymous' }, requestId: 'waiting list' }
  while (await change(ctx, { service: null }, (tx) => mailNext(ctx, tx, links)));
  await deleteExpiredRequests(ctx.db, ctx.clock.now())
}

async function mailNext(ctx: Context, tx: Tx, links: Links): Promise<boolean> {
  const request = await takeUnmailed(tx)
  if (request === null) return false
  const service = await findServiceById(tx, request.serviceId)
  if (service === null || !(await mayTry(ctx, { kind: 'mails', of: request.address }))) {
    await deleteRequest(tx, request.id)
    return true
  }
  const token = newSecret()
  await setRequestToken(tx, request.id, hashSecret(token))
  const link = links.to(service, `waiting/${token}`)
  await ctx.mail.send(confirmMail({ service, address: request.address, link }), tx)
  return true
}

/** What the link in the mail leads to. */
export type OwnPlace =
  | { kind: 'unconfirmed'; questions: Question[]; answers: Answers }
  | { kind: 'on-list'; questions: Question[]; answers: Answers; place: Waiting }
  | { kind: 'unknown' }

export async function ownPlace(ctx: Context, service: Service, token: string): Promise<OwnPlace> {
  const tokenHash = hashSecret(token)
  const questions = await questionsOf(ctx.db, service.id)
  const request = await findRequest(ctx.db, service.id, tokenHash, ctx.clock.now())
  if (request !== null) return { kind: 'unconfirmed', questions, answers: request.answers }
  const id = await findWaitingId(ctx.db, service.id, tokenHash)
  const place = id === null ? null : await waitingPerson(ctx.db, id)
  if (place === null) return { kind: 'unknown' }
  return { kind: 'on-list', questions, answers: await ownAnswers(ctx.db, place.id), place }
}

/** The second half of the double opt-in. Only the form on the page confirms: mail scanners open links. */
export async function confirmPlace(ctx: Context, service: Service, token: string): Promise<boolean> {
  const at = ctx.clock.now()
  const tokenHash = hashSecret(token)
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const request = await findRequest(tx, service.id, tokenHash, at)
    if (request === null) return (await findWaitingId(tx, service.id, tokenHash)) !== null
    const { address, answers, askedAt } = request
    const { id, isNew } = await putWaiting(tx, { serviceId: service.id, address, askedAt, tokenHash, at })
    await putAnswers(tx, id, await questionsOf(tx, service.id), answers, at)
    await liftOwn(ctx, tx, service.id, address)
    record({
      action: 'admission.waiting',
      summary: isNew ? 'asked for a place' : 'asked for a place again',
      subject: id,
    })
    return true
  })
}

/** Off the list by one's own wish; the answers go at once. */
export async function withdrawPlace(ctx: Context, service: Service, token: string): Promise<boolean> {
  const at = ctx.clock.now()
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const request = await findRequest(tx, service.id, hashSecret(token), at)
    if (request !== null) {
      await deleteRequest(tx, request.id)
      return true
    }
    const id = await findWaitingId(tx, service.id, hashSecret(token))
    const place = id === null ? null : await waitingPerson(tx, id)
    if (place === null) return false
    if (await leaveList(tx, service.id, place.address, at)) {
      await suppress(ctx, tx, service.id, { address: place.address, reason: 'declined', by: 'The person' })
      record({ action: 'admission.waiting-left', summary: 'left the waiting list', subject: place.id })
    }
    return true
  })
}
