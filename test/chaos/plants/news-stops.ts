// A server whose streams fall silent once the first news are out.
import { ServerResponse } from 'node:http'

const write = ServerResponse.prototype.write as (...args: unknown[]) => boolean
let isSilent = false
ServerResponse.prototype.write = function silent(this: ServerResponse, ...args: unknown[]): boolean {
  const text = String(args[0])
  if (/event: feed/.test(text)) {
    if (isSilent) return true
    // From the first feed on in which the beta is public.
    isSilent = text.includes('"phase":"public-beta"')
  }
  return Reflect.apply(write, this, args)
} as ServerResponse['write']
