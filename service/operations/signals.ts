import {
  askedAbout,
  inWindow,
  readTogether,
  type Queryable,
  type Reading,
  type Signal,
  type SignalService,
  type Window,
} from '../platform/index.ts'
import type { Deployment } from './deployment.ts'
import { figuresOf } from './rules.ts'
import { deploymentsOfEach } from './store.ts'

const dayMs = 86_400_000

export const deploymentsSignals: Signal[] = [
  {
    id: 'operations.deployments',
    unit: 'count',
    says: 'deployments of the new service',
    one: 'deployment of the new service',
    async read(db, service, window): Promise<Reading> {
      const href = `/services/${service.key}/deployments`
      const found = (await deployed(db, service, window)).filter(({ arm }) => arm === 'new')
      if (found.length === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: found.length, n: found.length, asOf: window.to, href }
    },
  },
  {
    id: 'operations.deployment-downtime',
    unit: 'count',
    says: 'minutes of downtime in the half hours after deployments',
    one: 'minute of downtime in the half hours after deployments',
    async read(db, service, window): Promise<Reading> {
      const { from, to } = window
      const href = `/services/${service.key}/deployments`
      const found = (await deployed(db, service, window)).filter(({ arm }) => arm === 'new')
      const { downtimeMinutes, measured } = figuresOf(found, (to.getTime() - from.getTime()) / dayMs)
      if (downtimeMinutes === null) return { kind: 'no-data', href }
      return { kind: 'value', value: downtimeMinutes, n: measured, asOf: to, href }
    },
  },
  {
    id: 'operations.releases-acknowledged',
    unit: 'percent',
    says: 'of the acknowledgements that Support was asked for, of each release, were given',
    async read(db, service, window): Promise<Reading> {
      const href = `/services/${service.key}/deployments`
      const released = await deployed(db, service, window)
      if (released.length === 0) return { kind: 'no-data', href }
      const asked = await askedAbout(
        db,
        service.id,
        released.map(({ id }) => id),
      )
      const all = [...asked.values()].flat()
      if (all.length === 0) return { kind: 'no-data', href }
      const given = all.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length
      return { kind: 'value', value: (100 * given) / all.length, n: all.length, asOf: window.to, href }
    },
  },
]

async function deployed(db: Queryable, service: SignalService, window: Window): Promise<Deployment[]> {
  const found = await readTogether(window.look, service, inWindow('deployments', window), (ids) =>
    deploymentsOfEach(db, ids, window),
  )
  return found ?? []
}
