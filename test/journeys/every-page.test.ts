import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { routes } from '../../service/routes.ts'
import { launchBrowser } from '../support/browser.ts'
import { type ExamplePages, exampleKey, exampleWithHistory, sideways, type View } from '../support/example-pages.ts'

let browser: Browser
let example: ExamplePages

before(async () => {
  browser = await launchBrowser()
  example = await exampleWithHistory()
})
after(async () => {
  for (const context of contexts.values()) await (await context).close()
  await example.close()
})

const isPage = (url: string): boolean =>
  !/^\/(api|ofrep|health|ready)|\/live$|\/attachment$|\/export$|\/assets\/|\.(csv|css|js|json)$/.test(url)

const pages = routes.filter(({ method, url }) => method === 'GET' && isPage(url)).map(({ url }) => url)

test('There are pages to visit', () => assert.ok(pages.length > 20))

for (const url of pages) {
  test(`${url} is accessible in light, in the dark and at 320 pixels, and never scrolls sideways`, async () => {
    const path = url.replace(/:(\w+)/g, (_, name: string) => example.parameter(url, name))
    const asGateway = url.startsWith('/edge/')
    if (await leavesUs(path, { asGateway })) return
    await Promise.all([
      visit(path, { asGateway }, async (page) => {
        assert.deepEqual(await everything(page), [], path)
        assert.ok((await sideways(page)) <= 0, `${path} scrolls sideways`)
        // The markup stays, and the style sheet alone says what is dark.
        await page.emulateMedia({ colorScheme: 'dark' })
        assert.deepEqual(await contrast(page), [], `${path} in the dark`)
        assert.ok((await sideways(page)) <= 0, `${path} scrolls sideways in the dark`)
      }),
      visit(path, { asGateway, width: 320, height: 640 }, async (page) => {
        assert.deepEqual(await narrow(page), [], `${path} at 320 pixels`)
        assert.ok((await sideways(page)) <= 0, `${path} scrolls sideways at 320 pixels`)
        await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        assert.ok((await sideways(page)) <= 0, `${path} scrolls sideways at 320 pixels with all its details open`)
      }),
    ])
  })
}

/** The example stands behind a gateway, which has the page for what people say. */
const notAtThisDoor = `/go/${exampleKey}/feedback`

/** The way into the service leaves Phasegate: nothing of ours to look at. */
async function leavesUs(path: string, view: View): Promise<boolean> {
  const first = await (await contextFor(view)).request.get(example.app.url + path, { maxRedirects: 0 })
  assert.ok(first.status() < 500, `${path} answers ${first.status()}`)
  const next = new URL(first.headers()['location'] ?? '', example.app.url)
  return next.origin !== new URL(example.app.url).origin
}

async function visit(path: string, view: View, judge: (page: Page) => Promise<void>): Promise<void> {
  const page = await (await contextFor(view)).newPage()
  try {
    const refused: string[] = []
    page.on('console', (message) => {
      if (/Content Security Policy|stylesheet|MIME/.test(message.text())) refused.push(message.text())
    })
    const answer = await page.goto(example.app.url + path, { waitUntil: 'load' })
    assert.ok((answer?.status() ?? 500) < 500, `${path} answers ${answer?.status()}`)
    assert.equal(await page.locator('h1').count(), 1, `${path} has one main heading`)
    const heading = (await page.locator('h1').textContent())?.trim()
    assert.ok(heading !== 'Page not found' || path === notAtThisDoor, `${path} is not there`)
    assert.notEqual(heading, 'Your role does not allow this', path)
    await judge(page)
    assert.deepEqual(refused, [], path)
  } finally {
    await page.close()
  }
}

const contexts = new Map<string, Promise<BrowserContext>>()

function contextFor(view: View): Promise<BrowserContext> {
  const key = JSON.stringify(view)
  const context = contexts.get(key) ?? example.open(browser, view)
  contexts.set(key, context)
  return context
}

const everything = (page: Page): Promise<string[]> => violations(new AxeBuilder({ page }))
const contrast = (page: Page): Promise<string[]> => violations(new AxeBuilder({ page }).withRules(['color-contrast']))
// The markup is the same at every width, and so are the colours: what a style sheet can spoil is looked at again.
const narrow = (page: Page): Promise<string[]> => violations(new AxeBuilder({ page }).withRules(spoiltByStyles))
const spoiltByStyles = [
  'aria-hidden-focus',
  'aria-required-children',
  'aria-required-parent',
  'button-name',
  'definition-list',
  'dlitem',
  'label',
  'link-name',
  'list',
  'listitem',
  'page-has-heading-one',
  'scrollable-region-focusable',
  'target-size',
]

/** In the page itself: none of ours holds a frame, and the other way opens an empty page for each judgement. */
async function violations(axe: AxeBuilder): Promise<string[]> {
  const result = await axe.setLegacyMode().analyze()
  return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 300)}`))
}
