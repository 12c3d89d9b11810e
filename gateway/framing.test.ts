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

/** The headers that the application saw, by /echo. */
async function echoed(...lines: string[]): Promise<string> {
  const text = await rig.raw(
    `GET /echo HTTP/1.1\r\n${host}${lines.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`,
  )
  return text.slice(text.indexOf('\r\n\r\n')).toLowerCase()
}

describe('Requests that are not what they should be', () => {
  test('GW-6 a body that looks like a request is a body', async () => {
    const body = smuggled
    const text = await rig.raw(
      `POST /upload HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
    assert.match(text, new RegExp(`"bytes":${body.length}`))
    const unread = `GET /start HTTP/1.1\r\n${host}Content-Length: ${body.length}\r\n\r\n${body}`
    const both = await rig.raw(`${unread}GET /start HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
    assert.equal(both.match(/HTTP\/1\.1 200/g)?.length, 2)
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

describe('Names that are ours', () => {
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

describe('Connections in all', () => {
  test('GW-37 the one too many is told so, those that are there go on, and a place that is given up is given on', async () => {
    const small = await startGatewayRig({ gateway: { connections: 3 } })
    const connected: Socket[] = []
    const open = async (path = '/') => {
      const socket = connect(small.gateway.port, '127.0.0.1').setEncoding('utf8')
      connected.push(socket)
      return { socket, ask: () => answerOn(socket, path), first: await answerOn(socket, path) }
    }
    try {
      const here = [await open(), await open(), await open()]
      for (const { first } of here) assert.match(first, /^HTTP\/1\.1 200/)
      const tooMany = await open()
      assert.match(tooMany.first, /^HTTP\/1\.1 503/)
      assert.match(tooMany.first, /retry-after: 5\r\n/i)
      assert.match(tooMany.first, /connection: close\r\n/i)
      assert.match(tooMany.first, /too many people here just now/)
      assert.match((await open('/.phasegate/health')).first, /^HTTP\/1\.1 200/)
      for (const { ask } of here) assert.match(await ask(), /^HTTP\/1\.1 200/)
      assert.ok(small.logged.some((line) => line.includes('as many connections as it takes')))
      here[0]?.socket.destroy()
      let next = await open()
      while (!next.first.startsWith('HTTP/1.1 200')) next = await open()
    } finally {
      for (const socket of connected) socket.destroy()
      await small.close()
    }
  })
})

/** What is said to one request on this connection, which stays open if it may. */
async function answerOn(socket: Socket, path: string): Promise<string> {
  let text = ''
  const hear = (chunk: string): void => void (text += chunk)
  socket.on('data', hear)
  socket.write(`GET ${path} HTTP/1.1\r\n${host}\r\n`)
  const isWhole = (): boolean => {
    const at = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    return at >= 0 && Buffer.byteLength(text) >= at + 4 + length
  }
  while (!isWhole() && !socket.destroyed) await sleep(5)
  socket.off('data', hear)
  return text
}
