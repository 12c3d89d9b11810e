import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { feedbackSummary, latestFeedback } from './index.ts'

let app: TestApp
let team: Client

before(async () => {
  app = await startApp()
  await app.aService()
  await app.aService({ key: 'other', name: 'Another service', newUrl: 'http://127.0.0.1:9003' })
  team = await app.signIn('product', 'permit')
})
after(() => app.close())

const fromGateway = { 'x-phasegate-arm': 'new', 'x-phasegate-unit': 'u'.repeat(22), 'x-phasegate-visitor': 'v1' }
let network = 0

/** As somebody else on another network would send it. */
function post(form: Record<string, string>, headers: Record<string, string> = {}) {
  network += 1
  const from = { 'x-forwarded-for': `10.${network}.0.1` }
  return app.asGateway.post('/edge/permit/feedback', form, { ...fromGateway, ...from, ...headers })
}

async function send(answer: object, headers: Record<string, string> = {}) {
  network += 1
  const from = { 'x-forwarded-for': `10.${network}.0.1` }
  return app.asGateway.api('POST', '/edge/permit/feedback', answer, { ...fromGateway, ...from, ...headers })
}

const referenceIn = (location: string | null) => new URL(location ?? '', 'http://x').searchParams.get('reference') ?? ''

test('FEED-2 the question is a page that needs no JavaScript, and asks five points, words and a reply address', async () => {
  const page = await app.asGateway.get('/edge/permit/feedback?journey=apply&ending=done')
  assert.equal(page.status, 200)
  assert.deepEqual(page.headings, ['How satisfied were you with the service today?'])
  for (const words of [
    'Very satisfied',
    'Very dissatisfied',
    'Leave this blank',
    'action="/.phasegate/feedback"',
    'value="apply"',
  ]) {
    assert.ok(page.text.includes(words), words)
  }
  assert.ok(page.text.includes('govuk-phase-banner'))
  const fromCurrent = await app.asGateway.get('/edge/permit/feedback', { 'x-phasegate-arm': 'current' })
  assert.ok(!fromCurrent.text.includes('govuk-phase-banner'))
  assert.equal((await app.api('GET', '/edge/permit/feedback')).status, 401)
})

test('FEED-2 an answer leads to thanks with a reference number, and stands in the list of the team', async () => {
  const sent = await post({
    rating: '4',
    comment: 'The upload took long',
    journey: 'apply',
    ending: 'done',
    address: '',
  })
  assert.equal(sent.status, 303)
  const reference = referenceIn(sent.location)
  assert.match(sent.location ?? '', /^\/\.phasegate\/feedback\/sent\?reference=/)
  const thanks = await app.asGateway.get(`/edge/permit/feedback/sent?reference=${reference}`)
  assert.deepEqual(thanks.headings, ['Thank you'])
  assert.ok(thanks.text.includes(reference))
  const list = await team.get('/services/permit/feedback')
  for (const words of ['The upload took long', reference, 'Application sent', 'New service'])
    assert.ok(list.text.includes(words), words)
})

test('FEED-2 an empty answer comes back with what is wrong and what was typed', async () => {
  const empty = await post({ rating: '', comment: '  ', address: 'nobody' })
  assert.equal(empty.status, 422)
  assert.ok(empty.headings.includes('There is a problem'))
  assert.ok(empty.text.includes('name@example.org'))
  assert.ok(empty.text.includes('value="nobody"'))
  const wrong = await post({ rating: '6', comment: 'I typed <b>much</b>' })
  assert.equal(wrong.status, 422)
  assert.ok(wrong.text.includes('I typed &lt;b&gt;much&lt;/b&gt;'))
  const json = await send({ rating: 9, comment: 'x' })
  assert.equal(json.status, 422)
  assert.deepEqual(json.json.errors, [{ field: 'rating', message: 'Choose one of the five answers' }])
})

test('FEED-3 the same answer sent again is one answer with one reference', async () => {
  const answer = { id: 'a1b2c3', rating: '5', comment: 'Sent twice' }
  const first = await send(answer)
  const again = await send(answer)
  assert.equal(first.status, 200)
  assert.equal(first.json.reference, again.json.reference)
  const form = { rating: '5', comment: 'Pressed twice' }
  const [one, two] = await Promise.all([post(form), post(form)])
  assert.equal(referenceIn(one?.location ?? null), referenceIn(two?.location ?? null))
  const { json } = await app.asAdmin.api('GET', '/api/v1/services/permit/feedback?search=twice')
  assert.equal(json.total, 2)
})

test('FEED-3 other words from a form that came back by “back” are kept, and its rating counts once', async () => {
  const before = await ratingsOf('not-eligible')
  const form = { id: 'form-of-one-page', rating: '1', journey: 'apply', ending: 'not-eligible' }
  const said = ['', 'Back: the map', 'Back: the map', 'Back: and the date']
  const references = []
  for (const comment of said) references.push(referenceIn((await post({ ...form, comment })).location))
  assert.equal(new Set(references).size, 3)
  const { json } = await app.asAdmin.api('GET', '/api/v1/services/permit/feedback?search=Back:')
  assert.deepEqual(
    json.feedback.map((item: { comment: string; rating: number | null }) => [item.comment, item.rating]),
    [
      ['Back: and the date', null],
      ['Back: the map', null],
    ],
  )
  assert.equal(await ratingsOf('not-eligible'), before + 1)
})

test('FEED-3 each arm is tagged by what the gateway says, not by what the page says', async () => {
  await send({ rating: 2, comment: 'Said of the current one', arm: 'new' }, { 'x-phasegate-arm': 'current' })
  const { json } = await app.asAdmin.api('GET', '/api/v1/services/permit/feedback?arm=current')
  assert.deepEqual(
    json.feedback.map((item: { comment: string }) => item.comment),
    ['Said of the current one'],
  )
})

test('MEAS ratings count in satisfaction in the same transaction, by arm and ending', async () => {
  const before = await ratingsOf('not-eligible')
  await send({ rating: 1, journey: 'apply', ending: 'not-eligible' })
  assert.equal(await ratingsOf('not-eligible'), before + 1)
})

async function ratingsOf(ending: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select coalesce(sum(r1), 0)::int as n from rating_hour
    where ending = ${ending} and arm = 'new'`.execute(app.db)
  return rows[0]?.n ?? 0
}

test('FEED-5 what looks like spam gets the same answer, is held apart and can be taken back', async () => {
  const caught = await post({ rating: '5', comment: 'Cheap permits', website: 'http://spam.example' })
  assert.equal(caught.status, 303)
  const reference = referenceIn(caught.location)
  assert.match(reference, /^.{4}-.{4}$/)
  assert.ok(!(await team.get('/services/permit/feedback')).text.includes('Cheap permits'))
  assert.ok((await team.get('/services/permit/feedback?state=spam')).text.includes('Cheap permits'))
  const taken = await team.post(`/services/permit/feedback/${reference}`, { state: 'new' })
  assert.equal(taken.status, 303)
  assert.ok((await team.get('/services/permit/feedback')).text.includes('Cheap permits'))
})

test('FEED-8 too many answers from one network are asked to wait, with their words kept', async () => {
  const headers = { 'x-forwarded-for': '192.0.2.9' }
  const answers = []
  for (let i = 0; i < 61; i++) answers.push((await post({ rating: '3', comment: `No ${i}` }, headers)).status)
  assert.equal(answers.filter((status) => status === 303).length, 60)
  const late = await post({ rating: '3', comment: 'Keep my words' }, { 'x-forwarded-for': '192.0.2.77' })
  assert.equal(late.status, 429)
  assert.ok(Number(late.headers.get('retry-after')) > 0)
  assert.ok(late.text.includes('Keep my words'))
  app.clock.advance(60_000)
  assert.equal((await post({ rating: '3' }, headers)).status, 303)
})

test('FEED-10 a tester gives an experience, a suggestion or general feedback, and each can be found by its kind [row 139]', async () => {
  for (const kind of ['experience', 'suggestion', 'general']) {
    assert.equal((await post({ comment: `This is of kind ${kind}`, kind })).status, 303)
    const found = await team.get(`/services/permit/feedback?kind=${kind}`)
    assert.ok(found.text.includes(`This is of kind ${kind}`))
  }
  assert.ok(!(await team.get('/services/permit/feedback?kind=general')).text.includes('of kind suggestion'))
  assert.equal((await post({ comment: 'x', kind: 'praise' })).status, 422)
})

test('FEED-7 each item ends in a decision with words, a name and a date, and the share of those is shown [row 65]', async () => {
  const own = await startApp()
  try {
    await own.aService()
    const support = await own.signIn('support', 'permit')
    const references: string[] = []
    for (const comment of ['One', 'Two', 'Three', 'Four']) {
      const { json } = await own.asAdmin.api('POST', '/api/v1/feedback', {
        service: 'permit',
        rating: 3,
        comment,
        arm: 'new',
      })
      references.push(json.reference)
    }
    await own.asAdmin.api('POST', '/api/v1/feedback', { service: 'permit', rating: 5 })
    const rated = await own.asAdmin.api('GET', '/api/v1/services/permit/feedback?rating=5')
    assert.deepEqual([rated.json.feedback[0].state, rated.json.feedback[0].decision !== null], ['closed', true])

    const [first = '', second = ''] = references
    const wordless = await support.post(`/services/permit/feedback/${first}`, {
      state: 'closed',
      decision: ' ',
      link: 'STORY-7',
    })
    assert.equal(wordless.status, 422)
    assert.ok(wordless.text.includes('Say what changes because of it'))
    assert.ok(wordless.text.includes('STORY-7'))
    const decision = {
      state: 'closed',
      decision: 'The upload shows its progress from the next release',
      link: 'STORY-7',
    }
    assert.equal((await support.post(`/services/permit/feedback/${first}`, decision)).status, 303)
    const item = await support.get(`/services/permit/feedback/${first}`)
    for (const words of ['The upload shows its progress', support.account.name, '20 November 2026', 'STORY-7']) {
      assert.ok(item.text.includes(words), words)
    }
    await own.asAdmin.api('PATCH', `/api/v1/services/permit/feedback/${second}`, {
      state: 'answered',
      decision: 'Told the person',
    })
    const list = await support.get('/services/permit/feedback')
    assert.ok(list.text.includes('2 of 4 comments ended in a decision (50%). 2 wait'), list.headings.join())
    const history = await support.get('/services/permit/history')
    assert.ok(history.text.includes(`marked feedback ${first} as closed`))
    assert.ok(history.text.includes('The upload shows its progress'))
  } finally {
    await own.close()
  }
})

test('FEED-7 a key cannot skip the decision, and a state is reached only from where an item stands', async () => {
  const { json } = await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'permit', comment: 'Decide on me' })
  const path = `/api/v1/services/permit/feedback/${json.reference}`
  assert.equal((await app.asAdmin.api('PATCH', path, { state: 'closed' })).json.code, 'decision-needed')
  assert.equal((await app.asAdmin.api('PATCH', path, { state: 'gone' })).status, 400)
  await app.asAdmin.api('PATCH', path, { state: 'closed', decision: 'Known' })
  assert.equal((await app.asAdmin.api('PATCH', path, { state: 'spam' })).json.code, 'feedback-state')
  assert.equal(
    (await app.asAdmin.api('PATCH', '/api/v1/services/permit/feedback/2222-2222', { state: 'read' })).status,
    404,
  )
})

test('FEED-11 the list is searched in whole words, filtered and paged', async () => {
  for (let i = 0; i < 30; i++) {
    await app.asAdmin.api('POST', '/api/v1/feedback', {
      service: 'other',
      rating: (i % 5) + 1,
      comment: `Parking bay number ${i}`,
    })
  }
  await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'other', comment: 'Garages are missing' })
  const reader = await app.signIn('designer', 'other')
  assert.ok((await reader.get('/services/other/feedback?search=garage')).text.includes('Garages are missing'))
  assert.ok(!(await reader.get('/services/other/feedback?search=garage')).text.includes('Parking bay'))
  const first = await reader.get('/services/other/feedback?search=parking')
  assert.ok(first.text.includes('30 answers'))
  assert.ok(first.text.includes('search=parking&amp;page=2'))
  assert.ok((await reader.get('/services/other/feedback?search=parking&page=2')).text.includes('Parking bay number 0'))
  const low = await app.asAdmin.api('GET', '/api/v1/services/other/feedback?rating=1')
  assert.equal(low.json.total, 6)
  for (const search of ["' or 1=1 --", '"', '((', '\\', '!!! & |']) {
    assert.equal((await reader.get(`/services/other/feedback?search=${encodeURIComponent(search)}`)).status, 200)
  }
  assert.equal((await reader.get('/services/other/feedback?rating=x&state=y&page=-1')).status, 200)
})

test('FEED-9 the list goes out as a file for a spreadsheet, without addresses', async () => {
  await post({ comment: '=HYPERLINK("http://x")', address: 'a.example@example.org' })
  const file = await team.get('/services/permit/feedback.csv?search=hyperlink')
  assert.match(file.headers.get('content-type') ?? '', /^text\/csv/)
  assert.ok(file.text.includes(`"'=HYPERLINK`))
  assert.ok(!file.text.includes('a.example@example.org'))
})

test('P9 a reply address is shown to those who answer, and to nobody else', async () => {
  const sent = await post({ comment: 'Please write to me', address: 'a.example@example.org' })
  const path = `/services/permit/feedback/${referenceIn(sent.location)}`
  assert.ok((await team.get(path)).text.includes('a.example@example.org'))
  const assessor = await app.signIn('assessor', 'permit')
  const seen = await assessor.get(path)
  assert.equal(seen.status, 200)
  assert.ok(!seen.text.includes('a.example@example.org'))
  assert.equal((await assessor.post(path, { state: 'read' })).status, 403)
  const viewer = await app.signIn('viewer', 'permit')
  assert.equal((await viewer.get('/services/permit/feedback')).status, 403)
  const stranger = await app.signIn('product', 'other')
  assert.equal((await stranger.get(path)).status, 404)
})

test('FEED-3 what another system sends is checked against the journey and the key', async () => {
  const unknown = await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'permit', rating: 1, ending: 'nowhere' })
  assert.deepEqual([unknown.status, unknown.json.code], [422, 'unknown-ending'])
  assert.equal((await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'none', rating: 1 })).status, 404)
  const empty = await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'permit' })
  assert.equal(empty.status, 400)
  assert.equal(empty.json.errors[0].field, 'body.rating')
  const past = await app.asAdmin.api('POST', '/api/v1/feedback', {
    service: 'permit',
    rating: 1,
    time: '2026-01-01T00:00:00Z',
  })
  assert.equal(past.json.code, 'time-not-honoured')
  const stale = await send({ comment: 'From a page that is older than the journey', ending: 'gone' })
  assert.equal(stale.status, 200)
})

test('FEED-12 the service page gets the newest comments and how many were decided', async () => {
  const other = await app.db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string }>`select id from service where key = 'other'`.execute(tx)
    return rows[0]?.id ?? ''
  })
  assert.deepEqual(
    (await latestFeedback(app.db, other, 2)).map(({ comment }) => comment?.split(' ')[0]),
    ['Garages', 'Parking'],
  )
  const summary = await feedbackSummary(app.db, other)
  assert.deepEqual([summary.received, summary.comments, summary.decided, summary.open], [31, 31, 0, 31])
})

test('FEED-13 signals tell what came in, what waits, and which end points ask', async () => {
  const read = async (id: string) => {
    const { rows } = await sql<{
      id: string
      key: string
      timeZone: string
    }>`select id, key, time_zone as "timeZone" from service where key = 'other'`.execute(app.db)
    const window = { from: new Date(0), to: new Date(app.clock.now().getTime() + 1) }
    return app.phasegate.signals.get(id)?.read(app.db, rows[0] as { id: string; key: string; timeZone: string }, window)
  }
  const received = await read('feedback.received')
  assert.deepEqual([received?.kind, received?.kind === 'value' && received.value], ['value', 31])
  const waiting = await read('feedback.unanswered')
  assert.equal(waiting?.kind === 'value' && waiting.value, 31)
  const share = await read('feedback.answered-share')
  assert.equal(share?.kind === 'value' && share.value, 0)
  assert.equal((await read('feedback.end-points-with-prompt'))?.kind, 'no-data')
  const end = (step: string, outcome: string, properties: object) => ({
    id: `end-${step}`,
    time: app.clock.now().toISOString(),
    service: 'other',
    name: 'end',
    journey: 'apply',
    step,
    outcome,
    transaction: `t-${step}`,
    arm: 'new',
    properties,
  })
  const { status } = await app.asGateway.api('POST', '/api/v1/events', {
    events: [
      end('done', 'completed', { question: true }),
      end('not-eligible', 'refused', { question: false, feedbackLink: true }),
    ],
  })
  assert.equal(status, 200)
  const asked = await read('feedback.end-points-with-prompt')
  assert.deepEqual(asked?.kind === 'value' && [asked.value, asked.n], [50, 2])
  const page = await (await app.signIn('designer', 'other')).get('/services/other/feedback')
  const table = page.text.slice(page.text.indexOf('id="end-points"'))
  const words = table.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  assert.match(words, /Application sent Asks 0 answers, last shown 20 Nov Not reached/)
  assert.match(words, /Not eligible Does not ask Not reached Error page Not reached Not reached/)
  const answered = { rating: 2, journey: 'apply', ending: 'not-eligible' }
  await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'other', ...answered, arm: 'new' })
  const byApi = await (await app.signIn('designer', 'other')).get('/services/other/feedback')
  assert.match(byApi.text, /Does not ask[^]{0,120}1 answer by the API/)
  const still = await read('feedback.end-points-with-prompt')
  assert.equal(still?.kind === 'value' && still.value, 50)
  await app.asGateway.api('POST', '/edge/other/feedback', answered, { 'x-phasegate-arm': 'new' })
  const after = await read('feedback.end-points-with-prompt')
  assert.equal(after?.kind === 'value' && after.value, 100)
})

test('FEED-14 a complaint about access is found by its words, counts at the gate while open, and a person corrects a wrong guess', async () => {
  const read = async () => {
    const { rows } = await sql<{ id: string; key: string; timeZone: string }>`
      select id, key, time_zone as "timeZone" from service where key = 'other'`.execute(app.db)
    const window = { from: new Date(0), to: new Date(app.clock.now().getTime() + 1) }
    const signal = app.phasegate.signals.get('feedback.accessibility-open')
    const reading = await signal?.read(app.db, rows[0] as { id: string; key: string; timeZone: string }, window)
    return reading?.kind === 'value' ? reading.value : null
  }
  assert.equal(await read(), 0)
  const comment = 'My screen reader does not say what is wrong with the date'
  const { json } = await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'other', rating: 1, comment })
  assert.equal(await read(), 1)
  const designer = await app.signIn('designer', 'other')
  const found = await designer.get('/services/other/feedback?accessibility=true')
  assert.ok(found.text.includes('screen reader') && !found.text.includes('Parking bay'))
  await designer.post(`/services/other/feedback/${json.reference}`, { state: 'read', accessibility: 'yes' })
  assert.equal(await read(), 1)
  await designer.post(`/services/other/feedback/${json.reference}`, { state: 'read' })
  assert.equal(await read(), 0)
  assert.ok((await designer.get('/services/other/history')).text.includes('not about access'))
})

test('FEED-2 the link door has the same form, on this host, for services that stand behind it', async () => {
  await app.aService({ key: 'hosted', name: 'A hosted form', newUrl: 'http://127.0.0.1:9004', door: 'link' })
  const form = await app.get('/go/hosted/feedback')
  assert.equal(form.status, 200)
  assert.ok(form.text.includes('action="/go/hosted/feedback"') && form.text.includes('href="/assets/'))
  const sent = await app.post('/go/hosted/feedback', { rating: '4', comment: 'Good' })
  assert.equal(sent.status, 303)
  assert.deepEqual((await app.get(sent.location ?? '')).headings, ['Thank you'])
  const { json } = await app.asAdmin.api('GET', '/api/v1/services/hosted/feedback')
  assert.deepEqual([json.total, json.feedback[0].comment], [1, 'Good'])
  assert.equal((await app.post('/go/hosted/feedback', { rating: '' })).status, 422)
  assert.equal((await app.get('/go/permit/feedback')).status, 404)
})

test('FEED-3 a client key works on the pages of its service only', async () => {
  const manager = await app.signIn('service-manager', 'permit')
  const made = await manager.api('POST', '/api/v1/services/permit/keys', { name: 'in the page', kind: 'client' })
  const send = (origin: string) =>
    app.api(
      'POST',
      '/api/v1/feedback',
      { service: 'permit', rating: 3 },
      { authorization: `Bearer ${made.json.secret}`, origin },
    )
  assert.equal((await send('http://127.0.0.1:9002')).status, 201)
  assert.equal((await send('https://elsewhere.example.org')).status, 404)
})

test('FEED-3 hostile input is answered as a mistake of the sender, never as one of ours', async () => {
  const long = 'x'.repeat(70_000)
  const nasty = [
    '\0',
    'a\0b',
    '\u{d800}',
    long,
    "'; drop table feedback; --",
    '<script>',
    '%00',
    '{}',
    '[]',
    '\r\n',
    '🙂'.repeat(3000),
  ]
  const fields = [
    'id',
    'comment',
    'kind',
    'address',
    'journey',
    'ending',
    'transaction',
    'page',
    'website',
    'tookMs',
    'rating',
  ]
  for (const value of nasty) {
    for (const field of fields) {
      const answer = { rating: 3, comment: 'x', [field]: value }
      for (const { status } of [
        await send(answer),
        await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'other', ...answer }),
      ]) {
        assert.ok(status < 500, `${field} ${JSON.stringify(value.slice(0, 20))}: ${status}`)
      }
    }
    const query = encodeURIComponent(value.toWellFormed().slice(0, 300))
    for (const name of ['search', 'ending', 'page', 'reference', 'journey']) {
      const { status } = await team.get(`/services/permit/feedback?${name}=${query}`)
      assert.ok(status < 500, `${name} ${query.slice(0, 20)}: ${status}`)
      assert.ok((await app.asGateway.get(`/edge/permit/feedback?${name}=${query}`)).status < 500)
    }
    assert.ok((await team.get(`/services/permit/feedback/${query.slice(0, 50)}`)).status < 500)
  }
  for (const body of [null, [], 'text', 7, { rating: { $gt: 1 } }, { comment: ['a'] }, { rating: 3, id: {} }]) {
    const { status } = await send(body as object)
    assert.ok(status === 422 || status === 400, `${JSON.stringify(body)}: ${status}`)
  }
  const { json } = await app.asAdmin.api('POST', '/api/v1/feedback', { service: 'other', comment: 'Handle me' })
  const change = await app.asAdmin.api('PATCH', `/api/v1/services/other/feedback/${json.reference}`, {
    state: 'closed',
    decision: 'a\0b',
    link: '\0',
  })
  assert.ok(change.status < 500, String(change.status))
  assert.ok((await app.asAdmin.api('GET', '/api/v1/services/other/feedback?search=%00')).status < 500)
})
