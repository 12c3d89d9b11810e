import type { FastifyReply, FastifyRequest } from 'fastify'
import { newPassExpiry, signPass, verifyPass, type LettingRung, type Pass } from '../../packages/admission/src/index.ts'
import { isSecure } from '../platform/index.ts'
import type { Snapshots } from './snapshots.ts'

/** How the public pages are reached: through the gateway on the service's own host, or under the link door here. */
export interface PublicDoor {
  kind: 'gateway' | 'link'
  /** Before every URL of these routes: `/edge/:service` or `/go/:service`. */
  prefix: string
  /** Before the links of these pages, as the browser sees them. */
  base(request: FastifyRequest): string
  /** Before the stylesheets. */
  assets: string
  /** Where the service begins. */
  home(request: FastifyRequest): string
  pass(request: FastifyRequest): { unit: string } | null
  /** The pass of arm new: the gateway signs it from a header, the link door signs it here. */
  letIn(request: FastifyRequest, reply: FastifyReply, admitted: { rung: LettingRung; unit: string }): void
}

export function gatewayDoor(): PublicDoor {
  return {
    kind: 'gateway',
    prefix: '/edge/:service',
    base: () => '/.phasegate',
    assets: '/.phasegate',
    home: () => '/',
    pass(request) {
      const unit = request.headers['x-phasegate-unit']
      return typeof unit === 'string' && /^[A-Za-z0-9_-]{22}$/.test(unit) ? { unit } : null
    },
    letIn: (_request, reply, { rung, unit }) => void reply.header('x-phasegate-admit', `${rung}.${unit}`),
  }
}

export function linkDoor(snapshots: Snapshots): PublicDoor {
  return {
    kind: 'link',
    prefix: '/go/:service',
    base: (request) => `/go/${request.service.key}`,
    assets: '',
    home: (request) => `/go/${request.service.key}`,
    pass: (request) => linkPass(request, snapshots),
    letIn(request, reply, { rung, unit }) {
      setLinkPass(request, reply, snapshots, { arm: 'new', rung, unit })
      reply.setCookie(choiceName(request), '', { ...cookieOptions(request), maxAge: 0 })
    },
  }
}

export function linkPass(request: FastifyRequest, snapshots: Snapshots): Pass | null {
  const cookie = request.cookies[passName(request)] ?? ''
  return verifyPass(cookie, request.service.key, snapshots.keysOf(request.service.id), request.context.clock.now())
}

export function linkChoice(request: FastifyRequest): 'current' | 'new' | null {
  const choice = request.cookies[choiceName(request)]
  return choice === 'current' || choice === 'new' ? choice : null
}

export function setLinkPass(
  request: FastifyRequest,
  reply: FastifyReply,
  snapshots: Snapshots,
  pass: Pick<Pass, 'arm' | 'rung' | 'unit'>,
): void {
  const [key] = snapshots.keysOf(request.service.id)
  if (key === undefined) return
  const expiresAt = newPassExpiry(request.context.clock.now())
  const value = signPass({ ...pass, kid: key.kid, service: request.service.key, expiresAt }, key.secret)
  reply.setCookie(passName(request), value, cookieOptions(request))
}

export function dropLinkPass(request: FastifyRequest, reply: FastifyReply): void {
  reply.setCookie(passName(request), '', { ...cookieOptions(request), maxAge: 0 })
}

export function setLinkChoice(request: FastifyRequest, reply: FastifyReply, choice: 'current' | 'new'): void {
  reply.setCookie(choiceName(request), choice, cookieOptions(request))
}

const passSeconds = 90 * 86_400

function cookieOptions(request: FastifyRequest) {
  const secure = isSecure(request.context.config)
  return { path: `/go/${request.service.key}`, httpOnly: true, sameSite: 'lax' as const, secure, maxAge: passSeconds }
}

function passName(request: FastifyRequest): string {
  return `pg_${request.service.key}`
}

function choiceName(request: FastifyRequest): string {
  return `pgc_${request.service.key}`
}
