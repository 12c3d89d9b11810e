import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { launchBrowser } from '../../test/support/browser.ts'

const gate = '/services/permit/gates/private-beta-to-public-beta'
let app: TestApp
let browser: Browser
let manager: Client
let researcher: Client

describe('pages of a gate', () => {
  before(async () => {
    app = await startApp()
    browser = await launchBrowser()
    await app.aService({ phase: 'private-beta' })
    manager = await app.signIn('service-manager', 'permit')
    researcher = await app.signIn('researcher', 'permit')
    await app.signIn('risk-owner', 'permit')
    await tellAStory()
  })
  after(() => app.close())

  async function attach(id: string, asked: string, dated: string) {
    const form = {
      asked,
      title: `About ${id}`,
      url: 'https://example.org/evidence',
      dated,
      owner: 'A. Example',
      note: 'In the folder',
    }
    assert.equal((await manager.post(`${gate}/criteria/${id}/evidence`, form)).status, 303)
  }

  const say = (id: string, verdict: 'met' | 'not-met', reason: string) =>
    manager.post(`${gate}/criteria/${id}/verdict`, { verdict, reason })

  async function tellAStory() {
    const words = [
      'Quick and clear',
      'My screen reader does not read the error',
      'I could not find the date',
      'Fine',
      'Very good',
    ]
    for (const [index, comment] of words.entries()) {
      const sent = await app.asAdmin.api('POST', '/api/v1/feedback', {
        service: 'permit',
        id: `f${index}`,
        comment,
        arm: 'new',
      })
      assert.ok(sent.status < 300, sent.text)
    }
    app.clock.advance(60_000)
    await attach('accessibility-tested', 'tests', '2026-11-10')
    await attach('audit-fixed', 'audit', '2025-11-25')
    await say('accessibility-tested', 'met', 'Every page is clean, and two people with screen readers got through.')
    await say('audit-fixed', 'met', 'All eleven issues are closed and tested again.')
    await say('feedback-used', 'met', 'We read it every Monday.')
    await say('chosen-idea', 'met', 'Three ideas were tried; the other two lost on phones.')
    await say('wider-journey', 'not-met', 'Nobody owns the step after ours.')
    const waiver = { why: 'No community exists yet.', waivedBy: 'C. Example', endsOn: '2027-03-31' }
    assert.equal((await manager.post(`${gate}/criteria/community/waiver`, waiver)).status, 303)
    await manager.post(`${gate}/date`, { day: '2026-12-09' })
  }

  test('the gate of the built-in playbook reads every signal, on the page and within a verdict', async () => {
    const page = await manager.get('/services/permit/gate')
    assert.equal(page.status, 200)
    assert.match(page.text, /All 35 criteria/)
    const given = await say('works-well', 'not-met', 'Too few people so far.')
    assert.equal(given.status, 303)
  })

  test('GATE-9 a complaint about a barrier disputes the accessibility criterion by itself', async () => {
    const { json } = await manager.api(
      'GET',
      '/api/v1/services/permit/gates/private-beta-to-public-beta/criteria/accessibility-tested',
    )
    assert.deepEqual([json.state, json.disputed, json.disagrees], ['met', true, 'met-against-data'])
    const page = await manager.get(gate)
    assert.match(page.text, /A complaint disputes this criterion by itself/)
  })

  test('a criterion that is asked again at a later gate says so', async () => {
    const { text } = await manager.get(`${gate}/criteria/feedback-used`)
    assert.match(text, /href="\/services\/permit\/gates\/public-beta-to-live\/criteria\/feedback-used"/)
  })

  test('GATE-10 an open complaint about a barrier keeps the gate to public beta shut', async () => {
    const { json } = await manager.api('GET', '/api/v1/services/permit/gates/private-beta-to-public-beta')
    const blocking = json.missing
      .filter(({ kind }: { kind: string }) => kind === 'signal')
      .map(({ signal }: { signal: string }) => signal)
    assert.ok(blocking.includes('feedback.accessibility-open'))
  })

  test('the guidance and the criteria are those of the present phase, and change with it [row 2]', async () => {
    await app.aService({ key: 'later', phase: 'private-beta' })
    const other = await app.signIn('service-manager', 'later')
    const before = await other.get('/services/later/playbook')
    assert.equal(before.headings[1], 'Now: Private beta')
    assert.match(before.text, /invite a limited number of people/)
    const asked = await other.get('/services/later/gate')
    assert.ok(asked.headings.includes('Private beta to public beta'))
    assert.match(asked.text, /It can be run at scale/)
    const go = { outcome: 'go', reason: 'To see the next phase.' }
    await app.asAdmin.api('POST', '/api/v1/services/later/gates/private-beta-to-public-beta/decision', go)
    assert.equal((await other.get('/services/later/playbook')).headings[1], 'Now: Public beta')
    const next = await other.get('/services/later/gate')
    assert.ok(next.headings.includes('Public beta to live'))
    assert.match(next.text, /It can be run for good/)
    assert.doesNotMatch(next.text, /It can be run at scale/)
  })

  async function openPage(who: Client, path: string, width: number): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 } })
    const [name = '', value = ''] = (who.headers.cookie ?? '').split('=')
    await context.addCookies([{ name, value, url: app.url }])
    const page = await context.newPage()
    await page.goto(new URL(path, app.url).href)
    return page
  }

  const pages = ['', '/criteria/audit-fixed']

  for (const width of [320, 1280]) {
    test(`the pages of a gate pass axe and fit ${width} pixels`, async () => {
      for (const path of [...pages.map((each) => gate + each), '/services/permit/playbook']) {
        const page = await openPage(manager, path, width)
        const { violations } = await new AxeBuilder({ page }).analyze()
        assert.deepEqual(
          violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`),
          [],
        )
        const wide = await page.evaluate('document.documentElement.scrollWidth')
        assert.ok(Number(wide) <= width, `${path} is ${String(wide)} wide`)
        await page.context().close()
      }
    })
  }

  test('GATE-24 what is settled is folded until somebody asks for it or prints it, and nothing else is', async () => {
    const page = await openPage(manager, gate, 320)
    const isSeen = (id: string) => page.locator(`#c-${id}`).isVisible()
    const open = ['accessibility-tested', 'audit-fixed', 'feedback-used', 'wider-journey', 'community', 'needs']
    for (const id of open) assert.equal(await isSeen(id), true, id)
    assert.equal(await isSeen('chosen-idea'), false)
    await page.emulateMedia({ media: 'print' })
    const isOnPaper = await page.locator('#c-chosen-idea').evaluate((item) => item.checkVisibility())
    await page.emulateMedia({ media: 'screen' })
    assert.equal(isOnPaper, true)
    await page.getByText('1 is settled: How the beta works').click()
    assert.equal(await isSeen('chosen-idea'), true)
    await page.context().close()
    const linked = await openPage(manager, `${gate}#c-chosen-idea`, 320)
    assert.equal(await linked.locator('#c-chosen-idea').isVisible(), true)
    await linked.context().close()
  })

  test('a verdict can be given with the keyboard alone, and nothing is preselected', async () => {
    const page = await openPage(researcher, `${gate}/criteria/needs`, 1280)
    assert.equal(await page.locator('input[name="verdict"]:checked').count(), 0)
    await page.locator('input[name="verdict"]').first().focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Forty needs, each with a finding.')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#say$/)
    assert.match(await page.locator('#say').innerText(), /Met/)
    await page.context().close()
  })
})
