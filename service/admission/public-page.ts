import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../platform/index.ts'
import { phaseOf } from '../services/index.ts'
import type { PublicView } from './pages/public.ts'
import type { PublicDoor } from './public-door.ts'

export function publicView(request: FastifyRequest, door: PublicDoor): PublicView {
  const { service } = request
  return {
    name: service.name,
    phaseLabel: phaseOf(service).label,
    phaseName: phaseOf(service).name,
    contact: service.contact,
    timeZone: service.timeZone,
    hasCurrent: service.currentUrl !== null,
    example: service.example,
    base: door.base(request),
    assets: door.assets,
    home: door.home(request),
    isEnforced: door.kind === 'gateway',
  }
}

export function tokenOf(request: FastifyRequest): string {
  const { token } = request.params as { token?: string }
  if (token === undefined || token.length > 100) throw new Refusal('not-found')
  return token
}

/** A link is a secret: it goes into no referrer and no cache. */
export function secret(reply: FastifyReply): void {
  reply
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'private, no-store')
    .header('x-robots-tag', 'noindex')
}

export function secretly(request: FastifyRequest, reply: FastifyReply): FastifyRequest {
  secret(reply)
  return request
}
