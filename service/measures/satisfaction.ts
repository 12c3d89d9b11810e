import type { Queryable } from '../platform/index.ts'
import { currentDefinition, kpiOf } from './kpis.ts'
import { storedDefinitions } from './definition-reads.ts'

/** MEA-6: the formula of satisfaction that is in force, since when, and how a figure by it is named. */
export async function satisfactionInForce(
  db: Queryable,
  serviceId: string,
): Promise<{ formula: 'top-two' | 'weighted-index'; from: Date | null; name: string }> {
  const kpi = kpiOf('satisfaction')
  const { formula, from, version } = currentDefinition(kpi, await storedDefinitions(db, serviceId))
  return {
    formula: formula.id === 'top-two' ? 'top-two' : 'weighted-index',
    from,
    name: `${kpi.name}, definition ${version}`,
  }
}
