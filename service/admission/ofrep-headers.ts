import type { FastifyReply } from 'fastify'

const answerHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'ETag, Retry-After',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
}

/** Browsers of any site may ask. */
export function cors(reply: FastifyReply): FastifyReply {
  return reply.headers(answerHeaders)
}

export function preflight(reply: FastifyReply, method: 'GET' | 'POST'): FastifyReply {
  return cors(reply)
    .header('access-control-allow-methods', `${method}, OPTIONS`)
    .header(
      'access-control-allow-headers',
      'content-type, authorization, x-api-key, if-none-match, last-event-id, cache-control',
    )
    .header('access-control-max-age', '600')
}
