import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { besideField, may, readForm, typedValues, type App, type Problem } from '../../platform/index.ts'
import { servicePage } from '../../services/index.ts'
import type { Links } from '../links.ts'
import { wayBack } from '../pages/door-parts.ts'
import { makeLetterCodes, makeSharedCode, revokeCode } from './making.ts'
import { codesContent, codesLede, codesOf, type CodesPage } from './pages/codes-page.ts'
import * as schemas from './schemas.ts'
import * as store from './store.ts'

const shownCodes = 500
const service = z.string().max(60)
const params = z.object({ service })
const withCode = z.object({ service, code: z.uuid() })

type Extras = Partial<Pick<CodesPage, 'told' | 'problems' | 'values'>>

export function codeTeamRoutes(app: App, links: Links): void {
  const at = '/services/:service/admission/codes'
  const page = (request: FastifyRequest, extras: Extras = {}) => codesPage(request, links, extras)
  const again = (request: FastifyRequest, problems: Problem[]) =>
    page(request, { problems, values: typedValues(request.body) })

  app.get(at, { schema: { hide: true, params } }, (request, reply) => reply.page(page(request)))
  app.post(at, { schema: { hide: true, params } }, async (request, reply) => {
    const form = readForm(schemas.sharedForm, request.body)
    if (!form.ok) return reply.code(422).page(again(request, form.problems))
    try {
      const told = await makeSharedCode(request.context, request.service, form.value)
      return await reply.page(page(request, { told: { kind: 'shared', codes: [told] } }))
    } catch (error) {
      return reply.code(422).page(again(request, [besideField(error, 'name')]))
    }
  })
  app.post(`${at}/letters`, { schema: { hide: true, params } }, async (request, reply) => {
    const form = readForm(schemas.lettersForm, request.body)
    if (!form.ok) return reply.code(422).page(again(request, form.problems))
    try {
      const codes = await makeLetterCodes(request.context, request.service, form.value)
      return await reply.page(page(request, { told: { kind: 'letter', codes } }))
    } catch (error) {
      return reply.code(422).page(again(request, [besideField(error, 'names')]))
    }
  })
  app.post(`${at}/:code/revoke`, { schema: { hide: true, params: withCode } }, async (request, reply) => {
    await revokeCode(request.context, request.service, request.params.code)
    return reply.redirect(codesOf(request.service), 303)
  })
  codeApi(app)
}

function codeApi(app: App): void {
  const at = '/api/v1/services/:service/codes'
  const tags = ['Codes']
  app.get(
    at,
    { schema: { summary: 'Codes, newest first; the codes themselves are told once', tags, params } },
    async ({ context: { db }, service: of }) => ({ codes: await store.codesOf(db, of.id, shownCodes) }),
  )
  app.post(
    at,
    {
      schema: {
        summary: 'Make a code that many share; it is told once',
        answers: [201],
        tags,
        params,
        body: schemas.sharedBody,
      },
    },
    async (request, reply) =>
      reply.code(201).send(await makeSharedCode(request.context, request.service, request.body)),
  )
  app.post(
    `${at}/letters`,
    {
      schema: {
        summary: 'Make codes for single people, to read out or to print; they are told once',
        answers: [201],
        tags,
        params,
        body: schemas.lettersBody,
      },
    },
    async (request, reply) =>
      reply.code(201).send({ codes: await makeLetterCodes(request.context, request.service, request.body) }),
  )
  app.delete(
    `${at}/:code`,
    { schema: { summary: 'Withdraw a code', answers: [204], tags, params: withCode } },
    async (request, reply) => {
      await revokeCode(request.context, request.service, request.params.code)
      return reply.code(204).send()
    },
  )
}

async function codesPage(request: FastifyRequest, links: Links, extras: Extras) {
  const { context: ctx, service: of } = request
  const [codes, mayInvite] = await Promise.all([
    store.codesOf(ctx.db, of.id, shownCodes),
    may(ctx, 'admission.invite', of.id),
  ])
  const problems = extras.problems ?? []
  const at = ctx.clock.now()
  const typedAt = links.to(of, 'code').replace(/^https?:\/\//, '')
  return servicePage(
    request,
    {
      title: extras.told?.kind === 'letter' ? 'Letters' : 'Codes',
      eyebrow: wayBack(of),
      active: 'admission',
      lede: codesLede(codes, at),
      problems,
    },
    codesContent({
      ...{ service: of, codes, at, typedAt, problems },
      ...{ told: extras.told ?? null, rights: { mayInvite }, values: extras.values ?? {} },
    }),
  )
}
