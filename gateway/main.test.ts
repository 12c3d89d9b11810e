import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { gatewayKey } from '../test/support/control-plane-protocol.ts'
import { ask, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { writeGatewayService } from './config.ts'

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
    const config = join(rig.stateDirectory, 'own', 'gateway.yaml')
    writeGatewayService(config, { key: 'parking', current: rig.current.url, new: rig.new.url })
    const child = run({
      PHASEGATE_URLS: rig.control.url,
      PHASEGATE_GATEWAY_KEY: gatewayKey,
      PHASEGATE_GATEWAY_CONFIG: config,
      PHASEGATE_DATA: join(rig.stateDirectory, 'own'),
      GATEWAY_PORT: '0',
    })
    let said = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    await rig.eventually(() => said.includes('The gateway stands at'), 'the gateway’s first line')
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1])
    let served: unknown
    for (let count = 0; count < 100 && served !== 'new'; count++) {
      served = (await ask(port, '/', { headers: { cookie: rig.pass() } })).headers['x-served-by']
    }
    assert.equal(served, 'new')
    assert.equal((await ask(port, '/')).headers['x-served-by'], 'current')
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
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
