import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, startApp } from '../test/support/app.ts'
import type { TestApp } from '../test/support/app.ts'
import { gate, team } from './gate-story.ts'
import { exampleKey, writeHistory } from './history.ts'
import { applications } from './story.ts'

const service = `/api/v1/services/${exampleKey}`
let app: TestApp

before(async () => {
  app = await startApp()
  const upstreams = { currentUrl: 'http://127.0.0.1:1', newUrl: 'http://127.0.0.1:2' }
  await writeHistory({ url: app.url, adminKey, now: app.clock.now(), ...upstreams })
})
after(() => app.close())

const read = async (path: string) => {
  const answer = await app.asAdmin.api('GET', path)
  assert.equal(answer.status, 200, answer.text)
  return answer.json
}

test('the example is marked as one, and is in a private beta that began 47 days ago', async () => {
  const { example, phase, phases } = await read(service)
  assert.deepEqual([example, phase], [true, 'private-beta'])
  const began = new Date(phases.find(({ to }: { to: string }) => to === 'private-beta').at)
  assert.equal(Math.round((app.clock.now().getTime() - began.getTime()) / 86_400_000), 47)
})

test('its team has one person in each of ten roles', async () => {
  const { members } = await read(`${service}/team`)
  assert.deepEqual(
    members.map(({ role }: { role: string }) => role).toSorted(),
    Object.values(team)
      .map(({ role }) => role)
      .toSorted(),
  )
})

test('what the API says of both versions is what the story told it', async () => {
  const from = new Date(app.clock.now().getTime() - 60 * 86_400_000).toISOString()
  const { counts } = await read(`${service}/measures?from=${from}&to=${app.clock.now().toISOString()}`)
  const all = applications(app.clock.now())
  for (const arm of ['current', 'new'] as const) {
    const told = all.filter((application) => application.arm === arm)
    const ended = (outcome: string) => told.filter(({ end }) => end?.outcome === outcome).length
    const { starts, completed, refused } = counts[arm]
    assert.deepEqual([starts, completed, refused], [told.length, ended('completed'), ended('refused')], arm)
  }
})

test('most comments ended in a decision, and the latest ones wait', async () => {
  const { feedback } = await read(`${service}/feedback?comments=true&perPage=200`)
  const waiting = feedback.filter(({ state }: { state: string }) => state === 'new')
  assert.ok(feedback.length >= 40)
  assert.ok(waiting.length > 0 && waiting.length < 10, `${waiting.length}`)
})

test('the gate lacks little: one verdict that speaks against the data, one that nobody gave, one sign-off', async () => {
  const { missing, criteria } = await read(`${service}/gates/${gate}`)
  assert.deepEqual(
    missing.map((item: { kind: string; criterion?: string; role?: string }) => item.criterion ?? item.role),
    ['works-well', 'community', 'service-manager'],
  )
  const against = criteria.filter(({ againstData }: { againstData: boolean }) => againstData)
  assert.deepEqual(
    against.map(({ id, disagrees }: { id: string; disagrees: string }) => [id, disagrees]),
    [['works-well', 'not-met-against-data']],
  )
})

test('every act is in the history with its own day and person', async () => {
  const answer = await app.asAdmin.api('GET', `${service}/history`)
  assert.match(answer.text, /F\. Example/)
})

test('what needs the team today can be opened from the first page of the service', async () => {
  const manager = await app.signIn('service-manager', exampleKey)
  const { text } = await manager.get(`/services/${exampleKey}`)
  const [, needs = ''] = /<h2[^>]*>Needs you today<\/h2>([\s\S]*?)<\/section>/.exec(text) ?? []
  const links = [...needs.matchAll(/href="([^"#]+)/g)].map(([, href]) => href ?? '')
  assert.ok(
    links.some((href) => href.endsWith('/criteria/works-well')),
    links.join(', '),
  )
  for (const href of links) assert.equal((await manager.get(href)).status, 200, href)
})
