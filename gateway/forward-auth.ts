import type { ServerResponse } from 'node:http'
import type { Arm } from '../packages/admission/src/index.ts'
import { askedArm, type Door } from './door.ts'
import type { Incoming } from './incoming.ts'
import type { Measuring } from './measuring/measuring.ts'
import { closedForNow, holdingPageOf, noServiceHere, notOpen, type Page } from './pages.ts'
import { plain } from './own-acts.ts'
import type { Sites } from './site.ts'
import { readTarget } from './target.ts'
import { plainAddress, type TrustedProxies } from './trusted-proxies.ts'
import { about, holdingFor, type Visit } from './visit.ts'

/** Answers a reverse proxy that stands in front itself and asks, for each request, who it is from and where it goes. */
export interface ForwardAuth {
  answer(asking: Incoming, response: ServerResponse): Promise<void>
}

interface ForwardAuthParts {
  sites: Sites
  door: Door
  measuring: Measuring
  trustedProxies(): TrustedProxies
  showPage(response: ServerResponse, page: Page, setCookies: readonly string[], closes: boolean): void
}

const ownPath = '/.phasegate/forward-auth'
const methodPattern = /^[A-Z]{1,20}$/

export function isForwardAuth({ target: { path } }: Incoming): boolean {
  return path === ownPath
}

export function createForwardAuth(parts: ForwardAuthParts): ForwardAuth {
  const { sites, door, measuring, trustedProxies, showPage } = parts

  /** What the proxy was asked for, in the words of X-Forwarded-*; null where those can't be read. */
  function original(asking: Incoming): Incoming | null {
    const { request } = asking
    const said = (name: string): string | null => {
      const value = request.headers[`x-forwarded-${name}`]
      return typeof value === 'string' ? (value.split(',').at(-1)?.trim() ?? '') : null
    }
    // Nginx, Traefik and Caddy write the whole target, commas too.
    const uri = request.headers['x-forwarded-uri']
    const target = readTarget({ url: typeof uri === 'string' ? uri : '/' })
    const method = said('method') ?? 'GET'
    const host = (said('host') ?? asking.host).toLowerCase()
    if (target === null || !methodPattern.test(method) || !/^[\w.:[\]-]{1,300}$/.test(host)) return null
    return { ...asking, method, target, host, outside: `${asking.scheme}://${host}` }
  }

  async function answer(asking: Incoming, response: ServerResponse): Promise<void> {
    // Whoever is not told to speak for others could ask in the name of any page of the service.
    if (!trustedProxies().trusts(plainAddress(asking.request.socket.remoteAddress ?? ''))) return untrusted(response)
    const incoming = original(asking)
    if (incoming === null) return plain(response, 400, {})
    const site = sites.find(incoming.host, incoming.target.path)
    const query = new URLSearchParams(asking.target.query)
    // Nginx takes 2xx, 401 and 403 and makes an error of all else: there it sends on what this refuses (GW-36).
    const refusesBy403 = query.get('deny') === '403'
    if (site === null) return refusesBy403 ? plain(response, 403, {}) : showPage(response, noServiceHere(), [], false)
    const visit = await door.visit(site, incoming, true)
    const arm = askedArm(incoming, visit) ?? (visit.assigned === 'new' && site.new.up ? 'new' : 'current')
    const headers = {
      ...whoAndWhere(visit, arm),
      ...(visit.setCookies.length > 0 && { 'set-cookie': visit.setCookies }),
    }
    if (refusesBy403) {
      const isRefused = door.isCutOff(visit, incoming, false) || !isServed(arm, visit, query)
      if (!isRefused) saw(incoming, visit, arm)
      return plain(response, isRefused ? 403 : 200, headers)
    }
    if (door.isCutOff(visit, incoming, true)) {
      return showPage(response, closedForNow(about(visit), visit.site.current !== null), visit.setCookies, false)
    }
    if (!isServed(arm, visit, query)) return elsewhere(incoming, visit, response)
    saw(incoming, visit, arm)
    plain(response, 200, headers)
  }

  function saw(incoming: Incoming, visit: Visit, arm: Arm): void {
    const accepts = incoming.request.headers.accept
    if (incoming.method !== 'GET' || accepts === undefined || !accepts.includes('text/html')) return
    door.saw(visit, arm)
    measuring.sentOn(incoming, visit, arm)
  }

  /** Somebody who is not in: to the current service, or to the page that stands in its place. */
  function elsewhere(incoming: Incoming, visit: Visit, response: ServerResponse): void {
    const { current } = visit.site
    if (current === null) {
      const holding = holdingFor(visit, visit.assigned === 'new')
      return showPage(response, holdingPageOf(about(visit), holding), visit.setCookies, false)
    }
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') {
      return showPage(response, notOpen(about(visit)), visit.setCookies, false)
    }
    plain(response, 302, {
      location: `${current.origin}${incoming.target.url}`,
      'cache-control': 'private, no-store',
      ...(visit.setCookies.length > 0 && { 'set-cookie': visit.setCookies }),
    })
  }

  return { answer }
}

/** `?only=new`: the proxy stands before the new service alone. A holding page is the gateway's own to show. */
function isServed(arm: Arm, { site }: Visit, query: URLSearchParams): boolean {
  return arm === 'new' || (query.get('only') !== 'new' && site.current !== null)
}

/** All three in every answer, so that a proxy that copies them leaves none that somebody else wrote. */
function whoAndWhere({ unit, phase }: Visit, arm: Arm): Record<string, string> {
  return { 'x-pg-arm': arm, 'x-pg-unit': unit ?? '', 'x-pg-phase': phase ?? '', 'cache-control': 'private, no-store' }
}

function untrusted(response: ServerResponse): void {
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end('This is for a reverse proxy that is named in trustedProxies of gateway.yaml.\n')
}
