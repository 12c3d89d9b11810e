import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '../platform/index.ts'
import { addPreviewLink, endPreviewLink } from './team-ways.ts'
import { invite, inviteWaiting, resend, revoke } from './invitations/inviting.ts'
import { remove, signDevicesOut } from './persons.ts'
import { setCap, setJoining, setShare } from './opening.ts'
import { setDayLimit } from './day-limit.ts'
import type { Erasure } from './erasing.ts'
import { halt, resume } from './halting.ts'
import { asShown } from './invitations/shown.ts'
import { invitations } from './invitations/store.ts'
import type { Links } from './links.ts'
import * as schemas from './schemas.ts'
import type { Snapshots } from './snapshots.ts'
import { explainPerson, readDoorView } from './team-view.ts'

const tags = ['Admission']
const params = z.object({ service: z.string().max(60) })
const withId = params.extend({ id: z.uuid() })

/** Everything that the page “Who gets in” can do. */
export function admissionApi(app: App, snapshots: Snapshots, links: Links, erasure: Erasure): void {
  const at = '/api/v1/services/:service'
  app.get(`${at}/admission`, { schema: { summary: 'Who gets in', tags, params } }, (request) =>
    state(request, snapshots),
  )
  app.get(
    `${at}/people/:who`,
    { schema: { summary: 'Why one person is in or out', tags, params: params.extend({ who: z.string().max(256) }) } },
    (request) => explainPerson(request.context, snapshots, request.service, request.params.who),
  )
  invitationsApi(app, links)
  app.put(
    `${at}/share`,
    { schema: { summary: 'Set the share of the new service', answers: [200], tags, params, body: schemas.shareBody } },
    async (request) => {
      const { percent, reason } = request.body
      await setShare(request.context, request.service, { share: Math.round(percent * 1000), reason })
      return state(request, snapshots)
    },
  )
  app.put(
    `${at}/cap`,
    { schema: { summary: 'Set or lift the cap', answers: [200], tags, params, body: schemas.capBody } },
    async (request) => {
      await setCap(request.context, request.service, request.body)
      return state(request, snapshots)
    },
  )
  app.put(
    `${at}/day`,
    {
      schema: {
        summary: 'Set or lift the limit on transactions a day',
        answers: [200],
        tags,
        params,
        body: schemas.dayBody,
      },
    },
    async (request) => {
      await setDayLimit(request.context, request.service, request.body)
      return state(request, snapshots)
    },
  )
  app.put(
    `${at}/joining`,
    {
      schema: {
        summary: 'Open or close joining by own choice',
        answers: [200],
        tags,
        params,
        body: schemas.joiningBody,
      },
    },
    async (request) => {
      await setJoining(request.context, request.service, request.body)
      return state(request, snapshots)
    },
  )
  app.post(
    `${at}/removals`,
    { schema: { summary: 'Remove one person', answers: [204], tags, params, body: schemas.removalBody } },
    async (request, reply) => {
      await remove(request.context, request.service, request.body)
      await snapshots.refresh(request.service.id)
      return reply.code(204).send()
    },
  )
  app.post(
    `${at}/people/:who/sign-out`,
    {
      schema: {
        summary: 'Sign all devices of one person out',
        answers: [204],
        tags,
        params: params.extend({ who: z.string().max(256) }),
      },
    },
    async (request, reply) => {
      await signDevicesOut(request.context, request.service, request.params.who)
      await snapshots.refresh(request.service.id)
      return reply.code(204).send()
    },
  )
  haltApi(app, snapshots)
  erasureApi(app, erasure)
  previewApi(app, links)
}

/** Whoever changed something sees it, and so does everybody who decides. */
async function state(request: FastifyRequest, snapshots: Snapshots) {
  await snapshots.caughtUp()
  const {
    summary,
    rollout,
    places,
    counts,
    funnel,
    cohorts,
    waiting,
    day,
    halt: halted,
  } = await readDoorView(request.context, snapshots, request.service)
  const { share, joinOpen, version } = rollout
  return {
    halt: halted,
    ceiling: snapshots.compiled().services.get(request.service.key)?.ceiling ?? null,
    share: share / 1000,
    joinOpen,
    rolloutVersion: version,
    places,
    peopleIn: summary.peopleIn,
    active: summary.active,
    wentBack: summary.wentBack,
    byRung: counts,
    invitations: funnel,
    cohorts,
    waiting,
    day,
  }
}

/** The address is in the body, since addresses of requests stand in the logs of proxies. */
function erasureApi(app: App, erasure: Erasure): void {
  const body = schemas.erasureBody
  app.post(
    '/api/v1/services/:service/erasures',
    { schema: { summary: 'What is kept about a person; with “sure”, erase it', answers: [200], tags, params, body } },
    ({ context, service, body: { address, sure } }) =>
      sure ? erasure.erase(context, service, address) : erasure.report(context, service, address),
  )
  app.post(
    '/api/v1/erasures',
    { schema: { summary: 'The same in every service of the installation', answers: [200], tags, body } },
    async ({ context, body: { address, sure } }) => ({ services: await erasure.everywhere(context, address, sure) }),
  )
}

function invitationsApi(app: App, links: Links): void {
  const at = '/api/v1/services/:service/invitations'
  app.get(
    at,
    {
      schema: {
        summary: 'Invitations, newest first; addresses only for those who may see people',
        tags,
        params,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
      },
    },
    async (request) => {
      const { context: ctx, service } = request
      const found = await invitations(ctx.db, service.id, ctx.clock.now(), request.query.limit)
      return { invitations: await asShown(ctx, service, found) }
    },
  )
  app.post(
    at,
    { schema: { summary: 'Invite people', answers: [201], tags, params, body: schemas.invitationsBody } },
    async (request, reply) => {
      const { addresses, ...rest } = request.body
      const results = await invite(request.context, links, request.service, {
        ...rest,
        addresses: addresses.join('\n'),
      })
      return reply.code(201).send({ results })
    },
  )
  app.post(
    `${at}/waiting`,
    {
      schema: {
        summary: 'Invite the next of the waiting list',
        answers: [201],
        tags,
        params,
        body: schemas.waitingBody,
      },
    },
    async (request, reply) =>
      reply.code(201).send({ results: await inviteWaiting(request.context, links, request.service, request.body) }),
  )
  app.post(
    `${at}/:id/resend`,
    { schema: { summary: 'Send an invitation again', answers: [200], tags, params: withId } },
    async ({ context: ctx, service, params: { id } }) => {
      const { invitation, link } = await resend(ctx, links, service, id)
      const [sent] = await asShown(ctx, service, [invitation])
      return { ...sent, link }
    },
  )
  app.post(
    `${at}/:id/revoke`,
    { schema: { summary: 'Withdraw an invitation', answers: [204], tags, params: withId } },
    async (request, reply) => {
      await revoke(request.context, request.service, request.params.id)
      return reply.code(204).send()
    },
  )
}

function haltApi(app: App, snapshots: Snapshots): void {
  const at = '/api/v1/services/:service'
  app.post(
    `${at}/halt`,
    {
      schema: {
        summary: 'Send everybody to the current service, at once',
        answers: [200],
        tags,
        params,
        body: schemas.reasonBody,
      },
    },
    async (request) => ({
      halt: await halt(request.context, snapshots, request.service.id, request.body.reason),
    }),
  )
  app.post(
    `${at}/resume`,
    { schema: { summary: 'Open again (a named person only)', answers: [200], tags, params, body: schemas.reasonBody } },
    async (request) => {
      await resume(request.context, snapshots, request.service.id, request.body.reason)
      return { halt: null }
    },
  )
}

function previewApi(app: App, links: Links): void {
  const at = '/api/v1/services/:service/previews'
  app.post(
    at,
    {
      schema: {
        summary: 'Make a preview link; it is shown once',
        answers: [201],
        tags,
        params,
        body: schemas.previewBody,
      },
    },
    async (request, reply) =>
      reply.code(201).send(await addPreviewLink(request.context, links, request.service, request.body)),
  )
  app.delete(
    `${at}/:id`,
    { schema: { summary: 'End a preview link', answers: [204], tags, params: withId } },
    async (request, reply) => {
      await endPreviewLink(request.context, request.service, request.params.id)
      return reply.code(204).send()
    },
  )
}
