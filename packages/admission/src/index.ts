export { ceilings, rungs, type Arm, type Ceiling, type Rung, type ServiceSnapshot, type Snapshot } from './snapshot.ts'
export { lowestCeiling, reaches, type LettingRung } from './ceiling.ts'
export { compile, type CompiledService, type CompiledSnapshot } from './compile.ts'
export { validateSnapshot, type Validation } from './validate.ts'
export {
  counts,
  decide,
  isInShare,
  type Decided,
  type Decision,
  type EvaluationContext,
  type Failed,
  type Reason,
} from './decide.ts'
export { afterAdmission, route, type PassChange, type Routing, type Visit } from './route.ts'
export {
  createPassCache,
  newPassExpiry,
  passDays,
  signPass,
  verifyPass,
  type Pass,
  type PassVerifier,
  type SigningKey,
} from './pass.ts'
export { bucket, buckets, newUnit } from './bucket.ts'
