import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { allows, permissions, serviceRoles, type Holder, type Permission } from '../service/platform/index.ts'
import { routes } from '../service/routes.ts'
import { startApp, type Client, type TestApp } from './support/app.ts'

type Caller = {
  name: string
  client: Client
  holders: Holder[]
  signedIn: boolean
  key: 'admin' | 'gateway' | null
  isTeam: boolean
}

/** Every route of routes.ts as every role, kind of caller and member of another team. */
describe('permissions', () => {
  let app: TestApp
  let callers: Caller[]
  before(async () => {
    app = await startApp()
    await app.aService()
    await app.aService({ key: 'other', name: 'Another service' })
    callers = await everyCaller(app)
  })
  after(() => app.close())

  for (const row of routes.toSorted((a, b) => Number(a.url === '/sign-out') - Number(b.url === '/sign-out'))) {
    test(`${row.method} ${row.url} lets in those who hold ${row.needs}, and nobody else`, async () => {
      for (const caller of callers) {
        const { status, location } = await statusOf(app.url, row.method, address(row.url), caller.client.headers)
        const seen = status === 303 && location?.startsWith('/sign-in?to=') ? 401 : status
        const wanted = expected(row.needs, row.url, caller)
        const says = `${row.method} ${row.url} as ${caller.name}: ${seen}`
        if (wanted === 'in') assert.ok(![401, 403].includes(seen), says)
        else if (wanted === 'missing-or-in') assert.ok(![401].includes(seen), says)
        else if (wanted !== 'any') assert.equal(seen, wanted, says)
        assert.ok(seen < 500 || seen === 503, `${says} is an error`)
      }
    })
  }

  test('each permission is held by somebody, and only a person gives a verdict or signs', () => {
    for (const [permission, holders] of Object.entries(permissions)) assert.ok(holders.length > 0, permission)
    for (const key of ['key:admin', 'key:server', 'key:client', 'key:gateway'] as const) {
      assert.ok(!permissions['gate.verdict'].includes(key))
      assert.ok(!permissions['gate.sign'].includes(key))
    }
  })
})

async function everyCaller(app: TestApp): Promise<Caller[]> {
  const team = await Promise.all(
    serviceRoles.map(async (role) => {
      const client = await app.signIn(role, 'permit')
      return { name: role, client, holders: [role], signedIn: true, key: null, isTeam: true }
    }),
  )
  const owner = await app.signIn('owner')
  const stranger = await app.signIn('developer', 'other')
  const member = await app.signIn('member')
  const none = { headers: {} } as Client
  const forged = {
    headers: { authorization: 'Bearer pgk_this_key_was_never_made', cookie: 'phasegate_session=forged' },
  } as unknown as Client
  return [
    ...team,
    { name: 'owner', client: owner, holders: ['owner'], signedIn: true, key: null, isTeam: true },
    { name: 'a member of another team', client: stranger, holders: [], signedIn: true, key: null, isTeam: false },
    { name: 'a member of no team', client: member, holders: [], signedIn: true, key: null, isTeam: false },
    { name: 'anonymous', client: none, holders: [], signedIn: false, key: null, isTeam: false },
    { name: 'a forged key', client: forged, holders: [], signedIn: false, key: null, isTeam: false },
    {
      name: 'the admin key',
      client: app.asAdmin,
      holders: ['key:admin'],
      signedIn: false,
      key: 'admin',
      isTeam: false,
    },
    {
      name: 'a gateway',
      client: app.asGateway,
      holders: ['key:gateway'],
      signedIn: false,
      key: 'gateway',
      isTeam: false,
    },
  ]
}

/** Status that the door gives; `in` where the handler may answer. */
function expected(needs: string, url: string, caller: Caller): number | 'in' | 'missing-or-in' | 'any' {
  const anonymous = !caller.signedIn && caller.key === null
  if (needs === 'nothing') return 'missing-or-in'
  // A session counts for nothing at the edge: the team's cookie is not the public's.
  if (anonymous || (needs === 'edge' && caller.key === null)) return 401
  if (needs === 'edge') return 'in'
  if (needs === 'key') return caller.key === null ? 403 : 'in'
  if (needs === 'admin-key') return caller.key === 'admin' ? 'in' : 403
  // The admin key passes the door of `/api/v1/services`; a page that is a person's own then asks for the person.
  if (needs === 'signed-in') return caller.signedIn ? 'in' : caller.key === 'admin' ? 'any' : 403
  if (needs === 'owner') return caller.name === 'owner' ? 'in' : caller.key === 'admin' ? 'any' : 403
  if (!url.includes(':service')) return 'missing-or-in'
  if (allows(needs as Permission, caller.holders)) return 'in'
  return caller.isTeam || caller.key !== null ? 403 : 404
}

function address(url: string): string {
  return url
    .replace(':service', 'permit')
    .replaceAll(/:(\w+)/g, (_, name: string) =>
      name === 'token' ? 'x'.repeat(43) : '00000000-0000-4000-8000-000000000000',
    )
}

/** Status line only: some answers are streams that never end. */
function statusOf(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; location: string | null }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(path, base),
      { method, headers: { ...headers, accept: 'text/html' } },
      (response) => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null })
        response.destroy()
      },
    )
    request.on('error', reject)
    request.end()
  })
}
