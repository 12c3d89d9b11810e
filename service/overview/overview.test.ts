import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../test/support/app.ts'

describe('the page of a service', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  const event = (transaction: string, arm: string, name: string, more: object) => ({
    id: `${transaction}-${name}`,
    time: '2026-11-20T10:00:00Z',
    service: 'permit',
    journey: 'apply',
    transaction,
    arm,
    name,
    ...more,
  })

  test('a service that just began says “no data”, and what to do first, and never a zero for a figure', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const page = await manager.get('/services/permit')
    assert.equal(page.headings[0], 'Apply for a resident parking permit')
    assert.match(page.text, /No data/)
    assert.match(page.text, /Invite the first person/)
    assert.doesNotMatch(page.text, /0\.0<span/)
  })

  test('it says who is in, how the new service does beside the current one, and what people say', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const events = []
    for (let n = 0; n < 80; n++) {
      const arm = n % 2 === 0 ? 'new' : 'current'
      events.push(event(`t${n}`, arm, 'start', {}))
      if (n % 10 !== 1)
        events.push(event(`t${n}`, arm, 'end', { step: 'done', outcome: 'completed', time: '2026-11-20T10:04:00Z' }))
    }
    assert.equal((await app.asGateway.api('POST', '/api/v1/events', { events })).json.refused.length, 0)
    await app.asAdmin.api('POST', '/api/v1/feedback', {
      service: 'permit',
      journey: 'apply',
      ending: 'done',
      rating: 2,
      comment: 'Where is my letter?',
    })
    await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 10 })
    const page = await manager.get('/services/permit')
    assert.match(page.text, /from 40 starts/)
    assert.match(page.text, /points (higher|lower)/)
    assert.match(page.text, /Not drawn by lot|Not known to be drawn by lot/)
    assert.match(page.text, /Where is my letter\?/)
    assert.match(page.text, /0 of 35<\/b> met/)
  })

  test('a person sees the services that she has a part in, the owner all of them', async () => {
    await app.aService({ key: 'other', name: 'Another service' })
    const developer = await app.signIn('developer', 'permit')
    const hers = await developer.get('/')
    assert.match(hers.text, /Apply for a resident parking permit/)
    assert.doesNotMatch(hers.text, /Another service/)
    const owner = await app.signIn('owner')
    assert.match((await owner.get('/')).text, /Another service/)
    const nobody = await app.signIn('member')
    assert.match((await nobody.get('/')).text, /You have no part in a service yet/)
  })

  test('only an example is driven by visitors, and only an example can be removed with one button', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/remove')).status, 409)
    assert.equal((await manager.post('/services/permit/visitors')).status, 409)
    await app.aService({ key: 'sample', name: 'An example', example: true })
    const sample = await app.signIn('service-manager', 'sample')
    assert.match((await sample.get('/services/sample')).text, /class="pg-example"/)
    assert.equal((await sample.post('/services/sample/remove')).status, 303)
    assert.equal((await sample.get('/services/sample')).status, 404)
    assert.equal((await manager.get('/services/permit')).status, 200)
  })

  test('a time in the past is honoured for example data alone, and only by the admin key', async () => {
    const past = { 'phasegate-time': '2026-10-01T09:00:00Z' }
    const change = (service: string, headers: Record<string, string>) =>
      app.asAdmin.api('PUT', `/api/v1/services/${service}/cap`, { cap: 20 }, headers)
    assert.equal((await change('permit', past)).json.code, 'time-not-honoured')
    await app.aService({ key: 'dated', name: 'An example', example: true })
    assert.equal((await change('dated', past)).status, 200)
    const manager = await app.signIn('service-manager', 'dated')
    const refused = await manager.api('PUT', '/api/v1/services/dated/cap', { cap: 30 }, past)
    assert.equal(refused.json.code, 'time-not-honoured')
    assert.match((await manager.get('/services/dated/history')).text, /1 October 2026/)
  })
})
