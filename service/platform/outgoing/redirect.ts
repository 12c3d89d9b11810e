import type { OutgoingAnswer, OutgoingRequest } from './outgoing.ts'
import { OutgoingProblem } from './problem.ts'

interface Step {
  url: URL
  request: OutgoingRequest
}

/** Says nothing of who asks: all that another host gets to know. */
const harmless = new Set(['accept', 'accept-language', 'accept-encoding', 'user-agent', 'cache-control'])

export function redirectOf({ status, headers, url }: OutgoingAnswer): URL | null {
  const written = headers.get('location')?.[0]
  if (![301, 302, 303, 307, 308].includes(status) || written === undefined) return null
  if (!URL.canParse(written, url.href)) throw new OutgoingProblem('OUTGOING_ADDRESS')
  return new URL(written, url)
}

/** OUT-5: another host gets no header that could be a secret, and never what was to be sent. */
export function followed({ url, request }: Step, status: number, to: URL): Step {
  if (url.protocol === 'https:' && to.protocol === 'http:') throw new OutgoingProblem('OUTGOING_DOWNGRADE')
  const { method = 'GET', body, headers = {}, ...rest } = request
  const isRead = method === 'GET' || method === 'HEAD'
  const keepsMethod = isRead || status === 307 || status === 308
  const isElsewhere = to.origin !== url.origin
  if (isElsewhere && !isRead && keepsMethod) throw new OutgoingProblem('OUTGOING_BODY_ELSEWHERE')
  const kept = Object.entries(headers).filter(([name]) => {
    const small = name.toLowerCase()
    return isElsewhere ? harmless.has(small) : keepsMethod || !small.startsWith('content-')
  })
  return {
    url: to,
    request: {
      ...rest,
      method: keepsMethod ? method : 'GET',
      headers: Object.fromEntries(kept),
      ...(keepsMethod && body !== undefined ? { body } : {}),
    },
  }
}
