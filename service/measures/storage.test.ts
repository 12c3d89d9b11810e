import { test } from 'node:test'
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { forgetOld, makePartitionsAhead } from './retention-store.ts'
import { measuresSummary } from './index.ts'

async function withApp(work: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startApp()
  try {
    await work(app)
  } finally {
    await app.close()
  }
}

const day = (time: string, id = time) => ({ id, time, service: 'permit', name: 'start', transaction: id, arm: 'new' })

async function partitions(app: TestApp): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'event'::regclass order by 1`.execute(
    app.db,
  )
  return rows.map(({ name }) => name)
}

test('MEA-12 pages and figures read the hourly sums only: they answer while every single event is locked away', () =>
  withApp(async (app) => {
    const service = await app.aService()
    const events = Array.from({ length: 40 }, (_, index) => day('2026-11-20T10:00:00Z', `locked-${index}`))
    await app.asGateway.api('POST', '/api/v1/events', { events })
    const viewer = await app.signIn('viewer', 'permit')
    const lock = await app.database.pool.connect()
    try {
      await lock.query('begin')
      await lock.query('lock table event, event_seen, journey_transaction in access exclusive mode')
      const pages = [
        '',
        '/completion-rate',
        '/satisfaction',
        '/completion-time',
        '/error-rate',
        '/availability',
        '/completed-transactions',
      ]
      for (const page of pages) {
        const answer = await viewer.get(`/services/permit/measures${page}`)
        assert.equal(answer.status, 200, page)
      }
      assert.equal((await viewer.get('/services/permit/measures/completion-rate/data.csv')).status, 200)
      assert.equal((await app.asAdmin.api('GET', '/api/v1/services/permit/measures')).status, 200)
      const window = { from: new Date('2026-11-01T00:00:00Z'), to: app.clock.now() }
      for (const signal of app.phasegate.signals.values()) {
        if (signal.id.startsWith('measures.')) await signal.read(app.db, service, window)
      }
      const summary = await measuresSummary(app.db, service, window)
      assert.equal(summary.facts.new.counts.starts, 40)
    } finally {
      await lock.query('rollback')
      lock.release()
    }
  }))

test('makes the partition of any day within the retention when its first event comes, also for many callers at once', () =>
  withApp(async (app) => {
    await app.aService()
    const days = Array.from({ length: 12 }, (_, index) => `2026-0${1 + (index % 9)}-1${index % 10}T12:00:00Z`)
    const answers = await Promise.all(
      [...days, ...days].map((time, index) =>
        app.asGateway.api('POST', '/api/v1/events', { events: [day(time, `p${index}`)] }),
      ),
    )
    assert.ok(answers.every(({ json }) => json.stored === 1))
    await Promise.all(Array.from({ length: 8 }, () => sql`select event_partition('2026-10-01')`.execute(app.db)))
    const made = await partitions(app)
    assert.ok(made.includes('event_20261001'))
    assert.equal(
      made.length,
      new Set([
        ...days.map((time) => time.slice(0, 10)),
        '2026-10-01',
        ...made.filter((name) => name > 'event_20261115').map((name) => name),
      ]).size,
    )
  }))

test('makes partitions ahead, and forgets events by whole days after the retention while the sums stay', () =>
  withApp(async (app) => {
    await app.aService()
    const { platform } = app.phasegate
    await app.asGateway.api('POST', '/api/v1/events', {
      events: [day('2025-11-01T10:00:00Z'), day('2026-11-20T10:00:00Z')],
    })
    await makePartitionsAhead(platform)
    for (const name of ['event_20261120', 'event_20261121', 'event_20261123'])
      assert.ok((await partitions(app)).includes(name))
    app.clock.set('2026-12-20T12:00:00Z')
    await forgetOld(platform)
    assert.ok(!(await partitions(app)).includes('event_20251101'))
    const { rows } = await sql<{ events: number; ids: number; applications: number; starts: number }>`
      select (select count(*) from event)::int as events, (select count(*) from event_seen)::int as ids,
        (select count(*) from journey_transaction)::int as applications, (select sum(starts) from measure_hour)::int as starts`.execute(
      app.db,
    )
    assert.deepEqual(rows[0], { events: 1, ids: 1, applications: 1, starts: 2 })
    const refused = await app.asGateway.api('POST', '/api/v1/events', { events: [day('2025-11-01T10:00:00Z')] })
    assert.equal(refused.json.refused[0].code, 'time-too-old')
  }))

test('tells open pages within a second that something was measured, at most twice a second', () =>
  withApp(async (app) => {
    const service = await app.aService()
    const heard: string[] = []
    app.phasegate.platform.live.subscribe(service.id, (_service, topic) => heard.push(topic))
    for (let index = 0; index < 12; index++) {
      await app.asGateway.api('POST', '/api/v1/events', { events: [day('2026-11-20T10:00:00Z', `live-${index}`)] })
    }
    assert.ok(heard.length >= 1 && heard.every((topic) => topic === 'measures'))
    assert.ok(heard.length < 12)
  }))
