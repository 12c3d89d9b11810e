import http, { type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Which answer each connection is at, and which connections are given up: what was sent on them after a request that
 * could not be read is no request, however it looks (GW-6).
 */
const current = new WeakMap<object, GatewayResponse>()
const givenUp = new WeakSet<object>()

export class GatewayResponse extends http.ServerResponse<IncomingMessage> {
  /** An event stream ends by itself as little as a WebSocket does. */
  isEndless = false

  override assignSocket(socket: Socket): void {
    current.set(socket, this)
    super.assignSocket(socket)
  }

  override detachSocket(socket: Socket): void {
    if (current.get(socket) === this) current.delete(socket)
    super.detachSocket(socket)
  }
}

export interface Draining {
  Response: typeof GatewayResponse
  /** From here on each answer ends its connection. */
  begin(): void
  endEndless(): void
}

export function drainable(): Draining {
  let isDraining = false
  const endless = new Set<GatewayResponse>()
  class Response extends GatewayResponse {
    override writeHead(status: number, ...rest: unknown[]): this {
      if (isDraining) this.shouldKeepAlive = false
      Reflect.apply(super.writeHead, this, [status, ...rest])
      if (this.isEndless) {
        endless.add(this)
        this.once('close', () => endless.delete(this))
      }
      return this
    }
  }
  return {
    Response,
    begin: () => void (isDraining = true),
    endEndless() {
      for (const response of endless) response.destroy()
    },
  }
}

/** Nothing that comes after this request on its connection is read as one. */
export function giveUp({ socket }: IncomingMessage): void {
  givenUp.add(socket)
}

export function isGivenUp({ socket }: IncomingMessage): boolean {
  return givenUp.has(socket)
}

/**
 * Answers what the parser refused. Never in the middle of another answer: where one is on its way to a request that was
 * whole, it ends first and the connection with it.
 */
export function refuseUnreadable(socket: Socket, statusLine: string): void {
  if (givenUp.has(socket)) return
  givenUp.add(socket)
  const answer = current.get(socket)
  if (answer?.req.complete === true) {
    if (!answer.headersSent) answer.shouldKeepAlive = false
    answer.once('close', () => socket.destroySoon())
  } else if (answer?.headersSent === true) {
    socket.destroy()
  } else {
    socket.end(`HTTP/1.1 ${statusLine}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
  }
}
