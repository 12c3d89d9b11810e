import { client, type Answer } from './app.ts'

/** Somebody with a browser without a window: keeps cookies for each site, and goes where they are sent. */
export interface Visitor {
  get(address: string): Promise<Seen>
  post(address: string, form?: Record<string, string>): Promise<Seen>
  /** One step only: where it would lead is in `location`. */
  step(address: string): Promise<Seen>
  send(address: string, form?: Record<string, string>): Promise<Seen>
  cookie(name: string): string | undefined
  use(name: string, value: string): void
  /** Another browser, as far as this site knows. */
  forget(site: string): void
}

export type Seen = Answer & { url: string }

let visitors = 0

/** Each has an address of their own, where the service believes its proxy: `TRUSTED_PROXIES` is 127.0.0.1. */
export function visitor(home: string): Visitor {
  visitors += 1
  const from = `203.0.${113 + (visitors >> 8)}.${visitors & 255}`
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const once = async (url: URL, form: Record<string, string> | null): Promise<Seen> => {
    const jar = jarOf(url.origin)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers: Record<string, string> = { 'x-forwarded-for': from, ...(cookie === '' ? {} : { cookie }) }
    const path = url.pathname + url.search
    const http = client(url.origin, headers)
    const answer = form === null ? await http.get(path) : await http.post(path, form)
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...rest] = line.split(';')
      const at = pair.indexOf('=')
      const isGone = rest.some((part) => /expires=.*1970|max-age=0/i.test(part))
      if (isGone) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return { ...answer, url: url.href }
  }
  const follow = async (seen: Seen, left = 12): Promise<Seen> => {
    const next = seen.location ?? /^0; url=(.*)$/.exec(seen.headers.get('refresh') ?? '')?.[1]
    if (next === undefined || left === 0) return seen
    return follow(await once(new URL(next, seen.url), null), left - 1)
  }
  return {
    get: async (address) => follow(await once(new URL(address, home), null)),
    post: async (address, form = {}) => follow(await once(new URL(address, home), form)),
    step: (address) => once(new URL(address, home), null),
    send: (address, form = {}) => once(new URL(address, home), form),
    cookie: (name) => jarOf(new URL(home).origin).get(name),
    forget: (site) => void jars.delete(new URL(site).origin),
    use: (name, value) => void jarOf(new URL(home).origin).set(name, value),
  }
}
