/** Running the service: its deployments and what users felt of them, who else has to be ready, and whether it holds when many come. */
import type { App, Jobs, Signal } from '../platform/index.ts'
import { measureEffects } from './actions.ts'
import { capacityRoutes } from './capacity/routes.ts'
import { capacitySignals } from './capacity/signals.ts'
import { partnersRoutes } from './partners/routes.ts'
import { partnersSignals } from './partners/signals.ts'
import { deploymentsRoutes } from './routes.ts'
import { deploymentsSignals } from './signals.ts'

export { errorChange } from './rules.ts'

export const operationsSignals: Signal[] = [...deploymentsSignals, ...partnersSignals, ...capacitySignals]

export function operationsRoutes(app: App): void {
  deploymentsRoutes(app)
  partnersRoutes(app)
  capacityRoutes(app)
}

export function operationsJobs(jobs: Jobs): void {
  jobs.every('operations-effects', 60, measureEffects)
}
