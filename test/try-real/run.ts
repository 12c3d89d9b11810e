import assert from 'node:assert/strict'
import type { Browser } from 'playwright-core'
import { closeBrowsers, launchBrowser } from '../support/browser.ts'
import { prepareNodeRed } from './node-red.ts'
import type { NodeRed } from './node-red.ts'
import { evaluateInBrowser, evaluateOnServer } from './openfeature.ts'
import { aPerson } from './person.ts'
import type { Person } from './person.ts'
import { startPhasegate } from './phasegate.ts'
import type { Phasegate } from './phasegate.ts'
import { createReport, eventually } from './report.ts'
import type { Report } from './report.ts'
import { openEcho, upload } from './transport.ts'

/** `npm run try:real`: two real releases of an application that nobody here wrote, behind the gateway. */

const releases = { current: '4.0.9', next: '4.1.8' }
const key = 'node-red'
const service = `/api/v1/services/${key}`
const addresses = ['a.example@example.org', 'b.example@example.org', 'c.example@example.org']
const eightMebibytes = 8 * 1024 * 1024

interface Scene {
  report: Report
  phasegate: Phasegate
  browser: Browser
  current: NodeRed
  next: NodeRed
  invited: Person[]
  others: Person[]
}

/** Its start page is the editor; whoever has deployed is done. */
const journey = {
  id: 'deploy',
  name: 'Deploy a flow',
  savable: false,
  openDays: 1,
  start: { patterns: ['/'] },
  steps: [{ id: 'flows', name: 'The flows are loaded', patterns: ['/flows'] }],
  endings: [{ id: 'deployed', name: 'Deployed', outcome: 'completed', patterns: ['POST /flows'] }],
}

async function main(): Promise<number> {
  const say = (line: string) => console.log(line)
  const report = createReport(say)
  say(`Node-RED ${releases.current} as the current service, ${releases.next} as the new one; Node ${process.version}`)
  const current = await prepareNodeRed(releases.current)
  const next = await prepareNodeRed(releases.next)
  const ends: (() => Promise<unknown>)[] = [() => current.remove(), () => next.remove()]
  try {
    await Promise.all([current.start(), next.start()])
    const phasegate = await startPhasegate({ current: current.url, next: next.url, name: 'Node-RED' })
    ends.push(() => phasegate.stop())
    const browser = await launchBrowser()
    ends.push(() => closeBrowsers())
    const people = (count: number) =>
      Promise.all(Array.from({ length: count }, () => aPerson(browser, phasegate.gatewayUrl)))
    const scene = { report, phasegate, browser, current, next, invited: await people(3), others: await people(3) }
    await admission(scene)
    await counting(scene)
    await transport(scene)
    await openFeature(scene)
    await crash(scene)
    await halt(scene)
  } catch (error) {
    await report.check('everything could be started', () => Promise.reject(error))
  } finally {
    for (const end of ends.toReversed()) await end().catch((error: unknown) => console.error(error))
  }
  const { passed, failed } = report.summary()
  say(
    failed.length === 0
      ? `${passed} checks, all good.`
      : `${passed} good, ${failed.length} failed: ${failed.join('; ')}`,
  )
  return failed.length === 0 ? 0 : 1
}

async function admission({ report, phasegate, invited, others }: Scene): Promise<void> {
  await report.check('the journey is marked through the API', async () => {
    await phasegate.api('PUT', `${service}/journeys`, { journeys: [journey] })
  })
  await report.check('before anybody is invited everybody gets the current release', async () => {
    for (const person of [...invited, ...others]) assert.equal(await person.release(), releases.current)
  })
  await report.check('each invited person gets a mail, and opening its link changes nothing', async () => {
    await phasegate.api('POST', `${service}/invitations`, { addresses })
    for (const [index, person] of invited.entries()) {
      const page = await person.context.newPage()
      await page.goto(await linkTo(phasegate, addresses[index] ?? ''))
      assert.equal(await person.release(), releases.current)
      assert.equal(await person.cookie(), '')
    }
  })
  await report.check('who accepts gets the new release from then on', async () => {
    for (const person of invited) {
      const [page] = person.context.pages()
      assert.ok(page)
      await page.locator('form[action$="/accept"] button').click()
      assert.equal(await person.release(), releases.next)
      await page.close()
    }
  })
  await report.check('only the invited see the new release', async () => {
    for (const person of invited) assert.equal(await person.release(), releases.next)
    for (const person of others) assert.equal(await person.release(), releases.current)
    return `${invited.length} invited, ${others.length} not`
  })
}

async function linkTo(phasegate: Phasegate, address: string): Promise<string> {
  const [mail] = await eventually(
    () => phasegate.mailsTo(address),
    (mails) => mails.length > 0,
  )
  const link = /https?:\S+\/invitation\/\S+/.exec(mail?.text ?? '')?.[0]
  assert.ok(link, 'the mail holds a link')
  return link
}

/** Five deploy, and two only look: each arm has one who leaves. */
async function counting({ report, phasegate, invited, others }: Scene): Promise<void> {
  await report.check('people deploy in both releases with Chromium, and the editor’s own socket speaks', async () => {
    for (const person of [invited[0], invited[1], others[0]]) await person?.deploy()
    for (const person of [invited[2], others[1], others[2]]) await (await person?.openEditor())?.close()
  })
  await report.check('starts and endings are counted right for both', async () => {
    const expected = { new: { starts: 3, completed: 2 }, current: { starts: 3, completed: 1 } }
    const { counts } = await eventually(
      () => phasegate.api('GET', `${service}/measures?from=${iso(-3_600_000)}&to=${iso(60_000)}`),
      (measures) =>
        measures.counts.new.starts >= 3 && measures.counts.current.starts >= 3 && measures.counts.new.completed >= 2,
    )
    for (const arm of ['new', 'current'] as const) {
      const { starts, completed } = counts[arm]
      assert.deepEqual({ starts, completed }, expected[arm], arm)
    }
    return 'new 3 starts and 2 endings, current 3 and 1'
  })
}

async function transport({ report, phasegate, invited, others }: Scene): Promise<void> {
  const arms = [
    ['the new', invited[0]],
    ['the current', others[0]],
  ] as const
  for (const [arm, person] of arms) {
    const cookie = (await person?.cookie()) ?? ''
    await report.check(`an upload of 8 MiB arrives whole at ${arm} release`, async () => {
      const { sent, received } = await upload(phasegate.gatewayUrl, cookie, eightMebibytes)
      assert.deepEqual(received, sent)
    })
    await report.check(`a WebSocket carries 1 MiB there and back at ${arm} release`, async () => {
      const echo = await openEcho(phasegate.gatewayUrl, cookie)
      const text = 'ä'.repeat(512 * 1024)
      assert.ok((await echo.send(text)) === text, 'what came back differs')
      echo.close()
    })
  }
}

async function openFeature({ report, phasegate, invited, others }: Scene): Promise<void> {
  await report.check('the official OpenFeature clients agree with the gateway for the same person', async () => {
    const [person] = invited
    const [other] = others
    assert.ok(person && other)
    const unit = await unitOf(person)
    for (const [who, targetingKey, expected] of [
      [person, unit, true],
      [other, 'somebody-who-was-not-invited', false],
    ] as const) {
      const gateway = (await who.release()) === releases.next
      const onServer = await evaluateOnServer(phasegate.url, key, targetingKey)
      const inBrowser = await evaluateInBrowser(who.context, phasegate.gatewayUrl, phasegate.url, key, targetingKey)
      assert.deepEqual([gateway, onServer.value, inBrowser.value], [expected, expected, expected])
      const variant = expected ? 'new' : 'current'
      assert.deepEqual([onServer.errorCode, onServer.variant], [undefined, variant])
      assert.deepEqual([inBrowser.errorCode, inBrowser.variant], [undefined, variant])
    }
  })
}

/** `kid.arm.rung.unit.exp.mac` */
async function unitOf(person: Person): Promise<string> {
  const pass = (await person.context.cookies()).find(({ name }) => name === `pg_${key}`)
  return pass?.value.split('.')[3] ?? ''
}

async function crash({ report, phasegate, invited, next }: Scene): Promise<void> {
  const [person] = invited
  assert.ok(person)
  await report.check(
    'killing the new release in mid-traffic sends the next request to the current one, without an error',
    async () => {
      const headers = { cookie: await person.cookie() }
      const seen: string[] = []
      let isOver = false
      const walk = async () => {
        while (!isOver) {
          const response = await fetch(`${phasegate.gatewayUrl}/settings`, { headers })
          assert.equal(response.status, 200, `after ${seen.length} answers`)
          seen.push(((await response.json()) as { version: string }).version)
        }
      }
      const walks = Array.from({ length: 4 }, walk)
      await pause(1_000)
      await next.kill()
      const before = seen.length
      await pause(1_500)
      isOver = true
      await Promise.all(walks)
      assert.equal(seen[0], releases.next)
      // Answers of the new release that were on their way when it was killed may still be counted.
      assert.ok(seen.slice(before + walks.length).every((version) => version === releases.current))
      assert.ok(seen.length > before + 20)
      return `${before} answers before, ${seen.length - before} after`
    },
  )
  await report.check('a person in the new release goes on in the current one with the browser', async () => {
    const page = await person.openEditor()
    assert.equal(await page.evaluate('RED.settings.version'), releases.current)
    await page.close()
  })
  await report.check('when the new release is back, its people are back in it', async () => {
    await next.start()
    await eventually(
      () => person.release(),
      (release) => release === releases.next,
      15_000,
    )
  })
}

async function halt({ report, phasegate, invited, others }: Scene): Promise<void> {
  const [person] = invited
  assert.ok(person)
  await report.check(
    'a halt sends everybody to the current release and closes sockets of the new one within a second',
    async () => {
      const echo = await openEcho(phasegate.gatewayUrl, await person.cookie())
      const began = performance.now()
      await phasegate.api('POST', `${service}/halt`, { reason: 'Trying the halt' })
      await Promise.race([echo.closed, pause(1_000).then(() => assert.fail('the socket is still open'))])
      for (const each of [...invited, ...others]) assert.equal(await each.release(), releases.current)
      return `${Math.round(performance.now() - began)} ms for all of it`
    },
  )
  await report.check('the clients say so too', async () => {
    const { value, reason } = await evaluateOnServer(phasegate.url, key, await unitOf(person))
    assert.deepEqual({ value, reason }, { value: false, reason: 'DISABLED' })
  })
}

function iso(fromNowMs: number): string {
  return new Date(Date.now() + fromNowMs).toISOString()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

process.exit(await main())
