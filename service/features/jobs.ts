import type { Platform } from '../platform/index.ts'
import { askForRemovals } from './removing.ts'

export function featuresJobs(platform: Platform): void {
  platform.jobs.every('features-stale', 3_600, () => askForRemovals(platform))
}
