import { hash } from 'node:crypto'
import { rungs } from '../../packages/admission/src/index.ts'
import type { Journey } from '../services/index.ts'
import {
  channels,
  dayMs,
  eventNames,
  outcomes,
  retentionDays,
  type Exposure,
  type MeasuredArm,
  type MeasuredEvent,
  type Outcome,
  type Scalar,
} from './measures.ts'
import { applicationKey } from './rules.ts'

/** Why one event of a batch was not stored. The list is part of the API's documentation. */
export const eventRefusals = {
  'not-an-object': 'Each event is a JSON object',
  'unknown-field': 'This field is not part of an event; put extra facts into properties',
  'invalid-field': 'This field is missing or not in the expected form',
  'unknown-service': 'There is no such service, or this key does not belong to it or is not good on this page',
  'unknown-journey': 'The service has no such journey; name one of its journeys',
  'unknown-step': 'The journey has no such step or ending',
  'unknown-name': 'Use start, step, end, error, exposure or custom.something',
  'transaction-missing': 'A start and an end belong to an application: give its transaction',
  'outcome-missing': 'An end needs an outcome: completed, refused or failed',
  'outcome-differs': 'The journey says another outcome for this ending',
  'time-in-future': 'The time is more than five minutes ahead',
  'time-too-old': 'The time is older than what is kept',
} as const
export type EventRefusal = keyof typeof eventRefusals

export interface RefusedEvent {
  index: number
  id: string | null
  code: EventRefusal
  detail: string
}

/** What an event is checked against. */
export interface KnownService {
  id: string
  key: string
  timeZone: string
  journeys: Journey[]
  /** Where its pages stand: a client key is good there only. */
  origins: string[]
}

type Checked = { ok: true; event: MeasuredEvent } | { ok: false; code: EventRefusal; field: string | null }

const fields = new Set(
  'id time service name journey step outcome transaction unit channel arm flags device properties'.split(' '),
)
const aheadMs = 5 * 60_000
const text = /^[^\p{Cc}\p{Cs}]+$/u
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/
const customName = /^custom\.[a-z0-9][a-z0-9._-]{0,79}$/
const fieldName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/
const arms = ['current', 'new']
const channelNames: readonly string[] = channels
const teamRungs = new Set(['preview', 'staff'])

class Problem extends Error {
  readonly code: EventRefusal
  readonly field: string | null
  constructor(code: EventRefusal, field: string | null = null) {
    super(code)
    this.code = code
    this.field = field
  }
}

/** Checks one event on its own. By hand and not by schema, since a thousand of them stand in one request. */
export function checkEvent(raw: unknown, find: (key: string) => KnownService | null, now: Date): Checked {
  try {
    return { ok: true, event: readEvent(raw, find, now.getTime()) }
  } catch (problem) {
    if (problem instanceof Problem) return { ok: false, code: problem.code, field: problem.field }
    throw problem
  }
}

function readEvent(raw: unknown, find: (key: string) => KnownService | null, now: number): MeasuredEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) throw new Problem('not-an-object')
  const given = raw as Record<string, unknown>
  for (const field in given) if (!fields.has(field)) throw new Problem('unknown-field')
  const id = words(given, 'id', 100) ?? missing('id')
  const at = readTime(given.time, now)
  const service = find(words(given, 'service', 100) ?? missing('service')) ?? refuse('unknown-service')
  const name = readName(given.name)
  const journey = readJourney(given, name, service)
  const step = words(given, 'step', 100)
  const outcome = readOutcome(given, name, step, journey)
  const transaction = words(given, 'transaction', 100)
  if (transaction === null && (name === 'start' || name === 'end')) throw new Problem('transaction-missing')
  const properties = scalars(given, 'properties')
  const arm = (oneOf(given, 'arm', arms) ?? 'unknown') as MeasuredArm
  return {
    serviceId: service.id,
    id,
    key: keyOf(service.id, id),
    at,
    name,
    journey: journey?.id ?? null,
    step,
    outcome,
    transaction,
    application: transaction === null || journey === null ? null : applicationKey(service.id, journey.id, transaction),
    // As long as a targeting key may be (ADM-4).
    unit: words(given, 'unit', 256),
    channel: oneOf(given, 'channel', channelNames),
    arm,
    device: words(given, 'device', 60),
    flags: scalars(given, 'flags'),
    properties,
    assigned: arms.includes(String(properties?.assigned)) ? (properties?.assigned as MeasuredArm) : arm,
    audience: teamRungs.has(String(properties?.rung)) ? 'team' : 'public',
    openMs: journey?.savable === true ? journey.openDays * dayMs : null,
  }
}

/** The exposure's own facts; unknown words become `default`, since a newer gateway may know more rungs than this program. */
export function exposureOf(event: MeasuredEvent): Exposure {
  const rung = rungs.find((known) => known === event.properties?.rung) ?? 'default'
  const version = Number(event.properties?.rolloutVersion ?? 0)
  return {
    rung,
    rolloutVersion: Number.isSafeInteger(version) && version >= 0 ? version : 0,
    slice: String(event.properties?.group ?? '').slice(0, 60),
  }
}

function keyOf(serviceId: string, id: string): string {
  const digest = hash('sha256', `${serviceId} ${id}`, 'hex')
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`
}

function readTime(raw: unknown, now: number): number {
  if (typeof raw !== 'string' || raw.length > 40 || !instant.test(raw)) throw new Problem('invalid-field', 'time')
  const at = Date.parse(raw)
  if (Number.isNaN(at)) throw new Problem('invalid-field', 'time')
  if (at > now + aheadMs) throw new Problem('time-in-future', 'time')
  if (at < now - retentionDays * dayMs) throw new Problem('time-too-old', 'time')
  return at
}

function readName(raw: unknown): string {
  if (typeof raw !== 'string') throw new Problem('invalid-field', 'name')
  if (!(eventNames as readonly string[]).includes(raw) && !customName.test(raw))
    throw new Problem('unknown-name', 'name')
  return raw
}

/** A service with one journey need not name it. What is not of a journey (an exposure, a custom event) may leave it out. */
function readJourney(given: Record<string, unknown>, name: string, service: KnownService): Journey | null {
  const named = words(given, 'journey', 100)
  if (named !== null) return service.journeys.find(({ id }) => id === named) ?? refuse('unknown-journey', 'journey')
  const ofJourney = name === 'start' || name === 'step' || name === 'end' || name === 'error'
  if (ofJourney && service.journeys.length === 1) return service.journeys[0] ?? null
  return ofJourney && name !== 'error' ? refuse('unknown-journey', 'journey') : null
}

function readOutcome(
  given: Record<string, unknown>,
  name: string,
  step: string | null,
  journey: Journey | null,
): Outcome | null {
  const said = oneOf(given, 'outcome', outcomes) as Outcome | null
  if (name === 'step' && (step === null || !journey?.steps.some(({ id }) => id === step)))
    throw new Problem('unknown-step', 'step')
  if (name !== 'end') {
    const known =
      step === null || journey === null || [...journey.steps, ...journey.endings].some(({ id }) => id === step)
    return known ? null : refuse('unknown-step', 'step')
  }
  if (step === null) return said ?? refuse('outcome-missing', 'outcome')
  const ending = journey?.endings.find(({ id }) => id === step) ?? refuse('unknown-step', 'step')
  if (said !== null && said !== ending.outcome) throw new Problem('outcome-differs', 'outcome')
  return ending.outcome
}

function words(given: Record<string, unknown>, field: string, most: number): string | null {
  const value = given[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || value.length > most || !text.test(value)) throw new Problem('invalid-field', field)
  return value
}

function oneOf(given: Record<string, unknown>, field: string, allowed: readonly string[]): string | null {
  const value = given[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'string' || !allowed.includes(value)) throw new Problem('invalid-field', field)
  return value
}

/** Flat facts: at most 30 of them, no text over 500 letters. */
function scalars(given: Record<string, unknown>, field: string): Record<string, Scalar> | null {
  const value = given[field]
  if (value === undefined || value === null) return null
  if (typeof value !== 'object' || Array.isArray(value)) throw new Problem('invalid-field', field)
  let count = 0
  for (const [name, entry] of Object.entries(value)) {
    if (++count > 30 || !fieldName.test(name) || !isScalar(entry)) throw new Problem('invalid-field', field)
  }
  return count === 0 ? null : (value as Record<string, Scalar>)
}

function isScalar(value: unknown): value is Scalar {
  if (typeof value === 'string') return value.length <= 500 && (value === '' || text.test(value))
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

function refuse(code: EventRefusal, field: string | null = null): never {
  throw new Problem(code, field)
}

function missing(field: string): never {
  return refuse('invalid-field', field)
}
