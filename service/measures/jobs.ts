import type { Jobs } from '../platform/index.ts'
import { checkSums } from './check-store.ts'
import { forgetOld, makePartitionsAhead } from './retention-store.ts'

export function measuresJobs(jobs: Jobs): void {
  jobs.every('measures.partitions', 6 * 3600, makePartitionsAhead)
  jobs.every('measures.retention', 24 * 3600, forgetOld)
  jobs.every('measures.check', 3600, ({ db, clock }) => checkSums(db, clock.now()))
}
