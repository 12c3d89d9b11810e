import { inWindow, readTogether, type Queryable, type Reading, type Signal, type Window } from '../platform/index.ts'
import { servicesById } from '../services/index.ts'
import { kpiSourcesOfEach } from './check-store.ts'
import { journeyReports } from './journeys.ts'
import { noFacts, readFigure, type FigureReading } from './figures.ts'
import { currentDefinition, kpiOf } from './kpis.ts'
import type { Period } from './measures.ts'
import { atLeast, noUse, realUseOfEach } from './people.ts'
import { factsOfEach, type FactsByArm } from './report.ts'
import { definitionsOfEach } from './definition-reads.ts'
import { analyse } from './reads.ts'
import { upToNow } from './time.ts'

type Arm = 'new' | 'current'

/** A figure of kpis.yaml as a signal, by its current definition and only for the part of the window in which that holds. */
function figureSignal(id: string, kpiId: string, arm: Arm, says: string, unit: Signal['unit'] = 'percent'): Signal {
  const kpi = kpiOf(kpiId)
  const scale = unit === 'percent' && kpi.unit === 'per-thousand' ? 0.1 : 1
  return {
    id,
    unit,
    says,
    async read(db, service, asked) {
      const window = upToNow(asked)
      const { look } = asked
      const href = `/services/${service.key}/measures/${kpiId}`
      const stored = await readTogether(look, service, 'definitions', (ids) => definitionsOfEach(db, ids))
      const definition = currentDefinition(kpi, stored ?? [])
      const from = definition.from !== null && definition.from > window.from ? definition.from : window.from
      const period = { from, to: window.to }
      // By a definition of one's own, only one's own facts are of the same period.
      const facts =
        from > window.from
          ? await readTogether(look, service, inWindow(`facts of ${service.id}`, period), () =>
              factsOfServices(db, [service.id], period),
            )
          : await readTogether(look, service, inWindow('facts', period), (ids) => factsOfServices(db, ids, period))
      const reading = asReading(readFigure(kpi, definition.formula.id, facts?.[arm] ?? noFacts), asked, href, scale)
      return reading.kind === 'value'
        ? { ...reading, definition: `${kpi.name}, definition ${definition.version}` }
        : reading
    },
  }
}

/** The journeys are wanted here, and a signal is asked with what every domain knows of a service. */
async function factsOfServices(db: Queryable, ids: string[], period: Period): Promise<Map<string, FactsByArm>> {
  const services = await servicesById(db, ids)
  return analyse(db, (tx) => factsOfEach(tx, [...services.values()], period))
}

function asReading(reading: FigureReading, window: Window, href: string, scale: number): Reading {
  if (reading.kind === 'no-data') return { kind: 'no-data', href }
  if (reading.kind === 'too-few') return { ...reading, href }
  const { value, low, high, n } = reading
  const interval = low === null || high === null ? {} : { low: low * scale, high: high * scale }
  return { kind: 'value', value: value * scale, n, ...interval, asOf: window.to, href }
}

const realUsers: Signal = {
  id: 'measures.real-users.new',
  unit: 'count',
  says: 'people or more used the new service; the team is left out, and visitors of two days are never added up',
  one: 'person or more used the new service; the team is left out, and visitors of two days are never added up',
  async read(db, service, window) {
    const href = `/services/${service.key}/measures#people`
    const use = await readTogether(window.look, service, inWindow('people', window), (_, services) =>
      realUseOfEach(db, services, upToNow(window)),
    )
    const value = atLeast(use ?? noUse)
    return value === 0 ? { kind: 'no-data', href } : { kind: 'value', value, n: value, asOf: window.to, href }
  },
}

const stepsServed: Signal = {
  id: 'measures.journey-steps-served',
  unit: 'percent',
  says: 'of the points of the journey (start, steps, end pages) were really served by the new service',
  async read(db, service, window) {
    const href = `/services/${service.key}/measures#journey`
    const journeys = await readTogether(window.look, service, inWindow('journeys', window), async (ids) =>
      journeyReports(db, [...(await servicesById(db, ids)).values()], upToNow(window)),
    )
    const points = (journeys ?? [])
      .flatMap(({ start, steps, endPages }) => [start, ...steps, ...endPages])
      .filter(({ state }) => state !== 'current-only')
    if (points.length === 0) return { kind: 'no-data', href }
    const served = points.filter(({ lastAt }) => lastAt.new !== null && lastAt.new >= window.from).length
    if (served === 0) return { kind: 'no-data', href }
    return { kind: 'value', value: (served / points.length) * 100, n: points.length, asOf: window.to, href }
  },
}

const withData: Signal = {
  id: 'measures.metrics-with-data',
  unit: 'percent',
  says: 'of the chosen measures have data in the period',
  async read(db, service, window) {
    const href = `/services/${service.key}/measures#sources`
    const all =
      (await readTogether(window.look, service, inWindow('sources', window), (ids) =>
        kpiSourcesOfEach(db, ids, window.to),
      )) ?? []
    const found = all.filter(({ lastAt }) => lastAt !== null && lastAt >= window.from).length
    return found === 0
      ? { kind: 'no-data', href }
      : { kind: 'value', value: (found / all.length) * 100, n: all.length, asOf: window.to, href }
  },
}

export const measuresSignals: Signal[] = [
  figureSignal(
    'measures.completion-rate.new',
    'completion-rate',
    'new',
    'of what people started was completed, or refused with a reason',
  ),
  figureSignal(
    'measures.completion-rate.current',
    'completion-rate',
    'current',
    'of what people started in the current service was completed, or refused with a reason',
  ),
  figureSignal(
    'measures.satisfaction.new',
    'satisfaction',
    'new',
    'satisfaction with the new service, by the definition in force',
  ),
  figureSignal(
    'measures.satisfaction.current',
    'satisfaction',
    'current',
    'satisfaction with the current service, by the definition in force',
  ),
  figureSignal(
    'measures.completed-transactions.new',
    'completed-transactions',
    'new',
    'were completed by real people in the new service',
    'count',
  ),
  figureSignal(
    'measures.completion-time.new',
    'completion-time',
    'new',
    'median time to complete in the new service',
    'milliseconds',
  ),
  figureSignal('measures.error-rate.new', 'error-rate', 'new', 'of the pages of the new service were error pages'),
  figureSignal(
    'measures.availability.new',
    'availability',
    'new',
    'of requests to the new service were answered without a server error',
  ),
  realUsers,
  stepsServed,
  withData,
]
