import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { cell, columns, isNamedInBody, permissionPage } from '../service/permission-table.ts'
import { permissions, serviceRoles, sessionCookie, type Admittance } from '../service/platform/index.ts'
import { routes } from '../service/routes.ts'
import { startApp, type TestApp } from './support/app.ts'
import { ownedBy, type Owned } from './support/owned.ts'

type Headers = Record<string, string>
type Row = (typeof routes)[number]

const unknownId = '00000000-0000-4000-8000-000000000000'
/** As long as the key of the service that is there, so that not even a length tells. */
const absent = 'absent'

/** Every route of routes.ts as every column of the table: what docs/permissions.md says is what the service does. */
describe('permissions', () => {
  let app: TestApp
  let callers: Callers
  let theirs: Owned
  let stateBefore: unknown
  before(async () => {
    app = await startApp()
    await app.aService()
    await app.aService({ key: 'other', name: 'Another service' })
    theirs = await ownedBy(app, 'other')
    callers = await everyCaller(app)
    stateBefore = await theirs.state()
  })
  after(() => app.close())

  for (const row of routes) {
    test(`${row.method} ${row.url} lets in those who hold ${row.needs}, and nobody else [promise 28]`, async () => {
      for (const column of columns) {
        const answer = await send(app.url, row, 'permit', callers.headers(column.id))
        const seen = seenAs(row, answer)
        const wanted = cell(row, column)
        const isEmpty = seen === 'missing' && wanted === 'in' && mayBeEmpty(row)
        if (!isEmpty) assert.equal(seen, wanted, `${row.method} ${row.url} as ${column.says}: ${answer.status}`)
        assert.ok(answer.status < 500 || answer.status === 503, `${row.method} ${row.url} answers ${answer.status}`)
      }
      if (row.method !== 'GET' && !row.url.includes(':service')) await callers.signInAgain()
    })
  }

  for (const row of routes.filter(({ url, needs }) => url.includes(':service') && needs !== 'nothing')) {
    test(`${row.method} ${row.url} looks the same to outsiders whether the service is there or not [promise 28]`, async () => {
      for (const column of columns.filter((each) => isOutside(cell(row, each)))) {
        const there = await send(app.url, row, 'permit', callers.headers(column.id))
        const notThere = await send(app.url, row, absent, callers.headers(column.id))
        assert.deepEqual(plain(there, 'permit'), plain(notThere, absent), `${row.method} ${row.url} as ${column.says}`)
      }
    })
  }

  for (const row of routes.filter(({ url }) => url.includes(':service') && url.split(':').length > 2)) {
    test(`${row.method} ${row.url} finds nothing of another service under its own [promise 28]`, async () => {
      const asked = theirs.asked(row.url)
      if (asked === null) return
      const headers = callers.headers(row.url.startsWith('/edge/') ? 'gateway-key-own' : 'service-manager')
      const body = theirs.body(row.url)
      const foreign = await send(app.url, row, 'permit', headers, { ...asked.theirs, body })
      const nobodys = await send(app.url, row, 'permit', headers, { ...asked.nobodys, body })
      assert.deepEqual(plain(foreign, asked.theirs.value), plain(nobodys, asked.nobodys.value))
      const isOfTeam = /^\/(api|services)\//.test(row.url) && asked.says !== 'a stranger'
      if (isOfTeam) assert.equal(foreign.status, 404)
    })
  }

  test('Nothing of the other service has changed meanwhile [promise 28]', async () => {
    assert.deepEqual(await theirs.state(), stateBefore)
  })

  test('A note to one person cannot be acknowledged by another', async () => {
    const id = await theirs.noteTo('risk-owner')
    const as = callers.headers('service-manager')
    const row: Row = { method: 'POST', url: '/notices/:id/acknowledge', needs: 'signed-in' }
    const foreign = await send(app.url, row, '', as, { value: id })
    const nobodys = await send(app.url, row, '', as, { value: unknownId })
    assert.deepEqual(plain(foreign, id), plain(nobodys, unknownId))
    assert.equal(foreign.status, 404)
  })

  test('The table is written down as it is', async () => {
    const written = await readFile(new URL('../docs/permissions.md', import.meta.url), 'utf8')
    assert.equal(written, permissionPage(), 'run bin/phasegate permissions --write')
  })

  test('each permission is held by somebody, and only a person gives a verdict or signs', () => {
    for (const [permission, holders] of Object.entries(permissions)) assert.ok(holders.length > 0, permission)
    for (const key of ['key:admin', 'key:server', 'key:client', 'key:gateway'] as const) {
      assert.ok(!permissions['gate.verdict'].includes(key))
      assert.ok(!permissions['gate.sign'].includes(key))
    }
  })
})

const isOutside = (answer: Admittance): boolean => answer === 'missing' || answer === 'sign-in'

interface Callers {
  headers(column: string): Headers
  /** Some routes end sessions; the next one begins with new ones. */
  signInAgain(): Promise<void>
}

async function everyCaller(app: TestApp): Promise<Callers> {
  const headers = new Map<string, Headers>()
  const accounts = new Map<string, string>()
  const signIn = async (id: string, ...as: Parameters<TestApp['signIn']>) => {
    const client = await app.signIn(...as)
    accounts.set(id, client.account.id)
    headers.set(id, client.headers)
  }
  for (const role of serviceRoles) await signIn(role, role, 'permit')
  await signIn('owner', 'owner')
  await signIn('other-team', 'developer', 'other')
  await signIn('member', 'member')
  headers.set('anonymous', {})
  headers.set('forged-key', { ...bearer('pgk_this_key_was_never_made'), cookie: `${sessionCookie}=forged` })
  headers.set('admin-key', app.asAdmin.headers)
  for (const kind of ['server', 'client', 'gateway'] as const) {
    const held = `pgk_held_${kind}_key_of_the_installation`
    app.phasegate.keyRing.hold(held, { name: kind, kind })
    headers.set(`${kind}-key`, bearer(held))
    headers.set(`${kind}-key-own`, bearer((await aKey(app, 'permit', kind)).secret))
    headers.set(`${kind}-key-other`, bearer((await aKey(app, 'other', kind)).secret))
  }
  const ended = await aKey(app, 'permit', 'server')
  await app.asAdmin.api('DELETE', `/api/v1/services/permit/keys/${ended.id}`)
  headers.set('revoked-key', bearer(ended.secret))
  app.clock.advance(-2 * 86_400_000)
  headers.set('expired-key', bearer((await aKey(app, 'permit', 'server', 1)).secret))
  app.clock.advance(2 * 86_400_000)
  // On pages of its own service a client key is one that anybody can read.
  for (const [id, value] of headers)
    if (id.startsWith('client-key')) headers.set(id, { ...value, origin: 'http://127.0.0.1:9002' })
  return {
    headers(column) {
      const found = headers.get(column)
      if (found === undefined) throw new Error(`Nobody stands for the column ${column}`)
      return found
    },
    async signInAgain() {
      for (const [id, accountId] of accounts) {
        headers.set(id, await app.sessionOf(accountId))
      }
    },
  }
}

const bearer = (secret: string): Headers => ({ authorization: `Bearer ${secret}` })

async function aKey(
  app: TestApp,
  service: string,
  kind: string,
  days: number | null = null,
): Promise<{ id: string; secret: string }> {
  const { status, json } = await app.asAdmin.api('POST', `/api/v1/services/${service}/keys`, { name: kind, kind, days })
  assert.equal(status, 201)
  return json
}

interface Answer {
  status: number
  headers: Record<string, unknown>
  text: string
}

/** What the table says in the words of the table. */
function seenAs(row: Row, { status, headers, text }: Answer): Admittance {
  const toSignIn = status === 303 && String(headers['location']).startsWith('/sign-in?to=')
  if (status === 401 || toSignIn) return 'sign-in'
  if (status === 403) return 'refused'
  if (row.url === '/api/v1/events' && text.includes('"unknown-service"')) return 'missing'
  return status === 404 ? 'missing' : 'in'
}

/** Where the address goes on after the service, or the page has to be switched on, one who is in can find nothing. */
function mayBeEmpty({ url, needs }: Row): boolean {
  return needs === 'nothing' || needs === 'edge' || url.replace(':service', '').includes(':')
}

async function send(
  base: string,
  row: Row,
  service: string,
  headers: Headers,
  asked: { value?: string; body?: unknown } = {},
): Promise<Answer> {
  const path = addressOf(row.url, service, asked.value)
  const body = isNamedInBody(row) ? bodyNaming(row.url, 'permit') : asked.body
  const wantsPage = !/^\/(api|ofrep)\//.test(row.url)
  const sent: Headers = { ...headers, accept: wantsPage ? 'text/html' : 'application/json' }
  const text = body === undefined ? undefined : JSON.stringify(body)
  if (text !== undefined)
    Object.assign(sent, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, base), { method: row.method, headers: sent }, (response) => {
      const { statusCode: status = 0, headers: got } = response
      const done = (read: string) => resolve({ status, headers: got, text: read })
      // Its head is all that a stream ever says.
      if (got['content-type']?.includes('event-stream') === true) return void (done(''), response.destroy())
      let read = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (read += chunk))
      response.on('end', () => done(read)).on('error', reject)
    })
    request.on('error', reject)
    request.end(text)
  })
}

function addressOf(url: string, service: string, value: string | undefined): string {
  const parameters: Record<string, string> = {
    service,
    gate: 'private-beta-to-public-beta',
    criterion: 'roll-out',
    kpi: 'completion-rate',
    rung: 'invited',
    token: 'x'.repeat(43),
  }
  return url
    .replaceAll(/:(\w+)/g, (_, name: string) => parameters[name] ?? encodeURIComponent(value ?? unknownId))
    .replace('x'.repeat(43), value ?? 'x'.repeat(43))
}

const bodies: Record<string, (service: string) => unknown> = {
  '/api/v1/events': (service) => ({
    events: [{ id: 'one', time: '2026-11-20T12:00:00Z', service, name: 'custom.tried' }],
  }),
  '/api/v1/feedback': (service) => ({ service, rating: 4 }),
  '/api/v1/deployments': (service) => ({ service, reference: 'one', version: '1' }),
}

function bodyNaming(url: string, service: string): unknown {
  const body = bodies[url]
  if (body === undefined) throw new Error(`Say in test/permissions.test.ts what to send to ${url}`)
  return body(service)
}

/** Without what differs at every request, and without the words of the address itself. */
function plain({ status, headers, text }: Answer, said: string): Answer {
  const {
    date: _date,
    'x-request-id': _id,
    'x-ratelimit-remaining': _left,
    'x-ratelimit-reset': _reset,
    ...rest
  } = headers
  const words = (value: unknown) =>
    String(value)
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'an id')
      .replaceAll(encodeURIComponent(said), 'the one asked for')
      .replaceAll(said, 'the one asked for')
  return {
    status,
    headers: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, words(value)])),
    text: words(text),
  }
}
