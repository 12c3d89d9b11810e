import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { invited } from '../../test/support/invited.ts'

const units = Array.from({ length: 10 }, (_, at) => String(at).padStart(22, 'u'))

describe('transactions a day', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    // Half past eleven at night in the service’s own zone, in summer: half past ten by UTC.
    app.clock.set('2026-07-10T22:30:00Z')
    await app.aService({ key: 'daily', phase: 'public-beta' })
    await app.asAdmin.api('PUT', '/api/v1/services/daily/share', { percent: 100 })
  })
  after(() => app.close())

  let begun = 0
  async function begin(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => {
      begun += 1
      const time = app.clock.now().toISOString()
      return {
        id: `e${begun}`,
        time,
        service: 'daily',
        name: 'start',
        journey: 'apply',
        transaction: `t${begun}`,
        arm: 'new',
      }
    })
    const { json, text } = await app.asAdmin.api('POST', '/api/v1/events', { events })
    assert.equal(json.stored, count, text)
  }

  const asks = async (unit: string) =>
    (await app.asGateway.api('POST', '/api/v1/gateway/admissions', { service: 'daily', unit, rung: 'share' })).json

  test('ADM-66 at the limit of transactions a day nobody new comes in, and who is in stays in [row 174]', async () => {
    const manager = await app.signIn('service-manager', 'daily')
    assert.equal((await manager.post('/services/daily/admission/day', { most: '3' })).status, 303)
    await begin(2)
    assert.equal((await asks(units[0] ?? '')).admitted, true)
    await begin(1)
    assert.deepEqual(await asks(units[1] ?? ''), { admitted: false, code: 'cap-reached' })
    await app.phasegate.admission.snapshots.refresh(null)
    const decided = async (unit?: string) =>
      (await app.api('POST', '/ofrep/v1/evaluate/flags/daily', { context: { targetingKey: unit } })).json.variant
    assert.equal(await decided(units[0]), 'new')
    assert.equal(await decided(units[1]), 'current')
    const page = await manager.get('/services/daily/admission')
    assert.match(page.text, /3 of 3 journeys of today have begun in the new service/)
    assert.match(page.text, /Nobody new comes in before midnight/)
  })

  test('ADM-66 neither the link of an account nor a code lets anybody in at the limit', async () => {
    const at = '/api/v1/services/daily'
    const company = await app.asAdmin.api('POST', `${at}/customers`, { name: 'Day Ltd', address: 'day@example.org' })
    const link = new URL(company.json.link).pathname.replace('/go/', '/edge/')
    const { code } = (await app.asAdmin.api('POST', `${at}/codes`, { name: 'A poster', mostUses: 3 })).json
    for (const answer of [
      await app.asGateway.post(`${link}/accept`, { nonce: 'n' }),
      await app.asGateway.post('/edge/daily/code', { code, nonce: 'n' }),
    ])
      assert.deepEqual([answer.status, answer.headings[0]], [409, 'No more people can start today'])
  })

  test('ADM-66 an invitation waits for tomorrow and keeps its place', async () => {
    const link = await invited(app, 'daily', 'day@example.org')
    const today = await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    assert.deepEqual([today.status, today.headings[0]], [409, 'No more people can start today'])
    app.clock.set('2026-07-10T22:59:59Z')
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).status, 409)
    app.clock.set('2026-07-10T23:00:00Z')
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).status, 303, 'midnight in London')
    assert.equal((await asks(units[2] ?? '')).admitted, true)
  })

  test('ADM-66 without a limit nobody is counted, and the share lets in by itself again', async () => {
    const off = await app.asAdmin.api('PUT', '/api/v1/services/daily/day', { most: null })
    assert.deepEqual(off.json.day, { most: null, begun: 0 })
    const { json } = await app.api('POST', '/ofrep/v1/evaluate/flags/daily', { context: { targetingKey: units[5] } })
    assert.equal(json.variant, 'new')
  })
})
