import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { giveUp, isGivenUp, type GatewayResponse } from './answering.ts'
import { askedArm, type Door } from './door.ts'
import { Exchange, type Surroundings } from './exchange.ts'
import { readIncoming, type Incoming, type Refused } from './incoming.ts'
import { createForwardAuth, isForwardAuth } from './forward-auth.ts'
import { insertInto } from './insertion/insert.ts'
import type { Log } from './log.ts'
import type { Measuring } from './measuring/measuring.ts'
import { isOwnPath, ownPrefix, type OwnPages } from './own-pages.ts'
import { badRequest, closedForNow, full, noServiceHere, type Page } from './pages.ts'
import type { Sites } from './site.ts'
import type { SlowClientWatch } from './slow-clients.ts'
import type { TrustedProxies } from './trusted-proxies.ts'
import { openTurns } from './turns.ts'
import { forwardUpgrade, refuseUpgrade } from './upgrade.ts'
import { about, type Visit } from './visit.ts'

export interface Handler {
  /** A connection was taken. */
  connection(): void
  request(request: IncomingMessage, response: GatewayResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** GW-37: there are as many connections as the gateway takes. */
  noRoom(request: IncomingMessage, response: GatewayResponse): void
}

interface HandlerParts {
  sites: Sites
  door: Door
  ownPages: OwnPages
  measuring: Measuring
  slow: SlowClientWatch
  log: Log
  trustedProxies(): TrustedProxies
}

export function createHandler({ sites, door, ownPages, measuring, slow, log, trustedProxies }: HandlerParts): Handler {
  const turns = openTurns()
  const around: Surroundings = {
    showPage,
    answered(answer) {
      if (answer.isHtml && !answer.isExplicit) door.saw(answer.visit, answer.served)
      return measuring.answered(answer)
    },
    insertion: insertInto,
    waits: ({ request: message }, response) => slow.follow(message, response),
    inTurn: turns.take,
    failed(incoming, visit, arm, error) {
      measuring.failed(incoming, visit, arm)
      log.warn({ err: error, service: visit.site.key, arm }, `The ${arm} service did not answer`)
    },
  }

  const forwardAuth = createForwardAuth({ sites, door, measuring, trustedProxies, showPage })

  function pass(incoming: Incoming, visit: Visit, response: GatewayResponse): void {
    if (isOwnPath(incoming)) {
      ownPages.answer(incoming, visit, response).catch((error: unknown) => sorry(response, error))
    } else if (door.isCutOff(visit, incoming, true)) {
      showPage(response, closedForNow(about(visit), visit.site.current !== null), visit.setCookies, true)
    } else {
      const asked = askedArm(incoming, visit)
      new Exchange(incoming, visit, response, around, asked !== null).start(asked ?? visit.assigned)
    }
  }

  // GW-6: whatever one request makes throw ends with that request.
  function sorry(response: ServerResponse, error: unknown): void {
    log.error({ err: error }, 'A request could not be handled')
    if (response.headersSent) response.destroy()
    else showPage(response, badRequest(), [], true)
  }

  function request(message: IncomingMessage, response: GatewayResponse): void {
    if (isGivenUp(message)) return
    try {
      const incoming = readIncoming(message, trustedProxies())
      if ('status' in incoming) return refuse(response, incoming)
      if (isForwardAuth(incoming)) {
        forwardAuth.answer(incoming, response).catch((error: unknown) => sorry(response, error))
        return
      }
      const isOwn = isOwnPath(incoming)
      const site = isOwn
        ? sites.findOwn(incoming, incoming.clean.referer)
        : sites.find(incoming.host, incoming.target.path)
      if (site === null) return showPage(response, noServiceHere(), [], true)
      if (incoming.clean.hasBody) slow.follow(message, response)
      const visit = door.visit(site, incoming, !isOwn)
      if (!(visit instanceof Promise)) return pass(incoming, visit, response)
      visit.then((later) => pass(incoming, later, response)).catch((error: unknown) => sorry(response, error))
    } catch (error) {
      sorry(response, error)
    }
  }

  function upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    if (isGivenUp(message)) return void socket.destroy()
    try {
      const incoming = readIncoming(message, trustedProxies())
      if ('status' in incoming) return refuseUpgrade(socket, incoming.status, 'Bad Request')
      const site = sites.find(incoming.host, incoming.target.path)
      if (site === null || isOwnPath(incoming)) return refuseUpgrade(socket, 404, 'Not Found')
      Promise.resolve(door.visit(site, incoming, true))
        .then((visit) => forwardUpgrade(incoming, visit, socket, head, visit.assigned))
        .catch((error: unknown) => {
          log.error({ err: error }, 'An upgrade could not be handled')
          refuseUpgrade(socket, 502, 'Bad Gateway')
        })
    } catch (error) {
      log.error({ err: error }, 'An upgrade could not be handled')
      refuseUpgrade(socket, 400, 'Bad Request')
    }
  }

  /** Whoever watches a full gateway is told that it is well. */
  function noRoom(message: IncomingMessage, response: GatewayResponse): void {
    if (message.url === `${ownPrefix}/health`) {
      response.shouldKeepAlive = false
      request(message, response)
    } else if (!isGivenUp(message)) showPage(response, full(), [], true)
  }

  return { connection: turns.somebodyCame, request, upgrade, noRoom }
}

function refuse(response: ServerResponse, { status }: Refused): void {
  if (status === 400) return showPage(response, badRequest(), [], true)
  giveUp(response.req)
  response.writeHead(status, {
    ...(status === 405 ? { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' } : {}),
    'content-length': '0',
    connection: 'close',
  })
  response.end()
}

export function showPage(response: ServerResponse, page: Page, setCookies: readonly string[], closes: boolean): void {
  if (response.headersSent || response.destroyed) return
  const headers: Record<string, string | number | readonly string[]> = {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page.html),
    'cache-control': 'private, no-store',
    'content-security-policy': "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  }
  if (page.retryAfterSeconds !== undefined) headers['retry-after'] = page.retryAfterSeconds
  if (setCookies.length > 0) headers['set-cookie'] = setCookies
  // What is left of a body that nobody reads must not be taken for the next request.
  if (closes) {
    headers['connection'] = 'close'
    giveUp(response.req)
  }
  response.writeHead(page.status, headers as Record<string, string>)
  response.end(page.html)
}
