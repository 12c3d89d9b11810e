import type { FastifyRequest } from 'fastify'
import { fromNetwork, networkOf, ofLink, Refusal, takeTries, type Clock } from '../platform/index.ts'

/** For forms of the public that send mails or fill lists: so many of one sender, and of all, in ten minutes. */
export function createRate(
  clock: Clock,
  most: { each: number; all: number },
): (serviceId: string, sender: string) => void {
  const windowMs = 10 * 60_000
  let startedAt = 0
  let counts = new Map<string, number>()
  return (serviceId, sender) => {
    const now = clock.now().getTime()
    if (Math.abs(now - startedAt) >= windowMs) {
      startedAt = now
      counts = new Map()
    }
    const all = (counts.get(serviceId) ?? 0) + 1
    const own = (counts.get(`${serviceId} ${sender}`) ?? 0) + 1
    counts.set(serviceId, all)
    counts.set(`${serviceId} ${sender}`, own)
    if (all <= most.all && own <= most.each) return
    const seconds = Math.ceil((startedAt + windowMs - now) / 1000)
    throw new Refusal('too-often', { seconds, minutes: Math.ceil(seconds / 60) })
  }
}

/** A gateway tells a daily hash of the visitor; without one it is the network of the connection. */
export function senderOf(request: FastifyRequest): string {
  const visitor = request.headers['x-phasegate-visitor']
  return isByGateway(request) && typeof visitor === 'string' ? visitor.slice(0, 100) : networkOf(request.ip)
}

/**
 * ADM-34: counted once it is known that the link does not work, so that one that does never waits. What leads nowhere counts for
 * its network; a link that was somebody's and has ended counts for itself alone.
 */
export async function countBadLink(request: FastifyRequest, token: string | null): Promise<void> {
  const told = request.headers['x-forwarded-for']
  const address = isByGateway(request) && typeof told === 'string' ? told.slice(0, 100) : request.ip
  const counted = token === null ? fromNetwork('tokens', address) : ofLink(token)
  await takeTries(request.context, [counted], 'too-many-bad-links')
}

function isByGateway({ context: { actor } }: FastifyRequest): boolean {
  return actor.kind === 'key' && (actor.keyKind === 'gateway' || actor.keyKind === 'admin')
}
