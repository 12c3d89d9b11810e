import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'
import { networkOf } from './network.ts'

/**
 * Lets streams in at a bounded rate. After a restart all clients come back at once; let in as they come, each with its
 * handshake, its first answer and its questions, they could bring down the process that they wait for, and then come again.
 */
export interface StreamGate {
  /** Resolves when it is this one's turn; false where the client left before. The place is free when the connection closes. */
  enter(request: FastifyRequest, reply: FastifyReply): Promise<boolean>
}

export interface StreamLimits {
  perSecond: number
  /** So many may come at once after a quiet time. */
  burst: number
  most: number
  mostOfOneSender: number
}

const longestWaitMs = 30_000

export function createStreamGate({ perSecond, burst, most, mostOfOneSender }: StreamLimits): StreamGate {
  const gapMs = 1000 / perSecond
  const bySender = new Map<string, number>()
  let inside = 0
  /** When the next one could come in if there had been no burst. */
  let next = 0
  return {
    async enter(request, reply) {
      const sender = networkOf(request.ip)
      const own = bySender.get(sender) ?? 0
      const now = performance.now()
      const waitMs = Math.max(next, now - burst * gapMs) + gapMs - now
      if (inside >= most || own >= mostOfOneSender || waitMs > longestWaitMs) {
        reply.header('retry-after', String(Math.ceil(5 + Math.random() * 25)))
        throw new Refusal('too-many-requests')
      }
      next = now + waitMs
      inside++
      bySender.set(sender, own + 1)
      const { raw } = reply
      raw.once('close', () => {
        inside--
        const left = (bySender.get(sender) ?? 1) - 1
        if (left === 0) bySender.delete(sender)
        else bySender.set(sender, left)
      })
      if (waitMs > 0) await waited(waitMs, (done) => raw.once('close', done))
      return !raw.destroyed && !raw.closed
    },
  }
}

function waited(ms: number, orWhen: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref()
    orWhen(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
