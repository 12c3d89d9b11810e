import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startExample } from './serve.ts'
import { sendVisitors } from './visitors.ts'

for (const version of ['current', 'new'] as const) {
  test(`visitors go through the ${version} service, each to an ending or away, the same ones for the same seed`, async () => {
    const told: number[] = []
    const send = async () => {
      const running = await startExample({ version, port: 0, host: '127.0.0.1', failEvery: 0 })
      const sending = { gatewayUrl: running.url, visitors: 30, seed: 7, restMs: 0 }
      const progress = await sendVisitors({ ...sending, progress: ({ sent }) => told.push(sent) })
      await running.close()
      return progress
    }
    const first = await send()
    assert.equal(first.sent, 30)
    assert.equal(first.arms[version], 30)
    assert.equal(first.completed + first.refused + first.failed + first.left, 30)
    assert.ok(first.completed > 12)
    assert.ok(first.refused > 0)
    assert.ok(first.left > 0)
    assert.deepEqual(
      told,
      Array.from({ length: 30 }, (_, index) => index + 1),
    )
    assert.deepEqual(await send(), first)
  })
}
