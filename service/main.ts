import { makePacked, packedCode } from './packed-code.ts'
import { nameFilesInTraces } from './packed-traces.ts'

/** The process. It runs its code in one piece where an earlier start left that, and file by file otherwise. */
const cache = process.env['NODE_COMPILE_CACHE'] || null
const packed = cache === null ? null : packedCode(cache)

if (packed !== null) {
  nameFilesInTraces()
  await import(packed.href)
} else {
  await import('./run.ts')
  if (cache !== null) makePacked(cache)
}
