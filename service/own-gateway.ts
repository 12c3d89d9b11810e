import { join } from 'node:path'
import { hostTakenBy, removeGatewayService, writeGatewayService } from '../gateway/config.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import type { Config, SecretBox } from './platform/index.ts'
import { isSecure, reachableHost } from './platform/index.ts'
import type { GatewayFile, Service } from './services/index.ts'
import type { Logger } from 'pino'

/** Address of a service at this installation's gateway; without a host of its own it has the gateway's. */
function urlOf(config: Config, service: Pick<Service, 'host'>): string {
  if (service.host !== null)
    return service.host.includes(':') || config.publicUrl !== null
      ? `http${isSecure(config) ? 's' : ''}://${service.host}`
      : `http://${service.host}:${config.gatewayPort}`
  return `http://${reachableHost(config)}:${config.gatewayPort}`
}

/** Without a host of its own a service answers under every name that no other has. */
function hostOf({ host }: Pick<Service, 'host'>): string {
  return host === null ? '*' : host.toLowerCase()
}

/** What the gateway in this process reads: gateway.yaml in the data folder. */
export function ownGatewayFile(config: Config): GatewayFile & { path: string } {
  const path = join(config.dataDirectory, 'gateway.yaml')
  return {
    path,
    urlOf: (service) => urlOf(config, service),
    async put(service) {
      if (service.door !== 'gateway') return removeGatewayService(path, service.key)
      writeGatewayService(path, {
        key: service.key,
        hosts: [hostOf(service)],
        current: service.currentUrl === null ? 'holding-page' : new URL(service.currentUrl).origin,
        new: new URL(service.newUrl).origin,
        insert: { banner: true, feedbackLink: true, endQuestion: true },
      })
    },
    takenBy: (service) => (service.door === 'gateway' ? hostTakenBy(path, service.key, hostOf(service)) : null),
    async remove(key) {
      removeGatewayService(path, key)
    },
  }
}

/** The gateway beside the service, in one process: it talks to it as any other gateway would. */
export async function startOwnGateway(parts: {
  config: Config
  controlUrl: string
  file: { path: string }
  /** Of the kind gateway, and held by this process alone. */
  key: string
  secrets: SecretBox
  log: Logger
}): Promise<Gateway> {
  const { config, key, log } = parts
  return createGateway({
    config: parts.file.path,
    controlUrls: [parts.controlUrl],
    key,
    stateSecret: parts.secrets.mac('gateway-state', '').toString('base64url'),
    stateDirectory: join(config.dataDirectory, 'gateway'),
    log: log.child({ part: 'gateway' }),
    host: config.host,
    trustedProxies: config.trustedProxies,
    port: config.gatewayPort,
    connections: config.gatewayConnections,
  })
}
