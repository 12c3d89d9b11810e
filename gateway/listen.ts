import http, { type IncomingMessage } from 'node:http'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { drainable, refuseUnreadable, type GatewayResponse } from './answering.ts'
import type { ConnectionCap } from './connection-cap.ts'
import type { Handler } from './handler.ts'
import { isUpgradeTaken, refuseUpgrade } from './upgrade.ts'

export interface Listening {
  url: string
  port: number
  /** Takes no new connections; what is under way ends, and what does not end is ended. */
  close(limits: EndingLimits): Promise<void>
}

/** GW-34: how long what is open may stay when a gateway ends. */
export interface EndingLimits {
  /** Connections on which nothing is asked: each may ask once more, and is told that this was the last time. */
  idleMs: number
  requestsMs: number
  /** WebSockets, whatever else was upgraded, and event streams. */
  endlessMs: number
}

const lookMs = 100
/** Connections that wait to be taken. Node's 511 are soon full, and who finds no room tries again only after a second. */
const backlog = 4096

interface ListenOptions {
  host: string
  port: number
  cap: ConnectionCap
}

/** The HTTP server of the gateway, with the limits of GW-21 and GW-37. Never `insecureHTTPParser`. */
export async function listen(handler: Handler, { host, port, cap }: ListenOptions): Promise<Listening> {
  const upgraded = new Set<Duplex>()
  /** Connections that asked nothing yet; Node takes them for busy ones. */
  const silent = new Set<Socket>()
  const draining = drainable()
  const server = http.createServer({
    headersTimeout: 45_000,
    // A whole upload may take longer than any fixed time; its rate is watched instead.
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 32 * 1024,
    shouldUpgradeCallback: isUpgradeTaken,
    ServerResponse: draining.Response,
  } as http.ServerOptions)
  // All of them reach `readIncoming`, which counts: Node would leave out those beyond its own limit without a word.
  server.maxHeadersCount = 0
  server.maxConnections = cap.most
  server.on('connection', (socket: Socket) => {
    handler.connection()
    silent.add(socket)
    cap.take(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: GatewayResponse) => {
    silent.delete(request.socket)
    if (cap.isTooMany(request.socket)) handler.noRoom(request, response)
    else handler.request(request, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    silent.delete(request.socket)
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    if (cap.isTooMany(request.socket)) refuseUpgrade(socket, 503, 'Service Unavailable')
    else if (isUpgradeTaken(request)) handler.upgrade(request, socket, head)
    else refuseUpgrade(socket, 400, 'Bad Request')
  })
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    refuseUpgrade(socket, 405, 'Method Not Allowed')
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    refuseUnreadable(socket as Socket, error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : status)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject)
      resolve()
    })
  })

  function endAll(connections: Iterable<Duplex>): void {
    for (const connection of connections) connection.destroy()
  }

  const { port: actual } = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host
  return {
    url: `http://${shown}:${actual}`,
    port: actual,
    async close({ idleMs, requestsMs, endlessMs }) {
      draining.begin()
      // http.Server would cut off idle connections at once, and with them a request that is on its way.
      const ended = new Promise<void>((resolve) => net.Server.prototype.close.call(server, () => resolve()))
      const startedAt = performance.now()
      const look = (): void => {
        const passedMs = performance.now() - startedAt
        if (passedMs >= idleMs) {
          server.closeIdleConnections()
          endAll(silent)
        }
        if (passedMs >= endlessMs) {
          endAll(upgraded)
          draining.endEndless()
        }
        if (passedMs >= requestsMs) server.closeAllConnections()
      }
      // A request that waits in the socket of a busy process makes its connection no idle one: it is read first.
      const readAndLook = (): void => void setImmediate(look)
      setTimeout(readAndLook)
      const timer = setInterval(readAndLook, lookMs)
      await ended
      clearInterval(timer)
      // Stops Node's own look at slow connections; nothing is left to close.
      server.close()
    },
  }
}
