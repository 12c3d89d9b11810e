import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { recordHalts } from './halting.ts'
import { openHalts } from './halts.ts'

describe('halt', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'permit', phase: 'private-beta' })
  })
  after(() => app.close())

  const halted = async () => (await app.asAdmin.api('GET', '/api/v1/services/permit/admission')).json.halt

  test('ADM-22 whoever may halt does so with one press, and history says who and why', async () => {
    const support = await app.signIn('support', 'permit')
    const pressed = await support.post(
      '/services/permit/halt',
      { reason: 'Wrong prices' },
      { referer: `${app.url}/services/permit/admission` },
    )
    assert.deepEqual([pressed.status, pressed.location], [303, '/services/permit/admission'])
    assert.equal((await halted()).reason, 'Wrong prices')
    const { entries } = (await app.asAdmin.api('GET', '/api/v1/services/permit/history')).json
    assert.deepEqual(
      [entries[0].action, entries[0].reason, entries[0].actor],
      ['admission.halted', 'Wrong prices', support.account.name],
    )
  })

  test('ADM-22 history says where a halt sends everybody, with a current service and without', async () => {
    await app.aService({ key: 'alone', phase: 'private-beta', currentUrl: null })
    await app.asAdmin.api('POST', '/api/v1/services/alone/halt', { reason: 'Wrong prices' })
    for (const [key, where] of [
      ['permit', 'the current service'],
      ['alone', 'the holding page'],
    ]) {
      const { entries } = (await app.asAdmin.api('GET', `/api/v1/services/${key}/history`)).json
      assert.equal(entries[0].summary, `halted the beta: everybody gets ${where}`)
    }
  })

  test('ADM-22 a viewer cannot halt, and a key cannot end a halt', async () => {
    const viewer = await app.signIn('viewer', 'permit')
    assert.equal((await viewer.post('/services/permit/halt')).status, 403)
    assert.equal((await app.asAdmin.api('POST', '/api/v1/services/permit/resume', { reason: 'x' })).status, 403)
    assert.notEqual(await halted(), null)
  })

  test('ADM-22 while halted nobody is invited, and an invitation keeps its place', async () => {
    const refused = await app.asAdmin.api('POST', '/api/v1/services/permit/invitations', {
      addresses: ['a@example.org'],
    })
    assert.deepEqual([refused.status, refused.json.code], [409, 'halted'])
  })

  test('ADM-22 a named person opens again, and only once', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Prices are right' })).status, 303)
    assert.equal(await halted(), null)
    assert.equal((await manager.api('POST', '/api/v1/services/permit/resume', { reason: '' })).json.code, 'not-halted')
  })

  test('GW-3 a halt made on the machine of a gateway stands in history under the account that did it, and ends by name', async () => {
    const told = {
      ...{ service: 'permit', id: '0b5f4a0e-3c1f-4d55-9b7a-2f6f0f0a1c11', at: '2026-11-20T11:58:00Z' },
      ...{ by: 'deploy', reason: 'Fire' },
    }
    const tell = async () => (await app.asGateway.api('POST', '/api/v1/gateway/halts', told)).json
    assert.deepEqual(await tell(), { ended: false })
    assert.deepEqual(await tell(), { ended: false })
    assert.equal((await halted()).reason, 'Fire')
    const { entries } = (await app.asAdmin.api('GET', '/api/v1/services/permit/history')).json
    const recorded = entries.filter(({ subject }: { subject: string }) => subject === told.id)
    assert.deepEqual(
      recorded.map(({ action, actor, at }: Record<string, string>) => [action, actor, at]),
      [['admission.halted', 'The account “deploy” on the gateway’s machine', '2026-11-20T12:00:00.000Z']],
    )
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume')
    assert.deepEqual(await tell(), { ended: true })
    assert.equal(await halted(), null)
  })

  test('ADM-22 the reason may follow the halt', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/halt')
    await manager.post('/services/permit/halt', { reason: 'Payments fail' })
    const { entries } = (await app.asAdmin.api('GET', '/api/v1/services/permit/history')).json
    assert.deepEqual([entries[0].action, entries[0].reason], ['admission.halt-reason', 'Payments fail'])
    await manager.post('/services/permit/resume')
  })

  test('ADM-22 whoever comes from an address that only takes forms is led to the page nearest to it', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const press = async (act: string, from: string) =>
      (await manager.post(`/services/permit/${act}`, { reason: '' }, { referer: `${app.url}/services/permit${from}` }))
        .location
    // As after confirming: the form to confirm stands at the address of the act itself.
    assert.equal(await press('halt', '/halt'), '/services/permit')
    assert.equal(await press('resume', '/resume'), '/services/permit')
    assert.equal(await press('halt', '/admission/batches/list'), '/services/permit/admission')
    assert.equal(
      await press('resume', '/features/release-map/people/previews'),
      '/services/permit/features/release-map/people',
    )
  })
})

test('ADM-22 a halt is answered where the gateway runs in the same process', async () => {
  const urlOf = ({ host }: { host: string | null }) =>
    host?.includes(':') ? `http://${host}` : 'http://127.0.0.1:4610'
  const app = await startApp({ gateway: { put: async () => {}, remove: async () => {}, takenBy: () => null, urlOf } })
  await app.aService({ phase: 'private-beta', host: 'permits.example.org' })
  const manager = await app.signIn('service-manager', 'permit')
  assert.equal((await manager.get('/services/permit')).status, 200)
  const pressed = await manager.post('/services/permit/halt', { reason: 'Wrong prices' })
  assert.equal(pressed.status, 303, pressed.text)
  const byKey = await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Again' })
  assert.equal(byKey.status, 200, byKey.text)
  await app.close()
})

describe('halt without a database', () => {
  test('ADM-22 a halt works while the database is gone, and is recorded under its name when it is back', async () => {
    const app = await startApp()
    try {
      await app.aService({ key: 'permit', phase: 'private-beta' })
      const manager = await app.signIn('service-manager', 'permit')
      const stranger = await app.signIn('member')
      assert.equal((await manager.get('/services/permit/admission')).status, 200)
      assert.equal((await stranger.get('/services/permit/admission')).status, 404)
      // Whoever came to the team a moment ago is in memory by the next reading.
      await app.phasegate.admission.snapshots.refresh(null)
      const back = await withoutDatabase(app, async () => {
        const pressed = await manager.post('/services/permit/halt', { reason: 'Fire' })
        assert.equal(pressed.status, 303, pressed.text)
        const shown = await manager.get(pressed.location ?? '')
        assert.equal(shown.status, 503)
        const since = `Nobody gets the new service since 20 November at 12:00, by ${manager.account.name}: Fire.`
        assert.ok(shown.text.includes(since), shown.text)
        assert.match(shown.text, /will be in the history as soon as it answers/)
        assert.ok(!(await stranger.get('/services/permit')).text.includes('Fire'))
        const foreign = await stranger.post('/services/permit/halt')
        assert.equal(foreign.status, 404)
        const key = await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Fire' })
        assert.equal(key.status, 200, key.text)
        const evaluated = await app.api('POST', '/ofrep/v1/evaluate/flags/permit', { context: {} })
        assert.deepEqual([evaluated.json.value, evaluated.json.reason], [false, 'DISABLED'])
      })
      assert.ok(back)
      const recorded = async (): Promise<{ actor: string; reason: string } | undefined> => {
        const { entries } = (await app.asAdmin.api('GET', '/api/v1/services/permit/history')).json
        return entries.find(({ action }: { action: string }) => action === 'admission.halted')
      }
      app.clock.advance(10_000)
      await recordHalts(app.phasegate.platform, app.phasegate.admission.snapshots)
      assert.deepEqual([(await recorded())?.actor, (await recorded())?.reason], [manager.account.name, 'Fire'])
    } finally {
      await app.close()
    }
  })

  test('ADM-22 a reason that follows while the database is gone is kept over a restart, and recorded under the name of whoever gave it', async () => {
    const app = await startApp()
    try {
      await app.aService({ key: 'permit', phase: 'private-beta' })
      const manager = await app.signIn('service-manager', 'permit')
      const support = await app.signIn('support', 'permit')
      for (const person of [manager, support])
        assert.equal((await person.get('/services/permit/admission')).status, 200)
      const told = async () => {
        const { entries } = (await app.asAdmin.api('GET', '/api/v1/services/permit/history')).json
        return entries
          .filter(({ action }: { action: string }) => action.startsWith('admission.halt'))
          .map(({ action, actor, reason }: Record<string, string>) => [action, actor, reason])
      }
      const { halts } = app.phasegate.admission.snapshots
      const record = () => recordHalts(app.phasegate.platform, app.phasegate.admission.snapshots)
      // Whoever came to the team a moment ago is in memory by the next reading.
      await app.phasegate.admission.snapshots.refresh(null)
      await withoutDatabase(app, async () => {
        assert.equal((await manager.post('/services/permit/halt')).status, 303)
        assert.equal((await support.post('/services/permit/halt', { reason: 'Payments fail' })).status, 303)
        assert.equal((await manager.post('/services/permit/halt', { reason: 'Too late' })).status, 303)
        assert.match((await manager.get('/services/permit')).text, /: Payments fail\. That stands/)
        const reopened = openHalts(app.phasegate.platform.config.dataDirectory)
        assert.deepEqual(
          [...halts.ids()].map(() => reopened.unrecorded().length),
          [1],
        )
        const [entry] = reopened.unrecorded()
        assert.equal(reopened.of(entry?.serviceId ?? '')?.reason, 'Payments fail')
        reopened.close()
      })
      await record()
      assert.deepEqual(await told(), [
        ['admission.halt-reason', support.account.name, 'Payments fail'],
        ['admission.halted', manager.account.name, null],
      ])
      assert.deepEqual([halts.unrecorded(), halts.unexplained()], [[], []])
      await record()
      assert.equal((await told()).length, 2)
      assert.match((await manager.get('/services/permit')).text, /Payments fail/)
    } finally {
      await app.close()
    }
  })

  test('ADM-22 what the database says late neither ends a fresh halt nor brings an ended one back', () => {
    const directory = mkdtempSync(join(tmpdir(), 'phasegate-halts-'))
    const at = new Date('2026-01-01T00:00:00Z')
    const one = { id: 'one', at, by: 'A. Example', reason: '' }
    const halts = openHalts(directory)
    try {
      halts.begin('service-1', one)
      halts.recorded('one')
      halts.follow({ inForce: [], ended: new Set() })
      assert.equal(halts.of('service-1')?.id, 'one', 'read before it was stored')
      halts.end('service-1', 'one')
      halts.follow({ inForce: [{ ...one, serviceId: 'service-1' }], ended: new Set() })
      assert.equal(halts.of('service-1'), null, 'read before its end was stored')
      halts.follow({ inForce: [{ ...one, id: 'two', serviceId: 'service-2' }], ended: new Set() })
      assert.equal(halts.of('service-2')?.id, 'two', 'halted by another process')
      halts.follow({ inForce: [], ended: new Set(['two']) })
      assert.equal(halts.of('service-2'), null, 'ended by another process')
    } finally {
      halts.close()
      rmSync(directory, { recursive: true })
    }
  })

  test('ADM-22 the journal is written in place, outlives a restart and forgets ended halts', () => {
    const directory = mkdtempSync(join(tmpdir(), 'phasegate-halts-'))
    try {
      const first = openHalts(directory)
      const size = statSync(join(directory, 'halts.journal')).size
      const at = new Date('2026-01-01T00:00:00Z')
      first.begin('service-1', { id: 'one', at, by: 'A. Example', reason: '' })
      first.begin('service-2', { id: 'two', at, by: 'A. Example', reason: '' })
      first.end('service-1', 'one')
      first.end('service-2', 'another')
      first.close()
      const second = openHalts(directory)
      assert.equal(second.of('service-1'), null)
      assert.deepEqual(second.of('service-2'), { id: 'two', at, by: 'A. Example', reason: '' })
      for (let round = 0; round < 100; round++) {
        second.begin('service-3', { id: `r${round}`, at, by: 'A. Example', reason: 'x'.repeat(1000) })
        second.end('service-3', `r${round}`)
      }
      assert.equal(statSync(join(directory, 'halts.journal')).size, size, 'it never grows')
      second.close()
      const third = openHalts(directory)
      assert.equal(third.of('service-2')?.id, 'two')
      assert.equal(third.of('service-3'), null)
      third.close()
      assert.ok(readFileSync(join(directory, 'halts.journal'), 'utf8').includes('"two"'))
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

/** The connections are cut and new ones refused, as when PostgreSQL dies. */
async function withoutDatabase(app: TestApp, work: () => Promise<void>): Promise<boolean> {
  const { db } = app
  const getExecutor = db.getExecutor.bind(db)
  const away = (): never => {
    throw Object.assign(new Error('Connection terminated'), { code: 'ECONNREFUSED' })
  }
  Object.assign(db, { getExecutor: away, transaction: away })
  try {
    await work()
    return true
  } finally {
    Object.assign(db, { getExecutor })
    Reflect.deleteProperty(db, 'transaction')
  }
}
