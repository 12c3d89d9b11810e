/** Running the service: its deployments and what users felt of them, and who else has to be ready. */
import type { App, Jobs, Signal } from '../platform/index.ts'
import { measureEffects } from './actions.ts'
import { partnersRoutes } from './partners/routes.ts'
import { partnersSignals } from './partners/signals.ts'
import { deploymentsRoutes } from './routes.ts'
import { deploymentsSignals } from './signals.ts'

export { errorChange } from './rules.ts'

export const operationsSignals: Signal[] = [...deploymentsSignals, ...partnersSignals]

export function operationsRoutes(app: App): void {
  deploymentsRoutes(app)
  partnersRoutes(app)
}

export function operationsJobs(jobs: Jobs): void {
  jobs.every('operations-effects', 60, measureEffects)
}
