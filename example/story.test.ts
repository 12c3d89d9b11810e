import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comments } from './comments.ts'
import { journey } from './journey.ts'
import { applications, days, eventsOf } from './story.ts'
import type { Application } from './story.ts'

const now = new Date('2026-11-20T15:00:00Z')
const all = applications(now)
const of = (arm: string) => all.filter((application) => application.arm === arm)
const completion = (some: Application[]) =>
  (100 * some.filter(({ end }) => end && end.outcome !== 'failed').length) / some.length

test('the story is the same every time', () => {
  assert.deepEqual(applications(now).slice(0, 50), all.slice(0, 50))
})

test('the story fills 47 days and ends before now', () => {
  const first = all[0]?.startedAt.getTime() ?? 0
  assert.ok(now.getTime() - first > (days - 1) * 86_400_000)
  assert.ok(all.every(({ feedback, end, startedAt }) => (feedback?.at ?? end?.at ?? startedAt) < now))
})

test('the new version completes about 84 in 100, the current one about 72, and the new one improves', () => {
  assert.ok(Math.abs(completion(of('current')) - 72) < 2, `${completion(of('current'))}`)
  assert.ok(Math.abs(completion(of('new')) - 84.5) < 2, `${completion(of('new'))}`)
  const half = of('new').length / 2
  assert.ok(completion(of('new').slice(half)) > completion(of('new').slice(0, half)))
})

test('weekends are quieter than Mondays', () => {
  const on = (weekday: number) => of('current').filter(({ startedAt }) => startedAt.getUTCDay() === weekday).length
  assert.ok(on(1) > 1.4 * on(0))
})

test('at least forty different comments are told, at every ending and in both versions', () => {
  const told = new Set(all.flatMap(({ feedback }) => feedback?.comment ?? []))
  assert.ok(told.size >= 40, `${told.size}`)
  assert.equal(new Set(comments.map(({ text }) => text)).size, comments.length)
  for (const arm of ['current', 'new']) {
    for (const ending of ['done', 'not-eligible', 'error']) {
      assert.ok(of(arm).some((application) => application.end?.ending === ending && application.feedback))
    }
  }
})

test('each event names a step or ending that the journey knows', () => {
  const known = new Set([...journey.steps, ...journey.endings].map(({ id }) => id))
  for (const application of all) {
    for (const event of eventsOf(application, 'resident-parking-permit', journey.id)) {
      const step = (event as { step?: string }).step
      assert.ok(step === undefined || known.has(step))
    }
  }
})
