import type { Reading, Signal } from '../../platform/index.ts'
import { localDay } from '../rules.ts'
import { countReady, countUnexpected } from './store.ts'

export const partnersSignals: Signal[] = [
  {
    id: 'operations.partners-ready',
    unit: 'percent',
    says: 'of the partner organisations have said in the period that they are ready',
    async read(db, service, { from, to }): Promise<Reading> {
      const href = `/services/${service.key}/partners`
      const { all, ready } = await countReady(db, service.id, localDay(from, service.timeZone))
      if (all === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: (100 * ready) / all, n: all, asOf: to, href }
    },
  },
  {
    id: 'operations.unexpected-use-open',
    unit: 'count',
    says: 'logged uses that nobody foresaw have no response yet',
    async read(db, service, { to }): Promise<Reading> {
      const href = `/services/${service.key}/partners#unexpected`
      const { all, open } = await countUnexpected(db, service.id)
      if (all === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: open, n: all, asOf: to, href }
    },
  },
]
