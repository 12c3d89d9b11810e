import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { letIn } from '../../test/support/invited.ts'
import { until } from '../../test/support/until.ts'

const hourMs = 3_600_000

describe('the room of a beta', () => {
  let app: TestApp
  let growth: Client
  let builder: Client & { account: { id: string; email: string } }
  let units: Record<string, string>
  const service = '/api/v1/services/permit'
  const feature = `${service}/features/release-map`
  const page = '/services/permit/features/release-map'
  before(async () => {
    app = await startApp()
    await app.aService({ phase: 'private-beta' })
    growth = await app.signIn('growth', 'permit')
    builder = await app.signIn('developer', 'permit')
    units = {
      ann: await letIn(app, 'permit', 'ann@example.org', { cohort: 'Testers' }),
      ben: await letIn(app, 'permit', 'ben@example.org', { cohort: 'Testers' }),
      cat: await letIn(app, 'permit', 'cat@example.org', { cohort: 'Others' }),
    }
    await growth.api('POST', `${service}/features`, {
      ...{ kind: 'release', key: 'release-map', name: 'Map of streets' },
      description: 'Shows on a map where a permit holds',
    })
    await growth.api('PUT', `${feature}/switch`, { on: true, reason: 'To be tried' })
    for (const to of ['internal-release', 'beta-release']) await step('POST', 'stage', { to, reason: 'It is ready' })
    await step('PUT', 'audience', { cohorts: ['Testers'], reason: 'They asked for it' })
    await app.phasegate.admission.snapshots.refresh(null)
  })
  after(() => app.close())

  const step = async (method: string, path: string, body: object) => {
    const { version } = (await growth.api('GET', feature)).json
    // A person moves a stage on at its gates, with which the tests of stages deal.
    const by = path === 'stage' ? app.asAdmin : growth
    const answer = await by.api(method, `${feature}/${path}`, { ...body, version })
    assert.ok(answer.status < 300, answer.text)
  }
  const as = (who: string) => ({ 'x-phasegate-unit': units[who] ?? '' })
  const room = '/edge/permit/rooms/release-map'
  const say = (who: string, form: Record<string, string>) => app.asGateway.post(`${room}/messages`, form, as(who))
  const job = async (name: string) => {
    await app.phasegate.platform.jobs.now(name, app.phasegate.platform)
    await app.phasegate.platform.mail.deliverDue()
    await until('no mail is on its way', async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from mail_outbox`.execute(app.db)
      return rows[0]?.n === 0
    })
  }
  const threads = async () => (await growth.api('GET', `${feature}/room/messages`)).json.threads

  test('ROOM-1 the room opens with a word for testers, and only those who have the feature come in, without an account [row 138]', async () => {
    assert.equal((await app.asGateway.get(room, as('ann'))).status, 404, 'there is no room yet')
    const form = { welcome: 'Try a street near you', builder: builder.account.id }
    const opened = await growth.post(`${page}/room`, form)
    assert.equal(opened.status, 303, opened.text)
    const seen = await app.asGateway.get(room, as('ann'))
    assert.equal(seen.status, 200)
    assert.match(seen.text, /Try a street near you/)
    assert.equal((await app.asGateway.get(room, as('cat'))).status, 404, 'cat does not try it')
    assert.equal((await app.asGateway.get(room)).status, 404, 'nobody without a pass')
    const viewer = await app.signIn('viewer', 'permit')
    assert.equal((await viewer.get(`${page}/room`)).status, 403)
    for (const path of ['', '/beta'])
      assert.doesNotMatch((await viewer.get(page + path)).text, /\/(room|learning|testimonials)"/, 'nor led there')
    assert.match((await growth.get(page)).text, /\/room"/)
  })

  test('ROOM-2 a tester says an experience, a suggestion or feedback; what strangers write is text [row 139]', async () => {
    assert.equal((await say('ann', { text: 'Nothing', kind: 'praise' })).status, 422)
    assert.match((await say('ann', { kind: 'experience', text: '' })).text, /Write your message/)
    const empty = (await say('ann', { text: '' })).text
    assert.ok(empty.indexOf('Choose what it is') < empty.indexOf('Write your message'), 'in the order of the fields')
    assert.match((await say('ann', { kind: 'experience', text: 'x'.repeat(4001) })).text, /at most 4,000/)
    for (const kind of ['experience', 'suggestion', 'feedback'])
      assert.equal((await say('ann', { kind, text: `<b>A</b> ${kind}`, sentId: `once-${kind}` })).status, 303)
    await say('ann', { kind: 'feedback', text: '<b>A</b> feedback', sentId: 'once-feedback' })
    const all = await threads()
    assert.deepEqual(
      all.map(({ kind, by, fromTeam }: { kind: string; by: string; fromTeam: boolean }) => [kind, by, fromTeam]),
      [
        ['feedback', 'Tester 1', false],
        ['suggestion', 'Tester 1', false],
        ['experience', 'Tester 1', false],
      ],
    )
    for (const shown of [await app.asGateway.get(room, as('ben')), await growth.get(`${page}/room`)]) {
      assert.match(shown.text, /&lt;b&gt;A&lt;\/b&gt; suggestion/)
      assert.ok(!shown.text.includes('<b>A</b>'))
    }
  })

  test('ROOM-3 what is not read and what has no answer is counted, until the team answers or says that none is needed [row 141]', async () => {
    const strip = async (by: Client) =>
      [...(await by.get(`${page}/room`)).text.matchAll(/<dt>([^<]*)<\/dt>\s*<dd>(\d+)/g)].map(
        ([, name, n]) => `${name} ${n}`,
      )
    const refreshed = await builder.get(`${page}/room`, { 'phasegate-refresh': 'yes' })
    assert.match(refreshed.text, />New</)
    assert.deepEqual(
      (await strip(builder)).slice(0, 2),
      ['Not read by you 3', 'Without an answer 3'],
      'a page that fetched itself again was not read',
    )
    assert.deepEqual((await strip(builder)).slice(0, 2), ['Not read by you 0', 'Without an answer 3'])
    const [feedback, suggestion, experience] = await threads()
    const answered = await builder.post(`${page}/room/messages`, { text: 'Thank you', answers: experience.id })
    assert.equal(answered.status, 303, answered.text)
    assert.doesNotMatch((await builder.get(`${page}/room`)).text, />New</, 'own words are not new to oneself')
    await builder.post(`${page}/room/messages/${feedback.id}/settle`)
    const { json } = await growth.api('GET', `${feature}/room`)
    assert.deepEqual([json.unanswered, json.messages, json.testers], [1, 4, 1])
    assert.match((await app.asGateway.get(room, as('ann'))).text, /Thank you/)
    await app.asAdmin.api('POST', `${feature}/room/messages`, { text: 'Sent by a program' })
    const seen = (await app.asGateway.get(room, as('ann'))).text
    assert.match(seen, /<b>The team<\/b>[^]*Sent by a program/)
    assert.doesNotMatch(seen, /Key “/, 'the name of a key is nothing for testers')
    await say('ann', { text: 'And on a phone?', answers: experience.id })
    assert.equal((await growth.api('GET', `${feature}/room`)).json.unanswered, 2, 'who asks again waits again')
    assert.match((await growth.get(`${page}/room?open=yes`)).text, new RegExp(suggestion.id))
  })
  test('ROOM-4 messages go by mail to those who want them, the link opens the room on any device, and one press stops them [row 138]', async () => {
    await job('rooms-mails')
    const before = app.mails.length
    const invited = await growth.api('POST', `${feature}/room/invitations`)
    assert.deepEqual([invited.status, invited.json.mailed], [200, 2], invited.text)
    assert.equal((await growth.api('POST', `${feature}/room/invitations`)).json.mailed, 0, 'each is mailed once')
    const again = await growth.post(`${page}/room/invitations`)
    assert.match(
      again.text,
      /Nobody was mailed: everybody in the audience of the beta was mailed before, or has no address/,
    )
    await app.phasegate.platform.mail.deliverDue()
    const mail = app.mails.slice(before).find(({ to }) => to === 'ben@example.org')
    assert.match(mail?.text ?? '', /Nobody reads answers to this mail itself/)
    const path = new URL(/https?:\S+\/room\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '').pathname
    const seen = await app.get(path)
    assert.equal(seen.status, 200, 'without a pass')
    assert.equal(seen.headers.get('referrer-policy'), 'no-referrer')
    assert.equal((await app.post(`${path}/settings`, { name: 'Ben', mails: 'all' })).status, 303)
    await app.post(`${path}/messages`, { kind: 'experience', text: 'It found my street' })
    await growth.post(`${page}/room/messages`, { text: 'A new version is out' })
    await job('rooms-mails')
    await job('rooms-mails')
    const sent = app.mails.slice(before + 2)
    assert.deepEqual(
      sent.map(({ to, subject }) => [to, subject]),
      [['ben@example.org', 'A. Example in the beta room of “Map of streets”']],
    )
    const stop = new URL(sent.at(-1)?.stop ?? '').pathname
    assert.match((await app.get(stop)).text, /Stop these mails/)
    assert.equal((await growth.api('GET', `${feature}/room`)).json.testers, 2)
    const pressed = await app.post(stop, { 'List-Unsubscribe': 'One-Click' })
    assert.match(pressed.text, /No more mails/)
    await growth.post(`${page}/room/messages`, { text: 'And one more' })
    await job('rooms-mails')
    assert.equal(app.mails.length, before + 2 + sent.length)
    assert.equal((await app.get(`${path}x`)).status, 404)
  })

  test('ROOM-5 the builder is reminded once a day while something waits, until the stage ends [row 141]', async () => {
    const reminded = () => app.mails.filter(({ subject }) => /wait for an answer/.test(subject)).length
    await job('rooms-reminders')
    assert.equal(reminded(), 0, 'not before a day')
    app.clock.advance(25 * hourMs)
    await job('rooms-reminders')
    await job('rooms-reminders')
    assert.equal(reminded(), 1)
    assert.match((await builder.get('/notices')).text, /messages wait for an answer/)
    app.clock.advance(25 * hourMs)
    await job('rooms-reminders')
    assert.equal(reminded(), 2)
    await step('POST', 'stage', { to: 'internal-release', reason: 'Back for now' })
    app.clock.advance(25 * hourMs)
    await job('rooms-reminders')
    assert.equal(reminded(), 2, 'the stage has ended')
    await step('POST', 'stage', { to: 'beta-release', reason: 'Once more' })
  })

  test('ROOM-6 a chat gets a copy of each message, and testers are told so [row 138]', async () => {
    const hook = { kind: 'chat', url: 'https://192.0.32.8/hook', description: 'Beta channel', events: ['room.message'] }
    const made = await builder.api('POST', `${service}/webhooks`, hook)
    assert.equal(made.status, 201, made.text)
    assert.match((await app.asGateway.get(room, as('ann'))).text, /gets a copy in its own chat/)
    await say('ann', { kind: 'suggestion', text: 'Call @channel <!here>.' })
    const { rows } = await sql<{ payload: string }>`select payload from webhook_message
      where type = 'room.message' order by created_at`.execute(app.db)
    const { text } = JSON.parse(rows.at(-1)?.payload ?? '{}')
    assert.match(
      text,
      /Tester 1 in the beta room of “Map of streets” \(suggestion\): Call @\u200Bchannel &lt;!here&gt;\.(?!\.)/,
    )
    const history = (await growth.api('GET', `${service}/history`)).text
    assert.ok(!history.includes('Call @'), 'history keeps no words of testers')
  })

  test('ROOM-7 a message becomes one item of feedback [row 138]', async () => {
    const [thread] = await threads()
    const first = await growth.api('POST', `${feature}/room/messages/${thread.id}/feedback`)
    const again = await growth.api('POST', `${feature}/room/messages/${thread.id}/feedback`)
    assert.deepEqual([first.status, again.json], [201, first.json], first.text)
    const list = (await growth.api('GET', `${service}/feedback`)).json
    const item = (list.items ?? list.feedback).find(
      ({ reference }: { reference: string }) => reference === first.json.reference,
    )
    assert.equal(item.kind, 'suggestion')
    assert.match(item.comment, /Call @channel/)
  })

  test('ROOM-8 the team sees how often those who agreed used it, by tester and cohort, and nothing once they take it back [row 140]', async () => {
    const event = (who: string, id: string, flags: object) => ({
      ...{
        id,
        time: app.clock.now().toISOString(),
        service: 'permit',
        name: 'custom.opened-map',
        unit: units[who],
        flags,
      },
    })
    const send = (...events: object[]) => app.asAdmin.api('POST', '/api/v1/events', { events })
    await send(event('ann', 'before', { 'release-map': 'on' }))
    app.clock.advance(1000)
    await app.asGateway.post(`${room}/settings`, { name: 'Ann', mails: 'answers', usage: 'yes' }, as('ann'))
    app.clock.advance(1000)
    const sent = await send(
      event('ann', 'one', { 'release-map': 'on' }),
      event('ann', 'two', { 'release-map': true }),
      event('ann', 'off', { 'release-map': 'off' }),
      event('ben', 'ben', { 'release-map': 'on' }),
    )
    assert.equal(sent.json.stored, 4, sent.text)
    await job('rooms-usage')
    const { usage } = (await growth.api('GET', `${feature}/learning`)).json
    assert.deepEqual(
      usage.people.map(({ name, cohort, uses, days }: Record<string, unknown>) => [name, cohort, uses, days]),
      [['Ann', 'Testers', 2, 1]],
    )
    assert.deepEqual(usage.cohorts, [{ cohort: 'Testers', people: 1, active: 1, uses: 2 }])
    await app.asGateway.post(`${room}/settings`, { name: 'Ann', mails: 'answers' }, as('ann'))
    assert.deepEqual((await growth.api('GET', `${feature}/learning`)).json.usage.people, [])
  })

  test('ROOM-9 unknowns are answered or still open, and whether the need was misread is answered before the end [row 131] [row 127]', async () => {
    const signal = async (id: string) => {
      const { id: featureId } = (await growth.api('GET', feature)).json
      const now = app.clock.now()
      const of = {
        id: serviceId,
        key: 'permit',
        timeZone: 'Europe/London',
        feature: { id: featureId, key: 'release-map' },
      }
      return app.phasegate.signals.get(id)?.read(app.db, of, { from: now, to: now })
    }
    const { rows } = await sql<{ id: string }>`select id from service where key = 'permit'`.execute(app.db)
    const serviceId = rows[0]?.id ?? ''
    assert.equal((await signal('rooms.unknowns-open'))?.kind, 'no-data')
    for (const question of ['Do they print it?', 'Do they share it?'])
      await growth.post(`${page}/learning/unknowns`, { question })
    const { unknowns } = (await growth.api('GET', `${feature}/learning`)).json
    await growth.api('PUT', `${feature}/unknowns/${unknowns[0].id}`, { answer: 'They do not' })
    const open = await signal('rooms.unknowns-open')
    assert.deepEqual(open?.kind === 'value' && [open.value, open.n], [1, 2])
    const answered = async () => {
      const read = await signal('rooms.need-answered')
      return read?.kind === 'value' ? read.value : null
    }
    assert.equal(await answered(), 0)
    assert.equal((await growth.post(`${page}/learning/need`, { answer: 'hit', because: '' })).status, 422)
    await growth.post(`${page}/learning/need`, { answer: 'partly', because: 'They want a list as well' })
    assert.equal(await answered(), 1)
    assert.match((await growth.get(`${page}/learning`)).text, /1 of 2/)
  })

  test('ROOM-10 defects are counted by the stage that found them and the stage that brought them in [row 128]', async () => {
    const report = (foundIn: string, introducedIn: string, severity = 'major') =>
      growth.api('POST', `${feature}/defects`, { title: 'It freezes', severity, foundIn, introducedIn })
    assert.equal((await report('development', 'beta-release')).json.code, 'found-before-introduced')
    const { json } = await report('beta-release', 'development')
    await report('beta-release', 'beta-release', 'minor')
    await growth.api('POST', `${feature}/defects/${json.id}/close`)
    const { defectsByStage } = (await growth.api('GET', `${feature}/learning`)).json
    assert.deepEqual([defectsByStage.missed, defectsByStage.open, defectsByStage.total], [1, 1, 2])
    assert.deepEqual(
      defectsByStage.stages.find(({ id }: { id: string }) => id === 'beta-release'),
      { id: 'beta-release', found: 2, introduced: 1, open: 1 },
    )
  })

  test('ROOM-13 at the gate each focus of the beta stands on what its room and the measures show, and on no data where there is none [row 125] [row 126]', async () => {
    const gate = `${feature}/gates/beta-release-to-public-release`
    const shown = async (focus: string) => {
      const { criteria } = (await growth.api('GET', gate)).json
      const { readings, state } = criteria.find(({ id }: { id: string }) => id === focus)
      return Object.fromEntries([
        ['state', state],
        ...readings.map(({ signal, reading }: { signal: string; reading: { kind: string; value?: number } }) => [
          signal,
          reading.value ?? reading.kind,
        ]),
      ])
    }
    const judge = (focus: string, verdict: string, by: Client) =>
      by.api('POST', `${gate}/criteria/${focus}/verdict`, { verdict, reason: 'By what the testers did' })
    await growth.post(`${page}/learning/need`, { answer: 'missed', because: 'They plan by list' })
    assert.deepEqual(await shown('works-as-intended'), {
      state: 'evidenced',
      'rooms.testers-used': 'no-data',
      'rooms.defects-serious-open': 0,
      'rooms.errors-against-others': 'no-data',
      'measures.error-rate.new': 'no-data',
    })
    const before = await shown('solves-the-problem')
    assert.deepEqual([before['rooms.need-missed'], before['measures.completion-rate.new']], [1, 'no-data'])

    await app.asGateway.post(`${room}/settings`, { name: 'Ann', mails: 'answers', usage: 'yes' }, as('ann'))
    app.clock.advance(hourMs)
    const time = app.clock.now().toISOString()
    const of = { time, service: 'permit', arm: 'new' }
    const journeys = Array.from({ length: 40 }, (_, n) => [
      { ...of, id: `s${n}`, name: 'start', transaction: `t${n}` },
      ...(n < 30 ? [{ ...of, id: `e${n}`, name: 'end', step: 'done', transaction: `t${n}` }] : []),
    ]).flat()
    const use = { ...of, id: 'used', name: 'custom.opened-map', unit: units['ann'], flags: { 'release-map': 'on' } }
    const error = { ...of, id: 'failed', name: 'error', transaction: 't31' }
    const sent = await app.asAdmin.api('POST', '/api/v1/events', { events: [...journeys, use, error] })
    assert.equal(sent.json.stored, 72, sent.text)
    await job('rooms-usage')
    await growth.api('POST', `${feature}/defects`, {
      ...{ title: 'It freezes', severity: 'major', foundIn: 'beta-release', introducedIn: 'beta-release' },
    })
    app.clock.advance(hourMs)
    const works = await shown('works-as-intended')
    assert.deepEqual([works['rooms.testers-used'], works['rooms.defects-serious-open']], [1, 1])
    assert.ok(works['measures.error-rate.new'] > 1, 'one error page on 71 pages is more than 1 %')
    assert.equal((await shown('solves-the-problem'))['measures.completion-rate.new'], 75)
    assert.equal((await judge('works-as-intended', 'not-met', growth)).status, 403)
    assert.equal((await judge('works-as-intended', 'not-met', builder)).status, 201)
    assert.equal((await judge('solves-the-problem', 'not-met', growth)).status, 201)
    assert.equal((await shown('works-as-intended')).state, 'not-met')
    assert.equal((await shown('solves-the-problem')).state, 'not-met')
    const { missing } = (await growth.api('GET', gate)).json
    assert.match(JSON.stringify(missing), /solves the problem/i)
  })

  test('ROOM-11 words are quoted only as the person approved them, it is known where, and either side withdraws [row 144]', async () => {
    const [thread] = await threads()
    const asked = await growth.api('POST', `${feature}/testimonials`, {
      message: thread.id,
      wording: 'It found my street',
    })
    assert.equal(asked.status, 201, asked.text)
    const one = `${feature}/testimonials/${asked.json.id}`
    assert.equal(
      (await growth.api('POST', `${one}/uses`, { place: 'Start page' })).json.code,
      'testimonial-not-approved',
    )
    await app.phasegate.platform.mail.deliverDue()
    const mail = app.mails.findLast(({ subject }) => /May we quote you/.test(subject))
    assert.equal(mail?.to, 'ann@example.org')
    const path = new URL(/https?:\S+\/quote\/[\w-]+/.exec(mail?.text ?? '')?.[0] ?? '').pathname
    assert.match((await app.get(path)).text, /It found my street/)
    assert.equal((await app.post(path, { act: 'approve', signedAs: 'A. Example, Example Ltd' })).status, 303)
    assert.equal((await growth.api('POST', `${one}/uses`, { place: 'Start page' })).status, 201)
    assert.match((await app.get(path)).text, /Start page/)
    await app.post(path, { act: 'withdraw' })
    const [held] = (await growth.api('GET', `${feature}/testimonials`)).json.testimonials
    assert.deepEqual([held.state, held.withdrawnBy], ['withdrawn', 'person'])
    assert.match((await growth.get(`${page}/testimonials`)).text, /Take these words down/)
    assert.match((await growth.get('/notices')).text, /Take its words down from: Start page/)
    assert.equal(
      (await growth.api('POST', `${one}/uses`, { place: 'Elsewhere' })).json.code,
      'testimonial-not-approved',
    )
    assert.equal((await growth.api('DELETE', `${one}/uses/${held.uses[0].id}`)).status, 204)
    const team = await growth.api('POST', `${feature}/testimonials`, { message: thread.id, wording: 'Good' })
    await app.phasegate.platform.mail.deliverDue()
    const given = app.mails.findLast(({ subject }) => /May we quote you/.test(subject))?.text ?? ''
    const refused = await growth.post(`${page}/testimonials/${team.json.id}/withdraw`, { because: 'x'.repeat(501) })
    assert.equal(refused.status, 422)
    const summary = `<a href="#because-${team.json.id}">“Why?”: use at most 500 characters</a>`
    assert.ok(refused.text.includes(summary), 'it names its own field and leads there')
    assert.match(refused.text, /value="x{501}"/, 'what was typed stands there still')
    const withdrawn = await growth.api('POST', `${feature}/testimonials/${team.json.id}/withdraw`, {
      because: 'Out of date',
    })
    assert.equal(withdrawn.status, 204, withdrawn.text)
    const link = new URL(/https?:\S+\/quote\/[\w-]+/.exec(given)?.[0] ?? '').pathname
    assert.match((await app.get(link)).text, /The team has given up using your words/)
  })

  test('ROOM-6 only whoever may add a webhook is led to them', async () => {
    const link = /href="\/services\/permit\/webhooks"/
    assert.match((await builder.get(`${page}/room`)).text, link)
    assert.doesNotMatch((await growth.get(`${page}/room`)).text, link)
  })

  test('ROOM-4 whoever has no address here is told of to the team as that', async () => {
    const { json } = await growth.api('POST', `${feature}/previews`, { viewer: builder.account.email })
    const looked = await app.asGateway.post(new URL(json.link).pathname.replace('/go/', '/edge/'))
    const unit = looked.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
    await app.phasegate.admission.snapshots.refresh(null)
    const guest = { 'x-phasegate-unit': unit }
    const form = { kind: 'feedback', text: 'Seen by a link' }
    assert.equal((await app.asGateway.post(`${room}/messages`, form, guest)).status, 303)
    const shown = (await growth.get(`${page}/room`)).text
    assert.match(shown, /Tester \d+ <span[^>]*>no address for mails</)
    const [{ id }] = await threads()
    assert.ok(shown.includes(`m-${id}`) && !shown.includes(`testimonials?message=${id}`), 'cannot be asked by mail')
    await growth.api('POST', `${feature}/room/messages/${id}/settle`)
  })

  test('ROOM-2 other words from a form that came back by “back” are another message', async () => {
    const words = async () =>
      (await threads()).map(({ text }: { text: string }) => text).filter((text: string) => text.startsWith('Back'))
    const before = { kind: 'feedback', sentId: 'one-form' }
    for (const text of ['Back: first', 'Back: first', 'Back: second'])
      assert.equal((await say('ben', { ...before, text })).status, 303)
    assert.deepEqual(await words(), ['Back: second', 'Back: first'])
    for (const { id } of (await threads()).filter(({ text }: { text: string }) => text.startsWith('Back')))
      await growth.api('POST', `${feature}/room/messages/${id}/settle`)
  })

  test('ROOM-1 whoever was removed by name is out of the room, by pass and by link, and a closed room is read only', async () => {
    await app.asAdmin.api('POST', `${service}/removals`, { who: 'ben@example.org', reason: 'Asked to go' })
    await app.phasegate.admission.snapshots.refresh(null)
    assert.equal((await app.asGateway.get(room, as('ben'))).status, 404)
    await growth.post(`${page}/room/close`)
    assert.match((await app.asGateway.get(room, as('ann'))).text, /The room is closed/)
    const late = await say('ann', { kind: 'feedback', text: 'Too late' })
    assert.equal(late.status, 409)
  })
})
