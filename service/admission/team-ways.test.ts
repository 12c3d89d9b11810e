import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'

describe('ways in for the team and its guests', () => {
  let app: TestApp
  let manager: Client
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'permit', phase: 'private-beta' })
    manager = await app.signIn('service-manager', 'permit')
  })
  after(() => app.close())

  const edge = (link: string | null): string => new URL(link ?? '').pathname.replace('/go/', '/edge/')
  const state = async () => (await app.asAdmin.api('GET', '/api/v1/services/permit/admission')).json

  test('ADM-10 one of the team sees the new service by a code that works once, and takes no place', async () => {
    const sent = await manager.post('/services/permit/admission/enter')
    assert.equal(sent.status, 303)
    const code = edge(sent.location)
    const entered = await app.asGateway.get(code)
    assert.deepEqual([entered.status, entered.location], [303, '/'])
    assert.match(entered.headers.get('x-phasegate-admit') ?? '', /^staff\.[A-Za-z0-9_-]{22}$/)
    assert.equal((await app.asGateway.get(code)).headings[0], 'This link was good for one minute')
    const { byRung, places } = await state()
    assert.deepEqual([byRung.staff, places.taken], [1, 0])
    const again = edge((await manager.post('/services/permit/admission/enter')).location)
    const unit = (await app.asGateway.get(again)).headers.get('x-phasegate-admit')
    assert.equal(unit, entered.headers.get('x-phasegate-admit'), 'the same person, the same unit')
    const late = edge((await manager.post('/services/permit/admission/enter')).location)
    app.clock.advance(61_000)
    assert.equal((await app.asGateway.get(late)).status, 410)
  })

  test('ADM-12 one of the team who went back to the current service sees the new one again by that same way', async () => {
    const enter = async (): Promise<string> => {
      const { location } = await manager.post('/services/permit/admission/enter')
      const { headers } = await app.asGateway.get(edge(location))
      return /^staff\.(.+)$/.exec(headers.get('x-phasegate-admit') ?? '')?.[1] ?? ''
    }
    const unit = await enter()
    const isIn = async (): Promise<boolean> => {
      await state()
      const context = { targetingKey: unit }
      return (await app.api('POST', '/ofrep/v1/evaluate/flags/permit', { context })).json.value
    }
    const of = { service: 'permit', unit, at: app.clock.now().toISOString() }
    for (const went of [{ kind: 'choice', value: 'current' }, { kind: 'left' }]) {
      await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports: [{ ...of, ...went }] })
      assert.equal(await isIn(), false)
      assert.equal(await enter(), unit)
      assert.equal(await isIn(), true)
    }
    const { location } = await manager.post('/services/permit/admission/enter')
    await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports: [{ ...of, kind: 'left' }] })
    assert.equal((await app.asGateway.get(edge(location))).status, 410, 'who left since has to ask again')
  })

  test('ADM-10 whoever is only a viewer of the team gets no such code', async () => {
    const viewer = await app.signIn('viewer', 'permit')
    assert.equal((await viewer.post('/services/permit/admission/enter')).status, 403)
  })

  test('ADM-1 a preview link opens the new version after one press, without a place, until it is ended', async () => {
    const made = await manager.post('/services/permit/admission/previews', { name: 'The minister’s office' })
    assert.equal(made.status, 200)
    const link = /value="(http[^"]+\/preview\/[^"]+)"/.exec(made.text)?.[1] ?? ''
    const page = await app.asGateway.get(edge(link))
    assert.match(page.headings[0] ?? '', /Look at the new version/)
    assert.equal(page.headers.get('x-phasegate-admit'), null)
    const opened = await app.asGateway.post(edge(link))
    assert.match(opened.headers.get('x-phasegate-admit') ?? '', /^preview\./)
    const { byRung, places } = await state()
    assert.deepEqual([byRung.preview, places.taken], [1, 0])
    const id = /previews\/([0-9a-f-]{36})\/end/.exec((await manager.get('/services/permit/admission')).text)?.[1]
    assert.equal((await manager.post(`/services/permit/admission/previews/${id}/end`)).status, 303)
    assert.deepEqual((await app.asGateway.post(edge(link))).headings[0], 'This preview has ended')
  })

  test('ADM-1 a preview link runs out after 14 days', async () => {
    const made = await app.asAdmin.api('POST', '/api/v1/services/permit/previews', { name: 'Two weeks' })
    assert.equal(made.status, 201)
    app.clock.advance(14 * 86_400_000)
    assert.equal((await app.asGateway.post(edge(made.json.link))).status, 410)
  })

  test('ADM-10 every team page tells how many are in by any way, with a place or without, and not those who left', async () => {
    const { key } = await app.aService({ key: 'counted', phase: 'private-beta' })
    const team = await app.signIn('service-manager', key)
    const told = async () =>
      /[\d,]+ (person is|people are) in the beta/.exec((await team.get(`/services/${key}/history`)).text)?.[0]
    const api = (path: string, body: object) => app.asAdmin.api('POST', `/api/v1/services/${key}/${path}`, body)
    assert.equal(await told(), '0 people are in the beta')
    const invitation = edge((await api('invitations', { addresses: ['in@example.org'] })).json.results[0].link)
    const accepted = await app.asGateway.post(`${invitation}/accept`, { nonce: 'n' })
    const unit = accepted.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
    assert.equal(await told(), '1 person is in the beta')
    await app.asGateway.post(edge((await api('previews', { name: 'A guest' })).json.link))
    await app.asGateway.get(edge((await team.post(`/services/${key}/admission/enter`)).location))
    assert.equal(await told(), '3 people are in the beta')
    await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap: 2 })
    assert.match(
      (await team.get(`/services/${key}`)).text,
      /aria-label="1 of 2 places taken, 0 held by open invitations"/,
    )
    assert.match((await team.get('/')).text, />3<span class="pg-sub">1 of 2 places</)
    await app.asGateway.post(`/edge/${key}/leave`, {}, { 'x-phasegate-unit': unit })
    assert.equal(await told(), '2 people are in the beta')
  })

  test('ADM-14 a malformed request gets a problem document that names the field', async () => {
    const wrong = await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 'many' })
    assert.equal(wrong.status, 400)
    assert.match(JSON.stringify(wrong.json.errors), /cap/)
    const unknown = await app.asAdmin.api('GET', '/api/v1/services/nothing/admission')
    assert.equal(unknown.status, 404)
  })

  test('ADM-21 a form comes back with what was typed, and a refusal stands beside its field', async () => {
    manager = await app.signIn('service-manager', 'permit')
    const asked = await manager.post('/services/permit/admission/cap', { cap: 'many' })
    assert.equal(asked.status, 422)
    assert.match(asked.text, /Enter the cap as a whole number/)
    assert.match(asked.text, /value="many"/)
    await manager.post('/services/permit/admission/cap', { cap: '1' })
    const tooMany = await manager.post('/services/permit/admission/invitations', {
      addresses: 'a@example.org\nb@example.org',
    })
    assert.equal(tooMany.status, 422)
    assert.match(tooMany.text, /Not enough places: 1 of 1 free/)
    assert.match(tooMany.text, /a@example\.org\nb@example\.org/)
  })
})
