import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type Client, type TestApp } from './support/app.ts'
import { launchBrowser } from './support/browser.ts'

/** Each would run, break out of its place, or be a formula, wherever it was taken for more than a text. */
const payloads = [
  '<script>document.title="ran"</script>',
  '"><img src=x onerror="document.title=\'ran\'">',
  "'-document.title='ran'-'",
  '</textarea></title><svg onload="document.title=\'ran\'">',
  'javascript:document.title="ran"',
  '{{constructor.constructor("document.title=1")()}}',
]
const formulas = ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '\r=1+1', ' =1+1']

describe('what people write', () => {
  let app: TestApp
  let manager: Client
  before(async () => {
    app = await startApp()
    await app.aService()
    manager = await app.signIn('service-manager', 'permit')
    const api = async (method: string, path: string, body: unknown) => {
      const { status, text } = await app.asAdmin.api(method, path, body)
      assert.ok(status < 300, `${path} answers ${status}: ${text}`)
    }
    const at = '/api/v1/services/permit'
    const all = payloads.join(' ')
    for (const comment of [...payloads, ...formulas.map((each) => `${each} `)])
      await api('POST', '/api/v1/feedback', {
        service: 'permit',
        rating: 2,
        comment,
        page: `/x?${comment}`,
        id: comment.slice(0, 60),
      })
    await api('PATCH', at, { name: `${payloads[1]}`, summary: all, contact: all })
    await api('POST', `${at}/team`, { email: 'b@example.org', name: all.slice(0, 200), role: 'developer' })
    await api('PUT', `${at}/journeys`, {
      journeys: [
        {
          id: 'a',
          name: all.slice(0, 200),
          start: { patterns: ['/'] },
          steps: [{ id: 'b', name: all.slice(0, 200), patterns: ['/b'] }],
          endings: [{ id: 'c', name: all.slice(0, 200), outcome: 'completed', patterns: ['/c'] }],
        },
      ],
    })
    await api('POST', `${at}/invitations`, { addresses: ['c@example.org'], cohort: all.slice(0, 100) })
    await api('POST', `${at}/previews`, { name: all.slice(0, 100) })
    await api('POST', `${at}/keys`, { name: all.slice(0, 200), kind: 'server' })
    await api('POST', `${at}/deployments`, { reference: all.slice(0, 200), version: all.slice(0, 200), changes: all })
    const text = { title: all.slice(0, 200), owner: all.slice(0, 200), note: all, dated: '2026-11-19' }
    await api('POST', `${at}/gates/private-beta-to-public-beta/criteria/roll-out/evidence`, text)
    await api('POST', `${at}/halt`, { reason: all })
  })
  after(() => app.close())

  test('It is text on every page, and nothing of it runs [promise 33]', async () => {
    const browser = await launchBrowser()
    const context = await browser.newContext()
    const [name = '', value = ''] = (manager.headers['cookie'] ?? '').split('=')
    await context.addCookies([{ name, value, url: app.url }])
    const page = await context.newPage()
    const said: string[] = []
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => said.push('a dialog')))
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) said.push(message.text())
    })
    try {
      const { json } = await app.asAdmin.api('GET', '/api/v1/services/permit/feedback')
      const home = '/services/permit'
      const sections = [
        '',
        '/admission',
        '/measures',
        '/feedback',
        '/gate',
        '/gates/private-beta-to-public-beta/criteria/roll-out',
        '/deployments',
        '/history',
        '/team',
        '/settings',
        '/setup',
        '/inspections',
        `/feedback/${json.feedback.at(-1).reference}`,
      ]
      for (const path of ['/', ...sections.map((each) => `${home}${each}`)]) {
        const response = await page.goto(app.url + path, { waitUntil: 'load' })
        assert.equal(response?.status(), 200, path)
        assert.notEqual(await page.title(), 'ran', path)
        const planted = await page.locator('img[src="x"], svg[onload], a[href^="javascript:" i], [onerror]').count()
        assert.equal(planted, 0, `${path} holds markup that somebody wrote`)
      }
      assert.deepEqual(said, [])
    } finally {
      await context.close()
    }
  })

  test('In a table for a spreadsheet no cell begins a formula [promise 33]', async () => {
    const { text, status } = await manager.get('/services/permit/feedback.csv')
    assert.equal(status, 200)
    for (const formula of formulas) assert.ok(text.includes(formula.trim()), `${formula} is kept`)
    const cells = text.replace(/^\ufeff/, '').split(/,|\r\n/)
    for (const cell of cells) assert.doesNotMatch(cell, /^"?\s*[=+@]|^"?\s*-\d/, cell)
  })

  test('In mails it is text, and it adds no line to their heads [promise 33]', async () => {
    const forged = 'A. Example\r\nBcc: everybody@example.org'
    await app.asAdmin.api('PATCH', '/api/v1/services/permit', { name: forged })
    await manager.post('/services/permit/team', { name: forged, email: 'd@example.org', role: 'viewer' })
    await app.phasegate.platform.mail.deliverDue()
    assert.ok(app.mails.length > 0)
    for (const { subject, to } of app.mails) {
      assert.doesNotMatch(subject, /[\r\n]/)
      assert.doesNotMatch(to, /[\r\n,]/)
    }
  })
})
