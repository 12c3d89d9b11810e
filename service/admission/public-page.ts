import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LettingRung } from '../../packages/admission/src/index.ts'
import { Refusal } from '../platform/index.ts'
import { ceilingOf, isProduct, phaseOf } from '../services/index.ts'
import type { Message, PublicView } from './pages/public.ts'
import type { PublicDoor } from './public-door.ts'
import { countsAt } from './rules.ts'
import type { Snapshots } from './snapshots.ts'

export function publicView(request: FastifyRequest, door: PublicDoor): PublicView {
  const { service } = request
  return {
    name: service.name,
    phaseLabel: phaseOf(service).label,
    phaseName: phaseOf(service).name,
    isOpen: countsAt(ceilingOf(service.phase), 'share'),
    contact: service.contact,
    timeZone: service.timeZone,
    hasCurrent: service.currentUrl !== null,
    isProduct: isProduct(service),
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

/** While nobody comes in by this rung, whatever they hold: what to say, and what to do `later`. */
export function shutWords(
  { service }: FastifyRequest,
  snapshots: Snapshots,
  { rung, later }: { rung: LettingRung; later: string },
): Message | null {
  if (snapshots.halts.of(service.id) !== null)
    return { title: 'The beta is closed for now', text: [`Something needs putting right first. ${later}`] }
  if (countsAt(ceilingOf(service.phase), rung)) return null
  return { title: 'The beta is not open to invited people at present', text: [later] }
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
