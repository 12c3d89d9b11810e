import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { letIn } from '../../test/support/invited.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

describe('people with the beta of a feature beside those without it', () => {
  let app: TestApp
  let growth: Client
  let developer: Client
  const service = '/api/v1/services/permit'
  before(async () => {
    app = await startApp()
    await app.aService({ phase: 'private-beta' })
    growth = await app.signIn('growth', 'permit')
    developer = await app.signIn('developer', 'permit')
  })
  after(() => app.close())

  let made = 0
  /** A release flag in its beta, with what its gate to public release reads. */
  const aBeta = async () => {
    made += 1
    const key = `release-map-${made}`
    const at = `${service}/features/${key}`
    await growth.api('POST', `${service}/features`, {
      kind: 'release',
      key,
      name: `Map ${made}`,
      description: 'Streets',
    })
    for (const to of ['internal-release', 'beta-release']) {
      const { version } = (await growth.api('GET', at)).json
      const moved = await app.asAdmin.api('POST', `${at}/stage`, { to, version, reason: 'For this test' })
      assert.equal(moved.status, 200, moved.text)
    }
    const gate = `${at}/gates/beta-release-to-public-release`
    const criterion = async (id: string) => {
      const { criteria } = (await growth.api('GET', gate)).json
      return criteria.find((each: { id: string }) => each.id === id)
    }
    /** Which of its signals keep the gate shut. */
    const blocking = async () =>
      ((await growth.api('GET', gate)).json.missing as { kind: string; signal: string }[])
        .filter(({ kind }) => kind === 'signal')
        .map(({ signal }) => signal)
    return {
      ...{ key, at, criterion, blocking },
      learning: `/services/permit/features/${key}/learning`,
      reads: async (id: string, signal: string) => {
        const { readings } = await criterion(id)
        const found = readings.find((each: { signal: string }) => each.signal === signal)
        return { ...found.reading, holds: found.holds }
      },
      judge: (id: string, verdict: string, by: Client) =>
        by.api('POST', `${gate}/criteria/${id}/verdict`, { verdict, reason: 'We looked' }),
    }
  }
  type Beta = Awaited<ReturnType<typeof aBeta>>

  interface Visit {
    unit: string
    /** What the flag was for this person; null where nothing tells it. */
    flag: 'on' | 'off' | null
    pages: number
    errors: number
    arm?: string
    rung?: string
    rating?: number
  }
  let sent = 0
  const send = async (events: object[]) => {
    for (let first = 0; first < events.length; first += 1000) {
      const answer = await app.asAdmin.api('POST', '/api/v1/events', { events: events.slice(first, first + 1000) })
      assert.deepEqual(answer.json.refused, [], answer.text)
    }
  }
  /** Visits of one moment: the flag is told by the first event only, as an application would. */
  const visits = async ({ key }: Beta, all: readonly Visit[]) => {
    const time = app.clock.now().toISOString()
    await send(
      all.flatMap(({ unit, flag, pages, errors, arm = 'new', rung }) => {
        const of = { time, service: 'permit', unit, arm }
        const event = (more: object) => ({ ...of, id: `e${++sent}`, ...more })
        const exposed = { name: 'exposure', properties: { assigned: arm, served: arm, rung, rolloutVersion: 1 } }
        return [
          ...(rung === undefined
            ? []
            : [event({ name: 'step', step: 'address', properties: { rung } }), event(exposed)]),
          ...(flag === null ? [] : [event({ name: 'custom.opened', flags: { [key]: flag } })]),
          ...Array.from({ length: pages }, () => event({ name: 'step', step: 'address' })),
          ...Array.from({ length: errors }, () => event({ name: 'error' })),
        ]
      }),
    )
    for (const { unit, arm = 'new', rating } of all) {
      if (rating === undefined) continue
      const answered = { service: 'permit', unit, arm, rating, id: `r${++sent}` }
      assert.equal((await app.asAdmin.api('POST', '/api/v1/feedback', answered)).status, 201)
    }
    app.clock.advance(hourMs)
    await app.phasegate.platform.jobs.now('rooms-comparison', app.phasegate.platform)
  }
  /** So many people, of whom every so-manieth meets one error. */
  const people = (name: string, n: number, flag: Visit['flag'], errorEach: number): Visit[] =>
    Array.from({ length: n }, (_, index) => ({
      ...{ unit: `${name}-${index}`, flag, pages: 20, errors: index % errorEach === 0 ? 1 : 0 },
    }))
  const errors = 'rooms.errors-against-others'
  const satisfaction = 'rooms.satisfaction-against-others'

  test('ROOM-10 ROOM-14 free of bugs: the gate reads open serious defects, and says “no data yet” of errors where nobody measured them [row 132]', async () => {
    const beta = await aBeta()
    const works = 'works-as-intended'
    assert.deepEqual(await beta.reads(works, errors), { kind: 'no-data', holds: null })
    assert.deepEqual(await beta.blocking(), [], 'GATE-23: without an answer people decide')
    const page = await developer.get(
      `/services/permit/features/${beta.key}/gates/beta-release-to-public-release/criteria/${works}`,
    )
    assert.match(
      page.text,
      /No data yet:<\/b> … error pages in 1,000, with it against without it, rule: not more, at worst 5 in 1,000 more/,
    )
    assert.match(
      (await developer.get(beta.learning)).text,
      /No data yet\. Let the application send its events with the flag/,
    )
    const defect = { title: 'It freezes', foundIn: 'beta-release', introducedIn: 'development' }
    await developer.api('POST', `${beta.at}/defects`, { ...defect, severity: 'minor' })
    assert.equal((await beta.reads(works, 'rooms.defects-serious-open')).holds, true, 'a minor one is below it')
    const { json } = await developer.api('POST', `${beta.at}/defects`, { ...defect, severity: 'critical' })
    const open = await beta.reads(works, 'rooms.defects-serious-open')
    assert.deepEqual([open.value, open.holds], [1, false])
    assert.deepEqual(await beta.blocking(), ['rooms.defects-serious-open'])
    assert.equal((await beta.judge(works, 'met', developer)).status, 201)
    assert.equal((await beta.criterion(works)).disagrees, 'met-against-data', 'a verdict against it is told first')
    await developer.api('POST', `${beta.at}/defects/${json.id}/close`)
    assert.equal((await beta.criterion(works)).disagrees, null)
  })

  test('ROOM-14 GATE-22 errors of people with the feature stand against those without it, and only its whole interval decides [row 132]', async () => {
    const beta = await aBeta()
    const works = 'works-as-intended'
    await visits(beta, [...people('few-with', 5, 'on', 9), ...people('few-without', 40, 'off', 9)])
    assert.deepEqual(await beta.reads(works, errors), { kind: 'too-few', n: 5, needed: 30, holds: null })

    const alike = await aBeta()
    await visits(alike, [
      ...people('alike-with', 200, 'on', 25),
      ...people('alike-without', 200, 'off', 25),
      // None of these is in the comparison: the team, the current service, of whom nothing tells it, and who changed that day.
      { unit: 'team', flag: 'on', pages: 1, errors: 900, rung: 'staff' },
      { unit: 'elsewhere', flag: 'off', pages: 1, errors: 900, arm: 'current' },
      { unit: 'untold', flag: null, pages: 1, errors: 900 },
      { unit: 'changed', flag: 'on', pages: 1, errors: 900 },
      { unit: 'changed', flag: 'off', pages: 1, errors: 0 },
    ])
    const same = await alike.reads(works, errors)
    assert.deepEqual([same.kind, same.n, same.holds], ['value', 400, true])
    assert.deepEqual(await alike.blocking(), [])
    assert.ok(Math.abs(same.value) < 0.01 && same.low < 0 && same.high > 0 && same.high <= 5, JSON.stringify(same))

    const worse = await aBeta()
    await visits(worse, [...people('worse-with', 100, 'on', 2), ...people('worse-without', 100, 'off', 25)])
    const more = await worse.reads(works, errors)
    assert.equal(more.holds, false)
    assert.ok(more.low > 0 && more.low < more.value && more.value < more.high, JSON.stringify(more))
    assert.match((await developer.get(worse.learning)).text, /With it and without it[\s\S]*100 people/)
    assert.equal((await worse.judge(works, 'met', developer)).status, 201)
    assert.equal((await worse.criterion(works)).disagrees, 'met-against-data')
    assert.deepEqual(await worse.blocking(), [errors], 'a verdict of met does not open it against sure harm')

    const unclear = await aBeta()
    await visits(unclear, [...people('unclear-with', 40, 'on', 8), ...people('unclear-without', 40, 'off', 9)])
    const between = await unclear.reads(works, errors)
    assert.deepEqual([between.kind, between.holds], ['value', null], 'what cannot be told is no pass')
    assert.deepEqual(await unclear.blocking(), [], 'and no harm either')
    const none = await aBeta()
    await visits(none, [
      ...people('none-with', 40, 'on', 1).map((each) => ({ ...each, errors: 0 })),
      ...people('none-without', 40, 'off', 1).map((each) => ({ ...each, errors: 0 })),
    ])
    const nothing = await none.reads(works, errors)
    assert.deepEqual([nothing.value, nothing.low, nothing.holds], [0, undefined, null], 'nothing varies: no interval')
  })

  test('ROOM-14 whoever gets the feature within the period counts with it from then on, and once', async () => {
    const beta = await aBeta()
    await visits(beta, [...people('early', 40, 'off', 5), ...people('later', 40, 'off', 1)])
    app.clock.advance(2 * dayMs)
    await visits(beta, people('later', 40, 'on', 5))
    const { comparisons } = (await growth.api('GET', `${beta.at}/learning`)).json
    assert.deepEqual([comparisons[0].with.people, comparisons[0].without.people], [40, 40])
    assert.equal(Math.round(comparisons[0].with.value), Math.round(comparisons[0].without.value))
    await app.phasegate.platform.jobs.now('rooms-comparison', app.phasegate.platform)
    assert.deepEqual(
      (await growth.api('GET', `${beta.at}/learning`)).json.comparisons,
      comparisons,
      'told again, the same',
    )
  })

  test('ROOM-14 GATE-22 satisfaction of people with the feature stands against those without it: better, worse, or not to be told [row 133]', async () => {
    const best = 'best-way'
    const rated = (name: string, flag: Visit['flag'], satisfied: number): Visit[] =>
      Array.from({ length: 100 }, (_, index) => ({
        ...{ unit: `${name}-${index}`, flag, pages: 1, errors: 0, rating: index < satisfied ? 5 : 2 },
      }))
    const beta = await aBeta()
    assert.deepEqual(await beta.reads(best, satisfaction), { kind: 'no-data', holds: null })
    await visits(beta, [...rated('glad', 'on', 95), ...rated('used-to-it', 'off', 55)])
    const better = await beta.reads(best, satisfaction)
    assert.equal(better.holds, true)
    assert.ok(better.low > 0 && Math.abs(better.value - 40) < 0.01 && better.high > 40, JSON.stringify(better))
    const path = `/services/permit/features/${beta.key}/gates/beta-release-to-public-release/criteria/${best}`
    const { text } = await growth.get(path)
    assert.match(
      text,
      /40 points higher<\/b> satisfaction with it than without it, between [\d.]+ and [\d.]+ points higher, rule: not lower, at worst 5 points lower/,
    )
    assert.match(text, /User satisfaction, definition 1/)
    assert.match(text, /they were invited, so this compares two groups and proves no cause/)

    const worse = await aBeta()
    await visits(worse, [...rated('cross', 'on', 50), ...rated('content', 'off', 95)])
    const less = await worse.reads(best, satisfaction)
    assert.equal(less.holds, false)
    assert.deepEqual(await worse.blocking(), [satisfaction])
    assert.ok(less.high < 0)
    const { text: lower } = await growth.get(path.replace(beta.key, worse.key))
    assert.match(
      lower,
      /45 points lower<\/b> satisfaction with it than without it, between [\d.]+ and [\d.]+ points lower/,
    )
    assert.doesNotMatch(lower, /[>\s]-\d/)

    const alike = await aBeta()
    await visits(alike, [...rated('one', 'on', 80), ...rated('other', 'off', 79)])
    const between = await alike.reads(best, satisfaction)
    assert.deepEqual([between.kind, between.holds], ['value', null])
    assert.ok(between.low < -5 && between.high > 0)
  })

  test('ROOM-12 ROOM-14 of so few that it would tell of each nothing is shown, and an erased person is in it no longer', async () => {
    const address = 'ann@example.org'
    const unit = await letIn(app, 'permit', address)
    const beta = await aBeta()
    await visits(beta, [{ unit, flag: 'on', pages: 3, errors: 1 }, ...people('few', 3, 'on', 2)])
    const group = async () => (await growth.api('GET', `${beta.at}/learning`)).json.comparisons[0].with
    assert.deepEqual(await group(), { people: 4, value: null })
    assert.match((await growth.get(beta.learning)).text, /Fewer than 5 people/)
    const erased = await app.asAdmin.api('POST', `${service}/erasures`, { address, sure: true })
    assert.equal(erased.status, 200, erased.text)
    assert.match(erased.text, /Days of use of features in their beta/)
    assert.deepEqual(await group(), { people: 3, value: null })
    await app.phasegate.platform.jobs.now('rooms-comparison', app.phasegate.platform)
    assert.deepEqual(await group(), { people: 3, value: null }, 'nor does the next job count the person again')
  })

  test('MEA-6 ROOM-14 after a change of the formula only answers by the new one are compared', async () => {
    const manager = await app.signIn('performance-analyst', 'permit')
    const beta = await aBeta()
    const answered = (name: string, flag: Visit['flag'], rating: number): Visit[] =>
      Array.from({ length: 30 }, (_, index) => ({
        ...{ unit: `${name}-${index}`, flag, pages: 1, errors: 0, rating: index === 0 ? 3 : rating },
      }))
    await visits(beta, [...answered('before-with', 'on', 5), ...answered('before-without', 'off', 1)])
    const changed = await manager.api('POST', `${service}/measures/satisfaction/definition`, {
      formula: 'weighted-index',
      reason: 'As the department counts it',
    })
    assert.ok(changed.status < 300, changed.text)
    app.clock.advance(2 * dayMs)
    assert.equal((await beta.reads('best-way', satisfaction)).kind, 'no-data')
    await visits(beta, [...answered('after-with', 'on', 4), ...answered('after-without', 'off', 4)])
    const reading = await beta.reads('best-way', satisfaction)
    assert.deepEqual([reading.n, reading.value], [60, 0])
    const { comparisons } = (await growth.api('GET', `${beta.at}/learning`)).json
    assert.equal(comparisons[1].name, 'User satisfaction, definition 2')
    assert.ok(Math.abs(comparisons[1].with.value - (29 * 75 + 50) / 30) < 0.01)
  })

  test('ROOM-14 what somebody met on a day is kept for 60 days, also after the beta has ended', async () => {
    const beta = await aBeta()
    await visits(beta, people('gone', 30, 'on', 2))
    const { version } = (await growth.api('GET', beta.at)).json
    const back = { to: 'internal-release', version, reason: 'Not yet' }
    assert.equal((await app.asAdmin.api('POST', `${beta.at}/stage`, back)).status, 200)
    const kept = async () => {
      await app.phasegate.platform.jobs.now('rooms-comparison', app.phasegate.platform)
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from beta_unit_day d
        join feature f on f.id = d.feature_id where f.key = ${beta.key}`.execute(app.db)
      return rows[0]?.n
    }
    app.clock.advance(59 * dayMs)
    assert.equal(await kept(), 30)
    app.clock.advance(3 * dayMs)
    assert.equal(await kept(), 0)
  })
})
