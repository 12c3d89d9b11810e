import type { Arm } from '../packages/admission/src/index.ts'
import { isOurCookie } from './headers.ts'
import type { Incoming } from './incoming.ts'
import { hostnameOf } from './site.ts'
import type { Upstream } from './upstream.ts'

export interface AnswerHeaders {
  /** Name, value, name, value … for the browser. */
  headers: string[]
  isHtml: boolean
  isEventStream: boolean
  contentType: string
  contentEncoding: string
  /** -1 where it is not said. */
  contentLength: number
  policy: string
}

const hop = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'trailer', 'te', 'proxy-authenticate'])

/** GW-11: words to a cache that stand over Cache-Control where the cache knows them. */
const cacheOrders = new Set(['x-accel-expires', 'surrogate-control', 'cdn-cache-control', 'edge-control'])

const kind = {
  keep: 0,
  drop: 1,
  location: 2,
  setCookie: 3,
  vary: 4,
  cacheControl: 5,
  type: 6,
  encoding: 7,
  policy: 8,
  allowOrigin: 9,
  length: 10,
  coding: 11,
  cacheOrder: 12,
}

const special = new Map<string, number>([
  ['location', kind.location],
  ['content-location', kind.location],
  ['set-cookie', kind.setCookie],
  ['vary', kind.vary],
  ['cache-control', kind.cacheControl],
  ['content-type', kind.type],
  ['content-encoding', kind.encoding],
  ['content-security-policy', kind.policy],
  ['content-length', kind.length],
  ['transfer-encoding', kind.coding],
  ['access-control-allow-origin', kind.allowOrigin],
])

const kinds = new Map<string, number>()

function kindOf(name: string): number {
  const known = kinds.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  const found = special.get(lower) ?? ordinary(lower)
  if (kinds.size < 1000) kinds.set(name, found)
  return found
}

function ordinary(name: string): number {
  if (hop.has(name)) return kind.drop
  return cacheOrders.has(name) || name.endsWith('-cdn-cache-control') ? kind.cacheOrder : kind.keep
}

/** What the gateway knows of an answer before it has read its headers. */
export interface AnswerFacts {
  status: number
  arm: Arm
  setCookies: readonly string[]
  caching: Caching
}

/**
 * GW-11. `own`: the address names the arm. `asset`: a file of the arm that this person is assigned to. `page`: anything
 * else that differs by arm. `stand-in`: an answer that is not to outlive what made it, a fallback or a halt.
 */
export type Caching = 'own' | 'asset' | 'page' | 'stand-in'

/**
 * GW-9, GW-11: an application's answer in the words of the outside: its own base URL and cookie domains replaced, our
 * cookies added, and nothing personal left to a shared cache.
 */
export function answerHeaders(
  raw: readonly (Buffer | string)[],
  incoming: Incoming,
  upstream: Upstream,
  { status, arm, setCookies, caching }: AnswerFacts,
): AnswerHeaders {
  const headers: string[] = []
  const answer: AnswerHeaders = {
    headers,
    isHtml: false,
    isEventStream: false,
    contentType: '',
    contentEncoding: '',
    contentLength: -1,
    policy: '',
  }
  let vary = ''
  let cacheControl = ''
  let hasCookies = setCookies.length > 0
  let isCoded = false
  const mayBeShared = (caching === 'own' || caching === 'asset') && isFile(status)
  for (let index = 0; index < raw.length; index += 2) {
    const name = textOf(raw[index])
    const value = textOf(raw[index + 1])
    switch (kindOf(name)) {
      case kind.keep:
        headers.push(name, value)
        break
      case kind.drop:
        break
      case kind.location:
        headers.push(name, outsideLocation(value, incoming, upstream))
        break
      case kind.setCookie:
        if (isOurCookie(value)) break
        hasCookies = true
        headers.push(name, outsideCookie(value, incoming, upstream))
        break
      case kind.vary:
        vary = vary === '' ? value : `${vary}, ${value}`
        break
      case kind.cacheControl:
        cacheControl = cacheControl === '' ? value : `${cacheControl}, ${value}`
        break
      case kind.type:
        answer.contentType = value
        answer.isHtml = /^\s*text\/html\b/i.test(value)
        answer.isEventStream = /^\s*text\/event-stream\b/i.test(value)
        headers.push(name, value)
        break
      case kind.encoding:
        answer.contentEncoding = value.trim().toLowerCase()
        headers.push(name, value)
        break
      case kind.length:
        answer.contentLength = Number(value)
        break
      case kind.coding:
        isCoded = true
        break
      case kind.cacheOrder:
        if (mayBeShared) headers.push(name, value)
        break
      case kind.policy:
        answer.policy = answer.policy === '' ? value : `${answer.policy}, ${value}`
        headers.push(name, value)
        break
      case kind.allowOrigin:
        headers.push(name, value === upstream.origin ? incoming.outside : value)
        break
    }
  }
  // GW-6: a length beside chunks, or with an answer that has no body, is read in two ways.
  if (isCoded || status < 200 || status === 204) answer.contentLength = -1
  if (answer.contentLength >= 0) headers.push('Content-Length', String(answer.contentLength))
  for (const cookie of setCookies) headers.push('Set-Cookie', cookie)
  if (caching === 'stand-in') cacheControl = 'private, no-store'
  else if (hasCookies || !mayBeShared) cacheControl = madePrivate(cacheControl)
  // A page of the new service that a browser shows without asking would outlive a halt.
  if (arm === 'new' && answer.isHtml && !/\bno-(store|cache)\b/i.test(cacheControl)) cacheControl = 'private, no-cache'
  if (cacheControl !== '') headers.push('Cache-Control', cacheControl)
  if (caching !== 'own' && vary !== '*' && !/\bcookie\b/i.test(vary)) {
    vary = vary === '' ? 'Cookie' : `${vary}, Cookie`
  }
  if (vary !== '') headers.push('Vary', vary)
  return answer
}

/** Found, whole or a part of it, or still as it was: anything else may be another answer in the other arm. */
function isFile(status: number): boolean {
  return status === 200 || status === 206 || status === 304
}

function textOf(value: Buffer | string | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : value.toString('latin1')
}

function madePrivate(cacheControl: string): string {
  if (/\b(private|no-store)\b/i.test(cacheControl)) return cacheControl
  const rest = cacheControl
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^(public|s-maxage)\b/i.test(part))
  return ['private', ...rest].join(', ')
}

function outsideLocation(value: string, incoming: Incoming, upstream: Upstream): string {
  if (value.startsWith('/') && !value.startsWith('//')) return value
  const absolute = value.startsWith('//') ? `${upstream.scheme}:${value}` : value
  if (!/^https?:/i.test(absolute) || !URL.canParse(absolute)) return value
  const { origin, host, href } = new URL(absolute)
  // Under TLS that ends before an application it calls itself https, and is asked by http.
  if (origin === upstream.origin || (host === upstream.host && origin.startsWith(`${incoming.scheme}:`))) {
    upstream.base = 'own'
    return incoming.outside + href.slice(origin.length)
  }
  // GW-9: an application that knows the outside name is told Origin by that name. Its own name, once seen, stands.
  if (origin === incoming.outside && upstream.base === 'unknown') upstream.base = 'outside'
  return value
}

function outsideCookie(value: string, incoming: Incoming, upstream: Upstream): string {
  let cookie = value
  const domain = /;\s*domain\s*=\s*\.?([^;\s]*)\s*/i.exec(value)
  if (domain !== null) {
    const named = (domain[1] ?? '').toLowerCase()
    const isOwn = within(upstream.hostname, named)
    const isOutside = within(hostnameOf(incoming.host), named)
    if (isOwn && !isOutside) upstream.base = 'own'
    if (isOutside && !isOwn && upstream.base === 'unknown') upstream.base = 'outside'
    // Without Domain the cookie belongs to the host that the browser asked, which is what the application means.
    if (!isOutside) cookie = cookie.replace(domain[0], '')
  }
  if (incoming.scheme === 'http' && upstream.scheme === 'https' && !/^__(host|secure)-/i.test(cookie)) {
    cookie = cookie.replace(/;\s*secure\s*(?=;|$)/i, '')
  }
  return cookie
}

function within(host: string, domain: string): boolean {
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`))
}
