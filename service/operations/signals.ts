import { askedAbout, type Reading, type Signal } from '../platform/index.ts'
import { figuresOf } from './rules.ts'
import { deploymentsBetween } from './store.ts'

const dayMs = 86_400_000

export const deploymentsSignals: Signal[] = [
  {
    id: 'operations.deployments',
    unit: 'count',
    says: 'deployments of the new service',
    async read(db, service, { from, to }): Promise<Reading> {
      const href = `/services/${service.key}/deployments`
      const found = (await deploymentsBetween(db, service.id, from, to)).filter(({ arm }) => arm === 'new')
      if (found.length === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: found.length, n: found.length, asOf: to, href }
    },
  },
  {
    id: 'operations.deployment-downtime',
    unit: 'count',
    says: 'minutes of downtime in the half hours after deployments',
    async read(db, service, { from, to }): Promise<Reading> {
      const href = `/services/${service.key}/deployments`
      const found = (await deploymentsBetween(db, service.id, from, to)).filter(({ arm }) => arm === 'new')
      const { downtimeMinutes, measured } = figuresOf(found, (to.getTime() - from.getTime()) / dayMs)
      if (downtimeMinutes === null) return { kind: 'no-data', href }
      return { kind: 'value', value: downtimeMinutes, n: measured, asOf: to, href }
    },
  },
  {
    id: 'operations.releases-acknowledged',
    unit: 'percent',
    says: 'of the acknowledgements that Support was asked for, of each release, were given',
    async read(db, service, { from, to }): Promise<Reading> {
      const href = `/services/${service.key}/deployments`
      const released = await deploymentsBetween(db, service.id, from, to)
      const asked = await askedAbout(
        db,
        service.id,
        released.map(({ id }) => id),
      )
      const all = [...asked.values()].flat()
      if (all.length === 0) return { kind: 'no-data', href }
      const given = all.filter(({ acknowledgedAt }) => acknowledgedAt !== null).length
      return { kind: 'value', value: (100 * given) / all.length, n: all.length, asOf: to, href }
    },
  },
]
