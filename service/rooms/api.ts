import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../platform/index.ts'
import type { Links } from '../admission/index.ts'
import { mustFind } from '../features/index.ts'
import { inviteTesters, openRoom, shutRoom } from './actions.ts'
import { readComparisons } from './comparison.ts'
import { answer, askUnknown, checkNeed, mend, reportDefect } from './learning.ts'
import { defectsOf, needChecksOf, unknownsOf } from './learning-store.ts'
import { countsOf, threadsOf } from './message-store.ts'
import type { Place } from './room.ts'
import { countDefects } from './rules.ts'
import {
  answerBody,
  defectBody,
  needBody,
  roomBody,
  teamMessageBody,
  testimonialBody,
  unknownBody,
  useBody,
  withdrawBody,
} from './schemas.ts'
import { findRoom } from './store.ts'
import { testimonialsOf } from './testimonial-store.ts'
import { askToQuote, noteTakenDown, noteUse, withdraw } from './testimonials.ts'
import { readUsage } from './usage.ts'
import { settleMessage, turnIntoFeedback, writeAsTeam } from './writing.ts'

const tags = ['Beta rooms']
const params = z.object({ service: z.string().max(60), feature: z.string().max(64) })
const at = '/api/v1/services/:service/features/:feature'

/** Everything that the team's pages of a beta can do. */
export function roomsApi(app: App, links: Links): void {
  roomApi(app, links)
  messagesApi(app)
  learningApi(app)
  testimonialsApi(app, links)
}

async function placeOf({ context, service }: FastifyRequest, key: string): Promise<Place> {
  return { service, feature: await mustFind(context, service, key) }
}

function roomApi(app: App, links: Links): void {
  app.get(
    `${at}/room`,
    { schema: { summary: 'The beta room of a feature, with what waits in it', tags, params } },
    async (request) => {
      const { feature } = await placeOf(request, request.params.feature)
      const { db } = request.context
      return { room: await findRoom(db, feature.id), ...(await countsOf(db, feature.id)) }
    },
  )
  app.put(
    `${at}/room`,
    { schema: { summary: 'Open the room, or change what it says', tags, params, answers: [204], body: roomBody } },
    async (request, reply) => {
      await openRoom(request.context, await placeOf(request, request.params.feature), request.body)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/room/close`,
    { schema: { summary: 'Close the room', tags, params, answers: [204] } },
    async (request, reply) => {
      await shutRoom(request.context, await placeOf(request, request.params.feature))
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/room/invitations`,
    { schema: { summary: 'Mail the link to testers who were not mailed yet', tags, params, answers: [200] } },
    async (request) => inviteTesters(request.context, links, await placeOf(request, request.params.feature)),
  )
}

function messagesApi(app: App): void {
  const query = z.object({
    before: z.coerce.number().int().min(1).max(1e15).optional().describe('Only what arrived before this'),
    open: z.enum(['true']).optional().describe('Only what has no answer yet'),
  })
  app.get(
    `${at}/room/messages`,
    { schema: { summary: 'Up to 100 threads of the room, the newest first', tags, params, querystring: query } },
    async (request) => {
      const { feature } = await placeOf(request, request.params.feature)
      const { before, open } = request.query
      return { threads: await threadsOf(request.context.db, feature.id, { limit: 100, before, open: open === 'true' }) }
    },
  )
  app.post(
    `${at}/room/messages`,
    { schema: { summary: 'Write to the testers, or answer one', tags, params, answers: [201], body: teamMessageBody } },
    async (request, reply) => {
      await writeAsTeam(request.context, await placeOf(request, request.params.feature), request.body)
      return reply.code(201).send({ stored: true })
    },
  )
  const one = params.extend({ message: z.uuid() })
  app.post(
    `${at}/room/messages/:message/settle`,
    { schema: { summary: 'Say that a message needs no answer', tags, params: one, answers: [204] } },
    async (request, reply) => {
      await settleMessage(request.context, await placeOf(request, request.params.feature), request.params.message)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/room/messages/:message/feedback`,
    { schema: { summary: 'Turn a message into an item of feedback', tags, params: one, answers: [201] } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      const reference = await turnIntoFeedback(request.context, place, request.params.message)
      return reply.code(201).send({ reference })
    },
  )
}

function learningApi(app: App): void {
  app.get(
    `${at}/learning`,
    {
      schema: {
        summary:
          'Unknowns, the need, defects by stage, use by those who agreed, and people with it beside those without it',
        tags,
        params,
      },
    },
    async (request) => {
      const { feature } = await placeOf(request, request.params.feature)
      const { db, clock } = request.context
      const [unknowns, needChecks, defects, usage, comparisons] = await Promise.all([
        unknownsOf(db, feature.id),
        needChecksOf(db, feature.id),
        defectsOf(db, feature.id),
        readUsage(db, feature.id, clock.now()),
        readComparisons(db, { serviceId: request.service.id, featureId: feature.id }, clock.now()),
      ])
      return { unknowns, needChecks, defects, defectsByStage: countDefects(defects), usage, comparisons }
    },
  )
  app.post(
    `${at}/unknowns`,
    { schema: { summary: 'Name what the beta is to find out', tags, params, answers: [201], body: unknownBody } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      return reply.code(201).send({ id: await askUnknown(request.context, place, request.body.question) })
    },
  )
  app.put(
    `${at}/unknowns/:unknown`,
    {
      schema: {
        summary: 'Answer what the beta was to find out',
        tags,
        params: params.extend({ unknown: z.uuid() }),
        answers: [204],
        body: answerBody,
      },
    },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      await answer(request.context, place, request.params.unknown, request.body.answer)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/need-checks`,
    { schema: { summary: 'Answer whether the need was misread', tags, params, answers: [201], body: needBody } },
    async (request, reply) => {
      await checkNeed(request.context, await placeOf(request, request.params.feature), request.body)
      return reply.code(201).send({ stored: true })
    },
  )
  app.post(
    `${at}/defects`,
    { schema: { summary: 'Report a defect', tags, params, answers: [201], body: defectBody } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      return reply.code(201).send({ id: await reportDefect(request.context, place, request.body) })
    },
  )
  app.post(
    `${at}/defects/:defect/close`,
    { schema: { summary: 'Close a defect', tags, params: params.extend({ defect: z.uuid() }), answers: [204] } },
    async (request, reply) => {
      await mend(request.context, await placeOf(request, request.params.feature), request.params.defect)
      return reply.code(204).send()
    },
  )
}

function testimonialsApi(app: App, links: Links): void {
  const one = params.extend({ testimonial: z.uuid() })
  app.get(
    `${at}/testimonials`,
    { schema: { summary: 'Testimonials, with where each is used', tags, params } },
    async (request) => {
      const { feature } = await placeOf(request, request.params.feature)
      return { testimonials: await testimonialsOf(request.context.db, feature.id) }
    },
  )
  app.post(
    `${at}/testimonials`,
    { schema: { summary: 'Ask a tester to be quoted', tags, params, answers: [201], body: testimonialBody } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      return reply.code(201).send({ id: await askToQuote(request.context, links, place, request.body) })
    },
  )
  app.post(
    `${at}/testimonials/:testimonial/withdraw`,
    { schema: { summary: 'Withdraw a testimonial', tags, params: one, answers: [204], body: withdrawBody } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      await withdraw(request.context, place, request.params.testimonial, request.body.because)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/testimonials/:testimonial/uses`,
    { schema: { summary: 'Note where approved words stand', tags, params: one, answers: [201], body: useBody } },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      const id = await noteUse(request.context, place, request.params.testimonial, request.body.place)
      return reply.code(201).send({ id })
    },
  )
  app.delete(
    `${at}/testimonials/:testimonial/uses/:use`,
    {
      schema: {
        summary: 'Note that the words were taken down there',
        tags,
        params: one.extend({ use: z.uuid() }),
        answers: [204],
      },
    },
    async (request, reply) => {
      const place = await placeOf(request, request.params.feature)
      await noteTakenDown(request.context, place, request.params.testimonial, request.params.use)
      return reply.code(204).send()
    },
  )
}
