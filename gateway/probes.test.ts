import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { probes } from '../test/support/gateway-probes.ts'
import { sendAllProbes, startWitness, type ProbeReport, type Witness } from '../test/support/gateway-witness.ts'

let rig: GatewayRig
let witness: Witness
let reports: (() => ProbeReport)[] = []
before(async () => {
  witness = await startWitness()
  rig = await startGatewayRig({ config: { current: witness.url } })
  reports = await sendAllProbes(rig.gateway.port, witness)
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
