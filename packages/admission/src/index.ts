export {
  ceilings,
  flagKinds,
  rungs,
  type Arm,
  type Ceiling,
  type CohortSnapshot,
  type FeatureSnapshot,
  type FlagKind,
  type FlagValue,
  type LadderSnapshot,
  type Rule,
  type Rung,
  type ServiceSnapshot,
  type Snapshot,
} from './snapshot.ts'
export { comparisons, limits, textTests, type Attributes, type Comparison, type Condition } from './condition.ts'
export { conditionProblem } from './condition-problem.ts'
export { packUnits, unitSet, unitsOf, type NamedUnits, type PackedUnits, type UnitList, type UnitSet } from './units.ts'
export { createSetsAtHand, nameOfSet, setsNamedIn, writtenOut, type SetsAtHand } from './named-sets.ts'
export { lowestCeiling, reaches, type LettingRung } from './ceiling.ts'
export { compile, type CompiledFeature, type CompiledService, type CompiledSnapshot } from './compile.ts'
export { isInShare, ruleFor, type CompiledLadder } from './ladder.ts'
export { explain, type Explanation } from './explain.ts'
export { validateSnapshot, type Validation } from './validate.ts'
export {
  decide,
  decideAll,
  type Decided,
  type Decision,
  type EvaluationContext,
  type Failed,
  type Places,
  type Reason,
} from './decide.ts'
export {
  afterAdmission,
  isAsked,
  placeToAskFor,
  route,
  type AskedRung,
  type PassChange,
  type Routing,
  type Visit,
} from './route.ts'
export {
  createPassCache,
  newPassExpiry,
  passDays,
  keyOfService,
  signPass,
  verifyPass,
  type Pass,
  type PassVerifier,
  type SigningKey,
} from './pass.ts'
export { bucket, bucketer, buckets, newUnit } from './bucket.ts'
export { deviceOf, doorAttributes, visitAttributes, type VisitFacts } from './visit-attributes.ts'
