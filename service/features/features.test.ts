import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newUnit } from '../../packages/admission/src/index.ts'
import { startApp, type Answer, type Client, type TestApp } from '../../test/support/app.ts'
import { letIn } from '../../test/support/invited.ts'

const dayMs = 86_400_000

describe('features', () => {
  let app: TestApp
  let growth: Client
  let support: Client
  let developer: Client
  before(async () => {
    app = await startApp()
    // A product that is live: everybody is in its new arm.
    await app.aService({ key: 'desk', name: 'Help desk', phase: 'live', currentUrl: null })
    growth = await app.signIn('growth', 'desk')
    support = await app.signIn('support', 'desk')
    developer = await app.signIn('developer', 'desk')
  })
  after(() => app.close())

  const at = '/api/v1/services/desk/features'
  const add = async (wanted: object, by: Client = developer): Promise<Answer> =>
    by.api('POST', at, { name: 'New inbox', description: 'Messages of one customer stand together', ...wanted })
  const settled = (): Promise<void> => app.phasegate.admission.snapshots.refresh(null)
  const ask = async (key: string, context: object = { targetingKey: newUnit() }, by: Client = app.asAdmin) => {
    await settled()
    return (await by.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context })).json
  }
  const notes = async (person: Client): Promise<string> => (await person.get('/notices')).text

  test('FEAT-1 a new flag is off, says its kind in its key, and tells the team [row 274] [row 276] [row 277]', async () => {
    const added = await add({ kind: 'release', forClients: true })
    assert.equal(added.status, 201, added.text)
    assert.deepEqual(
      [added.json.key, added.json.isOn, added.json.stage, added.json.percent],
      ['release-new-inbox', false, 'development', 0],
    )
    assert.deepEqual(
      await ask('release-new-inbox').then(({ value, variant, reason, metadata }) => [
        value,
        variant,
        reason,
        metadata.rung,
      ]),
      [false, 'off', 'DISABLED', 'ceiling'],
    )
    assert.match(await notes(growth), /added the flag release-new-inbox/)
    const other = await add({ kind: 'plan', key: 'release-of-a-plan' })
    assert.equal(other.status, 400)
    assert.match(other.text, /Begin the key with plan-/)
    const nameless = await add({ kind: 'release', key: 'release-x', description: '' })
    assert.match(nameless.text, /Describe the feature for people who are not engineers/)
    const page = await developer.get('/services/desk/features/new')
    assert.match(page.text, /The key begins with it/)
    assert.match(page.text, /off stops hidden logic too/)
    assert.match(page.text, /value="beta-release" checked/)
  })

  test('a key names one thing: no feature takes one that is there, no service that of a feature', async () => {
    assert.equal((await add({ kind: 'release' })).json.code, 'key-taken')
    const service = { key: 'release-new-inbox', name: 'X', newUrl: 'http://127.0.0.1:9', currentUrl: null }
    const answer = await app.asAdmin.api('POST', '/api/v1/services', service)
    assert.deepEqual([answer.status, answer.json.code], [409, 'key-taken'])
  })

  test('FEAT-3 a feature goes from stage to stage, each a ceiling, and the beta is left out by a decision on record [row 122] [row 123] [row 265]', async () => {
    await add({ kind: 'release', key: 'release-search', name: 'Search', forClients: true })
    const one = `${at}/release-search`
    // By a key: a person moves it on at its gates, with which the tests of stages deal.
    const move = (to: string, version: number, by = app.asAdmin) =>
      by.api('POST', `${one}/stage`, { to, version, reason: 'It is ready' })
    const version = async (): Promise<number> => (await growth.api('GET', one)).json.version
    assert.equal((await growth.api('PUT', `${one}/switch`, { on: true, reason: 'To be tried' })).status, 200)
    const compulsory = {
      stages: ['development', 'public-release', 'removal'],
      reason: 'Hurry',
      version: await version(),
    }
    assert.equal((await growth.api('PUT', `${one}/stages`, compulsory)).json.code, 'stage-compulsory')
    assert.equal((await move('public-release', await version())).json.code, 'stage-between')
    assert.equal((await move('internal-release', await version())).status, 200)
    const early = { percent: 50, reason: 'All at once', version: await version() }
    assert.equal((await growth.api('PUT', `${one}/audience`, early)).json.code, 'share-before-public-release')
    assert.equal((await move('public-release', await version())).json.code, 'stage-between')
    const without = {
      stages: ['development', 'internal-release', 'public-release', 'removal'],
      reason: 'Nothing about it is unknown',
      version: await version(),
    }
    assert.equal((await growth.api('PUT', `${one}/stages`, without)).status, 200)
    assert.equal((await move('public-release', await version())).status, 200)
    const { json } = await growth.api('GET', one)
    assert.deepEqual(
      json.decisions.map(({ stage, takes, reason }: Record<string, unknown>) => [stage, takes, reason]),
      [['beta-release', false, 'Nothing about it is unknown']],
    )
    assert.deepEqual(
      json.moves.map(({ to }: { to: string }) => to),
      ['development', 'internal-release', 'public-release'],
    )
    assert.match((await growth.get('/services/desk/features/release-search')).text, /goes without beta release/)
    const tooFine = await growth.api('PUT', `${one}/audience`, {
      percent: 0.0004,
      reason: 'A few',
      version: await version(),
    })
    assert.equal(tooFine.status, 400)
    assert.match(tooFine.text, /in steps of 0\.001/)
    const open = { percent: 100, reason: 'For all', version: await version() }
    assert.equal((await growth.api('PUT', `${one}/audience`, open)).status, 200)
    assert.equal((await ask('release-search')).value, true)
    const shown = async () => (await growth.get('/services/desk/features')).text
    assert.match(await shown(), /Opens to anybody, by share or rule: everybody/)
    assert.equal((await move('internal-release', await version())).status, 200)
    assert.doesNotMatch(await shown(), /Opens to the whole company: everybody/, 'its share waits for public release')
    const back = await ask('release-search')
    assert.deepEqual([back.value, back.metadata.rung], [false, 'ceiling'])
  })

  test('FEAT-2 Growth and Support switch release flags, developers operations flags [row 275]', async () => {
    await add({ kind: 'release', key: 'release-tags', name: 'Tags' })
    await add({ kind: 'operations', key: 'operations-mail', name: 'Mail', appliesTo: 'both' })
    await add({ kind: 'plan', key: 'plan-reports', name: 'Reports' })
    const manager = await app.signIn('service-manager', 'desk')
    const flip = async (by: Client, key: string) =>
      (await by.api('PUT', `${at}/${key}/switch`, { on: true, reason: 'It is time' })).status
    assert.deepEqual(
      await Promise.all([growth, support, developer, manager].map((by) => flip(by, 'release-tags'))),
      [200, 200, 403, 403],
    )
    assert.deepEqual(
      await Promise.all([growth, support, developer, manager].map((by) => flip(by, 'operations-mail'))),
      [403, 403, 200, 403],
    )
    assert.deepEqual(
      await Promise.all([growth, support, developer, manager].map((by) => flip(by, 'plan-reports'))),
      [200, 200, 403, 200],
    )
    const notHers = await manager.api('PUT', `${at}/release-tags/switch`, { on: true, reason: 'It is time' })
    assert.doesNotMatch(notHers.json.detail, /Ask the service manager/, 'who is the service manager')
    const asDeveloper = await developer.get('/services/desk/features/release-tags')
    assert.match(asDeveloper.text, /switched by Growth or Support/)
    assert.doesNotMatch(asDeveloper.text, /Switch it off<\/button>/)
    const mail = await ask('operations-mail')
    assert.deepEqual([mail.value, mail.reason], [true, 'STATIC'])
    assert.match(await notes(support), /switched operations-mail on/)
    const off = await developer.post('/services/desk/features/operations-mail/switch', {
      on: 'no',
      version: '2',
      switchReason: 'Mails go out twice',
    })
    assert.equal(off.status, 303)
    assert.equal((await ask('operations-mail')).value, false)
  })

  test('ADM-26 a rule on attributes lets in, gives its variant, and one that is not understood is refused with its place', async () => {
    await add({
      kind: 'plan',
      key: 'plan-theme',
      name: 'Theme',
      variants: { plain: 'grey', dark: 'black', none: 'white' },
      on: 'plain',
      off: 'none',
    })
    const one = `${at}/plan-theme`
    await growth.api('PUT', `${one}/switch`, { on: true, reason: 'Sold' })
    const rules = (when: object) => ({
      version: 2,
      reason: 'Who paid',
      percent: 0,
      rules: [{ name: 'Large customers', when, variant: 'dark' }],
    })
    const unread = await growth.api(
      'PUT',
      `${one}/audience`,
      rules({ kind: 'all', of: [{ kind: 'number', attribute: 'seats', test: '>', value: 'many' }] }),
    )
    assert.deepEqual([unread.status, unread.json.code], [422, 'rule-not-understood'])
    assert.match(unread.json.title, /Large customers.*of\[0\]\.value is not a number/)
    const noDay = { kind: 'date', attribute: 'since', test: '<', value: '2026-02-31' }
    const unreal = await growth.api('PUT', `${one}/audience`, rules({ kind: 'not', of: { kind: 'any', of: [noDay] } }))
    assert.match(unreal.json.title, /Large customers.*of\.of\[0\]\.value is a day that does not exist/)
    const set = await growth.api(
      'PUT',
      `${one}/audience`,
      rules({ kind: 'number', attribute: 'seats', test: '>', value: 50 }),
    )
    assert.equal(set.status, 200, set.text)
    const large = await ask('plan-theme', { seats: 80 })
    assert.deepEqual([large.value, large.variant, large.metadata.rung], ['black', 'dark', 'rules'])
    const small = await ask('plan-theme', { targetingKey: newUnit(), seats: 8 })
    assert.deepEqual([small.value, small.variant], ['white', 'none'])
  })

  test('FEAT-4 in internal release the people of an internal account have a feature by a code for their domain, and who is invited has not [row 268]', async () => {
    const invited = await letIn(app, 'desk', 'guest@example.org')
    await add({
      ...{ kind: 'release', key: 'release-labels', name: 'Labels' },
      stages: ['internal-release', 'beta-release', 'public-release', 'removal'],
    })
    await growth.api('PUT', `${at}/release-labels/switch`, { on: true, reason: 'Tried inside' })
    const page = (await growth.get('/services/desk/features/release-labels')).text
    assert.match(page, /internal accounts by a code for their domain[^]*?href="\/services\/desk\/admission\/codes"/)
    const wanted = { name: 'Our sister company', mostUses: 50, domain: 'example.net', isStaff: true }
    const { code } = (await app.asAdmin.api('POST', '/api/v1/services/desk/codes', wanted)).json
    await app.asGateway.post('/edge/desk/code/mail', { code, email: 'sister@example.net' })
    await app.phasegate.platform.mail.deliverDue()
    const { text } = app.mails.findLast(({ to }) => to === 'sister@example.net') ?? { text: '' }
    const link = new URL(/http\S+\/code\/\S+/.exec(text)?.[0] ?? '').pathname.replace('/go/', '/edge/')
    const entered = (await app.asGateway.post(link, { nonce: 'labels' })).headers.get('x-phasegate-admit') ?? ''
    const inside = await ask('release-labels', { targetingKey: entered.split('.')[1] })
    assert.deepEqual([inside.value, inside.metadata.rung], [true, 'staff'])
    assert.equal((await ask('release-labels', { targetingKey: invited })).value, false)
  })

  test('FEAT-4 a cohort has a feature in beta, and nobody else has it', async () => {
    const unit = await letIn(app, 'desk', 'tester@example.org', { cohort: 'Beta testers' })
    await add({
      kind: 'release',
      key: 'release-board',
      name: 'Board',
      stages: ['internal-release', 'beta-release', 'public-release', 'removal'],
    })
    const one = `${at}/release-board`
    await support.api('PUT', `${one}/switch`, { on: true, reason: 'Testers wait' })
    await support.api('PUT', `${one}/audience`, { version: 2, reason: 'They asked for it', cohorts: ['beta testers'] })
    assert.equal((await ask('release-board', { targetingKey: unit })).metadata.rung, 'ceiling')
    const moved = await app.asAdmin.api('POST', `${one}/stage`, {
      version: 3,
      to: 'beta-release',
      reason: 'Tried inside',
    })
    assert.equal(moved.status, 200, moved.text)
    const tester = await ask('release-board', { targetingKey: unit })
    assert.deepEqual([tester.value, tester.reason, tester.metadata.rung], [true, 'TARGETING_MATCH', 'invited'])
    assert.equal((await ask('release-board')).value, false)
  })

  test('FEAT-4 in removal everybody of the new service has it, whatever the share was, as far as the service is open', async () => {
    const service = '/api/v1/services/slowly'
    await app.aService({ key: 'slowly', name: 'Slowly', phase: 'public-beta' })
    const wanted = { name: 'Lists', description: 'Lists', kind: 'release', key: 'release-lists' }
    const stages = ['internal-release', 'beta-release', 'public-release', 'removal']
    const added = await app.asAdmin.api('POST', `${service}/features`, { ...wanted, stages })
    assert.equal(added.status, 201, added.text)
    const one = `${service}/features/release-lists`
    await app.asAdmin.api('PUT', `${one}/switch`, { on: true, reason: 'It is ready' })
    const { version } = (await app.asAdmin.api('GET', one)).json
    await app.asAdmin.api('PUT', `${one}/audience`, { version, percent: 0, reason: 'Not yet' })
    await app.asAdmin.api('PUT', `${service}/share`, { percent: 100, reason: 'Everybody tries it' })
    const has = async () => (await ask('release-lists')).value
    const move = async (to: string) => {
      const { version: from } = (await app.asAdmin.api('GET', one)).json
      const moved = await app.asAdmin.api('POST', `${one}/stage`, { version: from, to, reason: 'It is time' })
      assert.equal(moved.status, 200, moved.text)
    }
    for (const to of ['beta-release', 'public-release']) await move(to)
    assert.equal(await has(), false)
    await move('removal')
    assert.equal(await has(), true)
    const back = { to: 'private-beta', reason: 'Back', waiver: 'Back' }
    await app.asAdmin.api('POST', `${service}/phase`, back)
    assert.equal(await has(), false)
  })

  test('FEAT-10 whoever holds no secret sees features marked for clients only', async () => {
    await add({ kind: 'release', key: 'release-secret', name: 'Secret' })
    await settled()
    const seen = async (by: Client) => {
      const { json } = await by.api('POST', '/ofrep/v1/evaluate/flags', { context: { targetingKey: newUnit() } })
      return json.flags.map(({ key }: { key: string }) => key)
    }
    assert.ok((await seen(app.asAdmin)).includes('release-secret'))
    const byAnybody = await seen(app)
    assert.ok(byAnybody.includes('desk') && byAnybody.includes('release-new-inbox'))
    assert.ok(!byAnybody.includes('release-secret'))
    assert.equal((await ask('release-secret', undefined, app)).errorCode, 'FLAG_NOT_FOUND')
  })

  test('ADM-28 a feature can require another, and never itself by whatever way round', async () => {
    const both = { kind: 'plan', forClients: true }
    await add({ ...both, key: 'plan-a', name: 'A' })
    await add({ ...both, key: 'plan-b', name: 'B', requires: [{ key: 'plan-a' }] })
    await growth.api('PUT', `${at}/plan-b/switch`, { on: true, reason: 'Sold' })
    assert.equal((await ask('plan-b')).metadata.rung, 'requirement')
    await growth.api('PUT', `${at}/plan-a/switch`, { on: true, reason: 'Sold' })
    assert.equal((await ask('plan-b')).value, true)
    const ring = await developer.api('PATCH', `${at}/plan-a`, { version: 2, requires: [{ key: 'plan-b' }] })
    assert.deepEqual([ring.status, ring.json.code], [409, 'requirement-ring'])
    const unknown = await developer.api('PATCH', `${at}/plan-a`, { version: 2, requires: [{ key: 'plan-zzz' }] })
    assert.equal(unknown.json.code, 'requirement-unknown')
  })

  test('FEAT-6 of two who change one feature at once the second sees both versions', async () => {
    await add({ kind: 'plan', key: 'plan-limits', name: 'Limits' })
    const one = `${at}/plan-limits`
    const mine = { version: 1, description: 'Mine: at most ten projects' }
    const yours = { version: 1, description: 'Yours: at most five projects' }
    const answers = await Promise.all([mine, yours].map((body) => developer.api('PATCH', one, body)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409])
    const lost = answers.find(({ status }) => status === 409)?.json
    assert.equal(lost.code, 'feature-changed')
    assert.equal(lost.stored.version, 2)
    assert.notEqual(lost.stored.description, lost.sent.description)
    const page = await growth.post('/services/desk/features/plan-limits/share', {
      version: '1',
      percent: '25',
      shareReason: 'Less',
    })
    assert.equal(page.status, 409)
    assert.ok(page.headings.includes('Both versions'))
    assert.match(page.text, /href="#conflict">[^<]* changed this feature after you had opened it/)
    assert.match(page.text, /100%[^]*25%/)
    const edit = await developer.post('/services/desk/features/plan-limits/edit', {
      version: '1',
      name: 'Limits',
      description: 'Third: no limit',
      appliesTo: 'new',
      variants: 'on = true\noff = false',
      on: 'on',
      off: 'off',
    })
    assert.equal(edit.status, 409)
    assert.match(edit.text, /Third: no limit/)
    const emptied = await developer.post('/services/desk/features/plan-limits/edit', {
      ...{ version: '2', name: '', description: '  ', appliesTo: 'new', variants: 'on = true\noff = false' },
      ...{ on: 'on', off: 'off' },
    })
    assert.equal(emptied.status, 422)
    assert.match(emptied.text, /Give the feature a name[^]*Describe the feature/)
  })

  test('FEAT-9 a change without a flag is told all the same [row 279]', async () => {
    const told = await developer.post('/services/desk/change-notices', {
      title: 'The date field takes pasted dates',
      body: 'Nobody has to type them any more',
    })
    assert.equal(told.status, 303)
    assert.match(await notes(support), /The date field takes pasted dates/)
    assert.match((await growth.get('/services/desk/features')).text, /Nobody has to type them any more/)
  })

  test('FEAT-7 FEAT-8 a release flag that everybody has had for a week asks to be removed, and goes when all agree [row 278]', async () => {
    await add({ kind: 'release', key: 'release-done', name: 'Done' })
    const one = `${at}/release-done`
    const version = async (): Promise<number> => (await growth.api('GET', one)).json.version
    await growth.api('PUT', `${one}/switch`, { on: true, reason: 'It is time' })
    for (const to of ['internal-release', 'beta-release', 'public-release'])
      assert.equal(
        (await app.asAdmin.api('POST', `${one}/stage`, { to, version: await version(), reason: 'Next' })).status,
        200,
      )
    await growth.api('PUT', `${one}/audience`, { version: await version(), percent: 100, reason: 'For all' })
    const look = () => app.phasegate.platform.jobs.now('features-stale', app.phasegate.platform)
    app.clock.advance(6 * dayMs)
    await look()
    assert.equal((await growth.api('GET', one)).json.removalAskedAt, null)
    app.clock.advance(dayMs)
    await look()
    assert.match(await notes(developer), /release-done asks to be removed/)
    const list = await growth.get('/services/desk/features')
    assert.ok(list.headings.includes('Flags to remove'))
    assert.match(list.text, /Has to agree: Growth, Support, A developer/)
    const early = await developer.api('DELETE', one, { reason: 'It is out of the code' })
    assert.deepEqual([early.status, early.json.code], [409, 'flag-kept'])
    const foreign = await growth.api('POST', `${one}/removal-confirmations`, { role: 'developer' })
    assert.equal(foreign.json.code, 'confirmation-of-another-role')
    for (const [by, role] of [
      [growth, 'growth'],
      [support, 'support'],
      [developer, 'developer'],
    ] as const)
      assert.equal((await by.post('/services/desk/features/release-done/removal', { role })).status, 303, role)
    const gone = await developer.api('DELETE', one, { reason: 'It is out of the code' })
    assert.equal(gone.status, 204, gone.text)
    assert.equal((await ask('release-done')).errorCode, 'FLAG_NOT_FOUND')
  })

  test('FEAT-5 a rule is made with a form of lines, and a wrong line is named', async () => {
    await add({ kind: 'plan', key: 'plan-export', name: 'Export', forClients: true })
    await growth.api('PUT', `${at}/plan-export/switch`, { on: true, reason: 'Sold' })
    await growth.api('PUT', `${at}/plan-export/audience`, { version: 2, percent: 0, reason: 'By rule only' })
    const home = '/services/desk/features/plan-export'
    const line = (number: number, attribute: string, test: string, value: string) => ({
      [`attribute-${number}`]: attribute,
      [`test-${number}`]: test,
      [`value-${number}`]: value,
    })
    const rule = {
      version: '3',
      ruleName: 'Large ones',
      match: 'all',
      percent: '100',
      ruleReason: 'Who paid',
      do: 'save',
    }
    const more = await growth.post(`${home}/rule`, { ...rule, rows: '2', do: 'more' })
    assert.match(more.text, /name="attribute-4"/)
    const wrong = await growth.post(`${home}/rule`, {
      ...rule,
      ...line(1, 'country', 'in', 'DE, FR'),
      ...line(2, 'build', 'version >=', 'two'),
    })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /href="#value-2"[^<]*>Condition 2: enter a version, such as 2\.1\.0/)
    const saved = await growth.post(`${home}/rule`, {
      ...rule,
      ...line(1, 'country', 'in', 'DE, FR'),
      ...line(2, 'build', 'version >=', '2.1.0'),
      ...line(3, 'since', 'date <', '2026-01-01'),
      ...line(4, 'network', 'address', '192.0.2.0/24, 2001:db8::/32'),
      ...line(5, 'trial', 'not true', ''),
    })
    assert.equal(saved.status, 303, saved.text)
    const inside = {
      ...{ targetingKey: newUnit(), country: 'FR', build: '2.1.0' },
      ...{ since: '2025-03-01', network: '2001:db8::7' },
    }
    assert.equal((await ask('plan-export', inside)).metadata.rung, 'rules')
    for (const changed of [
      { country: 'GB' },
      { build: '2.1.0-rc.1' },
      { since: '2026-03-01' },
      { network: '198.51.100.1' },
      { trial: true },
    ])
      assert.equal((await ask('plan-export', { ...inside, ...changed })).value, false, JSON.stringify(changed))
    const page = await growth.get(home)
    assert.match(page.text, /country is one of DE, FR, and build is not older than 2\.1\.0/)
    const { json } = await growth.api('GET', `${at}/plan-export`)
    const id = json.rules[0].id
    assert.match((await growth.get(`${home}/rule?id=${id}`)).text, /value="192\.0\.2\.0\/24, 2001:db8::\/32"/)
    const removed = await growth.post(`${home}/rule`, { ...rule, version: '4', id, do: 'remove' })
    assert.equal(removed.status, 303, removed.text)
    assert.equal((await ask('plan-export', inside)).value, false)
  })

  test('FEAT-5 a pattern that could run away is refused before it is saved, and a quick one is taken', async () => {
    await add({ kind: 'plan', key: 'plan-pattern', name: 'Pattern' })
    const set = (pattern: string) =>
      growth.api('PUT', `${at}/plan-pattern/audience`, {
        version: 1,
        reason: 'By address',
        rules: [{ name: 'Staff', when: { kind: 'pattern', attribute: 'mail', pattern } }],
      })
    for (const wild of ['^(a+)+$', '^(\\w+\\s?)*$']) {
      const refused = await set(wild)
      assert.deepEqual([refused.status, refused.json.code], [422, 'pattern-runs-away'], refused.text)
      assert.match(refused.json.title, /of the rule Staff could run away/)
    }
    const taken = await set('^[a-z]{1,20}@example$')
    assert.equal(taken.status, 200, taken.text)
  })

  test('ADM-29 page and API say why somebody is in or out of a feature, and what would change it', async () => {
    const why = async (key: string, context: object) => {
      const answer = await support.api('POST', '/api/v1/services/desk/explain', { key, context })
      assert.equal(answer.status, 200, answer.text)
      return answer.json
    }
    await add({ kind: 'release', key: 'release-why', name: 'Why' })
    const unit = newUnit()
    const off = await why('release-why', { targetingKey: unit })
    const first = ['Switching the flag on, without which nothing else counts']
    assert.deepEqual([off.isIn, off.decision.rung, off.wouldChange], [false, 'ceiling', first])
    const nothing = await support.api('POST', '/api/v1/services/desk/explain', { key: 'release-nothing' })
    assert.deepEqual([nothing.status, nothing.json.code], [404, 'flag-unknown'])
    const bodiless = await support.api('POST', '/api/v1/services/desk/explain')
    assert.deepEqual(bodiless.json.errors, [{ field: 'body', message: 'This must be an object' }])
    const one = `${at}/release-why`
    await growth.api('PUT', `${one}/switch`, { on: true, reason: 'It is time' })
    for (const [version, to] of [
      [2, 'internal-release'],
      [3, 'beta-release'],
      [4, 'public-release'],
    ] as const)
      await app.asAdmin.api('POST', `${one}/stage`, { version, to, reason: 'Next' })
    const rules = [{ name: 'German customers', when: { kind: 'in', attribute: 'country', values: ['DE'] } }]
    await growth.api('PUT', `${one}/audience`, { version: 5, reason: 'First there', rules })
    const out = await why('release-why', { targetingKey: unit, country: 'FR' })
    assert.equal(out.isIn, false)
    assert.ok(out.wouldChange.includes('Attributes for which the rule “German customers” holds'))
    assert.ok(out.wouldChange.some((change: string) => /^A share of at least [\d.]+%$/.test(change)))
    const inside = await why('release-why', { targetingKey: unit, country: 'DE' })
    assert.deepEqual([inside.isIn, inside.decision.rung], [true, 'rules'])
    const page = await support.post('/services/desk/explain', {
      key: 'release-why',
      targetingKey: unit,
      attributes: 'country = DE\nseats = 50',
    })
    assert.ok(
      page.headings.some((heading) => heading.startsWith('In: a rule holds')),
      page.headings.join(),
    )
    assert.equal((await why('desk', { targetingKey: unit })).isIn, true)
    assert.equal((await support.api('POST', '/api/v1/services/desk/explain', { key: 'nothing' })).status, 404)
  })

  test('of a rung a sample is shown, ids that say nothing of the person, to whoever may see people', async () => {
    const path = '/api/v1/services/desk/rungs/invited?key=release-board'
    const { json } = await support.api('GET', path)
    assert.equal(json.count, 1)
    assert.match(json.units[0], /^[\w-]{22}$/)
    assert.equal((await developer.api('GET', path)).status, 403)
    assert.doesNotMatch(
      (await developer.get('/services/desk/explain?key=release-board')).text,
      /Who stands on each rung/,
    )
    assert.match((await support.get('/services/desk/features/release-board')).text, /Cohorts: Beta testers/)
  })
})
