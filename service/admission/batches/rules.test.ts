import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isInWindow, reasonToPause, roomNow, sayWindow } from './rules.ts'

const always = { beginsAt: null, fromHour: 0, toHour: 24, weekdays: [1, 2, 3, 4, 5, 6, 7], perHour: null }

test('ADM-46 hours and days of the week are those of the service, also when its clocks change', () => {
  const office = { ...always, fromHour: 9, toHour: 17, weekdays: [1, 2, 3, 4, 5] }
  const london = (at: string) => isInWindow(office, new Date(at), 'Europe/London')
  assert.equal(london('2026-07-01T08:00:00Z'), true, 'nine in summer')
  assert.equal(london('2026-12-01T08:59:59Z'), false, 'not yet nine in winter')
  assert.equal(london('2026-12-01T16:59:59Z'), true)
  assert.equal(london('2026-12-01T17:00:00Z'), false)
  assert.equal(london('2026-12-05T12:00:00Z'), false, 'a Saturday')
  assert.equal(isInWindow(office, new Date('2026-12-04T23:00:00Z'), 'Pacific/Auckland'), false, 'Saturday there')
})

test('ADM-46 a window may go over midnight, and nothing leaves before the day it begins', () => {
  const night = { ...always, fromHour: 22, toHour: 6 }
  assert.equal(isInWindow(night, new Date('2026-12-01T23:00:00Z'), 'UTC'), true)
  assert.equal(isInWindow(night, new Date('2026-12-01T05:59:00Z'), 'UTC'), true)
  assert.equal(isInWindow(night, new Date('2026-12-01T12:00:00Z'), 'UTC'), false)
  const later = { ...always, beginsAt: new Date('2026-12-02T00:00:00Z') }
  assert.equal(isInWindow(later, new Date('2026-12-01T23:59:59Z'), 'UTC'), false)
})

test('ADM-46 never more than so many an hour, and about a twelfth of it in five minutes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(6_000), fc.nat(600), (perHour, hour, slice) => {
      const room = roomNow(perHour, { hour, slice })
      assert.ok(room >= 0)
      assert.ok(room === 0 || hour + room <= perHour)
      assert.ok(room === 0 || slice + room <= Math.ceil(perHour / 12))
    }),
  )
  assert.equal(roomNow(null, { hour: 1e6, slice: 1e6 }), Infinity)
})

test('ADM-47 sending pauses for a halt and for answers that wait beyond the limit, and says which', () => {
  const fine = { isHalted: false, allowsInvited: true, unanswered: 50, unansweredLimit: 50 }
  assert.equal(reasonToPause(fine), null)
  assert.equal(reasonToPause({ ...fine, isHalted: true }), 'The beta was halted')
  assert.match(reasonToPause({ ...fine, unanswered: 51 }) ?? '', /51 answers of people wait.*limit of 50/)
  assert.equal(reasonToPause({ ...fine, unanswered: 1e6, unansweredLimit: null }), null)
})

test('ADM-46 a window is said in words', () => {
  assert.equal(sayWindow(always), 'Every day, at any hour, as quickly as possible')
  const office = { ...always, fromHour: 9, toHour: 17, weekdays: [1, 2, 3, 4, 5], perHour: 50 }
  assert.equal(sayWindow(office), 'Monday to Friday, 9:00 to 17:00, at most 50 an hour')
  assert.equal(sayWindow({ ...always, weekdays: [2, 4] }), 'Tuesday, Thursday, at any hour, as quickly as possible')
})
