import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  countMessages,
  findWebhook,
  messagesOf,
  Refusal,
  webhooksOf,
  type App,
  type Problem,
  type Webhook,
} from '../platform/index.ts'
import {
  addWebhook,
  changeWebhook,
  pauseWebhook,
  problemsOf,
  removeWebhook,
  renewWebhookSecret,
  replay,
  resumeWebhook,
  testWebhook,
  type Scope,
} from './actions.ts'
import { webhookEvents } from './events.ts'
import { newWebhookSchema, webhookChangeSchema, type WebhookAct } from './schemas.ts'

const tags = ['Webhooks']
const mostMessages = 100

/** `request.service` is set only on URLs that name one. */
export function scopeOf({ service }: { service: Scope }): Scope {
  return service
}

export async function webhookOf(request: FastifyRequest, id: string): Promise<Webhook> {
  const found = await findWebhook(request.context.db, scopeOf(request)?.id ?? null, id)
  if (found === null) throw new Refusal('not-found')
  return found
}

/** The same under a service and for the whole installation. */
export function webhooksApi(app: App): void {
  app.get('/api/v1/webhook-events', { schema: { summary: 'What webhooks can be told', tags } }, async () => ({
    events: webhookEvents.map(({ type, says, isOfInstallation = false }) => ({ type, says, isOfInstallation })),
  }))
  scopedApi(app, '/api/v1/services/:service/webhooks', z.object({ service: z.string().max(60) }))
  scopedApi(app, '/api/v1/webhooks', z.object({}))
}

function scopedApi(app: App, home: string, params: z.ZodObject): void {
  const one = params.extend({ webhook: z.uuid() })
  const idOf = ({ params: given }: FastifyRequest) => (given as { webhook: string }).webhook
  app.get(home, { schema: { summary: 'Webhooks', tags, params } }, async (request) => {
    const webhooks = await webhooksOf(request.context.db, scopeOf(request)?.id ?? null)
    const counts = await countMessages(
      request.context.db,
      webhooks.map(({ id }) => id),
    )
    return { webhooks: webhooks.map((webhook) => ({ ...webhook, ...(counts.get(webhook.id) ?? noMessages) })) }
  })
  app.post(
    home,
    {
      schema: {
        summary: 'Add a webhook; its secret is shown once',
        answers: [201],
        tags,
        params,
        body: newWebhookSchema,
      },
    },
    async (request, reply) => {
      mustFit(await problemsOf(request.context, scopeOf(request), request.body))
      const { webhook, secret } = await addWebhook(request.context, scopeOf(request), request.body)
      return reply.code(201).send({ ...webhook, secret })
    },
  )
  app.get(
    `${home}/:webhook`,
    { schema: { summary: 'One webhook, with what was sent', tags, params: one } },
    async (request) => {
      const webhook = await webhookOf(request, idOf(request))
      return { ...webhook, messages: await messagesOf(request.context.db, webhook.id, mostMessages) }
    },
  )
  app.patch(
    `${home}/:webhook`,
    { schema: { summary: 'Change a webhook', answers: [200], tags, params: one, body: webhookChangeSchema } },
    async (request) => {
      const webhook = await webhookOf(request, idOf(request))
      mustFit(await problemsOf(request.context, scopeOf(request), request.body))
      return changeWebhook(request.context, scopeOf(request), webhook, request.body)
    },
  )
  app.delete(
    `${home}/:webhook`,
    { schema: { summary: 'Remove a webhook', answers: [204], tags, params: one } },
    async (request, reply) => {
      await removeWebhook(request.context, scopeOf(request), await webhookOf(request, idOf(request)))
      return reply.code(204).send()
    },
  )
  for (const [act, summary] of actSays) {
    app.post(
      `${home}/:webhook/${act}`,
      {
        schema: {
          summary,
          answers: [200],
          tags,
          params: one,
          body: z.object({ message: z.uuid().optional() }).nullish(),
        },
      },
      async (request) => doIt(request, await webhookOf(request, idOf(request)), act, request.body?.message ?? null),
    )
  }
}

const actSays: [WebhookAct, string][] = [
  ['pause', 'Send nothing for now; what happens waits'],
  ['resume', 'Let a webhook go on'],
  ['secret', 'Give it a new secret, shown once; for a day both sign'],
  ['test', 'Send a test'],
  ['replay', 'Send one message again, or all that were given up'],
]

const noMessages = { waiting: 0, failed: 0 }

function mustFit(problems: Problem[]): void {
  const [first] = problems
  if (first !== undefined) throw new Refusal('webhook-does-not-fit', { why: first.message })
}

/** What a webhook can be told to do, by page and by API. */
export async function doIt(
  request: FastifyRequest,
  webhook: Webhook,
  act: WebhookAct,
  message: string | null,
): Promise<{ secret?: string; message?: string; count?: number }> {
  const { context: ctx } = request
  const scope = scopeOf(request)
  switch (act) {
    case 'pause':
      await pauseWebhook(ctx, scope, webhook)
      return {}
    case 'resume':
      await resumeWebhook(ctx, scope, webhook)
      return {}
    case 'secret':
      return { secret: await renewWebhookSecret(ctx, scope, webhook) }
    case 'test':
      return { message: await testWebhook(ctx, scope, webhook) }
    case 'replay':
      return { count: await replay(ctx, scope, webhook, message) }
    case 'remove':
      await removeWebhook(ctx, scope, webhook)
      return {}
  }
}
