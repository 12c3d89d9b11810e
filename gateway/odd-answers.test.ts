import assert from 'node:assert/strict'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { outsideHost, sendRaw, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'

/** An application that answers with the bytes of the case that the path names. */
let application: Server
let rig: GatewayRig
const sockets = new Set<Socket>()

interface OddAnswer {
  what: string
  bytes: string
  /** What the browser gets, and then the answer to a second request on the same connection where it stays. */
  status: number | 'broken off'
  body?: string
  never?: RegExp
}

const ok = 'HTTP/1.1 200 OK\r\n'
const planted = 'HTTP/1.1 200 OK\r\nX-Planted: 1\r\nContent-Length: 0\r\n\r\n'
const neverPlanted = /x-planted/i

const answers: OddAnswer[] = [
  {
    what: 'a length beside chunks',
    bytes: `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    status: 502,
  },
  { what: 'two lengths', bytes: `${ok}Content-Length: 5\r\nContent-Length: 2\r\n\r\nhello`, status: 502 },
  { what: 'a length that is none', bytes: `${ok}Content-Length: -5\r\n\r\nhello`, status: 502 },
  {
    what: 'a body longer than its length',
    bytes: `${ok}Content-Length: 2\r\n\r\nok${planted}`,
    status: 200,
    body: 'ok',
    never: neverPlanted,
  },
  {
    what: 'a body with 204',
    bytes: `HTTP/1.1 204 No Content\r\nContent-Length: ${planted.length}\r\n\r\n${planted}`,
    status: 204,
    body: '',
    never: neverPlanted,
  },
  {
    what: 'a body with 304',
    bytes: `HTTP/1.1 304 Not Modified\r\n\r\n${planted}`,
    status: 304,
    body: '',
    never: neverPlanted,
  },
  {
    what: 'a chunk that is none',
    bytes: `${ok}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`,
    status: 'broken off',
  },
  {
    what: 'chunks that end too early',
    bytes: `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`,
    status: 'broken off',
  },
  { what: 'a body shorter than its length', bytes: `${ok}Content-Length: 50\r\n\r\nhello`, status: 'broken off' },
  { what: 'a coding that nobody knows', bytes: `${ok}Transfer-Encoding: cow\r\n\r\nhello`, status: 200, body: 'hello' },
  { what: 'a folded header', bytes: `${ok}X-A: a\r\n X-Planted: 1\r\nContent-Length: 2\r\n\r\nok`, status: 502 },
  {
    what: 'a header behind a bare line feed',
    bytes: `${ok}X-A: a\nX-Planted: 1\r\nContent-Length: 2\r\n\r\nok`,
    status: 502,
  },
  {
    what: 'a header behind a bare carriage return',
    bytes: `${ok}X-A: a\rX-Planted: 1\r\nContent-Length: 2\r\n\r\nok`,
    status: 502,
  },
  { what: 'a zero byte in a header', bytes: `${ok}X-A: a\0b\r\nContent-Length: 2\r\n\r\nok`, status: 502 },
  { what: 'a control character in a header', bytes: `${ok}X-A: a\x01b\r\nContent-Length: 2\r\n\r\nok`, status: 502 },
  { what: 'a space in the name of a header', bytes: `${ok}X A: b\r\nContent-Length: 2\r\n\r\nok`, status: 502 },
  {
    what: 'a control character in the reason',
    bytes: 'HTTP/1.1 200 O\x01K\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    body: 'ok',
  },
  {
    what: 'a high byte in the reason and in a header',
    bytes: 'HTTP/1.1 200 \xd6K\r\nX-A: \xe4\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    body: 'ok',
  },
  { what: 'no reason', bytes: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', status: 200, body: 'ok' },
  { what: 'a status of 0', bytes: 'HTTP/1.1 000 No\r\nContent-Length: 2\r\n\r\nok', status: 502 },
  { what: 'a status of 99', bytes: 'HTTP/1.1 099 No\r\nContent-Length: 2\r\n\r\nok', status: 502 },
  { what: 'a status of 999', bytes: 'HTTP/1.1 999 No\r\nContent-Length: 2\r\n\r\nok', status: 999, body: 'ok' },
  { what: 'a status of four digits', bytes: 'HTTP/1.1 2000 No\r\nContent-Length: 2\r\n\r\nok', status: 502 },
  {
    what: 'a switch of protocol that nobody asked for',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello',
    status: 502,
  },
  {
    what: 'one announcement before the answer',
    bytes: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Planted: 1\r\n\r\n${ok}Content-Length: 2\r\n\r\nok`,
    status: 200,
    body: 'ok',
    never: neverPlanted,
  },
  {
    what: 'a flood of announcements',
    bytes: `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5000)}${ok}Content-Length: 2\r\n\r\nok`,
    status: 200,
    body: 'ok',
  },
  { what: 'headers without an end', bytes: `${ok}X-A: ${'a'.repeat(200_000)}\r\n\r\nok`, status: 502 },
  {
    what: 'headers of 40 KB',
    bytes: `${ok}X-A: ${'a'.repeat(40_000)}\r\nContent-Length: 2\r\n\r\nok`,
    status: 200,
    body: 'ok',
  },
  { what: 'no HTTP at all', bytes: 'SSH-2.0-OpenSSH_9.2\r\n', status: 502 },
  { what: 'HTTP/0.9', bytes: '<h1>hello</h1>', status: 502 },
  { what: 'HTTP/1.0 until the connection ends', bytes: 'HTTP/1.0 200 OK\r\n\r\nhello', status: 200, body: 'hello' },
  {
    what: 'a trailer',
    bytes: `${ok}Transfer-Encoding: chunked\r\nTrailer: X-Planted\r\n\r\n2\r\nok\r\n0\r\nX-Planted: 1\r\n\r\n`,
    status: 200,
    body: 'ok',
    never: neverPlanted,
  },
  {
    what: 'a cookie of ours',
    bytes: `${ok}Set-Cookie: pg_parking=x\r\nSet-Cookie: =pgc_parking=new\r\nSet-Cookie: phasegate_session=x\r\nContent-Length: 2\r\n\r\nok`,
    status: 200,
    body: 'ok',
    never: /pgc?_parking|phasegate_session/,
  },
  { what: 'nothing', bytes: '', status: 502 },
]

before(async () => {
  application = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (data) => {
      const [, number] = /^\S+ \/odd\/(\d+) /.exec(data.toString('latin1')) ?? []
      const bytes = number === undefined ? `${ok}Content-Length: 4\r\n\r\ngood` : (answers[Number(number)]?.bytes ?? '')
      socket.write(bytes, 'latin1')
      if (number !== undefined) setTimeout(() => socket.end(), 30)
    })
  })
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve))
  const { port } = application.address() as AddressInfo
  rig = await startGatewayRig({ config: { current: `http://127.0.0.1:${port}` } })
})
after(async () => {
  await rig.close()
  for (const socket of sockets) socket.destroy()
  application.close()
})

describe('Answers that are not what they should be', () => {
  for (const [number, { what, status, body, never }] of answers.entries()) {
    test(`GW-6 an application that answers with ${what} harms nobody [promise 12]`, async () => {
      const last = `GET /good HTTP/1.1\r\nHost: ${outsideHost}\r\nConnection: close\r\n\r\n`
      const asked = `GET /odd/${number} HTTP/1.1\r\nHost: ${outsideHost}\r\n\r\n`
      const received = await sendRaw(rig.gateway.port, `${asked}${last}`)
      const found = Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1] ?? 0)
      if (status === 'broken off') {
        assert.equal(found, 200)
        assert.equal(received.endsWith('good'), false, 'nothing follows an answer that is not whole')
        assert.equal(received.endsWith('0\r\n\r\n'), false)
      } else {
        assert.equal(found, status, received.slice(0, 200))
        const [, rest = ''] = received.split(/\r\n\r\n([^]*)/)
        if (body !== undefined) assert.match(rest, new RegExp(`^(?:[0-9a-f]+\r\n)?${body}`))
        assert.equal(received.endsWith('good'), true, 'the next request on the same connection is served')
        assert.equal(received.match(/^(?:[^]{0,4}|.*?)HTTP\/1\.1 /gm)?.length, 2)
      }
      if (never !== undefined) assert.doesNotMatch(received, never)
      assert.equal((await rig.ask('/good')).text, 'good')
    })
  }
})
