import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { newUnit } from '../../packages/admission/src/index.ts'
import { startApp } from '../../test/support/app.ts'
import { until } from '../../test/support/until.ts'

test('ADM-2 a phase move that was acknowledged as the database failed holds once it is back, with nothing else done', async (t) => {
  // What is read again at fixed times would hide that nothing asks for it.
  t.mock.timers.enable({ apis: ['setInterval'] })
  const app = await startApp()
  t.after(() => app.close())
  await app.aService({ key: 'permit', phase: 'public-beta' })
  await app.asAdmin.api('PUT', '/api/v1/services/permit/share', { percent: 100 })
  const isIn = async (): Promise<boolean> => {
    const url = '/ofrep/v1/evaluate/flags/permit'
    return (await app.api('POST', url, { context: { targetingKey: newUnit() } })).json.value
  }
  await until('the share holds', isIn)
  await sql`alter table root_key rename to root_key_away`.execute(app.db)
  const move = { to: 'private-beta', reason: 'Too many calls', waiver: 'Too many calls' }
  const moved = await app.asAdmin.api('POST', '/api/v1/services/permit/phase', move)
  assert.equal(moved.status, 200, moved.text)
  assert.equal(await isIn(), true)
  await sql`alter table root_key_away rename to root_key`.execute(app.db)
  await until('nobody else is in', async () => !(await isIn()))
})
