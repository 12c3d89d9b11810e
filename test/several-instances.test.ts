import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { openFeedKeeper, type FeedKeeper } from '../gateway/feed-keeper.ts'
import { openFeedSets } from '../gateway/feed-sets.ts'
import { openSeal } from '../gateway/seal.ts'
import { newUnit } from '../packages/admission/src/index.ts'
import { createJobs, listenToOthers } from '../service/platform/index.ts'
import { recordHalts } from '../service/admission/halting.ts'
import { startApp, type TestApp } from './support/app.ts'
import { listenAt } from './support/change-stream.ts'
import { aFeed } from './support/gateway.ts'
import { until } from './support/until.ts'

const [a, b] = ['http://a.example', 'http://b.example'] as const

describe('several instances on one database', () => {
  let one: TestApp
  let other: TestApp
  const ends: (() => Promise<unknown>)[] = []
  before(async () => {
    one = await startApp()
    other = await startApp({ beside: one, clock: one.clock })
    for (const app of [one, other]) {
      const listener = app.database.listener()
      await listener.connect()
      await listenToOthers(app.phasegate.platform.live, listener)
      ends.push(() => listener.end())
    }
    await one.aService({ phase: 'public-beta' })
    await one.asAdmin.api('PUT', '/api/v1/services/permit/share', { percent: 100 })
    await until('the other instance knows the service', async () => (await flag(other)).value === true)
  })
  after(async () => {
    for (const end of ends) await end()
    await other.close()
    await one.close()
  })

  const flag = async (app: TestApp) =>
    (await app.api('POST', '/ofrep/v1/evaluate/flags/permit', { context: { targetingKey: newUnit() } })).json

  test('ADM-22 a halt on one is a halt on the others, and so is its end, wherever that is said [promise 24]', async () => {
    await one.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Wrong prices' })
    await until('the other instance is halted', async () => (await flag(other)).value === false)
    const manager = await other.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Right again' })).status, 303)
    await until('the first instance is open again', async () => (await flag(one)).value === true)
  })

  test('ADM-72 whoever was answered by one listens at another, which tells of what changes and of nothing before', async () => {
    const tokenOf = async (app: TestApp) => {
      const { json } = await app.api('POST', '/ofrep/v1/evaluate/flags', { context: { targetingKey: newUnit() } })
      return new URL(json.eventStreams[0].endpoint.requestUri, app.url).searchParams.get('token')
    }
    await until('both decide alike', async () => (await tokenOf(one)) === (await tokenOf(other)))
    const stream = await listenAt(new URL(`/ofrep/v1/events?token=${await tokenOf(one)}`, other.url))
    await one.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 1_000 })
    await until('the stream was told', async () => stream.told() > 0)
    assert.equal(stream.told(), 1)
    stream.close()
  })

  test('ADM-22 whoever halts where the end of the last halt was not heard of yet halts all the same', async () => {
    await one.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'First' })
    const deaf = await startApp({ beside: one, clock: one.clock })
    const manager = await other.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Safe' })).status, 303)
    await deaf.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Second' })
    const haltOfOne = async () => (await one.asAdmin.api('GET', '/api/v1/services/permit/admission')).json.halt
    await until('the first instance is halted again', async () => (await haltOfOne())?.reason === 'Second')
    assert.equal((await flag(one)).value, false)
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Safe again' })).status, 303)
    await deaf.close()
  })

  test('an event that is sent to two of them counts once [promise 24]', async () => {
    const events = Array.from({ length: 50 }, (_, index) => ({
      id: `same-${index}`,
      time: one.clock.now().toISOString(),
      service: 'permit',
      name: 'start',
      journey: 'apply',
      transaction: `t-${index}`,
    }))
    const answers = await Promise.all(
      [one, other, one, other].map((app) => app.asAdmin.api('POST', '/api/v1/events', { events })),
    )
    for (const { status, text } of answers) assert.equal(status, 200, text)
    const sum = (of: 'stored' | 'repeated') => answers.reduce((total, { json }) => total + json[of], 0)
    assert.deepEqual([sum('stored'), sum('repeated')], [50, 150])
  })

  test('ADM-19 a cap is filled exactly by newcomers who come to all of them at once [promise 24]', async () => {
    await one.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 25 })
    await until('the other instance knows the cap', async () => capOf(other) === 25)
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? one : other).asGateway.api('POST', '/api/v1/gateway/admissions', {
          service: 'permit',
          unit: newUnit(),
          rung: 'share',
        }),
      ),
    )
    assert.equal(answers.filter(({ json }) => json.admitted).length, 25)
    const { places } = (await other.asAdmin.api('GET', '/api/v1/services/permit/admission')).json
    assert.equal(places.taken, 25)
  })

  const capOf = (app: TestApp) => app.phasegate.admission.snapshots.compiled().services.get('permit')?.cap.limit

  test('a job is run by one of them, also while it takes longer than its interval [promise 24]', async () => {
    let running = 0
    let most = 0
    let runs = 0
    const done = Promise.withResolvers<void>()
    const instances = [one, other, one, other].map((app) => ({ jobs: createJobs(), app }))
    for (const { jobs, app } of instances) {
      jobs.every('a long job', 0.02, async () => {
        most = Math.max(most, ++running)
        await pause(60)
        running--
        if (++runs === 5) done.resolve()
      })
      jobs.start(app.phasegate.platform)
    }
    await done.promise
    for (const { jobs } of instances) await jobs.stop()
    assert.equal(most, 1)
  })

  test('two halts made without a database become one that a person can end', async () => {
    const [{ halts: here }, { halts: there }] = [one.phasegate.admission.snapshots, other.phasegate.admission.snapshots]
    const id = one.phasegate.admission.snapshots.compiled().services.get('permit')?.id ?? ''
    const at = one.clock.now()
    here.begin(id, { id: '00000000-0000-4000-8000-00000000000a', at, by: 'A. Example', reason: 'Fire' })
    there.begin(id, { id: '00000000-0000-4000-8000-00000000000b', at, by: 'B. Example', reason: 'Flood' })
    for (const { phasegate } of [one, other]) await recordHalts(phasegate.platform, phasegate.admission.snapshots)
    assert.equal(there.of(id)?.id, here.of(id)?.id)
    const manager = await other.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Safe' })).status, 303)
    await until('both are open again', async () => here.of(id) === null && there.of(id) === null)
    const { entries } = (await one.asAdmin.api('GET', '/api/v1/services/permit/history')).json
    const reasons = entries.map(({ reason }: { reason: string | null }) => reason)
    assert.ok(reasons.includes('Fire') && reasons.includes('Flood'), 'history names both who halted')
  })
})

describe('a gateway that hears several instances', () => {
  test('GW-3 a halt of which one instance knows holds, whatever the others say and however they count', async () => {
    const keeper = await aKeeper()
    keeper.say(a, 10, null)
    keeper.say(b, 500, null)
    keeper.say(a, 11, 'fire')
    assert.ok(keeper.isHalted(), 'a halt by an instance that counts lower')
    keeper.say(b, 501, null)
    assert.ok(keeper.isHalted(), 'the other has not heard of it')
    keeper.say(a, 12, null)
    assert.ok(!keeper.isHalted())
  })

  test('GW-3 any instance that told of a halt can tell of its end, and one that missed the end brings it back no more', async () => {
    const keeper = await aKeeper()
    keeper.say(a, 10, 'fire')
    keeper.say(b, 11, 'fire')
    keeper.say(b, 12, null)
    assert.ok(!keeper.isHalted(), 'the first instance is gone for good')
    keeper.say(a, 13, 'fire')
    assert.ok(!keeper.isHalted())
    keeper.say(a, 14, 'flood')
    assert.ok(keeper.isHalted(), 'another halt is another halt')
  })

  test('GW-3 two halts of two instances end each by its own end', async () => {
    const keeper = await aKeeper()
    keeper.say(a, 10, 'fire')
    keeper.say(b, 11, 'flood')
    keeper.say(a, 12, null)
    assert.ok(keeper.isHalted())
    keeper.say(b, 13, null)
    assert.ok(!keeper.isHalted())
  })

  test('GW-2 what an instance says that is cut off from the database does not replace what the others know', async () => {
    const keeper = await aKeeper()
    keeper.say(a, 100, null, 10)
    keeper.say(b, 90, null, 50)
    assert.equal(keeper.share(), 10)
    keeper.say(a, 101, null, 20)
    assert.equal(keeper.share(), 20)
  })
})

async function aKeeper() {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-feed-'))
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const seal = openSeal('of this test')
  const sets = openFeedSets(join(directory, 'sets'), seal, log)
  const keeper: FeedKeeper = openFeedKeeper(directory, [a, b], seal, sets, log, () => {})
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  const service = () => keeper.held()?.snapshot.services.get('parking')
  return {
    say(from: string, version: number, halt: string | null, share = 0) {
      const feed = aFeed({ halt: halt === null ? null : { id: halt, at: '2026-01-05T09:00:00Z' }, share })
      keeper.offer({ ...feed, snapshot: { ...feed.snapshot, version } }, from, false)
    },
    isHalted: () => service()?.halt !== null,
    share: () => service()?.share,
  }
}
