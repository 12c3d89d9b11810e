import type { Arm } from '../packages/admission/src/index.ts'
import type { Incoming } from './incoming.ts'
import type { Upstream } from './upstream.ts'
import type { Visit } from './visit.ts'

/**
 * GW-8, GW-9: what the origin is told. Host is its own, so that any hosting finds it; Origin and Referer are put into
 * the words of the application, by which it compares them with its base URL; X-Forwarded-* say how it looks outside.
 */
export function originHeaders(incoming: Incoming, visit: Visit, upstream: Upstream, arm: Arm): string[] {
  const { clean } = incoming
  const base = visit.site.config.applicationBase
  const headers = clean.kept.slice()
  headers.push('host', base === 'outside' ? incoming.host : upstream.host)
  const inItsWords = base === 'own' || (base === 'learned' && upstream.base !== 'outside')
  if (clean.origin !== null) {
    headers.push('origin', inItsWords && clean.origin === incoming.outside ? upstream.origin : clean.origin)
  }
  if (clean.referer !== null) {
    headers.push('referer', inItsWords ? swapped(clean.referer, incoming.outside, upstream.origin) : clean.referer)
  }
  if (clean.cookies.forwarded !== null) headers.push('cookie', clean.cookies.forwarded)
  headers.push(
    'x-forwarded-for',
    incoming.forwardedFor,
    'x-forwarded-host',
    incoming.host,
    'x-forwarded-proto',
    incoming.scheme,
    'x-pg-arm',
    arm,
  )
  if (visit.unit !== null) headers.push('x-pg-unit', visit.unit)
  if (visit.phase !== null) headers.push('x-pg-phase', visit.phase)
  return headers
}

/** The same address on another site, where it begins with this one. */
function swapped(url: string, from: string, to: string): string {
  if (!url.startsWith(from)) return url
  const next = url[from.length]
  return next === undefined || next === '/' || next === '?' || next === '#' ? to + url.slice(from.length) : url
}
