import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, startApp } from '../../test/support/app.ts'
import type { Client, TestApp } from '../../test/support/app.ts'
import { featureKey, startDesk } from './site.ts'
import { accounts, deskKey, writeFeatureStory } from './story.ts'

const feature = `/api/v1/services/${deskKey}/features/${featureKey}`
let app: TestApp
let manager: Client

before(async () => {
  app = await startApp()
  await writeFeatureStory({ url: app.url, adminKey, now: app.clock.now(), appUrl: 'http://127.0.0.1:9' })
  manager = await app.signIn('growth', deskKey)
})
after(() => app.close())

const read = async (path: string) => {
  const answer = await app.asAdmin.api('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return answer.json
}

test('the example has one feature, three customer accounts, and one open question', async () => {
  const { features } = await read(`/api/v1/services/${deskKey}/features`)
  assert.deepEqual(
    features.map(({ key, stage, isOn }: Record<string, unknown>) => [key, stage, isOn]),
    [[featureKey, 'beta-release', true]],
  )
  const beta = await read(`${feature}/beta`)
  const opened = beta.accounts.map(({ name }: { name: string }) => name)
  assert.deepEqual([beta.pool, opened.toSorted()], ['customers', accounts.map(({ name }) => name).toSorted()])
  const { customers } = await read(`/api/v1/services/${deskKey}/customers`)
  assert.deepEqual(
    customers.map(({ name, people, taken }: Record<string, unknown>) => ({ name, people, accepted: taken })),
    accounts
      .map(({ name, people, accepted }) => ({ name, people, accepted }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  )
  const { feedback } = await read(`/api/v1/services/${deskKey}/feedback`)
  const open = feedback.filter(({ state }: { state: string }) => state === 'new')
  assert.deepEqual(
    open.map(({ comment }: { comment: string }) => comment),
    ['What happens to a message that two customers sent together?'],
  )
})

test('it went from stage to stage by the decisions at its gates, and stands before the one to everybody', async () => {
  const { moves } = await read(feature)
  assert.deepEqual(
    moves.map(({ to, waiver }: Record<string, unknown>) => [to, waiver]),
    [
      ['development', null],
      ['internal-release', null],
      ['beta-release', null],
    ],
  )
  const { counts, missing } = await read(`${feature}/gates/beta-release-to-public-release`)
  assert.equal(counts.met, 1)
  assert.deepEqual(
    missing.map(({ words }: { words: string }) => words.replace(/^Criterion \d, /, '')),
    [
      'it solves the problem for those it was meant for: no verdict yet',
      'the experience is better, in the best way available: not started',
      'Sign-off of the developer',
      'Sign-off of the growth',
    ],
  )
})

test('whoever of an account accepted sees the feature in the application, and others see what they had', async () => {
  await app.phasegate.admission.snapshots.refresh(null)
  const desk = await startDesk({ url: app.url, port: 0, host: '127.0.0.1', patienceMs: 60_000 })
  try {
    const { admissions } = await read(`/api/v1/services/${deskKey}/ledger`)
    const seen = async (unit: string) => (await fetch(desk.url, { headers: { 'x-pg-unit': unit } })).text()
    assert.match(await seen(admissions[0].unit), /Inbox, by customer/)
    assert.match(await seen('0'.repeat(22)), /<h1>Inbox<\/h1>/)
  } finally {
    await desk.close()
  }
})

test('its pages speak of a product, and of nothing that belongs to public services', async () => {
  for (const page of ['', '/gate', '/stages', '/gates/beta-release-to-public-release']) {
    const { status, text } = await manager.get(`/services/${deskKey}/features/${featureKey}${page}`)
    assert.equal(status, 200)
    assert.doesNotMatch(text, /public service|government|citizen|council|GOV\.UK|service standard|assessment|permit/i)
  }
})
