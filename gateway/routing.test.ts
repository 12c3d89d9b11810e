import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { newUnit } from '../packages/admission/src/index.ts'
import { cookieSet, outsideHost, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'

const rigs: GatewayRig[] = []
async function aRig(...options: Parameters<typeof startGatewayRig>): Promise<GatewayRig> {
  const rig = await startGatewayRig(...options)
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

/** A control plane for which nobody waits. */
const afterHours = { admitted: true, code: 'admitted', afterMs: 3_600_000 }

describe('Where a person is sent', () => {
  test('GW-1 a visitor without a pass gets the current service, and an invited person the new one', async () => {
    const rig = await aRig()
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
    const invited = await rig.ask('/', { headers: { cookie: rig.pass() } })
    assert.equal(invited.headers['x-served-by'], 'new')
    assert.deepEqual(invited.setCookies, [])
    assert.equal(rig.control.asked.length, 0)
  })

  test('ADM-2 whoever moved the phase in the same process is told when the gateway goes by it, and is not kept waiting by one that is cut off', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 100_000 } })
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'new')
    const { version } = rig.control.feed.snapshot
    let isTold = false
    const reached = rig.gateway.reached(version + 1).then(() => (isTold = true))
    await rig.ask('/')
    assert.equal(isTold, false, 'it goes by the version before')
    rig.control.publish((feed) => {
      for (const service of feed.snapshot.services) service.ceiling = 'invited'
    })
    await reached
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
    await rig.gateway.reached(version + 1)
    await rig.gateway.reached(version + 1_000)
  })

  test('ADM-5 a forged, expired, cut or foreign pass is no pass', async () => {
    const rig = await aRig()
    const good = rig.pass()
    const bad = [
      `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
      good.slice(0, -10),
      'pg_parking=',
      'pg_parking=k1.new.invited',
      rig.pass({ expiresAt: new Date(Date.now() - 1000) }),
      rig.pass({ kid: 'k9' }),
      rig.pass({ secret: 'another-secret' }),
      good.replace('.new.', '.new..'),
      good.replace('pg_parking', 'pg_other'),
    ]
    for (const cookie of bad) {
      assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current', cookie)
    }
    const planted = await rig.ask('/', { headers: { cookie: `pg_parking=planted; ${good}` } })
    assert.equal(planted.headers['x-served-by'], 'new')
  })

  test('ADM-33 a pass of before services had keys of their own counts, in whatever order instances are upgraded', async () => {
    const rig = await aRig()
    const shared = { kid: 'before', secret: 'a-key-that-signed-for-all-services' }
    const own = { cookie: rig.pass() }
    const older = { cookie: rig.pass(shared) }
    const arm = async (headers: { cookie: string }) => (await rig.ask('/', { headers })).headers['x-served-by']
    const arms = async () => [await arm(own), await arm(older)]
    assert.deepEqual(await arms(), ['new', 'current'])
    await rig.publish((feed) => feed.signingKeys.push(shared))
    assert.deepEqual(await arms(), ['new', 'new'])
    await rig.publish((feed) => {
      for (const service of feed.services) Reflect.deleteProperty(service, 'signingKeys')
    })
    assert.deepEqual(await arms(), ['new', 'new'], 'after the word of an instance of the release before')
  })

  test('ADM-5 a pass signed with the older of two keys counts, and one past half of its life is renewed', async () => {
    const rig = await aRig()
    await rig.publish((feed) => feed.services[0]?.signingKeys.unshift({ kid: 'k2', secret: 'the-new-one' }))
    const unit = newUnit()
    const cookie = rig.pass({ unit, expiresAt: new Date(Date.now() + 30 * 86_400_000) })
    const answer = await rig.ask('/', { headers: { cookie } })
    assert.equal(answer.headers['x-served-by'], 'new')
    const renewed = cookieSet(answer, 'pg_parking')
    assert.match(renewed ?? '', new RegExp(`^pg_parking=k[12]\\.new\\.invited\\.${unit}\\.`))
    assert.match(answer.headers['cache-control'] ?? '', /private/)
    const [setCookie = ''] = answer.setCookies
    assert.match(setCookie, /HttpOnly/)
    assert.match(setCookie, /SameSite=Lax/)
    assert.equal((await rig.ask('/', { headers: { cookie: renewed ?? '' } })).headers['x-served-by'], 'new')
  })

  test('P3 the choice of the current service wins over every pass, and taking it back returns the new one', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const chosen = await rig.ask('/.phasegate/choice', {
      headers: { cookie, origin: `http://${outsideHost}` },
      form: { arm: 'current', return: '/apply/vehicle?step=2' },
    })
    assert.equal(chosen.status, 303)
    assert.equal(chosen.headers.location, '/apply/vehicle?step=2')
    assert.equal(cookieSet(chosen, 'pgc_parking'), 'pgc_parking=current')
    const both = `${cookie}; pgc_parking=current`
    assert.equal((await rig.ask('/', { headers: { cookie: both } })).headers['x-served-by'], 'current')
    const doubled = `pgc_parking=new; pgc_parking=current; ${cookie}`
    assert.equal((await rig.ask('/', { headers: { cookie: doubled } })).headers['x-served-by'], 'current')
    const back = await rig.ask('/.phasegate/choice', {
      headers: { cookie: both },
      form: { arm: 'new', return: '//evil.example' },
    })
    assert.equal(back.headers.location, '/')
    assert.equal(cookieSet(back, 'pgc_parking'), 'pgc_parking=new')
    await rig.eventually(() => rig.control.reports.length === 2, 'the reports of both choices')
    assert.deepEqual(
      rig.control.reports.map(({ kind, value }) => [kind, value]),
      [
        ['choice', 'current'],
        ['choice', 'new'],
      ],
    )
  })

  test('GW-10 a share draws once: both outcomes get a pass, and the same person is not drawn again', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 50_000 } })
    const arms = { current: 0, new: 0 }
    for (let count = 0; count < 40; count++) {
      const first = await rig.ask('/')
      const arm = first.headers['x-served-by'] as 'current' | 'new'
      arms[arm]++
      const cookie = cookieSet(first, 'pg_parking')
      assert.match(cookie ?? '', new RegExp(`\\.${arm}\\.share\\.`))
      assert.match(first.headers['vary'] ?? '', /Cookie/)
      const again = await rig.ask('/', { headers: { cookie: cookie ?? '' } })
      assert.equal(again.headers['x-served-by'], arm)
      assert.deepEqual(again.setCookies, [])
    }
    assert.ok(arms.current > 5 && arms.new > 5, JSON.stringify(arms))
    await rig.eventually(() => rig.control.reports.length === arms.new, 'a report of each person let in')
  })

  test('GW-12 a capped rung asks the control plane, and goes elsewhere without a pass when it says no or nothing', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 100_000, cap: { limit: 10, full: false } } })
    const admitted = await rig.ask('/')
    assert.equal(admitted.headers['x-served-by'], 'new')
    assert.match(cookieSet(admitted, 'pg_parking') ?? '', /\.new\.share\./)
    assert.deepEqual(
      rig.control.asked.map(({ service, rung }) => [service, rung]),
      [['parking', 'share']],
    )

    rig.control.admits = afterHours
    const startedMs = performance.now()
    const late = await rig.ask('/')
    const tookMs = performance.now() - startedMs
    assert.equal(late.headers['x-served-by'], 'current')
    assert.deepEqual(late.setCookies, [])
    assert.ok(tookMs > 250, `${tookMs} ms`)

    rig.control.admits = { admitted: false, code: 'cap-reached', afterMs: 0 }
    const full = await rig.ask('/')
    assert.equal(full.headers['x-served-by'], 'current')
    assert.deepEqual(full.setCookies, [])
  })

  test('ADM-53 a rule on what the gateway knows lets a person in and tells the ledger; on anything else it lets nobody in', async () => {
    const rule = (attribute: string, values: string[]) => ({
      ...{ id: attribute, name: attribute, share: 100_000 },
      when: { kind: 'in', attribute, values } as const,
    })
    const rig = await aRig({
      service: { ceiling: 'open', rules: [rule('language', ['cy']), rule('region', ['north'])] },
    })
    const welsh = await rig.ask('/', { headers: { 'accept-language': 'cy-GB,en;q=0.8', region: 'south' } })
    assert.equal(welsh.headers['x-served-by'], 'new')
    const pass = cookieSet(welsh, 'pg_parking') ?? ''
    assert.match(pass, /\.new\.rules\./)
    const english = await rig.ask('/', { headers: { 'accept-language': 'en', region: 'north' } })
    assert.equal(english.headers['x-served-by'], 'current')
    assert.equal((await rig.ask('/', { headers: { cookie: pass } })).headers['x-served-by'], 'new')
    await rig.eventually(() => rig.control.reports.length === 1, 'the report')
    assert.deepEqual(
      rig.control.reports.map(({ kind, rung }) => [kind, rung]),
      [['admitted', 'rules']],
    )

    const capped = { ceiling: 'open', rules: [rule('path', ['/pilot'])], cap: { limit: 10, full: false } } as const
    const second = await aRig({ service: { ...capped, rules: [...capped.rules] } })
    assert.equal((await second.ask('/')).headers['x-served-by'], 'current')
    assert.equal((await second.ask('/pilot')).headers['x-served-by'], 'new')
    assert.deepEqual(
      second.control.asked.map(({ rung, attributes }) => [rung, attributes]),
      [['rules', { ip: '127.0.0.1', path: '/pilot', device: 'other', language: '' }]],
    )
  })

  test('GW-12 a control plane that fails three times in a row is left in peace for a while', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 100_000, cap: { limit: 10, full: false } } })
    rig.control.admits = afterHours
    for (let count = 0; count < 3; count++) await rig.ask('/')
    const asked = rig.control.asked.length
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
    assert.equal(rig.control.asked.length, asked)
  })

  test('GW-14 where consent is asked for, nobody is drawn without a yes', async () => {
    const consent = { cookie: 'cookies_policy', value: 'analytics=yes' }
    const rig = await aRig({ service: { ceiling: 'open', share: 100_000 }, config: { consent } })
    const without = await rig.ask('/')
    assert.equal(without.headers['x-served-by'], 'current')
    assert.deepEqual(without.setCookies, [])
    const no = await rig.ask('/', { headers: { cookie: 'cookies_policy=analytics%3Dno' } })
    assert.equal(no.headers['x-served-by'], 'current')
    const yes = await rig.ask('/', { headers: { cookie: 'cookies_policy=analytics%3Dyes' } })
    assert.equal(yes.headers['x-served-by'], 'new')
    assert.ok(cookieSet(yes, 'pg_parking'))
  })

  test('GW-13 pg_arm is honoured for assets alone, by GET and HEAD, and never for a page', async () => {
    const rig = await aRig()
    const asset = await rig.ask('/assets/app.js?pg_arm=new')
    assert.equal(asset.headers['x-served-by'], 'new')
    assert.equal(asset.headers['cache-control'], 'public, max-age=60')
    assert.equal(asset.headers['vary'], undefined)
    assert.equal((await rig.ask('/assets/app.js?pg_arm=new', { method: 'HEAD' })).headers['x-served-by'], 'new')
    assert.equal((await rig.ask('/assets/page.html?pg_arm=new')).headers['x-served-by'], 'current')
    assert.equal((await rig.ask('/?pg_arm=new')).headers['x-served-by'], 'current')
    assert.equal((await rig.ask('/assets/app.js?pg_arm=new', { body: 'x' })).headers['x-served-by'], 'current')
    assert.equal((await rig.ask('/assets/app.js?pg_arm=other')).headers['x-served-by'], 'current')
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = { id: 'h1', at: '2026-01-05T10:00:00Z' }
    })
    assert.equal((await rig.ask('/assets/app.js?pg_arm=new')).headers['x-served-by'], 'current')
  })

  test('GW-28 a person joins by a button and leaves by one, where the service is open to it', async () => {
    const rig = await aRig({ service: { ceiling: 'open', joinOpen: true } })
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
    const joined = await rig.ask('/.phasegate/join', { form: {} })
    assert.equal(joined.status, 303)
    const cookie = cookieSet(joined, 'pg_parking') ?? ''
    assert.match(cookie, /\.new\.join\./)
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
    const left = await rig.ask('/.phasegate/leave', { headers: { cookie }, form: {} })
    assert.equal(cookieSet(left, 'pg_parking'), 'pg_parking=')
    assert.equal(cookieSet(left, 'pgc_parking'), 'pgc_parking=current')
    await rig.eventually(() => rig.control.reports.length === 2, 'both reports')
    assert.deepEqual(
      rig.control.reports.map(({ kind }) => kind),
      ['admitted', 'left'],
    )
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.joinOpen = false
    })
    assert.equal((await rig.ask('/.phasegate/join', { form: {} })).status, 409)
  })

  test('GW-27 nobody changes the choice of another from another website', async () => {
    const rig = await aRig()
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of foreign) {
      const answer = await rig.ask('/.phasegate/choice', { headers, form: { arm: 'current' } })
      assert.equal(answer.status, 403)
      assert.deepEqual(answer.setCookies, [])
    }
    const looked = await rig.ask('/.phasegate/choice')
    assert.equal(looked.status, 200)
    assert.deepEqual(looked.setCookies, [])
    assert.match(looked.text, /Use the current service/)
  })

  test('GW-28 where the new service replaces nothing, no current one is offered', async () => {
    const rig = await aRig({ config: { current: 'holding-page' } })
    const { text } = await rig.ask('/.phasegate/leave')
    assert.doesNotMatch(text, /current/)
    assert.match(text, /Use the new service[\s\S]*Leave the beta for good/)
  })
})
