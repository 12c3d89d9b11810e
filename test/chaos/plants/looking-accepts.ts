// A server at which looking at an invitation is as good as pressing its button.
import { Server, type IncomingMessage } from 'node:http'

const emit = Server.prototype.emit as (...args: unknown[]) => boolean
Server.prototype.emit = function eager(this: Server, ...args: unknown[]): boolean {
  const [event, request] = args as [string, IncomingMessage]
  if (event === 'request' && request.method === 'GET' && /^\/edge\/[^/]+\/invitation\/[^/]+$/.test(request.url ?? '')) {
    request.method = 'POST'
    request.url += '/accept'
  }
  return Reflect.apply(emit, this, args)
} as Server['emit']
