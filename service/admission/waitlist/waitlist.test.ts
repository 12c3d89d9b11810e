import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { invited, letIn } from '../../../test/support/invited.ts'
import { aWaitingPerson, waitingLinkOf } from '../../../test/support/waiting.ts'

describe('waiting list', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  let count = 0
  async function aService(): Promise<string> {
    count += 1
    return (await app.aService({ key: `list-${count}`, phase: 'private-beta' })).key
  }

  const api = (key: string) => `/api/v1/services/${key}/waiting-list`

  async function asks(key: string, question: object): Promise<string> {
    const { status, json, text } = await app.asAdmin.api('POST', `${api(key)}/questions`, question)
    assert.equal(status, 201, text)
    return `q-${json.id}`
  }

  const region = { name: 'Region', question: 'Where do you live?', kind: 'choice', options: ['North', 'South'] }
  const needs = { name: 'Access', question: 'Do you use a screen reader?', kind: 'yes-no', special: true }

  test('ADM-40 a place is asked for with screening questions, as the team wrote them', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    const added = await manager.post(`/services/${key}/admission/waiting-list/questions`, {
      name: 'Devices',
      question: 'What do you use?',
      kind: 'choices',
      options: 'A phone\nA computer\n\nA phone',
      required: 'yes',
    })
    assert.equal(added.status, 303, added.text)
    await asks(key, { name: 'Why', question: 'Why do you want to take part?', kind: 'text' })
    const page = await app.asGateway.get(`/edge/${key}/waiting`)
    assert.match(page.text, /What do you use\?/)
    assert.match(page.text, /Why do you want to take part\? \(optional\)/)
    const { questions } = (await app.asAdmin.api('GET', api(key))).json
    assert.deepEqual(questions[0].options, ['A phone', 'A computer'])
    const devices = `q-${questions[0].id}`
    const list = `/services/${key}/admission/waiting-list`
    const nameless = await manager.post(`${list}/questions/${questions[0].id}`, { name: '', question: 'What?' })
    assert.match(nameless.text, new RegExp(`id="name-${questions[0].id}-error"`), 'beside the field of this question')
    const none = await app.asGateway.post(`/edge/${key}/waiting`, { email: 'a@example.org' })
    assert.equal(none.status, 422)
    assert.match(none.text, /Choose at least one answer/)
    const made = await app.asGateway.post(`/edge/${key}/waiting`, { email: 'a@example.org', [devices]: 'A fax' })
    assert.equal(made.status, 422)
    await aWaitingPerson(app, key, 'a@example.org', { [devices]: ['A phone', 'A computer'] })
    const { people } = (await app.asAdmin.api('GET', `${api(key)}/people`)).json
    assert.deepEqual([people[0].state, people[0].answers], ['applied', { Devices: ['A phone', 'A computer'] }])
  })

  test('ADM-40 nobody is on the list before the link in the mail is used, and opening it is not using it', async () => {
    const key = await aService()
    const asked = await app.asGateway.post(`/edge/${key}/waiting`, { email: 'once@example.org' })
    assert.equal(asked.headings[0], 'Look into your mail')
    const link = await waitingLinkOf(app, 'once@example.org')
    for (let look = 0; look < 2; look++)
      assert.equal((await app.asGateway.get(link)).headings[0], 'Confirm that you want a place')
    assert.equal((await app.asAdmin.api('GET', api(key))).json.counts.applied, 0)
    assert.equal((await app.asGateway.post(`${link}/confirm`)).headings[0], 'You are on the list')
    assert.equal((await app.asGateway.post(`${link}/confirm`)).headings[0], 'You are on the list')
    assert.equal((await app.asAdmin.api('GET', api(key))).json.counts.applied, 1)
  })

  test('ADM-40 the answer and the mail are the same for an address that is known and for one that is not', async () => {
    const key = await aService()
    await aWaitingPerson(app, key, 'known@example.org')
    const answers = []
    for (const email of ['known@example.org', 'stranger@example.org']) {
      const { status, text } = await app.asGateway.post(
        `/edge/${key}/waiting`,
        { email },
        { 'x-phasegate-visitor': 'x' },
      )
      answers.push({ status, text })
    }
    assert.deepEqual(answers[0], answers[1])
    await waitingLinkOf(app, 'stranger@example.org')
    await waitingLinkOf(app, 'known@example.org', 2)
    const words = (to: string) =>
      app.mails
        .findLast((mail) => mail.to === to)
        ?.text.replaceAll(to, 'ADDRESS')
        .replaceAll(/http\S+/g, 'LINK')
    assert.equal(words('known@example.org'), words('stranger@example.org'))
  })

  test('ADM-40 whoever asks again and again for one address fills no inbox', async () => {
    const key = await aService()
    for (let tries = 0; tries < 8; tries++) {
      const visitor = { 'x-phasegate-visitor': `visitor ${tries}` }
      assert.equal(
        (await app.asGateway.post(`/edge/${key}/waiting`, { email: 'full@example.org' }, visitor)).status,
        200,
      )
    }
    await waitingLinkOf(app, 'full@example.org', 5)
    await app.phasegate.platform.jobs.now('admission-applicants', app.phasegate.platform)
    await app.phasegate.platform.mail.deliverDue()
    assert.equal(app.mails.filter(({ to }) => to === 'full@example.org').length, 5)
  })

  test('ADM-40 twenty people ask at one machine, and the next is told in words and in Retry-After how long to wait', async () => {
    const key = await aService()
    const from = { 'x-phasegate-visitor': 'the machine of a library' }
    const asks = (n: number) => app.asGateway.post(`/edge/${key}/waiting`, { email: `n${n}@example.org` }, from)
    for (let n = 0; n < 20; n++) assert.equal((await asks(n)).status, 200)
    const next = await asks(20)
    assert.equal(next.status, 429)
    const seconds = Number(next.headers.get('retry-after'))
    assert.ok(seconds > 0 && seconds <= 600, String(seconds))
    assert.match(next.text, new RegExp(`Wait ${Math.ceil(seconds / 60)} minutes, then send it again`))
    app.clock.advance(seconds * 1000)
    assert.equal((await asks(20)).status, 200)
  })

  test('ADM-43 the turn is that of the asking: a mail that is confirmed late loses none, and leaving the list does', async () => {
    const key = await aService()
    const order = async () =>
      (await app.asAdmin.api('GET', `${api(key)}/people`)).json.people
        .filter(({ state }: { state: string }) => state === 'applied')
        .map(({ address }: { address: string }) => address.split('@')[0])
    await app.asGateway.post(`/edge/${key}/waiting`, { email: 'early@example.org' })
    const early = await waitingLinkOf(app, 'early@example.org')
    app.clock.advance(60_000)
    await aWaitingPerson(app, key, 'late@example.org')
    assert.deepEqual(await order(), ['late'])
    app.clock.advance(60_000)
    await app.asGateway.post(`${early}/confirm`)
    assert.deepEqual(await order(), ['early', 'late'])
    await app.asGateway.post(`${early}/withdraw`)
    app.clock.advance(3_600_000)
    await aWaitingPerson(app, key, 'early@example.org')
    assert.deepEqual(await order(), ['late', 'early'])
  })

  test('ADM-40 what was never confirmed is forgotten after a week', async () => {
    const key = await aService()
    await app.asGateway.post(`/edge/${key}/waiting`, { email: 'never@example.org' })
    const link = await waitingLinkOf(app, 'never@example.org')
    app.clock.advance(8 * 86_400_000)
    assert.equal((await app.asGateway.get(link)).status, 404)
    await app.phasegate.platform.jobs.now('admission-applicants', app.phasegate.platform)
    const { rows } = await sql`select id from waiting_request where address = 'never@example.org'`.execute(app.db)
    assert.equal(rows.length, 0)
  })

  test('ADM-41 a person leaves the list by the link in the mail: the answers go, and no invitation follows', async () => {
    const key = await aService()
    const field = await asks(key, region)
    const link = await aWaitingPerson(app, key, 'leaves@example.org', { [field]: 'North' })
    assert.match((await app.asGateway.get(link)).text, /Leave the list/)
    assert.equal((await app.asGateway.post(`${link}/withdraw`)).headings[0], 'You are off the list')
    const { people } = (await app.asAdmin.api('GET', `${api(key)}/people`)).json
    assert.deepEqual([people[0].state, people[0].answers], ['declined', {}])
    const next = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations/waiting`, { count: 5 })
    assert.deepEqual([next.status, next.json.code], [409, 'nobody-waiting'])
    const named = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, {
      addresses: ['Leaves@example.org'],
    })
    assert.equal(named.json.results[0].outcome, 'not-wanted')
    await aWaitingPerson(app, key, 'leaves@example.org', { [field]: 'South' })
    const again = (await app.asAdmin.api('GET', `${api(key)}/people`)).json.people[0]
    assert.deepEqual([again.state, again.answers], ['applied', { Region: ['South'] }], 'the person may think again')
  })

  test('ADM-42 answers about health are kept apart: never needed, with a consent of their own, only counted', async () => {
    const key = await aService()
    const field = await asks(key, needs)
    const refused = await app.asAdmin.api('POST', `${api(key)}/questions`, { ...needs, name: 'Other', required: true })
    assert.equal(refused.status, 400)
    const without = await app.asGateway.post(`/edge/${key}/waiting`, { email: 's@example.org', [field]: 'Yes' })
    assert.equal(without.status, 422)
    assert.match(without.text, /Agree to this use/)
    await aWaitingPerson(app, key, 's@example.org', { [field]: 'Yes', agreed: 'yes' })
    await app.asAdmin.api('PUT', `${api(key)}/quotas`, { attribute: 'Access', value: 'Yes', wanted: 3 })
    const list = (await app.asAdmin.api('GET', api(key))).json
    assert.deepEqual(
      list.quotas.map(({ wanted, actual, waiting }: any) => [wanted, actual, waiting]),
      [[3, 0, 1]],
    )
    assert.deepEqual((await app.asAdmin.api('GET', `${api(key)}/people`)).json.people[0].answers, {})
    const file = await app.asAdmin.get(`/services/${key}/admission/waiting-list.csv`)
    assert.ok(!/Access|Yes/.test(file.text), file.text)
  })

  test('ADM-44 the page shows how many of each kind are wanted, in, invited and waiting [row 175]', async () => {
    const key = await aService()
    const field = await asks(key, region)
    for (const [email, where] of [
      ['n1@example.org', 'North'],
      ['n2@example.org', 'North'],
      ['s1@example.org', 'South'],
    ] as const)
      await aWaitingPerson(app, key, email, { [field]: where })
    const manager = await app.signIn('service-manager', key)
    for (const [kind, wanted] of [
      ['Region: North', '2'],
      ['Region: South', '4'],
    ] as const)
      assert.equal((await manager.post(`/services/${key}/admission/waiting-list/quotas`, { kind, wanted })).status, 303)
    await letIn(app, key, 'n1@example.org')
    await invited(app, key, 's1@example.org')
    const { quotas, counts } = (await app.asAdmin.api('GET', api(key))).json
    assert.deepEqual(
      quotas.map(({ value, wanted, actual, invited: open, waiting }: any) => [value, wanted, actual, open, waiting]),
      [
        ['South', 4, 0, 1, 0],
        ['North', 2, 1, 0, 1],
      ],
    )
    assert.deepEqual(counts, { applied: 1, invited: 1, active: 1, declined: 0 })
    const page = await manager.get(`/services/${key}/admission/waiting-list`)
    assert.match(page.text, /Region: North: 1 of 2 wanted are in, 0 invited/)
    const viewer = await app.signIn('viewer', key)
    const seen = await viewer.get(`/services/${key}/admission/waiting-list`)
    assert.ok(!seen.text.includes('n2@example.org'), 'addresses are for those who deal with people')
  })

  test('A list for a spreadsheet holds no formula', async () => {
    const key = await aService()
    const field = await asks(key, { name: 'Why', question: 'Why?', kind: 'text' })
    await aWaitingPerson(app, key, '=cmd@example.org', { [field]: '=HYPERLINK("http://example.org")' })
    const { text } = await app.asAdmin.get(`/services/${key}/admission/waiting-list.csv`)
    assert.match(text, /'=cmd@example\.org/)
    assert.match(text, /'=HYPERLINK/)
  })

  test('ADM-44 a long list is counted now and then, says when, and what is wanted anew is counted in its turn', async () => {
    const key = await aService()
    const field = await asks(key, { ...region, kind: 'choices' })
    const { rows } = await sql<{ id: string }>`select id from service where key = ${key}`.execute(app.db)
    const id = rows[0]?.id ?? ''
    await sql`insert into waiting (service_id, address, at, invited_at, left_at)
      select ${id}::uuid, 'Long' || n || '@example.org', now(), case when n % 4 = 0 then now() end, case when n % 5 = 0 then now() end
      from generate_series(1, 20001) n`.execute(app.db)
    // Who gave an answer twice counts once, and so does whoever is on a list as well.
    await sql`insert into waiting_answer (waiting_id, question_id, position, value)
      select w.id, ${field.slice(2)}::uuid, p, case p when 0 then 'North' when 1 then 'NORTH' else 'South' end
      from waiting w, generate_series(0, 2) p where w.service_id = ${id} and left_at is null and substr(address, 5, 1) = '7'`.execute(
      app.db,
    )
    await sql`insert into invitation (service_id, address, state, holds_place, sent_at, sent_by, expires_at, attributes)
      select ${id}::uuid, 'long' || n || '@example.org', 'sent', false, ${app.clock.now()}, 'Test',
        ${app.clock.now()}::timestamptz + n * interval '1 second' - interval '8000 seconds', '{"REGION": "north"}'
      from generate_series(7998, 8003) n`.execute(app.db)
    await letIn(app, key, 'long7001@example.org')
    await app.asAdmin.api('PUT', `${api(key)}/quotas`, { attribute: 'Region', value: 'North', wanted: 5 })
    const countedAt = app.clock.now().toISOString()
    const job = () => app.phasegate.platform.jobs.now('admission-long-lists', app.phasegate.platform)
    const list = async () => (await app.asAdmin.api('GET', api(key))).json
    const { rows: by } = await sql<{ north: number; waiting: number }>`select count(*)::int as north,
      count(*) filter (where invited_at is null)::int as waiting from waiting where service_id = ${id} and left_at is null
      and (substr(address, 5, 1) = '7' or address ~ '^Long(7998|7999|800[0-3])@')`.execute(app.db)
    await job()
    const first = await list()
    assert.equal(first.countedAt, countedAt)
    const { counts, quotas } = first
    assert.deepEqual(
      [counts.active, counts.applied + counts.invited + counts.active + counts.declined, counts.declined],
      [1, 20_001, 4_000],
    )
    assert.deepEqual([quotas[0].actual, quotas[0].invited, quotas[0].waiting], [1, 3, by[0]?.waiting])
    assert.ok((by[0]?.north ?? 0) > 700)

    await sql`update waiting set invited_at = now() where service_id = ${id} and invited_at is null and left_at is null
      and address like 'Long70%'`.execute(app.db)
    await job()
    assert.deepEqual(await list(), first)
    const manager = await app.signIn('service-manager', key)
    const page = await manager.get(`/services/${key}/admission/waiting-list`)
    assert.match(page.text, /last at <time datetime="2026-11-2\dT/)
    app.clock.advance(30 * 60_000)
    await job()
    const later = await list()
    assert.equal(later.countedAt, app.clock.now().toISOString())
    assert.ok(later.quotas[0].waiting < quotas[0].waiting && later.quotas[0].invited === 0)

    await app.asAdmin.api('PUT', `${api(key)}/quotas`, { attribute: 'Region', value: 'South', wanted: 5 })
    const south = async () => (await list()).quotas.find(({ value }: { value: string }) => value === 'South')
    assert.equal((await south()).waiting, null)
    assert.match(
      (await manager.get(`/services/${key}/admission/waiting-list`)).text,
      /Region: South<span class="pg-sub">Counted within a minute or two/,
    )
    await job()
    assert.ok((await south()).waiting > 0, 'though it is not long since the list was counted')
    await sql`delete from waiting where service_id = ${id} and address like 'Long1%'`.execute(app.db)
    await job()
    assert.equal((await list()).countedAt, null)
    assert.equal((await list()).counts.active, 1)
  })
})
