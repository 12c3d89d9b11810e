// A service that cannot write a halt to its journal.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

Object.assign(fs, {
  fdatasyncSync: () => {
    throw Object.assign(new Error('No space left on device'), { code: 'ENOSPC' })
  },
})
syncBuiltinESMExports()
