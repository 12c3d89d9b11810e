import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newUnit } from '../../packages/admission/src/index.ts'
import { clockFromNoon, cookieSet, startGatewayRig, type GatewayRig } from '../../test/support/gateway.ts'

const rigs: GatewayRig[] = []
async function aRig(...[options]: Parameters<typeof startGatewayRig>): Promise<GatewayRig> {
  const rig = await startGatewayRig({ ...options, gateway: { clock: clockFromNoon(), ...options?.gateway } })
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

interface Event {
  id: string
  name: string
  journey?: string
  step?: string
  outcome?: string
  transaction?: string
  unit?: string
  arm: string
  device: string
  properties: Record<string, string | number | boolean>
}

function eventsOf(rig: GatewayRig, ...names: string[]): Event[] {
  return (rig.control.events as unknown as Event[]).filter(({ name }) => names.includes(name))
}

const journeyNames = ['start', 'step', 'end']

describe('What the gateway measures', () => {
  test('GW-22 an application from a start page to an ending is one transaction, with its steps and times', async () => {
    const rig = await aRig()
    for (const cookie of [rig.pass(), 'a=1']) {
      for (const path of ['/', '/start', '/start', '/apply/vehicle', '/done', '/done', '/apply/vehicle']) {
        await rig.ask(path, { headers: { cookie, 'user-agent': 'Mozilla/5.0 (iPhone)' } })
      }
    }
    await rig.eventually(() => eventsOf(rig, 'end').length === 2, 'both endings')
    for (const arm of ['new', 'current']) {
      const events = eventsOf(rig, ...journeyNames).filter((event) => event.arm === arm)
      assert.deepEqual(
        events.map(({ name, journey, step, outcome }) => [name, journey, step, outcome]),
        [
          ['start', 'apply', undefined, undefined],
          ['step', 'apply', 'vehicle', undefined],
          ['end', 'apply', 'done', 'completed'],
        ],
      )
      assert.equal(new Set(events.map(({ transaction }) => transaction)).size, 1)
      assert.equal(events[0]?.properties.assigned, arm)
      assert.equal(events[0]?.device, 'mobile')
      assert.equal(typeof events[2]?.properties.sinceStartMs, 'number')
    }
  })

  test('GW-22 an error page that answers 500 is an error of its arm and a failed ending of its application', async () => {
    const rig = await aRig()
    await rig.publish((feed) => {
      feed.services[0]?.journeys[0]?.endings[2]?.patterns.push('/status/500', '/status/404')
    })
    await rig.ask('/start', { headers: { 'user-agent': 'One' } })
    await rig.ask('/status/500', { headers: { 'user-agent': 'One' } })
    await rig.eventually(() => eventsOf(rig, 'end').length === 1, 'the ending')
    const [end] = eventsOf(rig, 'end')
    assert.deepEqual([end?.step, end?.outcome], ['broken', 'failed'])
    assert.equal(end?.transaction, eventsOf(rig, 'start')[0]?.transaction)
    assert.ok(eventsOf(rig, 'error').length > 0)
    await rig.ask('/start', { headers: { 'user-agent': 'Two' } })
    await rig.ask('/status/404', { headers: { 'user-agent': 'Two' } })
    await rig.eventually(
      () => new Set(eventsOf(rig, 'end').map(({ transaction }) => transaction)).size === 2,
      'the other ending',
    )
  })

  test('GW-22 only what was really shown counts: no 4xx, no HEAD, no prefetch, no asset', async () => {
    const rig = await aRig()
    await rig.ask('/start', { method: 'HEAD' })
    await rig.ask('/start', { headers: { 'sec-purpose': 'prefetch;prerender' } })
    await rig.ask('/start', { method: 'POST', body: 'x' })
    await rig.ask('/status/404')
    await rig.ask('/assets/app.js?pg_arm=new')
    await rig.ask('/start')
    await rig.eventually(() => eventsOf(rig, 'start').length > 0, 'the start')
    await sleep(300)
    assert.equal(eventsOf(rig, ...journeyNames).length, 1)
  })

  test('GW-22 an application ends after 30 minutes without a request; a failed ending leaves it open', async () => {
    const clock = clockFromNoon()
    const rig = await aRig({ gateway: { clock } })
    await rig.ask('/start')
    clock.forward(29 * 60_000)
    await rig.ask('/somewhere')
    clock.forward(29 * 60_000)
    await rig.ask('/problem/7')
    await rig.ask('/problem/7')
    await rig.ask('/done')
    await rig.ask('/start')
    clock.forward(31 * 60_000)
    await rig.ask('/start')
    await rig.eventually(() => eventsOf(rig, ...journeyNames).length === 5, 'three starts and two endings')
    const events = eventsOf(rig, ...journeyNames)
    assert.deepEqual(
      events.map(({ name, outcome }) => outcome ?? name),
      ['start', 'failed', 'completed', 'start', 'start'],
    )
    assert.equal(new Set(events.map(({ transaction }) => transaction)).size, 3)
  })

  test('GW-22 an application that can be saved stays open for its days, also over a restart', async () => {
    const clock = clockFromNoon()
    const rig = await aRig({ gateway: { clock } })
    await rig.publish((feed) => {
      const journey = feed.services[0]?.journeys[0]
      if (journey !== undefined) Object.assign(journey, { savable: true, openDays: 7 })
    })
    const cookie = rig.pass()
    await rig.ask('/start', { headers: { cookie } })
    await rig.restart()
    await rig.eventually(() => rig.gateway.ready(), 'the feed')
    clock.forward(3 * 86_400_000)
    await rig.ask('/done', { headers: { cookie } })
    await rig.eventually(() => eventsOf(rig, 'end').length === 1, 'the ending')
    const [start, end] = eventsOf(rig, ...journeyNames)
    assert.equal(start?.transaction, end?.transaction)
  })

  test('GW-23 an exposure once a day for each person and at each change, with who decided', async () => {
    const clock = clockFromNoon()
    const consent = { cookie: 'ok', value: 'yes' }
    const rig = await aRig({ gateway: { clock }, config: { consent } })
    const unit = newUnit()
    const cookie = `ok=yes; ${rig.pass({ unit })}`
    await rig.ask('/', { headers: { cookie } })
    await rig.ask('/', { headers: { cookie } })
    await rig.new.stop()
    await rig.ask('/', { headers: { cookie } })
    await rig.ask('/other', { headers: { cookie } })
    clock.forward(86_400_000)
    await rig.ask('/', { headers: { cookie } })
    await rig.eventually(() => eventsOf(rig, 'exposure').length === 3, 'three exposures')
    const [first, second] = eventsOf(rig, 'exposure')
    assert.equal(first?.unit, unit)
    assert.deepEqual(
      [first?.arm, first?.properties.assigned, first?.properties.served, first?.properties.rung],
      ['new', 'new', 'new', 'invited'],
    )
    assert.equal(first?.properties.rolloutVersion, 1)
    assert.deepEqual(
      [second?.arm, second?.properties.assigned, second?.properties.served],
      ['current', 'new', 'current'],
    )
  })

  test('GW-23 under functional consent, and without a yes, the unit enters no event', async () => {
    for (const consent of ['functional', { cookie: 'ok', value: 'yes' }] as const) {
      const rig = await aRig({ config: { consent } })
      const unit = newUnit()
      for (const path of ['/start', '/done']) await rig.ask(path, { headers: { cookie: rig.pass({ unit }) } })
      await rig.eventually(() => eventsOf(rig, 'end').length === 1, 'the ending')
      assert.equal(JSON.stringify(rig.control.events).includes(unit), false)
      const [exposure] = eventsOf(rig, 'exposure')
      assert.match(String(exposure?.properties.visitor), /^[\w-]{22}$/)
      assert.equal(JSON.stringify(rig.control.events).includes('127.0.0.1'), false)
    }
  })

  test('GW-23 a visitor is another one the next day, and the same one after a restart', async () => {
    const clock = clockFromNoon()
    const rig = await aRig({ gateway: { clock } })
    const visitor = (): unknown => eventsOf(rig, 'exposure').at(-1)?.properties.visitor
    await rig.ask('/')
    await rig.eventually(() => eventsOf(rig, 'exposure').length === 1, 'the first exposure')
    const first = visitor()
    await rig.restart()
    await rig.eventually(() => rig.gateway.ready(), 'the feed')
    await rig.ask('/')
    await rig.eventually(() => eventsOf(rig, 'exposure').length === 2, 'the exposure after the restart')
    assert.equal(visitor(), first)
    clock.forward(86_400_000)
    await rig.ask('/')
    await rig.eventually(() => eventsOf(rig, 'exposure').length === 3, 'the exposure of the next day')
    assert.notEqual(visitor(), first)
    assert.equal(readFileSync(`${rig.stateDirectory}/visitor-salts.json`, 'utf8').includes('127.0.0.1'), false)
  })

  test('GW-22 errors are counted for the arm that made them', async () => {
    const rig = await aRig()
    await rig.ask('/status/500', { headers: { cookie: rig.pass() } })
    await rig.ask('/status/503')
    await rig.ask('/cut', { headers: { cookie: rig.pass() }, body: 'x' })
    await rig.eventually(() => eventsOf(rig, 'error').length === 3, 'all errors')
    assert.deepEqual(
      eventsOf(rig, 'error').map(({ arm, properties }) => [arm, properties.status]),
      [
        ['new', 500],
        ['current', 503],
        ['new', 502],
      ],
    )
  })

  test('GW-25 each page of a journey says whether it carried the feedback link and the banner, in any encoding', async () => {
    const page = encodeURIComponent(
      '<!doctype html><body><a href="/.phasegate/feedback">Feedback</a><p class="phase-banner">Beta</p></body>',
    )
    const rig = await aRig()
    await rig.ask(`/start?encoding=gzip&html=${page}`)
    await rig.ask('/apply/vehicle')
    await rig.ask(`/done?encoding=br&chunked=1&html=${page}`)
    await rig.eventually(() => eventsOf(rig, ...journeyNames).length === 3, 'three events')
    assert.deepEqual(
      eventsOf(rig, ...journeyNames).map(({ name, properties }) => [name, properties.feedbackLink, properties.banner]),
      [
        ['start', true, true],
        ['step', false, false],
        ['end', true, true],
      ],
    )
    const inserting = await aRig({ config: { insert: { banner: true, feedbackLink: true, endQuestion: false } } })
    await inserting.ask('/start', { headers: { cookie: inserting.pass() } })
    await inserting.eventually(() => eventsOf(inserting, 'start').length === 1, 'the start')
    const [start] = eventsOf(inserting, 'start')
    assert.deepEqual([start?.properties.feedbackLink, start?.properties.banner], [true, true])
  })

  test('GW-24 with the control plane away events are kept on disk and sent later, once each, in order', async () => {
    const rig = await aRig()
    await rig.control.stop()
    for (let count = 0; count < 5; count++) {
      await rig.ask('/start', { headers: { 'user-agent': `browser ${count}` } })
      await rig.ask('/done', { headers: { 'user-agent': `browser ${count}` } })
    }
    const spool = `${rig.stateDirectory}/spool/events.ndjson`
    const inSpool = (): string => (existsSync(spool) ? readFileSync(spool, 'utf8') : '')
    await rig.eventually(() => inSpool().split('"end"').length > 5, 'the last ending in the spool')
    const kept = inSpool()
    await rig.restart()
    await rig.control.start()
    await rig.eventually(() => eventsOf(rig, 'end').length === 5 && inSpool() === '', 'an empty spool')
    await sleep(300)
    const ids = rig.control.events.map(({ id }) => String(id))
    assert.equal(new Set(ids).size, ids.length)
    // At its end a gateway also tells the traffic of the minute that had begun.
    const ofPeople = rig.control.events.filter(({ name }) => name !== 'custom.gateway.traffic')
    assert.ok(ofPeople.every(({ id }) => kept.includes(String(id))))
  })

  test('GW-24 a refusal for now (503) is tried again with the same ids', async () => {
    const rig = await aRig()
    rig.control.eventsStatus = 503
    await rig.ask('/start')
    await rig.eventually(() => rig.logged.some((line) => line.includes('answered 503')), 'the refusal')
    rig.control.eventsStatus = 200
    await rig.eventually(() => eventsOf(rig, 'start').length === 1, 'the start')
  })
})

describe('A split and a call to action beside the current service', () => {
  test('GW-10 GW-28 people sent by the share and people who joined by a button are both counted [row 176]', async () => {
    const rig = await aRig({ service: { ceiling: 'open', share: 30_000, joinOpen: true } })
    const rungs = { share: 0, join: 0, current: 0 }
    // Of 30 people it can be that nobody is drawn.
    for (let count = 0; count < 30 || (rungs.share === 0 && count < 300); count++) {
      const agent = { 'user-agent': `Mozilla/5.0 browser ${count}` }
      const first = await rig.ask('/start', { headers: agent })
      let cookie = cookieSet(first, 'pg_parking') ?? ''
      if (cookie.includes('.new.share.')) rungs.share++
      else if (count % 2 === 0) {
        cookie =
          cookieSet(await rig.ask('/.phasegate/join', { headers: { cookie, ...agent }, form: {} }), 'pg_parking') ?? ''
        assert.match(cookie, /\.new\.join\./)
        rungs.join++
        assert.equal((await rig.ask('/start', { headers: { cookie, ...agent } })).headers['x-served-by'], 'new')
      } else rungs.current++
    }
    assert.ok(rungs.share > 0 && rungs.join > 0 && rungs.current > 0, JSON.stringify(rungs))
    const counted = (rung: string): number =>
      new Set(
        eventsOf(rig, 'exposure')
          .filter(({ arm, properties }) => arm === 'new' && properties.rung === rung)
          .map(({ properties }) => properties.visitor),
      ).size
    await rig.eventually(() => counted('share') === rungs.share && counted('join') === rungs.join, 'every exposure')
    const reported = (rung: string): number => rig.control.reports.filter((each) => each.rung === rung).length
    await rig.eventually(() => reported('share') === rungs.share && reported('join') === rungs.join, 'every admission')
  })
})
