import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { launchBrowser } from '../test/support/browser.ts'
import { startExample } from './serve.ts'
import type { Running } from './serve.ts'

let running: { current: Running; new: Running }
let context: BrowserContext

before(async () => {
  const start = (version: 'current' | 'new') => startExample({ version, port: 0, host: '127.0.0.1', failEvery: 0 })
  running = { current: await start('current'), new: await start('new') }
  const browser = await launchBrowser()
  context = await browser.newContext({ viewport: { width: 320, height: 640 }, javaScriptEnabled: true })
})
after(async () => {
  await context.close()
  await running.current.close()
  await running.new.close()
})

/** No violation of WCAG 2.2 AA, one main heading, and nothing to scroll sideways to at 320 px. */
async function isFit(page: Page): Promise<void> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
    page.url(),
  )
  assert.equal(await page.locator('h1').count(), 1, page.url())
  const wider = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')
  assert.ok(Number(wider) <= 0, `${page.url()} is wider than the screen`)
}

/** Presses it, and waits for the page that follows. */
async function leads(page: Page, pressed: Locator): Promise<void> {
  await Promise.all([page.waitForEvent('load'), pressed.click()])
}

test('every page of the new service is accessible, from the start to each ending', async () => {
  const page = await context.newPage()
  const submit = () => leads(page, page.locator('main button'))
  await page.goto(running.new.url)
  await isFit(page)
  await leads(page, page.getByText('Start now'))
  await isFit(page)
  await submit()
  await isFit(page)
  await page.getByRole('link', { name: 'Enter your postcode' }).click()
  await page.keyboard.type('ZX1 4TB')
  await submit()
  await isFit(page)
  await submit()
  await isFit(page)
  await page.getByLabel('What is your registration number?').fill('AB12 CDE')
  await submit()
  await isFit(page)
  await submit()
  await isFit(page)
  await page.getByLabel('6 months').check()
  await submit()
  await isFit(page)
  await submit()
  assert.equal(await page.locator('h1').textContent(), 'Application sent')
  await isFit(page)
  for (const path of ['not-eligible', 'problem', 'nowhere']) {
    await page.goto(`${running.new.url}/parking-permit/${path}`)
    await isFit(page)
  }
  await page.close()
})

test('every page of the current service is accessible, from the start to each ending', async () => {
  const page = await context.newPage()
  const submit = () => leads(page, page.locator('main button'))
  await page.goto(running.current.url)
  await isFit(page)
  await leads(page, page.getByText('Proceed to Conditions'))
  await isFit(page)
  await submit()
  await isFit(page)
  await page.getByLabel('I have read').check()
  await submit()
  await isFit(page)
  await submit()
  await isFit(page)
  await page.getByLabel('VRM of vehicle').fill('AB12CDE')
  await submit()
  await isFit(page)
  await page.getByLabel('Tariff code').selectOption('6')
  await submit()
  await isFit(page)
  await page.getByLabel('Postcode').fill('ZX1 4TB')
  await submit()
  await isFit(page)
  await submit()
  assert.equal(await page.locator('h1').textContent(), 'Application Received')
  await isFit(page)
  for (const name of ['Declined', 'Fault']) {
    await page.goto(`${running.current.url}/rpp/${name}.do`)
    await isFit(page)
  }
  await page.close()
})
