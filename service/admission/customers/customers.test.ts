import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { compile, decide, newUnit } from '../../../packages/admission/src/index.ts'
import { startApp, type Answer, type Client, type TestApp } from '../../../test/support/app.ts'
import { lastMail } from '../../../test/support/mails.ts'

describe('customer accounts, claims, and betas that people switch themselves', () => {
  let app: TestApp
  let growth: Client
  let server: Client
  const service = '/api/v1/services/desk'
  const feature = `${service}/features/release-inbox`
  const back = 'https://app.example.org/welcome?from=phasegate'
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'desk', name: 'Help desk', phase: 'private-beta' })
    growth = await app.signIn('growth', 'desk')
    const { json } = await app.asAdmin.api('POST', `${service}/keys`, { name: 'App', kind: 'server' })
    server = { ...app, ...clientWith(json.secret) }
    await growth.api('POST', `${service}/features`, {
      ...{ kind: 'release', key: 'release-inbox', name: 'New inbox', forClients: true },
      description: 'Messages of one customer stand together',
    })
    await growth.api('PUT', `${feature}/switch`, { on: true, reason: 'To be tried' })
    for (const to of ['internal-release', 'beta-release']) {
      const { version } = (await growth.api('GET', feature)).json
      await app.asAdmin.api('POST', `${feature}/stage`, { to, reason: 'It is ready', version })
    }
  })
  after(() => app.close())

  const clientWith = (secret: string): Pick<Client, 'api'> => ({
    api: (method, path, json, more = {}) => app.api(method, path, json, { authorization: `Bearer ${secret}`, ...more }),
  })
  const edge = (path: string) => path.replace('/go/', '/edge/')
  const unitOf = (answer: Answer) => answer.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
  const inviteCompany = async (name: string, people?: number) => {
    const made = await growth.api('POST', `${service}/customers`, {
      ...{ name, address: 'contact@example.org' },
      ...(people === undefined ? {} : { people }),
    })
    assert.equal(made.status, 201, made.text)
    return { id: made.json.id as string, path: edge(new URL(made.json.link).pathname) }
  }
  let presses = 0
  const press = (path: string, form: Record<string, string> = {}) =>
    app.asGateway.post(`${path}/accept`, { nonce: `nonce-${presses++}`, ...form })
  const ask = async (targetingKey: string, key = 'release-inbox') =>
    (await server.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey } })).json
  const open = async (opening: object) => {
    const answer = await growth.api('PUT', `${feature}/beta`, { pool: 'customers', reason: 'As agreed', ...opening })
    assert.equal(answer.status, 200, answer.text)
  }
  const claimed = (answer: Answer) => {
    const to = new URL(/url=(.*)$/.exec(answer.headers.get('refresh') ?? '')?.[1] ?? 'https://nowhere.example')
    return { claim: to.searchParams.get('phasegate_claim') ?? '', origin: to.origin }
  }
  const redeem = (claim: string, more: object = {}) =>
    server.api('POST', `${service}/claims/redeem`, { claim, returnTo: back, user: 'user-17', ...more })

  test('ADM-60 of an invited company as many people come in as were invited, however many press at once', async () => {
    const { path } = await inviteCompany('Limited Ltd', 3)
    assert.match((await app.asGateway.get(path)).text, /3 places are left of 3 for Limited Ltd/)
    const answers = await Promise.all(Array.from({ length: 8 }, () => press(path)))
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [303, 303, 303, 409, 409, 409, 409, 409])
    assert.match((await app.asGateway.get(path)).text, /Every place for your organisation is taken/)
    const { customers } = (await growth.api('GET', `${service}/customers`)).json
    assert.equal(customers.find(({ name }: { name: string }) => name === 'Limited Ltd').taken, 3)
  })

  test('ADM-60 GATE-25 the mail to a company says how many places are left, and of a product that it is about what is new in it', async () => {
    const { id, path } = await inviteCompany('Part Ltd', 3)
    assert.match((await lastMail(app, 'contact@example.org'))?.text ?? '', /\n3 people at Part Ltd can use the link/)
    await press(path)
    await growth.api('POST', `${service}/customers/${id}/link`, { address: 'contact@example.org' })
    const renewed = await lastMail(app, 'contact@example.org')
    assert.match(renewed?.text ?? '', /\n2 more people at Part Ltd can use the link: the first 2 who take part/)
    assert.match(renewed?.text ?? '', /We are building a new version of “Help desk”/)

    await app.aService({ key: 'inbox', name: 'Inbox', phase: 'live', currentUrl: null })
    const seller = await app.signIn('growth', 'inbox')
    const company = { name: 'Whole Ltd', address: 'whole@example.org' }
    const { json } = await seller.api('POST', '/api/v1/services/inbox/customers', company)
    const mail = await lastMail(app, company.address)
    assert.equal(mail?.subject, 'Whole Ltd is invited to try what is new in “Inbox”')
    const page = await app.asGateway.get(edge(new URL(json.link).pathname))
    assert.deepEqual(page.headings.slice(0, 1), ['Try what is new in “Inbox”'])
    for (const text of [mail?.text ?? '', page.text]) {
      assert.match(text, /We are trying new things/)
      assert.doesNotMatch(text, /new version/)
    }
  })

  test('ADM-60 the same form sent twice takes one place, and a link that was ended lets nobody in', async () => {
    const { id, path } = await inviteCompany('Whole Ltd')
    const twice = [await press(path, { nonce: 'same' }), await press(path, { nonce: 'same' })]
    assert.equal(unitOf(twice[0] as Answer), unitOf(twice[1] as Answer))
    assert.equal((await growth.api('DELETE', `${service}/customers/${id}/link`)).status, 204)
    assert.equal((await press(path)).status, 410)
    const sent = await growth.api('POST', `${service}/customers/${id}/link`, { address: 'contact@example.org' })
    assert.equal((await press(edge(new URL(sent.json.link).pathname))).status, 303)
  })

  test('ADM-62 people are sent back only to where the team allowed it', async () => {
    const set = (setting: object) => app.asAdmin.api('PUT', `${service}/return-addresses`, setting)
    const stray = await set({ origins: ['https://app.example.org'], address: 'https://other.example.org/' })
    assert.equal(stray.json.code, 'return-not-allowed')
    assert.equal((await set({ origins: ['https://app.example.org'], address: back })).status, 204)
    const { path } = await inviteCompany('Back Ltd')
    for (const elsewhere of ['https://evil.example/', 'https://app.example.org.evil.example/', 'javascript:alert(1)'])
      assert.equal((await press(path, { return: elsewhere })).headers.get('refresh'), null, elsewhere)
    assert.equal(claimed(await press(path)).origin, 'https://app.example.org')
  })

  test('ADM-61 a claim is good once, for ten minutes, for its service and its address', async () => {
    const { path } = await inviteCompany('Claim Ltd')
    const fresh = async () => claimed(await press(path)).claim
    const claim = await fresh()
    const refused = async (answer: Promise<Answer>) => assert.equal((await answer).json.code, 'claim-not-good')
    await refused(redeem(`${claim.slice(0, -1)}${claim.endsWith('A') ? 'B' : 'A'}`))
    await refused(redeem(claim, { returnTo: 'https://app.example.org/other' }))
    await app.aService({ key: 'other', name: 'Another service', phase: 'private-beta' })
    await refused(app.asAdmin.api('POST', '/api/v1/services/other/claims/redeem', { claim, returnTo: back, user: 'x' }))
    const race = await Promise.all([redeem(claim), redeem(claim), redeem(claim)])
    assert.deepEqual(race.map(({ status }) => status).toSorted(), [200, 409, 409])
    await refused(redeem(claim))
    const late = await fresh()
    app.clock.advance(11 * 60_000)
    await refused(redeem(late))
    assert.equal(
      (await growth.api('POST', `${service}/claims/redeem`, { claim, returnTo: back, user: 'x' })).status,
      403,
    )
  })

  test('ADM-27 after the claim the link, the SDK and the gateway know one person, account included', async () => {
    const { id, path } = await inviteCompany('One Ltd')
    const accepted = await press(path)
    const redeemed = await redeem(claimed(accepted).claim, {
      user: 'user-99',
      account: { id: 'acme-1', name: 'One Ltd' },
    })
    assert.deepEqual(redeemed.json, { unit: unitOf(accepted), user: 'user-99', account: 'acme-1' })
    const { customers } = (await growth.api('GET', `${service}/customers`)).json
    assert.equal(customers.find((each: { id: string }) => each.id === id).externalId, 'acme-1')
    for (const key of ['user-99', unitOf(accepted)])
      assert.deepEqual([(await ask(key, 'desk')).value, (await ask(key, 'desk')).metadata.rung], [true, 'invited'])
    const compiled = compile(app.phasegate.admission.snapshots.feed().snapshot)
    const decision = decide(compiled, 'desk', { targetingKey: 'user-99' }, app.clock.now())
    assert.equal(decision.kind === 'decided' && decision.variant, 'new')
    assert.equal((await ask('user-100', 'desk')).value, false)
    await open({ accounts: ['One Ltd'] })
    assert.equal((await ask('user-99')).value, true, 'the audience of a beta can be an account')
    await open({})
    assert.equal((await ask('user-99')).value, false)
  })

  test('ADM-27 an invited company stays one account, whatever the application calls it, and keeps its betas', async () => {
    const { id, path } = await inviteCompany('Two Ltd')
    await open({ accounts: ['Two Ltd'] })
    const redeemed = async (user: string, account: { id: string; name?: string }) =>
      (await redeem(claimed(await press(path)).claim, { user, account })).status
    assert.equal(await redeemed('user-201', { id: 'two-1', name: 'TWO Limited (London)' }), 200)
    assert.equal(await redeemed('user-202', { id: 'two-1' }), 200)
    assert.equal(await redeemed('user-203', { id: 'another-company' }), 200)
    const { customers } = (await growth.api('GET', `${service}/customers`)).json
    const two = customers.find((each: { id: string }) => each.id === id)
    assert.deepEqual([two.name, two.externalId, two.taken], ['Two Ltd', 'two-1', 2])
    const has = async (user: string) => (await ask(user)).value
    assert.deepEqual([await has('user-201'), await has('user-202'), await has('user-203')], [true, true, false])
    await open({})
  })

  test('ADM-63 a beta is for a pool of staff only, or for customers, and nobody of the other pool gets in [row 130]', async () => {
    const customer = unitOf(await press((await inviteCompany('Pool Ltd')).path))
    const support = await app.signIn('support', 'desk')
    const entered = await support.post('/services/desk/admission/enter')
    const link = new URL(entered.location ?? '', app.url).pathname
    const staff = unitOf(await app.asGateway.get(edge(link)))
    await open({ pool: 'staff', accounts: ['Pool Ltd'], offered: true })
    assert.equal((await ask(customer)).value, false, 'a customer, whatever else is set')
    assert.equal((await ask(staff)).value, true, 'staff')
    const chosen = await server.api('PUT', `${service}/betas/release-inbox/choice`, { user: customer, on: true })
    assert.equal(chosen.json.code, 'beta-not-offered')
    await open({ pool: 'customers', accounts: ['Pool Ltd'] })
    assert.equal((await ask(customer)).value, true)
    assert.equal((await server.api('PUT', `${feature}/beta`, { pool: 'staff', reason: 'x' })).status, 403)
    assert.equal((await growth.get('/services/desk/features/release-inbox/beta')).status, 200)
    await open({})
  })

  test('ADM-60 a mistake stands beside the one field that it is about', async () => {
    const { id } = await inviteCompany('Beside Ltd')
    const manager = await app.signIn('service-manager', 'desk')
    const at = '/services/desk/customers'
    const wrong = async (path: string, form: Record<string, string>) =>
      [...(await manager.post(`${at}${path}`, form)).text.matchAll(/<p id="([^"]*)-error"/g)].map(([, field]) => field)
    assert.deepEqual(await wrong('', { name: 'x'.repeat(101), address: 'nobody' }), ['name', 'address'])
    assert.deepEqual(await wrong('/return', { origins: '', returnTo: 'nowhere' }), ['returnTo'])
    assert.deepEqual(await wrong(`/${id}/link`, { address: 'nobody' }), [`address-${id}`])
  })

  test('ADM-63 a mistake in the form of a beta takes none of the ticked accounts off it', async () => {
    for (const name of ['Long, Longer & Sons', 'Second Pool Ltd', 'Unticked Ltd']) await inviteCompany(name)
    const ticked = ['Long, Longer & Sons', 'Second Pool Ltd']
    const page = await growth.post('/services/desk/features/release-inbox/beta', {
      pool: 'customers',
      accounts: ticked,
    })
    assert.equal(page.status, 422)
    const shown = [...page.text.matchAll(/<input[^>]*name="accounts"[^>]*>/g)].map(([box]) => box)
    assert.equal(shown.filter((box) => box.includes('checked')).length, ticked.length)
    assert.match(shown.find((box) => box.includes('Long, Longer')) ?? '', /checked/)
  })

  test('ADM-65 people switch an opened beta on and off themselves, and off holds at once in process, by OFREP and in what gateways get', async () => {
    const unit = unitOf(await press((await inviteCompany('Try Ltd')).path))
    const as = { 'x-phasegate-unit': unit }
    const tries = '/edge/desk/try'
    assert.match((await app.asGateway.get(tries)).text, /Open this page where you take part/)
    assert.match((await app.asGateway.get(tries, as)).text, /There is nothing to try at present/)
    await open({ offered: true, changes: 'All messages of one customer stand in one list' })
    const shown = (await app.asGateway.get(tries, as)).text
    assert.match(shown, /Messages of one customer stand together/)
    assert.match(shown, /What changes:<\/b> All messages of one customer/)
    assert.match(shown, /Tell us:/)
    assert.match(shown, /Leave:/)
    const flip = (to: string) => app.asGateway.post(tries, { feature: 'release-inbox', to }, as)
    const everywhere = async () => {
      const { snapshot } = app.phasegate.admission.snapshots.feed()
      const inProcess = decide(compile(snapshot), 'release-inbox', { targetingKey: unit }, app.clock.now())
      const here = decide(
        app.phasegate.admission.snapshots.compiled(),
        'release-inbox',
        { targetingKey: unit },
        app.clock.now(),
      )
      return [
        (await ask(unit)).value,
        inProcess.kind === 'decided' && inProcess.value,
        here.kind === 'decided' && here.value,
      ]
    }
    assert.deepEqual(await everywhere(), [false, false, false])
    assert.equal((await flip('on')).status, 303)
    assert.deepEqual(await everywhere(), [true, true, true])
    assert.match((await app.asGateway.get(`${tries}?switched=release-inbox`, as)).text, /is on for you now/)
    assert.equal((await flip('off')).status, 303)
    assert.deepEqual(await everywhere(), [false, false, false])
    assert.equal((await ask(unit)).metadata.rung, 'choice')
    const stranger = { 'x-phasegate-unit': newUnit() }
    const refused = await app.asGateway.post(tries, { feature: 'release-inbox', to: 'on' }, stranger)
    assert.equal(refused.status, 409, 'who is not in the service tries nothing of it')
  })

  test('ADM-64 the cap of a beta counts people or accounts, exactly, and whoever came first stays', async () => {
    const { path } = await inviteCompany('First Ltd')
    const others = await inviteCompany('Second Ltd')
    const third = await inviteCompany('Third Ltd')
    const a = [unitOf(await press(path)), unitOf(await press(path))]
    const b = unitOf(await press(others.path))
    const c = unitOf(await press(third.path))
    const choose = async (user: string, on = true) => {
      app.clock.advance(1000)
      const answer = await server.api('PUT', `${service}/betas/release-inbox/choice`, { user, on })
      return answer.status === 204 ? 'ok' : answer.json.code
    }
    await open({ offered: true, cap: 2, capCounts: 'people' })
    const race = await Promise.all([...a, b, c].map((user) => choose(user)))
    assert.deepEqual(race.toSorted(), ['beta-places-taken', 'beta-places-taken', 'ok', 'ok'])
    for (const user of [...a, b, c]) await choose(user, false)
    await open({ offered: true, cap: 2, capCounts: 'accounts' })
    assert.deepEqual(
      [await choose(a[0] ?? ''), await choose(b), await choose(a[1] ?? ''), await choose(c)],
      ['ok', 'ok', 'ok', 'beta-places-taken'],
    )
    await open({ offered: true, cap: 1, capCounts: 'accounts' })
    const values = await Promise.all([...a, b, c].map(async (user) => (await ask(user)).value))
    assert.deepEqual(values, [true, true, false, false])

    // ADM-29: what is said to change the answer does so alone.
    const asked = { key: 'release-inbox', context: { targetingKey: unitOf(await press(third.path)) } }
    const ways = async (opening: object) => {
      await open({ offered: true, ...opening })
      const { wouldChange } = (await app.asAdmin.api('POST', `${service}/explain`, asked)).json
      return wouldChange.filter((way: string) => !/share|stage/.test(way))
    }
    assert.deepEqual(await ways({ cap: 1, capCounts: 'accounts' }), [])
    assert.deepEqual(await ways({ cap: 1, capCounts: 'accounts', accounts: ['Third Ltd'] }), [
      'A higher cap of the beta: every place is taken',
    ])
    assert.deepEqual(await ways({}), [
      'A cohort of this person that gets the feature',
      'Opening the beta to the account of this person',
      'Switching it on themselves, on the page “Try new things”',
    ])
    assert.deepEqual(await ways({ pool: 'staff', offered: false, accounts: ['Third Ltd'] }), [
      'Opening the beta to customers: it is for staff only',
    ])
    await open({})
  })
})
