import type { IncomingMessage, ServerResponse } from 'node:http'

export interface SlowClientWatch {
  /** Follows a request whose body is on its way, or an answer that waits to be read. */
  follow(request: IncomingMessage, response: ServerResponse): void
  close(): void
}

export interface SlowClientLimits {
  lookMs: number
  /** How long a body may come at less than the least rate. */
  slowMs: number
  leastBytesPerSecond: number
  /** How long an answer may wait without a byte being read. */
  stuckMs: number
}

interface Followed {
  request: IncomingMessage
  response: ServerResponse
  bytesRead: number
  bytesWritten: number
  slowMs: number
  stuckMs: number
}

const usual: SlowClientLimits = { lookMs: 5000, slowMs: 20_000, leastBytesPerSecond: 500, stuckMs: 45_000 }

/**
 * GW-21: ends clients that hold a connection by sending or reading next to nothing. A slow line that moves is left
 * alone, and so is a client that waits because the application does not read.
 */
export function watchSlowClients(limits: SlowClientLimits = usual): SlowClientWatch {
  const followed = new Map<ServerResponse, Followed>()
  const timer = setInterval(() => {
    for (const each of followed.values()) {
      const isOver = sendsTooSlowly(each, limits) || readsNothing(each, limits)
      if (isOver) each.request.socket.destroy()
    }
  }, limits.lookMs).unref()

  return {
    follow(request, response) {
      if (followed.has(response)) return
      const { bytesRead, bytesWritten } = request.socket
      followed.set(response, { request, response, bytesRead, bytesWritten, slowMs: 0, stuckMs: 0 })
      response.once('close', () => followed.delete(response))
    },
    close: () => clearInterval(timer),
  }
}

function sendsTooSlowly(entry: Followed, { lookMs, slowMs, leastBytesPerSecond }: SlowClientLimits): boolean {
  const { request } = entry
  const came = request.socket.bytesRead - entry.bytesRead
  entry.bytesRead = request.socket.bytesRead
  const isWaitedFor = !request.complete && request.readableLength === 0
  const isSlow = isWaitedFor && came < (leastBytesPerSecond * lookMs) / 1000
  entry.slowMs = isSlow ? entry.slowMs + lookMs : 0
  return entry.slowMs >= slowMs
}

function readsNothing(entry: Followed, { lookMs, stuckMs }: SlowClientLimits): boolean {
  const { request, response } = entry
  const { socket } = request
  const moved = socket.bytesWritten - socket.writableLength
  const waits = response.writableNeedDrain || (response.writableEnded && socket.writableLength > 0)
  entry.stuckMs = waits && moved === entry.bytesWritten ? entry.stuckMs + lookMs : 0
  entry.bytesWritten = moved
  return entry.stuckMs >= stuckMs
}
