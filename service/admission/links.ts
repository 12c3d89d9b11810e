import { teamUrl, type Platform } from '../platform/index.ts'
import type { GatewayFile, Service } from '../services/index.ts'
import type { Snapshots } from './snapshots.ts'

/** Addresses for the public, never taken from a request (a mail with a forged host would lead anywhere). */
export interface Links {
  /** An edge page of the service: behind the gateway on its own host, else under the link door. */
  to(service: Service, path: string): string
  /** Where the service itself begins, for the public. */
  home(service: Service): string
  isHalted(serviceId: string): boolean
}

export function createLinks(
  platform: Pick<Platform, 'config'>,
  gateway: GatewayFile | null,
  snapshots: Snapshots,
): Links {
  const ownHost = (service: Service): string | null => {
    if (service.door !== 'gateway') return null
    // Where others reach this installation, an address of this machine leads nobody anywhere.
    if (gateway !== null && (service.host !== null || platform.config.publicUrl === null)) return gateway.urlOf(service)
    if (service.host === null) return null
    return `${/^(localhost|127\.|\[::1\])/.test(service.host) ? 'http' : 'https'}://${service.host}`
  }
  return {
    to(service, path) {
      const host = ownHost(service)
      return host === null ? teamUrl(platform, `/go/${service.key}/${path}`) : `${host}/.phasegate/${path}`
    },
    home: (service) => ownHost(service) ?? teamUrl(platform, `/go/${service.key}`),
    isHalted: (serviceId) => snapshots.halts.of(serviceId) !== null,
  }
}
