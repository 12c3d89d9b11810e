import { holdingPage, type GatewayConfig, type GatewayService } from './config.ts'
import type { KnownBases } from './known-bases.ts'
import type { Log } from './log.ts'
import { compilePattern, type PathPattern } from './patterns.ts'
import { openUpstream, type Upstream } from './upstream.ts'

/** A service as the gateway serves it: its configuration, its two upstreams and what is open towards the new one. */
export interface Site {
  readonly key: string
  readonly config: GatewayService
  /** Null where a holding page stands in place of a current service. */
  readonly current: Upstream | null
  readonly new: Upstream
  readonly assets: readonly PathPattern[]
  readonly passCookie: string
  readonly choiceCookie: string
  /** Sockets and event streams to the new arm: they close at a halt (GW-19). */
  readonly openToNew: Set<{ destroy(): void }>
}

export interface Sites {
  all(): Iterable<Site>
  find(host: string, path: string): Site | null
  /** Whose `/.phasegate/` this is: of the page that it was asked from, else of the first service on this host. */
  findOwn(asked: { host: string; target: { path: string } }, referer: string | null): Site | null
  byKey(key: string): Site | null
  replace(config: GatewayConfig): void
  close(): Promise<void>
}

export function openSites(bases: KnownBases, log: Log): Sites {
  let sites = new Map<string, Site>()
  let byHost = new Map<string, { prefix: string; site: Site }[]>()
  const upstreams = new Map<string, Upstream>()
  const retired = new Set<Upstream>()

  function upstreamFor(origin: string, checks: GatewayService['checks'], used: Set<string>): Upstream {
    const name = `${origin} ${checks.path} ${checks.seconds}`
    used.add(name)
    const open = upstreams.get(name) ?? openUpstream(origin, checks, bases, log)
    upstreams.set(name, open)
    return open
  }

  function index(): void {
    byHost = new Map()
    for (const site of sites.values()) {
      for (const host of site.config.hosts) {
        const places = byHost.get(host) ?? []
        for (const path of site.config.paths) places.push({ prefix: path, site })
        byHost.set(
          host,
          places.toSorted((one, other) => other.prefix.length - one.prefix.length),
        )
      }
    }
  }

  function placesOf(host: string): { prefix: string; site: Site }[] | undefined {
    return byHost.get(host) ?? byHost.get(hostnameOf(host)) ?? byHost.get('*')
  }

  function find(host: string, path: string): Site | null {
    for (const { prefix, site } of placesOf(host) ?? []) if (isUnder(path, prefix)) return site
    return null
  }

  return {
    all: () => sites.values(),
    byKey: (key) => sites.get(key) ?? null,
    find,
    findOwn({ host, target }, referer) {
      const from = referer !== null && URL.canParse(referer) ? new URL(referer) : null
      const asked = from !== null && from.host === host ? find(host, from.pathname) : null
      const own = asked ?? find(host, '/') ?? placesOf(host)?.at(-1)?.site ?? null
      // A load balancer asks for health by address, not by name.
      const [first] = target.path === '/.phasegate/health' ? sites.values() : []
      return own ?? first ?? null
    },
    replace(config) {
      const used = new Set<string>()
      const before = sites
      sites = new Map(
        config.services.map((service) => {
          const current = service.current === holdingPage ? null : upstreamFor(service.current, service.checks, used)
          const site: Site = {
            key: service.key,
            config: service,
            current,
            new: upstreamFor(service.new, service.checks, used),
            assets: service.assets.map(compilePattern),
            passCookie: `pg_${service.key}`,
            choiceCookie: `pgc_${service.key}`,
            openToNew: before.get(service.key)?.openToNew ?? new Set(),
          }
          return [service.key, site]
        }),
      )
      index()
      for (const [name, upstream] of upstreams) {
        if (used.has(name)) continue
        upstreams.delete(name)
        // Who was decided on a moment ago may still be on the way there, and what is under way ends there.
        retired.add(upstream)
        setTimeout(() => {
          void upstream.retire().finally(() => retired.delete(upstream))
        }, 5_000).unref()
      }
    },
    async close() {
      await Promise.all([...upstreams.values(), ...retired].map((upstream) => upstream.close()))
    },
  }
}

export function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '')
}

function isUnder(path: string, prefix: string): boolean {
  if (prefix === '/') return true
  if (!path.startsWith(prefix)) return false
  return prefix.endsWith('/') || path.length === prefix.length || path[prefix.length] === '/'
}
