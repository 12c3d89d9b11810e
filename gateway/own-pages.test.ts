import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { newUnit } from '../packages/admission/src/index.ts'
import { cookieSet, outsideHost, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'

const rigs: GatewayRig[] = []
async function aRig(...[options]: Parameters<typeof startGatewayRig>): Promise<GatewayRig> {
  const rig = await startGatewayRig(options)
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

describe('The gateway’s own pages on the host of the service', () => {
  test('GW-29 go to the control plane with the gateway’s key and what it needs to know, and to neither arm', async () => {
    const rig = await aRig()
    const unit = newUnit()
    const cookie = `${rig.pass({ unit })}; session=of-the-application`
    await rig.ask('/start', { headers: { cookie } })
    const answer = await rig.ask('/.phasegate/feedback?journey=apply', {
      headers: {
        cookie,
        'x-phasegate-unit': 'forged',
        x_phasegate_unit: 'forged',
        authorization: 'Bearer mine',
        'accept-language': 'cy',
      },
    })
    assert.equal(answer.status, 200)
    assert.equal(answer.text, '<h1>A page of the control plane</h1>')
    const [seen] = rig.control.edge
    assert.equal(seen?.url, '/edge/parking/feedback?journey=apply')
    assert.equal(seen?.headers['x-phasegate-unit'], unit)
    assert.equal(seen?.headers['x-phasegate-arm'], 'new')
    assert.equal(seen?.headers['x-phasegate-host'], outsideHost)
    assert.match(String(seen?.headers['x-phasegate-transaction']), /^[0-9a-f-]{36}$/)
    assert.match(String(seen?.headers['x-phasegate-visitor']), /^[\w-]{22}$/)
    assert.equal(seen?.headers['accept-language'], 'cy')
    assert.equal(seen?.headers.cookie, undefined)
    assert.deepEqual([...rig.new.seen, ...rig.current.seen], ['GET /start'])
  })

  test('MEA-15 events of a page go to the control plane, of a person only with consent, and from another website not at all', async () => {
    const consent = { cookie: 'ok', value: 'yes' }
    const [silent, asking] = [await aRig(), await aRig({ config: { consent } })]
    const unit = newUnit()
    const send = (rig: GatewayRig, cookie: string, headers = {}) =>
      rig.ask('/.phasegate/events', {
        headers: { cookie: `${rig.pass({ unit })}; ${cookie}`, 'sec-fetch-site': 'same-origin', ...headers },
        body: '{"events":[]}',
      })
    for (const [rig, cookie, sent] of [
      [silent, 'ok=yes', undefined],
      [asking, 'ok=no', undefined],
      [asking, 'ok=yes', unit],
    ] as const) {
      assert.equal((await send(rig, cookie)).status, 200)
      const seen = rig.control.edge.at(-1)
      assert.equal(seen?.url, '/edge/parking/events')
      assert.deepEqual([seen?.headers['x-phasegate-arm'], seen?.headers['x-phasegate-unit']], ['new', sent])
    }
    const asked = silent.control.edge.length
    assert.equal((await send(silent, 'ok=yes', { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal(silent.control.edge.length, asked)
  })

  test('GW-29 an admission by the control plane becomes a pass that the gateway signs, and ends the other choice', async () => {
    const rig = await aRig()
    const unit = newUnit()
    rig.control.edgeAnswer = {
      status: 303,
      headers: {
        location: '/',
        'x-phasegate-admit': `invited.${unit}`,
        'set-cookie': ['phasegate_session=no', 'pg_parking=no', 'nonce=1'],
        'strict-transport-security': 'max-age=1',
      },
      body: '',
    }
    const accepted = await rig.ask('/.phasegate/invitation/a-token/accept', {
      headers: { cookie: 'pgc_parking=current', 'sec-fetch-site': 'same-origin' },
      form: { consent: 'yes' },
    })
    assert.equal(accepted.status, 303)
    assert.equal(accepted.headers['x-phasegate-admit'], undefined)
    assert.equal(accepted.headers['strict-transport-security'], undefined)
    assert.equal(rig.control.edge[0]?.body, 'consent=yes')
    assert.equal(cookieSet(accepted, 'pgc_parking'), 'pgc_parking=')
    assert.equal(cookieSet(accepted, 'nonce'), 'nonce=1')
    assert.equal(cookieSet(accepted, 'phasegate_session'), null)
    const cookie = cookieSet(accepted, 'pg_parking') ?? ''
    assert.match(cookie, new RegExp(`\\.new\\.invited\\.${unit}\\.`))
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
  })

  test('GW-29 looking at a page of the gateway draws nobody, and a body that is too long is refused', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 100_000, cap: { limit: 5, full: false } } })
    const answer = await rig.ask('/.phasegate/waiting')
    assert.deepEqual(answer.setCookies, [])
    assert.equal(rig.control.asked.length, 0)
    assert.equal((await rig.ask('/.phasegate/feedback', { body: 'x'.repeat(70_000) })).status, 413)
    const chunked = { 'transfer-encoding': 'chunked' }
    assert.equal((await rig.ask('/.phasegate/feedback', { headers: chunked, body: 'x'.repeat(70_000) })).status, 413)
  })

  test('GW-29 an answer that lets somebody in with a wrong word makes no pass', async () => {
    const rig = await aRig()
    for (const said of ['owner.abc', `everyone.${newUnit()}`, `invited.${newUnit()}; Domain=x`]) {
      rig.control.edgeAnswer = { status: 200, headers: { 'x-phasegate-admit': said }, body: '' }
      assert.equal(cookieSet(await rig.ask('/.phasegate/enter?code=1'), 'pg_parking'), null)
    }
  })

  test('GW-29 a path that the control plane could read otherwise does not reach it', async () => {
    const rig = await aRig()
    const prefix = '/.phasegate/'
    for (const path of ['../api/v1/events', 'a/../../x', '%2e%2e/x', '..%2fx', 'a%5Cx', './feedback', 'a//b', '..']) {
      assert.equal((await rig.ask(prefix + path)).status, 400, path)
    }
    assert.deepEqual(rig.control.edge, [])
  })

  test('GW-29 only /.phasegate/ itself is kept from the application', async () => {
    const rig = await aRig()
    for (const path of ['/.phasegates/', '/a/.phasegate/health', '/.phasegate%2Fhealth']) {
      assert.equal((await rig.ask(path)).headers['x-served-by'], 'current', path)
    }
    assert.equal((await rig.ask('/.phasegate')).headers['x-served-by'], undefined)
  })

  test('P3 somebody who takes the choice of the current service back finds the new one on the next page', async () => {
    const unit = newUnit()
    const rig = await aRig()
    await rig.publish((feed) => feed.snapshot.services[0]?.units.choseCurrent.push(unit))
    const cookie = rig.pass({ unit })
    const answering = setInterval(() => {
      if (rig.control.reports.length === 0) return
      clearInterval(answering)
      rig.control.publish((feed) => feed.snapshot.services[0]?.units.choseCurrent.splice(0))
    }, 5)
    const back = await rig.ask('/.phasegate/choice', { headers: { cookie }, form: { arm: 'new' } })
    const both = `${cookie}; ${cookieSet(back, 'pgc_parking')}`
    assert.equal((await rig.ask('/', { headers: { cookie: both } })).headers['x-served-by'], 'new')
    clearInterval(answering)
  })
})
