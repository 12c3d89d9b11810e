import type { IncomingMessage, ServerResponse } from 'node:http'

export interface SlowClientWatch {
  /** Follows a request whose body is on its way, or an answer that waits to be read. */
  follow(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

interface Followed {
  request: IncomingMessage
  response: ServerResponse
  sinceMs: number
  bytesRead: number
  bytesWritten: number
  stuckMs: number
}

const lookMs = 5000
const patienceMs = 20_000
const leastBytesPerSecond = 500
const stuckLimitMs = 45_000

/**
 * GW-21: ends clients that hold a connection by sending or reading next to nothing. A slow line that moves is left
 * alone: what counts is the rate since the request began, and for reading whether anything moves at all.
 */
export function watchSlowClients(): SlowClientWatch {
  const followed = new Map<ServerResponse, Followed>()
  const timer = setInterval(() => {
    for (const each of followed.values()) if (isStuck(each)) each.request.socket.destroy()
  }, lookMs).unref()

  return {
    follow(request, response) {
      if (followed.has(response)) return
      const { socket } = request
      const entry: Followed = {
        request,
        response,
        sinceMs: performance.now(),
        bytesRead: socket.bytesRead,
        bytesWritten: socket.bytesWritten,
        stuckMs: 0,
      }
      followed.set(response, entry)
      response.once('close', () => followed.delete(response))
    },
    close: () => clearInterval(timer),
  }
}

function isStuck(entry: Followed): boolean {
  const { request, response } = entry
  const { socket } = request
  if (!request.complete && !request.isPaused()) {
    const seconds = (performance.now() - entry.sinceMs) / 1000
    if (seconds * 1000 < patienceMs) return false
    return (socket.bytesRead - entry.bytesRead) / seconds < leastBytesPerSecond
  }
  const moved = socket.bytesWritten - socket.writableLength
  const waits = response.writableNeedDrain || (response.writableEnded && socket.writableLength > 0)
  if (!waits || moved !== entry.bytesWritten) {
    entry.bytesWritten = moved
    entry.stuckMs = 0
    return false
  }
  entry.stuckMs += lookMs
  return entry.stuckMs >= stuckLimitMs
}
