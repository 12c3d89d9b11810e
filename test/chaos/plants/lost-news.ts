// A server that forgets some of its streams.
import { ServerResponse } from 'node:http'

const write = ServerResponse.prototype.write as (...args: unknown[]) => boolean
let count = 0
ServerResponse.prototype.write = function forgetful(this: ServerResponse, ...args: unknown[]): boolean {
  const isNews = String(args[0]).includes('refetchEvaluation')
  return isNews && ++count % 100 === 0 ? true : Reflect.apply(write, this, args)
} as ServerResponse['write']
