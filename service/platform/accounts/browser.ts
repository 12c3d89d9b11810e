import type { FastifyReply, FastifyRequest } from 'fastify'
import { newSecret } from './secrets.ts'

// Gateways keep `pg_…` to themselves, also where a service stands on the same host name.
const browserCookie = 'pg_browser'
const minutes = 60

/** A secret of the browser in which a sign-in began: what comes back by another way counts only there. */
export function browserOf(request: FastifyRequest): string | null {
  const secret = request.cookies[browserCookie]
  return secret !== undefined && /^[\w-]{43}$/.test(secret) ? secret : null
}

/** The same secret for everything that is under way in one browser, so that two open pages don't disturb each other. */
export function rememberBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const secret = browserOf(request) ?? newSecret()
  reply.setCookie(browserCookie, secret, {
    path: '/',
    httpOnly: true,
    // The issuer sends the browser back from another site: a strict cookie would not come along.
    sameSite: 'lax',
    secure: request.context.config.publicUrl?.startsWith('https:') ?? false,
    maxAge: minutes * 60,
  })
  return secret
}
