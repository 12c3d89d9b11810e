import type { Attributes } from './condition.ts'

/** What a request itself tells a door, gateway or link, of who comes. */
export interface VisitFacts {
  /** IP address of the person, as far as the door knows it. */
  address: string
  /** Path of the request, without its query. */
  path: string
  /** Header User-Agent; empty where there is none. */
  agent: string
  /** Header Accept-Language; empty where there is none. */
  languages: string
}

/** Attributes that a door knows by itself, with what each says; every other one only an application can send. */
export const doorAttributes = {
  ip: 'the address that the person comes from, for ranges',
  path: 'the path of the page that is asked for',
  device: 'mobile, tablet, desktop or other, by what the browser says of itself',
  language: 'the language that the browser asks for first, such as en or cy',
} as const satisfies Record<string, string>

/**
 * The attributes of a visit for rules (ADM-53), the same at every door. Any strings; never throws.
 *
 * @example visitAttributes({ address: '192.0.2.7', path: '/', agent: '', languages: 'cy-GB,en' }).language // 'cy'
 */
export function visitAttributes({ address, path, agent, languages }: VisitFacts): Attributes {
  return { ip: address, path, device: deviceOf(agent), language: firstLanguage(languages) } satisfies Record<
    keyof typeof doorAttributes,
    string
  >
}

/**
 * The kind of device by the header User-Agent: what calls itself a robot, or nothing, is `other`.
 *
 * @example deviceOf('Mozilla/5.0 (iPhone; …) Mobile/15E148') // 'mobile'
 */
export function deviceOf(agent: string): 'mobile' | 'tablet' | 'desktop' | 'other' {
  if (agent === '' || /bot|crawl|spider|curl|monitor|check/i.test(agent)) return 'other'
  if (/ipad|tablet|android(?!.*mobile)/i.test(agent)) return 'tablet'
  return /mobi|iphone|android/i.test(agent) ? 'mobile' : 'desktop'
}

/** Browsers send the best one first. */
function firstLanguage(languages: string): string {
  return /^\s*([a-z]{1,8})/i.exec(languages)?.[1]?.toLowerCase() ?? ''
}
