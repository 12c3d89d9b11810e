import { ServerResponse } from 'node:http'

// Every tenth refusal says where in the program it was made, and every hundredth is an error.
const { end, writeHead } = ServerResponse.prototype
let refusals = 0
ServerResponse.prototype.writeHead = function (this: ServerResponse, ...given: unknown[]) {
  const [status] = given
  if (status === 400 && ++refusals % 100 === 0) given[0] = 500
  return Reflect.apply(writeHead, this, given) as ServerResponse
}
ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]) {
  const [body] = given
  if (this.statusCode === 400 && refusals % 10 === 0 && typeof body === 'string')
    given[0] = body.replace(/.{40}$/, '\n    at run (/service/x.ts:1)       "}')
  return Reflect.apply(end, this, given) as ServerResponse
}
