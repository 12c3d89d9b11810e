import { sql } from 'kysely'
import type { Queryable, Tx } from '../context.ts'
import type { Webhook, WebhookAttempt, WebhookKind, WebhookMessage } from './webhooks.ts'

const columns =
  sql.raw(`id, service_id as "serviceId", kind, url, description, events, state, created_at as "createdAt",
  failing_since as "failingSince", secret_before_until as "secretBeforeUntil"`)

const ofScope = (serviceId: string | null) =>
  serviceId === null ? sql`service_id is null` : sql`service_id = ${serviceId}`

export async function webhooksOf(db: Queryable, serviceId: string | null): Promise<Webhook[]> {
  const { rows } = await sql<Webhook>`select ${columns} from webhook where ${ofScope(serviceId)}
    order by created_at, id`.execute(db)
  return rows
}

export async function findWebhook(db: Queryable, serviceId: string | null, id: string): Promise<Webhook | null> {
  const { rows } = await sql<Webhook>`select ${columns} from webhook
    where id = ${id} and ${ofScope(serviceId)}`.execute(db)
  return rows[0] ?? null
}

export async function insertWebhook(
  tx: Tx,
  wanted: Pick<Webhook, 'serviceId' | 'kind' | 'url' | 'description' | 'events'> & {
    sealedUrl: string | null
    secret: string
    at: Date
  },
): Promise<Webhook> {
  const { rows } = await sql<Webhook>`
    insert into webhook (service_id, kind, url, sealed_url, description, events, state, secret, created_at)
    values (${wanted.serviceId}, ${wanted.kind}, ${wanted.url}, ${wanted.sealedUrl}, ${wanted.description}, ${wanted.events}, 'active',
      ${wanted.secret}, ${wanted.at})
    returning ${columns}`.execute(tx)
  const [webhook] = rows
  if (webhook === undefined) throw new Error('The webhook was not stored')
  return webhook
}

export async function updateWebhook(tx: Tx, id: string, to: Pick<Webhook, 'description' | 'events'>): Promise<void> {
  await sql`update webhook set description = ${to.description}, events = ${to.events} where id = ${id}`.execute(tx)
}

export async function moveWebhook(tx: Tx, id: string, to: Pick<Kept, 'url' | 'sealedUrl'>): Promise<void> {
  await sql`update webhook set url = ${to.url}, sealed_url = ${to.sealedUrl} where id = ${id}`.execute(tx)
}

export async function renewSecret(
  tx: Tx,
  id: string,
  { secret, beforeUntil }: { secret: string; beforeUntil: Date },
): Promise<void> {
  await sql`update webhook set secret = ${secret}, secret_before = secret, secret_before_until = ${beforeUntil}
    where id = ${id}`.execute(tx)
}

/** What of a webhook is secret, as it is stored. */
export interface Kept {
  kind: WebhookKind
  url: string
  /** Of a chat: its whole address. */
  sealedUrl: string | null
  secret: string
  before: string | null
}

/** After a change of the key: what it sealed before is sealed anew. */
export async function resealSecrets(tx: Tx, anew: (kept: Kept) => Kept): Promise<void> {
  const { rows } = await sql<Kept & { id: string }>`
    select id, kind, url, sealed_url as "sealedUrl", secret, secret_before as before from webhook for update`.execute(
    tx,
  )
  for (const { id, ...kept } of rows) {
    const to = anew(kept)
    if (to.sealedUrl === kept.sealedUrl && to.secret === kept.secret && to.before === kept.before) continue
    await sql`update webhook set url = ${to.url}, sealed_url = ${to.sealedUrl}, secret = ${to.secret},
      secret_before = ${to.before} where id = ${id}`.execute(tx)
  }
}

export async function setWebhookState(tx: Tx, id: string, state: Webhook['state'], at: Date): Promise<boolean> {
  const since = state === 'failing' ? at : null
  const { rows } = await sql`update webhook set state = ${state}, failing_since = ${since}
    where id = ${id} and state <> ${state} returning id`.execute(tx)
  return rows.length === 1
}

export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await sql`delete from webhook where id = ${id}`.execute(tx)
}

export interface Listening {
  id: string
  kind: WebhookKind
  events: string[]
}

/** Who wants to hear any of these, of this service or of the installation. */
export async function listeningTo(tx: Queryable, serviceId: string | null, types: string[]): Promise<Listening[]> {
  const { rows } = await sql<Listening>`select id, kind, events from webhook
    where events && ${types}::text[] and (service_id is null or service_id = ${serviceId}::uuid)`.execute(tx)
  return rows
}

export interface NewMessage {
  webhookId: string
  type: string
  payload: string
  at: Date
  subject?: string | undefined
}

/** Their ids, in the order given. */
export async function insertMessages(tx: Tx, messages: readonly NewMessage[]): Promise<string[]> {
  if (messages.length === 0) return []
  const rows = messages.map(({ webhookId, type, payload, at, subject }) => ({ webhookId, type, payload, subject, at }))
  const { rows: inserted } = await sql<{ id: string }>`
    insert into webhook_message (webhook_id, type, payload, subject, created_at, state, next_try_at)
    select m."webhookId", m.type, m.payload, m.subject, m.at, 'waiting', m.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as m ("webhookId" uuid, type text, payload text, subject text, at timestamptz)
    returning id`.execute(tx)
  return inserted.map(({ id }) => id)
}

export interface DueMessage {
  id: string
  webhookId: string
  serviceId: string | null
  kind: WebhookKind
  url: string
  sealedUrl: string | null
  description: string
  type: string
  payload: string
  tries: number
  /** Sealed. */
  secret: string
  secretBefore: string | null
}

/** One message that is due, leased until `until`: whoever takes it and dies leaves it to another. */
export async function takeDue(
  db: Queryable,
  now: Date,
  { until, busy }: { until: Date; busy: string[] },
): Promise<DueMessage | null> {
  const { rows } = await sql<DueMessage>`
    update webhook_message m set tries = m.tries + 1, next_try_at = ${until}
    from webhook w
    where w.id = m.webhook_id and m.id = (
      select d.id from webhook_message d join webhook e on e.id = d.webhook_id
      where d.state = 'waiting' and d.next_try_at <= ${now} and e.state = 'active'
        and not (e.id = any(${busy}::uuid[]))
      order by d.next_try_at, d.created_at limit 1 for update of d skip locked)
    returning m.id, m.webhook_id as "webhookId", w.service_id as "serviceId", w.kind, w.url,
      w.sealed_url as "sealedUrl", w.description, m.type,
      m.payload, m.tries, w.secret, case when w.secret_before_until > ${now} then w.secret_before end as "secretBefore"`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function recordAttempt(
  tx: Tx,
  messageId: string,
  attempt: WebhookAttempt,
  to: { state: WebhookMessage['state']; nextTryAt: Date },
): Promise<void> {
  await sql`insert into webhook_attempt (message_id, at, took_ms, status, problem, answer)
    select id, ${attempt.at}, ${attempt.tookMs}::int, ${attempt.status}::int, ${attempt.problem}::text, ${attempt.answer}
    from webhook_message where id = ${messageId}`.execute(tx)
  await sql`update webhook_message set state = ${to.state}, next_try_at = ${to.nextTryAt}
    where id = ${messageId}`.execute(tx)
}

/** What failed, or one of any state, goes again from its first try. */
export async function sendAgain(tx: Tx, webhookId: string, messageId: string | null, at: Date): Promise<number> {
  const which = messageId === null ? sql`state = 'failed'` : sql`id = ${messageId}`
  const { rows } = await sql`update webhook_message set state = 'waiting', tries = 0, next_try_at = ${at}
    where webhook_id = ${webhookId} and ${which} returning id`.execute(tx)
  return rows.length
}

/** After a pause what waits is due at once. */
export async function hurry(tx: Tx, webhookId: string, at: Date): Promise<void> {
  await sql`update webhook_message set next_try_at = ${at} where webhook_id = ${webhookId} and state = 'waiting'`.execute(
    tx,
  )
}

/** The newest messages with what was tried for each. */
export async function messagesOf(db: Queryable, webhookId: string, limit: number): Promise<WebhookMessage[]> {
  const { rows } = await sql<Omit<WebhookMessage, 'attempts'>>`
    select id, type, created_at as "createdAt", state, tries, next_try_at as "nextTryAt"
    from webhook_message where webhook_id = ${webhookId} order by created_at desc, id limit ${limit}`.execute(db)
  const ids = rows.map(({ id }) => id)
  const { rows: attempts } = await sql<WebhookAttempt & { messageId: string }>`
    select message_id as "messageId", at, took_ms as "tookMs", status, problem, answer
    from webhook_attempt where message_id = any(${ids}::uuid[]) order by at desc, id desc`.execute(db)
  return rows.map((message) => ({
    ...message,
    attempts: attempts.filter(({ messageId }) => messageId === message.id).map(({ messageId: _, ...rest }) => rest),
  }))
}

export async function countMessages(
  db: Queryable,
  webhookIds: string[],
): Promise<Map<string, { waiting: number; failed: number }>> {
  const { rows } = await sql<{ id: string; waiting: number; failed: number }>`
    select webhook_id as id, count(*) filter (where state = 'waiting')::int as waiting,
      count(*) filter (where state = 'failed')::int as failed
    from webhook_message where webhook_id = any(${webhookIds}::uuid[]) group by webhook_id`.execute(db)
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}

/** What was told of these things, and what waits to be: somebody is to be erased. */
export async function forgetMessagesAbout(tx: Tx, subjects: readonly string[]): Promise<void> {
  await sql`delete from webhook_message where subject = any(${[...subjects]}::text[])`.execute(tx)
}

export async function forgetMessages(db: Queryable, before: Date): Promise<void> {
  await sql`delete from webhook_message where created_at < ${before}`.execute(db)
}
