import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { LettingRung } from '../packages/admission/src/index.ts'
import { widgetFiles } from '../packages/widget/index.ts'
import { isOurCookie } from './headers.ts'
import type { Incoming } from './incoming.ts'
import { insertedCss } from './insertion/inserted-css.ts'
import type { Log } from './log.ts'
import { createOwnActs, isSecure, plain, type OwnActsParts } from './own-acts.ts'
import { badRequest, choicePage, controlPlaneAway, notFromHere, tooLarge } from './pages.ts'
import { about, expiredCookie, passCookie, type Visit } from './visit.ts'
import { walkCode, walkCookie } from './walk.ts'

/** Everything under `/.phasegate/` on the service's own host; neither arm ever sees it. */
export interface OwnPages {
  answer(incoming: Incoming, visit: Visit, response: ServerResponse): Promise<void>
}

interface OwnPagesParts extends OwnActsParts {
  log: Log
  isConnected(): boolean
}

export const ownPrefix = '/.phasegate'
const longestBody = 64 * 1024
const forwardedHeaders = [
  'accept',
  'accept-language',
  'content-type',
  'user-agent',
  'sec-fetch-site',
  'x-requested-with',
]
const hiddenFromBrowser = new Set(
  'connection keep-alive transfer-encoding upgrade trailer te x-phasegate-admit set-cookie strict-transport-security'.split(
    ' ',
  ),
)

export function isOwnPath({ target: { path } }: Incoming): boolean {
  return path.startsWith(ownPrefix) && (path.length === ownPrefix.length || path[ownPrefix.length] === '/')
}

export function createOwnPages(parts: OwnPagesParts): OwnPages {
  const { keeper, controlPlane, measuring, clock, log, showPage } = parts
  const acts = createOwnActs(parts)
  const files = new Map<string, Buffer>()

  async function answer(incoming: Incoming, visit: Visit, response: ServerResponse): Promise<void> {
    const rest = incoming.target.path.slice(ownPrefix.length + 1)
    if (rest === 'health') return health(visit, response)
    if (rest === 'inserted.css') return asset(incoming, response, 'text/css; charset=utf-8', Buffer.from(insertedCss))
    if (rest === 'widget.js' || rest === 'widget.css') return widget(rest, incoming, response)
    // The control plane must read the path as it is read here: the gateway's key goes with it.
    if (/(^|\/)\.{1,2}(\/|$)|%2e|%2f|%5c|\/\//i.test(rest)) return showPage(response, badRequest(), [], true)
    const code = walkCode(rest)
    if (code !== null) return startWalk(incoming, visit, code, response)
    const isAct = rest === 'choice' || rest === 'join' || rest === 'leave'
    if (isAct && (incoming.method === 'GET' || incoming.method === 'HEAD')) {
      return showPage(response, choicePage(about(visit), visit.site.current !== null), visit.setCookies, false)
    }
    // GW-27: nobody's choice is changed from another website. A single-use code is its own proof.
    if (!isSafe(incoming.method) && rest !== 'enter' && !isFromHere(incoming, secretPath.test(rest))) {
      return showPage(response, notFromHere(), [], true)
    }
    const body = await readBody(incoming)
    if (body === 'too-large') return showPage(response, tooLarge(), [], true)
    if (!isAct) return forward(incoming, visit, rest, body, response)
    if (incoming.method !== 'POST') return plain(response, 405, { allow: 'GET, POST' })
    const form = new URLSearchParams(body?.toString('utf8') ?? '')
    return acts[rest](incoming, visit, form, response)
  }

  function startWalk(incoming: Incoming, { site }: Visit, code: string, response: ServerResponse): void {
    const cookie = walkCookie(site.key, code, isSecure(incoming))
    response.writeHead(303, { location: '/', 'set-cookie': cookie, 'cache-control': 'private, no-store' })
    response.end()
  }

  function health({ site }: Visit, response: ServerResponse): void {
    const held = keeper.held()
    const isReady = held !== null && held.services.size > 0
    const createdAt = held === null ? null : Date.parse(held.feed.snapshot.createdAt)
    const body = {
      ready: isReady,
      service: site.key,
      snapshot: held?.feed.snapshot.version ?? null,
      ageSeconds: createdAt === null ? null : Math.max(0, Math.round((clock.now().getTime() - createdAt) / 1000)),
      controlPlane: parts.isConnected() ? 'connected' : 'away',
      current: site.current === null ? 'holding-page' : site.current.up ? 'up' : 'down',
      new: site.new.up ? 'up' : 'down',
    }
    response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(`${JSON.stringify(body)}\n`)
  }

  async function widget(name: 'widget.js' | 'widget.css', incoming: Incoming, response: ServerResponse): Promise<void> {
    const { url, type } = widgetFiles[name]
    try {
      const content = files.get(name) ?? (await readFile(url))
      files.set(name, content)
      asset(incoming, response, type, content)
    } catch (error) {
      log.error({ err: error }, 'The feedback widget can not be read')
      plain(response, 404, {})
    }
  }

  async function forward(
    incoming: Incoming,
    visit: Visit,
    rest: string,
    body: Buffer | null,
    response: ServerResponse,
  ): Promise<void> {
    const { site } = visit
    const transaction = measuring.transactionOf(visit, incoming)
    const headers: Record<string, string> = {
      'x-phasegate-arm': visit.assigned === 'new' && site.new.up ? 'new' : 'current',
      'x-phasegate-visitor': measuring.visitorOf(visit, incoming),
      'x-phasegate-host': incoming.host,
      'x-phasegate-scheme': incoming.scheme,
      'x-forwarded-for': incoming.address,
      // GW-14: a unit enters an event only with the person's leave.
      ...(visit.unit === null || (rest === 'events' && !visit.person.consents)
        ? {}
        : { 'x-phasegate-unit': visit.unit }),
      ...(transaction === null ? {} : { 'x-phasegate-transaction': transaction }),
    }
    for (const name of forwardedHeaders) {
      const value = incoming.request.headers[name]
      if (typeof value === 'string') headers[name] = value
    }
    const path = `/edge/${encodeURIComponent(site.key)}/${rest}${incoming.target.query}`
    const said = await controlPlane.forward(path, { method: incoming.method, headers, body })
    if (said === null) return showPage(response, controlPlaneAway(about(visit)), visit.setCookies, false)
    const setCookies = [...visit.setCookies, ...foreignCookies(said.headers['set-cookie'])]
    const admit = said.headers['x-phasegate-admit']
    if (typeof admit === 'string') setCookies.push(...admitted(admit, incoming, visit))
    const answerHeaders: Record<string, string | string[]> = {}
    for (const [name, value] of Object.entries(said.headers)) {
      if (value !== undefined && !hiddenFromBrowser.has(name)) answerHeaders[name] = value
    }
    if (setCookies.length > 0) {
      answerHeaders['set-cookie'] = setCookies
      answerHeaders['cache-control'] = 'private, no-store'
    }
    response.writeHead(said.status, answerHeaders)
    for await (const chunk of said.body) {
      if (response.destroyed) return
      if (!response.write(chunk)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve))
    }
    response.end()
  }

  /** GW-29: the control plane let somebody in; the gateway alone makes the pass of it. */
  function admitted(said: string, incoming: Incoming, { site }: Visit): string[] {
    const read = /^(preview|staff|invited|join|rules|share)\.([A-Za-z0-9_-]{22})$/.exec(said)
    const held = keeper.held()
    if (read === null || held === null) {
      log.error({ service: site.key }, 'The control plane let somebody in, and no pass could be made of it')
      return []
    }
    const [, rung, unit] = read as unknown as [string, LettingRung, string]
    const secure = isSecure(incoming)
    const cookie = passCookie(site, held, { arm: 'new', rung, unit }, secure, clock.now())
    return [...(cookie === null ? [] : [cookie]), expiredCookie(site.choiceCookie, secure)]
  }

  return { answer }
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS'
}

/** Pages whose address is a secret, and which therefore send no referrer. */
const secretPath = /^(invitation|preview|waiting|code|room|quote|account|contact)\/[^/]+/

function isFromHere({ request: { headers }, clean, host }: Incoming, hidesReferrer: boolean): boolean {
  const site = headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return true
  if (site !== undefined) return false
  // Over plain HTTP a browser says neither where it comes from, nor, from a page without a referrer, its origin.
  if (hidesReferrer && clean.origin === 'null') return true
  // A command line sends neither; a browser that is old enough to lack the one sends the other.
  return clean.origin === null || clean.origin.replace(/^https?:\/\//, '') === host
}

async function readBody({ request, clean }: Incoming): Promise<Buffer | null | 'too-large'> {
  if (!clean.hasBody) return null
  if (Number(request.headers['content-length'] ?? 0) > longestBody) return 'too-large'
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > longestBody) return 'too-large'
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function foreignCookies(value: string | string[] | undefined): string[] {
  if (value === undefined) return []
  return (Array.isArray(value) ? value : [value]).filter((each) => !isOurCookie(each))
}

function asset({ method }: Incoming, response: ServerResponse, type: string, content: Buffer): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': content.length,
    'cache-control': 'public, max-age=300',
    'x-content-type-options': 'nosniff',
  })
  response.end(method === 'HEAD' ? undefined : content)
}
