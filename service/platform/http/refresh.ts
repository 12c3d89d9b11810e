import type { FastifyRequest } from 'fastify'

/** A page that stands open fetches itself again when something changed (html/client/phasegate.js): nobody asked for it. */
export function isRefresh(request: FastifyRequest): boolean {
  return request.headers['phasegate-refresh'] !== undefined
}
