import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/support/browser.ts'
import { exampleKey, exampleWithHistory, sideways, type ExamplePages } from '../../../test/support/example-pages.ts'

const pictures = process.env['PHASEGATE_PICTURES']
const home = `/services/${exampleKey}`

describe('pages of the rollout plan', () => {
  let browser: Browser
  let example: ExamplePages
  before(async () => {
    browser = await launchBrowser()
    example = await exampleWithHistory()
  })
  after(() => example.close())

  async function open(path: string, view = {}): Promise<Page> {
    const page = await (await example.open(browser, view)).newPage()
    await page.goto(example.app.url + path, { waitUntil: 'load' })
    return page
  }

  test('the example shows closed steps with their answers, one that runs and one to come [row 61]', async () => {
    const page = await open(`${home}/plan`)
    const text = (await page.textContent('main')) ?? ''
    assert.match(text, /Step 3 of 4 runs/)
    assert.match(text, /What 2 closed steps taught/)
    assert.match(text, /Next: step 4/)
    assert.equal(await page.locator('svg.pg-chart[role=img]').count(), 2)
    await page.context().close()
  })

  for (const [name, path] of [
    ['plan', `${home}/plan`],
    ['plan-edit', `${home}/plan/edit`],
    ['plan-salt', `${home}/plan/salt`],
    ['ladder', `${home}/admission`],
    ['ledger', `${home}/admission/ledger`],
    ['ledger-person', `${home}/admission/ledger?who=resident-101@example.org`],
  ] as const)
    test(`the page ${name} has no accessibility fault and fits a phone`, async () => {
      for (const view of [{ width: 1280 }, { width: 1280, colorScheme: 'dark' as const }, { width: 320 }]) {
        const dark = 'colorScheme' in view
        const page = await open(path, view)
        if (!dark) assert.ok((await sideways(page)) <= 0, `${view.width} scrolls sideways`)
        const rules = dark ? ['color-contrast'] : null
        const axe = new AxeBuilder({ page })
        const { violations } = await (rules === null ? axe : axe.withRules(rules)).analyze()
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
          [],
          `${view.width}`,
        )
        if (pictures !== undefined)
          await page.screenshot({ path: `${pictures}/${name}-${view.width}${dark ? '-dark' : ''}.png`, fullPage: true })
        await page.context().close()
      }
    })

  test('the answer is written by keyboard alone', async () => {
    const page = await open(`${home}/plan`)
    await page.focus('textarea[name=answer]')
    await page.keyboard.type('So far nobody asked for help')
    await page.keyboard.press('Tab')
    const saving = page.waitForNavigation()
    await page.keyboard.press('Enter')
    await saving
    assert.equal(await page.inputValue('textarea[name=answer]'), 'So far nobody asked for help')
    assert.match((await page.textContent('#now')) ?? '', /Last written by A\. Example/)
    await page.context().close()
  })
})
