import { after, before, describe, test } from 'node:test'
import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../test/support/app.ts'

let counter = 0

/** One application as events: what a gateway sends. */
function anApplication(
  service: string,
  {
    at = '2026-11-20T10:00:00.000Z',
    arm = 'new',
    steps = ['address'],
    end = 'done' as string | null,
    minutes = 5,
    transaction = `t${++counter}`,
    properties = undefined as object | undefined,
  } = {},
) {
  const about = { service, transaction, arm, properties }
  const later = (share: number) => new Date(Date.parse(at) + share * minutes * 60_000).toISOString()
  return [
    { id: `${transaction}-start`, time: at, name: 'start', ...about },
    ...steps.map((step) => ({ id: `${transaction}-${step}`, time: later(0.5), name: 'step', step, ...about })),
    ...(end === null ? [] : [{ id: `${transaction}-end`, time: later(1), name: 'end', step: end, ...about }]),
  ]
}

const sumTables = [
  'measure_hour',
  'duration_hour',
  'step_hour',
  'page_seen',
  'unit_seen',
  'visitor_day',
  'exposure',
  'exposure_hour',
]

/** Everything that pages read of a service, without what is zero again. */
async function figures(app: TestApp, serviceId: string): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {}
  for (const table of sumTables) {
    const { rows } = await sql<Record<string, unknown>>`
      select to_jsonb(t) - 'service_id' as row from ${sql.table(table)} t where service_id = ${serviceId}`.execute(
      app.db,
    )
    all[table] = rows
      .map(({ row }) => JSON.stringify(row))
      .filter((row) => !/"(n|reached)": ?0\b/.test(row))
      .sort()
  }
  return all
}

function shuffled<T>(list: T[], seed: number): T[] {
  let state = seed
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  return list
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}

describe('Events', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())
  const send = (events: unknown[], headers = {}) => app.asGateway.api('POST', '/api/v1/events', { events }, headers)

  test('MEA-15 a page sends events to the host of its service without a key, and says neither arm nor person', async () => {
    const service = await app.aService({ key: 'paged' })
    await app.aService({ key: 'other' })
    const time = app.clock.now().toISOString()
    const events = [
      { id: 'page-1', time, name: 'start', journey: 'apply', arm: 'current', unit: 'made-up' },
      { id: 'page-2', time, name: 'custom.opened-help', service: 'paged', properties: { page: 2 } },
      { id: 'page-3', time, name: 'custom.opened-help', service: 'other' },
      'not an event',
    ]
    const seen = {
      'x-phasegate-arm': 'new',
      'x-phasegate-transaction': 'of-the-gateway',
      'x-forwarded-for': '192.0.2.7',
    }
    const sent = (headers: Record<string, string>) =>
      app.asGateway.api('POST', '/edge/paged/events', { events }, headers)
    const { status, json } = await sent(seen)
    assert.deepEqual([status, json.stored, json.repeated], [200, 2, 0])
    assert.deepEqual(
      json.refused.map(({ index, code }: { index: number; code: string }) => [index, code]),
      [
        [2, 'unknown-service'],
        [3, 'not-an-object'],
      ],
    )
    const { rows } =
      await sql`select name, arm, unit, transaction from event where service_id = ${service.id} order by name`.execute(
        app.db,
      )
    assert.deepEqual(rows, [
      { name: 'custom.opened-help', arm: 'new', unit: null, transaction: null },
      { name: 'start', arm: 'new', unit: null, transaction: 'of-the-gateway' },
    ])
    assert.equal((await app.api('POST', '/edge/paged/events', { events })).status, 401)
    let last = await sent(seen)
    for (let n = 0; n < 700 && last.status === 200; n++)
      last = await app.asGateway.api('POST', '/edge/paged/events', { events: [] }, seen)
    assert.equal(last.status, 429)
    assert.ok(Number(last.headers.get('retry-after')) > 0)
    assert.equal((await sent({ ...seen, 'x-forwarded-for': '198.51.100.7' })).status, 200)
  })

  test('MEA-8 stores what is new, counts what came before, and says of each other one why it was refused', async () => {
    const [start, step, end] = anApplication('permit')
    const answer = await send([
      start,
      step,
      end,
      start,
      { ...end, id: 'other', service: 'nowhere' },
      { ...step, id: 'other', step: 'nowhere' },
      { ...step, id: 'other', journey: 'nowhere' },
      { ...start, id: 'other', name: 'begin' },
      { ...start, id: 'other', time: '2026-11-20T12:06:00Z' },
      { ...start, id: 'other', time: '2025-10-10T12:00:00Z' },
      { ...start, id: 'other', time: 'yesterday' },
      { ...start, id: 'other', transaction: undefined },
      { ...end, id: 'other', outcome: 'refused' },
      { ...end, id: 'other', step: undefined },
      { ...start, id: 'other', email: 'a@example.org' },
      { ...start, id: 'other', device: 'a\u0000b' },
      { ...start, id: 'other', properties: { deep: { er: 1 } } },
      { ...start, id: undefined },
      null,
      'start',
    ])
    assert.equal(answer.status, 200)
    assert.equal(answer.json.stored, 3)
    assert.equal(answer.json.repeated, 1)
    const codes = answer.json.refused.map(({ index, code }: { index: number; code: string }) => [index, code])
    assert.deepEqual(codes, [
      [4, 'unknown-service'],
      [5, 'unknown-step'],
      [6, 'unknown-journey'],
      [7, 'unknown-name'],
      [8, 'time-in-future'],
      [9, 'time-too-old'],
      [10, 'invalid-field'],
      [11, 'transaction-missing'],
      [12, 'outcome-differs'],
      [13, 'outcome-missing'],
      [14, 'unknown-field'],
      [15, 'invalid-field'],
      [16, 'invalid-field'],
      [17, 'invalid-field'],
      [18, 'not-an-object'],
      [19, 'not-an-object'],
    ])
    assert.ok(!answer.text.includes('nowhere'), 'what was sent is not repeated')
    const again = await send([start, step, end])
    assert.deepEqual(again.json, { stored: 0, repeated: 3, refused: [] })
  })

  test('MEA-8 counts an id once, also when it comes again with another time, or from another key', async () => {
    const [start] = anApplication('permit')
    assert.equal((await send([start])).json.stored, 1)
    assert.equal((await send([{ ...start, time: '2026-11-03T10:00:00Z' }])).json.repeated, 1)
    assert.equal((await app.asAdmin.api('POST', '/api/v1/events', { events: [start] })).json.repeated, 1)
  })

  test('MEA-9 comes to the same figures in whatever order, batches and repetitions the events arrive', async () => {
    const base = (service: string) => {
      counter = 1_000
      return [
        ...anApplication(service, { steps: ['address', 'vehicle'] }),
        ...anApplication(service, { arm: 'current', end: 'not-eligible', minutes: 70 }),
        ...anApplication(service, { end: null }),
        ...anApplication(service, { end: 'error', properties: { status: 500 } }),
        ...anApplication(service, { at: '2026-11-19T23:58:00.000Z', minutes: 9, properties: { visitor: 'v1' } }),
        ...anApplication(service, { properties: { rung: 'staff' } }),
        // The end page before the start page: two clocks that differ.
        ...anApplication(service, { minutes: -3 }),
        // A return to the same application, an error on the way, and two endings.
        ...anApplication(service, { transaction: 'again', end: 'error' }),
        {
          ...anApplication(service, { transaction: 'again', at: '2026-11-20T10:20:00.000Z', arm: 'current' })[0],
          id: 'again-2',
        },
        { ...anApplication(service, { transaction: 'again', at: '2026-11-20T11:10:00.000Z' })[2], id: 'again-3' },
        {
          id: 'x1',
          time: '2026-11-20T10:00:00Z',
          service,
          name: 'exposure',
          unit: 'u1',
          arm: 'current',
          properties: { assigned: 'new', rung: 'share', rolloutVersion: 3 },
        },
        {
          id: 'x2',
          time: '2026-11-20T10:30:00Z',
          service,
          name: 'exposure',
          unit: 'u1',
          arm: 'current',
          properties: { assigned: 'new', rung: 'share', rolloutVersion: 3 },
        },
        {
          id: 'x3',
          time: '2026-11-20T10:30:00Z',
          service,
          name: 'error',
          arm: 'new',
          unit: 'u1',
          properties: { status: 502 },
        },
        {
          id: 'x4',
          time: '2026-11-20T10:30:00Z',
          service,
          name: 'custom.gateway.traffic',
          arm: 'new',
          properties: { requests: 200, errors: 3 },
        },
      ]
    }
    const plain = await app.aService({ key: 'plain' })
    assert.deepEqual((await send(base('plain'))).json.refused, [])
    const expected = await figures(app, plain.id)
    for (const seed of [1, 2, 3, 4, 5]) {
      const key = `shuffled-${seed}`
      const service = await app.aService({ key })
      const events = shuffled([...base(key), ...base(key)], seed)
      while (events.length > 0) {
        const batches = [events.splice(0, 1 + (seed % 4)), events.splice(0, 3)]
        for (const { status } of await Promise.all(batches.map((batch) => send(batch)))) assert.equal(status, 200)
      }
      assert.deepEqual(await figures(app, service.id), expected)
    }
  })

  test('MEA-8 answers many callers at once, each with its own result, and stores each id once', async () => {
    const service = await app.aService({ key: 'busy' })
    const all = Array.from({ length: 400 }, () => anApplication('busy')).flat()
    const callers = Array.from({ length: 24 }, (_, caller) => all.slice(caller * 40, caller * 40 + 200))
    const answers = await Promise.all(callers.map((events) => send(events)))
    const stored = answers.reduce((sum, { json }) => sum + json.stored, 0)
    assert.ok(answers.every(({ json }, index) => json.stored + json.repeated === callers[index]?.length))
    assert.equal(stored, new Set(callers.flat().map(({ id }) => id)).size)
    const { rows } = await sql<{ n: number }>`select count(*) as n from event where service_id = ${service.id}`.execute(
      app.db,
    )
    assert.equal(rows[0]?.n, stored)
  })

  test('refuses more than a thousand events whole', async () => {
    const answer = await send(Array.from({ length: 1_001 }, () => ({})))
    assert.equal(answer.status, 413)
    assert.equal(answer.json.code, 'too-many-events')
  })

  test('names the field of a body that is no list of events', async () => {
    const answer = await app.asGateway.api('POST', '/api/v1/events', { event: [] })
    assert.equal(answer.status, 400)
    assert.match(answer.text, /body\.events/)
  })

  test('takes events of its own service only from a key of a service, and from a client key only on the pages of the service', async () => {
    await app.aService({ key: 'own', newUrl: 'https://own.example.org/apply' })
    const keyOf = async (kind: string) =>
      (await app.asAdmin.api('POST', '/api/v1/services/own/keys', { name: kind, kind })).json.secret as string
    const by = (secret: string, events: unknown[], origin?: string) =>
      app.api(
        'POST',
        '/api/v1/events',
        { events },
        { authorization: `Bearer ${secret}`, ...(origin ? { origin } : {}) },
      )
    const server = await keyOf('server')
    assert.equal((await by(server, anApplication('own'))).json.stored, 3)
    assert.equal((await by(server, anApplication('permit'))).json.refused[0].code, 'unknown-service')
    const inBrowser = await keyOf('client')
    assert.equal((await by(inBrowser, anApplication('own'))).json.stored, 0)
    assert.equal((await by(inBrowser, anApplication('own'), 'https://evil.example.org')).json.stored, 0)
    assert.equal((await by(inBrowser, anApplication('own'), 'https://own.example.org')).json.stored, 3)
    assert.equal((await app.api('POST', '/api/v1/events', { events: [] })).status, 401)
  })

  test('forgets the events of a service that is removed', async () => {
    const service = await app.aService({ key: 'passing', example: true })
    await send(anApplication('passing'))
    assert.equal((await app.asAdmin.api('DELETE', '/api/v1/services/passing')).status, 204)
    for (const table of ['event', 'event_seen', 'journey_transaction', 'measure_hour']) {
      const { rows } = await sql`select 1 from ${sql.table(table)} where service_id = ${service.id}`.execute(app.db)
      assert.equal(rows.length, 0, table)
    }
  })
})

test('refuses events while the disk is nearly full, with the time to try again, and takes them afterwards', async () => {
  let room = false
  const app = await startApp({ disk: { hasRoom: () => room, freeBytes: () => 0, stop: () => {} } })
  try {
    await app.aService()
    const events = anApplication('permit')
    const refused = await app.asGateway.api('POST', '/api/v1/events', { events })
    assert.equal(refused.status, 503)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    room = true
    assert.equal((await app.asGateway.api('POST', '/api/v1/events', { events })).json.stored, 3)
  } finally {
    await app.close()
  }
})

test('never acknowledges events while the database is away', async () => {
  const app = await startApp()
  try {
    await app.aService()
    await app.asGateway.api('POST', '/api/v1/events', { events: anApplication('permit') })
    const { pool } = app.database
    const connect = pool.connect
    pool.connect = (() =>
      Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))) as typeof pool.connect
    const events = anApplication('permit')
    const refused = await app.asGateway.api('POST', '/api/v1/events', { events })
    pool.connect = connect
    assert.equal(refused.status, 503)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal((await app.asGateway.api('POST', '/api/v1/events', { events })).json.stored, 3)
  } finally {
    await app.close()
  }
})
