import type { Queryable, Reading, Signal, SignalService, Window } from '../platform/index.ts'
import { findServiceById } from '../services/index.ts'
import { kpiSources } from './check-store.ts'
import { journeyReport } from './journeys.ts'
import { readFigure, type FigureReading } from './figures.ts'
import { currentDefinition, kpiOf } from './kpis.ts'
import { atLeast, realUse } from './people.ts'
import { factsOf, type MeasuredService } from './report.ts'
import { analyse, storedDefinitions } from './reads.ts'
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
      const href = `/services/${service.key}/measures/${kpiId}`
      const { stored, facts: known } = await sharedReading(db, service, asked)
      const definition = currentDefinition(kpi, stored)
      const from = definition.from !== null && definition.from > window.from ? definition.from : window.from
      const facts =
        known.get(from.getTime()) ??
        (await analyse(db, async (tx) => factsOf(tx, await measured(tx, service), { from, to: window.to })))
      known.set(from.getTime(), facts)
      const reading = asReading(readFigure(kpi, definition.formula.id, facts[arm]), asked, href, scale)
      return reading.kind === 'value'
        ? { ...reading, definition: `${kpi.name}, definition ${definition.version}` }
        : reading
    },
  }
}

interface SharedReading {
  stored: Awaited<ReturnType<typeof storedDefinitions>>
  /** By the time from which they are. */
  facts: Map<number, Awaited<ReturnType<typeof factsOf>>>
}

const readForLooks = new WeakMap<object, Map<string, SharedReading>>()

/** The figures of one look at a gate are made of the same facts. */
async function sharedReading(db: Queryable, { id }: SignalService, { look = {}, to }: Window): Promise<SharedReading> {
  const ofLook = readForLooks.get(look) ?? new Map<string, SharedReading>()
  readForLooks.set(look, ofLook)
  const name = `${id} ${to.getTime()}`
  const known = ofLook.get(name) ?? { stored: await storedDefinitions(db, id), facts: new Map() }
  ofLook.set(name, known)
  return known
}

function asReading(reading: FigureReading, window: Window, href: string, scale: number): Reading {
  if (reading.kind === 'no-data') return { kind: 'no-data', href }
  if (reading.kind === 'too-few') return { ...reading, href }
  const { value, low, high, n } = reading
  const interval = low === null || high === null ? {} : { low: low * scale, high: high * scale }
  return { kind: 'value', value: value * scale, n, ...interval, asOf: window.to, href }
}

/** The journeys are wanted here, and a signal is asked with the service's id only. */
async function measured(db: Queryable, { id, key, timeZone }: SignalService): Promise<MeasuredService> {
  const found = await findServiceById(db, id)
  return found ?? { id, key, timeZone, phase: '', currentUrl: null, journeys: [] }
}

const realUsers: Signal = {
  id: 'measures.real-users.new',
  unit: 'count',
  says: 'people or more used the new service; the team is left out, and visitors of two days are never added up',
  async read(db, service, window) {
    const href = `/services/${service.key}/measures#people`
    const use = await realUse(db, service, upToNow(window))
    const value = atLeast(use)
    return value === 0 ? { kind: 'no-data', href } : { kind: 'value', value, n: value, asOf: window.to, href }
  },
}

const stepsServed: Signal = {
  id: 'measures.journey-steps-served',
  unit: 'percent',
  says: 'of the points of the journey (start, steps, end pages) were really served by the new service',
  async read(db, service, window) {
    const href = `/services/${service.key}/measures#journey`
    const journeys = await journeyReport(db, await measured(db, service), upToNow(window))
    const points = journeys
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
    const all = await kpiSources(db, service.id, window.to)
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
    'of started applications were completed or honestly refused',
  ),
  figureSignal(
    'measures.completion-rate.current',
    'completion-rate',
    'current',
    'of applications started in the current service were completed or refused',
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
    'applications by real people were completed in the new service',
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
