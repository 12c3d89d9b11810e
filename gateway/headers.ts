import type { IncomingMessage } from 'node:http'

/** What a browser's request says, once everything that could be read as ours or that belongs to one hop is gone. */
export interface CleanHeaders {
  /** Name, value, name, value … for the origin; without Host, Cookie, Origin and Referer. */
  kept: string[]
  host: string | null
  origin: string | null
  referer: string | null
  cookies: Cookies
  /** From a trusted proxy only. */
  forwardedFor: string | null
  forwardedProto: string | null
  hasBody: boolean
}

export interface Cookies {
  /** The header for the origin, without ours; null when nothing is left. */
  forwarded: string | null
  /** The whole header, as it came. */
  raw: string
  /** Passes, choices and whatever else has a name of ours. */
  ours: { name: string; value: string }[]
}

const keep = 0
const drop = 1
const host = 2
const cookie = 3
const origin = 4
const referer = 5
const connection = 6
const body = 7
const length = 8
const forwardedFor = 9
const forwardedProto = 10

const special = new Map<string, number>([
  ['host', host],
  ['cookie', cookie],
  ['origin', origin],
  ['referer', referer],
  ['connection', connection],
  ['transfer-encoding', body],
  ['content-length', length],
  ['x-forwarded-for', forwardedFor],
  ['x-forwarded-proto', forwardedProto],
  ...(
    'keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer upgrade http2-settings expect ' +
    // CGI programs take `Proxy` for the proxy that their own calls go through.
    'forwarded x-real-ip proxy'
  )
    .split(' ')
    .map((name): [string, number] => [name, drop]),
])

/** GW-5: names with `_` are dropped altogether, since CGI, WSGI, PHP and Rack read `_` and `-` alike. */
function kindOf(name: string): number {
  const lower = name.toLowerCase()
  const known = special.get(lower)
  if (known !== undefined) return known
  if (lower.includes('_')) return drop
  return /^x-(pg|phasegate|forwarded)(-|$)/.test(lower) ? drop : keep
}

const kinds = new Map<string, number>()

function rememberedKind(name: string): number {
  const known = kinds.get(name)
  if (known !== undefined) return known
  const kind = kindOf(name)
  // Names come from outside: without a limit they could fill the memory.
  if (kinds.size < 1000) kinds.set(name, kind)
  return kind
}

/** Null for a request with two Hosts, or whose end two readers could see in two places (GW-6). */
export function cleanHeaders(request: IncomingMessage): CleanHeaders | null {
  const raw = request.rawHeaders
  const clean: CleanHeaders = {
    kept: [],
    host: null,
    origin: null,
    referer: null,
    cookies: noCookies,
    forwardedFor: null,
    forwardedProto: null,
    hasBody: false,
  }
  let listed = ''
  let cookies = ''
  let isLengthSaid = false
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string
    const value = raw[index + 1] as string
    switch (rememberedKind(name)) {
      case keep:
        clean.kept.push(name, value)
        break
      case drop:
        break
      case host:
        if (clean.host !== null) return null
        clean.host = value
        break
      case cookie:
        cookies = cookies === '' ? value : `${cookies}; ${value}`
        break
      case origin:
        clean.origin = value
        break
      case referer:
        clean.referer = value
        break
      case connection:
        listed += `,${value}`
        break
      case body:
        // `gzip, chunked` is lawful and nobody sends it; `chunked` twice is one more way to be read twice.
        if (clean.hasBody || request.httpVersionMinor === 0 || !/^chunked$/i.test(value.trim())) return null
        clean.hasBody = true
        break
      case length:
        if (isLengthSaid) return null
        isLengthSaid = true
        if (value !== '0') clean.hasBody = true
        clean.kept.push(name, value)
        break
      case forwardedFor:
        clean.forwardedFor = clean.forwardedFor === null ? value : `${clean.forwardedFor}, ${value}`
        break
      case forwardedProto:
        clean.forwardedProto = value
        break
    }
  }
  if (listed !== '' && !/^,(close|keep-alive)$/i.test(listed)) clean.kept = withoutListed(clean.kept, listed)
  if (cookies !== '') clean.cookies = readCookies(cookies)
  return clean
}

/** A Connection header names further headers that belong to this hop only. */
function withoutListed(kept: string[], listed: string): string[] {
  const names = new Set(
    listed
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  )
  // A request whose length was taken away would be read as another request by the origin.
  names.delete('content-length')
  const left: string[] = []
  for (let index = 0; index < kept.length; index += 2) {
    const name = kept[index] as string
    if (!names.has(name.toLowerCase())) left.push(name, kept[index + 1] as string)
  }
  return left
}

// A cookie without a name, `=pg_x=1`, comes back from a browser as `pg_x=1`.
const oursPattern = /^[\s=]*(pgc?_|phasegate_session\b)/i
const noCookies: Cookies = { forwarded: null, raw: '', ours: [] }

let known = new Map<string, Cookies>()
const knownAtMost = 5000
const longestKnown = 2000

/** GW-4: the team's session, passes and choices reach no origin. A browser sends the same header with each request. */
function readCookies(raw: string): Cookies {
  const found = known.get(raw)
  if (found !== undefined) return found
  const cookies = parted(raw)
  if (known.size >= knownAtMost) known = new Map()
  if (raw.length <= longestKnown) known.set(raw, cookies)
  return cookies
}

function parted(raw: string): Cookies {
  if (!/pgc?_|phasegate_session/i.test(raw)) return { forwarded: raw, raw, ours: [] }
  const ours: Cookies['ours'] = []
  const left: string[] = []
  for (const each of raw.split(';')) {
    if (!oursPattern.test(each)) left.push(each)
    const at = each.indexOf('=')
    if (oursPattern.test(each) && at > 0)
      ours.push({ name: each.slice(0, at).trim(), value: each.slice(at + 1).trim() })
  }
  const forwarded = left.join(';').trim()
  return { forwarded: forwarded === '' ? null : forwarded, raw, ours }
}

/** Every value of one cookie, since a parent domain can plant a second one of the same name before ours. */
export function cookieValues(raw: string, name: string): string[] {
  if (raw === '' || !raw.includes(name)) return []
  const values: string[] = []
  for (const each of raw.split(';')) {
    const at = each.indexOf('=')
    if (at > 0 && each.slice(0, at).trim() === name) values.push(each.slice(at + 1).trim())
  }
  return values
}

export function isOurCookie(setCookie: string): boolean {
  return oursPattern.test(setCookie)
}
