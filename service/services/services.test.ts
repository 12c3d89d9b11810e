import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ownGatewayFile } from '../own-gateway.ts'
import { startApp, type TestApp } from '../../test/support/app.ts'

describe('services', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  test('the first person becomes the owner by a one-time link that works once', async () => {
    const { firstPersonLink } = await import('../platform/index.ts')
    const link = await firstPersonLink(app.phasegate.platform)
    assert.ok(link !== null)
    const path = new URL(link).pathname
    assert.deepEqual((await app.get(path)).headings, ['Welcome to Phasegate'])
    const bad = await app.post(path, { name: '', email: 'nobody', password: 'short' })
    assert.equal(bad.status, 422)
    assert.match(bad.text, /Enter your name/)
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        app.post(path, { name: 'A. Example', email: `first${n}@example.org`, password: '' }),
      ),
    )
    assert.equal(taken.filter(({ status }) => status === 303).length, 1)
    assert.equal((await app.get(path)).status, 410)
  })

  test('a service has exactly one accountable manager: two and none are refused, since when and skills are on record [row 24]', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const invite = (role: string) =>
      manager.post('/services/permit/team', { name: 'B. Example', email: 'second@example.org', role })
    assert.equal((await invite('service-manager')).status, 409)
    assert.equal((await invite('designer')).status, 303)
    const none = await manager.post('/services/permit/team/remove', {
      accountId: manager.account.id,
      role: 'service-manager',
    })
    assert.equal(none.status, 409)
    assert.match((await manager.get('/services/permit/team')).text, /Skills: not on record yet/)
    assert.equal((await manager.post('/services/permit/team/skills', { skills: '' })).status, 422)
    await manager.post('/services/permit/team/skills', { skills: 'Ran two services to live' })
    const page = await manager.get('/services/permit/team')
    assert.match(page.text, /Skills: Ran two services to live/)
    assert.match(page.text, /20 Nov 2026/)
    assert.equal((await manager.post('/services/permit/team/hand-over', { manager: 'second@example.org' })).status, 303)
    const { members } = (await app.asAdmin.api('GET', '/api/v1/services/permit/team')).json
    const managers = members.filter((member: { role: string }) => member.role === 'service-manager')
    assert.deepEqual(
      managers.map((member: { email: string }) => member.email),
      ['second@example.org'],
    )
  })

  test('the current service cannot be switched off before the new one is live', async () => {
    const refused = await app.asAdmin.api('PATCH', '/api/v1/services/permit', { currentUrl: null })
    assert.equal(refused.status, 409)
    assert.equal(refused.json.code, 'legacy-must-run-until-live')
  })

  test('OUT-3 only an owner or the admin key points a service at another site; the team may change the rest [promise 32]', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    for (const address of [{ newUrl: 'http://169.254.169.254/' }, { currentUrl: 'http://10.0.0.1:9001/' }]) {
      const refused = await manager.api('PATCH', '/api/v1/services/permit', address)
      assert.deepEqual([refused.status, refused.json.code], [403, 'addresses-are-the-owners'])
    }
    const rest = { newUrl: 'http://127.0.0.1:9002/start', summary: 'A new way to apply' }
    assert.equal((await manager.api('PATCH', '/api/v1/services/permit', rest)).status, 200)
    assert.match(
      (await manager.get('/services/permit/settings')).text,
      /Only an owner of the installation can point it/,
    )
    const moved = await app.asAdmin.api('PATCH', '/api/v1/services/permit', { newUrl: 'http://127.0.0.1:9003/' })
    assert.equal(moved.json.newUrl, 'http://127.0.0.1:9003/')
    assert.equal(moved.json.summary, 'A new way to apply', 'what is left out stays')
  })

  test('a team member of another service sees nothing, not even that it exists', async () => {
    await app.aService({ key: 'other', name: 'Another service' })
    const stranger = await app.signIn('developer', 'other')
    assert.equal((await stranger.get('/services/permit/team')).status, 404)
    assert.equal((await stranger.get('/services/missing/team')).status, 404)
    assert.equal((await stranger.get('/services/other/team')).status, 200)
    assert.equal((await stranger.post('/services/other/team', {})).status, 403)
  })

  test('a form from another site changes nothing', async () => {
    const manager = await app.signIn('service-manager', 'other')
    const form = { name: 'C. Example', email: 'c@example.org', role: 'viewer' }
    assert.equal((await manager.post('/services/other/team', form, { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await manager.post('/services/other/team', form, { origin: 'https://evil.example' })).status, 403)
    assert.equal((await manager.post('/services/other/team', form, { 'sec-fetch-site': 'same-origin' })).status, 303)
  })

  test('a journey that a person writes in lines is stored, and a wrong line is named beside its field', async () => {
    const developer = await app.signIn('developer', 'permit')
    const wrong = await developer.post('/services/permit/settings/journey', {
      start: 'no slash',
      steps: '',
      completed: '',
      refused: '',
      failed: '',
    })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /no slash/)
    const right = {
      start: '/begin',
      steps: 'Address: /address , /old/address',
      completed: 'Sent: POST /send',
      refused: '',
      failed: '',
    }
    assert.equal((await developer.post('/services/permit/settings/journey', right)).status, 303)
    const { journeys } = (await app.asAdmin.api('GET', '/api/v1/services/permit')).json
    assert.deepEqual(journeys[0].steps[0].patterns, ['/address', '/old/address'])
  })

  test('a malformed request gets a problem document that names the field and echoes nothing', async () => {
    const bad = await app.asAdmin.api('POST', '/api/v1/services', { name: '', newUrl: 'javascript:alert(1)' })
    assert.equal(bad.status, 400)
    assert.match(bad.headers.get('content-type') ?? '', /problem\+json/)
    assert.ok(bad.json.errors.some(({ field }: { field: string }) => field === 'body.newUrl'))
    assert.doesNotMatch(bad.text, /alert/)
    const deep = '['.repeat(5000) + ']'.repeat(5000)
    const answer = await fetch(`${app.url}/api/v1/services`, {
      method: 'POST',
      body: deep,
      headers: { ...app.asAdmin.headers, 'content-type': 'application/json' },
    })
    assert.equal(answer.status, 400)
    assert.equal(((await answer.json()) as { code: string }).code, 'too-deep')
  })

  test('health and readiness say how each part is', async () => {
    assert.deepEqual((await app.api('GET', '/health')).json, { status: 'alive' })
    const ready = await app.api('GET', '/ready')
    assert.equal(ready.status, 200)
    assert.equal(ready.json.parts.database.ok, true)
  })

  test('every page of a service is there for its service manager', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    for (const path of ['history', 'team', 'settings']) {
      assert.equal((await manager.get(`/services/permit/${path}`)).status, 200, path)
    }
  })

  test('GATE-25 a product that came live has no gate in its menu until its phase moves', async () => {
    await app.aService({ key: 'in-use', phase: 'live', currentUrl: null, host: 'in-use.example.org' })
    const who = await app.signIn('service-manager', 'in-use')
    const links = async (page: string) =>
      (await who.get(`/services/in-use${page}`)).text.match(/\/services\/in-use\/gate"/g)
    for (const page of ['', '/admission']) assert.equal(await links(page), null, page)
    const { text } = await who.get('/services/in-use')
    assert.match(text, /Halt the service\?<[^]*Everybody uses the service\. Their next page is the holding page/)
    assert.doesNotMatch(
      (await who.get('/services/in-use/team')).text,
      /suitably skilled|Skills/,
      'no gate asks for them',
    )
    const move = { to: 'public-beta', reason: 'To be tried again', waiver: 'As planned' }
    const moved = await app.asAdmin.api('POST', '/api/v1/services/in-use/phase', move)
    assert.equal(moved.status, 200, moved.text)
    for (const page of ['', '/admission']) assert.ok((await links(page)) !== null, page)
  })

  test('GW-7 a second service without a host of its own is refused, and told what to do', async () => {
    const config = { ...app.config, dataDirectory: mkdtempSync(join(tmpdir(), 'phasegate-hosts-')) }
    const behind = await startApp({ gateway: ownGatewayFile(config) })
    try {
      const add = (key: string, host: string | null) =>
        behind.asAdmin.api('POST', '/api/v1/services', { key, name: key, newUrl: 'http://127.0.0.1:9002', host })
      assert.equal((await add('one', null)).status, 201)
      const second = await add('two', null)
      assert.deepEqual([second.status, second.json.code], [409, 'host-needed'])
      assert.equal((await behind.asAdmin.api('GET', '/api/v1/services/two')).status, 404)
      assert.equal((await add('two', 'two.example.org')).status, 201)
      assert.equal((await add('three', 'TWO.example.org')).json.code, 'host-taken')
      const moved = await behind.asAdmin.api('PATCH', '/api/v1/services/two', { host: null })
      assert.deepEqual([moved.status, moved.json.code], [409, 'host-needed'])
    } finally {
      await behind.close()
    }
  })
})
