import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { look, openDoor } from '../public-door.ts'
import { CannotBeTried, type Scenario } from '../scenario.ts'

const wanted = 20_000
const mostKb = 20
const plants: Record<string, string> = { 'a server that keeps 40 KB for each': 'heavy-connections.ts' }

/** Browsers keep connections open; each has to be cheap. */
export const scenario: Scenario = {
  promise: 15,
  title: 'Idle connections cost next to nothing',
  reach: `${wanted} idle connections: at most ${mostKb} KB each; fewer where the system allows fewer, and it says so`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const { gateway, pass } = await openDoor(stage, preload)
    const count = Math.min(wanted, openFilesAllowed() - 500)
    if (count < 2_000) throw new CannotBeTried('fewer than 2,500 open files are allowed here (ulimit -n)')
    if (count < wanted) stage.say(`${count} connections: the system allows no more open files`)
    const [worker = 0] = gateway.workers()
    await warmUp(gateway.port)
    const before = residentKb(worker)
    const sockets: Socket[] = []
    stage.onEnd(() => sockets.forEach((socket) => socket.destroy()))
    let open = 0
    // An address of this machine has fewer ports than that to go out from.
    while (sockets.length < count) {
      const batch = Array.from({ length: Math.min(500, count - sockets.length) }, (_, at) => {
        const number = sockets.length + at
        return idle(gateway.port, `127.0.0.${2 + (number % 4)}`, () => open++)
      })
      sockets.push(...batch.map(({ socket }) => socket))
      await Promise.all(batch.map(({ answered }) => answered))
    }
    await pause(1_000)
    const eachKb = (residentKb(worker) - before) / Math.max(1, open)
    const good = await look(gateway.port, pass)
    return {
      rounds: open,
      figures: [
        { says: 'connections that were not taken', value: count - open, unit: '', holds: open === count },
        { says: 'memory for each', value: eachKb, unit: 'KB', holds: eachKb <= mostKb },
        { says: 'a good request in between is served', value: good.status, unit: '', holds: good.status === 200 },
      ],
    }
  },
}

/** One that has asked once and been answered. */
function idle(port: number, from: string, isOpen: () => void): { socket: Socket; answered: Promise<void> } {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  const answered = new Promise<void>((resolve) => {
    socket.on('error', () => resolve())
    socket.once('data', () => {
      isOpen()
      resolve()
    })
  })
  socket.write('GET /.phasegate/health HTTP/1.1\r\nHost: permits.example.org\r\n\r\n')
  return { socket, answered }
}

async function warmUp(port: number): Promise<void> {
  for (let count = 0; count < 300; count++) await look(port, '')
  await pause(1_000)
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}

function openFilesAllowed(): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024)
}
