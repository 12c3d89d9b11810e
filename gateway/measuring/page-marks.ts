import zlib from 'node:zlib'

/** What a page was found to carry (GW-25). */
export interface Marks {
  banner: boolean
  feedbackLink: boolean
  /** The five-point question itself, as a form. */
  question: boolean
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
      const html = decode(Buffer.concat(chunks), encoding)
      done(html === null ? null : marksIn(html))
    },
  }
}

function marksIn(html: string): Marks {
  return {
    banner: /class\s*=\s*["'][^"']*\bphase-banner|data-phasegate-banner/.test(html) || /govuk-phase-banner/.test(html),
    feedbackLink: html.includes('/.phasegate/feedback') || html.includes('/.phasegate/widget.js'),
    question: /<form\b[^>]*\baction\s*=\s*["']?[^"'>]*\/\.phasegate\/feedback/i.test(html),
  }
}

/** At once and not later, so that events leave in the order of the pages; it happens once a minute for each page. */
function decode(bytes: Buffer, encoding: string): string | null {
  const { constants } = zlib
  // The page may have been cut at our limit.
  const cut = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 8 * mostBytes }
  const cutBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH, maxOutputLength: 8 * mostBytes }
  try {
    if (encoding === '' || encoding === 'identity') return bytes.toString('utf8')
    if (encoding === 'gzip' || encoding === 'x-gzip') return zlib.gunzipSync(bytes, cut).toString('utf8')
    if (encoding === 'deflate') return zlib.inflateSync(bytes, cut).toString('utf8')
    return encoding === 'br' ? zlib.brotliDecompressSync(bytes, cutBrotli).toString('utf8') : null
  } catch {
    return null
  }
}
