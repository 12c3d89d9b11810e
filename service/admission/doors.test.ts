import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { compile, newUnit, route } from '../../packages/admission/src/index.ts'
import { client, startApp, type Answer, type TestApp } from '../../test/support/app.ts'
import { checkLegacies } from './legacy-monitor.ts'

/** A browser that keeps the cookies of one service's link door. */
function browser(url: string) {
  const cookies = new Map<string, string>()
  const { get, post } = client(url, {})
  const keep = (answer: Answer): Answer => {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
      assert.match(line, /HttpOnly/)
    }
    return answer
  }
  const header = () => ({ cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') })
  return {
    cookies,
    get: async (path: string) => keep(await get(path, header())),
    post: async (path: string, form: Record<string, string> = {}) => keep(await post(path, form, header())),
  }
}

describe('doors', () => {
  let app: TestApp
  let legacy: Server
  let isLegacyWell = true
  const newUrl = 'http://127.0.0.1:9002/start'
  let currentUrl = ''

  before(async () => {
    app = await startApp()
    legacy = createServer((_request, response) => response.writeHead(isLegacyWell ? 200 : 500).end())
    await new Promise<void>((resolve) => legacy.listen(0, '127.0.0.1', resolve))
    currentUrl = `http://127.0.0.1:${(legacy.address() as AddressInfo).port}/`
  })
  after(async () => {
    legacy.close()
    await app.close()
  })

  const set = (key: string, what: string, body: object) =>
    app.asAdmin.api('PUT', `/api/v1/services/${key}/${what}`, body)
  const stateOf = async (key: string) => (await app.asAdmin.api('GET', `/api/v1/services/${key}/admission`)).json

  test('ADM-24 the link door sends an invited person to the new service and anybody else to the current one', async () => {
    await app.aService({ key: 'linked', phase: 'private-beta', door: 'link', newUrl, currentUrl })
    const person = browser(app.url)
    assert.equal((await person.get('/go/linked')).location, currentUrl)
    assert.equal(person.cookies.size, 0, 'no cookie for somebody who only looked')
    const invited = await app.asAdmin.api('POST', '/api/v1/services/linked/invitations', {
      addresses: ['a@example.org'],
    })
    const link = new URL(invited.json.results[0].link)
    assert.equal(link.origin, app.url, 'never from a request’s Host')
    assert.equal((await person.get(link.pathname)).status, 200)
    const accepted = await person.post(`${link.pathname}/accept`, { nonce: 'n' })
    assert.deepEqual([accepted.status, accepted.location], [303, '/go/linked'])
    assert.equal((await person.get('/go/linked')).location, newUrl)
    assert.equal((await browser(app.url).get('/go/linked')).location, currentUrl)

    assert.equal((await person.post('/go/linked/choice', { arm: 'current' })).status, 303)
    assert.equal((await person.get('/go/linked')).location, currentUrl)
    assert.equal((await stateOf('linked')).places.taken, 1, 'a choice keeps the place')
    await person.post('/go/linked/choice', { arm: 'new' })
    assert.equal((await person.get('/go/linked')).location, newUrl)

    assert.equal((await person.post('/go/linked/leave')).status, 303)
    assert.equal((await person.get('/go/linked')).location, currentUrl)
    assert.equal((await stateOf('linked')).places.taken, 0)
  })

  test('ADM-24 the team page says that this door is declared and not enforced', async () => {
    const manager = await app.signIn('service-manager', 'linked')
    assert.match((await manager.get('/services/linked/admission')).text, /Declared, not enforced/)
  })

  test('ADM-24 where nothing is replaced a stranger gets a page that says so, with the waiting list', async () => {
    await app.aService({ key: 'holding', phase: 'private-beta', door: 'link', newUrl, currentUrl: null })
    const stranger = await app.get('/go/holding')
    assert.equal(stranger.status, 503)
    assert.match(stranger.headings[0] ?? '', /not open to everyone yet/)
    assert.match(stranger.text, /\/go\/holding\/waiting/)
  })

  test('ADM-24 split traffic and a separate call to action both work and are both counted', async () => {
    await app.aService({ key: 'split', phase: 'public-beta', door: 'link', newUrl, currentUrl })
    await set('split', 'share', { percent: 50 })
    const places: (string | null)[] = []
    for (let person = 0; person < 40; person++) {
      const someone = browser(app.url)
      const { location } = await someone.get('/go/split')
      places.push(location)
      assert.equal((await someone.get('/go/split')).location, location, 'both outcomes stay')
    }
    const drawn = places.filter((place) => place === newUrl).length
    assert.ok(drawn > 5 && drawn < 35, `${drawn} of 40`)
    await set('split', 'joining', { open: true })
    const chooser = browser(app.url)
    assert.match((await chooser.get('/go/split/choice')).text, /Use the new version/)
    await chooser.post('/go/split/choice', { arm: 'new' })
    assert.equal((await chooser.get('/go/split')).location, newUrl)
    const { byRung } = await stateOf('split')
    assert.equal(byRung.share + byRung.join, drawn + 1)
    assert.ok(byRung.join <= 1)
  })

  test('ADM-2 private beta lets in a limited number of invited people, by group, until they run out, and nobody else [row 64]', async () => {
    await app.aService({ key: 'private', phase: 'private-beta', newUrl, currentUrl })
    await set('private', 'cap', { cap: 2 })
    const invite = (addresses: string[], more = {}) =>
      app.asAdmin.api('POST', '/api/v1/services/private/invitations', { addresses, cohort: 'Drivers', ...more })
    const sent = await invite(['one@example.org', 'two@example.org'])
    assert.equal((await invite(['three@example.org'])).json.code, 'cap-reached')
    const [first, second] = sent.json.results.map(({ link }: { link: string }) =>
      new URL(link).pathname.replace('/go/', '/edge/'),
    )
    const unit =
      (await app.asGateway.post(`${first}/accept`, { nonce: 'n' })).headers.get('x-phasegate-admit')?.split('.')[1] ??
      ''
    app.clock.advance(14 * 86_400_000)
    assert.equal((await app.asGateway.post(`${second}/accept`, { nonce: 'n' })).status, 410)
    const state = await stateOf('private')
    assert.deepEqual(state.cohorts, [{ name: 'Drivers', invited: 2, accepted: 1 }])
    assert.deepEqual([state.invitations.expired, state.places.taken, state.places.free], [1, 1, 1])

    // The phase keeps others out, and not what happens to be set: share and joining can stand from before (ADM-2).
    const { snapshot } = app.phasegate.admission.snapshots.feed()
    const wideOpen = { joinOpen: true, share: 100_000, cap: { limit: null, full: false } }
    const services = snapshot.services.map((each) => ({ ...each, ...wideOpen }))
    const compiled = compile({ ...snapshot, services })
    const arm = (pass: string | null, choice: 'new' | null) => {
      const held =
        pass === null
          ? null
          : ({ kid: 'k', arm: 'current', rung: 'share', unit: pass, expiresAt: new Date('2030-01-01') } as const)
      return route(compiled, 'private', { pass: held, choice, newUnit, mayDraw: true }, app.clock.now()).arm
    }
    assert.equal(arm(unit, null), 'new')
    for (let person = 0; person < 1000; person++) {
      assert.equal(arm(null, person % 2 === 0 ? 'new' : null), 'current')
      assert.equal(arm(newUnit(), 'new'), 'current')
    }
  })

  test('ADM-2 public beta is open: nobody needs an invitation any more, and the start page leads to the new service [row 67]', async () => {
    const service = await app.aService({ key: 'public', phase: 'private-beta', door: 'link', newUrl, currentUrl })
    const before = browser(app.url)
    await before.post('/go/public/choice', { arm: 'new' })
    assert.equal((await before.get('/go/public')).location, currentUrl, 'in private beta a stranger stays out')
    await app.asAdmin.api('POST', `/api/v1/services/${service.key}/phase`, {
      to: 'public-beta',
      reason: 'Gate passed',
      waiver: 'By key in a test',
    })
    assert.equal((await set('public', 'joining', { open: true, reason: 'Open to all' })).json.ceiling, 'open')
    const anybody = browser(app.url)
    await anybody.post('/go/public/choice', { arm: 'new' })
    assert.equal((await anybody.get('/go/public')).location, newUrl)
    await set('public', 'share', { percent: 100 })
    assert.equal((await browser(app.url).get('/go/public')).location, newUrl, 'without choosing, too')
  })

  test('ADM-23 the current service is watched, and switching it off before live is refused [row 68]', async () => {
    await app.aService({ key: 'watched', phase: 'public-beta', newUrl, currentUrl })
    const page = async () =>
      (await (await app.signIn('service-manager', 'watched')).get('/services/watched/admission')).text
    await checkLegacies(app.phasegate.platform)
    assert.match(await page(), /It answered the last check\. 1 of 1 checks passed/)
    isLegacyWell = false
    await checkLegacies(app.phasegate.platform)
    isLegacyWell = true
    assert.match(await page(), /It answered 500\. 1 of 2 checks passed/)
    const refused = await app.asAdmin.api('PATCH', '/api/v1/services/watched', { currentUrl: null })
    assert.deepEqual([refused.status, refused.json.code], [409, 'legacy-must-run-until-live'])
    await app.asAdmin.api('POST', '/api/v1/services/watched/phase', {
      to: 'live',
      reason: 'Gate passed',
      waiver: 'By key in a test',
    })
    assert.equal((await app.asAdmin.api('PATCH', '/api/v1/services/watched', { currentUrl: null })).status, 200)
  })
})
