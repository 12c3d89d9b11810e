import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { isSecure } from '../config.ts'
import type { Context } from '../context.ts'

/** ACC-10: says that this browser was signed in as this account before; it signs nobody in. */
export const deviceCookie = 'phasegate_device'
const days = 180

/** Set at each sign-in. */
export function rememberDevice(ctx: Context, reply: FastifyReply, accountId: string): void {
  const until = Math.floor(ctx.clock.now().getTime() / 1000) + days * 86_400
  const said = `${accountId}.${until}`
  reply.setCookie(deviceCookie, `${said}.${macOf(ctx, said).toString('base64url')}`, {
    path: '/sign-in',
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure(ctx.config),
    maxAge: days * 86_400,
  })
}

export function isKnownDevice(ctx: Context, cookie: string | undefined, accountId: string): boolean {
  const [id, until, mac] = (cookie ?? '').split('.')
  if (id !== accountId || until === undefined || mac === undefined) return false
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(ctx, `${id}.${until}`)
  return (
    given.length === right.length && timingSafeEqual(given, right) && Number(until) * 1000 > ctx.clock.now().getTime()
  )
}

function macOf(ctx: Context, said: string): Buffer {
  return ctx.secrets.mac('known-device', said)
}
