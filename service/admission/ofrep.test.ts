import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OpenFeature } from '@openfeature/server-sdk'
import { newUnit } from '../../packages/admission/src/index.ts'
import { startApp, type Answer, type TestApp } from '../../test/support/app.ts'
import { letIn } from '../../test/support/invited.ts'
import { launchBrowser } from '../../test/support/browser.ts'
import { evaluateInBrowser } from '../../test/try-real/openfeature.ts'
import { ofrepSchema } from '../../test/support/ofrep-schema.ts'

const one = '/ofrep/v1/evaluate/flags/permit'
const all = '/ofrep/v1/evaluate/flags'

function conforms(answer: Answer, schema: string): void {
  const validate = ofrepSchema(schema)
  assert.ok(validate(answer.json), `${schema}: ${JSON.stringify(validate.errors)} ${answer.text}`)
}

describe('OFREP', () => {
  let app: TestApp
  let unit: string
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'permit', phase: 'private-beta' })
    unit = await letIn(app, 'permit', 'a@example.org')
    await settled()
  })
  after(() => app.close())

  /** The snapshot is read again within 50 ms of a change; asking for the state waits for it. */
  const settled = (): Promise<Answer> => app.asAdmin.api('GET', '/api/v1/services/permit/admission')
  const ask = (url: string, context: unknown, headers = {}): Promise<Answer> =>
    app.api('POST', url, { context }, headers)

  test('ADM-4 an invited person gets the new service, and the answer fits the published schema', async () => {
    const answer = await ask(one, { targetingKey: unit })
    assert.equal(answer.status, 200)
    conforms(answer, 'serverEvaluationSuccess')
    const { key, value, variant, reason, metadata } = answer.json
    assert.deepEqual(
      [key, value, variant, reason, metadata.rung],
      ['permit', true, 'new', 'TARGETING_MATCH', 'invited'],
    )
  })

  test('ADM-1 anybody else gets the current one with reason STATIC', async () => {
    const answer = await ask(one, { targetingKey: newUnit(), staff: true, role: 'owner' })
    conforms(answer, 'serverEvaluationSuccess')
    assert.deepEqual([answer.json.value, answer.json.reason], [false, 'STATIC'])
  })

  test('ADM-14 an unknown key, a missing targeting key and rubbish each get their own answer', async () => {
    const unknown = await ask('/ofrep/v1/evaluate/flags/nothing', { targetingKey: unit })
    assert.deepEqual([unknown.status, unknown.json.errorCode], [404, 'FLAG_NOT_FOUND'])
    conforms(unknown, 'flagNotFound')
    const missing = await ask(one, {})
    assert.deepEqual([missing.status, missing.json.errorCode], [400, 'TARGETING_KEY_MISSING'])
    conforms(missing, 'evaluationFailure')
    for (const context of [null, 7, [], 'x', { targetingKey: 7 }, { targetingKey: 'x'.repeat(300) }]) {
      const answer = await ask(one, context)
      assert.deepEqual([answer.status, answer.json.errorCode], [400, 'INVALID_CONTEXT'], JSON.stringify(context))
      conforms(answer, 'evaluationFailure')
      const bulk = await ask(all, context)
      assert.deepEqual([bulk.status, bulk.json.errorCode], [400, 'INVALID_CONTEXT'], JSON.stringify(context))
      conforms(bulk, 'bulkEvaluationFailure')
    }
    const broken = await fetch(new URL(one, app.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"context":',
    })
    assert.equal(broken.status, 400)
    assert.equal(((await broken.json()) as { errorCode: string }).errorCode, 'PARSE_ERROR')
    const named = await fetch(new URL(one, app.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"context":{"targetingKey":"q","__proto__":{}}}',
    })
    const said = (await named.json()) as { errorCode: string; errorDetails: string }
    assert.deepEqual([named.status, said.errorCode], [400, 'PARSE_ERROR'])
    assert.match(said.errorDetails, /Leave out what is called __proto__/)
    const asForm = await fetch(new URL(one, app.url), {
      method: 'POST',
      body: new URLSearchParams('{"context":{"targetingKey":"q"}}'),
    })
    assert.equal(asForm.status, 400)
    assert.match(await asForm.text(), /sent as application\/json/)
    const deep = await fetch(new URL(all, app.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"context":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    })
    assert.equal(deep.status, 400)
    assert.equal(deep.headers.get('access-control-allow-origin'), '*')
  })

  test('ADM-4 in bulk a missing targeting key is told flag by flag with 200', async () => {
    const answer = await ask(all, {})
    assert.equal(answer.status, 200)
    conforms(answer, 'bulkEvaluationSuccess')
    assert.deepEqual(
      answer.json.flags.map((flag: { key: string; errorCode: string }) => [flag.key, flag.errorCode]),
      [['permit', 'TARGETING_KEY_MISSING']],
    )
  })

  test('ADM-4 the ETag is over this person’s answers: a 304 never shows somebody another’s', async () => {
    const mine = await ask(all, { targetingKey: unit })
    conforms(mine, 'bulkEvaluationSuccess')
    const etag = mine.headers.get('etag') ?? ''
    assert.match(etag, /^"[\w-]+"$/)
    const again = await ask(all, { targetingKey: unit }, { 'if-none-match': etag })
    assert.deepEqual([again.status, again.text], [304, ''])
    // It says nothing of a body that there is not: the one that the client holds stays what it was.
    assert.deepEqual([again.headers.get('content-type'), again.headers.get('content-length')], [null, null])
    const other = await ask(all, { targetingKey: newUnit() }, { 'if-none-match': etag })
    assert.equal(other.status, 200)
    assert.notEqual(other.headers.get('etag'), etag)
  })

  test('what an address takes is said to whoever asks it another way', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await app.api(method, one)
      assert.deepEqual([answer.status, answer.json.code], [405, 'wrong-method'], method)
      assert.equal(answer.headers.get('allow'), 'POST, OPTIONS')
      assert.equal(answer.json.detail, 'It takes POST, OPTIONS.')
    }
    assert.equal((await fetch(new URL(one, app.url), { method: 'HEAD' })).status, 405)
    assert.equal((await app.asAdmin.api('GET', `/api/v1/services/permit/features/${'x'.repeat(300)}`)).status, 400)
    assert.equal((await app.api('GET', '/api/v1/nothing')).status, 404)
  })

  test('ADM-4 browsers of other sites may ask and may read the ETag', async () => {
    const preflight = await fetch(new URL(all, app.url), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://permits.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,if-none-match',
      },
    })
    assert.equal(preflight.status, 204)
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /if-none-match/)
    const answer = await ask(all, { targetingKey: unit }, { origin: 'https://permits.example.org' })
    assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /ETag/)
  })

  test('ADM-71 a key that is none is refused, in either header, so that nobody is answered as a stranger unawares', async () => {
    for (const headers of [
      { authorization: 'Bearer pgk_that_was_never_made' },
      { authorization: 'bearer cut.short' },
      { 'x-api-key': 'pgk_that_was_never_made' },
    ]) {
      const refused = await ask(one, { targetingKey: unit }, headers)
      assert.deepEqual([refused.status, refused.json.code], [401, 'key-not-known'])
      assert.equal(refused.headers.get('access-control-allow-origin'), '*')
      assert.equal(refused.headers.get('www-authenticate'), 'Bearer')
    }
    const { secret } = (
      await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'application', kind: 'server' })
    ).json
    const taken = await ask(one, { targetingKey: unit }, { 'x-api-key': secret })
    assert.deepEqual([taken.status, taken.json.value], [200, true])
  })

  test('ADM-71 a client key works on the pages of its service, and on no others', async () => {
    const made = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'pages', kind: 'client' })
    const authorization = `Bearer ${made.json.secret}`
    const { newUrl } = (await app.asAdmin.api('GET', '/api/v1/services/permit')).json
    for (const url of [one, all]) {
      const own = await ask(url, { targetingKey: unit }, { authorization, origin: new URL(newUrl).origin })
      assert.equal(own.status, 200, url)
      const foreign = await ask(url, { targetingKey: unit }, { authorization, origin: 'https://elsewhere.example.org' })
      assert.deepEqual([foreign.status, foreign.json.code], [403, 'key-not-here'], url)
    }
    const narrow = await app.api('GET', '/api/v1/snapshot/stream', undefined, { authorization })
    assert.deepEqual([narrow.status, narrow.json.code], [403, 'key-not-allowed'])
  })

  test('ADM-71 a client key that was made for origins works on those pages, for decisions, events and feedback', async () => {
    const origins = ['https://app.example.org', 'http://localhost:3000']
    const keys = '/api/v1/services/permit/keys'
    const made = await app.asAdmin.api('POST', keys, { name: 'pages', kind: 'client', origins })
    assert.deepEqual(made.json.origins, origins)
    const authorization = `Bearer ${made.json.secret}`
    const { newUrl } = (await app.asAdmin.api('GET', '/api/v1/services/permit')).json
    const event = { id: 'one', time: app.clock.now().toISOString(), service: 'permit', name: 'custom.seen' }
    const sent = async (path: string, origin: string, body: object) =>
      app.api('POST', path, body, { authorization, origin })
    for (const origin of origins) {
      for (const url of [one, all])
        assert.equal((await ask(url, { targetingKey: unit }, { authorization, origin })).status, 200)
      const id = `at ${origins.indexOf(origin)}`.replace(' ', '-')
      assert.equal((await sent('/api/v1/events', origin, { events: [{ ...event, id }] })).json.stored, 1)
      assert.equal((await sent('/api/v1/feedback', origin, { service: 'permit', rating: 4 })).status, 201)
    }
    const foreign = new URL(newUrl).origin
    assert.equal((await ask(one, { targetingKey: unit }, { authorization, origin: foreign })).status, 403)
    assert.equal((await sent('/api/v1/events', foreign, { events: [event] })).json.refused[0].code, 'unknown-service')
    assert.equal((await sent('/api/v1/feedback', foreign, { service: 'permit', rating: 4 })).status, 404)
    for (const wrong of [['https://app.example.org/page'], ['*'], ['javascript:alert(1)']])
      assert.equal((await app.asAdmin.api('POST', keys, { name: 'a', kind: 'client', origins: wrong })).status, 400)
    const secret = await app.asAdmin.api('POST', keys, { name: 'a', kind: 'server', origins })
    assert.equal(secret.json.code, 'key-without-pages')
  })

  test('ADM-4 the official client for servers agrees with the decision', async () => {
    await OpenFeature.setProviderAndWait('admission', new OFREPProvider({ baseUrl: app.url }))
    const client = OpenFeature.getClient('admission')
    const mine = await client.getBooleanDetails('permit', false, { targetingKey: unit })
    assert.deepEqual([mine.value, mine.variant, mine.reason], [true, 'new', 'TARGETING_MATCH'])
    const other = await client.getBooleanDetails('permit', true, { targetingKey: newUnit() })
    assert.deepEqual([other.value, other.variant, other.reason], [false, 'current', 'STATIC'])
    const unknown = await client.getBooleanDetails('nothing', true, { targetingKey: unit })
    assert.deepEqual([unknown.value, unknown.errorCode], [true, 'FLAG_NOT_FOUND'])
    const wrongType = await client.getStringDetails('permit', 'fallback', { targetingKey: unit })
    assert.deepEqual([wrongType.value, wrongType.errorCode], ['fallback', 'TYPE_MISMATCH'])
    await OpenFeature.clearProviders()
  })

  test('ADM-4 the official client for browsers agrees, from a page of another site, and hears of a halt by itself', async () => {
    const site = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<h1>Site</h1>'),
    )
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const context = await (await launchBrowser()).newContext()
    try {
      const page = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
      const mine = await evaluateInBrowser(context, page, app.url, 'permit', unit)
      assert.deepEqual([mine.value, mine.variant, mine.reason], [true, 'new', 'TARGETING_MATCH'])
      const other = await evaluateInBrowser(context, page, app.url, 'permit', newUnit())
      assert.deepEqual([other.value, other.variant], [false, 'current'])
      const tab = await context.newPage()
      await tab.goto(page)
      const told = tab.evaluate(
        `new Promise((resolve) => { const s = new EventSource(${JSON.stringify(`${app.url}/ofrep/v1/events`)}); s.onmessage = (m) => resolve(m.data); s.onopen = () => (document.title = 'open') })`,
      )
      await tab.waitForFunction("document.title === 'open'")
      await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Test' })
      assert.deepEqual(JSON.parse(String(await told)), { type: 'refetchEvaluation' })
      const manager = await app.signIn('service-manager', 'permit')
      await manager.post('/services/permit/resume')
    } finally {
      await context.close()
      site.close()
    }
  })

  test('ADM-30 what changes between the answers and the listening is told as the stream opens', async () => {
    const stream = async (): Promise<string> => {
      const { json } = await ask(all, { targetingKey: unit })
      return `${app.url}${json.eventStreams[0].endpoint.requestUri}`
    }
    const now = await stream()
    await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 100 })
    await settled()
    assert.notEqual(await stream(), now)
    const ended = new AbortController()
    const { body } = await fetch(now, { signal: ended.signal })
    let heard = ''
    for await (const piece of body ?? []) {
      heard += Buffer.from(piece).toString()
      if (heard.includes('refetchEvaluation')) break
    }
    ended.abort()
  })

  test('ADM-22 a halt is DISABLED for everybody, with and without a targeting key', async () => {
    await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Test' })
    for (const context of [{ targetingKey: unit }, {}]) {
      const answer = await ask(one, context)
      conforms(answer, 'serverEvaluationSuccess')
      assert.deepEqual(
        [answer.status, answer.json.value, answer.json.reason, answer.json.metadata.rung],
        [200, false, 'DISABLED', 'halt'],
      )
    }
    const manager = await app.signIn('service-manager', 'permit')
    assert.equal((await manager.post('/services/permit/resume', { reason: 'Mended' })).status, 303)
    assert.equal((await ask(one, { targetingKey: unit })).json.value, true)
  })

  test('ADM-10 under a cap only a server key lets somebody in by asking, and the ledger holds it', async () => {
    await app.aService({ key: 'open', phase: 'public-beta' })
    await app.asAdmin.api('PUT', '/api/v1/services/open/cap', { cap: 1 })
    await app.asAdmin.api('PUT', '/api/v1/services/open/share', { percent: 100 })
    const open = '/ofrep/v1/evaluate/flags/open'
    const person = newUnit()
    assert.equal((await ask(open, { targetingKey: person })).json.value, false)
    const { secret } = (
      await app.asAdmin.api('POST', '/api/v1/services/open/keys', { name: 'application', kind: 'server' })
    ).json
    const asServer = { authorization: `Bearer ${secret}` }
    const first = await ask(open, { targetingKey: person }, asServer)
    assert.deepEqual([first.json.value, first.json.reason], [true, 'SPLIT'])
    assert.equal((await ask(open, { targetingKey: newUnit() }, asServer)).json.value, false)
    const state = (await app.asAdmin.api('GET', '/api/v1/services/open/admission')).json
    assert.deepEqual([state.places.taken, state.byRung.share], [1, 1])
    assert.equal((await ask(open, { targetingKey: person })).json.value, true)

    await app.asAdmin.api('PUT', '/api/v1/services/open/cap', { cap: 4 })
    await app.asAdmin.api('GET', '/api/v1/services/open/admission')
    const ownIds = ['customer-17', 'twenty-two-letters-à-é', 'application-made-ids-1']
    for (const targetingKey of ownIds)
      assert.equal((await ask(open, { targetingKey }, asServer)).json.value, true, targetingKey)
    await app.phasegate.admission.snapshots.refresh(null)
    for (const targetingKey of ownIds) assert.equal((await ask(open, { targetingKey })).json.value, true, targetingKey)
    assert.equal((await ask(open, { targetingKey: 'customer-18' })).json.value, false)
  })

  test('ADM-10 an answer with all flags that lets somebody in under a cap decides the features of the service by it', async () => {
    await app.aService({ key: 'shop', phase: 'public-beta' })
    const at = '/api/v1/services/shop'
    await app.asAdmin.api('PUT', `${at}/cap`, { cap: 1 })
    await app.asAdmin.api('PUT', `${at}/share`, { percent: 100 })
    const flag = { name: 'Lists', description: 'Lists', kind: 'release', key: 'release-shop-lists', appliesTo: 'new' }
    await app.asAdmin.api('POST', `${at}/features`, flag)
    await app.asAdmin.api('PUT', `${at}/features/${flag.key}/switch`, { on: true, reason: 'Ready' })
    const { secret } = (await app.asAdmin.api('POST', `${at}/keys`, { name: 'application', kind: 'server' })).json
    const rungs = async (): Promise<string[]> => {
      const answer = await ask(all, { targetingKey: newUnit() }, { authorization: `Bearer ${secret}` })
      conforms(answer, 'bulkEvaluationSuccess')
      return answer.json.flags.map((each: { metadata: { rung: string } }) => each.metadata.rung)
    }
    // It is in development: of people in the new service nobody has it yet.
    assert.deepEqual(await rungs(), ['share', 'default'])
    assert.deepEqual(await rungs(), ['default', 'service'])
  })
})
