/** Whether a gate opens: what it asks, what the data says, what people say, and who decides. */
export { loadPlaybooks, type Playbooks } from './load-playbooks.ts'
export { gateLede } from './pages/gate.ts'
export type { CriterionView, Decision, GateView } from './gates.ts'
export type { Playbook, PlaybookPhase } from './playbook.ts'
export { decisionsOf, gateSummary, nextGate, playbookOf, readGate, useGates, type GateSummary } from './reads.ts'
export { gatesRoutes } from './routes.ts'
