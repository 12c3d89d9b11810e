import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { newUnit } from '../packages/admission/src/index.ts'
import { askForHalt } from './local-halt.ts'
import { outsideHost, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { until } from '../test/support/until.ts'

const rigs: GatewayRig[] = []
async function aRig(...options: Parameters<typeof startGatewayRig>): Promise<GatewayRig> {
  const rig = await startGatewayRig(...options)
  rigs.push(rig)
  return rig
}
after(async () => {
  for (const rig of rigs) await rig.close()
})

const outside = `http://${outsideHost}`

function headersOf(text: string): Record<string, string> {
  const { headers } = JSON.parse(text) as { headers: string[] }
  const found: Record<string, string> = {}
  for (let at = 0; at < headers.length; at += 2) found[(headers[at] ?? '').toLowerCase()] = headers[at + 1] ?? ''
  return found
}

describe('An application behind the gateway', () => {
  for (const arm of ['current', 'new'] as const) {
    test(`GW-9 works unchanged as the ${arm} arm: Origin, absolute redirects, cookies with a Domain`, async () => {
      const rig = await aRig()
      const cookie = arm === 'new' ? rig.pass() : 'other=1'
      const login = await rig.ask('/login', { headers: { cookie } })
      assert.equal(login.headers['x-served-by'], arm)
      assert.equal(login.headers.location, `${outside}/home?from=login`)
      assert.deepEqual(login.setCookies, [`session=of-${arm}; Path=/; HttpOnly`, 'theme=dark; Path=/'])
      const sent = await rig.ask('/form', {
        headers: { cookie, origin: outside, referer: `${outside}/form` },
        form: { a: '1' },
      })
      assert.equal(sent.status, 303, sent.text)
      assert.equal(sent.headers.location, `${outside}/done`)
      const foreign = await rig.ask('/form', { headers: { cookie, origin: 'https://evil.example' }, form: { a: '1' } })
      assert.equal(foreign.status, 403)
    })
  }

  test('GW-9 works where it is told the outside name as its base URL, as soon as it has named it', async () => {
    const rig = await aRig({ current: { base: outside } })
    assert.equal((await rig.ask('/login')).headers.location, `${outside}/home?from=login`)
    assert.equal((await rig.ask('/form', { headers: { origin: outside }, form: { a: '1' } })).status, 303)
  })

  test('GW-9 works where it believes X-Forwarded-Host and X-Forwarded-Proto', async () => {
    const rig = await aRig({ current: { trustsProxy: true } })
    const login = await rig.ask('/login')
    assert.equal(login.headers.location, `${outside}/home?from=login`)
    assert.deepEqual(login.setCookies, [
      `session=of-current; Domain=${outsideHost}; Path=/; HttpOnly`,
      'theme=dark; Path=/',
    ])
    assert.equal((await rig.ask('/form', { headers: { origin: outside }, form: { a: '1' } })).status, 303)
  })

  test('GW-9 works where it believes X-Forwarded-*, also when the first thing that it gets is a form', async () => {
    const rig = await aRig({ current: { trustsProxy: true } })
    const sent = await rig.ask('/form', { headers: { origin: outside }, form: { a: '1' } })
    assert.equal(sent.status, 303, sent.text)
    assert.equal(sent.headers.location, `${outside}/done`)
    assert.equal(
      (await rig.ask('/form', { headers: { origin: 'https://evil.example' }, form: { a: '1' } })).status,
      403,
    )
    assert.equal((await rig.ask('/form', { headers: { origin: 'null' }, form: { a: '1' } })).status, 403)
  })

  test('GW-9 works where TLS ends before the gateway', async () => {
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' }
    for (const trustsProxy of [true, false]) {
      const rig = await aRig({ current: { trustsProxy }, trustedProxies: ['127.0.0.1'] })
      assert.equal(
        (await rig.ask('/login', { headers: https })).headers.location,
        `https://${outsideHost}/home?from=login`,
      )
    }
    const believing = await aRig({ current: { trustsProxy: true }, trustedProxies: ['127.0.0.1'] })
    const sent = await believing.ask('/form', {
      headers: { ...https, origin: `https://${outsideHost}` },
      form: { a: '1' },
    })
    assert.equal(sent.headers.location, `https://${outsideHost}/done`)
  })

  test('GW-9 what was learned of an application’s base outlives a restart, so that its next form is not refused', async () => {
    const rig = await aRig({ current: { base: outside } })
    const send = () => rig.ask('/form', { headers: { origin: outside }, form: { a: '1' } })
    assert.equal((await send()).status, 403)
    await rig.ask('/login')
    assert.equal((await send()).status, 303)
    await rig.restart()
    assert.equal((await send()).status, 303)
  })

  test('GW-9 the base can be said in gateway.yaml and then nothing is learned', async () => {
    const rig = await aRig({ current: { base: outside }, config: { applicationBase: 'outside' } })
    assert.equal((await rig.ask('/form', { headers: { origin: outside }, form: { a: '1' } })).status, 303)
    assert.equal(headersOf((await rig.ask('/echo')).text)['host'], outsideHost)
  })

  test('GW-8 is told who asks and how it looks outside, and never sees the pass', async () => {
    const rig = await aRig()
    const unit = newUnit()
    const cookie = `a=1; ${rig.pass({ unit })}; pgc_parking=new; phasegate_session=secret; b=2`
    const seen = headersOf((await rig.ask('/echo', { headers: { cookie } })).text)
    assert.equal(seen['x-pg-unit'], unit)
    assert.equal(seen['x-pg-arm'], 'new')
    assert.equal(seen['x-pg-phase'], 'private-beta')
    assert.equal(seen['cookie'], 'a=1; b=2')
    assert.equal(seen['host'], new URL(rig.new.url).host)
    assert.equal(seen['x-forwarded-host'], outsideHost)
    assert.equal(seen['x-forwarded-proto'], 'http')
    assert.equal(seen['x-forwarded-for'], '127.0.0.1')
    assert.equal(headersOf((await rig.ask('/echo', { headers: { cookie: 'pg_parking=x' } })).text)['cookie'], undefined)
  })

  test('GW-8 X-Forwarded-* of a browser are replaced, those of a trusted proxy believed', async () => {
    const forged = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
    }
    const plain = await aRig()
    const seen = headersOf((await plain.ask('/echo', { headers: forged })).text)
    assert.deepEqual(
      [seen['x-forwarded-for'], seen['x-forwarded-proto'], seen['x-forwarded-host']],
      ['127.0.0.1', 'http', outsideHost],
    )
    const behind = await aRig({ trustedProxies: ['127.0.0.1'] })
    const told = headersOf((await behind.ask('/echo', { headers: forged })).text)
    assert.deepEqual(
      [told['x-forwarded-for'], told['x-forwarded-proto'], told['x-forwarded-host']],
      ['203.0.113.9, 127.0.0.1', 'https', outsideHost],
    )
    assert.equal(
      (await behind.ask('/login', { headers: forged })).headers.location,
      `https://${outsideHost}/home?from=login`,
    )
  })

  test('GW-11 only files are left to a shared cache, and each by its cookie [promise 40]', async () => {
    const rig = await aRig()
    assert.equal((await rig.ask('/')).headers['vary'], 'Cookie')
    assert.equal((await rig.ask('/?vary=1')).headers['vary'], 'Accept-Language, Cookie')
    assert.equal((await rig.ask('/login')).headers['cache-control'], 'private')
    const caching = async (path: string, cookie = 'a=1'): Promise<unknown[]> => {
      const { headers } = await rig.ask(path, { headers: { cookie } })
      return [headers['x-served-by'], headers['cache-control'], headers['vary'], headers['x-accel-expires']]
    }
    assert.deepEqual(await caching('/assets/a.js'), ['current', 'public, max-age=60', 'Cookie', undefined])
    assert.deepEqual(await caching('/assets/a.js?pg_arm=new'), ['new', 'public, max-age=60', undefined, undefined])
    const stored = '/?cache=public,max-age=600,s-maxage=900&accel=600'
    assert.deepEqual(await caching(stored), ['current', 'private, max-age=600', 'Cookie', undefined])
    assert.deepEqual(await caching(stored, rig.pass()), ['new', 'private, no-cache', 'Cookie', undefined])
  })

  test('GW-11 what stands in for the new service is not kept [promise 40]', async () => {
    const rig = await aRig()
    const pass = rig.pass()
    await rig.new.stop()
    for (const path of ['/assets/a.js', '/?cache=public,max-age=600', '/assets/a.js?pg_arm=new']) {
      const { headers } = await rig.ask(path, { headers: { cookie: pass } })
      assert.deepEqual([headers['x-served-by'], headers['cache-control']], ['current', 'private, no-store'])
    }
    await rig.new.start()
    await rig.publish((feed) => {
      for (const service of feed.snapshot.services) service.halt = { id: 'h1', at: '2026-01-05T10:00:00Z' }
    })
    const { headers } = await rig.ask('/assets/a.js', { headers: { cookie: pass } })
    assert.deepEqual([headers['x-served-by'], headers['cache-control']], ['current', 'private, no-store'])
  })

  test('GW-15 an 8 MiB upload arrives whole, with a length and in chunks, with a pass and without', async () => {
    const rig = await aRig()
    const body = randomBytes(8 * 1024 * 1024)
    const expected = { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') }
    for (const cookie of ['a=1', rig.pass()]) {
      const framings: Record<string, string>[] = [
        { 'content-length': String(body.length) },
        { 'transfer-encoding': 'chunked' },
      ]
      for (const framing of framings) {
        const answer = await rig.ask('/upload', { headers: { cookie, ...framing }, body })
        assert.deepEqual(JSON.parse(answer.text), expected)
      }
    }
  })

  test('GW-15 an answer that breaks off does not look whole', async () => {
    const rig = await aRig()
    await assert.rejects(rig.ask('/half'), /aborted|ECONNRESET|hang up/)
  })

  test('GW-15 HEAD, 304 and answers without a body pass as they are', async () => {
    const rig = await aRig()
    const head = await rig.ask('/', { method: 'HEAD' })
    assert.equal(head.status, 200)
    assert.ok(Number(head.headers['content-length']) > 50)
    assert.equal(head.text, '')
    assert.equal((await rig.ask('/?etag=1', { headers: { 'if-none-match': '"one"' } })).status, 304)
    assert.equal((await rig.ask('/status/204')).status, 204)
    assert.equal((await rig.ask('/status/418')).status, 418)
  })
})

describe('When an arm does not answer', () => {
  test('GW-16 a connection never made: any method goes elsewhere, its body whole, the first request too', async () => {
    const rig = await aRig({ config: { checks: { path: '/', seconds: 3600 } } })
    const cookie = rig.pass()
    await sleep(50)
    await rig.new.stop()
    const body = randomBytes(1024 * 1024)
    const first = await rig.ask('/upload', { headers: { cookie }, body })
    assert.equal(first.status, 200)
    assert.deepEqual(JSON.parse(first.text), {
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    })
    assert.deepEqual(rig.current.seen, ['POST /upload'])
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
  })

  test('GW-17 people of the new arm are served by the current one while it is down, and go back when it is', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
    await rig.new.stop()
    for (let count = 0; count < 20; count++) {
      const answer = await rig.ask('/', { headers: { cookie } })
      assert.equal(answer.headers['x-served-by'], 'current')
      assert.deepEqual(answer.setCookies, [])
    }
    await rig.new.start()
    const served = async () => (await rig.ask('/', { headers: { cookie } })).headers['x-served-by']
    await until('they are back', async () => (await served()) === 'new')
  })

  test('GW-16 made and no byte came back: GET goes elsewhere, POST is told that nobody knows, a key allows a repeat', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const get = await rig.ask('/cut', { headers: { cookie } }).catch(() => null)
    assert.equal(get?.status, 502)
    assert.ok(rig.new.seen.includes('GET /cut') && rig.current.seen.includes('GET /cut'))

    const before = rig.current.seen.length
    const post = await rig.ask('/cut', { headers: { cookie }, form: { a: '1' } })
    assert.equal(post.status, 502)
    assert.match(post.text, /can’t tell whether it arrived/)
    assert.equal(rig.current.seen.length, before)
    assert.equal(rig.new.seen.filter((each) => each === 'POST /cut').length, 1)

    await rig.ask('/cut', { headers: { cookie, 'idempotency-key': 'k' }, form: { a: '1' } })
    assert.ok(rig.current.seen.includes('POST /cut'))
  })

  test('GW-16 the new arm dies and comes back three times in traffic: what the rule covers never fails', async () => {
    const rig = await aRig()
    const counts = { whole: 0, told: 0, wrong: [] as string[] }
    let isOver = false
    const body = randomBytes(20_000)
    const sha256 = createHash('sha256').update(body).digest('hex')
    async function client(sends: boolean): Promise<void> {
      const headers = { cookie: rig.pass() }
      while (!isOver) {
        const answer = await rig.ask(sends ? '/upload' : '/', sends ? { headers, body } : { headers }).catch(String)
        if (typeof answer === 'string') counts.wrong.push(answer)
        else if (answer.status === 200 && (!sends || answer.text.includes(sha256))) counts.whole++
        else if (sends && /can’t tell whether it arrived/.test(answer.text)) counts.told++
        else counts.wrong.push(`${answer.status} ${answer.text.slice(0, 200)}`)
      }
    }
    const clients = [false, false, false, false, true].map(client)
    const traffic = async (): Promise<void> => {
      const before = counts.whole
      await sleep(250)
      await rig.eventually(() => counts.whole >= before + 10, 'more answers')
    }
    for (let round = 0; round < 3; round++) {
      await traffic()
      await rig.new.stop()
      await traffic()
      await rig.new.start()
    }
    await traffic()
    isOver = true
    await Promise.all(clients)
    assert.deepEqual(counts.wrong, [])
    assert.ok(counts.whole > 50, JSON.stringify(counts))
  })

  test('GW-16 a 5xx of the new arm is passed on and never repeated', async () => {
    const rig = await aRig()
    const answer = await rig.ask('/status/500', { headers: { cookie: rig.pass() } })
    assert.equal(answer.status, 500)
    assert.equal(answer.text, 'new')
    assert.deepEqual(rig.current.seen, [])
  })

  test('GW-16 the current service down is a page that says so, and nobody is sent to the new one', async () => {
    const rig = await aRig()
    await rig.current.stop()
    const answer = await rig.ask('/')
    assert.equal(answer.status, 502)
    assert.match(answer.text, /not available/)
    assert.match(answer.text, /permits@example.org/)
    assert.deepEqual(rig.new.seen, [])
  })

  test('P4 without a current service there is a holding page: what this is, whom to ask, where to wait', async () => {
    const rig = await aRig({ config: { current: 'holding-page' } })
    const answer = await rig.ask('/')
    assert.equal(answer.status, 503)
    assert.ok(answer.headers['retry-after'])
    assert.match(answer.text, /Apply for a parking permit/)
    assert.match(answer.text, /mailto:permits@example.org/)
    assert.match(answer.text, /href="\/.phasegate\/waiting"/)
    assert.equal((await rig.ask('/', { headers: { cookie: rig.pass() } })).headers['x-served-by'], 'new')
  })

  test('P4 the holding page says that the service is closed or down, where that is why', async () => {
    const rig = await aRig({ service: { ceiling: 'everyone' }, config: { current: 'holding-page' } })
    await halt(rig)
    const halted = await rig.ask('/')
    assert.equal(halted.status, 503)
    assert.match(halted.text, /Apply for a parking permit is closed for now/)
    assert.match(halted.text, /mailto:permits@example.org/)
    assert.doesNotMatch(halted.text, /not open to everyone|limited number|\/waiting/)

    const invited = await aRig({ config: { current: 'holding-page' } })
    await invited.new.stop()
    const down = await invited.ask('/', { headers: { cookie: invited.pass() } })
    assert.equal(down.status, 503)
    assert.match(down.text, /Apply for a parking permit is not available/)
    assert.doesNotMatch(down.text, /not open to everyone/)
    assert.match((await invited.ask('/')).text, /not open to everyone yet/, 'whoever is not in is told that')
  })

  test('ADM-12 in live, with the current service switched off, an old choice of it leads nobody to a holding page', async () => {
    const rig = await aRig({ service: { ceiling: 'everyone' }, config: { current: 'holding-page' } })
    const answer = await rig.ask('/', { headers: { cookie: 'pgc_parking=current' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['x-served-by'], 'new')
    const beside = await aRig({ service: { ceiling: 'everyone' } })
    const kept = await beside.ask('/', { headers: { cookie: 'pgc_parking=current' } })
    assert.equal(kept.headers['x-served-by'], 'current', 'while the current one runs, the choice holds')
  })
})

function halt(rig: GatewayRig): Promise<void> {
  return rig.publish((feed) => {
    const [service] = feed.snapshot.services
    if (service !== undefined) service.halt = { id: 'h1', at: new Date().toISOString() }
  })
}

function openSocket(
  rig: GatewayRig,
  cookie: string,
): { socket: WebSocket; messages: string[]; isClosed: () => boolean } {
  const socket = new WebSocket(`ws://127.0.0.1:${rig.gateway.port}/socket`, { headers: { cookie, host: outsideHost } })
  const messages: string[] = []
  let closed = false
  socket.on('message', (message) => messages.push(String(message)))
  socket.on('close', () => (closed = true))
  socket.on('error', () => {})
  return { socket, messages, isClosed: () => closed }
}

describe('WebSockets and a halt', () => {
  test('GW-18 a WebSocket goes to the arm of its person, both ways, and to the current one when the new is down', async () => {
    const rig = await aRig()
    const unit = newUnit()
    const cookie = rig.pass({ unit })
    const fresh = openSocket(rig, cookie)
    const old = openSocket(rig, 'a=1')
    await rig.eventually(() => fresh.messages.length + old.messages.length === 2, 'both greetings')
    fresh.socket.send('ping')
    await rig.eventually(() => fresh.messages.length === 2, 'the answer')
    assert.deepEqual(fresh.messages, [`hello from new to new ${unit}`, 'new: ping'])
    assert.deepEqual(old.messages, ['hello from current to current nobody'])
    await rig.new.stop()
    const after = openSocket(rig, cookie)
    await rig.eventually(() => after.messages.length === 1, 'the greeting of the current service')
    assert.match(after.messages[0] ?? '', /^hello from current to current/)
  })

  test('GW-19 a halt sends everybody to the current service and closes what is open to the new one, within a second', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const fresh = openSocket(rig, cookie)
    const old = openSocket(rig, 'a=1')
    const stream = http.get({
      port: rig.gateway.port,
      path: '/events',
      headers: { host: outsideHost, cookie },
      agent: false,
    })
    let isStreamEnded = false
    stream.on('error', () => (isStreamEnded = true))
    stream.on('response', (response) => {
      response.on('error', () => {})
      response.resume().on('close', () => (isStreamEnded = true))
    })
    await rig.eventually(() => fresh.messages.length + old.messages.length === 2, 'both greetings')
    const startedMs = performance.now()
    rig.control.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = { id: 'h1', at: new Date().toISOString() }
    })
    await rig.eventually(() => fresh.isClosed() && isStreamEnded, 'the end of what was open to the new arm')
    assert.ok(performance.now() - startedMs < 1000)
    assert.equal(old.isClosed(), false)
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
  })

  test('GW-20 after a halt the first thing sent from a page of the new arm is not sent, and says so', async () => {
    const rig = await aRig()
    const sender = rig.pass()
    const reader = rig.pass()
    await rig.ask('/', { headers: { cookie: sender } })
    await halt(rig)
    const cut = await rig.ask('/upload', { headers: { cookie: sender }, body: 'answers' })
    assert.equal(cut.status, 503)
    assert.match(cut.text, /Closed for now/)
    assert.match(cut.text, /Your answers were not sent/)
    assert.equal((await rig.ask('/upload', { headers: { cookie: sender }, body: 'answers' })).status, 200)
    await rig.ask('/', { headers: { cookie: reader } })
    assert.equal((await rig.ask('/upload', { headers: { cookie: reader }, body: 'answers' })).status, 200)
    assert.equal((await rig.ask('/upload', { body: 'answers' })).status, 200)
  })

  test('GW-20 where there is no current service, the page after a halt sends nobody to one', async () => {
    const rig = await aRig({ service: { ceiling: 'everyone' }, config: { current: 'holding-page' } })
    const cookie = rig.pass()
    await rig.ask('/', { headers: { cookie } })
    await halt(rig)
    const cut = await rig.ask('/upload', { headers: { cookie }, body: 'a message' })
    assert.equal(cut.status, 503)
    assert.match(cut.text, /What you entered was not sent/)
    assert.doesNotMatch(cut.text, /answers|Start again|new version/)
  })

  test('GW-20 what somebody sends from a page of the current service is sent, whatever their pass says', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    await rig.ask('/', { headers: { cookie } })
    await rig.new.stop()
    await rig.ask('/', { headers: { cookie } })
    await halt(rig)
    assert.equal((await rig.ask('/upload', { headers: { cookie }, body: 'answers' })).status, 200)
  })

  test('GW-3 a halt is kept on disk: it holds after a restart with the control plane away, until its own end', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    await halt(rig)
    await rig.control.stop()
    await rig.restart()
    assert.equal(rig.gateway.ready(), true)
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    await rig.control.start()
    rig.control.feed.snapshot.version = 0
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = null
    })
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    rig.control.feed.snapshot.version = 10
    await rig.publish()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
  })

  test('GW-3 a service is halted on this machine alone, with everything else down', async () => {
    const rig = await aRig()
    await rig.control.stop()
    const cookie = rig.pass()
    askForHalt(rig.stateDirectory, 'parking', { at: '2026-01-05T09:00:00Z', by: 'deploy', reason: 'Fire' })
    await rig.eventually(() => rig.logged.some((line) => line.includes('halted on this machine')), 'the halt')
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    await rig.restart()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    await rig.control.start()
    await rig.publish()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    await halt(rig)
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = null
    })
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
  })

  test('GW-3 a halt of this machine is told until the control plane speaks of it, and then ends where every halt ends', async () => {
    const rig = await aRig()
    await rig.control.stop()
    const cookie = rig.pass()
    askForHalt(rig.stateDirectory, 'parking', { at: '2026-01-05T09:00:00Z', by: 'deploy', reason: 'Fire' })
    await rig.eventually(() => rig.logged.some((line) => line.includes('halted on this machine')), 'the halt')
    await rig.restart()
    await rig.control.start()
    await rig.eventually(() => rig.control.halts.length > 0, 'the news of it')
    const [told] = rig.control.halts
    assert.deepEqual([told?.service, told?.by, told?.reason], ['parking', 'deploy', 'Fire'])
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = { id: String(told?.id), at: String(told?.at) }
    })
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'current')
    await rig.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) service.halt = null
    })
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
  })

  test('GW-3 a halt of this machine that a person ended before its news came round is over here too', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    rig.control.haltEnded = true
    askForHalt(rig.stateDirectory, 'parking', { at: '2026-01-05T09:00:00Z', by: '', reason: '' })
    await rig.eventually(() => rig.control.halts.length > 0, 'the news of it')
    await rig.eventually(
      () => !readFileSync(join(rig.stateDirectory, 'feed', 'halts.json'), 'utf8').includes('parking'),
      'its end',
    )
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
  })

  test('GW-2 with the control plane down, people with a pass notice nothing, and a fresh start takes the feed from disk', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    await rig.control.stop()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
    await rig.restart()
    assert.equal((await rig.ask('/', { headers: { cookie } })).headers['x-served-by'], 'new')
    const health = await rig.ask('/.phasegate/health')
    assert.equal(health.status, 200)
    assert.equal((JSON.parse(health.text) as { controlPlane: string }).controlPlane, 'away')
    assert.equal((await rig.ask('/.phasegate/feedback')).status, 503)
  })

  test('GW-2 a feed that is not valid is refused and the held one kept; an empty start is not ready', async () => {
    const rig = await aRig()
    rig.control.publish((feed) => {
      const [service] = feed.snapshot.services
      if (service !== undefined) (service as { ceiling: string }).ceiling = 'wide open'
    })
    await rig.eventually(() => rig.logged.some((line) => line.includes('refused and the held one kept')), 'the refusal')
    assert.equal((await rig.ask('/', { headers: { cookie: rig.pass() } })).headers['x-served-by'], 'new')
    await rig.control.stop()
    await rig.restart({ stateDirectory: `${rig.stateDirectory}/empty` })
    assert.equal(rig.gateway.ready(), false)
    assert.equal((await rig.ask('/.phasegate/health')).status, 503)
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
  })
})
