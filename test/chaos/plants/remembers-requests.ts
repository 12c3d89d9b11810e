// A gateway that keeps a little of every request.
import http from 'node:http'

const kept: Buffer[] = []
const { emit } = http.Server.prototype
http.Server.prototype.emit = function leaking(this: http.Server, event: string, ...given: unknown[]): boolean {
  if (event === 'request') kept.push(Buffer.alloc(1_000, kept.length % 256))
  return Reflect.apply(emit, this, [event, ...given]) as boolean
}
