import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { lowestCeiling, newUnit, reaches, type LettingRung } from '../packages/admission/src/index.ts'
import type { ControlPlane } from './control-plane.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import type { Incoming } from './incoming.ts'
import type { Clock } from './log.ts'
import type { Measuring } from './measuring/measuring.ts'
import { controlPlaneAway, notOpen, type Page } from './pages.ts'
import type { Site } from './site.ts'
import { about, choiceCookie, expiredCookie, passCookie, type Visit } from './visit.ts'

export interface OwnActsParts {
  keeper: FeedKeeper
  controlPlane: ControlPlane
  measuring: Measuring
  clock: Clock
  showPage(response: ServerResponse, page: Page, setCookies: readonly string[], closes: boolean): void
}

type Act = (incoming: Incoming, visit: Visit, form: URLSearchParams, response: ServerResponse) => void | Promise<void>

/** GW-28: what a person does by a button: choose an arm, join, leave. */
export function createOwnActs(parts: OwnActsParts): { choice: Act; join: Act; leave: Act } {
  const { keeper, controlPlane, measuring, clock, showPage } = parts

  /**
   * The control plane keeps who chose the current service, for every door. Somebody who takes that back should find the
   * new service on the very next page, so the answer waits for the feed that says so, a second at most.
   */
  async function takenBack(site: Site, unit: string): Promise<void> {
    const isKept = (): boolean => keeper.held()?.snapshot.services.get(site.key)?.units.choseCurrent.has(unit) === true
    if (!isKept()) return
    measuring.hurry()
    for (let waitedMs = 0; waitedMs < 1000 && isKept(); waitedMs += 20) await sleep(20)
  }

  async function choose(
    incoming: Incoming,
    visit: Visit,
    form: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const arm = form.get('arm')
    if (arm !== 'current' && arm !== 'new') return plain(response, 400, {})
    const { site, unit } = visit
    if (unit !== null) {
      const at = clock.now().toISOString()
      measuring.report({ service: site.key, unit, kind: 'choice', value: arm, at })
      if (arm === 'new') await takenBack(site, unit)
    }
    back(incoming, form, response, [choiceCookie(site, arm, isSecure(incoming))])
  }

  function leave(incoming: Incoming, visit: Visit, form: URLSearchParams, response: ServerResponse): void {
    const { site, unit } = visit
    if (unit !== null) {
      measuring.report({ service: site.key, unit, kind: 'left', at: clock.now().toISOString() })
    }
    const secure = isSecure(incoming)
    back(incoming, form, response, [expiredCookie(site.passCookie, secure), choiceCookie(site, 'current', secure)])
  }

  /** GW-28: somebody lets themselves in, where the service is open to that. */
  async function join(
    incoming: Incoming,
    visit: Visit,
    form: URLSearchParams,
    response: ServerResponse,
  ): Promise<void> {
    const { site } = visit
    const held = keeper.held()
    const service = held?.snapshot.services.get(site.key)
    const isOpen =
      service !== undefined && service.halt === null && service.joinOpen && reaches(service.ceiling, lowestCeiling.join)
    if (held === null || !isOpen) return showPage(response, notOpen(about(visit)), [], true)
    const unit = visit.unit ?? newUnit()
    const pass = visit.person.pass
    if (pass?.arm !== 'new' && service.cap.limit !== null) {
      const said = service.cap.full
        ? 'cap-reached'
        : await controlPlane.admit({ service: site.key, unit, rung: 'join' })
      if (said === 'no-answer') return showPage(response, controlPlaneAway(about(visit)), [], true)
      if (said !== 'admitted') return showPage(response, notOpen(about(visit)), [], true)
    } else if (pass?.arm !== 'new') {
      measuring.report({ service: site.key, unit, kind: 'admitted', rung: 'join', at: clock.now().toISOString() })
    }
    if (visit.person.choice === 'current') {
      measuring.report({ service: site.key, unit, kind: 'choice', value: 'new', at: clock.now().toISOString() })
      await takenBack(site, unit)
    }
    const secure = isSecure(incoming)
    const rung: LettingRung = pass?.arm === 'new' ? pass.rung : 'join'
    const cookie = passCookie(site, held, { arm: 'new', rung, unit }, secure, clock.now())
    back(incoming, form, response, [...(cookie === null ? [] : [cookie]), expiredCookie(site.choiceCookie, secure)])
  }

  function back(incoming: Incoming, form: URLSearchParams, response: ServerResponse, setCookies: string[]): void {
    const location = localPath(form.get('return')) ?? localReferer(incoming) ?? '/'
    plain(response, 303, { location, 'set-cookie': setCookies, 'cache-control': 'private, no-store' })
  }

  return { choice: choose, join, leave }
}

export function isSecure({ scheme }: Incoming): boolean {
  return scheme === 'https'
}

export function plain(response: ServerResponse, status: number, headers: Record<string, string | string[]>): void {
  response.writeHead(status, { 'content-length': '0', ...headers })
  response.end()
}

function localPath(value: string | null): string | null {
  return value !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(value) && !value.includes('\\') ? value : null
}

function localReferer({ clean: { referer }, host }: Incoming): string | null {
  if (referer === null || !URL.canParse(referer)) return null
  const { host: from, pathname, search } = new URL(referer)
  return from === host && !pathname.startsWith('/.phasegate') ? localPath(pathname + search) : null
}
