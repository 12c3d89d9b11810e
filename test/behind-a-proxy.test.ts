import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { removeExampleData } from '../service/example-data.ts'
import { readConfig } from '../service/platform/index.ts'
import { allServices } from '../service/services/index.ts'
import { routes } from '../service/routes.ts'
import { startApp, type Client, type TestApp } from './support/app.ts'

/** Each for an account of its own: what is counted here is the address that it comes from. */
let accounts = 0
const signIn = (app: Client, forwardedFor: string, more: Record<string, string> = {}) => {
  const wrong = { email: `nobody${++accounts}@example.org`, password: 'not the right one' }
  return app.post('/sign-in', wrong, { 'x-forwarded-for': forwardedFor, ...more })
}
const hundred = Array.from({ length: 100 }, (_, index) => index + 1)

describe('whose address counts', () => {
  test('a hundred forged addresses of one sender share one limit, and so do words in place of a key [promise 36]', async () => {
    const app = await startApp()
    const seen = []
    for (const n of hundred) {
      const forged = { forwarded: `for=198.51.100.${n}`, 'x-real-ip': `198.51.100.${n}`, authorization: `Bearer ${n}` }
      seen.push(await signIn(app, `198.51.100.${n}`, forged))
    }
    assert.deepEqual([...new Set(seen.slice(35).map(({ status }) => status))], [429])
    assert.ok(Number(seen.at(-1)?.headers.get('retry-after')) > 0)
    assert.notEqual(seen[0]?.status, 429)
    await app.close()
  })

  test('what a trusted proxy says of the sender counts, and nothing to the left of it', async () => {
    const app = await startApp({ env: { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } })
    for (const n of hundred.slice(0, 35)) await signIn(app, `198.51.100.${n}, 203.0.113.7, 10.0.0.3`)
    assert.equal((await signIn(app, '198.51.100.99, 203.0.113.7, 10.0.0.3')).status, 429)
    assert.notEqual((await signIn(app, '203.0.113.8')).status, 429, 'another person behind the same proxy')
    for (const n of hundred.slice(0, 35)) await signIn(app, `2001:db8:0:7::${n}`)
    assert.equal((await signIn(app, '2001:db8:0:7:ffff::1')).status, 429, 'another address of the same household')
    assert.notEqual((await signIn(app, '2001:db8:0:8::1')).status, 429, 'another household')
    await app.close()
  })

  test('proxies are addresses or networks, and never everybody', () => {
    const { trustedProxies } = readConfig({ TRUSTED_PROXIES: '10.0.0.5, fd00::/8 ::1' })
    assert.deepEqual(trustedProxies, ['10.0.0.5', 'fd00::/8', '::1'])
    for (const bad of ['proxy.example.org', '10.0.0', '10.0.0.0/33', '0.0.0.0/0', '::/0'])
      assert.throws(() => readConfig({ TRUSTED_PROXIES: bad }), /TRUSTED_PROXIES: must/, bad)
  })
})

describe('where PUBLIC_URL is set', () => {
  let app: TestApp
  let owner: Client
  before(async () => {
    app = await startApp({ env: { PUBLIC_URL: 'https://beta.example.org', TRUSTED_PROXIES: '10.0.0.1' } })
    await app.aService({ phase: 'private-beta' })
    owner = await app.signIn('owner')
  })
  after(() => app.close())

  test('links in mails begin with it, whatever a request calls this host [promise 27]', async () => {
    const colleague = await app.signIn('developer', 'permit')
    await forged(app.url, '/sign-in/link', `address=${encodeURIComponent('person2@example.org')}`)
    const invited = await app.asAdmin.api(
      'POST',
      '/api/v1/services/permit/invitations',
      { addresses: ['guest@example.org'] },
      { 'x-forwarded-host': 'evil.example' },
    )
    assert.ok(invited.status < 300, invited.text)
    await mailedTo(app, 'person2@example.org', 'guest@example.org')
    const links = app.mails.flatMap(({ text }) => text.match(/https?:\/\/[^\s]+/g) ?? [])
    assert.ok(links.length >= 2, `only ${links.length} links`)
    assert.deepEqual(
      links.filter((link) => !link.startsWith('https://beta.example.org/')),
      [],
    )
    assert.equal((await colleague.get('/account')).status, 200)
  })

  test('cookies are sent over TLS only, and browsers are told to stay on it', async () => {
    await forged(app.url, '/sign-in/link', `address=${encodeURIComponent('person2@example.org')}`)
    const before = app.mails.length
    while (app.mails.length === before) await mailedTo(app, 'person2@example.org')
    const path = new URL(app.mails.at(-1)?.text.match(/https?:\/\/\S+/)?.[0] ?? '').pathname
    const signedIn = await app.post(path)
    assert.equal(signedIn.status, 303, signedIn.text)
    assert.match(signedIn.headers.get('set-cookie') ?? '', /; Secure/)
    assert.match(signedIn.headers.get('strict-transport-security') ?? '', /max-age=\d{7}/)
  })

  test('every page is without the example, the tour, the list of mails and anything else for development', async () => {
    for (const path of ['/mails', '/mails/anything', '/tour'])
      assert.equal((await owner.get(path)).status, 404, `${path} is still there`)
    let pages = 0
    for (const { url } of routes.filter(
      ({ method, url }) => method === 'GET' && !/\/(live|stream|events)$/.test(url),
    )) {
      const page = await owner.get(url.replace(':service', 'permit').replaceAll(/:\w+/g, 'anything'))
      if (page.status !== 200 || !page.headers.get('content-type')?.startsWith('text/html')) continue
      pages += 1
      assert.doesNotMatch(page.text, /href="\/(mails|tour)|example data/i, `${url} speaks of development`)
    }
    assert.ok(pages > 15, `only ${pages} pages were looked at`)
  })

  test('no request sets its own time or person, with whatever key', async () => {
    for (const header of ['phasegate-time', 'phasegate-as'])
      for (const { method, url, needs } of routes.filter((row) => row.needs !== 'edge' && row.method !== 'OPTIONS')) {
        const value = header === 'phasegate-as' ? 'person1@example.org' : '2026-10-01T09:00:00Z'
        const path = url.replace(':service', 'permit').replaceAll(/:\w+/g, 'anything')
        const { json } = await app.asAdmin.api(method, path, method === 'GET' ? undefined : {}, { [header]: value })
        assert.equal(json?.code, 'time-not-honoured', `${method} ${path} (${needs}) honours ${header}`)
      }
    const made = await app.asAdmin.api('POST', '/api/v1/services', {
      name: 'Made up',
      newUrl: 'http://127.0.0.1:9002',
      example: true,
    })
    assert.equal(made.json.code, 'no-example-here')
  })

  test('an example from the days before is removed at the start, and nothing else', async () => {
    const before = await startApp()
    await before.aService()
    await before.aService({ key: 'made-up', name: 'Made up', example: true })
    await removeExampleData(before.phasegate.platform, {
      put: async () => {},
      takenBy: () => null,
      remove: async () => {},
      urlOf: () => '',
    })
    assert.deepEqual(
      (await allServices(before.db)).map(({ key }) => key),
      ['permit'],
    )
    await before.close()
  })
})

test('mails are not shown on a page through a proxy, even on the own machine', async () => {
  const app = await startApp()
  assert.equal((await app.get('/mails')).status, 200)
  for (const name of ['x-forwarded-for', 'forwarded', 'via'])
    assert.equal((await app.get('/mails', { [name]: '127.0.0.1' })).status, 404, name)
  await app.close()
})

/** A POST under a host name of the sender's choice, which fetch does not let anybody set. */
/** A link that was asked for is looked up after the answer, so that the answer tells nothing of the account. */
async function mailedTo(app: TestApp, ...addresses: string[]): Promise<void> {
  do {
    await pause(5)
    await app.phasegate.platform.mail.deliverDue()
  } while (!addresses.every((address) => app.mails.some(({ to }) => to === address)))
}

function forged(url: string, path: string, body: string): Promise<number> {
  const { port } = new URL(url)
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example',
    'content-type': 'application/x-www-form-urlencoded',
  }
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port, path, method: 'POST', headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end(body)
  })
}
