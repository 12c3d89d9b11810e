import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  countMessages,
  messagesOf,
  ownerFootnote,
  ownerNavigation,
  readForm,
  Refusal,
  typedValues,
  webhooksOf,
  type App,
  type Problem,
} from '../platform/index.ts'
import { link, teamPage, type Content, type Html } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { addWebhook, changeWebhook, problemsOf } from './actions.ts'
import { doIt, scopeOf, webhookOf, webhooksApi } from './api.ts'
import { webhookEvents } from './events.ts'
import { webhookContent } from './pages/webhook-page.ts'
import { webhooksContent } from './pages/webhooks-page.ts'
import { acts, newWebhookSchema, webhookFields } from './schemas.ts'

const hidden = { schema: { hide: true } }
const mostMessages = 50

export function webhooksRoutes(app: App): void {
  pages(app, '/services/:service/webhooks')
  pages(app, '/webhooks')
  webhooksApi(app)
}

function homeOf(request: FastifyRequest): string {
  const scope = scopeOf(request)
  return scope === null ? '/webhooks' : `/services/${scope.key}/webhooks`
}

const eventsFor = (request: FastifyRequest) =>
  webhookEvents.filter(({ isOfInstallation = false }) => !isOfInstallation || scopeOf(request) === null)

function pages(app: App, home: string): void {
  const params = z.object({ webhook: z.uuid() })
  app.get(home, hidden, (request, reply) => reply.page(listView(request)))
  app.post(home, hidden, async (request, reply) => {
    const form = readForm(newWebhookSchema, request.body)
    const problems = form.ok ? await problemsOf(request.context, scopeOf(request), form.value) : form.problems
    if (!form.ok || problems.length > 0)
      return reply.code(422).page(listView(request, problems, typedValues(request.body)))
    const { webhook, secret } = await addWebhook(request.context, scopeOf(request), form.value)
    if (secret === null) return reply.redirect(`${homeOf(request)}/${webhook.id}`, 303)
    return reply.page(oneView(request, webhook.id, { secret }))
  })
  app.get(`${home}/:webhook`, { schema: { hide: true, params } }, (request, reply) =>
    reply.page(oneView(request, request.params.webhook)),
  )
  app.post(`${home}/:webhook`, { schema: { hide: true, params } }, async (request, reply) => {
    const webhook = await webhookOf(request, request.params.webhook)
    const form = readForm(z.object(webhookFields), request.body)
    const problems = form.ok ? await problemsOf(request.context, scopeOf(request), form.value) : form.problems
    if (!form.ok || problems.length > 0)
      return reply.code(422).page(oneView(request, webhook.id, { problems, values: typedValues(request.body) }))
    await changeWebhook(request.context, scopeOf(request), webhook, form.value)
    return reply.redirect(`${homeOf(request)}/${webhook.id}`, 303)
  })
  for (const act of acts) {
    app.post(`${home}/:webhook/${act}`, { schema: { hide: true, params } }, async (request, reply) => {
      const webhook = await webhookOf(request, request.params.webhook)
      const form = readForm(z.object({ message: z.uuid().optional() }), request.body)
      if (!form.ok) throw new Refusal('not-found')
      const { secret } = await doIt(request, webhook, act, form.value.message ?? null)
      if (secret !== undefined) return reply.page(oneView(request, webhook.id, { secret }))
      return reply.redirect(act === 'remove' ? homeOf(request) : `${homeOf(request)}/${webhook.id}`, 303)
    })
  }
}

async function listView(
  request: FastifyRequest,
  problems: Problem[] = [],
  values: Record<string, string> = {},
): Promise<Html> {
  const { db } = request.context
  const webhooks = await webhooksOf(db, scopeOf(request)?.id ?? null)
  const counts = await countMessages(
    db,
    webhooks.map(({ id }) => id),
  )
  const content = webhooksContent({
    home: homeOf(request),
    webhooks: webhooks.map((webhook) => ({ webhook, ...(counts.get(webhook.id) ?? { waiting: 0, failed: 0 }) })),
    events: eventsFor(request),
    problems,
    values,
  })
  const lede = 'Other systems and chats that hear what happens here, signed and within seconds.'
  return framed(request, { title: 'Webhooks', lede, problems }, content)
}

async function oneView(
  request: FastifyRequest,
  id: string,
  extras: { secret?: string; problems?: Problem[]; values?: Record<string, string> } = {},
): Promise<Html> {
  const webhook = await webhookOf(request, id)
  const content = webhookContent({
    home: homeOf(request),
    webhook,
    messages: await messagesOf(request.context.db, webhook.id, mostMessages),
    events: eventsFor(request),
    timeZone: scopeOf(request) === null ? 'Europe/London' : request.service.timeZone,
    now: request.context.clock.now(),
    secret: extras.secret ?? null,
    problems: extras.problems ?? [],
    values: extras.values ?? {},
  })
  const eyebrow = link('Webhooks', homeOf(request))
  return framed(request, { title: webhook.description, eyebrow, problems: extras.problems ?? [] }, content)
}

/** In the frame of the service, or of the installation. */
async function framed(
  request: FastifyRequest,
  page: { title: string; lede?: string; eyebrow?: Html; problems: Problem[] },
  content: Content,
): Promise<Html> {
  if (scopeOf(request) !== null) return servicePage(request, { ...page, active: 'settings' }, content)
  const { actor } = request.context
  const account = actor.kind === 'account' ? { name: actor.name, role: 'owner', href: '/account' } : undefined
  return teamPage(
    { ...page, top: { account }, navigation: ownerNavigation('webhooks'), footnote: ownerFootnote },
    content,
  )
}
