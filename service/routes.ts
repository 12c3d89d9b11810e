import { platformUrls } from './platform/urls.ts'
import { servicesUrls } from './services/urls.ts'
import { webhooksUrls } from './webhooks/urls.ts'
import { admissionUrls } from './admission/urls.ts'
import { featuresUrls } from './features/urls.ts'
import { rolloutsUrls } from './rollouts/urls.ts'
import { measuresUrls } from './measures/urls.ts'
import { feedbackUrls } from './feedback/urls.ts'
import { inspectionsUrls } from './inspections/urls.ts'
import { gatesUrls } from './gates/urls.ts'
import { stagesUrls } from './stages/urls.ts'
import { operationsUrls } from './operations/urls.ts'
import { overviewUrls } from './overview/urls.ts'
import { roomsUrls } from './rooms/urls.ts'
import type { RouteRow } from './platform/index.ts'

/**
 * Every URL, with what it asks of the one who calls: each domain lists its own in its urls.ts. A route without a row
 * stops the start; test/permissions.test.ts tries every row as every role.
 */
export const routes: RouteRow[] = [
  ...platformUrls,
  ...servicesUrls,
  ...webhooksUrls,
  ...admissionUrls,
  ...featuresUrls,
  ...rolloutsUrls,
  ...measuresUrls,
  ...feedbackUrls,
  ...inspectionsUrls,
  ...gatesUrls,
  ...stagesUrls,
  ...operationsUrls,
  ...overviewUrls,
  ...roomsUrls,
]
