import { Server } from 'node:http'

// One request with a large body ends the process, as deeply nested JSON ended another product of this kind.
const emit = Server.prototype.emit
Server.prototype.emit = function (this: Server, event: string | symbol, ...given: unknown[]): boolean {
  if (event === 'request' && sizeOf(given[0]) > 450_000) setImmediate(() => process.exit(7))
  return Reflect.apply(emit, this, [event, ...given]) as boolean
}

function sizeOf(request: unknown): number {
  const { headers } = request as { headers: Record<string, string | undefined> }
  return Number(headers['content-length'] ?? 0)
}
