import multipart from '@fastify/multipart'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  besideField,
  may,
  must,
  readForm,
  Refusal,
  startOfCalendarDay,
  typedValues,
  type App,
  type Problem,
} from '../../platform/index.ts'
import { html, link, type Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import { besideUnlessHalted } from '../beside.ts'
import { homeOf } from '../pages/door-parts.ts'
import { mostListBytes } from './batch.ts'
import { drawBatch } from './drawing.ts'
import { readList } from './importing.ts'
import { batchContent, batchLede, batchOf } from './pages/batch-page.ts'
import { preparingPage } from './pages/preparing-page.ts'
import { brokenOff, patienceMs } from './preparing.ts'
import * as schemas from './schemas.ts'
import { sendDue, type Sending } from './sending.ts'
import { end, pauseByTeam, resumeSending, setSendingRule, start } from './steering.ts'
import { findBatch } from './store.ts'
import { readBatch, resultsCsv, type UsesOf } from './view.ts'

const service = z.string().max(60)
const schema = { schema: { hide: true, params: z.object({ service }) } }
const params = z.object({ service, batch: z.uuid() })
const withBatch = { schema: { hide: true, params } }

export interface BatchRouteParts {
  sending: Sending
  usesOf: UsesOf
  /** The page “Who gets in”, with what was wrong in a form of it. */
  doorPage(request: FastifyRequest, extras: { problems: Problem[]; values: Record<string, string> }): Promise<Html>
}

export function batchRoutes(app: App, parts: BatchRouteParts): void {
  const at = '/services/:service/admission/batches'
  const { sending, usesOf } = parts

  app.post(at, schema, async (request, reply) => {
    const form = readForm(schemas.drawForm, request.body)
    const values = typedValues(request.body)
    const again = (problems: Problem[]) => reply.code(422).page(parts.doorPage(request, { problems, values }))
    if (!form.ok) return again(form.problems)
    const { count, name, method, overInvite, filter } = form.value
    try {
      const wanted = { name, method, count, filters: filter, overInvite, patience: patienceMs.page }
      const { id } = await drawBatch(request.context, request.service, wanted)
      return await reply.redirect(batchOf(request.service, { id }), 303)
    } catch (error) {
      return again([besideField(error, 'count')])
    }
  })

  void app.register(async (child) => {
    await child.register(multipart)
    child.post(`${at}/list`, schema, async (request, reply) => {
      try {
        const id = await takeList(request)
        return await reply.redirect(batchOf(request.service, { id }), 303)
      } catch (error) {
        const problems = [besideField(error, 'file')]
        return reply.code(422).page(parts.doorPage(request, { problems, values: {} }))
      }
    })
  })

  app.get(`${at}/:batch`, withBatch, (request, reply) => reply.page(batchPage(request, usesOf)))
  app.get(
    `${at}/:batch/results.csv`,
    { schema: { hide: true, params, querystring: z.object({ only: z.literal('bad').optional() }) } },
    (request, reply) => sendResults(request, reply, request.params.batch, request.query.only ?? 'all'),
  )

  /** Refusals come back on the page of the batch. */
  async function tried(
    request: FastifyRequest & { params: { batch: string } },
    reply: FastifyReply,
    field: string,
    work: () => Promise<Problem[] | void>,
  ) {
    const values = typedValues(request.body)
    try {
      const problems = await work()
      if (problems !== undefined) return await reply.code(422).page(batchPage(request, usesOf, problems, values))
      const isThere = (await findBatch(request.context.db, request.service.id, request.params.batch)) !== null
      return await reply.redirect(
        isThere ? batchOf(request.service, { id: request.params.batch }) : `${homeOf(request.service)}#batches`,
        303,
      )
    } catch (error) {
      return reply.code(422).page(batchPage(request, usesOf, [besideUnlessHalted(error, field)], values))
    }
  }

  app.post(`${at}/:batch/start`, withBatch, (request, reply) =>
    tried(request, reply, 'overInvite', async () => {
      const form = readForm(schemas.startForm, request.body)
      if (!form.ok) return form.problems
      const { beginsOn, ...how } = form.value
      const beginsAt = beginsOn === '' ? null : startOfCalendarDay(beginsOn, request.service.timeZone)
      await start(request.context, sending, request.service, request.params.batch, { ...how, beginsAt })
      await sendDue(sending)
      return undefined
    }),
  )
  app.post(`${at}/:batch/pause`, withBatch, (request, reply) =>
    tried(request, reply, 'reason', async () => {
      const form = readForm(schemas.pauseForm, request.body)
      if (!form.ok) return form.problems
      await pauseByTeam(request.context, request.service, request.params.batch, form.value.reason)
      return undefined
    }),
  )
  app.post(`${at}/:batch/resume`, withBatch, (request, reply) =>
    tried(request, reply, 'reason', () =>
      resumeSending(request.context, sending, request.service, request.params.batch),
    ),
  )
  app.post(`${at}/:batch/end`, withBatch, (request, reply) =>
    tried(request, reply, 'revoke', async () => {
      const form = readForm(schemas.endForm, request.body)
      if (!form.ok) return form.problems
      await end(request.context, request.service, request.params.batch, form.value.revoke)
      return undefined
    }),
  )
  app.post('/services/:service/admission/sending', schema, async (request, reply) => {
    const form = readForm(schemas.ruleForm, request.body)
    const values = typedValues(request.body)
    if (!form.ok) return reply.code(422).page(parts.doorPage(request, { problems: form.problems, values }))
    const { unanswered, onlyAttribute, onlyValues } = form.value
    await setSendingRule(request.context, request.service, {
      unansweredLimit: unanswered,
      onlyAttribute: onlyAttribute === '' ? null : onlyAttribute,
      onlyValues: onlyAttribute === '' ? [] : onlyValues,
    })
    return reply.redirect(`${homeOf(request.service)}#sending`, 303)
  })
}

/** The file is read as it comes and never held whole; the fields stand before it in the form. */
async function takeList(request: FastifyRequest): Promise<string> {
  await must(request.context, 'admission.invite', request.service.id)
  if (!request.isMultipart()) throw new Refusal('list-empty')
  let name = ''
  const limits = {
    files: 1,
    fileSize: mostListBytes + 1_048_576,
    fields: 5,
    parts: 6,
    fieldSize: 1_000,
    headerPairs: 20,
  }
  try {
    for await (const part of request.parts({ limits })) {
      if (part.type !== 'file') {
        if (part.fieldname === 'name' && typeof part.value === 'string') name = part.value.trim().slice(0, 100)
        continue
      }
      const fallback = (part.filename ?? '').replace(/\.csv$/i, '').slice(0, 100)
      const title = [name, fallback, 'A list'].find((each) => each !== '') ?? 'A list'
      const list = { name: title, file: part.file, patience: patienceMs.page }
      return (await readList(request.context, request.service, list)).id
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    const { code } = error as { code?: string }
    if (code === 'FST_REQ_FILE_TOO_LARGE') throw new Refusal('too-large')
    if (code?.startsWith('FST_') === true) throw new Refusal('list-not-readable')
    throw error
  }
  throw new Refusal('list-empty')
}

export async function sendResults(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  only: 'all' | 'bad',
): Promise<FastifyReply> {
  const { context: ctx, service: of } = request
  await must(ctx, 'admission.people', of.id)
  const batch = await findBatch(ctx.db, of.id, id)
  if (batch === null) throw new Refusal('not-found')
  return reply
    .header('content-type', 'text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${of.key}-${only === 'bad' ? 'bad-lines' : 'results'}.csv"`)
    .send(Readable.from(resultsCsv(ctx.db, id, only)))
}

async function batchPage(
  request: FastifyRequest & { params: { batch: string } },
  usesOf: UsesOf,
  problems: Problem[] = [],
  values: Record<string, string> = {},
) {
  const { context: ctx, service: of } = request
  const [view, mayInvite] = await Promise.all([
    readBatch(ctx, of, request.params.batch, usesOf),
    may(ctx, 'admission.invite', of.id),
  ])
  const eyebrow = html`${link('Who gets in', `${homeOf(of)}#batches`)} · batch of invitations`
  const page = { title: view.batch.name, eyebrow, active: 'admission', problems } as const
  if (view.batch.state === 'reading') {
    const why = brokenOff(view.batch, ctx.clock.now())
    const { content, ...rest } = preparingPage({ service: of, batch: view.batch, mayInvite, why })
    return servicePage(request, { ...page, ...rest }, content)
  }
  return servicePage(
    request,
    { ...page, lede: batchLede(view) },
    batchContent({ service: of, view, mayInvite, problems, values }),
  )
}
