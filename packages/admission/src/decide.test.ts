import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aService, aSnapshot, anyService, people } from './builders.ts'
import {
  bucket,
  ceilings,
  compile,
  decide,
  lowestCeiling,
  newUnit,
  reaches,
  type Decision,
  type ServiceSnapshot,
  unitSet,
} from './index.ts'
import { murmur3 } from './bucket.ts'

const now = new Date('2026-01-15T09:00:00Z')
const unit = 'AAAAAAAAAAAAAAAAAAAAAA'

function decideFor(service: ServiceSnapshot, targetingKey: string | undefined = unit): Decision {
  return decide(compile(aSnapshot(service)), service.key, { targetingKey }, now)
}

function answer(decision: Decision): string {
  return decision.kind === 'decided' ? `${decision.variant} ${decision.rung} ${decision.reason}` : decision.errorCode
}

test('ADM-1 a halt sends even an invited person to the current service', () => {
  const halt = { id: 'h1', at: '2026-01-15T08:00:00Z' }
  assert.equal(answer(decideFor(aService({ halt, units: { invited: [unit] } }))), 'current halt DISABLED')
})

test('ADM-1 removal beats an invitation, and the own choice beats it too', () => {
  assert.equal(
    answer(decideFor(aService({ units: { invited: [unit], removed: [unit] } }))),
    'current removed TARGETING_MATCH',
  )
  assert.equal(
    answer(decideFor(aService({ units: { invited: [unit], choseCurrent: [unit] } }))),
    'current choice TARGETING_MATCH',
  )
})

test('ADM-1 in private beta an invited person gets the new service and nobody else does', () => {
  const service = aService({ units: { invited: [unit] } })
  assert.equal(answer(decideFor(service)), 'new invited TARGETING_MATCH')
  assert.equal(answer(decideFor(service, newUnit())), 'current default STATIC')
})

test('ADM-1 the first rung that counts decides, from preview down to the share', () => {
  const open = { ceiling: 'open', share: 100_000 } as const
  const everywhere = { preview: [unit], staff: [unit], invited: [unit], joined: [unit] }
  assert.equal(answer(decideFor(aService({ ...open, units: everywhere }))), 'new preview TARGETING_MATCH')
  assert.equal(answer(decideFor(aService({ ...open, units: { staff: [unit] } }))), 'new staff TARGETING_MATCH')
  assert.equal(answer(decideFor(aService({ ...open, units: { joined: [unit] } }))), 'new join TARGETING_MATCH')
  assert.equal(answer(decideFor(aService(open))), 'new share SPLIT')
})

test('ADM-2 each rung counts from its lowest ceiling upwards and not below', () => {
  const cases = { preview: 'preview', staff: 'staff', invited: 'invited', join: 'joined', share: 'carried' } as const
  for (const [rung, set] of Object.entries(cases)) {
    for (const ceiling of ceilings) {
      const decision = decideFor(aService({ ceiling, units: { [set]: [unit] } }))
      const counts = reaches(ceiling, lowestCeiling[rung as keyof typeof lowestCeiling])
      assert.equal(decision.kind === 'decided' && decision.variant, counts ? 'new' : 'current', `${rung} at ${ceiling}`)
      if (!counts) assert.match(answer(decision), /ceiling DISABLED/)
    }
  }
})

test('ADM-2 under everyone all get the new service but those who chose or were removed', () => {
  const live = aService({ ceiling: 'everyone', units: { choseCurrent: [unit] } })
  assert.equal(answer(decideFor(live)), 'current choice TARGETING_MATCH')
  assert.equal(answer(decideFor(live, newUnit())), 'new default STATIC')
})

test('ADM-3 keeps a person in when the share shrinks', () => {
  const kept = aService({ ceiling: 'open', share: 0, units: { carried: [unit] } })
  assert.equal(answer(decideFor(kept)), 'new share SPLIT')
})

test('ADM-4 needs a targeting key only where the answer depends on the person', () => {
  const halt = { id: 'h1', at: '2026-01-15T08:00:00Z' }
  const ask = (service: ServiceSnapshot) => answer(decide(compile(aSnapshot(service)), 'parking', {}, now))
  assert.equal(ask(aService()), 'TARGETING_KEY_MISSING')
  assert.equal(ask(aService({ halt })), 'current halt DISABLED')
  assert.equal(ask(aService({ ceiling: 'closed' })), 'current ceiling DISABLED')
  assert.equal(ask(aService({ ceiling: 'everyone' })), 'new default STATIC')
})

test('ADM-4 a declared attribute lets nobody in', () => {
  const snapshot = compile(aSnapshot(aService({ units: { staff: ['staff'], invited: ['yes'] } })))
  const context = { targetingKey: unit, staff: true, invited: 'yes', email: 'a@example.org', rung: 'invited' }
  assert.equal(answer(decide(snapshot, 'parking', context, now)), 'current default STATIC')
})

test('ADM-9 a share lets in about its part of all people', () => {
  const service = compile(aSnapshot(aService({ ceiling: 'open', share: 10_000 })))
  let inside = 0
  for (let at = 0; at < 20_000; at++) {
    const decision = decide(service, 'parking', { targetingKey: `person-${at}` }, now)
    if (decision.kind === 'decided' && decision.value) inside++
  }
  // 10 % of 20,000 is 2,000 with a standard deviation of 42; the units are fixed, so this cannot fail by chance
  assert.ok(Math.abs(inside - 2000) < 170, `${inside} of 20,000`)
})

test('ADM-9 the bucket is the published MurmurHash3, and another salt draws everybody again', () => {
  const hash = (text: string): number => murmur3(Buffer.from(text))
  assert.equal(hash(''), 0)
  assert.equal(hash('test'), 0xba6bd213)
  assert.equal(hash('Hello, world!'), 0xc0363e43)
  assert.equal(hash('The quick brown fox jumps over the lazy dog'), 0x2e4ff723)
  assert.notEqual(bucket('salt-1', unit), bucket('salt-2', unit))
})

test('ADM-9 a bucket is that of salt and unit, whichever were asked about before', () => {
  const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 300 }))
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), fc.array(text, { minLength: 1 }), (salts, people) => {
      for (const person of people) {
        for (const salt of salts) {
          const hash = murmur3(Buffer.from(`${salt}.${person}`))
          assert.equal(bucket(salt, person), Math.floor((hash * 100_000) / 2 ** 32))
        }
      }
    }),
  )
})

test('ADM-9 a growing share only adds people', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(100_000), fc.nat(100_000), (salt, person, one, other) => {
      const [small, large] = one < other ? [one, other] : [other, one]
      const inside = (share: number): boolean => {
        const decision = decideFor(aService({ ceiling: 'open', salt: `s${salt}`, share }), `u${person}`)
        return decision.kind === 'decided' && decision.value === true
      }
      return !inside(small) || inside(large)
    }),
  )
})

test('ADM-10 under a cap the share lets in only whom the ledger has', () => {
  const capped = { ceiling: 'open', share: 100_000, cap: { limit: 10, full: false } } as const
  assert.equal(answer(decideFor(aService(capped))), 'current default STATIC')
  assert.equal(answer(decideFor(aService({ ...capped, units: { carried: [unit] } }))), 'new share SPLIT')
})

test('ADM-2 nobody gets in above the ceiling, whatever the snapshot says', () => {
  fc.assert(
    fc.property(anyService, fc.constantFrom(...people), (service, person) => {
      const decision = decideFor(service, person)
      assert.equal(decision.kind, 'decided')
      if (decision.kind !== 'decided' || decision.variant === 'current') return
      assert.equal(service.halt, null)
      assert.ok(!service.units.removed.includes(person) && !service.units.choseCurrent.includes(person))
      if (service.ceiling === 'everyone') return
      const sets = { preview: 'preview', staff: 'staff', invited: 'invited', join: 'joined' } as const
      const named = Object.entries(sets).some(
        ([rung, set]) =>
          unitSet(service.units[set]).has(person) && reaches(service.ceiling, lowestCeiling[rung as keyof typeof sets]),
      )
      assert.ok(named || service.ceiling === 'open')
    }),
    { numRuns: 1000 },
  )
})

test('ADM-14 rubbish gets an error code and never an exception', () => {
  const snapshot = compile(aSnapshot(aService()))
  const trap = new Proxy({}, { get: () => assert.fail('trapped') })
  const ask = decide as (...given: unknown[]) => Decision
  assert.equal(answer(ask(snapshot, 'parking', trap, now)), 'GENERAL')
  assert.equal(answer(ask(snapshot, 'parking', null, now)), 'INVALID_CONTEXT')
  assert.equal(answer(ask(snapshot, 'parking', { targetingKey: 7 }, now)), 'INVALID_CONTEXT')
  assert.equal(answer(ask(snapshot, 'parking', { targetingKey: 'x'.repeat(257) }, now)), 'INVALID_CONTEXT')
  assert.equal(answer(ask(snapshot, 'other', { targetingKey: unit }, now)), 'FLAG_NOT_FOUND')
  assert.equal(answer(ask(snapshot, '__proto__', { targetingKey: unit }, now)), 'FLAG_NOT_FOUND')
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (key, context, when) => {
      const decision = ask(snapshot, key, context, when)
      assert.ok(decision.kind === 'decided' || decision.kind === 'failed')
    }),
  )
})
