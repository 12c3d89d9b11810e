import type { IncomingMessage } from 'node:http'
import { cleanHeaders, type CleanHeaders } from './headers.ts'
import { readTarget, type Target } from './target.ts'
import { plainAddress, type TrustedProxies } from './trusted-proxies.ts'

/** A request that was understood: how it looks from outside. */
export interface Incoming {
  request: IncomingMessage
  method: string
  target: Target
  clean: CleanHeaders
  /** Host with port, as the browser knows it. */
  host: string
  scheme: 'http' | 'https'
  /** The origin that the browser sees, such as `https://permits.example.org`. */
  outside: string
  /** The address of the person: from the socket, or from a trusted proxy. */
  address: string
  forwardedFor: string
}

export type Refused = { status: 400 | 405 | 431 }

const mostHeaders = 200

const hostPattern = /^(?:[a-z0-9._-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

export function readIncoming(request: IncomingMessage, proxies: TrustedProxies): Incoming | Refused {
  const method = request.method ?? ''
  // GW-6: TRACE tells a page what it may not read; CONNECT would make a tunnel of the gateway.
  if (method === 'TRACE' || method === 'TRACK' || method === 'CONNECT') return { status: 405 }
  if (request.httpVersionMajor !== 1) return { status: 400 }
  if (request.rawHeaders.length > 2 * mostHeaders) return { status: 431 }
  const clean = cleanHeaders(request)
  const target = readTarget(request)
  if (clean === null || target === null) return { status: 400 }
  const host = (target.host ?? clean.host ?? '').toLowerCase()
  if (!hostPattern.test(host) || Number(/:(\d+)$/.exec(host)?.[1] ?? 0) > 65_535) return { status: 400 }

  const peer = plainAddress(request.socket.remoteAddress ?? '')
  const trusted = proxies.trusts(peer)
  const scheme = trusted && lastOf(clean.forwardedProto) === 'https' ? 'https' : 'http'
  const forwarded = trusted ? clean.forwardedFor : null
  return {
    request,
    method,
    target,
    clean,
    host,
    scheme,
    outside: `${scheme}://${host}`,
    address: proxies.person(peer, forwarded),
    forwardedFor: forwarded === null ? peer : `${forwarded}, ${peer}`,
  }
}

/** Of several, the one that the nearest proxy wrote. */
function lastOf(list: string | null): string | undefined {
  return list?.split(',').at(-1)?.trim().toLowerCase()
}
