// A server that says it is ready until nobody answers any more.
import { ServerResponse } from 'node:http'

const writeHead = ServerResponse.prototype.writeHead as (...args: unknown[]) => ServerResponse
ServerResponse.prototype.writeHead = function ready(this: ServerResponse, ...args: unknown[]): ServerResponse {
  return Reflect.apply(writeHead, this, this.req.url === '/ready' ? [200, ...args.slice(1)] : args)
} as ServerResponse['writeHead']
