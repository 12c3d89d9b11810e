import fc from 'fast-check'
import type { Condition } from './condition.ts'
import { ceilings, type Ceiling, type FeatureSnapshot, type ServiceSnapshot, type Snapshot } from './snapshot.ts'

type Facts = Partial<Omit<ServiceSnapshot, 'units'>> & { units?: Partial<ServiceSnapshot['units']> }

/** For tests: a service in private beta that lets nobody in yet, with what matters to the test changed. */
export function aService({ units, ...facts }: Facts = {}): ServiceSnapshot {
  return {
    id: '6f1c1d6e-9d0b-4a43-8f5c-0a3f0b8f7f01',
    key: 'parking',
    name: 'Apply for a resident parking permit',
    phase: 'private-beta',
    ceiling: 'invited',
    halt: null,
    salt: 'salt-1',
    share: 0,
    rolloutVersion: 1,
    joinOpen: false,
    cap: { limit: null, full: false },
    ...facts,
    units: {
      removed: [],
      choseCurrent: [],
      joined: [],
      preview: [],
      staff: [],
      invited: [],
      carried: [],
      ...units,
    },
  }
}

type FeatureFacts = Partial<Omit<FeatureSnapshot, 'units'>> & { units?: Partial<FeatureSnapshot['units']> }

/** For tests: a release flag of the service of `aService` that is off for everybody, with what matters changed. */
export function aFeature({ units, ...facts }: FeatureFacts = {}): FeatureSnapshot {
  const { ceiling, halt, salt, share, rolloutVersion, joinOpen, cap, units: nobody } = aService()
  return {
    ...{ ceiling, halt, salt, share, rolloutVersion, joinOpen, cap },
    id: '0b6c0a51-4f7a-4d0e-8a52-3ad0c4b6a001',
    key: 'release.new-inbox',
    name: 'New inbox',
    service: 'parking',
    kind: 'release',
    appliesTo: 'both',
    forClients: true,
    variants: { on: true, off: false },
    on: 'on',
    off: 'off',
    requires: [],
    ...facts,
    units: { ...nobody, ...units },
  }
}

/** For tests: a snapshot of these services. */
export function aSnapshot(...services: ServiceSnapshot[]): Snapshot {
  return { schema: 1, version: 1, createdAt: '2026-01-01T00:00:00.000Z', services }
}

/** For tests: the units that `anyService` speaks of. */
export const people = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5']
const some = fc.subarray(people)
/** For tests: services in every state. */
export const anyService = fc
  .record({
    ceiling: fc.constantFrom<Ceiling>(...ceilings),
    halt: fc.constantFrom(null, { id: 'h', at: '2026-01-01T00:00:00Z' }),
    share: fc.constantFrom(0, 1, 50_000, 100_000),
    joinOpen: fc.boolean(),
    cap: fc.constantFrom({ limit: null, full: false }, { limit: 3, full: false }, { limit: 3, full: true }),
    units: fc.record({
      removed: some,
      choseCurrent: some,
      joined: some,
      preview: some,
      staff: some,
      invited: some,
      carried: some,
    }),
  })
  .map((facts) => aService(facts))

const attributes = fc.constantFrom('region', 'plan', 'seats', 'isTrial')
const values = fc.constantFrom('north', 'south', 'pro')

/** For tests: conditions of every kind, nested, over a few attributes. */
export const anyCondition: fc.Arbitrary<Condition> = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.record({
      kind: fc.constant('in' as const),
      attribute: attributes,
      values: fc.array(values, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('true' as const), attribute: attributes }),
    fc.record({
      kind: fc.constant('number' as const),
      attribute: attributes,
      test: fc.constantFrom('<', '>=', '=', '!='),
      value: fc.integer({ min: -3, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('text' as const),
      attribute: attributes,
      test: fc.constantFrom('contains', 'starts', 'ends'),
      value: values,
    }),
    fc.record({ kind: fc.constant('pattern' as const), attribute: attributes, pattern: fc.constant('^n') }),
    fc.record({ kind: fc.constant('not' as const), of: tie('condition') }),
    fc.record({
      kind: fc.constantFrom('all', 'any'),
      of: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }),
    }),
  ) as fc.Arbitrary<Condition>,
})).condition

/** For tests: what a caller says, with attributes that are missing, right or rubbish. */
export const anyAttributes = fc.dictionary(
  attributes,
  fc.oneof(values, fc.integer({ min: -3, max: 3 }), fc.boolean(), fc.anything()),
)
