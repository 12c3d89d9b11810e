import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { lastMail } from '../../test/support/mails.ts'
import { readMigrations } from '../platform/database/index.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

type Person = Client & { account: { id: string; name: string; email: string } }

describe('the stages of a feature', () => {
  let app: TestApp
  let growth: Person
  let support: Person
  let developer: Person
  let product: Person
  let manager: Person
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'desk', name: 'Help desk', phase: 'live', currentUrl: null })
    growth = await app.signIn('growth', 'desk')
    support = await app.signIn('support', 'desk')
    developer = await app.signIn('developer', 'desk')
    product = await app.signIn('product', 'desk')
    manager = await app.signIn('service-manager', 'desk')
  })
  after(() => app.close())

  const features = '/api/v1/services/desk/features'
  let made = 0
  /** A new release flag, in development, with a beta ahead unless it is left out. */
  const aFeature = async (more: object = {}) => {
    made += 1
    const wanted = { kind: 'release', name: `Inbox ${made}`, description: 'Messages of one customer together', ...more }
    const added = await developer.api('POST', features, wanted)
    assert.equal(added.status, 201, added.text)
    const key: string = added.json.key
    const at = `${features}/${key}`
    return {
      key,
      at,
      page: `/services/desk/features/${key}`,
      stage: async () => (await growth.api('GET', at)).json.stage,
      gate: async (id: string) => (await growth.api('GET', `${at}/gates/${id}`)).json,
      missing: async (id: string): Promise<string[]> =>
        (await growth.api('GET', `${at}/gates/${id}`)).json.missing.map(({ words }: { words: string }) => words),
      /** By a key, past whatever gate. */
      async put(to: string) {
        const { version } = (await growth.api('GET', at)).json
        const moved = await app.asAdmin.api('POST', `${at}/stage`, { to, version, reason: 'For this test' })
        assert.equal(moved.status, 200, moved.text)
      },
      verdict: async (gate: string, criterion: string, by: Client) =>
        by.api('POST', `${at}/gates/${gate}/criteria/${criterion}/verdict`, { verdict: 'met', reason: 'We looked' }),
      sign: async (gate: string, role: string, by: Client) => by.api('POST', `${at}/gates/${gate}/sign-offs`, { role }),
      decide: async (gate: string, outcome: string, by: Client) =>
        by.api('POST', `${at}/gates/${gate}/decision`, { outcome, reason: 'We looked at all of it' }),
      beta: async (takes: 'yes' | 'no', more2: object = {}) =>
        developer.api('POST', `${at}/beta-decision`, {
          takes,
          reasons: takes === 'yes' ? ['unknown-effect', 'much-demanded'] : [],
          reason: 'As we talked about it',
          growth: growth.account.id,
          support: support.account.id,
          ...more2,
        }),
    }
  }

  const toBeta = 'internal-release-to-beta-release'
  const inside = 'internal-release-to-public-release'
  const toPublic = 'beta-release-to-public-release'
  const internalVerdicts = async (feature: Awaited<ReturnType<typeof aFeature>>, gate: string) => {
    for (const criterion of ['no-major-bug', 'as-expected']) {
      const said = await feature.verdict(gate, criterion, developer)
      assert.equal(said.status, 201, said.text)
    }
    assert.equal((await feature.verdict(gate, 'improves-product', product)).status, 201)
  }

  test('GATE-18 a feature stands at the gates between the stages chosen for it, and at no other [row 265]', async () => {
    const whole = await aFeature()
    const ids = async (at: string) =>
      (await growth.api('GET', `${at}/gates`)).json.gates.map(({ id }: { id: string }) => id)
    assert.deepEqual(await ids(whole.at), [
      'development-to-internal-release',
      toBeta,
      toPublic,
      'public-release-to-removal',
    ])
    const short = await aFeature({
      stages: ['internal-release', 'public-release', 'removal'],
      stagesReason: 'Nothing about it is unknown',
    })
    assert.deepEqual(await ids(short.at), [inside, 'public-release-to-removal'])
    assert.equal((await growth.api('GET', `${short.at}/gates/${toBeta}`)).status, 404)
    const plan = await developer.api('POST', features, { kind: 'plan', name: 'A plan', description: 'For some' })
    assert.equal((await growth.api('GET', `${features}/${plan.json.key}/gates`)).status, 404)
  })

  test('FEAT-11 a person moves a stage on at its gate only; what a key moved past stands on record [row 122] [row 268]', async () => {
    const feature = await aFeature()
    const { version } = (await growth.api('GET', feature.at)).json
    const tried = await growth.api('POST', `${feature.at}/stage`, { to: 'internal-release', version, reason: 'Now' })
    assert.deepEqual([tried.status, tried.json.code], [409, 'gate-ends-stage'])
    await feature.put('internal-release')
    const { moves } = (await growth.api('GET', feature.at)).json
    assert.match(moves.at(-1).waiver, /^Moved by .*Missing then: .*Stakeholders tried it|stakeholders tried it/i)
    const page = (await growth.get(feature.page)).text
    assert.match(
      page,
      /<details[^>]*>[^]*What was missing then[^]*stakeholders tried it/i,
      'behind one line of its own',
    )
    assert.doesNotMatch(page, /Moved by/, 'who moved it stands before it already')
    const past = await growth.api('POST', `${feature.at}/stage`, { to: 'public-release', version: 2, reason: 'Now' })
    assert.equal(past.json.code, 'stage-between', 'the internal release cannot be jumped over')
  })

  test('GATE-19 the internal release soaks: it is left early only by a waiver on record [row 268]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    await feature.beta('no')
    await internalVerdicts(feature, inside)
    assert.match((await growth.get(`${feature.page}/gate`)).text, />3 sign-offs, 0 of 3 days</)
    for (const [role, by] of [
      ['developer', developer],
      ['support', support],
      ['growth', growth],
    ] as const)
      assert.equal((await feature.sign(inside, role, by)).status, 201)
    assert.deepEqual(await feature.missing(inside), ['The soaking time of 3 days has not run out'])
    app.clock.advance(2 * dayMs)
    const early = await feature.decide(inside, 'go', developer)
    assert.deepEqual([early.status, early.json.code], [409, 'gate-not-ready'])
    assert.match((await growth.get(`${feature.page}/gate`)).text, /2 of 3 days/)
    assert.match(
      (await growth.get(`${feature.page}/gates/${inside}`)).text,
      /service manager or the risk owner can waive/,
    )

    const waiver = {
      condition: 'stages.days-in-stage',
      reason: 'A colleague used it all day',
      owner: 'A. Example',
      endsOn: '2026-12-20',
    }
    const at = `${feature.at}/gates/${inside}/condition-waivers`
    assert.equal((await developer.api('POST', at, waiver)).status, 403)
    assert.equal((await manager.api('POST', at, waiver)).status, 201)
    assert.match(
      (await manager.get('/services/desk/history')).text,
      /waived “The soaking time of 3 days has not run out” at “[^”]*” until 20 December 2026/,
    )
    assert.doesNotMatch((await growth.get(`${feature.page}/gate`)).text, /of 3 days/, 'what is waived is not missing')
    assert.equal((await manager.api('POST', at, { ...waiver, condition: 'stages.announced' })).status, 404)
    assert.equal((await feature.decide(inside, 'go', developer)).json.code, 'gate-not-ready')
    assert.equal((await feature.decide(inside, 'go-with-actions', developer)).status, 201)
    assert.equal(await feature.stage(), 'public-release')
    assert.match(
      (await manager.get('/services/desk/history')).text,
      /waived “The soaking time of 3 days has not run out”/,
    )
  })

  test('GATE-19 after three days the soaking time holds by itself', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    app.clock.advance(3 * dayMs - hourMs)
    assert.ok((await feature.missing(toBeta)).includes('The soaking time of 3 days has not run out'))
    app.clock.advance(hourMs)
    assert.ok(!(await feature.missing(toBeta)).includes('The soaking time of 3 days has not run out'))
  })

  test('FEAT-12 whether a beta is worth it is decided with Growth and Support, for named reasons, with the counted requests beside [row 123] [row 124] [row 129]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    const suggestion = { service: 'desk', kind: 'suggestion', comment: 'Let me see my messages together' }
    assert.equal((await app.asAdmin.api('POST', '/api/v1/feedback', suggestion)).status, 201)
    const form = (await developer.get(`${feature.page}/stages`)).text
    assert.match(form, /1 suggestion in feedback in 90 days, 0 people wait for a place/)
    for (const reason of [
      'new or different way',
      'changes a lot',
      'unsure of the effect',
      'Many people ask',
      'case studies',
    ])
      assert.ok(form.includes(reason), reason)

    assert.equal((await feature.beta('yes', { reasons: [] })).json.code, 'beta-reason')
    assert.equal((await feature.beta('yes', { growth: support.account.id })).json.code, 'party-of-another-role')
    const missing = 'Nobody has decided the beta with Growth and Support, and why'
    assert.ok((await feature.missing(toBeta)).includes(missing))
    assert.equal((await feature.beta('yes')).status, 201)
    assert.ok(!(await feature.missing(toBeta)).includes(missing))

    assert.equal((await feature.beta('no')).status, 201)
    const { json } = await growth.api('GET', feature.at)
    assert.deepEqual(json.stages, ['development', 'internal-release', 'public-release', 'removal'])
    const { decision } = (await growth.api('GET', `${feature.at}/stages`)).json
    assert.deepEqual(
      [decision.takes, decision.reason, decision.growth.name, decision.support.name],
      [false, 'As we talked about it', growth.account.name, support.account.name],
    )
    assert.match((await manager.get('/services/desk/history')).text, /that Inbox \d+ goes without a beta/)
    await feature.put('public-release')
    assert.equal((await feature.beta('yes')).json.code, 'beta-chosen-late')
  })

  test('FEAT-12 leaving the beta out without Growth and Support keeps the gate shut [row 123] [row 129]', async () => {
    const feature = await aFeature({
      stages: ['internal-release', 'public-release', 'removal'],
      stagesReason: 'Nothing about it is unknown',
    })
    assert.ok(
      (await feature.missing(inside)).includes(
        'Nobody has decided with Growth and Support to go without a beta, and why',
      ),
    )
  })

  test('FEAT-13 ready for beta is told to Growth and Support, both acknowledge, and Growth opens it [row 135] [row 136]', async () => {
    const feature = await aFeature()
    const ask = () => developer.api('POST', `${feature.at}/beta-request`, { note: 'For companies with a shared inbox' })
    assert.equal((await ask()).json.code, 'not-before-beta')
    await feature.put('internal-release')
    await feature.beta('yes')
    await internalVerdicts(feature, toBeta)
    app.clock.advance(3 * dayMs)
    const acknowledge = (role: string, by: Client) => by.api('POST', `${feature.at}/beta-acknowledgements`, { role })
    assert.equal((await acknowledge('growth', growth)).json.code, 'not-asked-for-beta')
    const before = app.mails.length
    assert.equal((await ask()).status, 201)
    await lastMail(app, '')
    const told = app.mails.slice(before).map(({ to, subject }) => `${to}: ${subject}`)
    assert.equal(told.filter((line) => line.endsWith('is ready for beta')).length, 2)
    assert.match((await support.get('/notices')).text, /is ready for beta/)
    assert.doesNotMatch((await support.get('/notices')).text, /I have read this/, 'to read it is not to acknowledge it')
    const waits = async (by: Client) =>
      /is ready for beta: acknowledge it as/.test((await by.get('/services/desk')).text)
    assert.deepEqual([await waits(growth), await waits(support), await waits(developer)], [true, true, false])

    assert.equal((await acknowledge('support', growth)).json.code, 'confirmation-of-another-role')
    assert.equal((await acknowledge('growth', growth)).status, 201)
    assert.deepEqual([await waits(growth), await waits(support)], [false, true])
    assert.deepEqual(await feature.missing(toBeta), [
      'Growth and Support have not both acknowledged that it is ready for beta',
    ])
    assert.equal((await acknowledge('support', support)).status, 201)
    assert.deepEqual(await feature.missing(toBeta), [])

    for (const other of [developer, support, manager]) {
      const tried = await feature.decide(toBeta, 'go', other)
      assert.deepEqual([tried.status, tried.json.code], [403, 'decision-of-another-role'])
    }
    assert.equal((await feature.decide(toBeta, 'go', growth)).status, 201)
    assert.equal(await feature.stage(), 'beta-release')
  })

  test('FEAT-13 what was not on record as talked about before the request is a warning, whatever day it names [row 137]', async () => {
    const warned = async (feature: { gate(id: string): Promise<{ conditions: { id: string; holds: boolean }[] }> }) =>
      (await feature.gate(toBeta)).conditions.find(({ id }) => id === 'stages.planned-first')?.holds === false
    const record = (feature: { at: string }) =>
      developer.api('POST', `${feature.at}/planning-records`, { talkedOn: '2026-11-02', note: 'In the planning week' })
    const ask = (feature: { at: string }) =>
      developer.api('POST', `${feature.at}/beta-request`, { note: 'It is ready' })

    const surprise = await aFeature()
    await surprise.put('internal-release')
    assert.equal((await ask(surprise)).status, 201)
    app.clock.advance(60_000)
    assert.equal((await record(surprise)).status, 201)
    assert.equal(await warned(surprise), true)
    assert.match((await growth.get(`${surprise.page}/stages`)).text, /Warning: nothing was on record/)
    assert.match((await growth.get(`${surprise.page}/gate`)).text, /not talked about in planning before the request/)

    const planned = await aFeature()
    assert.equal((await record(planned)).status, 201)
    await planned.put('internal-release')
    app.clock.advance(60_000)
    assert.equal((await ask(planned)).status, 201)
    assert.equal(await warned(planned), false)
    assert.doesNotMatch((await growth.get(`${planned.page}/stages`)).text, /Warning: nothing/)
  })

  test('IN-10 nothing was talked about on a day to come, and nothing is expected on one that is past', async () => {
    const feature = await aFeature()
    const today = app.clock.now().getTime()
    const day = (days: number) => new Date(today + days * 86_400_000).toISOString().slice(0, 10)
    const talked = await developer.post(`${feature.page}/planning-records`, { talkedOn: day(3), planningNote: 'Soon' })
    assert.equal(talked.status, 422)
    assert.match(talked.text, /id="talkedOn-error"[^]*That day has not come yet/)
    const told = await developer.post(`${feature.page}/announcements`, {
      announcement: 'It is there',
      publicOn: day(-3),
    })
    assert.equal(told.status, 422)
    assert.match(told.text, /id="publicOn-error"[^]*That day is past/)
    const { planning, announcements } = (await developer.api('GET', `${feature.at}/stages`)).json
    assert.deepEqual([planning, announcements], [[], []])
  })

  test('FEAT-14 the company hears that it is there and when it is to be public [row 271]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    const announced = async () =>
      (await feature.gate(toBeta)).conditions.find(({ id }: { id: string }) => id === 'stages.announced').holds
    assert.equal(await announced(), false)
    const sent = { body: 'Your messages stand together now', publicOn: '2027-01-11' }
    assert.equal((await developer.api('POST', `${feature.at}/announcements`, sent)).status, 201)
    assert.equal(await announced(), true)
    assert.match((await product.get('/notices')).text, /internal release, public expected on 11 January 2027/)
    const { announcements } = (await growth.api('GET', `${feature.at}/stages`)).json
    assert.deepEqual(
      announcements.map((each: Record<string, unknown>) => [each.stage, each.publicOn, each.by]),
      [['internal-release', '2027-01-11', developer.account.name]],
    )
  })

  test('FEAT-12 FEAT-13 what is past its time is told as it was, and asked no more', async () => {
    const short = await aFeature({ stages: ['internal-release', 'public-release', 'removal'], stagesReason: 'Small' })
    const shown = async (feature: typeof short) => (await developer.get(`${feature.page}/stages`)).text
    await short.put('internal-release')
    assert.match(await shown(short), /beta-decision"[^]*It goes without a beta: there is nothing to ask for/)
    assert.doesNotMatch(await shown(short), /beta-request"/)
    await short.put('public-release')
    assert.match(await shown(short), /It went on without a beta, without this decision/)
    const whole = await aFeature()
    for (const to of ['internal-release', 'beta-release']) await whole.put(to)
    assert.match(await shown(whole), /It went into its beta without this decision/)
    assert.doesNotMatch(await shown(whole), /\/beta-decision"|Record it before you ask/)
  })

  test('FEAT-15 Support assigns testers, and each has a result [row 269]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    const task = { tester: product.account.id, task: 'Answer a message of two people' }
    assert.equal((await developer.api('POST', `${feature.at}/testers`, task)).status, 403)
    const { status, json } = await support.api('POST', `${feature.at}/testers`, task)
    assert.equal(status, 201)
    assert.match((await lastMail(app, product.account.email))?.text ?? '', /Answer a message of two people/)
    assert.match((await product.get('/notices')).text, new RegExp(`You are asked to try Inbox[^]*${task.task}`))
    assert.doesNotMatch((await growth.get('/notices')).text, /You are asked to try/)
    assert.match((await product.get('/services/desk')).text, /You are asked to try “Inbox/)
    assert.doesNotMatch((await growth.get('/services/desk')).text, /You are asked to try/)
    const open = async () =>
      (await feature.gate(toBeta)).conditions.find(({ id }: { id: string }) => id === 'stages.tests-open').holds
    assert.equal(await open(), false)
    assert.match((await growth.get(`${feature.page}/gates/${toBeta}`)).text, /<b>1<\/b> assigned test without a result/)
    const result = `${feature.at}/testers/${json.id}/result`
    assert.equal((await developer.api('POST', result, { result: 'works' })).json.code, 'result-of-another')
    assert.equal(
      (await product.api('POST', result, { result: 'fails', note: 'The second answer is lost' })).status,
      201,
    )
    assert.equal(await open(), true)
    assert.match((await growth.get(`${feature.page}/stages`)).text, /Fails.*The second answer is lost/s)
    assert.doesNotMatch((await growth.get(`${feature.page}/stages`)).text, /name="note"/, 'others only read it')
    assert.equal((await feature.verdict(toBeta, 'no-major-bug', developer)).status, 201)
    assert.match((await growth.get(`${feature.page}/gate`)).text, /No major bug<\/a\s*>[^]{0,200}against the data/)
    assert.match((await product.get(`${feature.page}/stages`)).text, /Change it[^]*value="The second answer is lost"/)
    const mended = { result: 'works', note: 'Both are there now' }
    assert.equal((await product.post(`${feature.page}/testers/${json.id}/result`, mended)).status, 303)
    assert.match((await growth.get(`${feature.page}/stages`)).text, /Works.*Both are there now/s)
    assert.doesNotMatch((await product.get('/services/desk')).text, /You are asked to try/)
  })

  test('FEAT-15 ROOM-10 what nobody tried has not passed, and an open major bug keeps it inside [row 270]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    const bug = async () =>
      (await feature.gate(toBeta)).criteria.find(({ id }: { id: string }) => id === 'no-major-bug')
    const read = async (id: string) =>
      (await bug()).readings.find(({ signal }: { signal: string }) => signal === id).reading
    assert.equal((await read('stages.tests-failed')).kind, 'no-data')
    const { json } = await support.api('POST', `${feature.at}/testers`, { tester: product.account.id, task: 'Try it' })
    await product.api('POST', `${feature.at}/testers/${json.id}/result`, { result: 'works', note: '' })
    const tried = await read('stages.tests-failed')
    assert.deepEqual([tried.kind, tried.value, tried.n], ['value', 0, 1])
    const found = { title: 'Answers are lost', severity: 'critical', foundIn: 'internal-release' }
    await developer.api('POST', `${feature.at}/defects`, { ...found, introducedIn: 'development' })
    await feature.verdict(toBeta, 'no-major-bug', developer)
    const blocks = async () => (await feature.missing(toBeta)).some((words) => words.includes('major defects are open'))
    assert.equal(await blocks(), true)
    const { defects } = (await developer.api('GET', `${feature.at}/learning`)).json
    await developer.api('POST', `${feature.at}/defects/${defects[0].id}/close`)
    assert.equal(await blocks(), false)
  })

  test('FEAT-16 before the merge the gate asks who tried the preview and said yes, and whether the writer of the documentation knows [row 266]', async () => {
    const feature = await aFeature()
    const gate = 'development-to-internal-release'
    const { criteria } = await feature.gate(gate)
    assert.deepEqual(
      criteria.map(({ title }: { title: string }) => title),
      ['Stakeholders tried it and said yes', 'Whoever writes the documentation knows'],
    )
    const said = async () => (await feature.gate(gate)).criteria[0].readings[0].reading.value
    const { json } = await developer.api('POST', `${feature.at}/previews`, { viewer: product.account.email })
    assert.match((await growth.get(`${feature.page}/people`)).text, />Nothing recorded</)
    const viewer = await app.signIn('viewer', 'desk')
    assert.match(
      (await viewer.get(`${feature.page}/people`)).text,
      /0 said yes, 0 said no, and of 1 nothing is recorded/,
    )
    const missing = await developer.post(`${feature.page}/people/verdicts`, { who: json.id })
    assert.match(missing.text, /Choose what they said/)
    const not = { verdict: 'no', comment: 'The second message is hidden' }
    assert.equal((await developer.api('POST', `${feature.at}/previews/${json.id}/verdict`, not)).status, 204)
    assert.equal(await said(), 0)
    assert.match((await viewer.get(`${feature.page}/people`)).text, /0 said yes, 1 said no\./)
    assert.match((await growth.get(`${feature.page}/people`)).text, /Said no.*The second message is hidden/s)
    const now = await developer.post(`${feature.page}/people/verdicts`, { who: json.id, said: 'yes' })
    assert.equal(now.status, 303, now.text)
    assert.equal(await said(), 1)
    app.clock.advance(1000)
    const second = await developer.api('POST', `${feature.at}/previews`, { viewer: product.account.email })
    const offered = (await developer.get(`${feature.page}/people`)).text.match(/<option [^>]*>/g) ?? []
    assert.deepEqual(
      [offered.length, offered[0]?.includes(second.json.id)],
      [1, true],
      'each person once, by the newest',
    )
    const again = { verdict: 'yes', comment: 'Still' }
    assert.equal((await developer.api('POST', `${feature.at}/previews/${second.json.id}/verdict`, again)).status, 204)
    assert.equal(await said(), 1, 'one person, whatever the number of links')
    const seen = (await viewer.get(`${feature.page}/people`)).text
    assert.match(seen, /1 person was given a link: 1 said yes, 0 said no\./)
    assert.ok(!seen.includes(product.account.email))
    assert.match((await viewer.get(`${feature.page}/stages`)).text, /1 person was given a link: 1 said yes/)
    for (const path of [`previews/${json.id}/verdict`, 'previews'])
      assert.equal(
        (await viewer.api('POST', `${feature.at}/${path}`, { verdict: 'yes', viewer: 'a@b.example' })).status,
        403,
      )
  })

  test('FEAT-16 MIG-2 what the release before writes down of a viewer during an upgrade stands with the links', async () => {
    const feature = await aFeature()
    const { json } = await developer.api('GET', feature.at)
    const { rows } = await sql<{ id: string }>`insert into preview_viewer
        (feature_id, name, address, is_outsider, at, by_name)
      values (${json.id}, 'A viewer', 'upgrade@example.org', false, ${app.clock.now()}, 'A tester') returning id`.execute(
      app.db,
    )
    const told = async () => (await developer.api('GET', `${feature.at}/previews`)).json.previews
    assert.deepEqual(
      (await told()).map(({ viewer, verdict }: { viewer: string; verdict: unknown }) => [viewer, verdict]),
      [['upgrade@example.org', null]],
    )
    await sql`update preview_viewer set verdict = 'no', comment = 'It is slow', verdict_at = ${app.clock.now()},
      verdict_by = 'A tester' where id = ${rows[0]?.id}`.execute(app.db)
    const [{ verdict }] = await told()
    assert.deepEqual([verdict.kind, verdict.comment], ['no', 'It is slow'])
    app.clock.advance(1000)
    const [{ id }] = await told()
    await developer.api('POST', `${feature.at}/previews/${id}/verdict`, { verdict: 'yes' })
    await sql`update preview_viewer set name = 'Another name' where id = ${rows[0]?.id}`.execute(app.db)
    assert.equal((await told())[0].verdict.kind, 'yes', 'the newer word stands')
  })

  test('FEAT-16 MIG-2 what the release before wrote down of viewers until the upgrade is moved to the links, and no newer word is lost', async () => {
    const feature = await aFeature()
    const { json } = await developer.api('GET', feature.at)
    const written = (name: string) =>
      sql`insert into preview_viewer (feature_id, name, address, is_outsider, at, by_name)
      values (${json.id}, ${name}, ${`${name}@example.org`}, false, ${app.clock.now()}, 'A tester')`.execute(app.db)
    const says = (name: string, verdict: string) =>
      sql`update preview_viewer set verdict = ${verdict}, comment = 'So',
      verdict_at = ${app.clock.now()}, verdict_by = 'A tester' where name = ${name}`.execute(app.db)
    const told = async () => (await developer.api('GET', `${feature.at}/previews`)).json.previews
    for (const name of ['moved-before', 'asked-again', 'silent']) await written(name)
    const upgrade = (await readMigrations()).find(({ name }) => name === '0055-viewers-follow')
    await sql`drop function viewer_becomes_link cascade`.execute(app.db)
    await written('written-since')
    for (const name of ['moved-before', 'asked-again', 'written-since']) await says(name, 'no')
    app.clock.advance(1000)
    const { id } = (await told()).find(({ viewer }: { viewer: string }) => viewer.startsWith('asked-again'))
    await developer.api('POST', `${feature.at}/previews/${id}/verdict`, { verdict: 'yes' })
    await sql.raw(upgrade?.sql ?? '').execute(app.db)
    assert.deepEqual(
      Object.fromEntries(
        (await told()).map(({ viewer, verdict }: any) => [viewer.split('@')[0], verdict?.kind ?? null]),
      ),
      { 'moved-before': 'no', 'asked-again': 'yes', silent: null, 'written-since': 'no' },
    )
  })

  test('GATE-11 GATE-13 internal release ends with three verdicts of its own, and the gate stays shut until each is given [row 270]', async () => {
    const feature = await aFeature({
      stages: ['internal-release', 'public-release', 'removal'],
      stagesReason: 'Nothing about it is unknown',
    })
    await feature.put('internal-release')
    const asked = async () =>
      (await feature.gate(inside)).criteria.map(({ id, title, state }: Record<string, string>) => [id, title, state])
    assert.deepEqual(await asked(), [
      ['no-major-bug', 'No major bug', 'evidenced'],
      ['as-expected', 'It solves the problem as stakeholders expect', 'not-started'],
      ['improves-product', 'It improves the product', 'not-started'],
    ])
    const given = { 'no-major-bug': developer, 'as-expected': product, 'improves-product': support }
    for (const [criterion, by] of Object.entries(given)) {
      const { criteria } = await feature.gate(inside)
      const title: string = criteria.find(({ id }: { id: string }) => id === criterion).title.toLowerCase()
      const isMissing = async () => (await feature.missing(inside)).some((words) => words.includes(title))
      assert.equal(await isMissing(), true, title)
      assert.equal((await feature.verdict(inside, criterion, by)).status, 201)
      assert.equal(await isMissing(), false, title)
    }
    assert.equal((await feature.verdict(inside, 'no-major-bug', growth)).status, 403, 'each by who can judge it')
    assert.deepEqual(
      (await asked()).map(([, , state]: string[]) => state),
      ['met', 'met', 'met'],
    )
    const page = (await growth.get(`${feature.page}/gates/${inside}`)).text
    for (const { account } of [developer, product, support]) assert.match(page, new RegExp(account.name))
  })

  test('GATE-4 GATE-5 GATE-11 that it is the best way available is the judgement of a named person, and rests on evidence [row 134]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    await feature.put('beta-release')
    const criterion = `${feature.at}/gates/${toPublic}/criteria/best-way`
    const title = 'best way available'
    const isMissing = async () => (await feature.missing(toPublic)).some((words) => words.includes(title))
    assert.equal((await feature.verdict(toPublic, 'best-way', app.asAdmin)).status, 201)
    const bySystem = (await growth.api('GET', criterion)).json
    assert.deepEqual([bySystem.verdict, bySystem.evidence[0].says], [null, 'met'], 'what a key says is only evidence')
    assert.equal(await isMissing(), true)
    assert.equal((await feature.verdict(toPublic, 'best-way', developer)).status, 403, 'its builder does not judge it')
    assert.equal((await feature.verdict(toPublic, 'best-way', product)).json.code, 'evidence-missing')
    const compared = { asked: 'judgement', title: 'Three ways compared', dated: '2026-11-19', owner: 'A. Example' }
    assert.equal((await growth.api('POST', `${criterion}/evidence`, compared)).status, 201)
    assert.equal((await growth.api('GET', criterion)).json.state, 'evidenced', 'evidence alone is no judgement')
    assert.equal(await isMissing(), true)
    const said = { verdict: 'met', reason: 'The list is slower, and the map was not found' }
    assert.equal((await product.api('POST', `${criterion}/verdict`, said)).status, 201)
    assert.equal(await isMissing(), false)
    const { verdict } = (await growth.api('GET', criterion)).json
    assert.deepEqual([verdict.by, verdict.role, verdict.reason], [product.account.name, 'product', said.reason])
    assert.ok(
      verdict.frozen.evidence.some((each: { title: string }) => each.title === compared.title),
      'it keeps what it rested on',
    )
    const page = (await support.get(`${feature.page}/gates/${toPublic}/criteria/best-way`)).text
    assert.match(
      page,
      new RegExp(`${product.account.name}[\\s\\S]*${compared.title}|${compared.title}[\\s\\S]*${product.account.name}`),
    )
  })

  test('GATE-12 builder, Support and Growth each sign before public release, and it goes back as it goes forward [row 142] [row 143]', async () => {
    const feature = await aFeature()
    await feature.put('internal-release')
    await feature.put('beta-release')
    for (const criterion of ['works-as-intended']) await feature.verdict(toPublic, criterion, developer)
    await feature.verdict(toPublic, 'solves-the-problem', growth)
    const judgement = { asked: 'judgement', title: 'Three ways compared', dated: '2026-11-20', owner: 'A. Example' }
    const evidence = `${feature.at}/gates/${toPublic}/criteria/best-way/evidence`
    assert.equal((await feature.verdict(toPublic, 'best-way', growth)).json.code, 'evidence-missing')
    assert.equal((await growth.api('POST', evidence, judgement)).status, 201)
    assert.equal((await feature.verdict(toPublic, 'best-way', growth)).status, 201)
    const signs = [
      ['developer', developer],
      ['support', support],
      ['growth', growth],
    ] as const
    for (const [role, by] of signs) {
      assert.equal((await feature.decide(toPublic, 'go', developer)).json.code, 'gate-not-ready', `before ${role}`)
      assert.equal((await feature.sign(toPublic, role, by)).status, 201)
    }
    const unanswered = await feature.decide(toPublic, 'go', developer)
    assert.match(unanswered.json.title + unanswered.json.detail, /Whether the need was misread has not been answered/)
    const need = { answer: 'hit', because: 'Nine of ten found what they came for' }
    assert.equal((await product.api('POST', `${feature.at}/need-checks`, need)).status, 201)
    assert.equal((await feature.decide(toPublic, 'go', developer)).status, 201)
    assert.equal(await feature.stage(), 'public-release')

    app.clock.advance(60_000)
    const { version } = (await growth.api('GET', feature.at)).json
    const back = { to: 'development', version, reason: 'We misread the need' }
    assert.equal((await growth.api('POST', `${feature.at}/stage`, back)).status, 200)
    const { moves } = (await growth.api('GET', feature.at)).json
    assert.deepEqual(
      moves.slice(-2).map(({ from, to }: Record<string, string>) => [from, to]),
      [
        ['beta-release', 'public-release'],
        ['public-release', 'development'],
      ],
    )
    await feature.put('internal-release')
    await feature.put('beta-release')
    assert.equal((await feature.gate(toPublic)).counts.met, 0, 'after going back everything is confirmed anew')
  })

  test('FEAT-17 public release is watched for four hours, its failed requests against those before, and is over with three checks [row 272] [row 273]', async () => {
    const feature = await aFeature()
    for (const to of ['internal-release', 'beta-release', 'public-release']) await feature.put(to)
    const gate = 'public-release-to-removal'
    const watch = 'The watch of errors of 4 hours is not over'
    assert.ok((await feature.missing(gate)).includes(watch))
    assert.match((await growth.get(`${feature.page}/gate`)).text, /0 of 4 hours/)
    const errors = async () => {
      const { criteria } = await feature.gate(gate)
      return criteria.find(({ id }: { id: string }) => id === 'no-new-errors').readings[0]
    }
    assert.equal((await errors()).reading.kind, 'no-data', 'without traffic nothing is said of errors')
    const released = app.clock.now().getTime()
    app.clock.advance(hourMs)
    const minutes = Array.from({ length: 60 }, (_, at) => at - 30)
    const events = minutes.map((minute) => ({
      ...{ id: `traffic-${minute}`, time: new Date(released + minute * 60_000).toISOString() },
      ...{ service: 'desk', name: 'custom.gateway.traffic', arm: 'new' },
      properties: { requests: 200, errors: minute < 0 ? 2 : 12, checks: 60, checksFailed: 0 },
    }))
    assert.equal((await app.asGateway.api('POST', '/api/v1/events', { events })).json.stored, 60)
    const { reading, holds } = await errors()
    assert.ok(reading.value > 30 && reading.value <= 50, `at least ${reading.value} of 1,000 more failed`)
    assert.equal(holds, false)
    app.clock.advance(3 * hourMs - 60_000)
    assert.ok((await feature.missing(gate)).includes(watch), 'a minute before')
    app.clock.advance(60_000)
    assert.ok(!(await feature.missing(gate)).includes(watch))
    assert.deepEqual(
      (await feature.gate(gate)).criteria.map(({ title }: { title: string }) => title),
      ['It is on for everybody', 'It caused no new errors', 'The change that removes the flag is ready'],
    )
    assert.ok((await feature.missing(gate)).some((words) => words.includes('not yet: on, for everybody')))
    const version = async () => (await growth.api('GET', feature.at)).json.version
    await growth.api('PUT', `${feature.at}/switch`, { on: true, reason: 'To all' })
    await growth.api('PUT', `${feature.at}/audience`, { percent: 100, reason: 'To all', version: await version() })
    assert.ok(!(await feature.missing(gate)).some((words) => words.includes('on, for everybody')))
  })

  test('GATE-20 what is said at the gate of one feature is neither another’s nor the service’s', async () => {
    const one = await aFeature()
    const other = await aFeature()
    for (const feature of [one, other]) await feature.put('internal-release')
    await internalVerdicts(one, toBeta)
    assert.deepEqual([(await one.gate(toBeta)).counts.met, (await other.gate(toBeta)).counts.met], [3, 0])
    assert.equal((await growth.api('GET', `/api/v1/services/desk/gates/${toBeta}`)).status, 404)
    const titled = async (path: string) => /<title>([^<]*)</.exec((await growth.get(path)).text)?.[1]
    const [of, nextTo] = await Promise.all([one, other].map(({ page }) => titled(`${page}/gate`)))
    assert.match(of ?? '', /^Internal release to beta release – Inbox \d+ – Help desk – Phasegate$/)
    assert.notEqual(of, nextTo, 'the bars of two tabs tell the features apart')
    for (const path of [`gates/${toBeta}`, `gates/${toBeta}/criteria/no-major-bug`, 'people', 'playbook'])
      assert.match((await titled(`${one.page}/${path}`)) ?? '', /– Inbox \d+ – Help desk/, path)
    assert.deepEqual((await growth.api('GET', '/api/v1/services/desk/gates')).json.decisions, [])
  })
})
