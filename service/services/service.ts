import type { Journey } from '../../gateway/feed.ts'

export type { Journey }

export type Door = 'gateway' | 'link' | 'application'

export const doorNames: Record<Door, string> = {
  gateway: 'Gateway: all traffic passes, enforced and measured',
  application: 'Check in the application (OpenFeature, OFREP): enforced there',
  link: 'Link: declared, not enforced',
}

export interface Service {
  id: string
  key: string
  name: string
  summary: string
  door: Door
  /** Where people reach the service through the gateway, such as `permits.example.org`; null for the gateway's own address. */
  host: string | null
  newUrl: string
  /** The service that people use today; null where the new one replaces nothing. */
  currentUrl: string | null
  contact: string
  timeZone: string
  example: boolean
  phase: string
  phaseSince: Date
  /** The phase in which it came here: a product in use comes as live. */
  firstPhase: string
  createdAt: Date
  journeys: Journey[]
}

export interface PhaseMove {
  from: string | null
  to: string
  at: Date
  by: string
  reason: string
  waiver: string | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The service of `:service`; set before the handler runs on URLs that name one. */
    service: Service
  }
}

/** Where people go who are not in the new service. */
export function elsewhereOf({ currentUrl }: Pick<Service, 'currentUrl'>): string {
  return currentUrl === null ? 'the holding page' : 'the current service'
}

/** Whose pages may use a client key of this service. */
export function originsOf({ newUrl, currentUrl, host }: Pick<Service, 'newUrl' | 'currentUrl' | 'host'>): string[] {
  const urls = [newUrl, currentUrl, ...(host === null ? [] : [`https://${host}`, `http://${host}`])]
  return urls.flatMap((url) => (url !== null && URL.canParse(url) ? [new URL(url).origin] : []))
}
