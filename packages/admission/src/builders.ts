import fc from 'fast-check'
import { ceilings, type Ceiling, type ServiceSnapshot, type Snapshot } from './snapshot.ts'

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
