// A server that, once it was ready, says so until nobody answers any more.
import { ServerResponse } from 'node:http'

const writeHead = ServerResponse.prototype.writeHead as (...args: unknown[]) => ServerResponse
let wasReady = false
ServerResponse.prototype.writeHead = function ready(this: ServerResponse, ...args: unknown[]): ServerResponse {
  const isAsked = this.req.url === '/ready'
  wasReady ||= isAsked && args[0] === 200
  return Reflect.apply(writeHead, this, isAsked && wasReady ? [200, ...args.slice(1)] : args)
} as ServerResponse['writeHead']
