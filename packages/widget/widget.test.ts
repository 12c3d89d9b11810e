import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import AxeBuilder from '@axe-core/playwright'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser } from '../../test/support/browser.ts'
import { insertedForm, widgetFiles } from './index.ts'

interface Received {
  type: string
  body: string
}

type Reply = { status: number; json: object } | 'cut'

const document = (script: boolean): string => `<!doctype html><html lang="en"><head><title>Done</title>
${script ? '<script src="/.phasegate/widget.js" defer></script>' : ''}</head><body><main><h1>Application sent</h1>
<p><a href="/.phasegate/feedback?journey=apply">Give feedback</a></p>
${insertedForm({ action: '/.phasegate/feedback', journey: 'apply', ending: 'done' })}</main></body></html>`

/** An application of its own host with the strictest policy, that answers feedback as told. */
async function application(
  t: TestContext,
  reply: () => Reply = () => ({ status: 200, json: { reference: 'F7K2-9QXM' } }),
  connect = "connect-src 'self'",
) {
  const received: Received[] = []
  const violations: string[] = []
  const server = createServer(async (request, response) => {
    const file = widgetFiles[request.url?.replace('/.phasegate/', '') as keyof typeof widgetFiles]
    if (file) return response.setHeader('content-type', file.type).end(await readFile(file.url))
    if (request.method === 'POST' && request.url === '/.phasegate/feedback') {
      received.push({ type: request.headers['content-type'] ?? '', body: await text(request) })
      const answer = reply()
      if (answer === 'cut') return response.destroy()
      return response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json))
    }
    response.setHeader('content-security-policy', `default-src 'none'; script-src 'self'; style-src 'self'; ${connect}`)
    return response.setHeader('content-type', 'text/html').end(document(true))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/done/12345`
  return {
    received,
    violations,
    async open(options: BrowserContextOptions = {}): Promise<Page> {
      const context = await (await launchBrowser()).newContext(options)
      t.after(() => context.close())
      const page = await context.newPage()
      page.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()))
      await page.goto(url)
      return page
    },
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

async function mustPassAxe(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .options({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })
    .analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    [],
  )
}

const storage = (page: Page) => page.evaluate('[document.cookie, localStorage.length, sessionStorage.length].join()')

test('FEED-1 a person answers the end-page question without leaving the page, and gets a reference number', async (t) => {
  const { received, violations, open } = await application(t)
  const page = await open()
  await mustPassAxe(page)
  await page.getByLabel('Satisfied', { exact: true }).check()
  await page.getByLabel('What should we change or keep?').fill('Clear, but the upload was slow')
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByText('F7K2-9QXM').waitFor()
  assert.equal(await page.evaluate('document.activeElement.textContent.includes("Thank you")'), true)
  await mustPassAxe(page)
  const { id, tookMs, ...answer } = JSON.parse(received[0]?.body ?? '{}') as Record<string, unknown>
  assert.deepEqual(answer, {
    page: '/done/12345',
    rating: '4',
    comment: 'Clear, but the upload was slow',
    journey: 'apply',
    ending: 'done',
  })
  assert.match(String(id), /^[0-9a-f-]{36}$/)
  assert.equal(typeof tookMs, 'number')
  assert.equal(await storage(page), ',0,0')
  assert.deepEqual(violations, [])
})

test('FEED-1 the feedback link opens the question over the page, by keyboard alone, in dark and in forced colours', async (t) => {
  const { received, open } = await application(t)
  for (const options of [
    {},
    { colorScheme: 'dark' },
    { forcedColors: 'active' },
    { viewport: { width: 320, height: 640 } },
  ] as const) {
    const page = await open(options)
    await page.getByRole('link', { name: 'Give feedback' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Give feedback' })
    await dialog.waitFor()
    await mustPassAxe(page)
    const small = await dialog
      .locator('label.pgw-choice, button, input:not([type=radio],[name=website]), textarea')
      .evaluateAll(
        (targets) =>
          targets
            .map((target) => target.getBoundingClientRect())
            .filter(({ width, height }) => width < 44 || height < 44).length,
      )
    assert.equal(small, 0)
    assert.equal(await page.evaluate('document.querySelector("dialog").scrollWidth <= innerWidth'), true)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Give feedback')
  }
  assert.equal(received.length, 0)
})

test('FEED-1 the dialog sends kind, comment and reply address with the journey of the link', async (t) => {
  const { received, open } = await application(t)
  const page = await open()
  await page.getByRole('link', { name: 'Give feedback' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('A suggestion').check()
  await dialog.getByLabel('What should we change or keep?').fill('Let me save and return')
  await dialog.getByLabel('Email address').fill('a.example@example.org')
  await dialog.getByRole('button', { name: 'Send feedback' }).click()
  await dialog.getByText('F7K2-9QXM').waitFor()
  const answer = JSON.parse(received[0]?.body ?? '{}') as Record<string, unknown>
  assert.deepEqual(
    [answer['kind'], answer['journey'], answer['address']],
    ['suggestion', 'apply', 'a.example@example.org'],
  )
})

test('FEED-2 mistakes are said beside the field, and the field gets the focus', async (t) => {
  const problem = {
    title: 'The request is not in the expected form',
    errors: [{ field: 'body.address', message: 'Enter an email address' }],
  }
  const { open } = await application(t, () => ({ status: 422, json: problem }))
  const page = await open()
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByText('Choose an answer or write a comment').waitFor()
  assert.equal(await page.evaluate('document.activeElement.name'), 'rating')
  await mustPassAxe(page)
  await page.getByLabel('Satisfied', { exact: true }).check()
  await page.getByLabel('Email address').fill('nobody')
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByText('Enter an email address').waitFor()
  assert.equal(await page.evaluate('document.activeElement.name'), 'address')
  assert.equal(await page.getByLabel('Email address').getAttribute('aria-invalid'), 'true')
  assert.equal(await page.getByText('Choose an answer or write a comment').count(), 0)
  await mustPassAxe(page)
})

test('FEED-4 personal data in a comment is shown before it is sent, and left out if the person agrees', async (t) => {
  const { received, open } = await application(t)
  const page = await open()
  await page.getByLabel('What should we change or keep?').fill('My number AB123456C was refused')
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByText('My number [removed] was refused').waitFor()
  assert.equal(received.length, 0)
  await mustPassAxe(page)
  await page.getByRole('button', { name: 'Remove it and send' }).click()
  await page.getByText('F7K2-9QXM').waitFor()
  assert.equal(
    (JSON.parse(received[0]?.body ?? '{}') as { comment: string }).comment,
    'My number [removed] was refused',
  )
})

test('FEED-3 an answer that does not get through is sent again under the same id, and kept only on request', async (t) => {
  let away = true
  const { received, open } = await application(t, () =>
    away ? 'cut' : { status: 200, json: { reference: 'F7K2-9QXM' } },
  )
  const page = await open()
  await page.getByLabel('Dissatisfied', { exact: true }).check()
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByText('Your answer has not been sent yet').waitFor()
  await mustPassAxe(page)
  assert.equal(await storage(page), ',0,0')
  await page.getByRole('button', { name: 'Keep it on this device' }).click()
  assert.equal(await storage(page), ',1,0')
  away = false
  await page.evaluate('dispatchEvent(new Event("online"))')
  await page.getByText('F7K2-9QXM').waitFor()
  assert.equal(await storage(page), ',0,0')
  assert.equal(new Set(received.map(({ body }) => (JSON.parse(body) as { id: string }).id)).size, 1)
})

test('FEED-3 a kept answer is sent when the person next opens a page', async (t) => {
  let away = true
  const { received, open } = await application(t, () =>
    away ? { status: 503, json: {} } : { status: 200, json: { reference: 'F7K2-9QXM' } },
  )
  const page = await open()
  await page.getByLabel('Satisfied', { exact: true }).check()
  await page.getByRole('button', { name: 'Send feedback' }).click()
  await page.getByRole('button', { name: 'Keep it on this device' }).click()
  away = false
  const again = page.waitForResponse((response) => response.status() === 200 && response.url().endsWith('/feedback'))
  await page.reload()
  await again
  await page.waitForFunction('localStorage.length === 0')
  assert.equal(new Set(received.map(({ body }) => body)).size, 1)
})

test('FEED-2 the question works without JavaScript', async (t) => {
  const { received, open } = await application(t)
  const page = await open({ javaScriptEnabled: false })
  await page.getByLabel('Very satisfied').check()
  await Promise.all([
    page.waitForURL('**/.phasegate/feedback'),
    page.getByRole('button', { name: 'Send feedback' }).click(),
  ])
  assert.equal(received[0]?.type, 'application/x-www-form-urlencoded')
  assert.deepEqual(Object.fromEntries(new URLSearchParams(received[0]?.body)), {
    rating: '5',
    comment: '',
    address: '',
    website: '',
    journey: 'apply',
    ending: 'done',
  })
})

test('FEED-2 where the policy forbids requests by script, the form itself is sent', async (t) => {
  const { received, open } = await application(t, undefined, "connect-src 'none'")
  const page = await open()
  await page.getByLabel('Very satisfied').check()
  await Promise.all([
    page.waitForURL('**/.phasegate/feedback'),
    page.getByRole('button', { name: 'Send feedback' }).click(),
  ])
  assert.deepEqual(
    received.map(({ type }) => type),
    ['application/x-www-form-urlencoded'],
  )
})
