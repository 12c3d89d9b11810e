import type { Answered } from './answered.ts'
import type { ControlPlane } from './control-plane.ts'
import { cookieValues } from './headers.ts'
import type { Clock, Log } from './log.ts'

const walkMinutes = 30

/** GW-33: who walks the journey carries a code of the team's pages; what this person sees is told there. */
export function walkCookieName(service: string): string {
  return `pg_walk_${service}`
}

export function walkCookie(service: string, code: string, secure: boolean): string {
  return `${walkCookieName(service)}=${code}; Path=/; Max-Age=${walkMinutes * 60}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

/** The code in `walk/<code>`; null for anything else. */
export function walkCode(rest: string): string | null {
  return /^walk\/([A-Za-z0-9_-]{43})$/.exec(rest)?.[1] ?? null
}

/** Tells the control plane of a page that a walker saw: pages and forms, not what they load. */
export function openWalks(controlPlane: ControlPlane, clock: Clock, log: Log): (answer: Answered) => void {
  return ({ incoming, visit, served, status, isHtml }) => {
    const cookies = incoming.clean.cookies.raw
    if (!cookies.includes('pg_walk_')) return
    const [code] = cookieValues(cookies, walkCookieName(visit.site.key))
    const isPage = isHtml || incoming.method !== 'GET'
    if (code === undefined || !isPage || incoming.method === 'HEAD') return
    const page = {
      service: visit.site.key,
      code,
      arm: served,
      method: incoming.method,
      path: incoming.target.path,
      status,
      at: clock.now().toISOString(),
    }
    controlPlane.send('/api/v1/gateway/walk', JSON.stringify({ pages: [page] })).catch((error: unknown) => {
      log.warn({ err: error, service: visit.site.key }, 'A page of a walk could not be told')
    })
  }
}
