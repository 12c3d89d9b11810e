import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, describe, mock, test } from 'node:test'
import { sql } from 'kysely'
import type { GatewayFeed } from '../../gateway/feed.ts'
import {
  compile,
  nameOfSet,
  newPassExpiry,
  newUnit,
  route,
  signPass,
  unitsOf,
  validateSnapshot,
  verifyPass,
  type PackedUnits,
  type UnitList,
  type Visit,
} from '../../packages/admission/src/index.ts'
import { gatewayKey, startApp, type TestApp } from '../../test/support/app.ts'
import { letIn } from '../../test/support/invited.ts'
import { until } from '../../test/support/until.ts'
import { readRootKeys } from './key-store.ts'

describe('what gateways are told and tell', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  const set = (key: string, what: string, body: object) =>
    app.asAdmin.api('PUT', `/api/v1/services/${key}/${what}`, body)
  const stateOf = async (key: string) => (await app.asAdmin.api('GET', `/api/v1/services/${key}/admission`)).json
  const ask = async (service: string, unit: string, rung = 'share') =>
    (await app.asGateway.api('POST', '/api/v1/gateway/admissions', { service, unit, rung })).json
  const tell = (reports: object[]) => app.asGateway.api('POST', '/api/v1/gateway/reports', { reports })
  const visit: Visit = { pass: null, choice: null, newUnit, mayDraw: true }

  test('ADM-13 the stream brings a valid feed at once and a newer one within 50 ms of a change', async () => {
    await app.aService({ key: 'streamed', phase: 'public-beta' })
    const stream = await listen(app, gatewayKey)
    let first = await stream.next()
    while (!first.services.some(({ key }) => key === 'streamed')) first = await stream.next()
    assert.equal(validateSnapshot(first.snapshot).ok, true)
    assert.equal(first.services.find(({ key }) => key === 'streamed')?.signingKeys.length, 2)
    assert.deepEqual(first.services.find(({ key }) => key === 'streamed')?.journeys[0]?.id, 'apply')
    const changedAt = performance.now()
    const done = set('streamed', 'share', { percent: 10, reason: 'First step' })
    let feed = await stream.next()
    while (feed.snapshot.services.find(({ key }) => key === 'streamed')?.share !== 10_000) feed = await stream.next()
    const tookMs = performance.now() - changedAt
    await done
    assert.ok(feed.snapshot.version > first.snapshot.version)
    assert.ok(tookMs < 2000, `${tookMs} ms on a busy machine`)
    stream.close()
  })

  test('ADM-5 signing keys go to gateways only', async () => {
    assert.equal((await app.asAdmin.api('GET', '/api/v1/gateway/stream')).status, 404)
    assert.equal((await app.api('GET', '/api/v1/gateway/stream')).status, 401)
  })

  test('ADM-33 a gateway bound to one service gets what signs for that one, and no gateway what signs for all', async () => {
    const one = await app.aService({ key: 'bound', phase: 'public-beta' })
    const two = await app.aService({ key: 'unbound', phase: 'public-beta' })
    const made = await app.asAdmin.api('POST', '/api/v1/services/bound/keys', { name: 'Gateway', kind: 'gateway' })
    const keysIn = async (key: string) => {
      const stream = await listen(app, key)
      let feed = await stream.next()
      while (!feed.services.some((service) => service.key === 'bound')) feed = await stream.next()
      stream.close()
      assert.deepEqual(feed.signingKeys, [])
      return new Map(feed.services.map((service) => [service.key, service.signingKeys]))
    }
    const bound = await keysIn(made.json.secret)
    const all = await keysIn(gatewayKey)
    assert.deepEqual([...bound.keys()], ['bound'])
    assert.deepEqual(bound.get('bound'), all.get('bound'))
    const { snapshots } = app.phasegate.admission
    const unit = newUnit()
    const now = app.clock.now()
    const [key] = bound.get('bound') ?? []
    assert.ok(key !== undefined)
    const fields = { kid: key.kid, arm: 'new', rung: 'invited', unit, expiresAt: newPassExpiry(now) } as const
    const own = signPass({ ...fields, service: 'bound' }, key.secret)
    const foreign = signPass({ ...fields, service: 'unbound' }, key.secret)
    assert.equal(verifyPass(own, 'bound', snapshots.keysOf(one.id), now)?.unit, unit)
    assert.equal(verifyPass(foreign, 'unbound', snapshots.keysOf(two.id), now), null)
    const roots = await readRootKeys(app.db, app.phasegate.platform.secrets)
    const told = [...all.values(), ...bound.values()].flat().map(({ secret }) => secret)
    for (const { secret } of roots) assert.ok(!told.includes(secret))
  })

  test('ADM-33 after an upgrade a pass of before lets its person in until it has run out, and signs for nobody new', async () => {
    const { id } = await app.aService({ key: 'older', phase: 'public-beta' })
    const { snapshots } = app.phasegate.admission
    const now = app.clock.now()
    const old = { kid: 'before', secret: 'a-key-that-signed-for-all-services' }
    const sealed = app.phasegate.platform.secrets.seal('signing-key', old.secret)
    await sql`insert into signing_key (kid, secret, created_at, set_aside_at)
      values (${old.kid}, ${sealed}, ${now}, ${now})`.execute(app.db)
    await snapshots.refresh(null)
    const pass = signPass(
      {
        ...{ kid: old.kid, service: 'older', arm: 'new', rung: 'invited' },
        ...{ unit: newUnit(), expiresAt: newPassExpiry(now) },
      },
      old.secret,
    )
    assert.notEqual(verifyPass(pass, 'older', snapshots.keysOf(id), now), null)
    assert.notEqual(snapshots.keysOf(id)[0]?.kid, old.kid)
    const sentTo = (service: string | null, madeAt: number) =>
      snapshots.feedFor({ service, madeAt: new Date(madeAt) }).signingKeys.map(({ kid }) => kid)
    assert.deepEqual(sentTo(null, now.getTime()), [old.kid])
    assert.deepEqual(sentTo(id, now.getTime() - 1), [old.kid], 'a gateway that was there before knows people by it')
    assert.deepEqual(sentTo(id, now.getTime()), [], 'a gateway that came later is never sent it')
    app.clock.advance(121 * 86_400_000)
    await snapshots.refresh(null)
    assert.equal(verifyPass(pass, 'older', snapshots.keysOf(id), now), null)
    app.clock.advance(-121 * 86_400_000)
    await sql`delete from signing_key`.execute(app.db)
    await snapshots.refresh(null)
  })

  test('GW-12 somebody for whom a gateway no longer waits takes no place', async () => {
    const { id } = await app.aService({ key: 'slow', phase: 'public-beta' })
    await set('slow', 'cap', { cap: 1 })
    await set('slow', 'share', { percent: 100 })
    const given = new AbortController()
    await app.db.transaction().execute(async (tx) => {
      await sql`select from rollout where service_id = ${id} for update`.execute(tx)
      const coming = once(app.phasegate.app.server, 'request') as Promise<[IncomingMessage, ServerResponse]>
      const asked = fetch(new URL('/api/v1/gateway/admissions', app.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${gatewayKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ service: 'slow', unit: newUnit(), rung: 'share' }),
        signal: given.signal,
      })
      const [, answer] = await coming
      const waiting = async () =>
        (
          await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
            app.db,
          )
        ).rows.length > 0
      await until('the place is waited for', waiting)
      const over = once(answer, 'close')
      given.abort()
      await assert.rejects(asked)
      await over
    })
    assert.deepEqual(await ask('slow', newUnit()), { admitted: true, code: 'admitted' })
    assert.equal((await stateOf('slow')).places.taken, 1)
  })

  test('ADM-29 a sample of a share or of rules names people whom they let in, and as many as the ladder says', async () => {
    await app.aService({ key: 'sampled', phase: 'public-beta' })
    await set('sampled', 'share', { percent: 100 })
    const at = app.clock.now().toISOString()
    const units = Array.from({ length: 30 }, newUnit)
    await tell(units.map((unit) => ({ service: 'sampled', unit, kind: 'admitted', rung: 'share', at })))
    const [gone = '', back = '', ...others] = units
    const byRule = newUnit()
    await tell([
      { service: 'sampled', unit: gone, kind: 'left', at },
      { service: 'sampled', unit: back, kind: 'choice', value: 'current', at },
      { service: 'sampled', unit: byRule, kind: 'admitted', rung: 'rules', at },
    ])
    const rung = async (name: string) => (await app.asAdmin.api('GET', `/api/v1/services/sampled/rungs/${name}`)).json
    const ladder = (await app.asAdmin.api('GET', '/api/v1/services/sampled/ladder')).json.rungs
    const peopleOn = (name: string) => ladder.find((each: { rung: string }) => each.rung === name).people
    for (let n = 0; n < 5; n++) {
      const { count, units: some } = await rung('share')
      assert.deepEqual([count, new Set(some).size, peopleOn('share')], [28, 20, 28])
      assert.ok(some.every((unit: string) => others.includes(unit)))
    }
    assert.deepEqual(await rung('rules'), { key: 'sampled', rung: 'rules', count: 1, units: [byRule] })
    assert.equal(peopleOn('rules'), 1)
    assert.deepEqual([(await rung('preview')).count, peopleOn('preview')], [0, 0], 'the probe of the service is nobody')
    const { link } = (await app.asAdmin.api('POST', '/api/v1/services/sampled/previews', { name: 'The board' })).json
    const opened = await app.asGateway.post(`/edge/sampled/preview/${link.split('/').at(-1)}`)
    assert.ok(opened.status < 400, opened.text)
    const { count, units: some } = await rung('preview')
    assert.deepEqual([count, some.length], [1, 1], 'who came by a link was not drawn, and is there all the same')
  })

  test('ADM-10 a full cap answers cap-reached, and whoever is in stays in', async () => {
    await app.aService({ key: 'capped', phase: 'public-beta' })
    await set('capped', 'cap', { cap: 2 })
    await set('capped', 'share', { percent: 100 })
    const [one, two, three] = [newUnit(), newUnit(), newUnit()]
    assert.deepEqual(await ask('capped', one), { admitted: true, code: 'admitted' })
    assert.deepEqual(await ask('capped', one), { admitted: true, code: 'already-in' })
    assert.deepEqual(await ask('capped', two), { admitted: true, code: 'admitted' })
    assert.deepEqual(await ask('capped', three), { admitted: false, code: 'cap-reached' })
    assert.deepEqual((await stateOf('capped')).places, { cap: 2, taken: 2, held: 0, free: 0 })
    const { services } = app.phasegate.admission.snapshots.feed().snapshot
    const carried = services.find(({ key }) => key === 'capped')?.units.carried ?? []
    assert.deepEqual(app.phasegate.admission.snapshots.sets.units(carried).toSorted(), [one, two].toSorted())
  })

  test('ADM-19 a hundred newcomers at once against ten places: exactly ten get in', async () => {
    await app.aService({ key: 'crowded', phase: 'public-beta' })
    await set('crowded', 'cap', { cap: 10 })
    await set('crowded', 'share', { percent: 100 })
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask('crowded', newUnit())))
    assert.equal(answers.filter(({ code }) => code === 'admitted').length, 10)
    assert.equal(answers.filter(({ code }) => code === 'cap-reached').length, 90)
    assert.equal((await stateOf('crowded')).places.taken, 10)
  })

  test('ADM-2 no share, no joining and no admission below the ceiling', async () => {
    await app.aService({ key: 'private', phase: 'private-beta' })
    for (const [what, body] of [
      ['share', { percent: 1 }],
      ['joining', { open: true }],
    ] as const) {
      const refused = await set('private', what, body)
      assert.deepEqual([refused.status, refused.json.code], [409, 'above-ceiling'])
    }
    assert.equal((await ask('private', newUnit())).code, 'not-open')
    assert.equal((await ask('private', newUnit(), 'join')).code, 'not-open')
  })

  test('ADM-3 whom a larger share let in stays in when the share shrinks, exactly', async () => {
    await app.aService({ key: 'shrinking', phase: 'public-beta' })
    await set('shrinking', 'share', { percent: 50 })
    const compiled = compile(app.phasegate.admission.snapshots.feed().snapshot)
    const reports: object[] = []
    const inside: string[] = []
    for (let person = 0; person < 200; person++) {
      const { arm, unit } = route(compiled, 'shrinking', visit, app.clock.now())
      if (arm !== 'new' || unit === null) continue
      inside.push(unit)
      reports.push({ service: 'shrinking', unit, kind: 'admitted', rung: 'share', at: app.clock.now().toISOString() })
    }
    assert.equal((await tell([...reports, ...reports])).json.stored, 2 * reports.length)
    const before = await stateOf('shrinking')
    assert.equal(before.byRung.share, inside.length)
    const { snapshots } = app.phasegate.admission
    const carriedNow = () =>
      snapshots.sets.units(
        snapshots.feed().snapshot.services.find(({ key }) => key === 'shrinking')?.units.carried ?? [],
      )
    assert.deepEqual(carriedNow(), [], 'nothing is carried while the share only grows')
    await set('shrinking', 'share', { percent: 5, reason: 'Too many contacts' })
    const after = app.phasegate.admission.snapshots.compiled()
    for (const unit of inside) {
      const answer = await app.api('POST', '/ofrep/v1/evaluate/flags/shrinking', { context: { targetingKey: unit } })
      assert.equal(answer.json.value, true)
    }
    assert.ok(carriedNow().length < inside.length && carriedNow().length > 0)
    assert.ok(after.version > compiled.version)
  })

  test('ADM-12 a choice that a gateway reports holds on every device, until it is taken back', async () => {
    await app.aService({ key: 'choosing', phase: 'private-beta' })
    const unit = await letIn(app, 'choosing', 'a@example.org')
    const at = (seconds: number) => new Date(app.clock.now().getTime() + seconds * 1000).toISOString()
    const value = async () => {
      await stateOf('choosing')
      const answer = await app.api('POST', '/ofrep/v1/evaluate/flags/choosing', { context: { targetingKey: unit } })
      return [answer.json.variant, answer.json.metadata.rung]
    }
    await tell([{ service: 'choosing', unit, kind: 'choice', value: 'current', at: at(1) }])
    assert.deepEqual(await value(), ['current', 'choice'])
    const { places, wentBack } = await stateOf('choosing')
    assert.deepEqual([places.taken, wentBack], [1, 1], 'the place is kept')
    await tell([{ service: 'choosing', unit, kind: 'choice', value: 'new', at: at(2) }])
    assert.deepEqual(await value(), ['new', 'invited'])
    await tell([{ service: 'choosing', unit, kind: 'choice', value: 'current', at: at(0) }])
    assert.deepEqual(await value(), ['new', 'invited'], 'an older report that comes late changes nothing')
  })

  test('ADM-21 a cap below the places that are taken or held is refused, and says how many are', async () => {
    await app.aService({ key: 'kept', phase: 'private-beta' })
    await app.asAdmin.api('POST', '/api/v1/services/kept/invitations', {
      addresses: ['a@example.org', 'b@example.org'],
    })
    const refused = await set('kept', 'cap', { cap: 1 })
    assert.deepEqual([refused.status, refused.json.code], [409, 'cap-too-low'])
    assert.match(refused.json.title, /lower than 2/)
  })
})

describe('a service with many people in', () => {
  let app: TestApp
  let key: string
  before(async () => {
    // Here much is written past the program, and what is read again at fixed times would see half of it.
    mock.timers.enable({ apis: ['setInterval'] })
    app = await startApp()
    await app.aService({ key: 'large', phase: 'private-beta' })
    await app.aService({ key: 'another' })
    key = (await app.asAdmin.api('POST', '/api/v1/services/large/keys', { name: 'gateway', kind: 'gateway' })).json
      .secret
    await admit(1_500)
    await app.phasegate.admission.snapshots.refresh(null)
  })
  after(async () => {
    await app.close()
    mock.timers.reset()
  })

  const admit = async (count: number): Promise<void> => {
    const units = Array.from({ length: count }, newUnit)
    await sql`insert into admission (service_id, unit, rung, at, by_name)
      select s.id, u.unit, 'invited', now(), 'Test' from service s, unnest(${units}::text[]) as u (unit)
      where s.key = 'large'`.execute(app.db)
  }
  const known = async (): Promise<string[]> => {
    const { rows } = await sql<{ unit: string }>`select unit from admission a join service s on s.id = a.service_id
      where s.key = 'large' and left_at is null order by unit`.execute(app.db)
    return rows.map(({ unit }) => unit)
  }
  const invitedIn = (feed: GatewayFeed): UnitList =>
    feed.snapshot.services.find((service) => service.key === 'large')?.units.invited ?? []
  const ask = (path: string, secret = key): Promise<Response> =>
    fetch(new URL(path, app.url), { headers: { authorization: `Bearer ${secret}` } })

  test('ADM-35 its set is named by what is in it and fetched once; who comes and goes afterwards stands beside the name', async () => {
    const stream = await listen(app, key, '?sets=named')
    const first = invitedIn(await stream.next())
    assert.ok('set' in first)
    const answer = await ask(`/api/v1/gateway/sets/${first.set}`)
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/)
    assert.equal(answer.headers.get('content-encoding'), 'gzip')
    const text = await answer.text()
    assert.equal(nameOfSet(text), first.set)
    assert.deepEqual([...unitsOf(JSON.parse(text) as PackedUnits)].toSorted(), (await known()).toSorted())

    const [gone = ''] = await known()
    await admit(2)
    await sql`update admission set left_at = now() where unit = ${gone}`.execute(app.db)
    await app.phasegate.admission.snapshots.refresh(null)
    const second = invitedIn(await stream.next())
    assert.ok('set' in second)
    assert.deepEqual([second.set, second.added.length, second.gone], [first.set, 2, [gone]])
    assert.deepEqual(app.phasegate.admission.snapshots.sets.units(second).toSorted(), (await known()).toSorted())
    const decided = await app.api('POST', '/ofrep/v1/evaluate/flags/large', { context: { targetingKey: gone } })
    assert.equal(decided.json.value, false)

    await admit(1_600)
    await app.phasegate.admission.snapshots.refresh(null)
    const third = invitedIn(await stream.next())
    assert.ok('set' in third && third.set !== first.set)
    assert.deepEqual([third.added, third.gone], [[], []])
    stream.close()
  })

  test('ADM-29 a sample of a large set has only people who stand there, and says exactly how many do', async () => {
    await admit(3)
    const [gone = ''] = await known()
    await sql`update admission set left_at = now() where unit = ${gone}`.execute(app.db)
    await app.phasegate.admission.snapshots.refresh(null)
    const everybody = await known()
    for (let n = 0; n < 5; n++) {
      const { json } = await app.asAdmin.api('GET', '/api/v1/services/large/rungs/invited')
      assert.equal(json.count, everybody.length)
      assert.equal(new Set(json.units).size, 20)
      assert.deepEqual(
        json.units.filter((unit: string) => !everybody.includes(unit)),
        [],
      )
    }
  })

  test('ADM-29 a question is answered by what decisions go by, and goes through nobody again', async () => {
    const [unit = ''] = await known()
    const isIn = async (): Promise<unknown[]> => {
      const { json } = await app.api('POST', '/ofrep/v1/evaluate/flags/large', { context: { targetingKey: unit } })
      const explained = await app.asAdmin.api('POST', '/api/v1/services/large/explain', {
        ...{ key: 'large', context: { targetingKey: unit } },
      })
      const person = await app.asAdmin.api('GET', `/api/v1/services/large/people/${unit}`)
      const { json: rung } = await app.asAdmin.api('GET', '/api/v1/services/large/rungs/invited')
      return [json.value, explained.json.isIn, person.json.decision.value, rung.count]
    }
    const count = (await known()).length
    assert.deepEqual(await isIn(), [true, true, true, count])
    // Nobody is told of what is written past the program, so it is seen at the next reading, by all alike.
    await sql`update admission set left_at = now() where unit = ${unit}`.execute(app.db)
    assert.deepEqual(await isIn(), [true, true, true, count])
    await app.phasegate.admission.snapshots.refresh(null)
    assert.deepEqual(await isIn(), [false, false, false, count - 1])
  })

  test('ADM-35 a gateway that knows no names is sent the units themselves', async () => {
    const stream = await listen(app, key)
    const feed = await stream.next()
    stream.close()
    assert.deepEqual([...(invitedIn(feed) as string[])].toSorted(), (await known()).toSorted())
    assert.equal(validateSnapshot(feed.snapshot).ok, true)
  })

  test('ADM-35 a set is given to nobody who is not told its name', async () => {
    const stream = await listen(app, key, '?sets=named')
    const list = invitedIn(await stream.next())
    stream.close()
    assert.ok('set' in list)
    const made = await app.asAdmin.api('POST', '/api/v1/services/another/keys', { name: 'gateway', kind: 'gateway' })
    const server = await app.asAdmin.api('POST', '/api/v1/services/large/keys', { name: 'server', kind: 'server' })
    assert.equal((await ask(`/api/v1/gateway/sets/${list.set}`)).status, 200)
    assert.equal((await ask(`/api/v1/gateway/sets/${list.set}`, made.json.secret)).status, 404)
    assert.equal((await ask(`/api/v1/gateway/sets/${list.set}`, server.json.secret)).status, 404)
    assert.equal((await ask(`/api/v1/snapshot/sets/${list.set}`, server.json.secret)).status, 200)
    assert.equal((await ask('/api/v1/gateway/sets/no-such-set')).status, 404)
  })
})

/** Reads the stream as a gateway does. */
async function listen(app: TestApp, key: string, query = '') {
  const controller = new AbortController()
  const response = await fetch(new URL(`/api/v1/gateway/stream${query}`, app.url), {
    headers: { authorization: `Bearer ${key}` },
    signal: controller.signal,
  })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /text\/event-stream/)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    async next(): Promise<GatewayFeed> {
      for (;;) {
        const found = /event: feed\ndata: (.*)\n\n/.exec(text)
        if (found?.[1] !== undefined) {
          text = text.slice(found.index + found[0].length)
          return JSON.parse(found[1]) as GatewayFeed
        }
        const { value, done } = (await reader?.read()) ?? { value: undefined, done: true }
        if (done || value === undefined) throw new Error('The stream ended')
        text += value
      }
    },
    close: () => controller.abort(),
  }
}
