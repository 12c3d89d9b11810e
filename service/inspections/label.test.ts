import assert from 'node:assert/strict'
import { test } from 'node:test'
import { labelsAt } from './label.ts'

const journey = {
  id: 'apply',
  name: 'Apply',
  savable: false,
  openDays: 30,
  start: { patterns: ['/start'] },
  steps: [{ id: 'vehicle', name: 'Vehicle', patterns: ['/vehicle/*'] }],
  endings: [
    { id: 'done', name: 'Done', outcome: 'completed' as const, patterns: ['/done'] },
    { id: 'sent', name: 'Sent', outcome: 'completed' as const, patterns: ['POST /send'] },
  ],
}
const at = (day: number) => new Date(`2026-03-0${day}T10:00:00Z`)
const probe = (page: string, outcome: 'seen' | 'missing' | 'not-reached') => ({
  page,
  outcome,
  probedAt: at(5),
  expected: 'Beta',
  detail: '',
})
const served = (kind: 'start' | 'step' | 'end', page: string, bannerAt: Date | null) => ({
  journey: 'apply',
  kind,
  page,
  lastAt: at(5),
  bannerAt,
})

test('INS-2 the probe says of the pages that it reached, real visits of the others, and nobody of the rest', () => {
  const labels = labelsAt(
    [journey],
    [probe('/start', 'seen'), probe('/done', 'not-reached')],
    [served('step', 'vehicle', at(5)), served('end', 'done', at(2)), served('end', 'sent', null)],
  )
  assert.deepEqual(
    labels.map(({ name, verdict, by }) => `${name}: ${verdict} ${by}`),
    ['Start: seen probe', 'Vehicle: seen visit', 'Done: missing visit', 'Sent: not-reached null'],
  )
})

test('INS-2 a page without the label is missing it, whatever visits say', () => {
  const [start] = labelsAt([journey], [probe('/start', 'missing')], [served('start', '', at(5))])
  assert.deepEqual([start?.verdict, start?.by], ['missing', 'probe'])
})
