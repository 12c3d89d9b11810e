import assert from 'node:assert/strict'
import http from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { outsideHost, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { watchSlowClients } from './slow-clients.ts'

let rig: GatewayRig
before(async () => {
  rig = await startGatewayRig()
})
after(() => rig.close())

const host = `Host: ${outsideHost}\r\n`
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'

function statusOf(text: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0)
}

/** The headers that the application saw, by /echo. */
async function echoed(...lines: string[]): Promise<string> {
  const text = await rig.raw(
    `GET /echo HTTP/1.1\r\n${host}${lines.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`,
  )
  return text.slice(text.indexOf('\r\n\r\n')).toLowerCase()
}

describe('Requests that are not what they should be', () => {
  const refused: [string, string][] = [
    ['two Hosts', `GET / HTTP/1.1\r\n${host}${host}\r\n`],
    ['two different Hosts', `GET / HTTP/1.1\r\n${host}Host: evil.example\r\n\r\n`],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['a Host that is no host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['a Host with a user', 'GET / HTTP/1.1\r\nHost: me@evil.example\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['HTTP/0.9 by number', `GET / HTTP/0.9\r\n${host}\r\n`],
    ['HTTP/2.0 by number', `GET / HTTP/2.0\r\n${host}\r\n`],
    ['a length twice', `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a length that is no number', `POST / HTTP/1.1\r\n${host}Content-Length: 1x\r\n\r\nab`],
    ['a signed length', `POST / HTTP/1.1\r\n${host}Content-Length: +1\r\n\r\na`],
    [
      'length and chunks',
      `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['chunks that are not last', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['an unknown transfer coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a space before the colon', `POST / HTTP/1.1\r\n${host}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ['a folded header', `POST / HTTP/1.1\r\n${host}X: a\r\n b\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
    [
      'a chunk size that is none',
      `POST /upload HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n`,
    ],
    [
      'a chunk of signed size',
      `POST /upload HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n-1\r\nab\r\n0\r\n\r\n`,
    ],
    ['a header name with a space', `GET / HTTP/1.1\r\n${host}X Y: 1\r\n\r\n`],
    ['a zero byte in a header', `GET / HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`],
    ['a target that is no path', `GET evil.example HTTP/1.1\r\n${host}\r\n`],
    ['a target with a fragment', `GET /a#b HTTP/1.1\r\n${host}\r\n`],
    ['a target with a backslash', `GET /\\evil.example HTTP/1.1\r\n${host}\r\n`],
    ['a target of another scheme', `GET ftp://evil.example/ HTTP/1.1\r\n${host}\r\n`],
    ['a target with a user', `GET http://me@evil.example/ HTTP/1.1\r\n${host}\r\n`],
    ['a star', `GET * HTTP/1.1\r\n${host}\r\n`],
    ['headers without an end', `GET / HTTP/1.1\r\n${host}X: ${'a'.repeat(40_000)}\r\n\r\n`],
    ['TRACE', `TRACE / HTTP/1.1\r\n${host}\r\n`],
    ['CONNECT', `CONNECT evil.example:443 HTTP/1.1\r\n${host}\r\n`],
    ['an unknown method', `BREW / HTTP/1.1\r\n${host}\r\n`],
  ]
  for (const [what, text] of refused) {
    test(`GW-6 ${what}: refused, and no arm sees it`, async () => {
      const seen = rig.current.seen.length
      const answer = await rig.raw(text)
      const status = statusOf(answer)
      assert.ok(answer === '' || (status >= 400 && status < 500), `${status} ${answer.slice(0, 100)}`)
      assert.deepEqual(
        rig.current.seen.slice(seen).filter((each) => each !== 'POST /upload'),
        [],
      )
      assert.equal(answer.match(/^HTTP\/1\.1/gm)?.length ?? 0, answer === '' ? 0 : 1)
    })
  }

  test('GW-6 a body that looks like a request is a body', async () => {
    const body = smuggled
    const text = await rig.raw(
      `POST /upload HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
    assert.match(text, new RegExp(`"bytes":${body.length}`))
    const unread = await rig.raw(`GET /start HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`)
    assert.equal(unread.match(/HTTP\/1\.1 200/g)?.length, 1)
    assert.equal(
      rig.current.seen.some((each) => each.includes('smuggled')),
      false,
    )
  })

  test('GW-6 an absolute target is rebuilt: the origin sees a path, and the target’s host', async () => {
    const text = await rig.raw(`GET http://other.example/echo?a=1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    assert.match(text, /"url":"\/echo\?a=1"/)
    assert.match(text, /"x-forwarded-host","other\.example"/)
  })

  test('GW-6 an upgrade to HTTP/2 in the clear is not passed on', async () => {
    const text = await echoed(
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA',
      'Connection: Upgrade, HTTP2-Settings',
    )
    assert.equal(text.includes('h2c'), false)
    assert.equal(text.includes('http2-settings'), false)
  })

  test('GW-6 a name in a Connection header does not take away what the gateway says', async () => {
    const text = await echoed('X-Secret: 1', 'Connection: close, X-Secret, X-Pg-Arm, X-Forwarded-For, Host')
    assert.equal(text.includes('x-secret'), false)
    assert.match(text, /"x-pg-arm","current"/)
    assert.match(text, /"x-forwarded-for","127\.0\.0\.1"/)
  })

  test('GW-6 a healthy request follows all of that', async () => {
    assert.equal((await rig.ask('/')).status, 200)
  })
})

describe('Headers that could be read as ours', () => {
  const forged = [
    'X-Pg-Unit',
    'x-pg-arm',
    'X_Pg_Arm',
    'X-Pg_Arm',
    'x_pg-unit',
    'X-PHASEGATE-UNIT',
    'X_Phasegate_Unit',
    'X-Pg',
    'X_Forwarded_Host',
    'X-Forwarded-Prefix',
    'Forwarded',
    'X-Real-IP',
    'Some_Header',
  ]
  for (const name of forged) {
    test(`GW-5 ${name} from outside reaches no application`, async () => {
      assert.equal((await echoed(`${name}: forged-value`)).includes('forged-value'), false)
    })
  }

  test('GW-5 a trailer is not passed on', async () => {
    const text = await rig.raw(
      `POST /echo HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nTrailer: X-Pg-Arm\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\nX-Pg-Arm: forged-value\r\n\r\n`,
    )
    assert.equal(statusOf(text), 200)
    assert.equal(text.includes('forged-value'), false)
    assert.equal(text.toLowerCase().includes('"trailer"'), false)
  })

  test('GW-4 an application can not set our cookies', async () => {
    const answer = await rig.ask('/login')
    assert.equal(
      answer.setCookies.some((cookie) => cookie.startsWith('pg_')),
      false,
    )
  })
})

/** A server that reads bodies and answers with more than any buffer holds, under limits that a test can wait for. */
async function aWatchedServer(): Promise<{ port: number; close(): void }> {
  const slow = watchSlowClients({ lookMs: 50, slowMs: 200, leastBytesPerSecond: 500, stuckMs: 200 })
  const server = http.createServer((request, response) => {
    slow.follow(request, response)
    request.resume().on('end', () => response.end(Buffer.alloc(request.url === '/big' ? 64 * 1024 * 1024 : 2)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      slow.close()
      server.close()
      server.closeAllConnections()
    },
  }
}

describe('Slow and broken clients', () => {
  test('GW-21 a body that hardly moves and an answer that nobody reads end; one that is slow and moves does not', async () => {
    const watched = await aWatchedServer()
    const open = (text: string): { socket: Socket; isClosed: () => boolean; received: () => string } => {
      const socket = connect(watched.port, '127.0.0.1')
      let closed = false
      let received = ''
      socket.on('error', () => {}).on('close', () => (closed = true))
      if (!text.includes('/big')) socket.on('data', (chunk) => (received += chunk.toString('latin1')))
      socket.write(text)
      return { socket, isClosed: () => closed, received: () => received }
    }
    const dripping = open(`POST / HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\n`)
    const drip = setInterval(() => dripping.socket.write('a'), 50)
    const moving = open(`POST / HTTP/1.1\r\n${host}Content-Length: 2000\r\nConnection: close\r\n\r\n`)
    let sent = 0
    const move = setInterval(() => {
      if (sent++ < 20) moving.socket.write('a'.repeat(100))
    }, 30)
    const unread = open(`GET /big HTTP/1.1\r\n${host}\r\n`)
    await rig.eventually(() => dripping.isClosed(), 'the end of the dripping client')
    await rig.eventually(() => moving.received().includes('200 OK'), 'the answer to the moving client')
    await sleep(1500)
    unread.socket.resume()
    await rig.eventually(() => unread.isClosed(), 'the end of the client that does not read')
    assert.ok(unread.socket.bytesRead < 64 * 1024 * 1024)
    clearInterval(drip)
    clearInterval(move)
    watched.close()
  })

  test('GW-21 hundreds of clients that send nothing more do not hold up others', async () => {
    const sockets = Array.from({ length: 200 }, () => {
      const socket = connect(rig.gateway.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`POST /upload HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\nab`)
      return socket
    })
    await sleep(200)
    const startedMs = performance.now()
    for (let count = 0; count < 20; count++) assert.equal((await rig.ask('/')).status, 200)
    assert.ok(performance.now() - startedMs < 15_000)
    for (const socket of sockets) socket.destroy()
    await sleep(50)
    assert.equal((await rig.ask('/')).status, 200)
  })
})
