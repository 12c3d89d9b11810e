import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { probes } from '../test/support/gateway-probes.ts'
import { sendProbe, startWitness, type ProbeReport, type Witness } from '../test/support/gateway-witness.ts'

let rig: GatewayRig
let witness: Witness
const reports: (() => ProbeReport)[] = []
before(async () => {
  witness = await startWitness()
  rig = await startGatewayRig({ config: { current: witness.url } })
  // They wait for silence most of the time, each on its own path: so all go together, some at a time.
  const waiting = [...probes.entries()]
  const sender = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [number, probe] = next
      reports[number] = await sendProbe(rig.gateway.port, witness, probe, number)
    }
  }
  await Promise.all(Array.from({ length: 12 }, sender))
})
after(async () => {
  await rig.close()
  await witness.close()
})

describe('Requests that are not what they seem', () => {
  for (const [number, { what, sees }] of probes.entries()) {
    const does = sees.length === 0 ? 'reaches no application' : 'is read as it is meant, and nothing of ours is forged'
    test(`GW-6 ${what}: ${does} [promise 12] [promise 13]`, () => {
      assert.deepEqual(reports[number]?.(), { smuggled: [], failed: [], leaked: [] })
    })
  }
})
