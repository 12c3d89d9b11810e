import zlib from 'node:zlib'

/** What a page was found to carry (GW-25). */
export interface Marks {
  banner: boolean
  feedbackLink: boolean
}

const mostBytes = 512 * 1024

/** Gathers a page's bytes as they pass, without copying them, and looks at them after the page has gone out. */
export function gatherMarks(
  encoding: string,
  done: (marks: Marks | null) => void,
): { take(chunk: Buffer): void; end(): void } {
  const chunks: Buffer[] = []
  let size = 0
  let isDone = false
  return {
    take(chunk) {
      if (size < mostBytes) chunks.push(chunk)
      size += chunk.length
    },
    end() {
      if (isDone) return
      isDone = true
      decode(Buffer.concat(chunks), encoding, (html) => done(html === null ? null : marksIn(html)))
    },
  }
}

function marksIn(html: string): Marks {
  return {
    banner: /class\s*=\s*["'][^"']*\bphase-banner|data-phasegate-banner/.test(html) || /govuk-phase-banner/.test(html),
    feedbackLink: html.includes('/.phasegate/feedback') || html.includes('/.phasegate/widget.js'),
  }
}

function decode(bytes: Buffer, encoding: string, then: (html: string | null) => void): void {
  const done = (error: Error | null, text: Buffer): void => then(error === null ? text.toString('utf8') : null)
  const cutGzip = { finishFlush: zlib.constants.Z_SYNC_FLUSH, maxOutputLength: 8 * mostBytes }
  if (encoding === '' || encoding === 'identity') then(bytes.toString('utf8'))
  else if (encoding === 'gzip' || encoding === 'x-gzip') zlib.gunzip(bytes, cutGzip, done)
  else if (encoding === 'deflate') zlib.inflate(bytes, cutGzip, done)
  else if (encoding === 'br') {
    zlib.brotliDecompress(
      bytes,
      { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH, maxOutputLength: 8 * mostBytes },
      done,
    )
  } else then(null)
}
