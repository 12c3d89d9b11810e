import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { openConnectionCap } from './connection-cap.ts'
import { listen } from './listen.ts'

const get = 'GET / HTTP/1.1\r\nHost: permits.example.org\r\n\r\n'

test('GW-34 a request that arrived while the gateway was busy is answered before its connection ends [promise 17]', async () => {
  let seen = 0
  const request = (_message: unknown, response: { end(text: string): void }): void => {
    seen++
    response.end(`answer ${seen}`)
  }
  const listening = await listen(
    { connection: () => {}, request, upgrade: () => {}, noRoom: () => {} },
    { host: '127.0.0.1', port: 0, cap: openConnectionCap(10, { info() {}, warn() {}, error() {} }) },
  )
  const client = connect(listening.port, '127.0.0.1')
  let received = ''
  client.setEncoding('utf8').on('data', (text: string) => (received += text))
  client.write(get)
  while (!received.includes('answer 1')) await once(client, 'data')
  const idleMs = 150
  const closed = listening.close({ idleMs, requestsMs: 60_000, endlessMs: 60_000 })
  // In one go: the request is in the socket, and its connection is due to end before anybody can have read it.
  client.write(get)
  for (const until = performance.now() + 2 * idleMs; performance.now() < until;);
  await once(client, 'close')
  await closed
  assert.match(received, /answer 2/)
})
