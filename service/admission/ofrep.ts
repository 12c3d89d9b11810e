import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  decide,
  decideAll,
  placeToAskFor,
  type CompiledFeature,
  type CompiledService,
  type CompiledSnapshot,
  type Decision,
  type EvaluationContext,
  type Places,
  type Rung,
} from '../../packages/admission/src/index.ts'
import { Refusal, type Actor, type App, type Context, type Platform } from '../platform/index.ts'
import { admit } from './gateway-api.ts'
import { bulkBody, etagOf, failure, saidOf, success, type Said } from './ofrep-answer.ts'
import { cors, preflight } from './ofrep-headers.ts'
import { ofrepStreams, type ChangeStreams } from './ofrep-streams.ts'
import type { Snapshots } from './snapshots.ts'

/**
 * OFREP 0.3.0. The published schema cannot accept a value (docs/decisions/0007), so the tests read its one oneOf as anyOf.
 * Decisions come from the snapshot in memory; the database is asked only where a server key draws under a cap.
 */
export function ofrepRoutes(app: App, snapshots: Snapshots, platform: Platform): void {
  // Headers that tell a browser what a page may do are for pages: working them out takes as long as a decision on 20 flags.
  const options = {
    schema: { hide: true },
    bodyLimit: 64 * 1024,
    config: { checksTexts: true, isNoPage: true },
  }
  const streams = ofrepStreams(app, snapshots, platform)
  const single = '/ofrep/v1/evaluate/flags/:key'
  const bulk = '/ofrep/v1/evaluate/flags'
  for (const url of [single, bulk])
    app.options(url, { schema: { hide: true }, config: { isNoPage: true } }, (_request, reply) =>
      preflight(reply, 'POST').code(204).send(),
    )

  app.post(
    single,
    { ...options, errorHandler: (error, request, reply) => onError(error, reply, keyOf(request)) },
    (request, reply) => evaluateOne(request, cors(reply), snapshots),
  )
  app.post(
    bulk,
    { ...options, errorHandler: (error, _request, reply) => onError(error, reply, null) },
    (request, reply) => evaluateAll(request, cors(reply), snapshots, streams),
  )
}

async function evaluateOne(request: FastifyRequest, reply: FastifyReply, snapshots: Snapshots): Promise<unknown> {
  refuseForeignPage(request, snapshots)
  const key = keyOf(request)
  const context = contextOf(request.body)
  if (context === null) return reply.code(400).send(failure(key, 'INVALID_CONTEXT', expected(request)))
  const decision = await evaluate(request.context, snapshots, key, context)
  if (decision.kind === 'failed') {
    const status = decision.errorCode === 'FLAG_NOT_FOUND' ? 404 : decision.errorCode === 'GENERAL' ? 500 : 400
    return reply.code(status).send(failure(key, decision.errorCode, decision.detail))
  }
  return success(key, decision)
}

async function evaluateAll(
  request: FastifyRequest,
  reply: FastifyReply,
  snapshots: Snapshots,
  streams: ChangeStreams,
): Promise<unknown> {
  refuseForeignPage(request, snapshots)
  const { context: ctx } = request
  const context = contextOf(request.body)
  if (context === null) {
    return reply.code(400).send({ errorCode: 'INVALID_CONTEXT', errorDetails: expected(request) })
  }
  const compiled = snapshots.compiled()
  // Before anything is awaited: of the snapshot that decides.
  const stream = streams.addressFor(ctx.actor)
  const now = ctx.clock.now()
  const seen = (flag: Flag): boolean => isVisible(ctx, flag)
  let decisions = decideAll(compiled, context, now, seen)
  const places = holdsSecret(ctx.actor) ? await takePlaces(ctx, compiled, context, decisions) : null
  if (places !== null) decisions = decideAll(compiled, context, now, seen, places)
  const answers: Said[] = []
  for (const { key, decision } of decisions) {
    if (decision.kind === 'failed' && decision.errorCode === 'INVALID_CONTEXT') {
      return reply.code(400).send({ errorCode: decision.errorCode, errorDetails: decision.detail })
    }
    answers.push(saidOf(key, decision))
  }
  const etag = etagOf(answers)
  reply.header('etag', etag)
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
  reply.header('content-type', 'application/json; charset=utf-8')
  // Given back, not sent from here: to await a reply costs a tenth of the whole answer.
  return bulkBody(answers, stream)
}

/** ADM-71: a client key works on its own pages only, as for events. What is no page has no origin. */
function refuseForeignPage({ context: { actor }, headers: { origin } }: FastifyRequest, snapshots: Snapshots): void {
  if (origin === undefined || actor.kind !== 'key' || actor.keyKind !== 'client' || actor.service === null) return
  if (!(actor.origins ?? snapshots.originsOf(actor.service)).includes(origin)) throw new Refusal('key-not-here')
}

type Flag = CompiledService | CompiledFeature

/** A key of a service sees what is of its service. Whoever holds no secret sees services, and features meant for clients. */
function isVisible({ actor }: Context, flag: Flag): boolean {
  const { id } = 'variants' in flag ? flag.service : flag
  if (actor.kind === 'key' && actor.service !== null && actor.service !== id) return false
  return !('variants' in flag) || flag.forClients || holdsSecret(actor)
}

/** Whoever holds no server key cannot fill a cap by making people up. */
function holdsSecret(actor: Actor): boolean {
  return actor.kind === 'key' && (actor.keyKind === 'server' || actor.keyKind === 'admin')
}

async function evaluate(
  ctx: Context,
  snapshots: Snapshots,
  key: string,
  context: EvaluationContext,
): Promise<Decision> {
  const compiled = snapshots.compiled()
  const flag: Flag | undefined = compiled.services.get(key) ?? compiled.features.get(key)
  const isSeen = flag !== undefined && isVisible(ctx, flag)
  const now = ctx.clock.now()
  const decision = decide(compiled, isSeen ? key : '', context, now)
  const service = isSeen ? compiled.services.get(key) : undefined
  const rung = service === undefined ? null : await takePlace(ctx, service, context, decision)
  return rung === null ? decision : decide(compiled, key, context, now, new Map([[key, rung]]))
}

/** Null where none was to be had: that is most answers, which are then as they were decided. */
async function takePlaces(
  ctx: Context,
  compiled: CompiledSnapshot,
  context: EvaluationContext,
  decisions: readonly { key: string; decision: Decision }[],
): Promise<Places | null> {
  let places: Map<string, Rung> | null = null
  for (const { key, decision } of decisions) {
    const service = compiled.services.get(key)
    const rung = service === undefined ? null : await takePlace(ctx, service, context, decision)
    if (rung !== null) (places ??= new Map()).set(key, rung)
  }
  return places
}

/** ADM-10: under a cap a server key takes a place for whom a rule or the share would let in. By which rung, if it got one. */
async function takePlace(
  ctx: Context,
  service: CompiledService,
  context: EvaluationContext,
  decision: Decision,
): Promise<Rung | null> {
  const { targetingKey: unit } = context
  if (unit === undefined || !holdsSecret(ctx.actor) || decision.kind === 'failed') return null
  const rung = placeToAskFor(service, decision, context)
  if (rung === null) return null
  return (await admit(ctx, service, { unit, rung, attributes: context })).admitted ? rung : null
}

function keyOf(request: FastifyRequest): string {
  return (request.params as { key: string }).key
}

/** Null where the body holds no context object. A missing targeting key is the decision's to judge. */
function contextOf(body: unknown): EvaluationContext | null {
  const context = (body as { context?: unknown } | null)?.context
  return typeof context === 'object' && context !== null && !Array.isArray(context)
    ? (context as EvaluationContext)
    : null
}

/** What curl sends without being told is a form: its body can be right, and is not read. */
function expected({ headers }: FastifyRequest): string {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
  return `The body must be { "context": { … } }${isForm ? ', sent as application/json' : ''}.`
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((each) => each.trim() === '*' || each.trim().replace(/^W\//, '') === etag)
}

/** In the protocol's own shape where it has one; the rest is answered as everywhere. */
function onError(error: unknown, reply: FastifyReply, key: string | null): void {
  cors(reply)
  const { code } = error as { code?: string }
  const unread = [
    'not-json',
    'prototype-named',
    'too-deep',
    'too-wide',
    'too-large',
    'wrong-content-type',
    'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    'FST_ERR_CTP_BODY_TOO_LARGE',
    'FST_ERR_CTP_INVALID_JSON_BODY',
    'FST_ERR_CTP_EMPTY_JSON_BODY',
  ]
  if (typeof code !== 'string' || !unread.includes(code)) throw error
  const detail =
    error instanceof Refusal
      ? `${error.title}. ${error.whatToDo}`
      : 'Send a JSON document of at most 64 KB as application/json.'
  void reply.code(400).send({ ...(key === null ? {} : { key }), errorCode: 'PARSE_ERROR', errorDetails: detail })
}
