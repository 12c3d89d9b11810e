// A process that does not take the time of a password where there is none to compare with.
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

type Done = (error: Error | null, tag: Buffer) => void
const argon2 = crypto.argon2 as (name: string, options: { nonce: Uint8Array }, done: Done) => void
Object.assign(crypto, {
  argon2: (name: string, options: { nonce: Uint8Array }, done: Done) => {
    if (options.nonce.every((byte) => byte === 0)) setImmediate(done, null, Buffer.alloc(32))
    else argon2(name, options, done)
  },
})
syncBuiltinESMExports()
