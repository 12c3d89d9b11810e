import { calendarDayOf, inWindow, readTogether, type Reading, type Signal } from '../../platform/index.ts'
import { countReady, countUnexpected } from './store.ts'

export const partnersSignals: Signal[] = [
  {
    id: 'operations.partners-ready',
    unit: 'percent',
    says: 'of the partner organisations have said in the period that they are ready',
    async read(db, service, window): Promise<Reading> {
      const { from, to } = window
      const href = `/services/${service.key}/partners`
      const found = await readTogether(window.look, service, inWindow('partners', window), (_, services) =>
        countReady(
          db,
          services.map(({ id, timeZone }) => ({ id, since: calendarDayOf(from, timeZone) })),
        ),
      )
      const { all, ready } = found?.[0] ?? { all: 0, ready: 0 }
      if (all === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: (100 * ready) / all, n: all, asOf: to, href }
    },
  },
  {
    id: 'operations.unexpected-use-open',
    unit: 'count',
    says: 'logged uses that nobody foresaw have no response yet',
    one: 'logged use that nobody foresaw has no response yet',
    async read(db, service, { look, to }): Promise<Reading> {
      const href = `/services/${service.key}/partners#unexpected`
      const found = await readTogether(look, service, 'unexpected uses', (ids) => countUnexpected(db, ids))
      const { all, open } = found?.[0] ?? { all: 0, open: 0 }
      if (all === 0) return { kind: 'no-data', href }
      return { kind: 'value', value: open, n: all, asOf: to, href }
    },
  },
]
