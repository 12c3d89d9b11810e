import type { OutgoingAnswer, OutgoingRequest } from './outgoing.ts'
import { OutgoingProblem } from './problem.ts'

/** As libraries ask for it, openid-client among them. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

const mostRedirects = 5

export function asFetch(send: (url: string, request: OutgoingRequest) => Promise<OutgoingAnswer>): Fetch {
  return async (input, init) => {
    const asked = new Request(input, init)
    const body = asked.body === null ? undefined : Buffer.from(await asked.arrayBuffer())
    const answer = await send(asked.url, {
      method: asked.method,
      headers: Object.fromEntries(asked.headers),
      redirects: asked.redirect === 'follow' ? mostRedirects : 0,
      signal: asked.signal,
      ...(body === undefined ? {} : { body }),
    })
    if (asked.redirect === 'error' && answer.status >= 300 && answer.status < 400 && answer.headers.has('location')) {
      throw new OutgoingProblem('OUTGOING_REDIRECTS')
    }
    return responseOf(answer)
  }
}

function responseOf({ status, headers, bytes, url }: OutgoingAnswer): Response {
  const told = new Headers()
  for (const [name, values] of headers) {
    // The body is unpacked, so these no longer fit.
    if (name === 'content-encoding' || name === 'content-length' || name === 'transfer-encoding') continue
    for (const value of values) told.append(name, value)
  }
  const isEmpty = status === 204 || status === 205 || status === 304
  const response = new Response(isEmpty ? null : new Uint8Array(bytes), { status, headers: told })
  Object.defineProperty(response, 'url', { value: url.href })
  return response
}
