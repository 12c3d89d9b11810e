export {
  addColleague,
  changeService,
  createService,
  handOver,
  movePhase,
  removeExample,
  setJourneys,
} from './actions.ts'
export { phaseEyebrow, servicePage, useDoorState, type DoorState, type Section, type ServicePage } from './frame.ts'
export type { GatewayFile } from './gateway-file.ts'
export { allPhases, ceilingOf, findPhase, isProduct, phaseOf, usePhases, type Phase } from './phases.ts'
export { warnOfEndingKeys } from './key-actions.ts'
export { keyFor } from './rules.ts'
export { servicesRoutes } from './routes.ts'
export { journeySchema, newServiceSchema, serviceChangeSchema, type NewService } from './schemas.ts'
export { doorNames, elsewhereOf, originsOf, type Door, type Journey, type PhaseMove, type Service } from './service.ts'
export { servicesSignals } from './signals.ts'
export {
  allServices,
  findService,
  findServiceById,
  openWalk,
  phaseHistories,
  phaseHistory,
  servicesById,
} from './store.ts'
