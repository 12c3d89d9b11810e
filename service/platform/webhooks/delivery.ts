import { firstOwner, membersOf } from '../accounts/index.ts'
import type { Platform, Tx } from '../context.ts'
import { notify } from '../notifications.ts'
import { OutgoingProblem, type OutgoingAnswer } from '../outgoing/index.ts'
import { mostTries, pauseMs, retryAfterMs, shownAnswer, signatureHeaders } from './rules.ts'
import { openedAddress, openedSecret } from './secrets.ts'
import { recordAttempt, setWebhookState, takeDue, type DueMessage } from './store.ts'
import type { WebhookParts, Webhooks } from './outbox.ts'
import type { WebhookAttempt } from './webhooks.ts'

const atOnce = 8
/** Longer than a try can take. */
const leaseMs = 60_000
const patienceMs = { connect: 5_000, headers: 15_000, body: 5_000, whole: 20_000 }

type Delivering = Pick<Webhooks, 'wake' | 'deliverDue' | 'stop'>
export type DeliveryParts = Omit<Platform, 'webhooks'> & Pick<WebhookParts, 'serviceOf'>

/** HOOK-1: several at a time, of each endpoint one: whoever answers slowly holds up nobody else. */
export function createDelivery(parts: DeliveryParts): Delivering {
  const underWay = new Map<string, Promise<void>>()
  let hasStopped = false

  async function takeAll(): Promise<void> {
    while (!hasStopped && underWay.size < atOnce) {
      const now = parts.clock.now()
      const until = new Date(now.getTime() + leaseMs)
      const due = await takeDue(parts.db, now, { until, busy: [...underWay.keys()] })
      if (due === null) return
      const sending = deliver(parts, due)
        .catch((error: unknown) => parts.log.warn({ err: error, message: due.id }, 'a webhook waits'))
        .finally(() => {
          underWay.delete(due.webhookId)
          wake()
        })
      underWay.set(due.webhookId, sending)
    }
  }
  let taking: Promise<void> = Promise.resolve()
  const wake = (): void => {
    taking = taking
      .then(takeAll)
      .catch((error: unknown) => parts.log.warn({ err: error }, 'webhooks wait: the outbox could not be read'))
  }
  const idle = async (): Promise<void> => {
    for (;;) {
      const seen = taking
      await seen
      await Promise.all(underWay.values())
      if (seen === taking && underWay.size === 0) return
    }
  }
  return {
    wake: () => {
      if (!hasStopped) wake()
    },
    async deliverDue() {
      wake()
      await idle()
    },
    async stop() {
      hasStopped = true
      await idle()
    },
  }
}

async function deliver(parts: DeliveryParts, due: DueMessage): Promise<void> {
  const { clock, outgoing } = parts
  const secrets = [due.secret, due.secretBefore].flatMap((sealed) =>
    sealed === null ? [] : openedSecret(parts.secrets, sealed),
  )
  const at = clock.now()
  const began = performance.now()
  const sent = await outgoing
    .request(openedAddress(parts.secrets, due), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Phasegate webhook',
        ...(due.kind === 'chat' ? {} : signatureHeaders({ id: due.id, body: due.payload }, secrets, at)),
      },
      body: due.payload,
      patienceMs,
      mostBytes: 2_000,
      beyond: 'cut',
    })
    .catch((error: unknown) => {
      if (error instanceof OutgoingProblem) return error
      throw error
    })
  const attempt = attemptOf(sent, at, Math.round(performance.now() - began))
  await parts.db.transaction().execute((tx) => settle(tx, parts, due, { sent, attempt }))
  parts.mail.wake()
}

function attemptOf(sent: OutgoingAnswer | OutgoingProblem, at: Date, tookMs: number): WebhookAttempt {
  if (sent instanceof OutgoingProblem) return { at, tookMs, status: null, problem: sent.message, answer: '' }
  return { at, tookMs, status: sent.status, problem: null, answer: shownAnswer(sent.bytes) }
}

/** HOOK-4: delivered, again later, or given up. An endpoint that gives up, or says that it is gone, is failing. */
async function settle(
  tx: Tx,
  parts: DeliveryParts,
  due: DueMessage,
  { sent, attempt }: { sent: OutgoingAnswer | OutgoingProblem; attempt: WebhookAttempt },
): Promise<void> {
  const now = parts.clock.now()
  const { status } = attempt
  if (status !== null && status >= 200 && status < 300) {
    return recordAttempt(tx, due.id, attempt, { state: 'delivered', nextTryAt: now })
  }
  const isGone = status === 410
  if (due.tries < mostTries && !isGone) {
    const asked = sent instanceof OutgoingProblem ? undefined : sent.headers.get('retry-after')?.[0]
    const pause = pauseMs(due.tries, Math.random(), retryAfterMs(asked, now))
    return recordAttempt(tx, due.id, attempt, { state: 'waiting', nextTryAt: new Date(now.getTime() + pause) })
  }
  await recordAttempt(tx, due.id, attempt, { state: 'failed', nextTryAt: now })
  if (await setWebhookState(tx, due.webhookId, 'failing', now)) {
    await tellTeam(tx, parts, due, isGone ? 'it answers that it is gone' : 'it took nothing for three days')
  }
}

async function tellTeam(tx: Tx, parts: DeliveryParts, due: DueMessage, why: string): Promise<void> {
  const { mail, config, clock } = parts
  const title = `Nothing more is sent to “${due.description}”`
  const path =
    due.serviceId === null
      ? `/webhooks/${due.webhookId}`
      : `/services/${(await parts.serviceOf(tx, due.serviceId))?.key}/webhooks/${due.webhookId}`
  const body = `The webhook is failing: ${why}. What happens now waits for it. Look at what it answered, mend it, and let it go on.`
  if (due.serviceId === null) {
    const owner = await firstOwner(tx)
    if (owner !== null)
      await mail.send({ to: owner.email, subject: title, text: textOf(body, config.publicUrl, path) }, tx)
    return
  }
  const roles = ['service-manager', 'developer'] as const
  await notify({ clock }, tx, { service: due.serviceId, roles, title, body, href: path })
  const members = (await membersOf(tx, due.serviceId)).filter(({ role }) => roles.some((each) => each === role))
  for (const to of new Set(members.map(({ email }) => email))) {
    await mail.send({ to, subject: title, text: textOf(body, config.publicUrl, path) }, tx)
  }
}

function textOf(body: string, publicUrl: string | null, path: string): string {
  return `${body}\n\n${publicUrl === null ? `You find it at ${path}` : publicUrl + path}\n`
}
