import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { OpenFeature, ProviderEvents, ProviderStatus, type Client as FlagClient } from '@openfeature/server-sdk'
import { sql } from 'kysely'
import { nameOfSet, newUnit, packUnits } from '../admission/src/index.ts'
import { aFeature, aService, aSnapshot } from '../admission/src/builders.ts'
import { startApp, testClock, type TestApp } from '../../test/support/app.ts'
import { freePort } from '../../test/support/free-port.ts'
import { until } from '../../test/support/until.ts'
import { PhasegateProvider, type PhasegateOptions } from './src/index.ts'

let domains = 0

/** A client of its own for each test, on a provider that is ready. */
async function clientOf(options: PhasegateOptions): Promise<FlagClient> {
  const domain = `test-${++domains}`
  await OpenFeature.setProviderAndWait(domain, new PhasegateProvider(options))
  return OpenFeature.getClient(domain)
}

after(() => OpenFeature.clearProviders())

describe('The OpenFeature provider for Node', () => {
  let app: TestApp
  let key: string
  let unit: string
  before(async () => {
    // Tracked events carry the time of the machine.
    app = await startApp({ clock: testClock(new Date()) })
    await app.aService({ key: 'permit', phase: 'private-beta' })
    await app.aService({ key: 'other', name: 'Another service' })
    const made = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'app', kind: 'server' })
    key = made.json.secret
    const invited = await app.asAdmin.api('POST', '/api/v1/services/permit/invitations', {
      addresses: ['a@example.org'],
    })
    const link = new URL(invited.json.results[0].link).pathname.replace('/go/', '/edge/')
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    unit = accepted.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
    // Asking for the state waits for the snapshot to be read again.
    await app.asAdmin.api('GET', '/api/v1/services/permit/admission')
  })
  after(() => app.close())

  test('ADM-30 decides in process as Phasegate does, for an invited person and for anybody else', async () => {
    const client = await clientOf({ url: app.url, key })
    const inside = await client.getBooleanDetails('permit', false, { targetingKey: unit })
    assert.deepEqual([inside.value, inside.variant, inside.reason], [true, 'new', 'TARGETING_MATCH'])
    assert.equal(inside.flagMetadata.rung, 'invited')
    const outside = await client.getBooleanDetails('permit', true, { targetingKey: newUnit() })
    assert.deepEqual([outside.value, outside.reason], [false, 'STATIC'])
  })

  test('ADM-30 a key of one service sees no other, and what goes wrong is the default with its code', async () => {
    const client = await clientOf({ url: app.url, key })
    const code = async (flag: string, context = {}): Promise<unknown> =>
      (await client.getBooleanDetails(flag, true, context)).errorCode
    assert.equal(await code('other', { targetingKey: unit }), 'FLAG_NOT_FOUND')
    assert.equal(await code('permit'), 'TARGETING_KEY_MISSING')
    const wrong = await client.getStringDetails('permit', 'fallback', { targetingKey: unit })
    assert.deepEqual([wrong.value, wrong.errorCode], ['fallback', 'TYPE_MISMATCH'])
  })

  test('ADM-30 a halt reaches the provider, which tells what changed', async () => {
    const client = await clientOf({ url: app.url, key })
    const told = new Promise<string[] | undefined>((resolve) =>
      client.addHandler(ProviderEvents.ConfigurationChanged, (details) => resolve(details?.flagsChanged)),
    )
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Trying it' })
    assert.deepEqual(await told, ['permit'])
    const halted = await client.getBooleanDetails('permit', true, { targetingKey: unit })
    assert.deepEqual([halted.value, halted.reason, halted.flagMetadata.rung], [false, 'DISABLED', 'halt'])
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'Tried' })
    await until('the unit is in', () => client.getBooleanValue('permit', false, { targetingKey: unit }))
  })

  test('ADM-10 under a cap the provider asks for a place, and gets one while there is one', async () => {
    await app.aService({ key: 'capped', phase: 'public-beta' })
    const made = await app.asAdmin.api('POST', '/api/v1/services/capped/keys', { name: 'app', kind: 'server' })
    await app.asAdmin.api('PUT', '/api/v1/services/capped/cap', { cap: 1 })
    await app.asAdmin.api('PUT', '/api/v1/services/capped/share', { percent: 100 })
    // The first address is of an instance that is down.
    const client = await clientOf({ url: ['http://127.0.0.1:9', app.url], key: made.json.secret })
    const [one, other] = [newUnit(), newUnit()]
    const ask = (targetingKey: string): Promise<boolean> => client.getBooleanValue('capped', false, { targetingKey })
    await until('the first is in', () => ask(one))
    assert.equal(await ask(other), false)
    assert.equal(await ask(one), true)
  })

  test('ADM-10 whoever was just let in under a cap has the features of the service, before the next snapshot', async () => {
    await app.aService({ key: 'shop', phase: 'public-beta' })
    const at = '/api/v1/services/shop'
    const flag = { name: 'Lists', description: 'Lists', kind: 'release', key: 'release-shop-lists', appliesTo: 'new' }
    await app.asAdmin.api('POST', `${at}/features`, flag)
    await app.asAdmin.api('PUT', `${at}/features/${flag.key}/switch`, { on: true, reason: 'Ready' })
    await app.asAdmin.api('PUT', `${at}/cap`, { cap: 1 })
    await app.asAdmin.api('PUT', `${at}/share`, { percent: 100 })
    const made = await app.asAdmin.api('POST', `${at}/keys`, { name: 'app', kind: 'server' })
    const client = await clientOf({ url: app.url, key: made.json.secret })
    const rungOf = async (key: string, targetingKey: string) =>
      (await client.getBooleanDetails(key, false, { targetingKey })).flagMetadata['rung']
    const [first, second] = [newUnit(), newUnit()]
    assert.deepEqual([await rungOf('shop', first), await rungOf(flag.key, first)], ['share', 'default'])
    assert.deepEqual([await rungOf('shop', second), await rungOf(flag.key, second)], ['default', 'service'])
  })

  test('ADM-10 ADM-26 under a cap a place is asked for whom a rule would let in, by what is known of them', async () => {
    await app.aService({ key: 'ruled', phase: 'public-beta' })
    const at = '/api/v1/services/ruled'
    const north = { name: 'The north', when: { kind: 'in', attribute: 'region', values: ['north'] }, percent: 100 }
    assert.equal((await app.asAdmin.api('PUT', `${at}/rules`, { version: 1, reason: 'x', rules: [north] })).status, 200)
    await app.asAdmin.api('PUT', `${at}/cap`, { cap: 1 })
    const made = await app.asAdmin.api('POST', `${at}/keys`, { name: 'Application', kind: 'server' })
    const client = await clientOf({ url: app.url, key: made.json.secret })
    const ask = (region: string) => client.getBooleanDetails('ruled', false, { targetingKey: newUnit(), region })
    assert.equal((await ask('south')).value, false)
    const { value, reason, flagMetadata } = await ask('north')
    assert.deepEqual([value, reason, flagMetadata.rung], [true, 'TARGETING_MATCH', 'rules'])
    assert.equal((await ask('north')).value, false)
  })

  test('What is tracked arrives as an event of the service, once, under the unit, with the flags that were asked for', async () => {
    const client = await clientOf({ url: app.url, key, service: 'permit' })
    await client.getBooleanValue('permit', false, { targetingKey: unit })
    client.track('Sent form', { targetingKey: unit }, { value: 12, plan: 'pro', nested: { left: 'out' } })
    const arrived = () =>
      sql<{ flags: unknown; properties: unknown }>`
        select flags, properties from event where name = 'custom.sent-form' and unit = ${unit}`.execute(app.db)
    await until('the event is there', async () => (await arrived()).rows.length > 0)
    assert.deepEqual((await arrived()).rows, [{ flags: { permit: 'new' }, properties: { value: 12, plan: 'pro' } }])
  })

  test('What is tracked is brought into the form that an event takes, and not lost for a fact that does not fit', async () => {
    const client = await clientOf({ url: app.url, key, service: 'permit' })
    const targetingKey = 'u'.repeat(256)
    client.track(
      'Odd',
      { targetingKey },
      { value: NaN, 'plan name': 'a\nb', long: `${'x'.repeat(499)}😀`, left: { out: 1 } },
    )
    const arrived = () =>
      sql<{ properties: unknown }>`
        select properties from event where name = 'custom.odd' and unit = ${targetingKey}`.execute(app.db)
    await until('the event is there', async () => (await arrived()).rows.length > 0)
    assert.deepEqual((await arrived()).rows, [{ properties: { 'plan-name': 'a b', long: `${'x'.repeat(499)} ` } }])
  })

  test('What is tracked and not taken is said once, with the reason', async (t) => {
    const { mock } = t.mock.method(console, 'warn', () => {})
    const client = await clientOf({ url: app.url, key, service: 'permitt' })
    client.track('One', { targetingKey: unit })
    await until('it is said', () => mock.callCount() > 0)
    assert.match(String(mock.calls[0]?.arguments[0]), /^Phasegate refused 1 of the tracked events: .*no such service/)
  })

  test('What is tracked arrives also where it is more than one request takes', async () => {
    const client = await clientOf({ url: app.url, key, service: 'permit' })
    const facts = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`fact-${n}`, 'ü'.repeat(500)]))
    for (let n = 0; n < 150; n++) client.track('Much', {}, facts)
    const arrived = async () => {
      const { rows } = await sql<{ n: number }>`
        select count(*)::int as n from event where name = 'custom.much'`.execute(app.db)
      return rows[0]?.n
    }
    await until('all are there', async () => (await arrived()) === 150)
  })
})

describe('The OpenFeature provider for Node with Phasegate away', () => {
  const unit = newUnit()
  const feature = aFeature({ ceiling: 'everyone', variants: { wide: { columns: 3 }, none: { columns: 1 } } })
  const snapshot = {
    ...aSnapshot(aService({ ceiling: 'everyone' })),
    features: [{ ...feature, on: 'wide', off: 'none' }],
  }
  let server: Server | undefined
  let port = 0

  /** A Phasegate that streams one snapshot; `end` makes it vanish. */
  async function serve(sent: object): Promise<void> {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`event: snapshot\ndata: ${JSON.stringify(sent)}\n\n`)
    })
    // Gone and back again, it must find its port free.
    port ||= await freePort()
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
  }
  async function end(): Promise<void> {
    const ended = new Promise((resolve) => server?.close(resolve))
    server?.closeAllConnections()
    await ended
  }
  after(end)

  test('it goes on with the last snapshot and says STALE, from disk after a restart, and comes back by itself', async () => {
    const cacheFile = join(mkdtempSync(join(tmpdir(), 'provider-')), 'deep', 'snapshot.json')
    await serve(snapshot)
    const options = { url: `http://127.0.0.1:${port}`, key: 'k', cacheFile, waitMs: 60_000 }
    const client = await clientOf(options)
    const columns = (of: FlagClient): Promise<unknown> =>
      of.getObjectValue(feature.key, { columns: 0 }, { targetingKey: unit })
    assert.deepEqual(await columns(client), { columns: 3 })
    await until('the snapshot is on disk', async () => (await readFile(cacheFile, 'utf8').catch(() => '')) !== '')
    await end()
    await until('it is stale', () => client.providerStatus === ProviderStatus.STALE)
    assert.deepEqual(await columns(client), { columns: 3 })

    const restarted = await clientOf(options)
    assert.deepEqual(await columns(restarted), { columns: 3 })
    await until('it is stale from the start', () => restarted.providerStatus === ProviderStatus.STALE)
    const details = await restarted.getObjectDetails(feature.key, {}, { targetingKey: unit })
    assert.equal(details.flagMetadata.stale, true)

    await serve({ ...snapshot, version: 2, features: [{ ...feature, on: 'none', off: 'none' }] })
    await until('it decides anew', async () => JSON.stringify(await columns(client)) === '{"columns":1}')
    await until('it is fresh', () => client.providerStatus === ProviderStatus.READY)
    await until('so is the other', () => restarted.providerStatus === ProviderStatus.READY)
  })

  test('ADM-30 a first snapshot that comes late makes it READY, and a key that is refused by then is told', async () => {
    let status = 503
    const late = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'text/event-stream' })
      if (status === 200) response.write(`event: snapshot\ndata: ${JSON.stringify(snapshot)}\n\n`)
      else response.end()
    })
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve))
    const options = { url: `http://127.0.0.1:${(late.address() as AddressInfo).port}`, key: 'k', waitMs: 50 }
    for (const [then, expected] of [
      [200, ProviderStatus.READY],
      [401, ProviderStatus.FATAL],
    ] as const) {
      status = 503
      await assert.rejects(clientOf(options), /within 50 ms/)
      const client = OpenFeature.getClient(`test-${domains}`)
      assert.equal(client.providerStatus, ProviderStatus.ERROR)
      status = then
      await until(`it is ${expected}`, () => client.providerStatus === expected)
    }
    late.closeAllConnections()
    await new Promise((resolve) => late.close(resolve))
  })

  test('closing it while it waits for a first snapshot ends the wait', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const provider = new PhasegateProvider({ url, key: 'k', waitMs: 60_000 })
    const waiting = assert.rejects(provider.initialize(), /closed before a snapshot came/)
    await provider.onClose()
    await waiting
    silent.closeAllConnections()
    await new Promise((resolve) => silent.close(resolve))
  })

  test('ADM-35 a large set is fetched once and kept on disk: after a restart with Phasegate away it still decides', async () => {
    await end()
    const people = Array.from({ length: 2_000 }, newUnit)
    const [one = ''] = people
    const text = JSON.stringify(packUnits(people))
    const set = nameOfSet(text)
    const service = aService({ units: { invited: { set, added: [], gone: [] } } })
    let asked = 0
    server = createServer((request, response) => {
      if (request.url?.startsWith('/api/v1/snapshot/sets/') === true) {
        // Providers of the tests before still follow this address.
        if (request.headers.authorization === 'Bearer of-this-test') asked++
        return void response.writeHead(200, { 'content-type': 'application/json' }).end(text)
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const version of [1, 2]) {
        response.write(`event: snapshot\ndata: ${JSON.stringify({ ...aSnapshot(service), version })}\n\n`)
      }
    })
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve))
    const cacheFile = join(mkdtempSync(join(tmpdir(), 'provider-')), 'snapshot.json')
    const options = { url: `http://127.0.0.1:${port}`, key: 'of-this-test', cacheFile, waitMs: 60_000 }
    const client = await clientOf(options)
    const isIn = (of: FlagClient, targetingKey: string): Promise<boolean> =>
      of.getBooleanValue('parking', false, { targetingKey })
    assert.deepEqual([await isIn(client, one), await isIn(client, newUnit())], [true, false])
    assert.equal(asked, 1)
    await until(
      'the set is on disk',
      async () => (await readFile(join(`${cacheFile}.sets`, set), 'utf8').catch(() => '')) === text,
    )
    await until('the snapshot is on disk', async () =>
      (await readFile(cacheFile, 'utf8').catch(() => '')).includes('"version":2'),
    )
    await end()
    const restarted = await clientOf({ ...options, waitMs: 60_000 })
    assert.deepEqual([await isIn(restarted, one), await isIn(restarted, newUnit())], [true, false])
    await serve(snapshot)
  })

  test('a snapshot that cannot be used never replaces one that can, and without any the default stands', async () => {
    await end()
    await serve({ ...snapshot, services: 'none' })
    const url = `http://127.0.0.1:${port}`
    const cacheFile = join(mkdtempSync(join(tmpdir(), 'provider-')), 'snapshot.json')
    writeFileSync(cacheFile, JSON.stringify(snapshot))
    const client = await clientOf({ url, key: 'k', cacheFile, waitMs: 60_000 })
    assert.equal((await client.getBooleanDetails('parking', false, { targetingKey: unit })).value, true)
    await assert.rejects(clientOf({ url, key: 'k', waitMs: 50 }))
    const without = OpenFeature.getClient(`test-${domains}`)
    assert.equal(await without.getBooleanValue('parking', false, { targetingKey: unit }), false)
  })

  test('what keeps a first snapshot away is named', async () => {
    const html = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Site</h1>'),
    )
    await new Promise<void>((resolve) => html.listen(0, '127.0.0.1', resolve))
    const at = `http://127.0.0.1:${(html.address() as AddressInfo).port}`
    const wrong = async (url: string): Promise<string> => {
      const problem: unknown = await clientOf({ url, key: 'k', waitMs: 300 }).catch((error: unknown) => error)
      return (problem as Error).message
    }
    /** On a busy machine nothing may have been heard in that time. */
    const isNamed = (pattern: RegExp) => until(`it says ${pattern}`, async () => pattern.test(await wrong(at)))
    await isNamed(/^No snapshot came from Phasegate within 300 ms: .+ answered with something else than a stream$/)
    await new Promise((resolve) => html.close(resolve))
    await isNamed(/: http:\S+ did not answer \(ECONNREFUSED\)$/)
    assert.throws(
      () => new PhasegateProvider({ url: 'beta.example.org', key: 'k' }),
      /such as https:\/\/beta\.example\.org/,
    )
    assert.throws(() => new PhasegateProvider({ url: at, key: '' }), /Give a server key/)
  })
})
