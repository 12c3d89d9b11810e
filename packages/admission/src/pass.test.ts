import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { createPassCache, newPassExpiry, newUnit, passDays, signPass, verifyPass, type PassVerifier } from './index.ts'

const now = new Date('2026-01-15T09:00:00Z')
const unit = 'AAECAwQFBgcICQoLDA0ODw'
const keys = [
  { kid: 'k2', secret: 'the newer secret' },
  { kid: 'k1', secret: 'the older secret' },
]
const pass = {
  kid: 'k2',
  service: 'parking',
  arm: 'new',
  rung: 'invited',
  unit,
  expiresAt: newPassExpiry(now),
} as const
const cookie = signPass(pass, 'the newer secret')

const verifiers: [string, () => PassVerifier][] = [
  ['verifyPass', () => verifyPass],
  ['the cache', () => createPassCache(100)],
]

test('ADM-5 a pass is the five fields and an HMAC-SHA256 over the service and them', () => {
  const exp = now.getTime() / 1000 + passDays * 86_400
  const fields = `k2.new.invited.${unit}.${exp}`
  const mac = createHmac('sha256', 'the newer secret').update(`parking.${fields}`).digest('base64url')
  assert.equal(cookie, `${fields}.${mac}`)
})

for (const [name, make] of verifiers) {
  test(`ADM-5 ${name} accepts a genuine pass under either key until it expires`, () => {
    const verify = make()
    const older = signPass({ ...pass, kid: 'k1' }, 'the older secret')
    for (const each of [cookie, older, cookie]) {
      assert.equal(verify(each, 'parking', keys, now)?.unit, unit)
    }
    const lastSecond = new Date(pass.expiresAt.getTime() - 1)
    assert.equal(verify(cookie, 'parking', keys, lastSecond)?.rung, 'invited')
    assert.equal(verify(cookie, 'parking', keys, pass.expiresAt), null)
  })

  test(`ADM-6 ${name} takes a forged, expired, foreign or cut pass for no pass`, () => {
    const verify = make()
    verify(cookie, 'parking', keys, now)
    const [kid, arm, rung, id, exp, mac] = cookie.split('.')
    const wrong = {
      empty: '',
      'no mac': `${kid}.${arm}.${rung}.${id}.${exp}.`,
      'cut short': cookie.slice(0, -1),
      'one more field': `${cookie}.x`,
      'another unit': [kid, arm, rung, newUnit(), exp, mac].join('.'),
      'another arm': [kid, 'current', rung, id, exp, mac].join('.'),
      'another rung': [kid, arm, 'staff', id, exp, mac].join('.'),
      'a later expiry': [kid, arm, rung, id, Number(exp) + 1, mac].join('.'),
      'unknown key': ['k9', arm, rung, id, exp, mac].join('.'),
      'wrong key': signPass(pass, 'somebody else’s secret'),
      'other service': signPass({ ...pass, service: 'permits' }, 'the newer secret'),
      expired: signPass({ ...pass, expiresAt: new Date(now.getTime() - 1000) }, 'the newer secret'),
    }
    for (const [what, text] of Object.entries(wrong)) assert.equal(verify(text, 'parking', keys, now), null, what)
    assert.equal(verify(cookie, 'permits', keys, now), null, 'used at another service')
    assert.equal(verify(cookie, 'parking', [{ kid: 'k2', secret: 'rotated' }], now), null, 'key replaced')
    assert.equal(verify(cookie, 'parking', [], now), null, 'no key')
  })

  test(`ADM-6 ${name} takes no text for a pass and never throws`, () => {
    const verify = make()
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => verify(text, 'parking', keys, now) === null))
    fc.assert(
      fc.property(fc.nat(cookie.length - 1), fc.constantFrom('A', 'b', '0', '.', '-'), (at, letter) => {
        const changed = cookie.slice(0, at) + letter + cookie.slice(at + 1)
        return changed === cookie || verify(changed, 'parking', keys, now) === null
      }),
    )
  })
}

test('ADM-5 a pass that could not be read back is not signed', () => {
  assert.throws(() => signPass({ ...pass, unit: 'short' }, 'secret'), RangeError)
  assert.throws(() => signPass({ ...pass, kid: 'a.b' }, 'secret'), RangeError)
})

test('ADM-5 the cache forgets the oldest and still verifies them', () => {
  const verify = createPassCache(4)
  const many = Array.from({ length: 20 }, () => signPass({ ...pass, unit: newUnit() }, 'the newer secret'))
  for (const each of [...many, ...many]) assert.ok(verify(each, 'parking', keys, now))
})
