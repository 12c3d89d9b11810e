import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { adminKey, startApp } from '../test/support/app.ts'
import type { TestApp } from '../test/support/app.ts'
import { exampleKey, writeHistory } from './history.ts'

const service = `/api/v1/services/${exampleKey}`
let app: TestApp

before(async () => {
  app = await startApp()
})
after(() => app.close())

test('47 days of history are written through the API, in less than ten seconds', async () => {
  const began = performance.now()
  await writeHistory({
    url: app.url,
    adminKey,
    now: app.clock.now(),
    currentUrl: 'http://127.0.0.1:1',
    newUrl: 'http://127.0.0.1:2',
    progress: (step) => console.log(`${Math.round(performance.now() - began)} ms: ${step}`),
  })
  console.log(`${Math.round(performance.now() - began)} ms`)
})
