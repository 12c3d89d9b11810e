import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { startContractApplication } from '../../test/support/contract-application.ts'
import { createOutgoing } from '../platform/index.ts'
import { bannerIn, breaksSomething, examine, type Finding } from './index.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, own: string) => void

async function application(t: TestContext, handler: Handler): Promise<string> {
  let own = ''
  const server = createServer((request, response) => handler(request, response, own)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(() => server.close())
  return own
}

/** One page with these headers and this in its body. */
function page(headers: Record<string, string | string[]>, body = '', status = 200): Handler {
  return (_request, response, own) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.writeHead(status).end(`<!doctype html><title>x</title>${body.replaceAll('OWN', own)}`)
  }
}

const about = (findings: Finding[], check: string) => findings.filter((finding) => finding.check === check)

async function finding(t: TestContext, check: string, handler: Handler): Promise<Finding> {
  const { findings } = await examine(createOutgoing(), await application(t, handler))
  const [first] = about(findings, check)
  if (first === undefined) throw new Error(`Nothing was said about ${check}`)
  for (const { severity, whatToDo } of findings) {
    if (severity === 'breaks') assert.ok(whatToDo, 'each thing that breaks says what to do')
  }
  return first
}

test('INS-1 a plain application has nothing to put right', async (t) => {
  const url = await application(t, page({}, '<a href="/next">Next</a><form action="/send" method="post"></form>'))
  const examination = await examine(createOutgoing(), url)
  assert.equal(breaksSomething(examination), false)
  assert.deepEqual(
    examination.findings.filter(({ severity }) => severity !== 'fine'),
    [],
  )
  assert.equal(examination.pages, 2)
})

test('INS-1 names redirects that leave the gateway, and says which ones it rewrites', async (t) => {
  const to =
    (location: string): Handler =>
    (request, response, own) =>
      request.url === '/'
        ? response.writeHead(302, { location: location.replace('OWN', own) }).end()
        : response.writeHead(200, { 'content-type': 'text/html' }).end('<p>x</p>')
  assert.equal((await finding(t, 'Redirects', to('/start'))).severity, 'fine')
  assert.equal((await finding(t, 'Redirects', to('OWN/start'))).severity, 'handled')
  const https = await finding(t, 'Redirects', to('https://127.0.0.1/start'))
  assert.match(https.says, /another scheme or port of itself/)
  const elsewhere = await finding(t, 'Redirects', to('https://permits.example.org/start'))
  assert.deepEqual([elsewhere.severity, /permits\.example\.org/.test(elsewhere.says)], ['breaks', true])
})

test('INS-1 names cookies that a browser would refuse or that the gateway keeps for itself', async (t) => {
  const of = async (cookie: string) => (await finding(t, 'Cookies', page({ 'set-cookie': cookie }))).severity
  assert.equal(await of('a=1; Path=/'), 'fine')
  assert.equal(await of('a=1; Domain=127.0.0.1'), 'handled')
  assert.equal(await of('a=1; Domain=.example.org'), 'breaks')
  assert.equal(await of('pg_permit=1'), 'breaks')
  assert.equal(await of('phasegate_session=1'), 'breaks')
  assert.equal(await of('a=1; SameSite=None'), 'breaks')
  assert.equal(await of('__Host-a=1; Secure; Path=/'), 'note')
  assert.equal(await of('a=1; SameSite=Strict'), 'note')
})

test('INS-1 names links, forms and a base element that carry people past the gateway', async (t) => {
  const of = (body: string) => finding(t, 'Links', page({}, body))
  assert.match((await of('<base href="https://new.example.org/">')).says, /base element names a host/)
  assert.match((await of('<form action="OWN/send"></form>')).says, /Forms are sent to its own full address/)
  assert.match((await of('<script src="//127.0.0.1/x.js"></script>')).says, /lead elsewhere/)
  assert.match((await of('<a href="OWN/next">Next</a>')).says, /by its own full address/)
  assert.equal((await of('<base href="/"><a href="https://help.example.org/">Help</a>')).severity, 'fine')
})

test('INS-1 reads a content security policy for what the gateway inserts', async (t) => {
  const of = async (policy: string) => {
    const { severity, says } = await finding(t, 'Content security policy', page({ 'content-security-policy': policy }))
    return `${severity} ${says}`
  }
  assert.match(await of("default-src 'self'"), /^fine/)
  assert.match(await of("default-src 'none'; script-src 'self'"), /^breaks style-src/)
  assert.match(await of("default-src 'self'; form-action 'none'"), /^breaks form-action/)
  assert.match(await of("default-src 'self'; script-src 'nonce-1' 'strict-dynamic'"), /^note script-src/)
  assert.match(await of("default-src 'self'; connect-src https://api.example.org"), /^note connect-src/)
  const meta = `<meta http-equiv="Content-Security-Policy" content="style-src 'unsafe-inline'">`
  assert.equal((await finding(t, 'Content security policy', page({}, meta))).severity, 'breaks')
})

test('INS-1 tries a strange host and a foreign origin, and says that the gateway sees to both', async (t) => {
  const contract = await startContractApplication({ name: 'new' })
  t.after(() => contract.stop())
  const { findings } = await examine(createOutgoing(), `${contract.url}/`)
  assert.deepEqual(
    findings.filter(({ severity, whatToDo }) => severity === 'breaks' && whatToDo === undefined),
    [],
  )
  const picky: Handler = (request, response, own) => {
    const knows = request.headers.host === new URL(own).host
    const isOwn = request.method === 'GET' || request.headers.origin === own
    response.writeHead(!knows ? 400 : isOwn ? 200 : 403, { 'content-type': 'text/html' }).end('<p>x</p>')
  }
  assert.equal((await finding(t, 'Host', picky)).severity, 'handled')
  assert.match((await finding(t, 'Origin', picky)).says, /from there 200, from elsewhere 403/)
  assert.equal((await finding(t, 'Host', page({}))).severity, 'fine')
})

test('INS-1 notes HSTS, frames, compression, caches, WebSockets, service workers and sign-in by connection', async (t) => {
  const severity = async (check: string, headers: Record<string, string>, body = '') =>
    (await finding(t, check, page(headers, body))).severity
  assert.equal(await severity('HSTS', { 'strict-transport-security': 'max-age=1; includeSubDomains' }), 'note')
  assert.equal(await severity('Frames', { 'x-frame-options': 'DENY' }), 'fine')
  assert.equal(await severity('Compression', { 'content-encoding': 'zstd' }), 'breaks')
  assert.equal(await severity('Caches', { 'cache-control': 'public, max-age=60' }), 'note')
  assert.equal(
    await severity('WebSockets', {}, '<script>new WebSocket("wss://new.example.org/live")</script>'),
    'breaks',
  )
  assert.equal(
    await severity('WebSockets', {}, '<script>new WebSocket(`wss://${location.host}/live`)</script>'),
    'handled',
  )
  assert.equal(
    await severity('Service worker', {}, '<script>navigator.serviceWorker.register("/sw.js")</script>'),
    'note',
  )
  const ntlm = page({ 'www-authenticate': 'Negotiate' }, '', 401)
  assert.equal((await finding(t, 'Sign-in', ntlm)).severity, 'breaks')
})

test('INS-1 follows no link that sounds like an act, and leaves POST out when told', async (t) => {
  const seen: string[] = []
  const url = await application(t, (request, response, own) => {
    seen.push(`${request.method} ${request.url}`)
    page({}, '<a href="/sign-out">Out</a><a href="/delete/1">Delete</a><a href="/more">More</a>')(
      request,
      response,
      own,
    )
  })
  await examine(createOutgoing(), url, { post: false })
  assert.deepEqual(
    seen.filter((line) => /sign-out|delete|POST/.test(line)),
    [],
  )
  assert.ok(seen.includes('GET /more'))
})

test('INS-1 an address that does not answer, or answers with an error, is said at once', async (t) => {
  const dead = await examine(createOutgoing(), 'http://127.0.0.1:9/')
  assert.match(dead.findings[0]?.says ?? '', /does not answer/)
  assert.equal(breaksSomething(dead), true)
  assert.match((await finding(t, 'Answer', page({}, '', 500))).says, /answers 500/)
})

test('INS-2 finds the label of the phase in the banner of the design system, of the gateway, or marked as one', () => {
  const design =
    '<div class="govuk-phase-banner"><p><strong class="govuk-tag govuk-phase-banner__content__tag"> Private beta </strong> New</p></div>'
  assert.equal(bannerIn(design), 'Private beta')
  assert.equal(
    bannerIn(
      '<section data-phasegate-banner><p><strong class="phasegate-label">Beta</strong> <span>x</span></p></section>',
    ),
    'Beta',
  )
  assert.equal(bannerIn('<aside data-phasegate-banner>Alpha</aside>'), 'Alpha')
  assert.equal(bannerIn('<section class="phasegate-banner"><p>There is a new version</p></section>'), null)
  assert.equal(bannerIn('<p>This is our phase of beta</p>'), null)
})
