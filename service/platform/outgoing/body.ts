import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { OutgoingProblem } from './problem.ts'

const unpackers: Record<string, (() => Transform) | undefined> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

export interface Limit {
  mostBytes: number
  /** What happens to a longer answer: its beginning is enough, or it is no answer. */
  beyond: 'cut' | 'refuse'
}

/** OUT-6: what is read is counted after it is unpacked, and nothing beyond the limit is asked for. */
export async function readBody(
  body: Readable,
  encoding: string | undefined,
  { mostBytes, beyond }: Limit,
): Promise<{ bytes: Buffer; isCut: boolean }> {
  const packed = (encoding ?? '').trim().toLowerCase()
  // One layer over another serves nobody but the author of a bomb.
  if (packed.includes(',')) throw refuse(body, 'OUTGOING_UNREADABLE')
  const unpack = unpackers[packed]?.()
  const source: AsyncIterable<unknown> = unpack === undefined ? body : body.pipe(unpack)
  if (unpack !== undefined) body.on('error', (error: Error) => unpack.destroy(error))
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of source) {
      const bytes = Buffer.from(chunk as Uint8Array)
      chunks.push(bytes)
      size += bytes.length
      if (size > mostBytes) break
    }
  } catch (error) {
    throw isOfUnpacking(error) ? refuse(body, 'OUTGOING_UNREADABLE') : error
  }
  const isCut = size > mostBytes
  if (isCut && beyond === 'refuse') throw refuse(body, 'OUTGOING_TOO_LARGE')
  return { bytes: Buffer.concat(chunks).subarray(0, mostBytes), isCut }
}

function refuse(body: Readable, code: 'OUTGOING_UNREADABLE' | 'OUTGOING_TOO_LARGE'): OutgoingProblem {
  body.on('error', () => {}).destroy()
  return new OutgoingProblem(code)
}

function isOfUnpacking(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(code)
}
