// A gateway that keeps 40 KB for each connection.
import http from 'node:http'

const kept = new WeakMap<object, Buffer>()
const { emit } = http.Server.prototype
http.Server.prototype.emit = function heavy(this: http.Server, event: string, ...given: unknown[]): boolean {
  const [socket] = given
  if (event === 'connection' && typeof socket === 'object' && socket !== null) kept.set(socket, Buffer.alloc(40_000, 1))
  return Reflect.apply(emit, this, [event, ...given]) as boolean
}
