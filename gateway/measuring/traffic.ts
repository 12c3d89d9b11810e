import type { Arm } from '../../packages/admission/src/index.ts'
import type { Site } from '../site.ts'
import type { Upstream } from '../upstream.ts'

interface Counts {
  requests: number
  pages: number
  errors: number
}

/** What one arm did since the last time that it was asked. */
export interface ArmTraffic extends Counts {
  arm: Arm
  up: boolean
  checks: number
  checksFailed: number
}

export interface Traffic {
  count(service: string, arm: Arm, isPage: boolean, status: number): void
  take(site: Site): ArmTraffic[]
}

/** GW-26: requests, pages and 5xx answers of each arm, and what its active checks said. */
export function openTraffic(): Traffic {
  const counts = { current: new Map<string, Counts>(), new: new Map<string, Counts>() }

  function take(arm: Arm, site: Site, upstream: Upstream | null): ArmTraffic[] {
    if (upstream === null) return []
    const { requests, pages, errors } = counts[arm].get(site.key) ?? { requests: 0, pages: 0, errors: 0 }
    counts[arm].delete(site.key)
    const { made, failed } = upstream.checks
    upstream.checks.made = 0
    upstream.checks.failed = 0
    return [{ arm, requests, pages, errors, up: upstream.up, checks: made, checksFailed: failed }]
  }

  return {
    count(service, arm, isPage, status) {
      let known = counts[arm].get(service)
      if (known === undefined) {
        known = { requests: 0, pages: 0, errors: 0 }
        counts[arm].set(service, known)
      }
      known.requests++
      if (isPage) known.pages++
      if (status >= 500) known.errors++
    },
    take: (site) => [...take('current', site, site.current), ...take('new', site, site.new)],
  }
}
