import { z } from 'zod'
import type { App } from '../../platform/index.ts'
import { waitingPeople } from './reads.ts'
import * as schemas from './schemas.ts'
import { addQuestion, changeQuestion, removeQuestion, removeQuota, setQuota } from './screening.ts'
import { readWaitlist } from './view.ts'

const tags = ['Waiting list']
const params = z.object({ service: z.string().max(60) })
const withQuestion = params.extend({ question: z.uuid() })
const withQuota = params.extend({ quota: z.uuid() })

export function waitlistApi(app: App): void {
  const at = '/api/v1/services/:service/waiting-list'
  app.get(at, { schema: { summary: 'Who waits, what they are asked, the mix wanted', tags, params } }, (request) =>
    readWaitlist(request.context, request.service),
  )
  app.get(
    `${at}/people`,
    {
      schema: {
        summary: 'People on the waiting list, those who asked first on top',
        tags,
        params,
        querystring: schemas.peopleQuery,
      },
    },
    async ({ context: { db }, service, query: { state = null, limit, after = null } }) => ({
      people: await waitingPeople(db, service.id, { state, limit, after }),
    }),
  )
  app.post(
    `${at}/questions`,
    {
      schema: { summary: 'Ask applicants one more question', answers: [201], tags, params, body: schemas.questionBody },
    },
    async (request, reply) =>
      reply.code(201).send({ id: await addQuestion(request.context, request.service, request.body) }),
  )
  app.put(
    `${at}/questions/:question`,
    {
      schema: {
        summary: 'Change a question',
        answers: [204],
        tags,
        params: withQuestion,
        body: schemas.questionChangeBody,
      },
    },
    async (request, reply) => {
      const { position, ...to } = request.body
      await changeQuestion(request.context, request.service, request.params.question, {
        ...to,
        ...(position === undefined ? {} : { position }),
      })
      return reply.code(204).send()
    },
  )
  app.delete(
    `${at}/questions/:question`,
    { schema: { summary: 'Remove a question, with its answers', answers: [204], tags, params: withQuestion } },
    async (request, reply) => {
      await removeQuestion(request.context, request.service, request.params.question)
      return reply.code(204).send()
    },
  )
  app.put(
    `${at}/quotas`,
    {
      schema: { summary: 'Say how many of one kind are wanted', answers: [204], tags, params, body: schemas.quotaBody },
    },
    async (request, reply) => {
      await setQuota(request.context, request.service, request.body)
      return reply.code(204).send()
    },
  )
  app.delete(
    `${at}/quotas/:quota`,
    { schema: { summary: 'Want no certain number of a kind any more', answers: [204], tags, params: withQuota } },
    async (request, reply) => {
      await removeQuota(request.context, request.service, request.params.quota)
      return reply.code(204).send()
    },
  )
}
