import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import { Refusal, type App } from '../../platform/index.ts'
import { drawBatch } from './drawing.ts'
import { readList } from './importing.ts'
import { patienceMs, type Prepared } from './preparing.ts'
import { batchesOf } from './reads.ts'
import { sendResults, type BatchRouteParts } from './routes.ts'
import * as schemas from './schemas.ts'
import { sendDue } from './sending.ts'
import { end, pauseByTeam, resumeSending, setSendingRule, start } from './steering.ts'
import { readSendingRule } from './store.ts'
import { readBatch, type UsesOf } from './view.ts'

const tags = ['Batches of invitations']
const params = z.object({ service: z.string().max(60) })
const withBatch = params.extend({ batch: z.uuid() })

export function batchApi(app: App, { sending, usesOf }: Pick<BatchRouteParts, 'sending' | 'usesOf'>): void {
  const at = '/api/v1/services/:service/batches'
  app.get(at, { schema: { summary: 'Batches, newest first', tags, params } }, async ({ context: { db }, service }) => ({
    batches: await batchesOf(db, service.id, 200),
  }))
  app.post(
    at,
    {
      schema: {
        summary: 'Draw people from the waiting list into a batch; nothing is sent yet',
        tags,
        params,
        body: schemas.drawBody,
        answers: [201, 202],
      },
    },
    async (request, reply) => {
      const wanted = { ...request.body, patience: patienceOf(request) }
      return answer(request, reply, await drawBatch(request.context, request.service, wanted), usesOf)
    },
  )
  listApi(app, at, usesOf)
  app.get(
    `${at}/:batch`,
    { schema: { summary: 'A batch: what becomes of each line, and from sent to completed', tags, params: withBatch } },
    (request) => readBatch(request.context, request.service, request.params.batch, usesOf),
  )
  app.get(
    `${at}/:batch/results.csv`,
    {
      schema: {
        summary: 'Every line with its result, or the bad ones, as CSV',
        tags,
        params: withBatch,
        querystring: z.object({ only: z.literal('bad').optional() }),
      },
    },
    (request, reply) => sendResults(request, reply, request.params.batch, request.query.only ?? 'all'),
  )
  app.post(
    `${at}/:batch/start`,
    { schema: { summary: 'Begin to send a batch', answers: [204], tags, params: withBatch, body: schemas.startBody } },
    async (request, reply) => {
      const { beginsAt, ...how } = request.body
      const begins = beginsAt === null ? null : new Date(beginsAt)
      await start(request.context, sending, request.service, request.params.batch, { ...how, beginsAt: begins })
      await sendDue(sending)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/:batch/pause`,
    { schema: { summary: 'Pause sending', answers: [204], tags, params: withBatch, body: schemas.pauseBody } },
    async (request, reply) => {
      await pauseByTeam(request.context, request.service, request.params.batch, request.body.reason)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/:batch/resume`,
    { schema: { summary: 'Let a paused batch go on', answers: [204], tags, params: withBatch } },
    async (request, reply) => {
      await resumeSending(request.context, sending, request.service, request.params.batch)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/:batch/end`,
    {
      schema: {
        summary: 'End a batch; with “revoke”, its open invitations too',
        answers: [204],
        tags,
        params: withBatch,
        body: schemas.endBody,
      },
    },
    async (request, reply) => {
      await end(request.context, request.service, request.params.batch, request.body.revoke)
      return reply.code(204).send()
    },
  )
  ruleApi(app)
}

/** RFC 7240: who does not want to wait says so. */
function patienceOf({ headers: { prefer } }: FastifyRequest): number {
  const wishes = [prefer ?? ''].flat().join(',').toLowerCase().split(/[,;]/)
  return wishes.some((wish) => wish.trim() === 'respond-async') ? patienceMs.none : patienceMs.api
}

/** ADM-73: 201 with the batch, or 202 while it is made: its state is `reading` until then. */
async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { id, isDone }: Prepared,
  usesOf: UsesOf,
): Promise<FastifyReply> {
  const { key } = request.service
  return reply
    .code(isDone ? 201 : 202)
    .header('location', `/api/v1/services/${key}/batches/${id}`)
    .send(await readBatch(request.context, request.service, id, usesOf))
}

/** The list itself is the body: a stream, which only this route accepts. */
function listApi(app: App, at: string, usesOf: UsesOf): void {
  void app.register(async (child) => {
    child.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload))
    child.post(
      `${at}/list`,
      {
        schema: {
          summary: 'Read a list (text/csv, with a column “email”) into a batch; nothing is sent yet',
          tags,
          params,
          querystring: schemas.listQuery,
          answers: [201, 202],
        },
      },
      async (request, reply) => {
        const { body, query } = request as { body: unknown; query: { name: string } }
        if (!isStream(body)) throw new Refusal('list-not-readable')
        const list = { name: query.name, file: body, patience: patienceOf(request) }
        return answer(request, reply, await readList(request.context, request.service, list), usesOf)
      },
    )
  })
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body
}

function ruleApi(app: App): void {
  const at = '/api/v1/services/:service/sending'
  app.get(
    at,
    { schema: { summary: 'When sending pauses by itself, and whom it reaches', tags, params } },
    ({ context: { db }, service }) => readSendingRule(db, service.id),
  )
  app.put(
    at,
    { schema: { summary: 'Change that', answers: [200], tags, params, body: schemas.ruleBody } },
    async ({ context, service, body: { unansweredLimit, only } }) => {
      await setSendingRule(context, service, {
        unansweredLimit,
        onlyAttribute: only?.attribute ?? null,
        onlyValues: only?.values ?? [],
      })
      return readSendingRule(context.db, service.id)
    },
  )
}
