import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scrub } from './src/scrub.ts'

const personal: [text: string, found: string][] = [
  ['write to a.example@example.org please', 'an email address'],
  ['my number is QQ 12 34 56 C', ''],
  ['my number is AB 12 34 56 C', 'a National Insurance number'],
  ['my number is ab123456c.', 'a National Insurance number'],
  ['I paid with 4111 1111 1111 1111', 'a card number'],
  ['I paid with 4111-1111-1111-1111 twice', 'a card number'],
]

test('FEED-4 finds what looks like personal data in a comment', () => {
  for (const [text, found] of personal) assert.deepEqual(scrub(text).found, found === '' ? [] : [found], text)
})

test('FEED-4 shows the comment without what it found', () => {
  const { text, found } = scrub('a.example@example.org paid with 4111111111111111, b@example.org did not')
  assert.equal(text, '[removed] paid with [removed], [removed] did not')
  assert.deepEqual(found, ['an email address', 'a card number'])
})

test('FEED-4 leaves ordinary comments alone', () => {
  const ordinary = [
    'It took 45 minutes and I gave up at step 3',
    'Reference 1234 5678 9012 3456 was shown twice',
    'See page 12 @ the top, cost £120.50',
    'Call 01234 567890 does not answer',
  ]
  for (const comment of ordinary) assert.deepEqual(scrub(comment), { found: [], text: comment })
})
