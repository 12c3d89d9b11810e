import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { measureEffects } from './actions.ts'

const minute = 60_000

describe('deployments', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  const tell = (more: object) =>
    app.asAdmin.api('POST', '/api/v1/deployments', {
      service: 'permit',
      reference: 'build-1',
      version: '0.1.0',
      ...more,
    })

  /** A minute of the new arm's traffic, as the gateway tells it. */
  const traffic = (at: number, facts: { requests: number; errors: number; checks: number; checksFailed: number }) => ({
    id: `traffic-${at}`,
    time: new Date(at).toISOString(),
    service: 'permit',
    name: 'custom.gateway.traffic',
    arm: 'new',
    properties: facts,
  })

  test('OPS-1 a deployment told twice is one; a page without any says how to tell one', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    assert.match((await manager.get('/services/permit/deployments')).text, /No deployment is known yet/)
    assert.equal((await tell({})).status, 201)
    const again = await tell({})
    assert.equal(again.status, 200)
    assert.equal(again.json.repeated, true)
    const { deployments } = (await app.asAdmin.api('GET', '/api/v1/services/permit/deployments')).json
    assert.equal(deployments.length, 1)
  })

  test('OPS-1 a deployment in the future, or before its own change, is refused', async () => {
    const later = new Date(app.clock.now().getTime() + 3_600_000).toISOString()
    assert.equal((await tell({ reference: 'future', deployedAt: later })).status, 400)
    assert.equal((await tell({ reference: 'backwards', committedAt: later })).status, 400)
    assert.equal((await tell({ reference: 'nowhere', service: 'missing' })).status, 404)
  })

  test('OPS-2 OPS-3 counts deployments, their downtime and the change in errors after them [row 98]', async () => {
    const at = app.clock.now().getTime()
    const deployedAt = new Date(at - 40 * minute)
    const committedAt = new Date(deployedAt.getTime() - 2 * 86_400_000).toISOString()
    assert.equal(
      (await tell({ reference: 'build-2', version: '0.2.0', deployedAt: deployedAt.toISOString(), committedAt }))
        .status,
      201,
    )
    const events = []
    for (let m = 1; m <= 30; m++) {
      events.push(traffic(deployedAt.getTime() - m * minute, { requests: 200, errors: 2, checks: 60, checksFailed: 0 }))
      events.push(
        traffic(deployedAt.getTime() + (m - 1) * minute, {
          requests: 200,
          errors: 12,
          checks: 60,
          checksFailed: m === 1 ? 60 : 0,
        }),
      )
    }
    const stored = await app.asGateway.api('POST', '/api/v1/events', { events })
    assert.equal(stored.json.stored, 60)
    await measureEffects(app.phasegate.platform)
    const { figures, deployments } = (await app.asAdmin.api('GET', '/api/v1/services/permit/deployments')).json
    assert.equal(figures.count, 2)
    assert.equal(figures.measured, 1, 'the half hour of the other one is not over')
    assert.equal(figures.leadDays, 2)
    assert.equal(figures.downtimeMinutes, 1)
    assert.equal(figures.errors.before, 10)
    assert.equal(figures.errors.after, 60)
    assert.ok(figures.errors.low > 0, 'the effect is clear')
    assert.deepEqual(deployments.find(({ version }: { version: string }) => version === '0.2.0').effect.before, {
      requests: 6000,
      failed: 60,
      checks: 1800,
      checksFailed: 0,
    })
    const manager = await app.signIn('service-manager', 'permit')
    const page = await manager.get('/services/permit/deployments')
    assert.match(page.text, /More requests failed after deployments than before/)
  })

  test('OPS-1 frequency, lead time and the share of failed deployments are those of the last 90 days [row 17] [row 39]', async () => {
    const daysAgo = (days: number) => new Date(app.clock.now().getTime() - days * 86_400_000).toISOString()
    const failed = {
      reference: 'build-3',
      version: '0.3.0',
      deployedAt: daysAgo(5),
      committedAt: daysAgo(9),
      outcome: 'failed',
      changes: 'Vehicle question asked once',
      environment: 'staging',
    }
    assert.equal((await tell(failed)).status, 201)
    assert.equal(
      (await tell({ reference: 'long-ago', deployedAt: daysAgo(91), committedAt: daysAgo(120) })).status,
      201,
    )
    const { figures, deployments } = (await app.asAdmin.api('GET', '/api/v1/services/permit/deployments')).json
    assert.equal(figures.count, 3)
    assert.equal(figures.failed, 1)
    assert.ok(Math.abs(figures.failedShare - 1 / 3) < 1e-9)
    assert.ok(Math.abs(figures.perWeek - 3 / (90 / 7)) < 1e-9)
    assert.equal(figures.leadDays, 4, 'the median of two and four days, the later one')
    const { version, environment, changes, deployedAt } = deployments.find(
      ({ reference }: { reference: string }) => reference === 'build-3',
    )
    assert.deepEqual(
      [version, environment, changes, deployedAt],
      ['0.3.0', 'staging', 'Vehicle question asked once', daysAgo(5)],
    )
    const manager = await app.signIn('service-manager', 'permit')
    assert.match((await manager.get('/services/permit/deployments')).text, /33\.3% of them/)
  })

  test('OPS-2 what was read of a deployment stays as it was', async () => {
    const late = traffic(app.clock.now().getTime() - 45 * minute, {
      requests: 1,
      errors: 1,
      checks: 0,
      checksFailed: 0,
    })
    await app.asGateway.api('POST', '/api/v1/events', { events: [{ ...late, id: 'late' }] })
    app.clock.advance(60 * minute)
    await measureEffects(app.phasegate.platform)
    const { figures, deployments } = (await app.asAdmin.api('GET', '/api/v1/services/permit/deployments')).json
    assert.equal(figures.measured, 3)
    const measured = deployments.find(({ version }: { version: string }) => version === '0.2.0')
    assert.deepEqual(measured.effect.before, { requests: 6000, failed: 60, checks: 1800, checksFailed: 0 })
  })

  test('OPS-4 each release is a notice that each in Support acknowledges, which is counted and which the gate can ask for [row 62]', async () => {
    const [one, two] = [await app.signIn('support', 'permit'), await app.signIn('support', 'permit')]
    const developer = await app.signIn('developer', 'permit')
    const { json: failed } = await tell({ reference: 'slip', version: '0.8.9', outcome: 'failed' })
    const { json: current } = await tell({ reference: 'old', version: '7.1', arm: 'current' })
    const { json } = await tell({ reference: 'flow', version: '0.9.0', changes: 'The address comes first' })
    await tell({ reference: 'flow', version: '0.9.0', changes: 'The address comes first' })
    for (const support of [one, two]) {
      const { text } = await support.get('/notices')
      assert.equal(text.split('Version 0.9.0 of').length, 2, 'one notice, however often it is told')
      assert.match(text, /The address comes first/)
      assert.doesNotMatch(text, /0\.8\.9|7\.1/, 'nothing that no user of the new service meets')
    }
    const at = '/api/v1/services/permit/deployments'
    const asked = async (id: string) =>
      (await developer.api('GET', at)).json.deployments
        .find((each: { id: string }) => each.id === id)
        .asked.map(({ name, acknowledgedAt }: Record<string, string | null>) => [name, acknowledgedAt !== null])
    const reading = async () => {
      const { criteria } = (await developer.api('GET', '/api/v1/services/permit/gates/private-beta-to-public-beta'))
        .json
      const { readings } = criteria.find(({ id }: { id: string }) => id === 'support-ready')
      return readings[0].reading
    }
    assert.deepEqual([await asked(failed.id), await asked(current.id)], [[], []])
    assert.equal((await reading()).value, 0)
    assert.equal((await developer.api('POST', `${at}/${json.id}/acknowledgement`)).json.code, 'not-asked')
    assert.equal((await app.asAdmin.api('POST', `${at}/${json.id}/acknowledgement`)).status, 403, 'no key knows')
    assert.match((await one.get('/services/permit/deployments')).text, /I know what changes/)
    assert.equal((await one.post(`/services/permit/deployments/${json.id}/acknowledge`)).status, 303)
    assert.doesNotMatch((await one.get('/services/permit/deployments')).text, /I know what changes/)
    assert.deepEqual(await asked(json.id), [
      [one.account.name, true],
      [two.account.name, false],
    ])
    assert.deepEqual([(await reading()).value, (await reading()).n], [50, 2])
    assert.equal((await two.api('POST', `${at}/${json.id}/acknowledgement`)).status, 204)
    assert.equal((await two.api('POST', `${at}/${json.id}/acknowledgement`)).status, 204)
    assert.equal((await reading()).value, 100)
    assert.match((await developer.get('/services/permit/history')).text, /knows what changes with version 0\.9\.0/)
  })

  test('OPS-4 whoever left the team is not waited for, and what they acknowledged stays', async () => {
    await app.aService({ key: 'small', name: 'A small service' })
    const [stays, leaves] = [await app.signIn('support', 'small'), await app.signIn('support', 'small')]
    const manager = await app.signIn('service-manager', 'small')
    const at = '/api/v1/services/small/deployments'
    const release = async (version: string): Promise<string> =>
      (await app.asAdmin.api('POST', at, { reference: version, version })).json.id
    const [before, after] = [await release('1.0.0'), await release('1.0.1')]
    assert.equal((await leaves.api('POST', `${at}/${before}/acknowledgement`)).status, 204)
    const removed = await manager.post('/services/small/team/remove', { accountId: leaves.account.id, role: 'support' })
    assert.equal(removed.status, 303, removed.text)
    const { deployments } = (await manager.api('GET', at)).json
    const asked = (wanted: string): number => deployments.find(({ id }: { id: string }) => id === wanted).asked.length
    assert.deepEqual([asked(before), asked(after)], [2, 1])
    assert.equal((await stays.api('POST', `${at}/${after}/acknowledgement`)).status, 204)
  })

  test('a key of another service cannot tell of a deployment here', async () => {
    await app.aService({ key: 'other', name: 'Another service' })
    const made = await app.asAdmin.api('POST', '/api/v1/services/other/keys', { name: 'pipeline', kind: 'server' })
    const headers = { authorization: `Bearer ${made.json.secret}` }
    assert.equal(
      (await app.api('POST', '/api/v1/deployments', { service: 'permit', reference: 'x', version: '1' }, headers))
        .status,
      404,
    )
    assert.equal(
      (await app.api('POST', '/api/v1/deployments', { service: 'other', reference: 'x', version: '1' }, headers))
        .status,
      201,
    )
  })
})
