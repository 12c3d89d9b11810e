import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { sessionCookie } from '../../service/platform/index.ts'
import { launchBrowser } from '../support/browser.ts'
import { eventually } from '../try-real/report.ts'
import { isServed, parkingHost, setStage, type Stage } from './stage.ts'

/** Two addresses of one's own, from the form to figures, without a line of code. */
describe('a service of one’s own', () => {
  let stage: Stage
  let browser: Browser
  let team: Page

  before(async () => {
    stage = await setStage()
    browser = await launchBrowser({ hosts: [parkingHost] })
    const owner = await stage.app.signIn('owner')
    const context = await browser.newContext()
    const value = owner.headers.cookie?.split('=')[1] ?? ''
    await context.addCookies([{ name: sessionCookie, value, url: stage.app.url }])
    team = await context.newPage()
    team.setDefaultTimeout(30_000)
  })
  after(async () => {
    await team?.context().close()
    await stage?.close()
  })

  const checklist = async () => {
    await team.goto(`${stage.app.url}/services/permits/setup`)
    return team.locator('.pg-checklist__item--done').allInnerTexts()
  }

  test('an empty list of services says what to do next', async () => {
    await team.goto(stage.app.url)
    await team.getByText('No service yet').waitFor()
    assert.deepEqual((await new AxeBuilder({ page: team }).analyze()).violations, [])
    await team.getByRole('button', { name: 'Add your service' }).first().click()
  })

  test('a wrong address comes back beside its field, with what was typed', async () => {
    await team.getByLabel('What people call it').fill('Permits')
    await team.getByLabel('Address of the new service').fill('permits')
    await team.getByRole('button', { name: 'Add the service' }).click()
    await team
      .getByRole('alert')
      .getByText(/Enter the address of the new service/)
      .waitFor()
    assert.equal(await team.getByLabel('What people call it').inputValue(), 'Permits')
    assert.deepEqual((await new AxeBuilder({ page: team }).analyze()).violations, [])
  })

  test('two addresses are enough, and a checklist says what has been seen', async () => {
    await team.getByLabel('Address of the new service').fill(stage.next.url)
    await team.getByLabel('Address of the current service').fill(stage.current.url)
    await team.getByRole('button', { name: 'Add the service' }).click()
    await team.getByText('What has been seen').waitFor()
    await isServed(stage)
    assert.deepEqual(await checklist(), [])
    assert.deepEqual((await new AxeBuilder({ page: team }).analyze()).violations, [])
  })

  test('the journey is walked once in the browser, and marked as one goes', async () => {
    await team.goto(`${stage.app.url}/services/permits/settings`)
    await team.getByRole('button', { name: 'Walk the journey' }).click()
    const opening = team.context().waitForEvent('page')
    await team.getByRole('link', { name: 'Open the service in a new tab' }).click()
    const walk = await opening
    await walk.waitForLoadState()
    await walk.goto(`${stage.publicUrl}/rpp/Welcome.do`)
    await walk.goto(`${stage.publicUrl}/rpp/Conditions.do`)
    await walk.goto(`${stage.publicUrl}/rpp/Declined.do`)
    await walk.close()
    const row = (path: string) => team.getByLabel(path, { exact: false }).first()
    await row('/rpp/Declined.do').waitFor()
    await row('/rpp/Welcome.do').selectOption('start')
    await row('/rpp/Conditions.do').selectOption('step')
    await row('/rpp/Declined.do').selectOption('refused')
    await team.getByRole('button', { name: 'Save as the journey' }).click()
    await team.getByText('Ending: refused').first().waitFor()
    const { journeys } = (await stage.app.asAdmin.api('GET', '/api/v1/services/permits')).json
    assert.deepEqual(journeys[0].start.patterns, ['/rpp/Welcome.do'])
    assert.equal(journeys[0].endings[0].outcome, 'refused')
  })

  test('from then on starts and endings are counted, and the checklist follows', async () => {
    const visitor = await (await browser.newContext()).newPage()
    await eventually(
      async () => {
        await visitor.goto(`${stage.publicUrl}/rpp/Welcome.do`)
        await visitor.goto(`${stage.publicUrl}/rpp/Declined.do`)
        return (await checklist()).join('\n')
      },
      (done) => /A start/.test(done) && /An ending/.test(done) && /The journey is marked/.test(done),
    )
    await visitor.context().close()
  })

  test('the first person is invited from the same page', async () => {
    await checklist()
    await team.getByLabel(/Email addresses/).fill('first@example.org')
    await team.getByRole('button', { name: 'Invite' }).click()
    await eventually(
      async () => stage.app.mails.some(({ to }) => to === 'first@example.org'),
      (sent) => sent,
    )
    assert.match((await checklist()).join('\n'), /The first person invited/)
  })

  test('a form from the team’s pages to the service’s own host is let through by the policy of the page, others are not', async () => {
    const { headers } = await stage.app.asAdmin.get('/services/permits/settings')
    assert.ok(headers.get('content-security-policy')?.includes(`form-action 'self' ${stage.publicUrl}`))
    const elsewhere = await stage.app.get('/sign-in')
    assert.match(elsewhere.headers.get('content-security-policy') ?? '', /form-action 'self'(;|$)/)
  })
})
