import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type Client, type TestApp } from '../../../test/support/app.ts'

const dayMs = 86_400_000

describe('capacity', () => {
  let app: TestApp
  let developer: Client
  let pipeline: Record<string, string>
  const service = '/api/v1/services/permit'
  const page = '/services/permit/capacity'
  before(async () => {
    app = await startApp()
    await app.aService({ phase: 'private-beta' })
    developer = await app.signIn('developer', 'permit')
    const { json } = await app.asAdmin.api('POST', `${service}/keys`, { name: 'pipeline', kind: 'server' })
    pipeline = { authorization: `Bearer ${json.secret}` }
  })
  after(() => app.close())

  const run = (more: object = {}) => ({
    ...{ reference: 'load-1', reached: 42, requests: 100_000, failed: 250, p95Ms: 380, ...more },
  })
  const tell = (test: object) => app.api('POST', `${service}/capacity/load-tests`, test, pipeline)
  /** What the criterion reads, by signal: the figure with whether it holds, or that there is none. */
  const shown = async () => {
    const { criteria } = (await developer.api('GET', `${service}/gates/private-beta-to-public-beta`)).json
    const { readings } = criteria.find(({ id }: { id: string }) => id === 'runs-at-scale')
    return Object.fromEntries(
      readings.map(
        ({ signal, reading, holds }: { signal: string; reading: Record<string, number>; holds: unknown }) => [
          signal.replace(/^\w+\./, ''),
          reading['value'] === undefined ? reading['kind'] : [Math.round(100 * reading['value']) / 100, holds],
        ],
      ),
    )
  }
  /** Which of its signals keep the gate shut. */
  const blocking = async () => {
    const { missing } = (await developer.api('GET', `${service}/gates/private-beta-to-public-beta`)).json
    return missing
      .filter(
        (each: { kind: string; criterion?: string }) => each.kind === 'signal' && each.criterion === 'runs-at-scale',
      )
      .map(({ signal }: { signal: string }) => signal.replace(/^\w+\./, ''))
  }
  const none = {
    'load-test-reach': 'no-data',
    'load-test-errors': 'no-data',
    'load-test-p95': 'no-data',
    'severe-defects-open': 'no-data',
    'defects-serious-open-anywhere': 'no-data',
    'error-rate.new': 'no-data',
  }

  test('OPS-7 an empty page says what to do first, and the gate says “no data”; who may not write sees no form', async () => {
    const { text } = await developer.get(page)
    assert.match(text, /Nobody has said yet how many are expected[\s\S]*Take the busiest hour/)
    assert.match(text, /No load test is recorded yet[\s\S]*Run one against the forecast peak/)
    assert.match(text, /an empty page is no zero/)
    assert.deepEqual(await shown(), none)
    assert.deepEqual(await blocking(), ['error-rate.new'], 'GATE-23: where there is no answer people decide')
    const viewer = await app.signIn('viewer', 'permit')
    assert.doesNotMatch((await viewer.get(page)).text, /<form[^>]*capacity/)
    assert.equal((await viewer.post(`${page}/forecasts`, { perSecond: '40', basis: 'A guess' })).status, 403)
  })

  test('OPS-7 a load test is read against the forecast peak: how much it held, and failures and time only at that load [row 66]', async () => {
    assert.equal((await tell(run({ reference: 'before', reached: 30 }))).status, 201)
    assert.deepEqual(await shown(), none, 'without a forecast there is nothing to hold it against')
    const empty = await developer.post(`${page}/forecasts`, { perSecond: '', basis: 'The busiest Monday' })
    assert.equal(empty.status, 422)
    assert.match(empty.text, /Enter the requests a second/)
    assert.equal(
      (await developer.post(`${page}/forecasts`, { perSecond: '40', basis: 'The busiest Monday' })).status,
      303,
    )
    assert.deepEqual(await shown(), { ...none, 'load-test-reach': [75, false] }, 'below the peak no failures are told')
    app.clock.advance(1000)
    await tell(run({ reference: 'nearly', reached: 39.9 }))
    assert.match(
      (await developer.get(page)).text,
      /99% of it[\s\S]*stayed below the peak/,
      'never rounded up to the peak',
    )
    app.clock.advance(1000)
    const told = await tell(run())
    assert.equal(told.status, 201, told.text)
    assert.equal((await tell(run({ failed: 0 }))).json.id, told.json.id, 'told twice, it is one')
    const atPeak = { 'load-test-reach': [105, true], 'load-test-errors': [0.25, true], 'load-test-p95': [380, true] }
    assert.deepEqual(await shown(), { ...none, ...atPeak })
    assert.deepEqual(await blocking(), ['error-rate.new'])
    const { newest, loadTests } = (await developer.api('GET', `${service}/capacity`)).json
    assert.equal(loadTests.length, 3)
    assert.ok(newest.atPeak.low > 0.2 && newest.atPeak.low < 0.25 && newest.atPeak.high > 0.25, 'with its interval')
    assert.match((await developer.get(page)).text, /105% of it[\s\S]*0\.25%[\s\S]*0\.22% to 0\.28%[\s\S]*380 ms/)
    const criterion = await developer.get('/services/permit/gates/private-beta-to-public-beta/criteria/runs-at-scale')
    assert.match(criterion.text, /Forecast peak of 40 requests a second/)

    app.clock.advance(1000)
    const slow = { reference: 'load-2', ranOn: '', reached: '44', requests: '1,000', failed: '30', p95Ms: '1900' }
    const wrong = await developer.post(`${page}/load-tests`, {
      ...slow,
      failed: '2000',
      note: '',
      link: 'javascript:1',
    })
    assert.match(wrong.text, /Enter a link that starts with https/)
    assert.match(
      (await developer.post(`${page}/load-tests`, { ...slow, failed: '2000' })).text,
      /No more can have failed/,
    )
    assert.equal((await developer.post(`${page}/load-tests`, slow)).status, 303)
    assert.deepEqual(await shown(), {
      ...none,
      ...{ 'load-test-reach': [110, true], 'load-test-errors': [3, false], 'load-test-p95': [1900, false] },
    })
    assert.deepEqual(
      await blocking(),
      ['load-test-errors', 'load-test-p95', 'error-rate.new'],
      'GATE-23: failing at the peak they stop it',
    )
    await developer.api('POST', `${service}/capacity/forecasts`, { perSecond: 88, basis: 'Two boroughs more' })
    assert.deepEqual(
      await shown(),
      { ...none, 'load-test-reach': [50, false] },
      'a higher forecast asks for a new test',
    )
    assert.deepEqual(await blocking(), ['load-test-reach', 'error-rate.new'], 'GATE-23: below the peak it stops it')
  })

  test('OPS-8 severe defects that are open count against it, by a count that ages, and nobody having counted is no zero [row 66]', async () => {
    const count = (open: string) => developer.post(`${page}/severe-defects`, { open, source: 'Tracker, label severe' })
    assert.match((await count('')).text, /Enter how many are open, or 0/)
    assert.match((await count('1.5')).text, /Enter a whole number/)
    assert.equal((await count('2')).status, 303)
    assert.deepEqual((await shown())['severe-defects-open'], [2, false])
    await count('0')
    assert.deepEqual((await shown())['severe-defects-open'], [0, true])
    assert.match((await developer.api('GET', `${service}/history`)).text, /counted 2 severe defects that are open/)

    const growth = await app.signIn('growth', 'permit')
    const feature = { kind: 'release', key: 'release-map', name: 'Map', description: 'Streets on a map' }
    await growth.api('POST', `${service}/features`, feature)
    await growth.api('PUT', `${service}/features/release-map/room`, { welcome: 'Try it' })
    assert.deepEqual((await shown())['defects-serious-open-anywhere'], [0, true])
    const defect = { title: 'It freezes', severity: 'major', foundIn: 'development', introducedIn: 'development' }
    await growth.api('POST', `${service}/features/release-map/defects`, defect)
    assert.deepEqual((await shown())['defects-serious-open-anywhere'], [1, false])
    assert.deepEqual(await blocking(), ['load-test-reach', 'defects-serious-open-anywhere', 'error-rate.new'])
    const gate = `${service}/gates/private-beta-to-public-beta`
    const risk = await app.signIn('risk-owner', 'permit')
    const waiver = { reason: 'Mended tomorrow', owner: 'C. Example', endsOn: '2026-12-31' }
    const targets = ['rooms.defects-serious-open-anywhere']
    const waived = await risk.api('POST', `${gate}/criteria/runs-at-scale/waiver`, { ...waiver, targets })
    assert.equal(waived.status, 201, waived.text)
    assert.deepEqual(await blocking(), ['load-test-reach', 'error-rate.new'], 'only by its own name')

    app.clock.advance(15 * dayMs)
    developer = await app.signIn('developer', 'permit')
    assert.equal((await shown())['severe-defects-open'], 'no-data', 'a count of a fortnight ago says nothing of today')
    assert.deepEqual((await shown())['load-test-reach'], [50, false])
    app.clock.advance(80 * dayMs)
    developer = await app.signIn('developer', 'permit')
    assert.equal((await shown())['load-test-reach'], 'no-data', 'a test of another season neither')
  })
})
