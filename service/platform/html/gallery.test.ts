import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/support/browser.ts'
import { galleryPages } from './test/gallery.ts'
import { type Gallery, serveGallery } from './test/serve.ts'

let browser: Browser
let gallery: Gallery

before(async () => {
  browser = await launchBrowser()
  gallery = await serveGallery()
})
after(() => gallery.close())

interface View {
  width: number
  colorScheme?: 'light' | 'dark'
  forcedColors?: 'active'
  script?: boolean
}

const visit = async (name: string, view: View, check: (page: Page) => Promise<void>): Promise<void> => {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 800 },
    colorScheme: view.colorScheme ?? 'light',
    forcedColors: view.forcedColors ?? 'none',
    javaScriptEnabled: view.script ?? true,
    reducedMotion: 'reduce',
  })
  try {
    const page = await context.newPage()
    const refused: string[] = []
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text())
    })
    await page.goto(`${gallery.url}/${name}`)
    await check(page)
    assert.deepEqual(refused, [])
  } finally {
    await context.close()
  }
}

const violations = async (page: Page): Promise<string[]> => {
  const result = await new AxeBuilder({ page }).analyze()
  return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
}

const sideways = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

const views: Record<string, View> = {
  'on a wide screen': { width: 1280 },
  'in the dark': { width: 1280, colorScheme: 'dark' },
  'at 320 pixels': { width: 320 },
}

for (const name of Object.keys(galleryPages)) {
  for (const [how, view] of Object.entries(views)) {
    test(`The ${name} page of the gallery is accessible ${how} and never scrolls sideways`, () =>
      visit(name, view, async (page) => {
        assert.deepEqual(await violations(page), [])
        assert.ok((await sideways(page)) <= 0)
      }))
  }
}

test('With forced colours every state still shows', () =>
  visit('overview', { width: 320, forcedColors: 'active' }, async (page) => {
    assert.deepEqual(await violations(page), [])
  }))

test('The halt opens by keyboard, closes with Escape and gives the focus back', () =>
  visit('overview', { width: 1280 }, async (page) => {
    const summary = page.locator('.pg-halt summary')
    await summary.focus()
    await page.keyboard.press('Enter')
    assert.ok(await page.getByRole('button', { name: 'Halt now, for everybody' }).isVisible())
    await page.keyboard.press('Escape')
    assert.ok(!(await page.getByRole('button', { name: 'Halt now, for everybody' }).isVisible()))
    assert.equal((await page.locator(':focus').textContent())?.trim(), 'Halt')
  }))

test('The halt is the fifth stop by keyboard: skip link, Phasegate, service, account, halt', () =>
  visit('overview', { width: 1280 }, async (page) => {
    for (let stop = 0; stop < 5; stop++) await page.keyboard.press('Tab')
    assert.equal((await page.locator(':focus').textContent())?.trim(), 'Halt')
  }))

test('The share is chosen by arrow keys and says what each stop means', () =>
  visit('form', { width: 1280 }, async (page) => {
    const ten = page.getByRole('radio', { name: /^10% about 90 a day/ })
    assert.ok(await ten.isChecked())
    await ten.press('ArrowRight')
    assert.ok(await page.getByRole('radio', { name: /^25%/ }).isChecked())
  }))

test('A choice reveals what belongs to it, with a script and without', async () => {
  for (const script of [true, false]) {
    await visit('form', { width: 1280, script }, async (page) => {
      const more = page.getByLabel('Name of the group')
      assert.ok(!(await more.isVisible()))
      await page.getByLabel('A new group').check()
      assert.ok(await more.isVisible())
    })
  }
})

test('The token of an invitation leaves the address bar, and the page can still be loaded again', () =>
  visit('invitation', { width: 1280 }, async (page) => {
    await page.waitForURL(`${gallery.url}/opened`)
    await page.reload()
    await page.getByRole('button', { name: 'Take part' }).waitFor()
    await page.waitForURL(`${gallery.url}/opened`)
  }))

test('On a phone a table becomes cards and stays a table for a screen reader', () =>
  visit('parts', { width: 320 }, async (page) => {
    assert.equal(await page.getByRole('table', { name: 'Cohorts' }).getByRole('row').count(), 4)
    assert.ok(await page.getByRole('rowheader', { name: 'First fifty' }).isVisible())
  }))

test('An open page shows what changed, reads it out, and takes nothing from under the hands of who is typing', () =>
  visit('live', { width: 1280 }, async (page) => {
    await page.getByLabel('Note').fill('half a sen')
    gallery.say('Second words')
    await page.locator('#said', { hasText: 'Second words' }).waitFor()
    await page.locator('#pg-announce', { hasText: 'Second words' }).waitFor()
    assert.equal(await page.getByLabel('Note').inputValue(), 'half a sen')
    assert.equal(await page.locator(':focus').getAttribute('id'), 'note')
    assert.match((await page.locator('#typed').textContent()) ?? '', /First words/)
  }))

test('Long work is followed to its end without anything being pressed, and its end is read out', () =>
  visit('progress', { width: 1280 }, async (page) => {
    await page.locator('#work', { hasText: '3 of 3' }).waitFor()
    await page.locator('#pg-announce', { hasText: 'All done' }).waitFor()
  }))

test('A link is copied by its button, which is there only where it works', async () => {
  await visit('parts', { width: 1280 }, async (page) => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy the link' }).click()
    await page.locator('#pg-announce', { hasText: 'Copied' }).waitFor()
    assert.match(await page.evaluate('navigator.clipboard.readText()'), /\/invitation\/abc$/)
  })
  await visit('parts', { width: 1280, script: false }, async (page) => {
    assert.equal(await page.getByRole('button', { name: 'Copy the link' }).count(), 0)
  })
})
