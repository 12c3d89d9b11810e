import { buckets } from './bucket.ts'
import { ceilings, type ServiceSnapshot, type Snapshot } from './snapshot.ts'

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
  const services: unknown = value['services']
  if (!Array.isArray(services)) return 'services is not a list'
  const keys = new Set<unknown>()
  for (const [at, service] of services.entries()) {
    const problem = serviceProblem(service)
    if (problem !== null) return `services[${at}].${problem}`
    const { key } = service as ServiceSnapshot
    if (keys.has(key)) return `services[${at}].key is there twice`
    keys.add(key)
  }
  return null
}

const setNames = ['removed', 'choseCurrent', 'joined', 'preview', 'staff', 'invited', 'carried'] as const

function serviceProblem(service: unknown): string | null {
  if (!isRecord(service)) return 'key is missing'
  for (const field of ['id', 'key', 'name', 'phase', 'salt']) {
    if (typeof service[field] !== 'string' || service[field] === '') return `${field} is missing`
  }
  const { ceiling, share, rolloutVersion, joinOpen, halt, cap, units } = service
  if (!ceilings.some((each) => each === ceiling)) return 'ceiling is none of the six'
  if (!isCount(share) || share > buckets) return `share is not a whole number from 0 to ${buckets}`
  if (!isCount(rolloutVersion)) return 'rolloutVersion is not a whole number from 0'
  if (typeof joinOpen !== 'boolean') return 'joinOpen is not true or false'
  if (halt !== null && !(isRecord(halt) && typeof halt['id'] === 'string' && isInstant(halt['at']))) {
    return 'halt is neither null nor a halt'
  }
  if (!isRecord(cap) || typeof cap['full'] !== 'boolean' || !(cap['limit'] === null || isCount(cap['limit']))) {
    return 'cap is not a limit with full'
  }
  if (!isRecord(units)) return 'units is missing'
  for (const name of setNames) {
    const set = units[name]
    if (!Array.isArray(set) || !set.every((unit) => typeof unit === 'string'))
      return `units.${name} is not a list of units`
  }
  return null
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
