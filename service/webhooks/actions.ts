import {
  act,
  deleteWebhook,
  findWebhook,
  hurry,
  insertMessages,
  insertWebhook,
  keptAddress,
  moveWebhook,
  newWebhookSecret,
  Refusal,
  renewSecret,
  sendAgain,
  setWebhookState,
  updateWebhook,
  type Context,
  type Problem,
  type Record,
  type Tx,
  type Webhook,
} from '../platform/index.ts'
import { webhookEvents } from './events.ts'
import type { NewWebhook, WebhookChange } from './schemas.ts'

/** Of a service, or of the whole installation. */
export type Scope = { id: string; key: string } | null

const rotationMs = 24 * 3_600_000

/** ACC-5: whoever says where messages go, or gets a secret, confirms first. */
const deedOf = (scope: Scope, confirmed = false) => ({
  confirmed,
  permission: 'webhooks.manage' as const,
  service: scope?.id ?? null,
  topic: 'webhooks',
})

/** OUT-2, HOOK-7: said beside the field. A name that is not known today may be tomorrow, and the log tells. */
export async function problemsOf(
  ctx: Context,
  scope: Scope,
  { url, events }: { url?: string | undefined; events?: string[] | undefined },
): Promise<Problem[]> {
  const problems: Problem[] = []
  const refused = url === undefined ? null : await ctx.outgoing.problemWith(url)
  if (refused?.isRefused === true)
    problems.push({ field: 'url', message: `This address can’t be called: ${refused.message}` })
  const beyond = webhookEvents.find(({ type, isOfInstallation }) => isOfInstallation && events?.includes(type))
  if (scope !== null && beyond !== undefined)
    problems.push({ field: 'events', message: `“${beyond.says}” is told to webhooks of the installation only` })
  return problems
}

/** The secret is in the answer, once. A chat takes no signature: its address is the secret. */
export async function addWebhook(
  ctx: Context,
  scope: Scope,
  wanted: NewWebhook,
): Promise<{ webhook: Webhook; secret: string | null }> {
  const secret = newWebhookSecret(ctx.secrets)
  const webhook = await act(ctx, deedOf(scope, true), async (tx, record) => {
    const made = await insertWebhook(tx, {
      ...wanted,
      ...keptAddress(ctx.secrets, wanted),
      serviceId: scope?.id ?? null,
      secret: secret.sealed,
      at: ctx.clock.now(),
    })
    const host = new URL(wanted.url).host
    record({
      action: 'webhook.added',
      summary: `added the webhook “${wanted.description}” to ${host}`,
      subject: made.id,
    })
    return made
  })
  return { webhook, secret: wanted.kind === 'chat' ? null : secret.shown }
}

export async function changeWebhook(
  ctx: Context,
  scope: Scope,
  webhook: Webhook,
  wanted: WebhookChange,
): Promise<Webhook> {
  const given = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  const to = { ...webhook, ...given }
  // Of a chat the host is all that is shown: sent back as it was, it is no other address.
  const moves = to.url !== webhook.url
  const address = keptAddress(ctx.secrets, to)
  await act(ctx, deedOf(scope, moves), async (tx, record) => {
    await updateWebhook(tx, webhook.id, to)
    if (moves) await moveWebhook(tx, webhook.id, address)
    const where = moves ? `; it goes to ${new URL(to.url).host} now` : ''
    record({
      action: 'webhook.changed',
      summary: `changed the webhook “${to.description}”${where}`,
      subject: webhook.id,
      detail: { events: to.events },
    })
  })
  return { ...to, url: moves ? address.url : webhook.url }
}

/** For a day both secrets sign, so that the receiver can change over without losing a message. */
export async function renewWebhookSecret(ctx: Context, scope: Scope, webhook: Webhook): Promise<string> {
  const secret = newWebhookSecret(ctx.secrets)
  await act(ctx, deedOf(scope, true), async (tx, record) => {
    const beforeUntil = new Date(ctx.clock.now().getTime() + rotationMs)
    await renewSecret(tx, webhook.id, { secret: secret.sealed, beforeUntil })
    record({
      action: 'webhook.secret-renewed',
      summary: `gave the webhook “${webhook.description}” a new secret`,
      subject: webhook.id,
    })
  })
  return secret.shown
}

export async function pauseWebhook(ctx: Context, scope: Scope, webhook: Webhook): Promise<void> {
  await act(ctx, deedOf(scope), async (tx, record) => {
    if (!(await setWebhookState(tx, webhook.id, 'paused', ctx.clock.now()))) return
    record({ action: 'webhook.paused', summary: `paused the webhook “${webhook.description}”`, subject: webhook.id })
  })
}

/** HOOK-4: what waited goes at once. */
export async function resumeWebhook(ctx: Context, scope: Scope, webhook: Webhook): Promise<void> {
  await act(ctx, deedOf(scope), async (tx, record) => {
    const at = ctx.clock.now()
    if (!(await setWebhookState(tx, webhook.id, 'active', at))) return
    await hurry(tx, webhook.id, at)
    record({
      action: 'webhook.resumed',
      summary: `let the webhook “${webhook.description}” go on`,
      subject: webhook.id,
    })
  })
  ctx.webhooks.wake()
}

/** A message that says nothing, to see that it arrives. */
export async function testWebhook(ctx: Context, scope: Scope, webhook: Webhook): Promise<string> {
  const { timestamp, text } = {
    timestamp: ctx.clock.now().toISOString(),
    text: 'Phasegate: this is a test. What you chose is told here.',
  }
  const data = { service: scope?.key ?? null }
  const payload = JSON.stringify(webhook.kind === 'chat' ? { text } : { type: 'webhook.test', timestamp, data })
  const message = { webhookId: webhook.id, type: 'webhook.test', payload, at: ctx.clock.now() }
  return again(ctx, scope, webhook, 'sent a test to', async (tx) => {
    const [id = ''] = await insertMessages(tx, [message])
    return id
  })
}

/** HOOK-4: one message, or all that were given up. They keep their ids: whoever has one already drops it. */
export async function replay(ctx: Context, scope: Scope, webhook: Webhook, messageId: string | null): Promise<number> {
  return again(ctx, scope, webhook, 'sent again what was given up of', async (tx) => {
    const count = await sendAgain(tx, webhook.id, messageId, ctx.clock.now())
    if (count === 0 && messageId !== null) throw new Refusal('not-found')
    return count
  })
}

async function again<T>(
  ctx: Context,
  scope: Scope,
  webhook: Webhook,
  did: string,
  work: (tx: Tx, record: Record) => Promise<T>,
): Promise<T> {
  const done = await act(ctx, deedOf(scope), async (tx, record) => {
    const now = await findWebhook(tx, scope?.id ?? null, webhook.id)
    if (now?.state !== 'active') throw new Refusal('webhook-not-active')
    record({
      action: 'webhook.sent-again',
      summary: `${did} the webhook “${webhook.description}”`,
      subject: webhook.id,
    })
    return work(tx, record)
  })
  ctx.webhooks.wake()
  return done
}

export async function removeWebhook(ctx: Context, scope: Scope, webhook: Webhook): Promise<void> {
  await act(ctx, deedOf(scope), async (tx, record) => {
    await deleteWebhook(tx, webhook.id)
    record({ action: 'webhook.removed', summary: `removed the webhook “${webhook.description}”`, subject: webhook.id })
  })
}
