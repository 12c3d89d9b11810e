import type { Signal } from '../platform/index.ts'
import { bannerProbes } from './store.ts'

export const inspectionsSignals: Signal[] = [
  {
    id: 'services.phase-banner-seen',
    unit: 'percent',
    says: 'of journey pages show the label of the phase, read through the gateway',
    async read(db, service, window) {
      const href = `/services/${service.key}/inspections`
      const probes = (await bannerProbes(db, service.id)).filter(({ probedAt }) => probedAt >= window.from)
      const reached = probes.filter(({ outcome }) => outcome !== 'not-reached')
      const asOf = reached.reduce<Date | null>(
        (last, { probedAt }) => (last === null || probedAt > last ? probedAt : last),
        null,
      )
      if (asOf === null) return { kind: 'no-data', href }
      const seen = reached.filter(({ outcome }) => outcome === 'seen').length
      return { kind: 'value', value: (100 * seen) / reached.length, n: reached.length, asOf, href }
    },
  },
]
