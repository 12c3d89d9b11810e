import { Server } from 'node:http'

// A large body is worked on in one go for half a second, in which nothing else is answered.
const emit = Server.prototype.emit
Server.prototype.emit = function (this: Server, event: string | symbol, ...given: unknown[]): boolean {
  const { headers } = (given[0] ?? {}) as { headers?: Record<string, string | undefined> }
  if (event === 'request' && Number(headers?.['content-length'] ?? 0) > 450_000) {
    const until = performance.now() + 500
    while (performance.now() < until);
  }
  return Reflect.apply(emit, this, [event, ...given]) as boolean
}
