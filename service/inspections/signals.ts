import { pagesServed } from '../measures/index.ts'
import type { Signal } from '../platform/index.ts'
import { findService, phaseOf } from '../services/index.ts'
import { labelsAt } from './label.ts'
import { bannerProbes } from './store.ts'

export const inspectionsSignals: Signal[] = [
  {
    id: 'services.phase-banner-seen',
    unit: 'percent',
    says: 'of journey pages show the label of the phase, read through the gateway',
    async read(db, { id, key }, window) {
      const href = `/services/${key}/inspections`
      const service = await findService(db, key)
      if (service === null || phaseOf(service).label === null) return { kind: 'no-data', href }
      const probes = (await bannerProbes(db, id)).filter(({ probedAt }) => probedAt >= window.from)
      const labels = labelsAt(service.journeys, probes, await pagesServed(db, id, window.from))
      const reached = labels.filter(({ verdict }) => verdict !== 'not-reached')
      const times = reached.flatMap(({ at }) => (at === null ? [] : [at.getTime()]))
      if (times.length === 0) return { kind: 'no-data', href }
      const seen = reached.filter(({ verdict }) => verdict === 'seen').length
      const asOf = new Date(Math.max(...times))
      return { kind: 'value', value: (100 * seen) / reached.length, n: reached.length, asOf, href }
    },
  },
]
