import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { launchBrowser } from '../../test/support/browser.ts'

let app: TestApp
let browser: Browser
before(async () => {
  app = await startApp()
  browser = await launchBrowser()
})
after(() => app.close())

test('GATE-21 the gate of a feature fits the screen of a phone: verdicts, sign-offs, what is missing, one button', async () => {
  await app.aService({ key: 'desk', name: 'Help desk', phase: 'live', currentUrl: null })
  const developer = await app.signIn('developer', 'desk')
  const growth = await app.signIn('growth', 'desk')
  const features = '/api/v1/services/desk/features'
  for (const [name, stages, reached] of [
    ['Shared inbox', undefined, 'internal-release'],
    ['Quick search', ['internal-release', 'public-release', 'removal'], 'internal-release'],
    ['Saved replies', undefined, 'beta-release'],
    ['Dark mode', undefined, 'public-release'],
    ['Mentions', undefined, 'development'],
  ] as const) {
    const wanted = { kind: 'release', name, description: 'For whoever answers', stages, stagesReason: 'Small' }
    const { json } = await developer.api('POST', features, wanted)
    for (const to of ['internal-release', 'beta-release', 'public-release']) {
      const { stage, version } = (await developer.api('GET', `${features}/${json.key}`)).json
      if (stage === reached) break
      await app.asAdmin.api('POST', `${features}/${json.key}/stage`, { to, version, reason: 'Tried' })
    }
    if (reached === 'beta-release') {
      const defect = { title: 'It freezes', severity: 'critical', foundIn: reached, introducedIn: 'development' }
      assert.equal((await developer.api('POST', `${features}/${json.key}/defects`, defect)).status, 201)
    }
    const page = `/services/desk/features/${json.key}/gate`
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({
        viewport: { width: 320, height: 640 },
        extraHTTPHeaders: (colorScheme === 'light' ? developer : growth).headers,
        javaScriptEnabled: colorScheme === 'light',
        colorScheme,
      })
      const tab = await context.newPage()
      await tab.goto(app.url.replace('localhost', '127.0.0.1') + page)
      const act = tab.locator('.pg-screen__act')
      const box = await act.boundingBox()
      assert.ok(box !== null, 'there is a button')
      const end = box.y + box.height
      assert.ok(end <= 640, `${name}: what matters ends at ${end} of 640`)
      assert.equal(await act.locator('.govuk-button').count(), 1)
      assert.equal(await tab.evaluate('document.documentElement.scrollWidth'), 320)
      const folder = process.env.PICTURES
      if (folder !== undefined) {
        mkdirSync(folder, { recursive: true })
        await tab.screenshot({ path: join(folder, `${json.key}-${colorScheme}.png`) })
      }
      await context.close()
    }
  }
})
