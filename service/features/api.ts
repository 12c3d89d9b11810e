import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Condition } from '../../packages/admission/src/index.ts'
import type { App } from '../platform/index.ts'
import { announceChange, changeDefinition, createFeature, setAudience, switchFeature } from './actions.ts'
import { FeatureChanged, mustFind } from './changing.ts'
import { chooseStages, moveStage } from './moving.ts'
import type { Feature } from './feature.ts'
import * as schemas from './schemas.ts'
import { confirmRemoval, removeFeature } from './removing.ts'
import { confirmationsOf, decisionsOf, featuresOf, movesOf, noticesOf } from './store.ts'

const tags = ['Features']
const params = z.object({ service: z.string().max(60) })
const one = params.extend({ feature: z.string().max(64) })

/** Everything that the pages of features can do. */
export function featuresApi(app: App): void {
  const home = '/api/v1/services/:service/features'
  const at = `${home}/:feature`
  app.get(home, { schema: { summary: 'The features of a service', tags, params } }, async ({ context, service }) => ({
    features: (await featuresOf(context.db, service.id)).map(featureBody),
  }))
  app.post(
    home,
    { schema: { summary: 'Add a feature with its flag', tags, params, answers: [201], body: schemas.newFeature } },
    async (request, reply) => {
      const feature = await createFeature(request.context, request.service, request.body)
      return reply.code(201).send(featureBody(feature))
    },
  )
  app.get(
    at,
    { schema: { summary: 'One feature', tags, params: one } },
    async ({ context, service, params: { feature } }) => {
      const found = await mustFind(context, service, feature)
      const [moves, decisions, confirmations] = await Promise.all([
        movesOf(context.db, found.id),
        decisionsOf(context.db, found.id),
        confirmationsOf(context.db, found.id),
      ])
      return { ...featureBody(found), moves, decisions, confirmations }
    },
  )
  changesApi(app, at)
  removalApi(app, at)
  noticesApi(app)
}

function changesApi(app: App, at: string): void {
  app.patch(
    at,
    {
      schema: {
        summary: 'Change what is said of it',
        tags,
        params: one,
        answers: [200],
        body: schemas.definitionChange,
      },
    },
    (request, reply) =>
      versioned(request, reply, () =>
        changeDefinition(request.context, request.service, request.params.feature, request.body),
      ),
  )
  app.put(
    `${at}/switch`,
    { schema: { summary: 'Switch it on or off', tags, params: one, answers: [200], body: schemas.switchBody } },
    (request, reply) =>
      versioned(request, reply, () =>
        switchFeature(request.context, request.service, request.params.feature, request.body),
      ),
  )
  app.put(
    `${at}/audience`,
    { schema: { summary: 'Set who gets it', tags, params: one, answers: [200], body: schemas.audienceBody } },
    (request, reply) => {
      const { percent, rules, ...rest } = request.body
      const audience = {
        ...rest,
        share: percent === undefined ? undefined : shareOf(percent),
        rules: rules?.map(({ percent: part, when, variant, ...rule }) => ({
          ...rule,
          // What it is gets judged by the one rule for rules, with the place that is wrong.
          when: when as Condition,
          share: shareOf(part),
          ...(variant === undefined ? {} : { variant }),
        })),
      }
      return versioned(request, reply, () =>
        setAudience(request.context, request.service, request.params.feature, audience),
      )
    },
  )
  app.post(
    `${at}/stage`,
    { schema: { summary: 'Move it to another stage', tags, params: one, answers: [200], body: schemas.moveBody } },
    (request, reply) =>
      versioned(request, reply, () =>
        moveStage(request.context, request.service, request.params.feature, request.body),
      ),
  )
  app.put(
    `${at}/stages`,
    {
      schema: {
        summary: 'Choose which stages it goes through',
        tags,
        params: one,
        answers: [200],
        body: schemas.stagesBody,
      },
    },
    (request, reply) =>
      versioned(request, reply, () =>
        chooseStages(request.context, request.service, request.params.feature, request.body),
      ),
  )
}

function removalApi(app: App, at: string): void {
  app.post(
    `${at}/removal-confirmations`,
    {
      schema: {
        summary: 'Agree, for your role, that the flag goes',
        tags,
        params: one,
        answers: [201],
        body: schemas.confirmationBody,
      },
    },
    async ({ context, service, params: { feature }, body }, reply) =>
      reply.code(201).send({ confirmations: await confirmRemoval(context, service, feature, body.role) }),
  )
  app.delete(
    at,
    { schema: { summary: 'Remove a flag', tags, params: one, answers: [204], body: schemas.removalBody } },
    async ({ context, service, params: { feature }, body }, reply) => {
      await removeFeature(context, service, feature, body.reason)
      return reply.code(204).send()
    },
  )
}

function noticesApi(app: App): void {
  const at = '/api/v1/services/:service/change-notices'
  app.get(at, { schema: { summary: 'Changes that have no flag', tags, params } }, async ({ context, service }) => ({
    notices: await noticesOf(context.db, service.id),
  }))
  app.post(
    at,
    {
      schema: {
        summary: 'Tell the teams of a change without a flag',
        tags,
        params,
        answers: [201],
        body: schemas.noticeBody,
      },
    },
    async (request, reply) => {
      return reply.code(201).send(await announceChange(request.context, request.service, request.body))
    },
  )
}

function shareOf(percent: number): number {
  return Math.round(percent * 1000)
}

/** FEAT-6: of two who change one feature at once the second is shown both versions. */
async function versioned(request: FastifyRequest, reply: FastifyReply, work: () => Promise<Feature>): Promise<unknown> {
  try {
    return featureBody(await work())
  } catch (error) {
    if (!(error instanceof FeatureChanged)) throw error
    return reply
      .code(error.status)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:phasegate:${error.code}`,
          title: error.title,
          status: error.status,
          code: error.code,
          detail: error.whatToDo,
          stored: featureBody(error.stored),
          sent: request.body,
          requestId: request.id,
        }),
      )
  }
}

/** As the API tells a feature: shares in percent. */
function featureBody({ serviceId: _service, salt: _salt, share, rules, course, cohorts, ...rest }: Feature) {
  return {
    ...rest,
    stages: course?.stages ?? [],
    stage: course?.stage ?? null,
    stageSince: course?.since ?? null,
    percent: share / 1000,
    rules: rules.map(({ share: part, ...rule }) => ({ ...rule, percent: part / 1000 })),
    cohorts: cohorts.map(({ name }) => name),
  }
}
