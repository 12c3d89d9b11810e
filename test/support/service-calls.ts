import assert from 'node:assert/strict'
import type { TestApp } from './app.ts'

/** Asks the API of one service, and reports of it as a gateway does; whatever is not taken fails the test. */
export function callsOf(app: () => TestApp, service: string) {
  return {
    async api(method: string, path: string, body?: unknown) {
      const answer = await app().asAdmin.api(method, `/api/v1/services/${service}${path}`, body)
      assert.ok(answer.status < 300, answer.text)
      return answer.json
    },
    async report(...reports: object[]): Promise<void> {
      const at = app().clock.now().toISOString()
      const all = reports.map((each) => ({ service, at, ...each }))
      const { status, text } = await app().asGateway.api('POST', '/api/v1/gateway/reports', { reports: all })
      assert.equal(status, 200, text)
    },
  }
}
