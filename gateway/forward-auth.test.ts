import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { newUnit } from '../packages/admission/src/index.ts'
import {
  ask,
  clockFromNoon,
  cookieSet,
  outsideHost,
  startGatewayRig,
  type Answer,
  type GatewayRig,
} from '../test/support/gateway.ts'
import { missingProgram, startCaddy, startNginx, type ReverseProxy } from '../test/support/reverse-proxy.ts'

const rigs: GatewayRig[] = []
async function aRig(options: Parameters<typeof startGatewayRig>[0] = {}): Promise<GatewayRig> {
  const rig = await startGatewayRig({ trustedProxies: ['127.0.0.1'], ...options })
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

const path = '/.phasegate/forward-auth'
const html = { accept: 'text/html,*/*;q=0.8' }

/** What Traefik and Caddy send of the original request, by their documentation. */
function original(uri: string, method = 'GET'): Record<string, string> {
  return {
    'x-forwarded-host': outsideHost,
    'x-forwarded-uri': uri,
    'x-forwarded-method': method,
    'x-forwarded-proto': 'http',
    'x-forwarded-for': '192.0.2.7',
  }
}

const who = ({ headers }: Answer): unknown[] => [headers['x-pg-arm'], headers['x-pg-unit'], headers['x-pg-phase']]

describe('Asked by a reverse proxy', () => {
  test('GW-36 says who somebody is and which service is theirs, always in all three headers', async () => {
    const rig = await aRig()
    const unit = newUnit()
    const mine = await rig.ask(path, { headers: { ...original('/start'), cookie: rig.pass({ unit }) } })
    assert.deepEqual([mine.status, ...who(mine)], [200, 'new', unit, 'private-beta'])
    assert.equal(mine.headers['cache-control'], 'private, no-store')
    const stranger = await rig.ask(path, { headers: original('/start') })
    assert.deepEqual([stranger.status, ...who(stranger)], [200, 'current', '', 'private-beta'])
    const forged = await rig.ask(path, {
      headers: { ...original('/start'), cookie: rig.pass({ secret: 'guessed' }), 'x-pg-arm': 'new', 'x-pg-unit': unit },
    })
    assert.deepEqual(who(forged), ['current', '', 'private-beta'])
    assert.deepEqual([...rig.new.seen, ...rig.current.seen], [], 'no application is asked')
  })

  test('GW-36 answers nobody but a proxy that it is told to trust', async () => {
    const rig = await aRig({ trustedProxies: ['192.0.2.1'] })
    const answer = await rig.ask(path, { headers: { ...original('/'), cookie: rig.pass() } })
    assert.equal(answer.status, 403)
    assert.deepEqual(who(answer), [undefined, undefined, undefined])
    assert.match(answer.text, /trustedProxies/)
  })

  test('GW-36 draws by the share as the gateway does, and gives the proxy the pass for the browser', async () => {
    const rig = await aRig({ service: { ceiling: 'open', phase: 'public-beta', share: 100_000 } })
    const first = await rig.ask(path, { headers: original('/') })
    const cookie = cookieSet(first, 'pg_parking')
    assert.ok(cookie !== null)
    assert.equal(first.headers['x-pg-arm'], 'new')
    const again = await rig.ask(path, { headers: { ...original('/'), cookie } })
    assert.deepEqual([again.headers['x-pg-unit'], again.setCookies], [first.headers['x-pg-unit'], []])
    const behind = await rig.ask('/', { headers: { cookie } })
    assert.equal(behind.headers['x-served-by'], 'new', 'the gateway itself agrees')
  })

  test('GW-36 names the current service while the new one is down', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    await rig.new.stop()
    await rig.eventually(() => rig.logged.some((line) => /down|does not answer/.test(line)), 'the check sees it')
    let arm: unknown
    while ((arm = (await rig.ask(path, { headers: { ...original('/'), cookie } })).headers['x-pg-arm']) === 'new');
    assert.equal(arm, 'current')
  })

  test('GW-36 before the new service alone, whoever is not in is sent to the same page of the current one', async () => {
    const rig = await aRig()
    const only = `${path}?only=new`
    const mine = await rig.ask(only, { headers: { ...original('/apply?step=2'), cookie: rig.pass() } })
    assert.equal(mine.status, 200)
    const other = await rig.ask(only, { headers: original('/apply?step=2,3') })
    assert.deepEqual([other.status, other.headers.location], [302, `${rig.current.url}/apply?step=2,3`])
    const sent = await rig.ask(only, { headers: original('/apply', 'POST') })
    assert.deepEqual([sent.status, sent.headers['content-type']], [409, 'text/html; charset=utf-8'])
    const nginx = await rig.ask(`${only}&deny=403`, { headers: original('/apply') })
    assert.equal(nginx.status, 403)
  })

  test('GW-36 where there is no current service the holding page is the answer', async () => {
    const rig = await aRig({ config: { current: 'holding-page' } })
    const page = await rig.ask(path, { headers: original('/') })
    assert.deepEqual([page.status, page.headers['retry-after']], [503, '3600'])
    assert.equal((await rig.ask(`${path}?deny=403`, { headers: original('/') })).status, 403)
    assert.equal((await rig.ask(path, { headers: { ...original('/'), cookie: rig.pass() } })).status, 200)
  })

  test('GW-36 GW-20 the first thing sent after a halt is answered by the page that says so, the next goes on', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const send = () => rig.ask(path, { headers: { ...original('/form', 'POST'), cookie } })
    await rig.ask(path, { headers: { ...original('/form'), ...html, cookie } })
    await rig.publish((feed) => {
      for (const service of feed.snapshot.services) service.halt = { id: 'h1', at: '2026-01-05T09:00:00Z' }
    })
    const asked = await rig.ask(`${path}?deny=403`, { headers: { ...original('/form', 'POST'), cookie } })
    assert.equal(asked.status, 403, 'nginx sends it on to the gateway, which then tells it')
    const first = await send()
    assert.equal(first.status, 503)
    assert.match(first.text, /answers were not sent/)
    assert.equal((await send()).headers['x-pg-arm'], 'current')
  })

  test('GW-36 GW-23 who was sent where is counted once a day, and no page is counted that was not seen', async () => {
    const rig = await aRig({ gateway: { clock: clockFromNoon() } })
    for (const _ of [1, 2]) await rig.ask(path, { headers: { ...original('/start'), ...html, cookie: rig.pass() } })
    const cookie = rig.pass()
    for (const _ of [1, 2]) await rig.ask(path, { headers: { ...original('/start'), ...html, cookie } })
    const named = () => rig.control.events.map(({ name }) => name).filter((name) => name !== 'custom.gateway.traffic')
    await rig.eventually(() => named().length >= 3, 'the exposures')
    assert.deepEqual(named(), ['exposure', 'exposure', 'exposure'])
  })

  test('GW-36 what can’t be read is refused, and an unknown host is nobody’s', async () => {
    const rig = await aRig({ config: { hosts: [outsideHost] } })
    for (const [name, value] of [
      ['uri', '/a\\b'],
      ['method', 'get it'],
      ['host', 'a b'],
    ] as const) {
      const bad = await rig.ask(path, { headers: { ...original('/'), [`x-forwarded-${name}`]: value } })
      assert.equal(bad.status, 400, name)
    }
    const elsewhere = { ...original('/'), 'x-forwarded-host': 'other.example.org' }
    assert.equal((await rig.ask(path, { headers: elsewhere })).status, 404)
    assert.equal((await rig.ask(`${path}?deny=403`, { headers: elsewhere })).status, 403)
  })
})

for (const [program, start] of [
  ['nginx', startNginx],
  ['caddy', startCaddy],
] as const) {
  describe(`Behind ${program}, by the example in deploy/forward-auth`, { skip: missingProgram(program) }, () => {
    const proxies: ReverseProxy[] = []
    after(async () => {
      for (const proxy of proxies) await proxy.stop()
    })
    async function aProxy(rig: GatewayRig): Promise<number> {
      const behind = { gateway: rig.gateway.port, current: rig.current.port, new: rig.new.port }
      const proxy = await start(behind)
      proxies.push(proxy)
      return proxy.port
    }

    test(`GW-36 ${program} sends each person to their service and tells it who they are, and nobody can say so themselves`, async () => {
      const rig = await aRig()
      const port = await aProxy(rig)
      const unit = newUnit()
      const inside = await ask(port, '/echo', { headers: { cookie: rig.pass({ unit }), 'x-pg-unit': 'forged' } })
      const said = JSON.parse(inside.text) as { name: string; headers: string[] }
      const told = (name: string): (string | undefined)[] =>
        said.headers.filter((_, at) => said.headers[at - 1]?.toLowerCase() === name && at % 2 === 1)
      assert.equal(said.name, 'new')
      assert.deepEqual([told('x-pg-arm'), told('x-pg-unit'), told('x-pg-phase')], [['new'], [unit], ['private-beta']])
      const outside = await ask(port, '/echo', { headers: { 'x-pg-arm': 'new', 'x-pg-unit': unit } })
      const other = JSON.parse(outside.text) as { name: string; headers: string[] }
      assert.equal(other.name, 'current')
      assert.ok(!other.headers.includes(unit))
    })

    test(`GW-36 ${program} hands on the pass of a draw, a body whole, and the gateway’s own pages`, async () => {
      const rig = await aRig({ service: { ceiling: 'open', phase: 'public-beta', share: 100_000 } })
      const port = await aProxy(rig)
      const first = await ask(port, '/')
      const cookie = cookieSet(first, 'pg_parking')
      assert.ok(cookie !== null)
      const again = await ask(port, '/', { headers: { cookie } })
      assert.deepEqual([again.headers['x-served-by'], again.setCookies], ['new', []])
      const body = Buffer.alloc(300_000, 'x')
      const upload = await ask(port, '/upload', { method: 'POST', headers: { cookie }, body })
      assert.equal((JSON.parse(upload.text) as { bytes: number }).bytes, body.length)
      assert.equal(upload.headers['x-served-by'], 'new')
      assert.equal((JSON.parse((await ask(port, '/.phasegate/health')).text) as { service: string }).service, 'parking')
    })

    test(`GW-36 GW-20 behind ${program} the first thing sent after a halt is not sent on, and says so`, async () => {
      const rig = await aRig()
      const port = await aProxy(rig)
      const cookie = rig.pass()
      assert.equal((await ask(port, '/', { headers: { ...html, cookie } })).headers['x-served-by'], 'new')
      await rig.publish((feed) => {
        for (const service of feed.snapshot.services) service.halt = { id: 'h1', at: '2026-01-05T09:00:00Z' }
      })
      rig.new.seen.length = 0
      const first = await ask(port, '/upload', { headers: { cookie }, body: 'answers' })
      assert.match(first.text, /answers were not sent/)
      const next = await ask(port, '/upload', { headers: { cookie }, body: 'answers' })
      assert.equal(next.headers['x-served-by'], 'current')
      assert.deepEqual([rig.new.seen, rig.current.seen], [[], ['POST /upload']])
    })

    test(`GW-36 behind ${program} the current service goes on while the gateway is away`, async () => {
      const rig = await aRig()
      const port = await aProxy(rig)
      await rig.gateway.close()
      const answer = await ask(port, '/', { headers: { cookie: rig.pass() } })
      assert.deepEqual([answer.status, answer.headers['x-served-by']], [200, 'current'])
      await rig.restart()
    })
  })
}
