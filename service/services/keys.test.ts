import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { client, startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { listenAt, type ChangeStream } from '../../test/support/change-stream.ts'
import { until } from '../../test/support/until.ts'
import { listenToOthers } from '../platform/index.ts'
import { warnOfEndingKeys } from './index.ts'

const keysPath = '/api/v1/services/permit/keys'
const day = 86_400_000

describe('keys', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  const aKey = async (wanted: object = {}) => {
    const { status, json } = await app.asAdmin.api('POST', keysPath, { name: 'Application', kind: 'server', ...wanted })
    assert.equal(status, 201)
    return json as { id: string; secret: string }
  }
  const as = (secret: string, url = app.url): Client => client(url, { authorization: `Bearer ${secret}` })
  const reads = async (holder: Client) => (await holder.api('GET', '/api/v1/services/permit')).status
  const deploys = async (holder: Client) =>
    (await holder.api('POST', '/api/v1/services/permit/deployments', { version: '1', reference: 'one' })).status

  test('ACC-14 a key may less than its kind where it was made so, and never more', async () => {
    const narrow = as((await aKey({ permissions: ['deployments.write'] })).secret)
    assert.equal(await reads(narrow), 403)
    assert.ok((await deploys(narrow)) < 300)
    const reader = as((await aKey({ permissions: ['service.view'] })).secret)
    assert.equal(await reads(reader), 200)
    assert.equal(await deploys(reader), 403)
    const beyond = await app.asAdmin.api('POST', keysPath, { name: 'A', kind: 'client', permissions: ['service.edit'] })
    assert.equal(beyond.json.code, 'key-beyond-kind')
  })

  test('ACC-14 a key ends on its day, and those who can make another are told two weeks before, once', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const holder = as((await aKey({ name: 'Ending', days: 20 })).secret)
    const told = () => app.mails.filter(({ to, subject }) => to === manager.account.email && /“Ending”/.test(subject))
    await warnOfEndingKeys(app.phasegate.platform)
    app.clock.advance(10 * day)
    for (let n = 0; n < 2; n++) await warnOfEndingKeys(app.phasegate.platform)
    while (told().length === 0) await pause(10)
    await app.phasegate.platform.mail.deliverDue()
    assert.equal(told().length, 1)
    assert.match((await manager.get('/notices')).text, /The key “Ending”/)
    assert.equal(await reads(holder), 200)
    app.clock.advance(10 * day)
    assert.equal(await reads(holder), 401)
  })

  test('ACC-14 a new secret works at once, and the old one for as long as was chosen', async () => {
    const { id, secret } = await aKey()
    const renewed = await app.asAdmin.api('POST', `${keysPath}/${id}/renew`, { overlapHours: 2 })
    assert.notEqual(renewed.json.secret, secret)
    assert.deepEqual([await reads(as(secret)), await reads(as(renewed.json.secret))], [200, 200])
    app.clock.advance(2 * 3_600_000 + 1)
    assert.deepEqual([await reads(as(secret)), await reads(as(renewed.json.secret))], [401, 200])
  })

  test('ACC-14 a stream ends on the day of its key, and with the old secret by which it was opened', async () => {
    const opened: ChangeStream[] = []
    const open = async (secret: string, path: string) => {
      const stream = await listenAt(new URL(path, app.url), { authorization: `Bearer ${secret}` })
      opened.push(stream)
      return stream
    }
    const feed = '/api/v1/gateway/stream'
    const snapshot = '/api/v1/snapshot/stream'
    const ending = [
      await open((await aKey({ kind: 'gateway', days: 20 })).secret, feed),
      await open((await aKey({ days: 20 })).secret, snapshot),
    ]
    const lasting = await open((await aKey({ days: 30 })).secret, snapshot)
    const areOver = (streams: ChangeStream[]) => async () => streams.every((stream) => stream.isOver())
    app.clock.advance(20 * day)
    await until('the streams of keys that ended are over', areOver(ending))
    assert.equal(lasting.isOver(), false)

    const { id, secret } = await aKey({ kind: 'gateway' })
    const renewed = await app.asAdmin.api('POST', `${keysPath}/${id}/renew`, { overlapHours: 2 })
    const [byOld, byNew] = [await open(secret, feed), await open(renewed.json.secret, feed)]
    app.clock.advance(2 * 3_600_000)
    await until('the stream of the old secret is over', areOver([byOld]))
    assert.equal(byNew.isOver(), false)
    for (const stream of opened) stream.close()
  })

  test('ACC-14 the last use is on record, and no secret is in the list', async () => {
    const { id, secret } = await aKey()
    const listed = async () =>
      (await app.asAdmin.api('GET', keysPath)).json.keys.find((key: { id: string }) => key.id === id)
    assert.equal((await listed()).lastUsedAt, null)
    await reads(as(secret))
    assert.equal((await listed()).lastUsedAt, app.clock.now().toISOString())
    assert.ok(!JSON.stringify(await listed()).includes(secret))
  })

  test('ACC-14 a revoked key is dead in every process that had just used it', async () => {
    const other = await startApp({ beside: app, clock: app.clock })
    const listener = other.database.listener()
    await listener.connect()
    await listenToOthers(other.phasegate.platform.live, listener)
    const { id, secret } = await aKey()
    assert.deepEqual([await reads(as(secret)), await reads(as(secret, other.url))], [200, 200])
    await app.asAdmin.api('DELETE', `${keysPath}/${id}`)
    assert.equal(await reads(as(secret)), 401)
    while ((await reads(as(secret, other.url))) !== 401) await pause(10)
    await listener.end()
    await other.close()
  })
})
