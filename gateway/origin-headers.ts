import type { Arm } from '../packages/admission/src/index.ts'
import type { Incoming } from './incoming.ts'
import type { Upstream } from './upstream.ts'
import type { Visit } from './visit.ts'

/**
 * GW-8, GW-9: what the origin is told. Host is its own, so that any hosting finds it; X-Forwarded-* say how it looks
 * outside. An Origin that names the outside is put into the words of the application, by which it compares it with its
 * base URL, whether it was told that URL, takes it from Host, or from X-Forwarded-*: so all of them then say the same.
 */
export function originHeaders(incoming: Incoming, visit: Visit, upstream: Upstream, arm: Arm): string[] {
  const { clean } = incoming
  const base = visit.site.config.applicationBase
  const isTold = base === 'own' || (base === 'learned' && upstream.base !== 'outside')
  const isOwnOrigin = isTold && isOutside(clean.origin, incoming)
  const scheme = schemeFor(incoming, upstream)
  const headers = clean.kept.slice()
  headers.push('host', base === 'outside' ? incoming.host : upstream.host)
  if (clean.origin !== null) headers.push('origin', isOwnOrigin ? `${scheme}://${upstream.host}` : clean.origin)
  if (clean.referer !== null) {
    headers.push('referer', isTold ? swapped(clean.referer, incoming.outside, upstream.origin) : clean.referer)
  }
  if (clean.cookies.forwarded !== null) headers.push('cookie', clean.cookies.forwarded)
  headers.push(
    'x-forwarded-for',
    incoming.forwardedFor,
    'x-forwarded-host',
    isOwnOrigin ? upstream.host : incoming.host,
    'x-forwarded-proto',
    scheme,
    'x-pg-arm',
    arm,
  )
  if (visit.unit !== null) headers.push('x-pg-unit', visit.unit)
  if (visit.phase !== null) headers.push('x-pg-phase', visit.phase)
  return headers
}

/** HTTPS on either side is HTTPS to the application: told otherwise, one that insists on it would redirect for ever. */
function schemeFor(incoming: Incoming, upstream: Upstream): string {
  return upstream.scheme === 'https' ? 'https' : incoming.scheme
}

function isOutside(origin: string | null, { host }: Incoming): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

/** The same address on another site, where it begins with this one. */
function swapped(url: string, from: string, to: string): string {
  if (!url.startsWith(from)) return url
  const next = url[from.length]
  return next === undefined || next === '/' || next === '?' || next === '#' ? to + url.slice(from.length) : url
}
