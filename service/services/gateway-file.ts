import type { Service } from './service.ts'

/**
 * The gateway's own configuration (gateway.yaml), where this installation's gateway runs in the same process.
 * It is the truth about upstreams; app.ts gives the one that writes the file.
 */
export interface GatewayFile {
  put(service: Service): Promise<void>
  /** Key of another service that answers where this one would, by its host; two cannot. */
  takenBy(service: Pick<Service, 'key' | 'host' | 'door'>): string | null
  remove(key: string): Promise<void>
  /** Where people reach this service, without a path: `http://127.0.0.1:4610`. */
  urlOf(service: Service): string
}
