import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSecure } from '../config.ts'
import { setSessionCookie, typedValues } from '../http/index.ts'
import type { Problem } from '../problem.ts'
import type { Refusal } from '../refusal.ts'
import { hasMailPage } from './actions.ts'
import { rememberDevice } from './known-device.ts'
import { signInPage } from './pages/sign-in-pages.ts'
import { isElsewhere, relyingPartyOf } from './passkeys/relying-party.ts'
import { hashSecret } from './secrets.ts'
import { findSession } from './session-store.ts'

/** The way in for every kind of sign-in. */
export async function enter(
  request: FastifyRequest,
  reply: FastifyReply,
  session: string,
  to: string,
): Promise<FastifyReply> {
  const ctx = request.context
  setSessionCookie(reply, session, isSecure(ctx.config))
  const opened = await findSession(ctx.db, hashSecret(session), ctx.clock.now())
  if (opened !== null) rememberDevice(ctx, reply, opened.accountId)
  return reply.redirect(to, 303)
}

/** The page with every way in. It comes again with problems beside the fields, or with what went wrong on another way. */
export function showSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  view: { to: string; problems?: Problem[]; notice?: Refusal },
): Promise<FastifyReply> {
  const { config } = request.context
  const party = relyingPartyOf(config)
  return reply.page(
    signInPage({
      problems: view.problems ?? [],
      values: typedValues(request.body),
      to: view.to,
      notice: view.notice ?? null,
      issuerName: config.oidc?.name ?? null,
      passkeys: party && { party, isElsewhere: isElsewhere(config, request.hostname) },
      development: hasMailPage(request.context),
    }),
  )
}
