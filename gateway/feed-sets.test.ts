import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { nameOfSet, newUnit, packUnits } from '../packages/admission/src/index.ts'
import { startProtocolServer } from '../test/support/control-plane-protocol.ts'
import { aFeed, startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { until } from '../test/support/until.ts'

const rigs: GatewayRig[] = []
after(async () => {
  for (const rig of rigs) await rig.close()
})

/** A set of people, as a control plane keeps it. */
function aSet(units: readonly string[]): { name: string; text: string } {
  const text = JSON.stringify(packUnits(units))
  return { name: nameOfSet(text), text }
}

describe('Large sets in the feed', () => {
  const units = Array.from({ length: 100 }, newUnit)
  const [one = '', two = ''] = units
  const { name, text } = aSet(units)

  async function aRig(): Promise<GatewayRig> {
    const rig = await startGatewayRig()
    rigs.push(rig)
    return rig
  }
  /** Somebody whom only the set lets in: the pass says who they are, and nothing else. */
  const served = async (rig: GatewayRig, unit: string): Promise<unknown> => {
    const cookie = rig.pass({ unit, arm: 'current', rung: 'share' })
    return (await rig.ask('/', { headers: { cookie } })).headers['x-served-by']
  }
  const nameInFeed = (rig: GatewayRig, set: string, added: string[] = [], gone: string[] = []): void =>
    rig.control.publish((feed) => {
      for (const service of feed.snapshot.services) service.units.invited = { set, added, gone }
    })

  test('GW-40 are fetched once, with what changed in them since, and stay on disk for a start without a control plane', async () => {
    const rig = await aRig()
    rig.control.sets.set(name, text)
    nameInFeed(rig, name)
    await rig.taken()
    assert.equal(await served(rig, one), 'new')
    const newcomer = newUnit()
    assert.equal(await served(rig, newcomer), 'current')
    nameInFeed(rig, name, [newcomer], [two])
    await rig.taken()
    assert.deepEqual([await served(rig, newcomer), await served(rig, two)], ['new', 'current'])
    assert.deepEqual(rig.control.setsAsked, [name])
    await rig.control.stop()
    await rig.restart()
    assert.equal(rig.gateway.ready(), true)
    assert.deepEqual([await served(rig, one), await served(rig, two)], ['new', 'current'])
    await rig.control.start()
  })

  test('GW-40 ADM-13 that are not what their name says replace nothing, and those that do not come neither', async () => {
    const rig = await aRig()
    const other = aSet([newUnit()])
    rig.control.sets.set(name, other.text)
    nameInFeed(rig, name)
    await rig.eventually(() => rig.logged.some((line) => /not what its name says/.test(line)), 'the refusal')
    nameInFeed(rig, other.name)
    await rig.eventually(() => rig.logged.some((line) => /did not come/.test(line)), 'the set that is not there')
    assert.equal(await served(rig, one), 'current')
    assert.equal(rig.gateway.ready(), true)
    rig.control.sets.set(name, text)
    nameInFeed(rig, name)
    await rig.taken()
    assert.equal(await served(rig, one), 'new')
  })

  test('GW-40 of two control planes that name different sets, each is asked for its own once', async () => {
    const rig = await aRig()
    const other = await startProtocolServer(aFeed())
    try {
      await rig.restart({ controlUrls: [rig.control.url, other.url] })
      const somebody = newUnit()
      const otherSet = aSet([somebody])
      rig.control.sets.set(name, text)
      other.sets.set(otherSet.name, otherSet.text)
      for (const version of [10, 20, 30]) {
        rig.control.feed.snapshot.version = version
        nameInFeed(rig, name)
        await until('the first is taken', async () => (await served(rig, one)) === 'new')
        other.publish(({ snapshot }) => {
          snapshot.version = version + 5
          for (const service of snapshot.services) service.units.invited = { set: otherSet.name, added: [], gone: [] }
        })
        await until('the other is taken', async () => (await served(rig, somebody)) === 'new')
      }
      assert.deepEqual([rig.control.setsAsked, other.setsAsked], [[name], [otherSet.name]])
    } finally {
      await other.stop()
    }
  })

  test('GW-40 GW-3 a halt does not wait for a set', async () => {
    const rig = await aRig()
    const cookie = rig.pass()
    const armNow = async (): Promise<unknown> => (await rig.ask('/', { headers: { cookie } })).headers['x-served-by']
    assert.equal(await armNow(), 'new')
    rig.control.publish((feed) => {
      for (const service of feed.snapshot.services) {
        service.units.invited = { set: name, added: [], gone: [] }
        service.halt = { id: 'h1', at: '2026-01-05T09:00:00Z' }
      }
    })
    await until('the halt is heard', async () => (await armNow()) === 'current')
  })
})
