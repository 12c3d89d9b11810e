/** Running the service: so far, its deployments and what users felt of them. */
import type { Jobs } from '../platform/index.ts'
import { measureEffects } from './actions.ts'

export { errorChange } from './rules.ts'
export { operationsRoutes } from './routes.ts'
export { operationsSignals } from './signals.ts'

export function operationsJobs(jobs: Jobs): void {
  jobs.every('operations-effects', 60, measureEffects)
}
