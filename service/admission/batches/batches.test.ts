import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { needsMount, smallDisk } from '../../../test/support/small-disk.ts'
import { until } from '../../../test/support/until.ts'

const hourMs = 3_600_000

describe('batches of invitations', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  let count = 0
  async function aService(cap: number | null = null): Promise<string> {
    count += 1
    const { key } = await app.aService({ key: `batch-${count}`, phase: 'private-beta' })
    if (cap !== null) await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap })
    return key
  }

  const api = (key: string) => `/api/v1/services/${key}`

  /** On the list already, with where they live. */
  async function wait(key: string, people: readonly { address: string; region: string }[]): Promise<void> {
    const { json } = await app.asAdmin.api('POST', `${api(key)}/waiting-list/questions`, {
      ...{ name: 'Region', question: 'Where do you live?', kind: 'choice', options: ['North', 'South', 'East'] },
    })
    const rows = JSON.stringify(people)
    await sql`with given as (
        select * from jsonb_to_recordset(${rows}::jsonb) as g (address text, region text)
      ), put as (
        insert into waiting (service_id, address, at, confirmed_at)
        select s.id, g.address, ${app.clock.now()}::timestamptz + row_number() over () * interval '1 second', ${app.clock.now()}
        from given g, service s where s.key = ${key} returning id, address
      )
      insert into waiting_answer (waiting_id, question_id, position, value)
      select p.id, ${json.id}::uuid, 0, g.region from put p join given g on g.address = p.address`.execute(app.db)
  }

  const someone = (n: number, region = 'North') =>
    Array.from({ length: n }, (_, at) => ({ address: `${region.toLowerCase()}-${at}@example.org`, region }))

  async function upload(key: string, csv: string, name = 'A list') {
    const response = await fetch(`${app.url}${api(key)}/batches/list?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { ...app.asAdmin.headers, 'content-type': 'text/csv' },
      body: csv,
    })
    // oxlint-disable-next-line typescript/no-explicit-any -- the test that reads a body checks it
    return { status: response.status, json: (await response.json()) as any }
  }

  const read = async (key: string, id: string) => (await app.asAdmin.api('GET', `${api(key)}/batches/${id}`)).json
  const turn = () => app.phasegate.platform.jobs.now('admission-sending', app.phasegate.platform)
  /** Another round of mails may be under way, and holds some of them. */
  async function linkTo(address: string): Promise<string> {
    const found = () => /http\S+\/invitation\/\S+/.exec(app.mails.findLast(({ to }) => to === address)?.text ?? '')?.[0]
    await until(`the mail to ${address}`, async () => {
      await app.phasegate.platform.mail.deliverDue()
      return found() !== undefined
    })
    return new URL(found() ?? '').pathname.replace('/go/', '/edge/')
  }
  const go = (key: string, id: string, how: object = {}) =>
    app.asAdmin.api('POST', `${api(key)}/batches/${id}/start`, how)

  test('ADM-43 a draw is shown before anything is sent, and what was shown is what is sent', async () => {
    const key = await aService()
    await wait(key, [...someone(20), ...someone(10, 'South')])
    await app.asAdmin.api('PUT', `${api(key)}/waiting-list/quotas`, { attribute: 'Region', value: 'South', wanted: 6 })
    const manager = await app.signIn('service-manager', key)
    const drawn = await manager.post(`/services/${key}/admission/batches`, {
      ...{ count: '8', name: 'The first ones', method: 'stratified' },
    })
    assert.equal(drawn.status, 303, drawn.text)
    const page = await manager.get(drawn.location ?? '')
    assert.match(page.text, /8 people would be invited\. Nothing is sent yet/)
    assert.equal(
      app.mails.some(({ to }) => to.startsWith('south')),
      false,
    )
    const id = drawn.location?.split('/').at(-1) ?? ''
    const shown = await read(key, id)
    assert.equal(shown.people.filter(({ address }: any) => address.startsWith('south')).length, 6)
    assert.deepEqual(
      shown.batch.draw.needs.map(({ value, needed, filled }: any) => [value, needed, filled]),
      [['South', 6, 6]],
    )
    const again = await app.asAdmin.api('POST', `${api(key)}/batches`, {
      ...{ name: 'Again', method: 'stratified', count: { people: 8 }, seed: shown.batch.draw.seed },
    })
    const addresses = (batch: any) => batch.people.map(({ address }: any) => address)
    assert.deepEqual(addresses(again.json), addresses(shown), 'the same seed draws the same people')
    const sent = await manager.post(`${drawn.location}/start`, {
      ...{ perHour: '', fromHour: '0', toHour: '24', weekdays: ['1', '2', '3', '4', '5', '6', '7'], days: '14' },
    })
    assert.equal(sent.status, 303, sent.text)
    const done = await read(key, id)
    assert.deepEqual([done.batch.state, done.counts], ['done', { invited: 8 }])
    const { quotas, counts } = (await app.asAdmin.api('GET', `${api(key)}/waiting-list`)).json
    assert.deepEqual([quotas[0].invited, counts.invited, counts.applied], [6, 8, 22])
  })

  test('ADM-43 only those are drawn for whom the filters hold, and a part of those who wait can be asked for [row 174]', async () => {
    const key = await aService()
    await wait(key, [...someone(20), ...someone(11, 'South')])
    const { json } = await app.asAdmin.api('POST', `${api(key)}/batches`, {
      ...{ name: 'South', method: 'random', count: { percent: 50 } },
      filters: [{ attribute: 'region', values: ['south', 'East'] }],
    })
    assert.equal(json.batch.draw.candidates, 11)
    assert.equal(json.counts.queued, 6)
    assert.ok(json.people.every(({ address }: any) => address.startsWith('south')))
  })

  test('ADM-45 a list gets a result for every line; the good ones are kept, the bad go back with the reason', async () => {
    const key = await aService()
    const known = { addresses: ['known@example.org'] }
    await app.asAdmin.api('POST', `${api(key)}/invitations`, known)
    await app.asAdmin.api('POST', `${api(key)}/not-invited`, { address: 'no@example.org' })
    const list = [
      'Name,E-mail,Region',
      'A,good@example.org,North',
      'B,Good@Example.org,North',
      'C,nothing,South',
      'D,known@example.org,South',
      '"E, with a comma",no@example.org,South',
      '=1+1,=cmd|x,North',
      'G,"second@example.org","East ""side"""',
    ].join('\r\n')
    const { status, json } = await upload(key, `\uFEFF${list}\r\n`)
    assert.equal(status, 201, JSON.stringify(json))
    assert.deepEqual(json.counts, {
      ...{ queued: 2, repeated: 1, 'not-an-address': 2, 'already-invited': 1, 'not-wanted': 1 },
    })
    const bad = await app.asAdmin.get(`${api(key)}/batches/${json.batch.id}/results.csv?only=bad`)
    assert.match(bad.text, /3,nothing,not-an-address,Not an email address,C,South/)
    assert.match(bad.text, /6,'=cmd\|x,not-an-address,Not an email address,'=1\+1,North/, 'no cell is a formula')
    assert.equal(bad.text.trim().split('\r\n').length, 3)
    const corrected = await upload(await aService(), bad.text.replace('nothing', 'c@example.org'))
    assert.deepEqual(corrected.json.counts, { queued: 1, 'not-an-address': 1 })
    assert.deepEqual(corrected.json.people[0].attributes, { Name: 'C', Region: 'South' })
    const all = await app.asAdmin.get(`${api(key)}/batches/${json.batch.id}/results.csv`)
    assert.equal(all.text.trim().split('\r\n').length, 8)
    assert.match(all.text, /second@example\.org,queued,To be invited,G,"East ""side"""/)
    await go(key, json.batch.id)
    assert.equal((await read(key, json.batch.id)).counts.invited, 2)
  })

  for (const [says, csv, addresses] of [
    ['without a head', 'a1@example.org\nb1@example.org\n', 2],
    ['with semicolons', 'mail;region\na2@example.org;North\n', 1],
    ['with the lines of an old Mac', 'email\ra3@example.org\rb3@example.org', 2],
    ['of one column and empty lines', 'email\n\n\nc4@example.org\n\n', 1],
    ['with a cell of several lines', 'email,name\na5@example.org,"A\nExample"\nb5@example.org,B\n', 2],
  ] as const) {
    test(`ADM-45 a list ${says} is read`, async () => {
      const { status, json } = await upload(await aService(), csv)
      assert.equal(status, 201, JSON.stringify(json))
      assert.deepEqual(json.counts, { queued: addresses })
    })
  }

  test('ADM-45 a line with an open quote, or without an end, is told back and takes no other line along', async () => {
    const key = await aService()
    const lines = [
      'email,name',
      'a6@example.org,A',
      '"b6@example.org,B',
      'c6@example.org,"C, Example"',
      `d6@example.org,${'d'.repeat(300_000)}`,
      'e6@example.org,"E',
      ...Array.from({ length: 1_500 }, (_, n) => `many${n}@example.org,"He says ""hello"""`),
      '"g6@example.org,G',
      'h6@example.org,5"',
      'f6@example.org,"F',
    ]
    const { status, json } = await upload(key, lines.join('\n'))
    assert.equal(status, 201, JSON.stringify(json))
    assert.deepEqual(json.counts, { queued: 1_503, 'not-readable': 5 })
    const bad = await app.asAdmin.get(`${api(key)}/batches/${json.batch.id}/results.csv?only=bad`)
    const told = bad.text.trim().split('\r\n').slice(1)
    assert.deepEqual(
      told.map((line) => /^(\d+),"*([a-z]\d)/.exec(line)?.slice(1)),
      ['2 b6', '4 d6', '5 e6', '1506 g6', '1508 f6'].map((each) => each.split(' ')),
    )
    assert.ok(told.every((line) => /not-readable,The line cannot be read\b/.test(line) && line.length < 400))
  })

  test('ADM-45 a list without addresses is refused and leaves nothing behind', async () => {
    const key = await aService()
    const { status, json } = await upload(key, 'name,town\nA,B\n')
    assert.deepEqual([status, json.code], [422, 'list-without-addresses'])
    assert.deepEqual((await app.asAdmin.api('GET', `${api(key)}/batches`)).json.batches, [])
  })

  const disk = smallDisk(2)
  test(
    'ADM-45 a list for which the disk has no room is refused, with what to do',
    {
      skip: disk === null && needsMount,
    },
    async () => {
      const key = await aService()
      const before = process.env['TMPDIR']
      process.env['TMPDIR'] = disk?.folder
      try {
        const { status, json } = await upload(key, `email\n${'room@example.org\n'.repeat(200_000)}`)
        assert.deepEqual([status, json.code], [503, 'no-room'])
        assert.match(json.detail, /Make room on the disks/)
        assert.deepEqual((await app.asAdmin.api('GET', `${api(key)}/batches`)).json.batches, [])
        assert.equal((await upload(key, 'email\nroom@example.org\n')).status, 201)
      } finally {
        if (before === undefined) delete process.env['TMPDIR']
        else process.env['TMPDIR'] = before
        disk?.remove()
      }
    },
  )

  test('ADM-45 the page takes a file, and shows what would happen', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    const form = new FormData()
    form.set('name', 'From the fair')
    form.set('file', new File(['email\nfair@example.org\nbad\n'], 'fair.csv', { type: 'text/csv' }))
    const answer = await fetch(`${app.url}/services/${key}/admission/batches/list`, {
      ...{ method: 'POST', headers: manager.headers, body: form, redirect: 'manual' },
    })
    assert.equal(answer.status, 303, await answer.text())
    const page = await manager.get(answer.headers.get('location') ?? '')
    assert.match(page.text, /From the fair/)
    assert.match(page.text, /Download the bad line/)
  })

  test('ADM-46 a batch keeps to its pace and its hours, and each mail leaves once with two instances at work', async () => {
    const key = await aService()
    const list = ['email', ...Array.from({ length: 100 }, (_, at) => `pace-${at}@example.org`)].join('\n')
    const { json } = await upload(key, list)
    app.clock.set('2026-11-23T07:00:00Z')
    const beside = await startApp({ beside: app, clock: app.clock })
    try {
      const hours = { fromHour: 9, toHour: 17, weekdays: [1, 2, 3, 4, 5], perHour: 60 }
      assert.equal((await go(key, json.batch.id, hours)).status, 204)
      const sent = async () => (await read(key, json.batch.id)).counts.invited ?? 0
      const both = () =>
        Promise.all([turn(), beside.phasegate.platform.jobs.now('admission-sending', beside.phasegate.platform)])
      await both()
      assert.equal(await sent(), 0, 'not yet nine')
      app.clock.set('2026-11-23T09:00:00Z')
      await both()
      assert.equal(await sent(), 5)
      app.clock.advance(-10 * 60_000)
      await both()
      assert.equal(await sent(), 5, 'a clock that goes back sends nothing twice')
      app.clock.set('2026-11-23T09:00:00Z')
      for (let minutes = 5; minutes < 60; minutes += 5) {
        app.clock.advance(5 * 60_000)
        await both()
      }
      assert.equal(await sent(), 60)
      app.clock.set('2026-11-23T18:00:00Z')
      await both()
      assert.equal(await sent(), 60, 'after five')
      app.clock.set('2026-11-24T10:00:00Z')
      for (let slices = 0; slices < 12; slices++) {
        await both()
        app.clock.advance(5 * 60_000)
      }
      await both()
      assert.equal((await read(key, json.batch.id)).batch.state, 'done')
      const { rows } = await sql<{ n: number; addresses: number }>`select count(*)::int as n,
        count(distinct lower(address))::int as addresses from invitation where address like 'pace-%'`.execute(app.db)
      assert.deepEqual(rows[0], { n: 100, addresses: 100 })
    } finally {
      await beside.close()
    }
  })

  test('ADM-47 sending pauses by itself when answers wait beyond the limit, says why, and goes on by a person only', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    await app.asAdmin.api('PUT', `${api(key)}/sending`, { unansweredLimit: 2 })
    const { json } = await upload(key, 'email\nq1@example.org\nq2@example.org\n')
    for (let n = 0; n < 3; n++)
      await app.asAdmin.api('POST', '/api/v1/feedback', { service: key, rating: 2, comment: `Problem ${n}` })
    await go(key, json.batch.id)
    const paused = await read(key, json.batch.id)
    assert.deepEqual([paused.batch.state, paused.counts], ['paused', { queued: 2 }])
    const page = await manager.get(`/services/${key}/admission/batches/${json.batch.id}`)
    assert.match(page.text, /Sending paused by itself/)
    assert.match(page.text, /3 answers of people wait for the team, more than the limit of 2/)
    assert.match((await manager.get('/notices')).text, /No more invitations leave/)
    await turn()
    assert.equal((await read(key, json.batch.id)).batch.state, 'paused')
    const held = await manager.post(`/services/${key}/admission/batches/${json.batch.id}/resume`)
    assert.equal(held.status, 422)
    assert.match(held.text, /would pause again at once: 3 answers of people wait for the team/)
    await app.asAdmin.api('PUT', `${api(key)}/sending`, { unansweredLimit: 1 })
    assert.match((await manager.get(`/services/${key}/admission`)).text, /when more than 1 answer waits for you/)
    await app.asAdmin.api('PUT', `${api(key)}/sending`, { unansweredLimit: null })
    const resumed = await manager.post(`/services/${key}/admission/batches/${json.batch.id}/resume`)
    assert.equal(resumed.status, 303, resumed.text)
    await turn()
    assert.equal((await read(key, json.batch.id)).batch.state, 'done')
  })

  test('ADM-47 a halt pauses sending, and ending the halt does not begin it again', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    const { json } = await upload(key, 'email\nh1@example.org\nh2@example.org\n')
    const late = { beginsAt: new Date(app.clock.now().getTime() + hourMs).toISOString() }
    await go(key, json.batch.id, late)
    await app.asAdmin.api('POST', `${api(key)}/halt`, { reason: 'Errors' })
    await turn()
    const paused = await read(key, json.batch.id)
    assert.deepEqual([paused.batch.state, paused.batch.pausedWhy], ['paused', 'The beta was halted'])
    // ADM-22: nobody can accept meanwhile.
    for (const page of [`/services/${key}/admission/batches/${json.batch.id}`, '/notices'])
      assert.match((await manager.get(page)).text, /The beta was halted\. Whoever is invited already keeps the place/)
    const tried = await app.asAdmin.api('POST', `${api(key)}/batches/${json.batch.id}/resume`)
    assert.deepEqual([tried.status, tried.json.code], [409, 'halted'])
    assert.match((await manager.get(`/services/${key}/admission`)).text, /Paused: the beta is halted/)
    const other = await upload(key, 'email\nh3@example.org\n')
    const form = { perHour: '', weekdays: ['1', '2'], fromHour: '0', toHour: '24', beginsOn: '', days: '14', cap: '' }
    const start = (more: object = {}) =>
      manager.post(`/services/${key}/admission/batches/${other.json.batch.id}/start`, { ...form, ...more })
    const noDay = (await start({ weekdays: [] })).text
    assert.match(noDay, /Choose at least one day/)
    assert.doesNotMatch(noDay, /name="weekdays"[^>]* checked/)
    const sent = await start()
    assert.match(sent.text, /The beta is halted\. Open it again first/)
    assert.doesNotMatch(sent.text, /govuk-error-message/, 'no field of the form is wrong')
    const byHand = (await manager.post(`/services/${key}/admission/invitations`, { addresses: 'h4@example.org' })).text
    assert.match(byHand, /The beta is halted\. Open it again first[\s\S]*>h4@example\.org</)
    assert.doesNotMatch(byHand, /govuk-error-message/)
    await manager.post(`/services/${key}/resume`)
    app.clock.advance(2 * hourMs)
    await turn()
    assert.deepEqual((await read(key, json.batch.id)).counts, { queued: 2 })
  })

  test('ADM-15 a batch never invites more than there are places, and pauses when they are gone', async () => {
    const key = await aService(3)
    const { json } = await upload(key, 'email\nc1@example.org\nc2@example.org\nc3@example.org\nc4@example.org\n')
    const tooMany = await go(key, json.batch.id)
    assert.deepEqual([tooMany.status, tooMany.json.code], [409, 'cap-reached'])
    await app.asAdmin.api('PUT', `${api(key)}/cap`, { cap: 4 })
    await go(key, json.batch.id, { beginsAt: new Date(app.clock.now().getTime() + hourMs).toISOString() })
    await app.asAdmin.api('POST', `${api(key)}/invitations`, { addresses: ['quick@example.org'] })
    app.clock.advance(2 * hourMs)
    await turn()
    const paused = await read(key, json.batch.id)
    assert.deepEqual([paused.batch.state, paused.counts], ['paused', { invited: 3, queued: 1 }])
    assert.match(paused.batch.pausedWhy, /Every place is taken or held/)
  })

  test('ADM-48 a group holds no more people than its own cap, however many accept at once', async () => {
    const key = await aService()
    const list = ['email', ...Array.from({ length: 20 }, (_, at) => `group-${at}@example.org`)].join('\n')
    const { json } = await upload(key, list, 'Small group')
    assert.equal((await go(key, json.batch.id, { cap: 5, overInvite: true })).status, 204)
    // Another round may be under way, and holds some of them.
    const mails = () => app.mails.filter(({ to }) => to.startsWith('group-'))
    await until('all mails of the batch', async () => {
      await app.phasegate.platform.mail.deliverDue()
      return mails().length >= 20
    })
    const links = mails().map(({ text }) =>
      new URL(/http\S+\/invitation\/\S+/.exec(text)?.[0] ?? '').pathname.replace('/go/', '/edge/'),
    )
    assert.equal(links.length, 20)
    const answers = await Promise.all(links.map((link) => app.asGateway.post(`${link}/accept`, { nonce: link })))
    assert.equal(answers.filter(({ status }) => status === 303).length, 5)
    const others = answers.filter(({ status }) => status !== 303)
    assert.ok(others.every(({ headings }) => headings[0] === 'The beta is full'))
  })

  test('ADM-48 where the service invites only some people, others are not invited by any list [row 174]', async () => {
    const key = await aService()
    await app.asAdmin.api('PUT', `${api(key)}/sending`, {
      ...{ unansweredLimit: 50, only: { attribute: 'Region', values: ['North'] } },
    })
    const { json } = await upload(
      key,
      'email,Region\nin@example.org,north\nout@example.org,South\nnot-known@example.org,\n',
    )
    assert.deepEqual(json.counts, { queued: 1, outside: 2 })
    await wait(key, [...someone(3), ...someone(4, 'South')])
    const drawn = await app.asAdmin.api('POST', `${api(key)}/batches`, {
      ...{ name: 'All', method: 'first-come', count: { people: 100 } },
    })
    assert.equal(drawn.json.counts.queued, 3)
  })

  test('ADM-46 a batch begins with the day of the service, and says from when', async () => {
    const key = await aService()
    const { json } = await upload(key, 'email\nlater@example.org\n')
    await sql`update service set time_zone = 'America/New_York' where key = ${key}`.execute(app.db)
    const manager = await app.signIn('service-manager', key)
    const at = `/services/${key}/admission/batches/${json.batch.id}`
    const how = { beginsOn: '2099-01-05', fromHour: '0', toHour: '24', weekdays: '1', days: '14' }
    const wrong = await manager.post(`${at}/start`, { ...how, perHour: 'a', cap: 'b', days: '0' })
    assert.deepEqual(
      [...wrong.text.matchAll(/<a href="#(perHour|cap|days)">([^<]+)/g)].map(([, , words]) => words),
      [
        'The most an hour must be a whole number, or empty',
        'The most of this batch who may be in must be a whole number, or empty',
        'An invitation is good for 1 day at least',
      ],
    )
    assert.equal((await manager.post(`${at}/start`, how)).status, 303)
    assert.equal((await read(key, json.batch.id)).batch.beginsAt, '2099-01-05T05:00:00.000Z')
    assert.match((await manager.get(at)).text, /From[\s\S]{1,200}5 Jan 2099, 00:00/)
    const history = await manager.get(`/services/${key}/history`)
    assert.match(history.text, /began to invite 1 person as “A list”, from 5 January 2099 at 00:00 on/)
  })

  test('ADM-43 whoever stands in a batch that is being sent is not drawn again, and a draw without a name is told once', async () => {
    const key = await aService()
    await wait(key, someone(2))
    const manager = await app.signIn('service-manager', key)
    const draw = (name: string) =>
      manager.post(`/services/${key}/admission/batches`, { name, count: '2', method: 'random' })
    const nameless = await draw('')
    assert.equal(nameless.text.match(/class="govuk-error-message"/g)?.length, 1)
    assert.match(nameless.text, /<a href="#draw-name">Give the batch a name/)
    const first = await draw('First')
    assert.equal(first.status, 303)
    const id = first.headers.get('location')?.split('/').at(-1) ?? ''
    assert.equal((await go(key, id, { beginsAt: '2099-01-01T00:00:00Z' })).status, 204)
    const second = await draw('Second')
    assert.match(second.text, /Nobody is waiting who can be drawn\. Whoever stands in a batch that is being sent/)
  })

  test('ADM-45 a line that holds nothing is told as that', async () => {
    const key = await aService()
    const { json } = await upload(key, 'email,name\nheld@example.org,A\n,\n')
    const manager = await app.signIn('service-manager', key)
    const { text } = await manager.get(`/services/${key}/admission/batches/${json.batch.id}`)
    assert.match(text, /An empty line[^]{1,200}Not an email address/)
  })

  test('A batch that somebody else has paused meanwhile says so, and leads to no field that is not there', async () => {
    const key = await aService()
    const { json } = await upload(key, 'email\nheld@example.org\n')
    await go(key, json.batch.id, { beginsAt: '2099-01-01T00:00:00Z' })
    const manager = await app.signIn('service-manager', key)
    const at = `/services/${key}/admission/batches/${json.batch.id}/pause`
    await manager.post(at, {})
    const again = await manager.post(at, {})
    assert.equal(again.status, 422)
    assert.match(again.text, /error-summary__list">\s*<li>This cannot be done/)
  })

  test('Open invitations of a batch are withdrawn together; whoever accepted stays in', async () => {
    const key = await aService()
    const { json } = await upload(key, 'email\nw1@example.org\nw2@example.org\nw3@example.org\n')
    await go(key, json.batch.id)
    const link = await linkTo('w1@example.org')
    await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    const manager = await app.signIn('service-manager', key)
    await manager.post(`/services/${key}/admission/batches/${json.batch.id}/end`, { revoke: 'yes' })
    const { funnel } = await read(key, json.batch.id)
    assert.deepEqual([funnel.sent, funnel.accepted, funnel.open, funnel.withdrawn], [3, 1, 0, 2])
  })

  test('From invited to completed: only what is measured is counted', async () => {
    const key = await aService()
    const { json } = await upload(key, 'email\nf1@example.org\nf2@example.org\n')
    await go(key, json.batch.id)
    const link = await linkTo('f1@example.org')
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    const unit = accepted.headers.get('x-phasegate-admit')?.split('.')[1]
    const at = (minutes: number) => new Date(app.clock.now().getTime() + minutes * 60_000).toISOString()
    const event = { service: key, journey: 'apply', transaction: 't1', unit, arm: 'new' }
    const events = [
      { ...event, id: 'e1', time: at(0), name: 'start' },
      { ...event, id: 'e2', time: at(2), name: 'end', outcome: 'completed' },
    ]
    const stored = await app.asAdmin.api('POST', '/api/v1/events', { events })
    assert.equal(stored.json.stored, 2, stored.text)
    const { funnel, uses } = await read(key, json.batch.id)
    assert.deepEqual([funnel.sent, funnel.accepted, uses], [2, 1, { used: 1, completed: 1 }])
  })
})
