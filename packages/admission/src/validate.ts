import { buckets } from './bucket.ts'
import { conditionProblem } from './condition-problem.ts'
import { longestChain } from './decide.ts'
import { ceilings, flagKinds, type FeatureSnapshot, type ServiceSnapshot, type Snapshot } from './snapshot.ts'
import { unitListProblem } from './units.ts'

export type Validation = { ok: true; snapshot: Snapshot } | { ok: false; problem: string }

/**
 * Is this a snapshot that may replace the one in use (ADM-13)? Names the first thing that is wrong, with its place.
 * Never throws. A snapshot with no service is a good one; whether to accept an older version is the caller's to say.
 *
 * @example const checked = validateSnapshot(JSON.parse(text)); if (checked.ok) current = compile(checked.snapshot)
 */
export function validateSnapshot(value: unknown): Validation {
  try {
    const problem = problemOf(value)
    return problem === null ? { ok: true, snapshot: value as Snapshot } : { ok: false, problem }
  } catch {
    return { ok: false, problem: 'The snapshot cannot be read' }
  }
}

function problemOf(value: unknown): string | null {
  if (!isRecord(value)) return 'The snapshot is not an object'
  if (value['schema'] !== 1) return 'schema is not 1'
  if (!isCount(value['version'])) return 'version is not a whole number from 0'
  if (!isInstant(value['createdAt'])) return 'createdAt is not an instant'
  const { services, features = [], cohorts = [] } = value
  return (
    eachOf('cohorts', cohorts, 'id', cohortProblem) ??
    eachOf('services', services, 'key', serviceProblem) ??
    eachOf('features', features, 'key', (feature) => featureProblem(feature, services as ServiceSnapshot[])) ??
    sharedKey(services as ServiceSnapshot[], features as FeatureSnapshot[]) ??
    ringProblem(features as FeatureSnapshot[])
  )
}

/** The first thing that is wrong in a list whose entries have a name of their own. */
function eachOf(
  list: string,
  entries: unknown,
  name: 'id' | 'key',
  problemOfOne: (entry: unknown) => string | null,
): string | null {
  if (!Array.isArray(entries)) return `${list} is not a list`
  const names = new Set<unknown>()
  for (const [at, entry] of entries.entries()) {
    const problem = problemOfOne(entry)
    if (problem !== null) return `${list}[${at}].${problem}`
    const own = (entry as Record<string, unknown>)[name]
    if (names.has(own)) return `${list}[${at}].${name} is there twice`
    names.add(own)
  }
  return null
}

function cohortProblem(cohort: unknown): string | null {
  if (!isRecord(cohort) || !isFilled(cohort['id'])) return 'id is missing'
  const problem = unitListProblem(cohort['units'])
  return problem === null ? null : `units ${problem}`
}

function sharedKey(services: readonly ServiceSnapshot[], features: readonly FeatureSnapshot[]): string | null {
  const at = features.findIndex(({ key }) => services.some((service) => service.key === key))
  return at === -1 ? null : `features[${at}].key is that of a service`
}

/** A feature that requires itself, by whatever way round, could never be decided. */
function ringProblem(features: readonly FeatureSnapshot[]): string | null {
  const required = new Map(features.map(({ key, requires }) => [key, requires.map((each) => each.key)]))
  const settled = new Set<string>()
  const isInRing = (key: string, above: ReadonlySet<string>): boolean => {
    if (above.has(key)) return true
    if (settled.has(key)) return false
    const below = new Set([...above, key])
    const found = below.size > longestChain || (required.get(key) ?? []).some((each) => isInRing(each, below))
    settled.add(key)
    return found
  }
  const at = features.findIndex(({ key }) => isInRing(key, new Set()))
  return at === -1 ? null : `features[${at}].requires itself, or a chain of more than ${longestChain} features`
}

const plainLists = ['removed', 'choseCurrent', 'preview', 'staff'] as const
const unitLists = ['joined', 'invited', 'carried'] as const

function serviceProblem(service: unknown): string | null {
  if (!isRecord(service)) return 'key is missing'
  const missing = ['id', 'key', 'name', 'phase'].find((field) => !isFilled(service[field]))
  if (missing !== undefined) return `${missing} is missing`
  const { aliases = {} } = service
  if (!isRecord(aliases) || !Object.values(aliases).every(isFilled)) return 'aliases is not units by id'
  return ladderProblem(service)
}

function featureProblem(feature: unknown, services: readonly ServiceSnapshot[]): string | null {
  if (!isRecord(feature)) return 'key is missing'
  const missing = ['id', 'key', 'name', 'service', 'on', 'off'].find((field) => !isFilled(feature[field]))
  if (missing !== undefined) return `${missing} is missing`
  const { service, kind, appliesTo, forClients, requires } = feature
  if (!services.some(({ key }) => key === service)) return 'service is not there'
  if (!flagKinds.some((each) => each === kind)) return `kind is none of ${flagKinds.join(', ')}`
  if (appliesTo !== 'new' && appliesTo !== 'both') return 'appliesTo is neither new nor both'
  if (typeof forClients !== 'boolean') return 'forClients is not true or false'
  if (!Array.isArray(requires) || !requires.every(isRequirement)) return 'requires is not a list of features'
  return variantsProblem(feature) ?? ladderProblem(feature)
}

function isRequirement(value: unknown): boolean {
  return isRecord(value) && isFilled(value['key']) && (value['variant'] === undefined || isFilled(value['variant']))
}

function variantsProblem({ variants, on, off, rules = [] }: Record<string, unknown>): string | null {
  if (!isRecord(variants)) return 'variants is missing'
  const types = new Set(Object.values(variants).map((value) => (value === null ? 'null' : typeof value)))
  const [type] = types
  if (types.size !== 1 || type === undefined || !['boolean', 'string', 'number', 'object'].includes(type)) {
    return 'variants are not values of one type'
  }
  for (const [field, variant] of Object.entries({ on, off })) {
    if (!Object.hasOwn(variants, variant as string)) return `${field} is none of the variants`
  }
  const named = Array.isArray(rules) ? rules.map((rule) => (isRecord(rule) ? rule['variant'] : undefined)) : []
  const at = named.findIndex((variant) => variant !== undefined && !Object.hasOwn(variants, variant as string))
  return at === -1 ? null : `rules[${at}].variant is none of the variants`
}

function ladderProblem(ladder: Record<string, unknown>): string | null {
  const { ceiling, share, rolloutVersion, joinOpen, halt, cap, units, cohorts = [], rules = [], salt } = ladder
  if (!isFilled(salt)) return 'salt is missing'
  if (!ceilings.some((each) => each === ceiling)) return 'ceiling is none of the six'
  if (!isShare(share)) return `share is not a whole number from 0 to ${buckets}`
  if (!isCount(rolloutVersion)) return 'rolloutVersion is not a whole number from 0'
  if (typeof joinOpen !== 'boolean') return 'joinOpen is not true or false'
  if (halt !== null && !(isRecord(halt) && typeof halt['id'] === 'string' && isInstant(halt['at']))) {
    return 'halt is neither null nor a halt'
  }
  if (!isRecord(cap) || typeof cap['full'] !== 'boolean' || !(cap['limit'] === null || isCount(cap['limit']))) {
    return 'cap is not a limit with full'
  }
  if (!isRecord(units)) return 'units is missing'
  const bad = plainLists.find((name) => !isListOfTexts(units[name]))
  if (bad !== undefined) return `units.${bad} is not a list of units`
  for (const name of unitLists) {
    const problem = unitListProblem(units[name])
    if (problem !== null) return `units.${name} ${problem}`
  }
  if (!isListOfTexts(cohorts)) return 'cohorts is not a list of ids'
  return eachOf('rules', rules, 'id', ruleProblem)
}

function ruleProblem(rule: unknown): string | null {
  if (!isRecord(rule) || !isFilled(rule['id'])) return 'id is missing'
  if (typeof rule['name'] !== 'string') return 'name is missing'
  if (!isShare(rule['share'])) return `share is not a whole number from 0 to ${buckets}`
  const problem = conditionProblem(rule['when'])
  return problem === null ? null : `when ${problem}`
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function isShare(value: unknown): boolean {
  return isCount(value) && value <= buckets
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
