import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net'
import { after, before, describe, test, type TestContext } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { isInside } from './address.ts'
import { createOutgoing, parseAllowed, type Found, type OutgoingProblem, type OutgoingRequest } from './index.ts'
import { followed } from './redirect.ts'

function allowing(text: string) {
  const read = parseAllowed(text)
  if ('notUnderstood' in read) throw new Error(read.notUnderstood)
  return read.allowed
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'reached',
    (error: OutgoingProblem) => error.code,
  )

async function listening(t: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Stands inside, and counts who comes. */
describe('calls that go out', () => {
  let canary: Server
  let port = 0
  let visits = 0
  before(async () => {
    canary = createServer((_request, response) => response.end('the inside'))
    canary.on('connection', () => visits++)
    canary.listen(0, '0.0.0.0')
    await once(canary, 'listening')
    port = (canary.address() as AddressInfo).port
  })
  after(() => {
    canary.closeAllConnections()
    canary.close()
  })
  const names: Record<string, string[]> = {
    localhost: ['127.0.0.1', '::1'],
    'localhost.': ['127.0.0.1'],
    'a.localhost': ['127.0.0.1'],
    'inside.example': ['127.0.0.1'],
    'private.example': ['10.1.2.3'],
    'mixed.example': ['8.8.8.8', '127.0.0.1'],
    'six.example': ['::ffff:127.0.0.1'],
    'nat.example': ['64:ff9b::7f00:1'],
    'nowhere.example': [],
  }
  const resolve = async (host: string): Promise<Found[]> => {
    const found = names[host]
    if (found === undefined) throw Object.assign(new Error(host), { code: 'ENOTFOUND' })
    return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }

  const spellings = [
    'http://127.0.0.1:P/',
    'http://127.1:P/',
    'http://127.0.1:P/',
    'http://2130706433:P/',
    'http://0x7f000001:P/',
    'http://0x7f.0.0.1:P/',
    'http://0177.0.0.1:P/',
    'http://017700000001:P/',
    'http://127.0.0.1.:P/',
    'http://127.255.255.254:P/',
    'http://0.0.0.0:P/',
    'http://0:P/',
    'http://[::1]:P/',
    'http://[::]:P/',
    'http://[0:0:0:0:0:0:0:1]:P/',
    'http://[::ffff:127.0.0.1]:P/',
    'http://[::ffff:7f00:1]:P/',
    'http://[::127.0.0.1]:P/',
    'http://[64:ff9b::127.0.0.1]:P/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b:1::1]:P/',
    'http://[2002:7f00:1::]:P/',
    'http://[2001:0:7f00:1::]:P/',
    'http://[2a00::5efe:127.0.0.1]:P/',
    'http://[fd00:ec2::254]/',
    'http://[fe80::1]:P/',
    'http://[ff02::1]:P/',
    'http://10.0.0.1:P/',
    'http://172.31.255.255:P/',
    'http://192.168.1.1:P/',
    'http://100.100.100.200/',
    'http://169.254.169.254/latest/meta-data/',
    'http://168.63.129.16/',
    'http://192.0.0.192/',
    'http://224.0.0.1:P/',
    'http://255.255.255.255:P/',
    'http://１２７.０.０.１:P/',
    'http://①②⑦.0.0.1:P/',
    'http://127。0。0。1:P/',
    'http:\\\\127.0.0.1:P/',
    'http:127.0.0.1:P/',
    ' http://127.0.0.1:P/\t',
    'http://12\n7.0.0.1:P/',
    'http://localhost:P/',
    'http://LOCALHOST:P/',
    'http://localhost.:P/',
    'http://a.localhost:P/',
    'http://inside.example:P/',
    'http://private.example:P/',
    'http://mixed.example:P/',
    'http://six.example:P/',
    'http://nat.example:P/',
  ]

  for (const spelling of spellings) {
    test(`OUT-2 reaches nothing inside as ${JSON.stringify(spelling)} [promise 32]`, async () => {
      const outgoing = createOutgoing({ resolve })
      const url = spelling.replace('P', String(port))
      visits = 0
      assert.equal(await codeOf(outgoing.request(url)), 'OUTGOING_INSIDE')
      assert.equal((await outgoing.problemWith(url))?.code, 'OUTGOING_INSIDE')
      assert.equal(await codeOf(outgoing.fetchWith()(url)), 'OUTGOING_INSIDE')
      assert.equal(visits, 0)
    })
  }

  test('OUT-2 the very same is reached once an operator allows it, so the refusals above are refusals', async () => {
    visits = 0
    const byRange = createOutgoing({ resolve, allowed: allowing('127.0.0.0/8, 0.0.0.0') })
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '１２７.０.０.１', 'inside.example', '0.0.0.0'])
      assert.equal((await byRange.request(`http://${host}:${port}/`)).bytes.toString(), 'the inside')
    const byName = createOutgoing({ resolve, allowed: allowing('Inside.Example') })
    assert.equal((await byName.request(`http://inside.example:${port}/`)).status, 200)
    assert.equal(await codeOf(byName.request(`http://localhost:${port}/`)), 'OUTGOING_INSIDE')
    assert.equal(await codeOf(byRange.request(`http://private.example:${port}/`)), 'OUTGOING_INSIDE')
    const trusted = createOutgoing({ resolve })
    assert.equal(
      (await trusted.request(`http://127.1:${port}/x`, { trusted: [`http://127.0.0.1:${port}`] })).status,
      200,
    )
    assert.equal(visits, 8)
  })

  test('OUT-2 the ports of the installation itself stay closed, whatever is allowed', async () => {
    visits = 0
    const outgoing = createOutgoing({ resolve, allowed: allowing('127.0.0.0/8'), ownPorts: () => [port] })
    assert.equal(await codeOf(outgoing.request(`http://inside.example:${port}/`)), 'OUTGOING_INSIDE')
    assert.equal(visits, 0)
  })

  test('OUT-2 an address of the public internet is outside', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'])
      assert.equal(isInside(address), false, address)
    for (const address of ['fe80::1%eth0', '2001:db8::1', '3fff::1', '192.0.2.1', '240.0.0.1', 'nonsense', ''])
      assert.equal(isInside(address), true, address)
  })

  test('OUT-2 a name that is pointed elsewhere after the check does not move the call [promise 32]', async (t) => {
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['10.0.0.1']]
    let asked = 0
    const rebinding = async () => [{ address: answers[asked++]?.[0] ?? '', family: 4 }]
    const url = await listening(t, (_request, response) => response.setHeader('connection', 'keep-alive').end('once'))
    const outgoing = createOutgoing({ resolve: rebinding, allowed: allowing('127.0.0.1') })
    const named = `http://rebinding.example:${new URL(url).port}/`
    assert.equal((await outgoing.request(named)).bytes.toString(), 'once', 'what was checked is what is reached')
    assert.equal(asked, 1)
    assert.equal(await codeOf(outgoing.request(named)), 'OUTGOING_INSIDE', 'the next call is checked anew')
    asked = 0
    assert.equal(await codeOf(createOutgoing({ resolve: rebinding }).request(named)), 'OUTGOING_INSIDE')
  })

  const refused: [string, string][] = [
    ['file:///etc/passwd', 'OUTGOING_ADDRESS'],
    ['data:text/plain,x', 'OUTGOING_ADDRESS'],
    ['gopher://8.8.8.8/', 'OUTGOING_ADDRESS'],
    ['ftp://8.8.8.8/', 'OUTGOING_ADDRESS'],
    ['javascript:alert(1)', 'OUTGOING_ADDRESS'],
    ['ws://8.8.8.8/', 'OUTGOING_ADDRESS'],
    ['//127.0.0.1/', 'OUTGOING_ADDRESS'],
    ['http://', 'OUTGOING_ADDRESS'],
    ['http://[fe80::1%25eth0]/', 'OUTGOING_ADDRESS'],
    ['http://127.0.0.1%00.example/', 'OUTGOING_ADDRESS'],
    [`http://8.8.8.8/${'a'.repeat(5_000)}`, 'OUTGOING_ADDRESS'],
    ['http://user@8.8.8.8/', 'OUTGOING_CREDENTIALS'],
    ['http://user:password@8.8.8.8/', 'OUTGOING_CREDENTIALS'],
    ['http://8.8.8.8:80@127.0.0.1/', 'OUTGOING_CREDENTIALS'],
    ['http://8.8.8.8:22/', 'OUTGOING_PORT'],
    ['http://8.8.8.8:25/', 'OUTGOING_PORT'],
    ['http://8.8.8.8:6379/', 'OUTGOING_PORT'],
    ['http://8.8.8.8:0/', 'OUTGOING_PORT'],
    ['http://nowhere.example/', 'ENOTFOUND'],
    ['http://unknown.example/', 'ENOTFOUND'],
  ]
  for (const [url, code] of refused) {
    test(`OUT-1 ${url.slice(0, 60)} goes nowhere: ${code} [promise 32]`, async () => {
      const outgoing = createOutgoing({ resolve })
      assert.equal(await codeOf(outgoing.request(url)), code)
      assert.equal((await outgoing.problemWith(url))?.code, code)
    })
  }

  test('OUT-5 a redirect to the inside is refused at each step, by every status [promise 32]', async (t) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const targets = [`http://127.0.0.1:${port}/`, `//2130706433:${port}/`, `http://inside.example:${port}/`]
      for (const target of [...targets, 'file:///etc/passwd', 'http://169.254.169.254/']) {
        const outside = await listening(t, (request, response) =>
          response.writeHead(status, { location: request.url === '/' ? '/again' : target }).end(),
        )
        visits = 0
        const outgoing = createOutgoing({ resolve })
        const code = await codeOf(outgoing.request(outside, { trusted: [outside], redirects: 5 }))
        assert.equal(code, target.startsWith('file') ? 'OUTGOING_ADDRESS' : 'OUTGOING_INSIDE')
        assert.equal(visits, 0)
      }
    }
  })

  test('OUT-5 redirects come to an end, and without leave none is followed', async (t) => {
    let asked = 0
    const url = await listening(t, (_request, response) => {
      asked++
      response.writeHead(302, { location: `/${asked}` }).end()
    })
    const outgoing = createOutgoing()
    assert.equal(await codeOf(outgoing.request(url, { trusted: [url], redirects: 3 })), 'OUTGOING_REDIRECTS')
    assert.equal(asked, 4)
    const answer = await outgoing.request(url, { trusted: [url] })
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, ['/5']])
  })

  test('OUT-5 another host gets no secret and nothing that was sent; the same host gets them again [promise 32]', async (t) => {
    const seen: { path: string | undefined; headers: NodeJS.Dict<string | string[]> }[] = []
    const keep: RequestListener = (request, response) => {
      seen.push({ path: request.url, headers: request.headers })
      request.resume()
      response.end('ok')
    }
    const other = await listening(t, keep)
    const first = await listening(t, (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://x')
      if (pathname !== '/go') return keep(request, response)
      request.resume()
      const location = searchParams.get('to') === 'self' ? '/self' : `${other}/other`
      response.writeHead(Number(searchParams.get('by')), { location }).end()
    })
    const outgoing = createOutgoing()
    const secrets = {
      authorization: 'Bearer secret',
      cookie: 'session=secret',
      'webhook-signature': 'v1,secret',
      'x-api-key': 'secret',
      'proxy-authorization': 'secret',
      accept: 'text/html',
    }
    const send = (path: string, more: OutgoingRequest = {}) =>
      outgoing.request(first + path, { trusted: [first, other], headers: secrets, redirects: 2, ...more })
    await send('/go?by=302&to=other')
    assert.equal(seen.at(-1)?.headers.accept, 'text/html')
    assert.ok(!JSON.stringify(seen.at(-1)).includes('secret'))
    await send('/go?by=303&to=other', { method: 'POST', body: 'secret' })
    assert.ok(!JSON.stringify(seen.at(-1)).includes('secret'))
    const asked = seen.length
    for (const by of [307, 308])
      assert.equal(
        await codeOf(send(`/go?by=${by}&to=other`, { method: 'POST', body: 'secret' })),
        'OUTGOING_BODY_ELSEWHERE',
      )
    assert.equal(seen.length, asked)
    await send('/go?by=302&to=self')
    assert.equal(seen.at(-1)?.headers.authorization, 'Bearer secret')
    const step = { url: new URL('https://a.example/'), request: {} }
    assert.throws(() => followed(step, 302, new URL('http://a.example/')), { code: 'OUTGOING_DOWNGRADE' })
  })

  test('OUT-6 an endless answer is left once it is too long, or cut where its beginning is enough [promise 32]', async (t) => {
    let isLeft = 0
    const url = await listening(t, (_request, response) => {
      const more = (): void => {
        if (response.destroyed) return
        if (response.write(Buffer.alloc(65_536))) setImmediate(more)
        else response.once('drain', more)
      }
      response.once('close', () => isLeft++)
      more()
    })
    const outgoing = createOutgoing()
    assert.equal(await codeOf(outgoing.request(url, { trusted: [url] })), 'OUTGOING_TOO_LARGE')
    const cut = await outgoing.request(url, { trusted: [url], mostBytes: 1_000, beyond: 'cut' })
    assert.deepEqual([cut.bytes.length, cut.isCut], [1_000, true])
    while (isLeft < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  })

  test('OUT-6 a small answer that unpacks to a huge one is left as well [promise 32]', async (t) => {
    const bomb = { gzip: gzipSync(Buffer.alloc(30_000_000)), br: brotliCompressSync(Buffer.alloc(20_000_000)) }
    const url = await listening(t, (request, response) => {
      const encoding = request.url === '/br' ? 'br' : 'gzip'
      response.writeHead(200, { 'content-encoding': request.url === '/twice' ? 'gzip, gzip' : encoding })
      response.end(request.url === '/small' ? gzipSync('small') : request.url === '/bad' ? 'not gzip' : bomb[encoding])
    })
    const outgoing = createOutgoing()
    const code = (path: string) => codeOf(outgoing.request(url + path, { trusted: [url] }))
    assert.equal(await code('/'), 'OUTGOING_TOO_LARGE')
    assert.equal(await code('/br'), 'OUTGOING_TOO_LARGE')
    assert.equal(await code('/twice'), 'OUTGOING_UNREADABLE')
    assert.equal(await code('/bad'), 'OUTGOING_UNREADABLE')
    assert.equal((await outgoing.request(`${url}/small`, { trusted: [url] })).bytes.toString(), 'small')
    assert.equal(await codeOf(outgoing.request(`${url}/`, { trusted: [url], method: 'HEAD' })), 'reached')
  })

  test('OUT-6 an answer that only trickles ends with the patience of the whole call [promise 32]', async (t) => {
    const sockets = new Set<Socket>()
    const trickle = createSocketServer((socket) => {
      sockets.add(socket.on('error', () => {}))
      socket.once('data', (asked) => {
        const start = asked.includes('/body') ? 'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n' : 'HTTP/1.1 200 OK\r\n'
        socket.write(start)
        const drip = setInterval(() => socket.write(asked.includes('/body') ? 'a' : 'a: b\r\n'), 10)
        socket.once('close', () => clearInterval(drip))
      })
    }).listen(0, '127.0.0.1')
    await once(trickle, 'listening')
    t.after(() => {
      for (const socket of sockets) socket.destroy()
      trickle.close()
    })
    const url = `http://127.0.0.1:${(trickle.address() as AddressInfo).port}`
    const outgoing = createOutgoing()
    for (const path of ['/headers', '/body', '/headers-of-a-redirect'])
      assert.equal(
        await codeOf(outgoing.request(url + path, { trusted: [url], patienceMs: { whole: 150 } })),
        'OUTGOING_TIMEOUT',
      )
  })

  test('OUT-1 no proxy of the environment is asked on the way', async (t) => {
    const url = await listening(t, (_request, response) => response.end('straight'))
    const proxy = `http://127.0.0.1:${port}`
    const before = { ...process.env }
    t.after(() => {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    })
    Object.assign(process.env, { HTTP_PROXY: proxy, http_proxy: proxy, ALL_PROXY: proxy, NODE_USE_ENV_PROXY: '1' })
    visits = 0
    assert.equal((await createOutgoing().request(url, { trusted: [url] })).bytes.toString(), 'straight')
    assert.equal(visits, 0)
  })

  test('OUT-7 a library gets the same way out in the shape of fetch', async (t) => {
    const url = await listening(t, (request, response) => {
      if (request.url === '/moved') return response.writeHead(302, { location: '/' }).end()
      if (request.url === '/empty') return response.writeHead(204).end()
      let sent = ''
      request.on('data', (chunk) => (sent += chunk))
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        response.end(gzipSync(JSON.stringify({ method: request.method, sent, type: request.headers['content-type'] })))
      })
    })
    const send = createOutgoing().fetchWith({ trusted: [url] })
    const posted = await send(url, { method: 'POST', body: new URLSearchParams({ code: 'x y' }) })
    assert.deepEqual(await posted.json(), {
      method: 'POST',
      sent: 'code=x+y',
      type: 'application/x-www-form-urlencoded;charset=UTF-8',
    })
    assert.equal((await send(`${url}/moved`)).url, `${url}/`)
    assert.equal((await send(`${url}/moved`, { redirect: 'manual' })).status, 302)
    assert.equal(await codeOf(send(`${url}/moved`, { redirect: 'error' })), 'OUTGOING_REDIRECTS')
    assert.equal(await (await send(new Request(`${url}/empty`))).text(), '')
    await assert.rejects(send(url, { signal: AbortSignal.abort() }))
  })

  test('OUT-4 what may be reached inside is written as names, addresses and ranges', () => {
    const allowed = allowing('hooks.intern.example, 10.20.0.0/16 192.168.1.5\nfd00:1::/32,bücher.example')
    assert.ok(allowed.name('HOOKS.intern.example.') && allowed.name('xn--bcher-kva.example'))
    assert.ok(!allowed.name('intern.example') && !allowed.name('a.hooks.intern.example'))
    assert.ok(allowed.address('10.20.255.1') && allowed.address('192.168.1.5') && allowed.address('fd00:1::9'))
    assert.ok(!allowed.address('10.21.0.1') && !allowed.address('192.168.1.6') && !allowed.address('fd00:2::9'))
    for (const wrong of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'http://a.example', 'a.example/8', '*', 'a:80'])
      assert.deepEqual(parseAllowed(`a.example,${wrong}`), { notUnderstood: wrong })
  })
})
