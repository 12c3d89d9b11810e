import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { sql } from 'kysely'
import type { BrowserContext, Page } from 'playwright-core'
import { newUnit } from '../admission/src/index.ts'
import { startApp, testClock, type TestApp } from '../../test/support/app.ts'
import { until } from '../../test/support/until.ts'
import { launchBrowser } from '../../test/support/browser.ts'

interface Details {
  value: unknown
  variant?: string
  reason?: string
  errorCode?: string
}

describe('The OpenFeature provider for browsers', () => {
  let app: TestApp
  let site: Server
  let origin: string
  let context: BrowserContext
  let key: string
  let unit: string
  let bundle: string

  before(async () => {
    site = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>Site</title><h1>Site</h1>'),
    )
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    // Tracked events carry the time of the browser.
    app = await startApp({ clock: testClock(new Date()) })
    await app.aService({ key: 'permit', phase: 'private-beta', newUrl: origin })
    const made = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'page', kind: 'client' })
    key = made.json.secret
    const invited = await app.asAdmin.api('POST', '/api/v1/services/permit/invitations', {
      addresses: ['a@example.org'],
    })
    const link = new URL(invited.json.results[0].link).pathname.replace('/go/', '/edge/')
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    unit = accepted.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
    // Asking for the state waits for the snapshot to be read again.
    await app.asAdmin.api('GET', '/api/v1/services/permit/admission')
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('test/page.ts', import.meta.url))],
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2022',
    })
    bundle = outputFiles[0]?.text ?? ''
    context = await (await launchBrowser()).newContext()
  })
  after(async () => {
    await context.close()
    site.close()
    await app.close()
  })

  async function open(targetingKey: string): Promise<Page> {
    const page = await context.newPage()
    await load(page, '/', targetingKey)
    return page
  }

  async function load(page: Page, path: string, targetingKey: string): Promise<void> {
    await page.goto(`${origin}${path}`)
    await page.evaluate(bundle)
    await call(page, 'start', { url: app.url, key, service: 'permit' }, targetingKey)
  }

  function call<T = Details>(page: Page, name: string, ...given: unknown[]): Promise<T> {
    return page.evaluate(`flags.${name}(${given.map((each) => JSON.stringify(each)).join(', ')})`)
  }

  test('ADM-30 answers for the person of the page, anew when the person changes, with codes for what goes wrong', async () => {
    const page = await open(unit)
    const inside = await call(page, 'boolean', 'permit')
    assert.deepEqual([inside.value, inside.variant, inside.reason], [true, 'new', 'TARGETING_MATCH'])
    assert.equal((await call(page, 'boolean', 'nothing')).errorCode, 'FLAG_NOT_FOUND')
    const wrong = await call(page, 'text', 'permit')
    assert.deepEqual([wrong.value, wrong.errorCode], ['fallback', 'TYPE_MISMATCH'])
    await call(page, 'setContext', newUnit())
    assert.equal((await call(page, 'boolean', 'permit')).value, false)
    assert.deepEqual(await context.cookies(), [])
    await page.close()
  })

  test('ADM-30 a halt reaches an open page by itself, which tells what changed', async () => {
    const page = await open(unit)
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Trying it' })
    await page.waitForFunction("flags.changed.length > 0 && flags.boolean('permit').value === false")
    assert.deepEqual(await page.evaluate('flags.changed[0]'), ['permit'])
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'Tried' })
    await page.waitForFunction("flags.boolean('permit').value === true")
    await page.close()
  })

  test('ADM-30 what changes while a page asks is asked for after the answer, and not once for each', async () => {
    const page = await open(unit)
    let [asked, underWay, most] = [0, 0, 0]
    let answerFirst = (): void => {}
    const first = new Promise<void>((resolve) => (answerFirst = resolve))
    await page.route(`${app.url}/ofrep/v1/evaluate/flags`, async (route) => {
      most = Math.max(most, ++underWay)
      if (++asked === 1) await first
      await route.continue()
      underWay -= 1
    })
    const setCap = async (cap: number) => {
      await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap })
      // The next change is told apart from this one, and a page spreads its questions over 100 ms.
      await pause(200)
    }
    await setCap(50)
    await until('the page asks', () => asked === 1)
    for (const cap of [51, 52]) await setCap(cap)
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Trying it' })
    await pause(200)
    assert.equal(asked, 1)
    answerFirst()
    await page.waitForFunction("flags.boolean('permit').value === false")
    assert.equal(most, 1)
    assert.ok(asked <= 3, `four changes led to ${asked} questions`)
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'Tried' })
    await page.close()
  })

  test('ADM-72 a page whose stream is refused asks anew where to listen, and hears again', async () => {
    const page = await context.newPage()
    let refused: string | null = null
    await page.route(`${app.url}/ofrep/v1/events**`, async (route) => {
      const token = new URL(route.request().url()).searchParams.get('token')
      refused ??= token
      if (token === refused) await route.fulfill({ status: 401 })
      else await route.continue()
    })
    const listening = page.waitForResponse(
      (answer) => answer.url().includes('/ofrep/v1/events') && answer.status() === 200,
    )
    await load(page, '/', unit)
    await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 60 })
    await listening
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Trying it' })
    await page.waitForFunction("flags.boolean('permit').value === false")
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'Tried' })
    await page.close()
  })

  test('ADM-30 a page that came while Phasegate was away gets its answers once it is back', async () => {
    const page = await context.newPage()
    let isAway = true
    await page.route(`${app.url}/ofrep/**`, (route) => (isAway ? route.abort() : route.continue()))
    await assert.rejects(load(page, '/', unit))
    assert.equal((await call(page, 'boolean', 'permit')).errorCode, 'PROVIDER_NOT_READY')
    isAway = false
    await page.waitForFunction("flags.boolean('permit').value === true")
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Trying it' })
    await page.waitForFunction("flags.boolean('permit').value === false")
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'Tried' })
    await page.close()
  })

  test('ADM-30 whoever the page is about has no answers of somebody else, also where Phasegate was away as they came', async () => {
    const page = await open(unit)
    await page.route(`${app.url}/ofrep/**`, (route) => route.abort())
    await call(page, 'setContext', newUnit())
    assert.equal(await call(page, 'status'), 'ERROR')
    const { value, errorCode } = await call(page, 'boolean', 'permit')
    assert.deepEqual([value, errorCode], [false, 'PROVIDER_NOT_READY'])
    await page.unroute(`${app.url}/ofrep/**`)
    await page.waitForFunction("flags.status() === 'READY' && flags.boolean('permit').reason === 'STATIC'")
    await page.close()
  })

  test('What is tracked arrives once, also when the page is left or Phasegate is away at that moment', async () => {
    const page = await open(unit)
    await call(page, 'boolean', 'permit')
    await call(page, 'track', 'Left at once')
    await page.goto('about:blank')
    await load(page, '/next', unit)
    await page.route(`${app.url}/api/v1/events`, (route) => route.abort())
    await call(page, 'track', 'While away')
    await page.waitForFunction('sessionStorage.length > 0')
    await page.unroute(`${app.url}/api/v1/events`)
    await load(page, '/third', unit)
    const arrived = async (): Promise<Record<string, number>> => {
      const { rows } = await sql<{ name: string; n: number }>`
        select name, count(*)::int as n from event where name like 'custom.%' and unit = ${unit} group by name`.execute(
        app.db,
      )
      return Object.fromEntries(rows.map(({ name, n }) => [name, n]))
    }
    while (Object.keys(await arrived()).length < 2) await pause(20)
    assert.deepEqual(await arrived(), { 'custom.left-at-once': 1, 'custom.while-away': 1 })
    const { rows } = await sql<{ name: string }>`select name from event where flags::text = '{"permit":"new"}'`.execute(
      app.db,
    )
    assert.deepEqual(rows, [{ name: 'custom.left-at-once' }], 'with the flags that its page asked for')
    await page.waitForFunction('sessionStorage.length === 0')
    await page.close()
  })

  test('What is tracked arrives also where it is more than a browser sends on behalf of a page that is left', async () => {
    const page = await open(unit)
    // As on a page that is not secure.
    await page.evaluate('delete Crypto.prototype.randomUUID')
    await call(page, 'trackMuch', 60)
    await page.waitForFunction('sessionStorage.length === 0')
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from event where name = 'custom.much' and unit = ${unit}`.execute(app.db)
    assert.deepEqual(rows, [{ n: 60 }])
    await page.close()
  })
})
