import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { newUnit } from '../../packages/admission/src/index.ts'
import { openSecretBox } from '../platform/index.ts'
import { startApp, testSecretKey, type TestApp } from '../../test/support/app.ts'
import { listenAt, type ChangeStream } from '../../test/support/change-stream.ts'
import { until } from '../../test/support/until.ts'
import { readToken, writeToken } from './stream-token.ts'

const all = '/ofrep/v1/evaluate/flags'

describe('The stream that tells clients of OpenFeature to ask again', () => {
  let app: TestApp
  const open: ChangeStream[] = []
  before(async () => {
    app = await startApp()
    for (const key of ['permit', 'badge']) await app.aService({ key, phase: 'public-beta' })
    await until('both services are decided', async () => (await flagsFor({})).length === 2)
  })
  after(async () => {
    for (const stream of open) stream.close()
    await app.close()
  })

  const ask = (headers: Record<string, string>) =>
    app.api('POST', all, { context: { targetingKey: newUnit() } }, headers)
  const flagsFor = async (headers: Record<string, string>) => (await ask(headers)).json.flags

  async function addressFor(headers: Record<string, string>): Promise<URL> {
    return new URL((await ask(headers)).json.eventStreams[0].endpoint.requestUri, app.url)
  }

  async function listen(address: URL, headers?: Record<string, string>): Promise<ChangeStream> {
    const stream = await listenAt(address, headers)
    open.push(stream)
    return stream
  }

  async function aKey(
    kind: 'client' | 'server',
    days: number | null = null,
  ): Promise<{ id: string; headers: { authorization: string } }> {
    const { json } = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: kind, kind, days })
    return { id: json.id, headers: { authorization: `Bearer ${json.secret}` } }
  }

  let cap = 100
  const change = (service: string) => app.asAdmin.api('PUT', `/api/v1/services/${service}/cap`, { cap: ++cap })

  test('ADM-72 a browser may ask before it listens with a header, and whoever asks for the head alone is answered', async () => {
    const address = await addressFor({})
    const preflight = await fetch(address, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://permits.example.org',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'last-event-id',
      },
    })
    assert.equal(preflight.status, 204)
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, OPTIONS')
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /last-event-id/)
    const head = await fetch(address, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/event-stream'])
  })

  test('ADM-72 whoever asked with a key of a service hears of that service alone, all others of every one', async () => {
    const everything = await listen(await addressFor({}))
    const own: ChangeStream[] = []
    for (const kind of ['client', 'server'] as const)
      own.push(await listen(await addressFor((await aKey(kind)).headers)))
    const of = (streams: ChangeStream[]) => streams.map((stream) => stream.told())
    await change('badge')
    await until('whoever hears of all is told of the other service', async () => everything.told() === 1)
    await change('permit')
    await until('everybody is told of this one', async () => of([everything, ...own]).every((told) => told > 0))
    assert.deepEqual(of([everything, ...own]), [2, 1, 1])
  })

  test('ADM-72 ADM-30 what changed since the answer is told as the stream opens, of another service not', async () => {
    const { headers } = await aKey('client')
    const before = await addressFor(headers)
    const everything = await listen(await addressFor({}))
    await change('badge')
    await until('the change of the other service is out', async () => everything.told() === 1)
    assert.equal((await addressFor(headers)).searchParams.get('token'), before.searchParams.get('token'))
    const untold = await listen(before)
    await change('permit')
    await until('both are told of the own one', async () => everything.told() === 2 && untold.told() > 0)
    assert.equal(untold.told(), 1)
    const late = await listen(before)
    await until('it is told of what it missed', async () => late.told() === 1)
    const back = await listen(before, { 'last-event-id': late.lastId() ?? '' })
    await change('permit')
    await until('it is told of the next change', async () => back.told() > 0)
    assert.equal(back.told(), 1, 'of what it had heard already it was told again')
  })

  test('ADM-72 an address that was not given out here is refused, with words for a program of any site', async () => {
    const address = await addressFor((await aKey('client')).headers)
    const token = address.searchParams.get('token') ?? ''
    const secrets = openSecretBox([testSecretKey])
    const listening = readToken(secrets, token)
    assert.ok(listening !== null)
    const foreign = writeToken(openSecretBox(['another-secret-key-of-forty-three-characters']), listening)
    const forAll = writeToken(secrets, { ...listening, service: null }).split('.')[0]
    for (const wrong of ['', 'x', token.slice(0, -1), `${token}A`, foreign, `${forAll}.${token.split('.')[1]}`]) {
      address.searchParams.set('token', wrong)
      const refused = await fetch(address, { headers: { origin: 'https://permits.example.org' } })
      assert.equal(refused.status, 401, wrong)
      assert.match(refused.headers.get('content-type') ?? '', /^application\/problem\+json/)
      assert.equal(refused.headers.get('access-control-allow-origin'), '*')
      assert.equal(((await refused.json()) as { code: string }).code, 'stream-not-known')
    }
  })

  test('ADM-72 with its key revoked a stream ends, and does not come back', async () => {
    const key = await aKey('client')
    const address = await addressFor(key.headers)
    const stream = await listen(address)
    const [other] = [await listen(await addressFor({}))]
    const manager = await app.signIn('service-manager', 'permit')
    const revoked = await manager.api('DELETE', `/api/v1/services/permit/keys/${key.id}`)
    assert.ok(revoked.status < 300, revoked.text)
    await until('the stream of the key is over', async () => stream.isOver())
    assert.equal(other.isOver(), false)
    const again = await fetch(address)
    assert.equal(again.status, 401)
    await again.body?.cancel()
  })

  test('ADM-72 ACC-14 on the day that its key ends a stream ends, and does not come back', async () => {
    const { headers } = await aKey('client', 20)
    const address = await addressFor(headers)
    const streams = [await listen(address), await listen(new URL('/ofrep/v1/events', app.url), headers)]
    const { headers: others } = await aKey('client', 30)
    const other = await listen(await addressFor(others))
    app.clock.advance(20 * 86_400_000)
    await until('both streams of the key are over', async () => streams.every((stream) => stream.isOver()))
    assert.equal(other.isOver(), false)
    const again = await fetch(address)
    assert.equal(again.status, 401)
    await again.body?.cancel()
  })

  test('ADM-72 an address from the release before, or without a token, still hears', async () => {
    const { version } = app.phasegate.admission.snapshots.compiled()
    const old = await listen(new URL(`/ofrep/v1/events?since=${version}`, app.url))
    await until('it is told once, since nobody knows what it was answered', async () => old.told() === 1)
    const bare = await listen(new URL('/ofrep/v1/events', app.url))
    const keyed = await listen(new URL('/ofrep/v1/events', app.url), (await aKey('server')).headers)
    await change('badge')
    await until('both are told of any service', async () => old.told() === 2 && bare.told() === 1)
    await change('permit')
    await until('a key that is shown stands for its service', async () => keyed.told() > 0)
    assert.equal(keyed.told(), 1)
  })
})
