import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startLoad } from '../load.ts'
import { openDoor } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

const each = 125
const mostSeconds = 65
const plants: Record<string, string> = { 'a server that waits for ever': 'patient-server.ts' }
const host = 'Host: permits.example.org\r\n'

/** What is sent at first, and then again and again; a reader that takes next to nothing has `reads`. */
const kinds = [
  { begins: `GET / HTTP/1.1\r\n${host}`, again: 'X-A: b\r\n', everyMs: 5_000, reads: true },
  { begins: `POST /page HTTP/1.1\r\n${host}Content-Length: 100000\r\n\r\n`, again: 'a', everyMs: 2_000, reads: true },
  {
    begins: `POST /page HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`,
    again: '1\r\na\r\n',
    everyMs: 2_000,
    reads: true,
  },
  { begins: `GET /big HTTP/1.1\r\n${host}\r\n`, again: '', everyMs: 5_000, reads: false },
]

/** They cost an attacker nothing; each holds a connection of ours. */
export const scenario: Scenario = {
  promise: 14,
  title: 'Clients that send or read next to nothing hold up nobody, and are ended',
  reach: `${each * kinds.length} slow clients: of 20 good requests a second failed 0, p99 below 500 ms; all ended within ${mostSeconds} s`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const { gateway, pass } = await openDoor(stage, preload)
    const canary = startLoad({ port: gateway.port, perSecond: 20, withBody: 0.2, cookie: pass })
    const slow = kinds.flatMap((kind) => Array.from({ length: each }, () => slowClient(gateway.port, kind)))
    stage.onEnd(() => slow.forEach(({ socket }) => socket.destroy()))
    const until = performance.now() + mostSeconds * 1000
    while (slow.some(({ endedMs }) => endedMs() === null) && performance.now() < until) await pause(200)
    const report = await canary.stop()
    const open = slow.filter(({ endedMs }) => endedMs() === null).length
    const longest = Math.max(0, ...slow.map(({ endedMs }) => endedMs() ?? 0)) / 1000
    for (const problem of report.failed.slice(0, 5)) stage.say(problem)
    return {
      rounds: slow.length,
      figures: [
        {
          says: `of ${report.sent} good requests failed`,
          value: report.failed.length,
          unit: '',
          holds: report.failed.length === 0,
        },
        { says: 'good requests, p99', value: report.p99Ms, unit: 'ms', holds: report.p99Ms < 500 },
        { says: `slow clients still there after ${mostSeconds} s`, value: open, unit: '', holds: open === 0 },
        { says: 'the longest stay of those that were ended', value: longest, unit: 's', holds: longest <= mostSeconds },
      ],
    }
  },
}

function slowClient(port: number, { begins, again, everyMs, reads }: (typeof kinds)[number]) {
  const startedAt = performance.now()
  let endedMs: number | null = null
  const socket: Socket = connect(port, '127.0.0.1')
  const timer = setInterval(() => {
    if (again !== '') socket.write(again)
    // A socket that is paused takes what fits, and one read of it now and then.
    if (!reads) socket.read(32)
  }, everyMs)
  socket.on('error', () => {})
  socket.on('close', () => {
    clearInterval(timer)
    endedMs ??= performance.now() - startedAt
  })
  socket.write(begins)
  if (reads) socket.resume()
  else watchEnd(socket, () => (endedMs ??= performance.now() - startedAt))
  return { socket, endedMs: () => endedMs }
}

/** Somebody who does not read is not told of the end either: it shows when something is sent. */
function watchEnd(socket: Socket, ended: () => void): void {
  const timer = setInterval(() => {
    socket.write('x', (error) => {
      if (error === undefined || error === null) return
      clearInterval(timer)
      ended()
    })
  }, 1_000)
  socket.on('close', () => clearInterval(timer))
}
