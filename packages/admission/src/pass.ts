import { createHmac, timingSafeEqual } from 'node:crypto'
import type { LettingRung } from './ceiling.ts'
import type { Arm } from './snapshot.ts'

/** How long a pass lasts from its signing or renewal. */
export const passDays = 90

const dayMs = 86_400_000

/** What a verified pass says. It never says that it still counts: `route` asks the snapshot at every use (ADM-6). */
export interface Pass {
  kid: string
  arm: Arm
  rung: LettingRung
  unit: string
  expiresAt: Date
}

export interface SigningKey {
  kid: string
  /** Any string; 32 random bytes as base64url are made for it. */
  secret: string
}

/**
 * The key of one service, from the installation's: whoever holds it can sign for no other service.
 * Source: docs/rules/admission.md, ADM-33.
 *
 * @example keyOfService(installationKey, service.id)
 */
export function keyOfService({ kid, secret }: SigningKey, serviceId: string): SigningKey {
  return { kid, secret: createHmac('sha256', secret).update(`service.${serviceId}`).digest('base64url') }
}

export type PassVerifier = (cookie: string, service: string, keys: readonly SigningKey[], now: Date) => Pass | null

/**
 * A signed pass for a cookie: `kid.arm.rung.unit.exp.mac`. `exp` is in Unix seconds; `mac` is HMAC-SHA256 in base64url
 * over the service's key and the five fields, joined by dots, so that a pass of one service is none at another.
 * Throws a RangeError when a field could not be read back.
 * Source: docs/rules/admission.md, ADM-5.
 *
 * @example signPass({ kid: 'k1', service: 'parking', arm: 'new', rung: 'invited', unit, expiresAt }, secret)
 */
export function signPass(pass: Pass & { service: string }, secret: string): string {
  const exp = Math.floor(pass.expiresAt.getTime() / 1000)
  const fields = `${pass.kid}.${pass.arm}.${pass.rung}.${pass.unit}.${exp}`
  if (!shape.test(`${fields}.${'A'.repeat(43)}`)) throw new RangeError('A field of the pass has a wrong shape')
  return `${fields}.${mac(pass.service, fields, secret)}`
}

/**
 * The pass in a cookie, or null for anything that is not a genuine, unexpired pass of this service under one of these
 * keys: forged, expired, unknown key, cut short, empty. Compares in constant time; never throws.
 *
 * @example verifyPass(cookies.pg_parking ?? '', 'parking', service.signingKeys, new Date())
 */
export function verifyPass(cookie: string, service: string, keys: readonly SigningKey[], now: Date): Pass | null {
  const read = typeof cookie === 'string' && cookie.length <= 200 ? shape.exec(cookie) : null
  if (read === null) return null
  const [, kid, arm, rung, unit, exp, given] = read as unknown as Fields
  const expiresAt = new Date(Number(exp) * 1000)
  if (!(expiresAt > now)) return null
  const key = keys.find((each) => each.kid === kid)
  if (key === undefined) return null
  const expected = mac(service, cookie.slice(0, cookie.length - given.length - 1), key.secret)
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(given))) return null
  return { kid, arm, rung, unit, expiresAt }
}

/**
 * A `verifyPass` that remembers the last `max` genuine passes. A remembered one is asked again whether it has expired
 * and whether its key still stands; one that was not genuine is never remembered, so nobody can crowd others out.
 *
 * @example const verify = createPassCache(100_000)
 */
export function createPassCache(max: number): PassVerifier {
  let young = new Map<string, { pass: Pass; secret: string }>()
  let old = new Map<string, { pass: Pass; secret: string }>()
  return (cookie, service, keys, now) => {
    const name = `${service} ${cookie}`
    const known = young.get(name) ?? old.get(name)
    if (known !== undefined && keys.some((key) => key.kid === known.pass.kid && key.secret === known.secret)) {
      return known.pass.expiresAt > now ? known.pass : null
    }
    const pass = verifyPass(cookie, service, keys, now)
    if (pass === null) return null
    const secret = keys.find((key) => key.kid === pass.kid)?.secret ?? ''
    if (young.size >= Math.max(1, max / 2)) {
      old = young
      young = new Map()
    }
    young.set(name, { pass, secret })
    return pass
  }
}

/**
 * When a pass signed now expires, to the second.
 *
 * @example newPassExpiry(new Date('2026-01-01T00:00:00Z')) // 2026-04-01T00:00:00Z
 */
export function newPassExpiry(now: Date): Date {
  return new Date(Math.floor(now.getTime() / 1000) * 1000 + passDays * dayMs)
}

/** ADM-5: less than half of its life is left. */
export function isDueForRenewal(pass: Pass, now: Date): boolean {
  return pass.expiresAt.getTime() - now.getTime() < (passDays * dayMs) / 2
}

type Fields = [whole: string, kid: string, arm: Arm, rung: LettingRung, unit: string, exp: string, mac: string]

const shape =
  /^([A-Za-z0-9_-]{1,32})\.(current|new)\.(preview|staff|invited|join|rules|share)\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})$/

function mac(service: string, fields: string, secret: string): string {
  return createHmac('sha256', secret).update(`${service}.${fields}`).digest('base64url')
}
