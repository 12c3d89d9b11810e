import type { ServerResponse } from 'node:http'
import { Transform, type Writable } from 'node:stream'
import zlib from 'node:zlib'
import type { Answered } from '../answered.ts'
import { hitsOf } from '../measuring/journeys.ts'
import { HtmlScanner } from './html-scanner.ts'
import { partsFor, type PageParts } from './parts.ts'

/**
 * GW-30: puts the phase banner, the feedback link and the question at an ending into a page on its way. Null leaves the
 * answer alone: other types, fragments, parts, encodings that can't be read, and services that did not ask for it.
 * Changes `headers` where the body changes.
 */
export function insertInto(
  answer: Answered,
  headers: string[],
  policy: string,
  response: ServerResponse,
): Writable | null {
  const { visit, incoming, status, encoding } = answer
  const { insert } = visit.site.config
  if (!insert.banner && !insert.feedbackLink && !insert.endQuestion) return null
  if (visit.service === null || answer.isExplicit || !mayChange(answer, headers)) return null
  const [decoder, encoder] = coders(encoding) ?? [undefined, undefined]
  if (decoder === undefined || encoder === undefined) return null
  const ending = hitsOf(visit.service, incoming.method, incoming.target.path).find(
    ({ place }) => place.kind === 'ending',
  )
  const parts = partsFor(answer, ending ?? null, policy)
  if (parts.top === '' && parts.bottom === '') return null
  answer.inserted =
    status < 400 ? { banner: parts.hasBanner, feedbackLink: parts.hasFeedbackLink, question: parts.hasQuestion } : null
  dropHeaders(headers)
  if (incoming.method === 'HEAD') return null
  return chain(decoder, parts, encoder, response)
}

/** GW-31: whole pages that somebody looks at, and nothing that a script fetches to use a piece of. */
function mayChange({ incoming, status }: Answered, headers: string[]): boolean {
  if (status === 204 || status === 205 || status === 206 || status === 304 || (status >= 300 && status < 400))
    return false
  if (/charset\s*=\s*["']?utf-?(16|32)/i.test(valueOf(headers, 'content-type'))) return false
  const asked = incoming.request.headers
  const dest = asked['sec-fetch-dest']
  if (dest !== undefined && dest !== 'document') return false
  return (
    asked['x-requested-with'] === undefined && asked['hx-request'] === undefined && asked['turbo-frame'] === undefined
  )
}

type Coder = (() => Transform) | null

/** Undefined for an encoding that can't be read; a null coder where there is none to do. */
function coders(encoding: string): [Coder, Coder] | undefined {
  const { constants } = zlib
  // Each piece goes out as it comes: a page that streams must go on streaming.
  const flush = { flush: constants.Z_SYNC_FLUSH }
  if (encoding === '' || encoding === 'identity') return [null, null]
  if (encoding === 'gzip' || encoding === 'x-gzip') return [() => zlib.createGunzip(), () => zlib.createGzip(flush)]
  if (encoding === 'deflate') return [() => zlib.createInflate(), () => zlib.createDeflate(flush)]
  if (encoding !== 'br') return undefined
  const fast = { [constants.BROTLI_PARAM_QUALITY]: 4 }
  return [
    () => zlib.createBrotliDecompress(),
    () => zlib.createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH, params: fast }),
  ]
}

function chain(decoder: Coder, parts: PageParts, encoder: Coder, response: ServerResponse): Writable {
  const scanner = new HtmlScanner(parts.top, parts.bottom)
  const inserter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, Buffer.from(scanner.push(chunk.toString('latin1')), 'latin1'))
    },
    flush(done) {
      done(null, Buffer.from(scanner.end(), 'latin1'))
    },
  })
  const stages = [decoder?.(), inserter, encoder?.()].filter((stage) => stage !== undefined)
  for (const [index, stage] of stages.entries()) {
    const next = stages[index + 1]
    stage.on('error', () => response.destroy())
    stage.pipe(next ?? response)
  }
  response.once('close', () => {
    for (const stage of stages) stage.destroy()
  })
  return stages[0] ?? inserter
}

/** What was true of the bytes that came is not true of those that go. */
function dropHeaders(headers: string[]): void {
  const gone = new Set([
    'content-length',
    'etag',
    'last-modified',
    'accept-ranges',
    'content-md5',
    'digest',
    'content-digest',
  ])
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (gone.has((headers[at] ?? '').toLowerCase())) headers.splice(at, 2)
  }
}

function valueOf(headers: string[], name: string): string {
  for (let at = 0; at < headers.length; at += 2)
    if ((headers[at] ?? '').toLowerCase() === name) return headers[at + 1] ?? ''
  return ''
}
