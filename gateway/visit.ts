import {
  afterAdmission,
  newPassExpiry,
  isAsked,
  newUnit,
  route,
  signPass,
  type Arm,
  type AskedRung,
  type Attributes,
  type Ceiling,
  type LettingRung,
  type Pass,
  type PassVerifier,
  type Routing,
  type Rung,
} from '../packages/admission/src/index.ts'
import type { FeedService } from './feed.ts'
import type { HeldFeed } from './feed-keeper.ts'
import { cookieValues, type Cookies } from './headers.ts'
import type { Holding, PageService } from './pages.ts'
import type { Site } from './site.ts'

/** Who is at the door, by cookies that were checked. */
export interface Person {
  pass: Pass | null
  choice: 'current' | 'new' | null
  /** GW-14: the consent cookie says yes; under `functional` there is none to ask for. */
  consents: boolean
}

/** Whom a page of the gateway's own speaks of. */
export function about({ service, site }: Visit): PageService {
  return service ?? { name: site.key, contact: null }
}

/** What the page that stands in place of a current service says to this person. */
export function holdingFor({ halt, ceiling }: Visit, isDown: boolean): Holding {
  const hasWaiting = ceiling !== 'everyone'
  if (halt !== null) return { why: 'halted', hasWaiting }
  return { why: isDown ? 'down' : 'not-open', hasWaiting }
}

/** Where this request goes, and what its answer carries. */
export interface Visit {
  site: Site
  service: FeedService | null
  person: Person
  assigned: Arm
  rung: Rung
  unit: string | null
  phase: string | null
  rolloutVersion: number
  halt: string | null
  ceiling: Ceiling | null
  joinOpen: boolean
  setCookies: string[]
}

export interface Admitted {
  service: string
  unit: string
  rung: AskedRung
}

const passSeconds = 90 * 86_400

export function readPerson(
  site: Site,
  held: HeldFeed | null,
  cookies: Cookies,
  verify: PassVerifier,
  now: Date,
): Person {
  const { consent, key } = site.config
  const consents =
    consent !== 'functional' &&
    cookieValues(cookies.raw, consent.cookie).some((value) => decoded(value) === consent.value)
  const person: Person = { pass: null, choice: null, consents }
  // A parent domain can plant a second cookie of the same name: the first genuine pass counts, and any "current".
  for (const { name, value } of cookies.ours) {
    if (name === site.passCookie) {
      if (held !== null) person.pass ??= verify(value, key, held.keys.get(key) ?? [], now)
    } else if (name === site.choiceCookie && (value === 'current' || value === 'new')) {
      if (person.choice !== 'current') person.choice = value
    }
  }
  return person
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

export function routePerson(
  site: Site,
  held: HeldFeed | null,
  { pass, choice, consents }: Person,
  { mayComeIn, attributes }: { mayComeIn: boolean; attributes?: Attributes },
  now: Date,
): Routing {
  if (held === null) {
    return { arm: 'current', rung: 'default', reason: 'STATIC', unit: null, pass: 'keep', needsAdmission: false }
  }
  const mayDraw = (site.config.consent === 'functional' || consents) && (mayComeIn || pass !== null)
  // ADM-12: with the current service switched off (only in live) there is nowhere left to go back to.
  const isAlone = site.current === null && held.snapshot.services.get(site.key)?.ceiling === 'everyone'
  const asked = !isAlone && (mayComeIn || choice === 'current') ? choice : null
  return route(
    held.snapshot,
    site.key,
    { pass, choice: asked, newUnit, mayDraw, ...(attributes && { attributes }) },
    now,
  )
}

export { afterAdmission }

/** GW-10: the cookies that a routing asks for, signed with the newest key. */
export function settle(
  site: Site,
  held: HeldFeed | null,
  person: Person,
  routing: Routing,
  secure: boolean,
  now: Date,
): { visit: Visit; admitted: Admitted | null } {
  const snapshot = held?.snapshot.services.get(site.key)
  const visit: Visit = {
    site,
    service: held?.services.get(site.key) ?? null,
    person,
    assigned: routing.arm,
    rung: routing.rung,
    // Somebody who was drawn and not let in holds no pass, so that unit is nobody's.
    unit: person.pass === null && routing.pass === 'keep' ? null : routing.unit,
    phase: snapshot?.phase ?? null,
    rolloutVersion: snapshot?.rolloutVersion ?? 0,
    halt: snapshot?.halt?.id ?? null,
    ceiling: snapshot?.ceiling ?? null,
    joinOpen: snapshot?.joinOpen ?? false,
    setCookies: [],
  }
  const { pass } = routing
  if (pass === 'keep' || held === null) return { visit, admitted: null }
  if (pass === 'drop') {
    visit.setCookies.push(expiredCookie(site.passCookie, secure))
    return { visit, admitted: null }
  }
  const wanted = pass === 'renew' ? person.pass : pass
  if (wanted === null) return { visit, admitted: null }
  const cookie = passCookie(site, held, wanted, secure, now)
  if (cookie === null) return { visit, admitted: null }
  visit.setCookies.push(cookie)
  if (pass === 'renew' || pass.arm !== 'new' || !isAsked(pass.rung)) return { visit, admitted: null }
  return { visit, admitted: { service: site.key, unit: pass.unit, rung: pass.rung } }
}

export function passCookie(
  site: Site,
  held: HeldFeed,
  { arm, rung, unit }: { arm: Arm; rung: LettingRung; unit: string },
  secure: boolean,
  now: Date,
): string | null {
  const [key] = held.keys.get(site.key) ?? []
  if (key === undefined) return null
  const value = signPass(
    { kid: key.kid, service: site.key, arm, rung, unit, expiresAt: newPassExpiry(now) },
    key.secret,
  )
  return cookieOf(site.passCookie, value, secure)
}

export function choiceCookie(site: Site, choice: 'current' | 'new', secure: boolean): string {
  return cookieOf(site.choiceCookie, choice, secure)
}

export function expiredCookie(name: string, secure: boolean): string {
  return `${name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

function cookieOf(name: string, value: string, secure: boolean): string {
  return `${name}=${value}; Path=/; Max-Age=${passSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}
