import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { adminKey, startApp } from '../../test/support/app.ts'
import type { Client, TestApp } from '../../test/support/app.ts'
import { acceptedBy, asForwarded, invited } from '../../test/support/invited.ts'
import { lastMail } from '../../test/support/mails.ts'
import { kpis } from '../../service/measures/index.ts'
import type { Running } from '../web.ts'
import { deskKey, featureKey, startDesk } from './site.ts'
import { accounts, writeFeatureStory } from './story.ts'
import { daysOf, others } from './usage.ts'

const feature = `/api/v1/services/${deskKey}/features/${featureKey}`
let app: TestApp
let manager: Client

before(async () => {
  app = await startApp()
  await writeFeatureStory({ url: app.url, adminKey, now: app.clock.now(), appUrl: 'http://127.0.0.1:9' })
  await app.phasegate.platform.jobs.now('rooms-comparison', app.phasegate.platform)
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
  const { feedback } = await read(`/api/v1/services/${deskKey}/feedback?comments=true`)
  const open = feedback.filter(({ state }: { state: string }) => state === 'new')
  assert.deepEqual(
    open.map(({ comment }: { comment: string }) => comment),
    ['What happens to a message that two customers sent together?'],
  )
  const learning = await read(`${feature}/learning`)
  const unanswered = learning.unknowns.filter(({ answer }: { answer: unknown }) => answer === null)
  assert.deepEqual(
    [learning.unknowns.length, unanswered.map(({ question }: { question: string }) => question)],
    [3, ['What should happen to a message that two customers sent together?']],
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
      'Whether the need was misread has not been answered',
      'it solves the problem for those it was meant for: no verdict yet',
      'the experience is better, in the best way available: no verdict yet',
      'Sign-off as developer',
      'Sign-off as growth',
    ],
  )
})

test('its gate compares people with it and without it, and says what that can tell and what it cannot yet', async () => {
  const { criteria } = await read(`${feature}/gates/beta-release-to-public-release`)
  const reads = (criterion: string, signal: string) => {
    const { readings } = criteria.find(({ id }: { id: string }) => id === criterion)
    const { reading, holds } = readings.find((each: { signal: string }) => each.signal === signal)
    return { ...reading, holds }
  }
  const accepted = accounts.reduce((sum, each) => sum + each.accepted, 0)
  const errors = reads('works-as-intended', 'rooms.errors-against-others')
  assert.deepEqual([errors.kind, errors.n, errors.holds], ['value', accepted + others().length, true])
  const satisfaction = reads('best-way', 'rooms.satisfaction-against-others')
  assert.deepEqual([satisfaction.kind, satisfaction.holds], ['value', null])
  assert.ok(satisfaction.low < 0 && satisfaction.value > 0, JSON.stringify(satisfaction))
  const { comparisons } = await read(`${feature}/learning`)
  const page = await manager.get(`/services/${deskKey}/features/${featureKey}/learning`)
  assert.match(page.text, /93\.5%[\s\S]*81\.6%[\s\S]*12 points/)
  for (const { with: one, without } of comparisons) assert.ok(Math.min(one.people, without.people) >= 30)
  const { text } = await manager.get(
    `/services/${deskKey}/features/${featureKey}/gates/beta-release-to-public-release/criteria/best-way`,
  )
  assert.match(text, /points (higher|lower)<\/b> satisfaction with it than without it, between/)
})

test('everything that it tells of use happened within the last day', () => {
  const now = app.clock.now()
  const times = daysOf(now, { with: ['one'], without: others() })
    .flatMap(({ events }) => events as { time: string }[])
    .map(({ time }) => now.getTime() - Date.parse(time))
  assert.ok(Math.min(...times) > 0 && Math.max(...times) < 86_400_000)
})

describe('the application', () => {
  let desk: Running
  let accepted: string
  const stranger = '0'.repeat(22)
  before(async () => {
    await app.phasegate.admission.snapshots.refresh(null)
    desk = await startDesk({
      ...{ url: app.url, key: adminKey, port: 0, host: '127.0.0.1' },
      ...{ patienceMs: 60_000, now: () => app.clock.now() },
    })
    accepted = (await read(`/api/v1/services/${deskKey}/ledger`)).admissions[0].unit
  })
  after(() => desk.close())
  const seen = async (unit: string) => (await fetch(desk.url, { headers: { 'x-pg-unit': unit } })).text()

  test('shows the feature to whoever of an account accepted, and to others what they had', async () => {
    assert.match(await seen(accepted), /Inbox, by customer/)
    assert.match(await seen(stranger), /<h1>Inbox<\/h1>/)
  })

  test('decides for everybody of the history what the history tells of them', async () => {
    const { admissions } = await read(`/api/v1/services/${deskKey}/ledger`)
    const decided = async (unit: string) => {
      const answer = await app.api('POST', `/ofrep/v1/evaluate/flags/${featureKey}`, {
        context: { targetingKey: unit },
      })
      return answer.json.value
    }
    const told = await sql<{
      unit: string
      flag: boolean
    }>`select distinct unit, (flags ->> ${featureKey})::boolean as flag
      from event where flags is not null and id <> 'erased'`.execute(app.db)
    assert.ok(told.rows.length >= admissions.length + others().length)
    for (const { unit, flag } of told.rows) assert.equal(await decided(unit), flag, unit)
  })

  test('tells with each event what it decided for that person', async () => {
    for (const unit of [accepted, stranger]) await seen(unit)
    await desk.close()
    const told = async (unit: string) => {
      const { rows } = await sql<{ flags: object; name: string }>`select name, flags from event
        where unit = ${unit} and time >= ${app.clock.now()}`.execute(app.db)
      return rows[0]
    }
    assert.deepEqual(await told(accepted), { name: 'custom.inbox-opened', flags: { [featureKey]: true } })
    assert.deepEqual(await told(stranger), { name: 'custom.inbox-opened', flags: { [featureKey]: false } })
  })

  test('takes an answer to a message, says what is missing, and has an error page', async () => {
    const again = await startDesk({ url: app.url, key: adminKey, port: 0, host: '127.0.0.1' })
    try {
      const send = (index: number, answer: string) =>
        fetch(`${again.url}/messages/${index}`, { method: 'POST', body: new URLSearchParams({ answer }) })
      assert.match(await (await fetch(`${again.url}/messages/0`)).text(), /<h1>A\. Baker: The oven arrived with a dent/)
      assert.match(await (await send(0, 'We take it back')).text(), /Your answer is on its way/)
      assert.match(await (await send(3, 'Which street is it?')).text(), /Your answer could not be sent/)
      const empty = await send(0, ' ')
      assert.equal(empty.status, 422)
      assert.match(await empty.text(), /Write an answer/)
      assert.equal((await fetch(`${again.url}/messages/9`)).status, 404)
    } finally {
      await again.close()
    }
  })
})

test('its first page asks for nothing that a product in use has done, and offers no visitors of another service', async () => {
  const who = await app.signIn('service-manager', deskKey)
  const { text } = await who.get(`/services/${deskKey}`)
  assert.doesNotMatch(text, /Invite the first person|Send 50 visitors|Take the tour/)
  assert.match(text, /1 waits for a decision/)
  assert.doesNotMatch((await who.get('/')).text, /Take the tour/)
  assert.equal((await who.post(`/services/${deskKey}/visitors`)).status, 409)
})

test('its pages speak of a product, and of nothing that belongs to public services', async () => {
  const gate = '/gates/beta-release-to-public-release'
  const criteria = ['works-as-intended', 'solves-the-problem', 'best-way'].map((id) => `${gate}/criteria/${id}`)
  for (const page of ['', '/gate', '/stages', '/learning', '/room', '/people', gate, ...criteria]) {
    const { status, text } = await manager.get(`/services/${deskKey}/features/${featureKey}${page}`)
    assert.equal(status, 200, page)
    assert.doesNotMatch(
      text,
      /public service|government|citizen|council|GOV\.UK|service standard|assessment|permit|honest|applicant|applications/i,
      page,
    )
  }
})

test('neither do the pages of its team, whose product replaces nothing', async () => {
  const who = await app.signIn('service-manager', deskKey)
  const measures = kpis.map(({ id }) => `/measures/${id}`)
  const admission = ['/admission', '/admission/waiting-list', '/admission/ledger', '/admission/rules']
  const others = ['/features', '/features/new', '/feedback', '/deployments', '/capacity', '/partners', '/inspections']
  for (const page of [
    '',
    '/measures',
    ...measures,
    ...admission,
    '/plan',
    '/plan/salt',
    '/customers',
    '/setup',
    '/history',
    '/team',
    '/explain?key=desk',
    '/webhooks',
    ...others,
  ]) {
    const { status, text } = await who.get(`/services/${deskKey}${page}`)
    assert.equal(status, 200, page)
    // In addresses and names of fields the words of the API stand.
    const words = text.replace(/<[^>]*>/g, ' ')
    assert.doesNotMatch(
      words,
      /public service|government|citizen|council|GOV\.UK|service standard|assessment|permits?\b|honest|eligible|applicant|applications|transaction|legacy|current service|private beta|public beta/i,
      page,
    )
  }
})

test('its pages say that accounts have the feature, to whoever may not change it too', async () => {
  const who = await app.signIn('service-manager', deskKey)
  const page = `/services/${deskKey}/features/${featureKey}`
  const { text } = await who.get(page)
  assert.match(text, /By the accounts that the beta is open to/)
  assert.doesNotMatch(text, /No cohort is named/)
  assert.match((await who.get(`${page}/beta`)).text, /<b>Accounts:<\/b> Green Corner, Harbour Bakery, Print Works/)
  assert.match((await who.get(`${page}/plan`)).text, /It is written by Growth or Support/)
  assert.match((await who.get(`/services/${deskKey}/admission`)).text, /By the links of accounts, or by codes/)
})

test('neither do its pages and mails for customers', async () => {
  const link = await invited(app, deskKey, 'ann@bakery.example')
  const company = await app.asAdmin.api('POST', `/api/v1/services/${deskKey}/customers`, {
    ...{ name: 'Garden Friends e.V.', address: 'bea@garden.example' },
  })
  const account = asForwarded(new URL(company.json.link).pathname)
  const door = `/edge/${deskKey}`
  const unit = await acceptedBy(app, await invited(app, deskKey, 'cem@bakery.example'))
  const pages = [link, `${link}/decline`, account, `${door}/code`, `${door}/waiting`, `${door}/try`, `${door}/feedback`]
  for (const page of [...pages, `${door}/leave`]) {
    const { status, text } = await app.asGateway.get(page, { 'x-phasegate-unit': unit })
    assert.equal(status, 200, page)
    assert.doesNotMatch(
      text.replace(/<[^>]*>/g, ' '),
      /\bapply\b|application|current service|a live is|public beta|permit/i,
      page,
    )
  }
  for (const to of ['ann@bakery.example', 'bea@garden.example'])
    assert.doesNotMatch((await lastMail(app, to))?.text ?? 'apply', /\bapply\b|application|current service/i)
})

test('GATE-25 from no page of its team a link leads to the gate of the product, and the address still answers', async () => {
  const who = await app.signIn('service-manager', deskKey)
  const pages = ['', '/admission', '/admission/ledger', '/plan', '/features', '/history', '/setup', '/settings']
  for (const page of pages) {
    const { text } = await who.get(`/services/${deskKey}${page}`)
    assert.doesNotMatch(text, /\/services\/desk\/(gates?|playbook)\b/, page)
  }
  assert.doesNotMatch((await who.get('/')).text, /\/services\/desk\/(gates?|playbook)\b/)
  assert.equal((await who.get(`/services/${deskKey}/playbook`)).status, 200)
})
