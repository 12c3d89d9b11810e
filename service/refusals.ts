import { servicesRefusals } from './services/refusals.ts'
import { webhooksRefusals } from './webhooks/refusals.ts'
import { admissionRefusals } from './admission/refusals.ts'
import { featuresRefusals } from './features/refusals.ts'
import { rolloutsRefusals } from './rollouts/refusals.ts'
import { measuresRefusals } from './measures/refusals.ts'
import { feedbackRefusals } from './feedback/refusals.ts'
import { gatesRefusals } from './gates/refusals.ts'
import { operationsRefusals } from './operations/refusals.ts'
import { stagesRefusals } from './stages/refusals.ts'
import { overviewRefusals } from './overview/refusals.ts'
import { roomsRefusals } from './rooms/refusals.ts'
import { platformRefusals, type Refusals } from './platform/index.ts'

/** What is refused, with its words: each domain lists its own in its refusals.ts, and none is left out. */
export const refusals: Refusals = {
  platform: platformRefusals,
  services: servicesRefusals,
  webhooks: webhooksRefusals,
  admission: admissionRefusals,
  features: featuresRefusals,
  rollouts: rolloutsRefusals,
  measures: measuresRefusals,
  feedback: feedbackRefusals,
  operations: operationsRefusals,
  gates: gatesRefusals,
  stages: stagesRefusals,
  overview: overviewRefusals,
  rooms: roomsRefusals,
}
