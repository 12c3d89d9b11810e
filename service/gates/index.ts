/** Whether a gate opens: what it asks, what the data says, what people say, and who decides. */
export { loadPlaybooks, type Playbooks } from './load-playbooks.ts'
export { gateLede } from './pages/gate.ts'
export { shapes as criterionMarks } from './pages/words.ts'
export { gateAheadOf } from './ahead.ts'
export { mayDecideAt } from './deciding.ts'
export { missingInWords, stateWords } from './freeze.ts'
export { subjectOf } from './ground.ts'
export { homeOf, ofFeature, ofService, readAgain, type StagedFeature, type Subject } from './subject.ts'
export type { CriterionView, Decision, GateView } from './gates.ts'
export type { Playbook, PlaybookPhase } from './playbook.ts'
export {
  decisionsOf,
  gateSummaries,
  gateSummary,
  nextGate,
  ownRoles,
  playbookOf,
  readGate,
  useGates,
  type GateSummary,
} from './reads.ts'
export { gatesRoutes } from './routes.ts'
export { isAgainstData } from './rules.ts'
