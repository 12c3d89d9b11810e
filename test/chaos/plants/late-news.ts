// A server whose streams say everything late.
import { ServerResponse } from 'node:http'

const write = ServerResponse.prototype.write as (...args: unknown[]) => boolean
ServerResponse.prototype.write = function late(this: ServerResponse, ...args: unknown[]): boolean {
  if (!/^(id:.*\n)?event: (message|feed)/.test(String(args[0]))) return Reflect.apply(write, this, args)
  setTimeout(() => Reflect.apply(write, this, args), 400)
  return true
} as ServerResponse['write']
