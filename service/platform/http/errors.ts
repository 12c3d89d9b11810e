import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import type { Problem } from '../problem.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import type { App } from './app-type.ts'
import { isForPrograms, wantsPage } from './door.ts'
import { errorPage } from './error-page.ts'

/** Everything that goes wrong is answered here: a problem document (RFC 9457) for programs, a page for people. */
export function installErrors(app: App): void {
  app.setNotFoundHandler((request, reply) => {
    const methods = isForPrograms(request.url) ? app.methodsAt(request.url.split('?')[0] ?? '') : []
    if (methods.length === 0 || methods.includes(request.method))
      return answer(request, reply, new Refusal('not-found'), [])
    const taken = methods.join(', ')
    return answer(request, reply.header('allow', taken), new Refusal('wrong-method', { methods: taken }), [])
  })
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { refusal, fields } = understand(error)
    const confirming =
      refusal?.code === 'confirm-again' && wantsPage(request) ? app.confirmation.ask(request, reply) : null
    if (confirming !== null) return confirming
    if (refusal !== null) return answer(request, reply, refusal, fields)
    request.log.error({ err: error }, 'unexpected error')
    return answerUnexpected(request, reply)
  })
}

/** An address that cannot be read reaches no route, and so none of its hooks: neither it nor the reason is repeated. */
export function answerUnreadable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.code(400).header('x-content-type-options', 'nosniff').header('x-request-id', request.id)
  problemDocument(reply, request, new Refusal('invalid-request'), [])
}

/** What an error means to whoever asked; null where nothing is known of it. */
export function refusalFor(error: unknown): Refusal | null {
  return understand(error as FastifyError).refusal
}

function understand(error: FastifyError): { refusal: Refusal | null; fields: Problem[] } {
  if (error instanceof Refusal) return { refusal: error, fields: [] }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.slice(0, 20).map(({ instancePath, message }) => ({
      field: `${error.validationContext ?? 'body'}${instancePath.replaceAll('/', '.')}`
        .replace(/\.$/, '')
        .slice(0, 200),
      message: (message ?? 'is not valid').slice(0, 200),
    }))
    return { refusal: new Refusal('invalid-request'), fields }
  }
  const code = byCode[error.code]
  if (code !== undefined) return { refusal: new Refusal(code), fields: [] }
  if (isDatabaseAway(error)) return { refusal: new Refusal('database-away'), fields: [] }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return { refusal: new Refusal(error.statusCode === 429 ? 'too-many-requests' : 'invalid-request'), fields: [] }
  }
  return { refusal: null, fields: [] }
}

const byCode: Record<string, RefusalCode | undefined> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'wrong-content-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_JSON_BODY: 'not-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'not-json',
  // PostgreSQL: a character that no text may hold (U+0000).
  '22021': 'invalid-request',
  '22P05': 'invalid-request',
  // PostgreSQL could not make a file larger, or this process could not.
  '53100': 'no-room',
  ENOSPC: 'no-room',
  EDQUOT: 'no-room',
}

const awayCodes = /^(08|57P0|57014|53[123]00|25006|ECONN|EPIPE|ENOENT|ETIMEDOUT|E(HOST|NET)UNREACH|ENOTFOUND|EAI_AGAIN)/

/** The connection was cut, refused or never made: whether a change arrived is not known, and so never acknowledged. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  if (typeof code === 'string' && awayCodes.test(code)) return true
  return /Connection terminated|timeout exceeded when trying to connect|timeout expired|not queryable|driver has already been destroyed/.test(
    message ?? '',
  )
}

function answer(request: FastifyRequest, reply: FastifyReply, refusal: Refusal, fields: Problem[]): unknown {
  reply.code(refusal.status)
  const wait = refusal.detail['seconds'] ?? (refusal.status === 503 ? 5 : null)
  if (wait !== null) reply.header('retry-after', String(wait))
  if (!wantsPage(request)) return problemDocument(reply, request, refusal, fields)
  if (refusal.code === 'not-signed-in' && request.method === 'GET') {
    return reply.redirect(`/sign-in?to=${encodeURIComponent(request.url)}`, 303)
  }
  const notice = refusal.code === 'database-away' ? request.server.standingHalt(request) : null
  const isOnlyRead = refusal.code === 'database-away' && request.method === 'GET'
  const text = isOnlyRead ? 'Try again in a few seconds.' : refusal.whatToDo
  return reply.page(errorPage(request, { title: refusal.title, text, code: refusal.code, notice }))
}

function problemDocument(reply: FastifyReply, request: FastifyRequest, refusal: Refusal, fields: Problem[]): unknown {
  // RFC 9110, 15.5.2: with what to come instead. It opens no dialog in a browser.
  if (refusal.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.type('application/problem+json').send(
    JSON.stringify({
      type: `urn:phasegate:${refusal.code}`,
      title: refusal.title,
      status: refusal.status,
      code: refusal.code,
      detail: refusal.whatToDo,
      ...(fields.length > 0 ? { errors: fields } : {}),
      requestId: request.id,
    }),
  )
}

function answerUnexpected(request: FastifyRequest, reply: FastifyReply): unknown {
  reply.code(500)
  if (wantsPage(request)) {
    return reply.page(
      errorPage(request, {
        title: 'Sorry, there is a problem',
        text: 'It is ours, not yours. What you sent may not have been stored. Try again later.',
      }),
    )
  }
  const body = {
    type: 'urn:phasegate:unexpected',
    title: 'Unexpected error',
    status: 500,
    code: 'unexpected',
    requestId: request.id,
  }
  return reply.type('application/problem+json').send(JSON.stringify(body))
}
