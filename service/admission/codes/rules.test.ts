import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isOfDomain, newCode, readCode, sayCode, stateOf } from './rules.ts'

test('ADM-49 a code is read however it is written down, and holds nothing that looks like something else', () => {
  for (let n = 0; n < 200; n++) {
    const code = newCode()
    assert.match(code, /^[2-9BCDFGHJKMNPQRTVWXZ]{12}$/)
    assert.equal(readCode(sayCode(code).toLowerCase()), code)
    assert.equal(readCode(` ${sayCode(code).replaceAll(' ', '-')} `), code)
  }
})

test('ADM-49 what can be no code is none, and nothing makes the reading fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const read = readCode(text)
      assert.ok(read === null || read.length === 12)
    }),
  )
})

test('ADM-49 a domain is the whole of what stands after the @', () => {
  assert.equal(isOfDomain('a@Example.org', 'example.org'), true)
  for (const other of ['a@sub.example.org', 'a@notexample.org', 'a@example.org.evil.test', 'example.org'])
    assert.equal(isOfDomain(other, 'example.org'), false, other)
})

test('ADM-49 a code that is revoked, used up or over says which', () => {
  const at = new Date('2026-11-20T12:00:00Z')
  const open = { used: 0, mostUses: 2, expiresAt: new Date(at.getTime() + 1), revokedAt: null }
  assert.equal(stateOf(open, at), 'open')
  assert.equal(stateOf({ ...open, used: 2 }, at), 'used-up')
  assert.equal(stateOf({ ...open, expiresAt: at }, at), 'expired')
  assert.equal(stateOf({ ...open, revokedAt: at }, at), 'revoked')
})
