import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { startApp, type Client, type TestApp } from '../../../test/support/app.ts'
import { aWaitingPerson } from '../../../test/support/waiting.ts'
import { launchBrowser } from '../../../test/support/browser.ts'

const pictures = process.env['PHASEGATE_PICTURES']

describe('pages of who gets in', () => {
  let app: TestApp
  let browser: Browser
  let manager: Client
  let link = ''
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'permit', phase: 'private-beta', contact: '01632 960 000, Monday to Friday, 8am to 6pm' })
    await app.aService({ key: 'open', phase: 'public-beta', door: 'link', name: 'Renew a library card' })
    manager = await app.signIn('service-manager', 'permit')
    await app.asAdmin.api('PUT', '/api/v1/services/permit/cap', { cap: 500 })
    const addresses = Array.from({ length: 40 }, (_, at) => `person-${at}@example.org`)
    const sent = await app.asAdmin.api('POST', '/api/v1/services/permit/invitations', { addresses, cohort: 'Drivers' })
    const links = sent.json.results.map((each: { link: string }) => new URL(each.link).pathname)
    for (const each of links.slice(0, 12)) await app.post(`${each}/accept`, { nonce: each })
    link = links[20]
    await aWaitingPerson(app, 'permit', 'waiting@example.org')
    browser = await launchBrowser()
  })
  after(() => app.close())

  async function open(
    path: string,
    options: { as?: Client; width?: number; dark?: boolean; script?: boolean } = {},
  ): Promise<Page> {
    const { as, width = 1280, dark = false, script = true } = options
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: script,
    })
    const [name = '', value = ''] = as?.headers.cookie?.split('=') ?? []
    if (as !== undefined) await context.addCookies([{ name, value, url: app.url }])
    const page = await context.newPage()
    await page.goto(`${app.url}${path}`)
    return page
  }

  test('on a phone the ledger tells of each person in a few lines', async () => {
    const page = await open('/services/permit/admission/ledger', { as: manager, width: 320 })
    const rows = await page.locator('.pg-table tbody tr').all()
    assert.equal(rows.length, 12)
    for (const row of rows) {
      const box = await row.boundingBox()
      assert.ok(box !== null && box.height < 130, `a line of the ledger is ${box?.height} high`)
      const [rung, by] = await row.locator('td').all()
      const [first, second] = [await rung?.boundingBox(), await by?.boundingBox()]
      assert.equal(first?.y, second?.y, 'cells follow each other')
    }
    await page.context().close()
  })

  async function check(name: string, path: string, as?: Client): Promise<void> {
    for (const { width, dark } of [
      { width: 1280, dark: false },
      { width: 320, dark: false },
      { width: 1280, dark: true },
    ]) {
      const page = await open(path, { ...(as === undefined ? {} : { as }), width, dark })
      const { violations } = await new AxeBuilder({ page }).analyze()
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`),
        [],
        `${name} at ${width}${dark ? ', dark' : ''}`,
      )
      const overflow = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.equal(overflow, 0, `${name} fits ${width} px`)
      if (pictures !== undefined)
        await page.screenshot({ path: `${pictures}/${name}-${width}${dark ? '-dark' : ''}.png`, fullPage: true })
      await page.context().close()
    }
  }

  test('the team page has no accessibility fault and fits a phone', async () => {
    await check('who-gets-in', '/services/permit/admission?who=person-1@example.org', manager)
    await check('who-gets-in-open', '/services/open/admission', await app.signIn('service-manager', 'open'))
  })

  test('the invitation and the pages around it have no accessibility fault and fit a phone', async () => {
    await check('invitation', link)
    await check('invitation-used', link.replace(/[^/]+$/, 'x'.repeat(43)))
    await check('waiting', '/go/permit/waiting')
    await check('leave', '/go/permit/leave')
    await check('choice', '/go/open/choice')
  })

  test('ADM-16 somebody without JavaScript reads the invitation, takes part, and is offered to continue elsewhere', async () => {
    const page = await open(link, { script: false })
    assert.match((await page.textContent('h1')) ?? '', /Try the new version of/)
    assert.match(
      (await page.textContent('main')) ?? '',
      /you may have to start again, but anything you have sent is safe/,
    )
    const response = page.waitForResponse((each) => each.url().endsWith('/accept'))
    await page.click('text=Take part').catch(() => {})
    assert.equal((await response).status(), 303)
    const cookies = await page.context().cookies(`${app.url}/go/permit`)
    assert.deepEqual(
      cookies.map(({ name, httpOnly, path }) => [name, httpOnly, path]),
      [['pg_permit', true, '/go/permit']],
    )
    const elsewhere = await open(link, { script: false })
    assert.equal(await elsewhere.textContent('h1'), 'Continue on this device')
    await check('continue', link)
    await page.context().close()
    await elsewhere.context().close()
  })

  test('ADM-15 a manager invites people in the browser: the first thing on the page, with a result for every line', async () => {
    const page = await open('/services/permit/admission', { as: manager })
    assert.equal(await page.textContent('main h2 >> nth=0'), 'Invite people')
    // Somebody is on the waiting list, and inviting from there comes first.
    await page.click('summary:has-text("Or by email address")')
    await page.fill('textarea[name=addresses]', 'new-one@example.org\nnonsense')
    await page.click('button:has-text("Invite up to")')
    await page.waitForSelector('text=1 person invited')
    assert.match((await page.textContent('#results')) ?? '', /nonsense\s*Not an email address/)
    await page.click('summary:has-text("Or by email address")')
    await page.fill('textarea[name=addresses]', 'nonsense')
    await page.click('button:has-text("Invite up to")')
    await page.waitForSelector('.govuk-error-summary')
    assert.equal(await page.inputValue('textarea[name=addresses]'), 'nonsense')
    await page.context().close()
  })

  test('ADM-21 a manager sets an exact share, and what is no share comes back with what was typed', async () => {
    const as = await app.signIn('service-manager', 'open')
    const page = await open('/services/open/admission', { as })
    await page.fill('input[name=exact]', '12.345')
    await page.fill('#share-reason', 'A little more each week')
    await page.click('text=Set the share')
    await page.waitForSelector('text=Now 12.345%')
    await page.fill('input[name=exact]', '101')
    await page.click('text=Set the share')
    await page.waitForSelector('.govuk-error-summary')
    assert.equal(await page.inputValue('input[name=exact]'), '101')
    await page.context().close()
  })

  test('ADM-22 the second press halts and the page says so; opening again needs a name', async () => {
    const page = await open('/services/permit/admission', { as: manager })
    await page.click('summary:has-text("Halt")')
    await page.fill('#halt-reason', 'Wrong prices')
    await page.click('button:has-text("Halt now")')
    await page.waitForSelector('text=Halted: everybody gets the current service')
    const shut = await open(link.replace(/[^/]+$/, 'y'.repeat(43)))
    assert.equal(await shut.textContent('h1'), 'This link does not lead to an invitation')
    await page.click('summary:has-text("Halted")')
    await page.click('button:has-text("Let people in again")')
    await page.waitForSelector('text=Invited people are let in')
    await page.context().close()
    await shut.context().close()
  })
})
