import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startInstallation, type Owned } from './chaos/installation.ts'
import { aJourney } from './support/app.ts'
import { runCommand } from './support/command-line.ts'

/** Three starts of a whole installation take their time on a busy machine. */
const timeout = 600_000

/** The command line against a running service, as on the day when the machine is gone. */
describe('the restore drill', () => {
  let folder: string
  let upstreams: Server[]
  let addresses: string[]
  const running: Owned[] = []
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'phasegate-drill-'))
    chmodSync(folder, 0o711)
    upstreams = await Promise.all(['current', 'new'].map(anUpstream))
    addresses = upstreams.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  after(async () => {
    for (const installation of running) await installation.discard()
    for (const server of upstreams) server.closeAllConnections()
    for (const server of upstreams) server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const started = async (name: string) => {
    const installation = await startInstallation({ dataDirectory: join(folder, name) })
    running.push(installation)
    return installation
  }

  test(
    'a backup of a running service, restored into an empty folder, is the same service: facts, sessions, passes, halts [promise 23]',
    { timeout },
    async () => {
      const first = await started('first')
      for (const [key, host] of [
        ['permit', null],
        ['halted', 'halted.example.org'],
      ]) {
        const [currentUrl, newUrl] = addresses
        const wanted = { key, host, name: `Service ${key}`, currentUrl, newUrl }
        const added = await first.api('POST', '/api/v1/services', {
          ...wanted,
          phase: 'private-beta',
          journeys: [aJourney],
        })
        assert.equal(added.status, 201, JSON.stringify(added.body))
      }
      const session = await firstPerson(first)
      const pass = await acceptedPass(first)
      assert.equal(await armServed(first, { cookie: pass }), 'new')
      assert.equal(await armServed(first, {}), 'current')
      const time = new Date().toISOString()
      const events = Array.from({ length: 500 }, (_, n) => ({
        id: `e${n}`,
        time,
        service: 'permit',
        name: 'start',
        journey: 'apply',
        transaction: `t${n}`,
      }))
      assert.equal((await first.api('POST', '/api/v1/events', { events })).body.stored, 500)
      await first.api('POST', '/api/v1/services/halted/halt', { reason: 'The payment page fails' })
      const facts = await factsOf(first, session)
      const history = (await runCommand(['audit', 'export'], { PHASEGATE_DATA: first.dataDirectory })).out.split('\n')

      const file = join(folder, 'drill.phasegate-backup')
      const backedUp = await runCommand(['backup', file], { PHASEGATE_DATA: first.dataDirectory })
      assert.equal(backedUp.code, 0, backedUp.err)
      await first.api('POST', '/api/v1/services/permit/halt', { reason: 'After the backup' })
      await first.kill('SIGKILL')

      const env = { PHASEGATE_DATA: join(folder, 'second') }
      const restored = await runCommand(['restore', file], env)
      assert.equal(restored.code, 0, restored.err)
      const second = await started('second')
      const there = await factsOf(second, session)
      assert.deepEqual(
        Object.keys(facts).filter((name) => there[name] !== facts[name]),
        [],
        'each says the same',
      )
      const after = (await runCommand(['audit', 'export'], env)).out.split('\n')
      assert.deepEqual(after.slice(0, history.length), history)
      assert.match(after.at(-1) ?? '', /"installation.restored"/)
      assert.equal(await armServed(second, { cookie: pass }), 'new', 'the pass lets its holder in')
      assert.equal(await armServed(second, {}), 'current')
      assert.equal(await armServed(second, { host: 'halted.example.org' }), 'current', 'the halt is in force')
      assert.deepEqual((await second.api('POST', '/api/v1/events', { events })).body.repeated, 500, 'each counts once')
    },
  )

  test(
    'a restored service is checked while it runs, backed up when it does not, and never restored over [promise 23]',
    { timeout },
    async () => {
      const second = running[1]
      assert.ok(second)
      const env = { PHASEGATE_DATA: second.dataDirectory }
      const checked = await runCommand(['verify'], env)
      assert.equal(checked.code, 0, checked.out)
      await second.kill('SIGTERM')
      const again = await runCommand(['backup', join(folder, 'stopped.phasegate-backup')], env)
      assert.equal(again.code, 0, again.err)
      const file = join(folder, 'drill.phasegate-backup')
      assert.match((await runCommand(['restore', file], env)).err, /already holds \d+ tables/)
      assert.match(
        (await runCommand(['backup'], { PHASEGATE_DATA: join(folder, 'none') })).err,
        /There is no installation/,
      )
    },
  )
})

async function anUpstream(name: string): Promise<Server> {
  const server = createServer((_request, response) => response.setHeader('x-served-by', name).end(name))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

/** What the API and the pages say, without the ports that differ, and without what the running service itself measures. */
async function factsOf(installation: Owned, cookie: string): Promise<Record<string, string>> {
  const facts: Record<string, string> = {}
  const settled = (text: string) =>
    text.replaceAll(/(127\.0\.0\.1|example\.org):\d+|nonce="[^"]*"/g, '').replaceAll(/name="nonce" value="[^"]*"/g, '')
  for (const key of ['permit', 'halted']) {
    for (const part of ['', '/admission', '/history', '/feedback', '/invitations']) {
      const { status, body } = await installation.api('GET', `/api/v1/services/${key}${part}`)
      facts[`API ${key}${part}`] = settled(`${status} ${JSON.stringify(body)}`)
    }
    for (const part of ['/history', '/team', '/settings', '/feedback']) {
      const answer = await fetch(new URL(`/services/${key}${part}`, installation.url), {
        headers: { cookie, accept: 'text/html' },
        redirect: 'manual',
      })
      assert.equal(answer.status, 200, `${key}${part}`)
      facts[`${key}${part}`] = settled(await answer.text())
    }
  }
  return facts
}

async function firstPerson(installation: Owned): Promise<string> {
  const link = /http\S+\/sign-in\/link\/\S+/.exec(installation.output())?.[0] ?? ''
  const page = await (await fetch(link)).text()
  const form = formOf(page)
  const answer = await fetch(new URL(form.action || link, link), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(link).origin },
    body: new URLSearchParams({
      ...form.hidden,
      name: 'A. Example',
      email: 'owner@example.org',
      password: 'a long enough passphrase 42',
    }),
  })
  assert.equal(answer.status, 303, await answer.text())
  return cookiesOf(answer)
}

async function acceptedPass(installation: Owned): Promise<string> {
  const invited = await installation.api('POST', '/api/v1/services/permit/invitations', {
    addresses: ['person@example.org'],
  })
  const link: string = invited.body.results[0].link
  const form = formOf(await (await fetch(link)).text())
  const answer = await fetch(new URL(form.action, link), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: new URL(link).origin },
    body: new URLSearchParams(form.hidden),
  })
  assert.equal(answer.status, 303, await answer.text())
  return cookiesOf(answer)
}

function formOf(page: string): { action: string; hidden: Record<string, string> } {
  const form = /<form[^>]*method="post"[^>]*>[\s\S]*?<\/form>/i.exec(page)?.[0] ?? ''
  const inputs = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
    /name="([^"]*)"/.exec(input)?.[1] ?? '',
    /value="([^"]*)"/.exec(input)?.[1] ?? '',
  ])
  return { action: /action="([^"]*)"/.exec(form)?.[1] ?? '', hidden: Object.fromEntries(inputs) }
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .filter((cookie) => !cookie.endsWith('='))
    .join('; ')
}

function armServed(installation: Owned, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    request(installation.gatewayUrl, { path: '/start', headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(String(answer.headers['x-served-by'])))
    })
      .once('error', reject)
      .end()
  })
}
