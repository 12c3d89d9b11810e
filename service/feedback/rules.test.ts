import assert from 'node:assert/strict'
import { test } from 'node:test'
import { feedbackCsv } from './csv.ts'
import type { Feedback } from './feedback.ts'
import { clockAt, createRateLimit, originOf } from '../platform/index.ts'
import { isSpam, newReference, nextStates, pageWithoutNumbers, placeOf } from './rules.ts'

const quiet = { trap: '', comment: '', tookMs: null }

test('FEED-5 one weak sign puts nobody aside: pasting, speed and a link are also how people behave', () => {
  assert.equal(isSpam({ ...quiet, comment: 'See https://example.org/a, that page is wrong' }), false)
  assert.equal(isSpam({ ...quiet, comment: 'x'.repeat(400), tookMs: 900 }), false)
  assert.equal(isSpam({ ...quiet, comment: 'http://a http://b http://c' }), false)
})

test('FEED-5 the field to leave blank, or two signs together, puts an answer aside', () => {
  assert.equal(isSpam({ ...quiet, trap: 'buy' }), true)
  assert.equal(isSpam({ ...quiet, comment: '<a href="http://a">http://b http://c</a>' }), true)
})

test('FEED-6 numbers and addresses in the path of a page are left out', () => {
  assert.equal(pageWithoutNumbers('/apply/123456/check?name=a'), '/apply/*/check')
  assert.equal(pageWithoutNumbers('/permit/a.example@example.org'), '/permit/*')
  assert.equal(pageWithoutNumbers('/apply/step-2'), '/apply/step-2')
})

test('FEED-8 one network and one service have their limits, and the next minute begins anew', () => {
  let now = new Date('2026-03-02T10:00:50Z')
  const limit = createRateLimit({ now: () => now }, { origin: 2, service: 3 })
  assert.deepEqual(
    [1, 2, 3].map(() => limit.take('a', '10.0.0')),
    [0, 0, 10],
  )
  assert.deepEqual(
    [1, 2].map((last) => limit.take('a', `10.1.${last}`)),
    [0, 10],
  )
  assert.equal(limit.take('b', '10.0.1'), 0)
  now = new Date('2026-03-02T10:01:00Z')
  assert.equal(limit.take('a', '10.0.0'), 0)
  assert.equal(originOf('::ffff:192.0.2.7'), '192.0.2.0/24')
  assert.equal(originOf('2001:db8:1:2::3'), '2001:db8:1::/48')
})

test('FEED-7 every state has a way on, and spam can be taken back', () => {
  assert.deepEqual(nextStates('spam'), ['new', 'closed'])
  assert.ok(nextStates('new').includes('answered'))
})

test('FEED-2 references can be read aloud: no letter that looks like a digit', () => {
  for (let i = 0; i < 200; i++) assert.match(newReference(), /^[2-9B-DF-HJKMNP-TV-Z]{4}-[2-9B-DF-HJKMNP-TV-Z]{4}$/)
})

test('FEED-3 an ending belongs to its journey', () => {
  const journey = {
    id: 'apply',
    name: 'Apply',
    savable: false,
    openDays: 30,
    start: { patterns: ['/'] },
    steps: [],
    endings: [{ id: 'done', name: 'Done', outcome: 'completed' as const, patterns: ['/done'] }],
  }
  assert.deepEqual(placeOf([journey], { ending: 'done' }), { ok: true, journey: 'apply', ending: 'done' })
  assert.deepEqual(placeOf([journey], {}), { ok: true, journey: null, ending: null })
  assert.deepEqual(placeOf([journey], { journey: 'renew' }), { ok: false })
  assert.deepEqual(placeOf([journey], { journey: 'apply', ending: 'gone' }), { ok: false })
})

test('FEED-9 a comment cannot run as a formula in a spreadsheet', () => {
  const item = {
    reference: 'F7K2-9QXM',
    receivedAt: clockAt('2026-03-02T10:00:00Z').now(),
    state: 'new',
    rating: 5,
    decision: null,
    decidedAt: null,
    link: '@SUM(1)',
  }
  for (const comment of ['=1+1', '+1', '-1', '@x', '\t=1', '  =1', '\r=1', '"=1']) {
    const csv = feedbackCsv([{ ...item, comment } as Feedback])
    const cell = csv.split('\r\n').slice(1).join('\r\n')
    assert.ok(comment === '"=1' || cell.includes(`'${comment.replaceAll('"', '""')}`), JSON.stringify(csv))
    assert.ok(cell.includes("'@SUM(1)"))
  }
})
