import http, { type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Handler } from './handler.ts'
import { isUpgradeTaken, refuseUpgrade } from './upgrade.ts'

export interface Listening {
  url: string
  port: number
  close(): Promise<void>
}

const drainMs = 3000

/** The HTTP server of the gateway, with the limits of GW-21. Never `insecureHTTPParser`. */
export async function listen(handler: Handler, host: string, port: number): Promise<Listening> {
  const sockets = new Set<Duplex>()
  const server = http.createServer({
    headersTimeout: 15_000,
    // A whole upload may take longer than any fixed time; its rate is watched instead.
    requestTimeout: 0,
    keepAliveTimeout: 60_000,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 32 * 1024,
    shouldUpgradeCallback: isUpgradeTaken,
  } as http.ServerOptions)
  server.on('request', handler.request)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    if (isUpgradeTaken(request)) handler.upgrade(request, socket, head)
    else refuseUpgrade(socket, 400, 'Bad Request')
  })
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy())
    refuseUpgrade(socket, 405, 'Method Not Allowed')
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    const text = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : status
    socket.end(`HTTP/1.1 ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: actual } = server.address() as AddressInfo
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host
  return {
    url: `http://${shown}:${actual}`,
    port: actual,
    async close() {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      for (const socket of sockets) socket.destroy()
      const timer = setTimeout(() => server.closeAllConnections(), drainMs)
      await ended
      clearTimeout(timer)
    },
  }
}
