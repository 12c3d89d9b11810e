import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { gate } from '../../example/gate-story.ts'
import { exampleKey, writeHistory } from '../../example/history.ts'
import { adminKey, type Client } from '../support/app.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../try-real/report.ts'
import { isServed, parkingHost, setStage, type Stage } from './stage.ts'

const home = `/services/${exampleKey}`
const api = `/api/v1${home}`
const oldStart = /Resident Parking Permit \(RPP\)/
const newStart = 'Apply for a resident parking permit'

/** The main job, end to end: open a door to some people, hear from them, decide, open wider, shut, open again. */
describe('the main job', () => {
  let stage: Stage
  let browser: Browser
  let manager: Client
  let team: Page
  let somebody: Page
  let invited: BrowserContext
  let person: Page
  let link = ''

  before(async () => {
    stage = await setStage()
    browser = await launchBrowser({ hosts: [parkingHost] })
    const { app, current, next } = stage
    await writeHistory({ url: app.url, adminKey, now: app.clock.now(), currentUrl: current.url, newUrl: next.url })
    await isServed(stage)
    manager = await app.signIn('service-manager', exampleKey)
    team = await openTeamPages(browser, manager)
    team.setDefaultTimeout(30_000)
    somebody = await (await aBrowser(browser, 'Somebody')).newPage()
    invited = await aBrowser(browser, 'Invited')
    person = await invited.newPage()
    person.setDefaultTimeout(30_000)
  })
  after(async () => {
    await stage?.close()
  })

  const heading = (page: Page) => page.locator('h1').first().innerText()
  const service = () => stage.publicUrl
  const state = async () => (await stage.app.asAdmin.api('GET', `${api}/admission`)).json
  const goHome = async (page: Page) => {
    await page.goto(service())
    return heading(page)
  }

  test('a visitor gets the current service', async () => {
    assert.match(await goHome(somebody), oldStart)
  })

  test('the manager invites a person, and the mail with the link is a file', async () => {
    await team.goto(`${stage.app.url}${home}/admission`)
    await team.getByLabel(/email addresses/i).fill('m.example@example.org')
    await team
      .getByRole('button', { name: /^(Invite|Send)/ })
      .first()
      .click()
    const mails = await eventually(
      async () => stage.app.mails.filter(({ to }) => to === 'm.example@example.org'),
      (found) => found.length === 1,
    )
    link = /https?:\S+\/invitation\/\S+/.exec(mails[0]?.text ?? '')?.[0] ?? ''
    assert.ok(link.startsWith(`${service()}/.phasegate/invitation/`), link)
  })

  test('opening the link tells what the beta is, and changes nothing', async () => {
    const before = await state()
    await person.goto(link)
    assert.match(await heading(person), /Try the new version/)
    await isAccessible(person)
    assert.deepEqual(await invited.cookies(), [])
    assert.equal((await state()).peopleIn, before.peopleIn)
    const other = await invited.newPage()
    assert.match(await goHome(other), oldStart)
    await other.close()
  })

  test('who accepts gets the new service from then on, with its phase and a way to give feedback', async () => {
    const before = await state()
    await person.getByRole('button', { name: 'Take part' }).click()
    await person.getByRole('heading', { name: newStart }).waitFor()
    await person.getByText('Beta', { exact: true }).waitFor()
    await person.getByRole('link', { name: /feedback/i }).waitFor()
    await isAccessible(person)
    assert.equal((await state()).peopleIn, before.peopleIn + 1)
    assert.equal(await goHome(person), newStart)
    assert.match(await goHome(somebody), oldStart)
  })

  test('“Use the current service instead” takes a person back, and the choice sticks', async () => {
    await leadsTo(person, 'Use the current service instead')
    assert.match(await goHome(person), oldStart)
    assert.match(await goHome(person), oldStart)
    await leadsTo(person, 'Use the new service instead')
    assert.equal(await goHome(person), newStart)
  })

  test('the link opened on a second device offers to continue there', async () => {
    const before = await state()
    const device = await aBrowser(browser, 'Second')
    const page = await device.newPage()
    await page.goto(link)
    assert.equal(await heading(page), 'Continue on this device')
    await leadsTo(page, 'Continue on this device')
    assert.equal(await goHome(page), newStart)
    assert.equal((await state()).peopleIn, before.peopleIn)
    await device.close()
  })

  test('their way through the journey and their answer are on the team’s open page moments later', async () => {
    const before = await counts()
    await team.goto(`${stage.app.url}${home}`)
    await applyInNew(person)
    await person.getByRole('heading', { name: 'Application sent' }).first().waitFor()
    await isAccessible(person)
    await person.getByText('Very satisfied', { exact: true }).first().click()
    await person
      .getByLabel(/What should we change/)
      .first()
      .fill('The kerb on our street is lower than the map says')
    await person.getByRole('button', { name: 'Send feedback' }).first().click()
    await person
      .getByText(/Thank you/)
      .first()
      .waitFor()
    const now = await eventually(counts, ({ completed }) => completed === before.completed + 1)
    // The start page was seen right after accepting; seeing it again begins no other application.
    assert.equal(now.starts, before.starts)
    // The page was open all the time: nobody loads it again.
    await team.getByText('The kerb on our street').waitFor()
  })

  test('without JavaScript the same answer is given on a page', async () => {
    const plain = await aBrowser(browser, 'Plain', { javaScriptEnabled: false })
    const page = await plain.newPage()
    await page.goto(`${service()}/rpp/Declined.do`)
    await page.getByLabel('Dissatisfied', { exact: true }).first().check()
    await page
      .getByLabel(/What should we change/)
      .first()
      .fill('Ask me where I live before all the rest')
    await page.getByRole('button', { name: 'Send feedback' }).first().click()
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()
    const { feedback } = (await stage.app.asAdmin.api('GET', `${api}/feedback?search=before+all+the+rest`)).json
    const { rating, ending, arm } = feedback[0]
    assert.deepEqual([rating, ending, arm], [2, 'not-eligible', 'current'])
    await plain.close()
  })

  test('an ending that refuses and one that fails are counted as what they are', async () => {
    const before = await counts()
    for (const postcode of ['ZX8 1AA', 'ZX1 9ZZ']) {
      const page = await invited.newPage()
      await page.goto(`${service()}/parking-permit`)
      await page.goto(`${service()}/parking-permit/address`)
      await page.getByLabel('What is your postcode?').fill(postcode)
      await page.locator('main button').first().click()
      // Closing at once could take the form back.
      await page.waitForURL(/not-eligible|problem/)
      await page.close()
    }
    const now = await eventually(counts, ({ refused, failed }) => refused > before.refused && failed > before.failed)
    assert.deepEqual([now.refused - before.refused, now.failed - before.failed], [1, 1])
  })

  test('the gate is refused with what is missing', async () => {
    const refused = await manager.post(`${home}/gates/${gate}/decision`, {
      outcome: 'go',
      reason: 'We would like to',
      share: '10',
      confirm: 'yes',
    })
    assert.equal(refused.status, 422)
    await team.goto(`${stage.app.url}${home}/gates/${gate}`)
    const page = await team.locator('main').innerText()
    for (const missing of ['Most people succeed', 'A service community', 'service manager'])
      assert.match(page, new RegExp(missing))
  })

  test('verdicts and a signature with a name open it, with a first share of 10 %', async () => {
    for (const criterion of ['works-well', 'community']) {
      await team.goto(`${stage.app.url}${home}/gates/${gate}/criteria/${criterion}`)
      await team.locator('form[action$="/verdict"]').locator('[name=verdict][value=met]').check()
      await team.locator('form[action$="/verdict"]').getByLabel('Reason').fill('Seen with my own eyes')
      await press(team, 'Record verdict')
    }
    await team.goto(`${stage.app.url}${home}/gates/${gate}`)
    await team.getByText('Sign as service manager').click()
    await press(team, 'Sign')
    await team.goto(`${stage.app.url}${home}/gates/${gate}`)
    await team.getByLabel('Open public beta', { exact: true }).check()
    await team
      .getByLabel(/First share/)
      .locator('visible=true')
      .fill('10')
    const decision = team.locator('form[action$="/decision"]')
    await decision.getByLabel('Reason').fill('It holds, and people finish')
    await decision.getByLabel(/I decide this/).check()
    await press(team, 'Record decision')
    const { phase } = (await stage.app.asAdmin.api('GET', api)).json
    assert.equal(phase, 'public-beta')
    assert.equal((await state()).share, 10)
  })

  test('anyone may now be drawn, once, and a larger share takes nobody out', async () => {
    const visitors = await Promise.all(Array.from({ length: 24 }, () => aVisitor(service())))
    const first = await Promise.all(visitors.map((visitor) => visitor.arm()))
    assert.deepEqual(await Promise.all(visitors.map((visitor) => visitor.arm())), first)
    await manager.api('PUT', `${api}/share`, { percent: 60, reason: 'Nobody complained' })
    const second = await eventually(
      () => Promise.all(visitors.map((visitor) => visitor.arm())),
      (arms) => arms.filter((arm) => arm === 'new').length > first.filter((arm) => arm === 'new').length,
    )
    for (const [index, arm] of first.entries()) if (arm === 'new') assert.equal(second[index], 'new')
    assert.equal(await goHome(person), newStart)
  })

  test('one button sends everybody to the current service at once, and a named person opens it again', async () => {
    await team.goto(`${stage.app.url}${home}`)
    await team.getByText('Halt', { exact: true }).first().click()
    const halt = team.locator('form[action$="/halt"]').getByRole('button')
    await Promise.all([team.waitForResponse((response) => response.request().method() === 'POST'), halt.click()])
    assert.match(await goHome(person), oldStart)
    assert.match(await goHome(somebody), oldStart)
    assert.equal((await manager.api('POST', `${api}/resume`, { reason: 'It was a drill' })).status, 200)
    assert.equal(
      await eventually(
        () => goHome(person),
        (title) => title === newStart,
      ),
      newStart,
    )
  })

  test('every act is in the history with who, when and why', async () => {
    const { text } = await manager.get(`${home}/history`)
    for (const act of ['It holds, and people finish', 'Nobody complained', 'It was a drill', 'Seen with my own eyes']) {
      assert.ok(text.includes(act), act)
    }
  })

  async function counts(): Promise<Record<'starts' | 'completed' | 'refused' | 'failed', number>> {
    const from = new Date(stage.app.clock.now().getTime() - 3_600_000).toISOString()
    const { json } = await stage.app.asAdmin.api('GET', `${api}/measures?from=${from}`)
    return json.counts.new
  }
})

async function openTeamPages(browser: Browser, client: Client): Promise<Page> {
  const context = await browser.newContext({ extraHTTPHeaders: { cookie: client.headers['cookie'] ?? '' } })
  context.setDefaultTimeout(20_000)
  return context.newPage()
}

/** All come from one address: the browser's name tells them apart where no pass does. */
async function aBrowser(
  browser: Browser,
  name: string,
  more: { javaScriptEnabled?: boolean } = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    userAgent: `Mozilla/5.0 (X11; Linux x86_64) Chrome/153.0 ${name}`,
    ...more,
  })
  context.setDefaultTimeout(20_000)
  return context
}

/** With the banner and the question that the gateway put into the page. */
async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    [],
  )
}

/** Presses a button and waits until the next page is there: going elsewhere at once could take the press back. */
async function leadsTo(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name }).click()])
}

/** Presses a button and waits for the page that follows it. */
async function press(page: Page, name: string): Promise<void> {
  const loaded = page.waitForEvent('load')
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    page.getByRole('button', { name, exact: true }).click(),
  ])
  await loaded
  if (answer.status() !== 303) assert.fail(`${name}: ${answer.status()} ${await page.locator('main').innerText()}`)
}

async function applyInNew(page: Page): Promise<void> {
  const go = () => page.locator('main button').first().click()
  await page.goto(new URL('/parking-permit', page.url()).href)
  await page.getByRole('link', { name: 'Start now' }).click()
  await page.getByLabel('What is your postcode?').fill('ZX1 4TB')
  await go()
  await page.getByLabel('What is your registration number?').fill('AB12 CDE')
  await go()
  await page.getByLabel(/^6 months/).check()
  await go()
  await go()
}

async function aVisitor(url: string): Promise<{ arm(): Promise<'current' | 'new'> }> {
  const { openBrowser } = await import('../../example/browse.ts')
  const { port } = new URL(url)
  const browser = openBrowser(`http://127.0.0.1:${port}`)
  return {
    async arm() {
      const { path } = await browser.get('/')
      return path.startsWith('/rpp/') ? 'current' : 'new'
    },
  }
}
