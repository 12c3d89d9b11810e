import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { gatewayKey } from '../test/support/control-plane-protocol.ts'
import { ask, outsideHost, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { writeGatewayService } from './config.ts'
import { askForHalt } from './local-halt.ts'
import { freePort } from '../test/support/free-port.ts'
import { until } from '../test/support/until.ts'

let rig: GatewayRig
const children: ChildProcess[] = []
before(async () => {
  rig = await startGatewayRig()
})
after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rig.close()
})

function run(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { PATH: process.env.PATH ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

/** A gateway of its own before the rig's applications, with a state folder of this name. */
function start(name: string, port = 0): ChildProcess {
  const config = join(rig.stateDirectory, name, 'gateway.yaml')
  writeGatewayService(config, { key: 'parking', current: rig.current.url, new: rig.new.url })
  return run({
    PHASEGATE_URLS: rig.control.url,
    PHASEGATE_GATEWAY_KEY: gatewayKey,
    PHASEGATE_GATEWAY_CONFIG: config,
    PHASEGATE_DATA: join(rig.stateDirectory, name),
    GATEWAY_PORT: String(port),
  })
}

async function portOf(child: ChildProcess): Promise<number> {
  let said = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  await rig.eventually(() => said.includes('The gateway stands at'), 'the gateway’s first line')
  return Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
}

/** Which service somebody with a pass gets. */
async function servedBy(port: number): Promise<unknown> {
  return (await ask(port, '/', { headers: { cookie: rig.pass() } })).headers['x-served-by']
}

const takesFeed = (port: number): Promise<void> =>
  until('the gateway goes by the feed', async () => (await servedBy(port)) === 'new')

/** The processes that serve, by the first one's own list: Linux tells it, elsewhere `ps` does. */
function childrenOf(pid: number): string[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
  return listed
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, state]) => parent === String(pid) && !state?.startsWith('Z'))
    .map(([child = '']) => child)
}

async function failure(environment: Record<string, string>): Promise<string> {
  const child = run(environment)
  assert.ok(child.stderr)
  const said = text(child.stderr)
  const [code] = (await once(child, 'exit')) as [number]
  assert.equal(code, 1)
  return said
}

describe('The gateway as a process of its own', () => {
  test('GW-2 it starts with an address and a key, serves both arms, and ends on a signal', async () => {
    const child = start('own')
    const port = await portOf(child)
    await takesFeed(port)
    assert.equal((await ask(port, '/')).headers['x-served-by'], 'current')
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  test('GW-34 it is restarted under load without one failed request, and again after it was killed [promise 17]', async () => {
    const port = await freePort()
    const child = start('restarted', port)
    await portOf(child)
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
    const failed: string[] = []
    const pids = new Set<string>()
    let served = 0
    let isOver = false
    const send = async (isKept: boolean): Promise<void> => {
      const body = served % 5 === 0 ? 'x'.repeat(20_000) : undefined
      const options = {
        port,
        host: '127.0.0.1',
        path: body === undefined ? '/' : '/upload',
        method: body === undefined ? 'GET' : 'POST',
      }
      const request = http.request({
        ...options,
        headers: { host: outsideHost },
        ...(isKept ? { agent } : { agent: false }),
      })
      request.end(body)
      const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
      await text(answer)
      if (answer.statusCode !== 200) failed.push(`${answer.statusCode}`)
      served++
    }
    const client = async (isKept: boolean): Promise<void> => {
      while (!isOver) {
        await send(isKept).catch((error: Error) => failed.push(error.message))
        await sleep(5)
      }
    }
    const clients = [client(true), client(true), client(false), client(false)]
    const workers = (): string[] => childrenOf(child.pid ?? 0)
    for (let count = 0; count < 3; count++) {
      const before = workers()
      pids.add(before.join())
      const servedBefore = served
      child.kill('SIGHUP')
      await rig.eventually(() => workers().some((pid) => !before.includes(pid)), 'a new process')
      await rig.eventually(() => before.every((pid) => !workers().includes(pid)), 'the end of the one before')
      await rig.eventually(() => served > servedBefore + 20, 'more requests')
    }
    isOver = true
    await Promise.all(clients)
    assert.deepEqual(failed, [])
    assert.equal(pids.size, 3)

    const [serving] = workers()
    process.kill(Number(serving), 'SIGKILL')
    await rig.eventually(() => workers().some((pid) => pid !== serving), 'one in place of the killed one')
    await until('somebody is served', async () => (await ask(port, '/').catch(() => null))?.status === 200)
    agent.destroy()
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  test('GW-3 a halt on this machine during a restart holds in the process that comes and in the one that goes', async () => {
    const child = start('halted')
    const port = await portOf(child)
    await takesFeed(port)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, {
      headers: { host: outsideHost, cookie: rig.pass() },
    })
    await once(socket, 'message')
    const before = childrenOf(child.pid ?? 0)
    child.kill('SIGHUP')
    await rig.eventually(() => childrenOf(child.pid ?? 0).length === 2, 'a second process')
    for (let count = 0; count < 20; count++) await ask(port, '/')
    const closed = once(socket, 'close')
    askForHalt(join(rig.stateDirectory, 'halted', 'gateway'), 'parking', {
      at: new Date().toISOString(),
      by: 'somebody',
      reason: 'It is broken',
    })
    await closed
    // Whichever of both was told of it tells the other.
    await until('nobody is sent to the new service', async () => {
      const served = await Promise.all(Array.from({ length: 10 }, () => servedBy(port)))
      return served.every((each) => each === 'current')
    })
    await rig.eventually(() => childrenOf(child.pid ?? 0).every((pid) => !before.includes(pid)), 'the end of the first')
    child.kill('SIGTERM')
    await once(child, 'exit')
  })

  test('GW-7 what is missing or wrong is said in one line each', async () => {
    assert.match(await failure({}), /PHASEGATE_GATEWAY_KEY is missing/)
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const port = String((taken.address() as AddressInfo).port)
    const settings = {
      PHASEGATE_GATEWAY_KEY: 'k',
      PHASEGATE_DATA: join(rig.stateDirectory, 'other'),
      GATEWAY_PORT: port,
    }
    assert.match(
      await failure({ ...settings, PHASEGATE_GATEWAY_CONFIG: '/nowhere/gateway.yaml' }),
      /Port \d+ is in use/,
    )
    taken.close()
  })
})
