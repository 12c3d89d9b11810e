import type { IncomingMessage } from 'node:http'

export interface Target {
  /** Origin form: path and query, as it goes to the origin. */
  url: string
  path: string
  /** With the leading `?`, or empty. */
  query: string
  /** Host of an absolute-form target, which stands over the Host header. */
  host: string | null
}

/** GW-6: an absolute-form target is rebuilt to origin form; whatever is neither is null and gets a 400. */
export function readTarget(request: IncomingMessage): Target | null {
  const url = request.url ?? ''
  if (url.charCodeAt(0) === 47) return originForm(url, null)
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return null
  const absolute = new URL(url)
  if (absolute.username !== '' || absolute.password !== '') return null
  return originForm(absolute.pathname + absolute.search, absolute.host)
}

function originForm(url: string, host: string | null): Target | null {
  if (url.includes('#') || url.includes('\\')) return null
  const at = url.indexOf('?')
  return at < 0 ? { url, path: url, query: '', host } : { url, path: url.slice(0, at), query: url.slice(at), host }
}
