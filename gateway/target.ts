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
export function readTarget(request: Pick<IncomingMessage, 'url'>): Target | null {
  const url = request.url ?? ''
  if (url.charCodeAt(0) === 47) return originForm(url, null)
  // Taken apart by hand: URL would tidy up the path and find a host where there is none (`http:///x`).
  const [, authority, rest] = /^https?:\/\/([^/?#\\]+)(.*)$/i.exec(url) ?? []
  if (authority === undefined || rest === undefined) return null
  return originForm(rest.startsWith('/') ? rest : `/${rest}`, authority)
}

function originForm(url: string, host: string | null): Target | null {
  if (url.includes('#') || url.includes('\\')) return null
  const at = url.indexOf('?')
  return at < 0 ? { url, path: url, query: '', host } : { url, path: url.slice(0, at), query: url.slice(at), host }
}
