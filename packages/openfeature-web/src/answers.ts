import { ProviderFatalError, type EvaluationContext } from '@openfeature/web-sdk'

/** One flag, as OFREP 0.3.0 answers it. */
export interface Answer {
  key: string
  value?: unknown
  variant?: string
  reason?: string
  metadata?: Record<string, string | number | boolean>
  errorCode?: string
  errorDetails?: string
}

export interface Answers {
  flags: ReadonlyMap<string, Answer>
  etag: string | null
  /** Where the server tells of changes; null where it does not. */
  stream: string | null
}

export interface Asking {
  url: string
  key: string | null
  fetch: typeof fetch
}

const limitMs = 10_000

/** All flags for one context. Null when they are those that the given answers hold. Throws where there is no answer. */
export async function ask(
  { url, key, fetch }: Asking,
  context: EvaluationContext,
  held: Answers | null,
): Promise<Answers | null> {
  const answer = await fetch(`${url}/ofrep/v1/evaluate/flags`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(held !== null && held.etag !== null && { 'if-none-match': held.etag }),
    },
    body: JSON.stringify({ context }),
    signal: AbortSignal.timeout(limitMs),
  })
  if (answer.status === 304) return null
  // A key that is refused will be refused again.
  if (answer.status === 401 || answer.status === 403) {
    throw new ProviderFatalError(`Phasegate answered ${answer.status}: it does not take this key here`)
  }
  if (!answer.ok) throw new Error(`Phasegate answered ${answer.status} to the question for all flags`)
  return read(url, answer.headers.get('etag'), await answer.json())
}

function read(url: string, etag: string | null, body: unknown): Answers {
  const { flags, eventStreams } = body as { flags?: unknown; eventStreams?: unknown }
  if (!Array.isArray(flags)) throw new Error('Phasegate answered without flags')
  return {
    flags: new Map((flags as Answer[]).map((flag) => [flag.key, flag])),
    etag,
    stream: streamOf(url, eventStreams),
  }
}

function streamOf(url: string, streams: unknown): string | null {
  if (!Array.isArray(streams)) return null
  const [stream] = streams as { type?: string; url?: string; endpoint?: { origin?: string; requestUri?: string } }[]
  if (stream?.type !== 'sse') return null
  if (stream.url !== undefined) return stream.url
  const { origin, requestUri } = stream.endpoint ?? {}
  return requestUri === undefined ? null : `${origin ?? url}${requestUri}`
}

/** Keys whose value or variant differs. */
export function changedKeys(before: Answers, after: Answers): string[] {
  const keys = new Set([...before.flags.keys(), ...after.flags.keys()])
  const said = (answers: Answers, key: string): string => {
    const { value, variant } = answers.flags.get(key) ?? {}
    return JSON.stringify([value, variant])
  }
  return [...keys].filter((key) => said(before, key) !== said(after, key))
}
