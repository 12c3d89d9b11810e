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
  /** How long an answer may be read at less than the least rate. */
  stuckMs: number
}

interface Followed {
  request: IncomingMessage
  response: ServerResponse
  bytesRead: number
  /** Bytes of the answer that had been taken when it began to wait. */
  taken: number
  slowMs: number
  stuckMs: number
}

const usual: SlowClientLimits = { lookMs: 5000, slowMs: 20_000, leastBytesPerSecond: 500, stuckMs: 30_000 }

/**
 * GW-21: ends clients that hold a connection by sending or reading next to nothing. A slow line that moves is left
 * alone, and so is a client that waits because the application does not read.
 */
export function watchSlowClients(limits: SlowClientLimits = usual): SlowClientWatch {
  const followed = new Map<ServerResponse, Followed>()
  const timer = setInterval(() => {
    for (const each of followed.values()) {
      const isOver = sendsTooSlowly(each, limits) || readsTooSlowly(each, limits)
      if (isOver) each.request.socket.destroy()
    }
  }, limits.lookMs).unref()

  return {
    follow(request, response) {
      if (followed.has(response)) return
      const { bytesRead } = request.socket
      followed.set(response, { request, response, bytesRead, taken: 0, slowMs: 0, stuckMs: 0 })
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

function readsTooSlowly(entry: Followed, { lookMs, stuckMs, leastBytesPerSecond }: SlowClientLimits): boolean {
  const { request, response } = entry
  const { socket } = request
  const taken = socket.bytesWritten - socket.writableLength
  const waits = response.writableNeedDrain || (response.writableEnded && socket.writableLength > 0)
  if (!waits) entry.stuckMs = 0
  if (entry.stuckMs === 0) entry.taken = taken
  else if (taken - entry.taken >= (leastBytesPerSecond * entry.stuckMs) / 1000) {
    entry.stuckMs = 0
    entry.taken = taken
  }
  if (waits) entry.stuckMs += lookMs
  return entry.stuckMs > stuckMs
}
