import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { journey } from '../../example/journey.ts'
import { bannerProbes } from '../../service/inspections/index.ts'
import type { Service } from '../../service/services/index.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../try-real/report.ts'
import { isServed, parkingHost, setStage, type Stage } from './stage.ts'

/** What a person says at the end of the journey, through the gateway, with the team looking on. */
describe('feedback through the gateway', () => {
  let stage: Stage
  let browser: Browser
  let service: Service

  before(async () => {
    stage = await setStage()
    browser = await launchBrowser({ hosts: [parkingHost] })
    service = await stage.app.aService({
      key: 'permits',
      currentUrl: stage.current.url,
      newUrl: stage.next.url,
      journeys: [journey],
    })
    await isServed(stage)
  })
  after(() => stage.close())

  const newest = async () => {
    const { json } = await stage.app.asAdmin.api('GET', '/api/v1/services/permits/feedback?perPage=1')
    return json.feedback[0] as Record<string, string> | undefined
  }

  async function visitor(options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
    const context = await browser.newContext({ ...options, userAgent: `Visitor ${Math.random()}` })
    return context.newPage()
  }

  async function mustPassAxe(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).include('.pgw').analyze()
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
    )
  }

  test('FEED-2 an ending of the current service asks, and the answer stands in the team’s open list a moment later', async () => {
    const manager = await stage.app.signIn('service-manager', 'permits')
    const context = await browser.newContext({ extraHTTPHeaders: { cookie: manager.headers['cookie'] ?? '' } })
    const team = await context.newPage()
    await team.goto(`${stage.app.url}/services/permits/feedback`)
    const person = await visitor()
    await person.goto(`${stage.publicUrl}/rpp/Declined.do`)
    await person.getByText('How satisfied were you with the service today?').waitFor()
    await mustPassAxe(person)
    await person.getByLabel('Dissatisfied', { exact: true }).check()
    await person.getByLabel(/What should we change/).fill('I do not know why I was turned down')
    await person.getByRole('button', { name: 'Send feedback' }).click()
    await person.getByRole('heading', { name: 'Thank you' }).waitFor()
    await team.getByText('I do not know why I was turned down').waitFor({ timeout: 30_000 })
    const item = await newest()
    assert.deepEqual(
      [item?.['arm'], item?.['ending'], item?.['channel'], item?.['rating'], item?.['page']],
      ['current', 'not-eligible', 'widget', 2, '/rpp/Declined.do'],
    )
    assert.deepEqual(await person.context().cookies(), [])
    await context.close()
    await person.context().close()
  })

  test('FEED-2 without JavaScript the same form is sent, and thanks come as a page with its style', async () => {
    const person = await visitor({ javaScriptEnabled: false })
    await person.goto(`${stage.publicUrl}/rpp/Declined.do`)
    await person.getByText('Very satisfied', { exact: true }).click()
    await person.getByRole('button', { name: 'Send feedback' }).click()
    await person.getByRole('heading', { name: 'Thank you', level: 1 }).waitFor()
    assert.match(person.url(), /\/\.phasegate\/feedback\/sent\?reference=/)
    const fonts = await person.evaluate<string>('getComputedStyle(document.querySelector("h1")).fontFamily')
    assert.doesNotMatch(fonts, /^"?Times/)
    assert.equal((await newest())?.['channel'], 'page')
    await person.context().close()
  })

  test('FEED-13 the team sees which end points ask, in either version [row 225]', async () => {
    await eventually(
      async () => (await stage.app.asAdmin.api('GET', '/api/v1/services/permits/feedback')).json.total as number,
      (total) => total === 2,
    )
    const team = await stage.app.signIn('designer', 'permits')
    const words = await eventually(
      async () => {
        const { text } = await team.get('/services/permits/feedback')
        return text
          .slice(text.indexOf('id="end-points"'))
          .replaceAll(/<[^>]+>/g, ' ')
          .replaceAll(/\s+/g, ' ')
      },
      (text) => /You cannot have a permit Not reached Asks 2 answers, last shown/.test(text),
    )
    assert.match(words, /Application sent Not reached Not reached/)
  })

  test('INS-2 a probe reads the label of the phase through the gateway on each journey page that a visit can reach [row 264]', async () => {
    const { phasegate, config, db } = stage.app
    config.gatewayPort = stage.gateway.port
    await phasegate.platform.jobs.now('phase-banner', phasegate.platform)
    const probes = await bannerProbes(db, service.id)
    const reached = probes.filter(({ outcome }) => outcome !== 'not-reached')
    assert.deepEqual(
      reached.filter(({ outcome }) => outcome !== 'seen'),
      [],
    )
    assert.ok(
      reached.some(({ page }) => page === '/parking-permit'),
      JSON.stringify(probes),
    )
    const now = stage.app.clock.now()
    const window = { from: new Date(now.getTime() - 60_000), to: now }
    const signal = phasegate.signals.get('services.phase-banner-seen')
    const reading = await signal?.read(db, service, window)
    // The start, one step and the refusal; the others need the state of an application.
    assert.deepEqual(reading?.kind === 'value' && [reading.value, reading.n], [100, 3])
    const developer = await stage.app.signIn('developer', 'permits')
    const seen = await developer.get('/services/permits/inspections')
    for (const words of ['/parking-permit', 'Seen', 'Not reached', 'it leads to'])
      assert.ok(seen.text.includes(words), words)
    assert.equal((await developer.post('/services/permits/inspections/banner')).status, 303)
    const examined = await developer.post('/services/permits/inspections/doctor', { which: 'new' })
    assert.equal(examined.status, 200)
    assert.ok(examined.text.includes('would break') || examined.text.includes('to put right'))
    const { json } = await stage.app.asAdmin.api('GET', '/api/v1/services/permits/admission')
    assert.equal(json.peopleIn, 0)
  })
})
