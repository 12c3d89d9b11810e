import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { serviceRoles } from '../service/platform/index.ts'
import { startApp, type TestApp } from './support/app.ts'
import { attempts, operationsOf, weaknesses, type Attempt, type Operation } from './support/fuzz.ts'

/** Chosen by the seed, so that a run repeats; `npm run chaos -- 29` sends all of them, as each role. */
const seed = 20_261_120
const perOperation = 14
const loadTest = { reference: 'x', reached: 1, requests: 1, failed: 0, p95Ms: 1 }

describe('hostile input', () => {
  let app: TestApp
  let operations: Operation[]
  let callers: Record<string, string>[]
  const known = {
    service: 'permit',
    gate: 'private-beta-to-public-beta',
    criterion: 'roll-out',
    kpi: 'completion-rate',
    key: '00000000-0000-4000-8000-000000000000',
    id: '00000000-0000-4000-8000-000000000000',
    batch: '00000000-0000-4000-8000-000000000000',
    code: '00000000-0000-4000-8000-000000000000',
    question: '00000000-0000-4000-8000-000000000000',
    quota: '00000000-0000-4000-8000-000000000000',
    suppressed: '00000000-0000-4000-8000-000000000000',
    evidence: '00000000-0000-4000-8000-000000000000',
    reference: '2222-2222',
    who: 'who@example.org',
  }
  before(async () => {
    app = await startApp()
    await app.aService()
    const { json } = await app.api('GET', '/api/v1/openapi.json')
    operations = operationsOf(json)
    const people = await Promise.all(serviceRoles.slice(0, 3).map((role) => app.signIn(role, 'permit')))
    callers = [app.asAdmin, ...people, await app.signIn('owner'), await app.signIn('member'), app.asGateway, app].map(
      ({ headers }) => headers,
    )
  })
  after(() => app.close())

  test('every operation of the API answers one bad thing at a time with a documented refusal [promise 29]', async () => {
    assert.ok(operations.length > 50, `${operations.length} operations`)
    const found: string[] = []
    for (const [index, operation] of operations.entries()) {
      const all = attempts(operation, known, seed + index)
      for (const [turn, attempt] of spread(all, perOperation, seed + index).entries()) {
        // Mostly as the one who may do anything: what is refused at the door is never read.
        const headers = callers[turn % 3 === 2 ? (turn + index) % callers.length : 0] ?? {}
        found.push(...(await tried(app.url, attempt, headers)))
      }
    }
    assert.deepEqual(found, [])
  })

  test('IN-10 a day that no calendar has is refused wherever a day is taken [promise 29]', async () => {
    await app.aService({ key: 'days', name: 'Days' })
    const at = '/api/v1/services/days'
    const { json: feature } = await app.asAdmin.api('POST', `${at}/features`, {
      ...{ kind: 'release', name: 'Map', description: 'Streets on a map' },
    })
    const ofFeature = `${at}/features/${feature.key}`
    const gate = `${at}/gates/private-beta-to-public-beta`
    const takesDay: [method: string, path: string, body: (day: string) => object][] = [
      ['POST', `${at}/unexpected-uses`, (seenOn) => ({ seen: 'x', seenBy: 'y', seenOn })],
      ['POST', `${at}/capacity/load-tests`, (ranOn) => ({ ...loadTest, ranOn })],
      ['POST', `${ofFeature}/planning-records`, (talkedOn) => ({ talkedOn, note: 'x' })],
      ['POST', `${ofFeature}/announcements`, (publicOn) => ({ publicOn, body: 'x' })],
      ['POST', `${gate}/criteria/roll-out/evidence`, (dated) => ({ title: 'x', dated, owner: 'y' })],
      ['PUT', `${gate}/date`, (day) => ({ day })],
      ['PUT', `${at}/plan`, (startsOn) => ({ steps: [{ startsOn }] })],
    ]
    const today = app.clock.now().toISOString().slice(0, 10)
    for (const [method, path, body] of takesDay) {
      const real = await app.asAdmin.api(method, path, body(today))
      assert.ok(real.status < 300, `${method} ${path}: ${real.text}`)
      for (const day of ['0000-01-01', '2026-02-30', '1899-12-31', '20261-01-01', '2026-1-1']) {
        const { status, text } = await app.asAdmin.api(method, path, body(day))
        assert.equal(status, 400, `${method} ${path} with ${day}: ${text}`)
      }
    }
  })

  for (const [says, body, code] of [
    ['nested 61 deep', `${'['.repeat(61)}${']'.repeat(61)}`, 'too-deep'],
    ['nested 5,000 deep', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 'too-deep'],
    ['1,001 fields wide', `{"a":{${Array.from({ length: 1_001 }, (_, n) => `"k${n}":${n}`).join(',')}}}`, 'too-wide'],
    ['that names the prototype', '{"__proto__":{"isAdmin":true}}', 'prototype-named'],
    ['with U+0000 in it', String.raw`{"name":"a\u0000b"}`, 'invalid-request'],
    ['with half a character in it', String.raw`{"name":"\ud800"}`, 'invalid-request'],
    ['cut off', '{"name":', 'not-json'],
  ] as const) {
    test(`JSON ${says} is refused with a code, and never repeated [promise 29]`, async () => {
      const answer = await app.asAdmin.api('PATCH', '/api/v1/services/permit', undefined, {})
      assert.equal(answer.status, 400)
      const { status, text } = await send(app.url, 'PATCH', '/api/v1/services/permit', app.asAdmin.headers, body)
      assert.equal(status, 400)
      assert.equal(JSON.parse(text).code, code)
      assert.ok(text.length < 1_000)
    })
  }

  for (const contentType of [
    'application/json\t',
    'application/json;',
    'application/json; charset=utf-7',
    'application/json, text/plain',
    'application/json garbage',
    'APPLICATION/JSON',
    'application/\tjson',
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'multipart/form-data',
    '',
  ]) {
    test(`Content-Type “${contentType.replace('\t', '<tab>')}” never lets an unchecked body through [promise 29]`, async () => {
      const headers = { ...app.asAdmin.headers, 'content-type': contentType }
      const { status, text } = await send(
        app.url,
        'PUT',
        '/api/v1/services/permit/cap',
        headers,
        '{"cap":"not a number"}',
      )
      assert.ok(status === 400 || status === 415, `answers ${status}`)
      assert.ok(!/FST_ERR|fastify/i.test(text), text)
    })
  }

  for (const [says, path] of [
    ['a broken percent sign', '/services/%zz'],
    ['U+0000', '/services/%00'],
    ['U+0000 in a service that is there', '/api/v1/services/permit/people/%00'],
    ['dots that climb', '/services/%2e%2e/%2e%2e/etc/passwd'],
    ['a segment of 3,000 letters', `/services/${'a'.repeat(3_000)}`],
    ['invalid UTF-8', '/services/%ff%fe'],
    ['a thousand query fields', `/sign-in?${Array.from({ length: 1_000 }, (_, index) => `a${index}=1`).join('&')}`],
    ['a field that comes twice', '/sign-in?to=/a&to=/b'],
    ['a field of a prototype', '/sign-in?__proto__[x]=1&constructor=2'],
  ] as const) {
    test(`An address with ${says} is answered plainly [promise 29]`, async () => {
      const { status, text } = await send(app.url, 'GET', path, app.asAdmin.headers, null)
      assert.ok(status < 500, `answers ${status}`)
      assert.ok(!/FST_ERR|fastify|passwd|\bat .*\.ts/i.test(text), text.slice(0, 300))
    })
  }

  test('Rubbish in cookies and overlong headers are answered plainly [promise 29]', async () => {
    for (const cookie of [
      '=',
      ';;;',
      'phasegate_session=%zz',
      `phasegate_session=${'x'.repeat(6_000)}`,
      'a=\u00ff',
      '__proto__=1',
    ]) {
      const { status } = await send(app.url, 'GET', '/', { cookie }, null)
      assert.equal(status, 303, cookie.slice(0, 30))
    }
    assert.equal((await send(app.url, 'GET', '/', { 'x-long': 'x'.repeat(20_000) }, null)).status, 431)
    assert.equal((await send(app.url, 'GET', '/health', {}, null)).status, 200)
  })

  test('Forms with thousands of fields, fields that come twice, and JSON in their place are refused on the page [promise 29]', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const form = 'application/x-www-form-urlencoded'
    const urls = [
      '/services/permit/team',
      '/services/permit/settings',
      '/services/permit/admission/share',
      '/services/permit/phase',
    ]
    const many = Array.from({ length: 5_000 }, (_, index) => `f${index}=${index}`).join('&')
    for (const url of urls) {
      for (const [contentType, body] of [
        [form, many],
        [form, 'name=a&name=b&name=c&role=viewer&role=viewer'],
        [form, 'name=%00&email=%00&reason=%00'],
        [form, '__proto__=1&constructor=2&toString=3'],
        ['application/json', '{"name":{"toString":1,"valueOf":1},"reason":[{"toString":1}],"role":{},"to":null}'],
      ] as const) {
        const { status, text } = await send(
          app.url,
          'POST',
          url,
          { ...manager.headers, 'content-type': contentType },
          body,
        )
        assert.ok([400, 422].includes(status), `${url} answers ${status} to ${body.slice(0, 40)}`)
        assert.ok(!/\bat .*\.ts|TypeError/.test(text))
      }
    }
  })

  test('OFREP answers hostile bodies in its own shape [promise 35]', async () => {
    for (const body of [
      '',
      '[]',
      'null',
      '{"context":null}',
      '{"context":[]}',
      String.raw`{"context":{"targetingKey":"\u0000"}}`,
      `{"context":{"targetingKey":"${'x'.repeat(50_000)}"}}`,
      `{"context":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`,
    ]) {
      for (const path of ['/ofrep/v1/evaluate/flags', '/ofrep/v1/evaluate/flags/permit']) {
        const { status, text } = await send(app.url, 'POST', path, {}, body)
        assert.ok(status === 200 || status === 400, `${path} answers ${status} to ${body.slice(0, 40)}`)
        if (status === 400)
          assert.match(JSON.parse(text).errorCode, /^(PARSE_ERROR|INVALID_CONTEXT|TARGETING_KEY_MISSING|GENERAL)$/)
      }
    }
  })
})

async function tried(base: string, attempt: Attempt, headers: Record<string, string>): Promise<string[]> {
  const { method } = attempt.operation
  const sent = attempt.body === null ? headers : { ...headers, 'content-type': attempt.contentType }
  const answer = await send(base, method, attempt.path, sent, attempt.body)
  return weaknesses(attempt, answer).map(
    (weakness) => `${method} ${attempt.path.slice(0, 120)}, ${attempt.says}: ${weakness}`,
  )
}

/** Some of many, the same ones each time; the first one, which fits, always. */
function spread<T>(all: readonly T[], count: number, from: number): T[] {
  const step = Math.max(1, Math.floor(all.length / count))
  return all.filter((_, index) => index === 0 || (index + from) % step === 0).slice(0, count + 1)
}

function send(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string | null,
): Promise<{ status: number; contentType: string; text: string }> {
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const kind = body === null || 'content-type' in headers ? {} : { 'content-type': 'application/json' }
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = { accept: 'text/html', ...headers, ...kind, ...length }
    // By parts: an address of this kind must not be put right on its way.
    const request = httpRequest({ hostname, port, path, method, headers: sent, agent: false }, (response) => {
      const answer = { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '' }
      // Its head is all that a stream ever says.
      if (answer.contentType.includes('event-stream')) {
        resolve({ ...answer, text: '' })
        return void response.destroy()
      }
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ ...answer, text })).on('error', reject)
    })
    request.on('error', reject)
    request.end(body ?? undefined)
  })
}
