import http from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgedWord, probeHost, probes, type Probe } from './gateway-probes.ts'

/** An application that reads as leniently as there is, and tells every request that reached it. */
export interface Witness {
  readonly url: string
  readonly saw: { line: string; body: string; headers: string[] }[]
  close(): Promise<void>
}

/** `added`: names and values that every request seems to carry, for trying whether they would be noticed. */
export async function startWitness(added: readonly string[] = []): Promise<Witness> {
  const saw: Witness['saw'] = []
  const server = http.createServer({ insecureHTTPParser: true, requireHostHeader: false }, (request, response) => {
    text(request)
      .then((body) => {
        const headers = [...request.rawHeaders, ...request.rawTrailers, ...added]
        if (request.headers['user-agent'] !== 'phasegate-check') {
          saw.push({ line: `${request.method} ${request.url}`, body, headers })
        }
        response.setHeader('X-Served-By', 'current').setHeader('Content-Type', 'text/plain').end('seen\n')
      })
      // The gateway broke off what it had begun to send.
      .catch(() => request.socket.destroy())
  })
  server.on('upgrade', (request, socket) => {
    saw.push({ line: `${request.method} ${request.url}`, body: '', headers: request.rawHeaders })
    socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    saw,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

/** What a probe showed; all empty where everything is as it should be. */
export interface ProbeReport {
  /** Requests that the application saw and should not have. */
  smuggled: string[]
  /** Requests that should have been served, of the probe or after it, and were not. */
  failed: string[]
  /** Words from outside that an application could take for the gateway's, and ours that left it. */
  leaked: string[]
}

/** Some of what is refused has no answer and no end. */
const refusalLimitMs = 4000
const settleMs = 60

/** They wait most of the time, each on its own path: so all go together, some at a time. */
export async function sendAllProbes(port: number, witness: Witness): Promise<(() => ProbeReport)[]> {
  const reports: (() => ProbeReport)[] = []
  const waiting = [...probes.entries()]
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [number, probe] = next
      reports[number] = await sendProbe(port, witness, probe, number)
    }
  }
  await Promise.all(Array.from({ length: 12 }, sender))
  return reports
}

/**
 * Sends one probe, then a good request on the same connection where it stays and one on a new connection. What the
 * application saw of it is asked for later: something smuggled may take its time.
 */
async function sendProbe(port: number, witness: Witness, probe: Probe, number: number): Promise<() => ProbeReport> {
  const own = `/p${String(number).padStart(3, '0')}`
  const put = (template: string): string => template.replaceAll('/p@@@', own).replaceAll('p@@@', own.slice(1))
  const connection = converse(port)
  const failed: string[] = []
  const expected = probe.sees.map(put)
  connection.send(put(probe.bytes))
  await (expected.length > 0 ? connection.answered(expected.length) : connection.answered(1, refusalLimitMs))
  const answers = finalAnswers(connection.received())
  const isClosing = /^connection: close/im.test(connection.received()) || connection.isClosed()
  if (expected.length === 0 && answers.some((status) => status < 400 || status >= 500)) {
    failed.push(`was answered ${answers.join(', ')}`)
  }
  if (expected.length > 0 && answers.length < expected.length) failed.push(`had ${answers.length} answers`)
  if (answers.length > Math.max(1, expected.length)) failed.push(`had ${answers.length} answers`)
  if (expected.length > 0 && !isClosing) {
    connection.send(good(`${own}/same`))
    await connection.answered(answers.length + 1)
    expected.push(`GET ${own}/same`)
  }
  connection.end()
  const after = converse(port)
  after.send(good(`${own}/after`))
  await after.answered(1)
  after.end()
  if (!after.received().startsWith('HTTP/1.1 200')) failed.push('a good request after it was not served')
  expected.push(`GET ${own}/after`)

  return () => {
    const seen = witness.saw.filter(({ line }) => line.includes(own))
    const told = seen.map(({ line, body }) => (body === '' ? line : `${line} ${body}`))
    return {
      smuggled: told.filter((each) => !expected.includes(each)),
      failed: [...failed, ...expected.filter((each) => !told.includes(each)).map((each) => `not seen: ${each}`)],
      leaked: seen.flatMap(({ headers }) => leaks(headers)),
    }
  }
}

function leaks(headers: readonly string[]): string[] {
  const found: string[] = []
  const arms: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]]
    if (value.includes(forgedWord) || /pgc?_/i.test(value) || name.includes('_')) found.push(`${name}: ${value}`)
    if (name.toLowerCase() === 'x-pg-arm') arms.push(value)
  }
  if (arms.length !== 1) found.push(`x-pg-arm ${arms.length} times`)
  return found
}

function good(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${probeHost}\r\n\r\n`
}

/** Statuses of the answers, without those that only announce one. */
function finalAnswers(received: string): number[] {
  return [...received.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)]
    .map(([, status]) => Number(status))
    .filter((each) => each >= 200)
}

function converse(port: number) {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let closed = false
  socket.on('data', (chunk) => (received += chunk.toString('latin1')))
  socket.on('error', () => {})
  socket.on('close', () => (closed = true))
  return {
    received: () => received,
    isClosed: () => closed || socket.readableEnded,
    send(text: string): void {
      socket.write(text, 'latin1')
    },
    /** Until so many answers came or the connection ended, and a moment longer for what should not come. */
    async answered(count: number, limitMs = Infinity): Promise<void> {
      const until = performance.now() + limitMs
      while (!closed && performance.now() < until && finalAnswers(received).length < count) await sleep(10)
      await sleep(settleMs)
    },
    end: () => socket.destroy(),
  }
}
