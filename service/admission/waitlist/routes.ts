import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { besideField, may, must, readForm, typedValues, type App, type Problem } from '../../platform/index.ts'
import { servicePage } from '../../services/index.ts'
import { csvBegin, csvLine } from '../csv.ts'
import type { Links } from '../links.ts'
import { wayBack } from '../pages/door-parts.ts'
import { listOf, waitlistContent, waitlistLede } from './pages/waitlist-page.ts'
import { waitingPeople } from './reads.ts'
import * as schemas from './schemas.ts'
import { addQuestion, changeQuestion, removeQuestion, removeQuota, setQuota } from './screening.ts'
import { everyWaiting, readWaitlist } from './view.ts'
import type { WaitingState } from './waitlist.ts'

const shownPeople = 50
const schema = { schema: { hide: true } }
const service = z.string().max(60)
const withQuestion = { schema: { hide: true, params: z.object({ service, question: z.uuid() }) } }
const withQuota = { schema: { hide: true, params: z.object({ service, quota: z.uuid() }) } }

interface Extras {
  problems?: Problem[]
  values?: Record<string, string>
  state?: WaitingState | null
  after?: string | null
}

/** The team's page of the waiting list. */
export function waitlistRoutes(app: App, links: Links): void {
  const at = '/services/:service/admission/waiting-list'
  const page = (request: FastifyRequest, extras: Extras = {}) => waitlistPage(request, links, extras)

  /** Problems and refusals come back beside a field, with what was typed. */
  async function tried(
    request: FastifyRequest,
    reply: FastifyReply,
    { field, anchor, values = {} }: { field: string; anchor: string; values?: Record<string, string> },
    work: () => Promise<Problem[] | void>,
  ) {
    const typed = { ...typedValues(request.body), ...values }
    try {
      const problems = await work()
      if (problems !== undefined) return await reply.code(422).page(page(request, { problems, values: typed }))
      return await reply.redirect(`${listOf(request.service)}${anchor}`, 303)
    } catch (error) {
      return reply.code(422).page(page(request, { problems: [besideField(error, field)], values: typed }))
    }
  }

  const query = z.object({ state: schemas.peopleQuery.shape.state, after: schemas.peopleQuery.shape.after })
  app.get(at, { schema: { hide: true, querystring: query } }, (request, reply) =>
    reply.page(page(request, { state: request.query.state ?? null, after: request.query.after ?? null })),
  )
  app.get(`${at}.csv`, schema, async (request, reply) => {
    await must(request.context, 'admission.people', request.service.id)
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${request.service.key}-waiting-list.csv"`)
      .send(Readable.from(waitingCsv(request)))
  })
  app.post(`${at}/questions`, schema, (request, reply) =>
    tried(request, reply, { field: 'name', anchor: '#questions' }, async () => {
      const form = readForm(schemas.questionForm, request.body)
      if (!form.ok) return form.problems
      await addQuestion(request.context, request.service, form.value)
      return undefined
    }),
  )
  app.post(`${at}/questions/:question`, withQuestion, (request, reply) => {
    const { question } = request.params
    return tried(
      request,
      reply,
      { field: `name-${question}`, anchor: '#questions', values: { editing: question } },
      async () => {
        const form = readForm(schemas.questionChangeForm, request.body)
        if (!form.ok) return form.problems.map(({ field, message }) => ({ field: `${field}-${question}`, message }))
        const { position, ...to } = form.value
        await changeQuestion(request.context, request.service, question, {
          ...to,
          ...(position === undefined ? {} : { position }),
        })
        return undefined
      },
    )
  })
  app.post(`${at}/questions/:question/remove`, withQuestion, (request, reply) =>
    tried(request, reply, { field: 'name', anchor: '#questions' }, () =>
      removeQuestion(request.context, request.service, request.params.question),
    ),
  )
  app.post(`${at}/quotas`, schema, (request, reply) =>
    tried(request, reply, { field: 'kind', anchor: '#mix' }, async () => {
      const form = readForm(schemas.quotaForm, request.body)
      if (!form.ok) return form.problems
      await setQuota(request.context, request.service, { ...form.value.kind, wanted: form.value.wanted })
      return undefined
    }),
  )
  app.post(`${at}/quotas/:quota/remove`, withQuota, (request, reply) =>
    tried(request, reply, { field: 'kind', anchor: '#mix' }, () =>
      removeQuota(request.context, request.service, request.params.quota),
    ),
  )
}

async function waitlistPage(request: FastifyRequest, links: Links, extras: Extras) {
  const { context: ctx, service: of } = request
  const [view, mayInvite, mayPeople] = await Promise.all([
    readWaitlist(ctx, of),
    may(ctx, 'admission.invite', of.id),
    may(ctx, 'admission.people', of.id),
  ])
  const state = extras.state ?? null
  const wanted = { state, limit: shownPeople + 1, after: extras.after ?? null }
  const found = mayPeople ? await waitingPeople(ctx.db, of.id, wanted) : []
  const shown = found.slice(0, shownPeople)
  const problems = extras.problems ?? []
  return servicePage(
    request,
    { title: 'Waiting list', eyebrow: wayBack(of), active: 'admission', lede: waitlistLede(view), problems },
    waitlistContent({
      service: of,
      view,
      people: mayPeople ? { shown, state, next: found.length > shownPeople ? (shown.at(-1)?.id ?? null) : null } : null,
      rights: { mayInvite },
      problems,
      values: extras.values ?? {},
      publicLink: links.to(of, 'waiting'),
    }),
  )
}

/** What is special is not in it: a file is handed on more easily than it should be (ADM-42). */
async function* waitingCsv({ context: ctx, service: of }: FastifyRequest): AsyncGenerator<string> {
  const { questions } = await readWaitlist(ctx, of)
  const names = questions.filter(({ special }) => !special).map(({ name }) => name)
  yield csvBegin + csvLine(['email', 'state', 'asked', 'confirmed', 'invited', ...names])
  for await (const { address, state, at, confirmedAt, invitedAt, answers } of everyWaiting(ctx, of)) {
    const times = [at, confirmedAt, invitedAt].map((each) => each?.toISOString())
    yield csvLine([address, state, ...times, ...names.map((name) => (answers[name] ?? []).join('; '))])
  }
}
