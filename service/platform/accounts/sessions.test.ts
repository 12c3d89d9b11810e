import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { anotherProcess } from '../../../test/support/another-process.ts'
import { client, startApp, type Client, type TestApp } from '../../../test/support/app.ts'

const password = 'a long enough password'

/** A browser that keeps its cookie. */
async function signedIn(app: TestApp, email: string, headers: Record<string, string> = {}): Promise<Client> {
  const answer = await app.post('/sign-in', { email, password }, headers)
  assert.equal(answer.status, 303, answer.text)
  return client(app.url, { cookie: cookieOf(answer.headers) })
}

const cookieOf = (headers: Headers): string => headers.get('set-cookie')?.split(';')[0] ?? ''

async function ownerWithPassword(app: TestApp): Promise<Client & { email: string }> {
  const owner = await app.signIn('owner')
  const answer = await owner.post('/account/password', { password })
  assert.equal(answer.status, 303)
  return { ...(await signedIn(app, owner.account.email)), email: owner.account.email }
}

const isIn = async (person: Client): Promise<boolean> => (await person.get('/account')).status === 200

/** The newest mail to this address with this in its text, once it has left. */
async function mailed(app: TestApp, to: string, pattern: RegExp): Promise<string> {
  for (;;) {
    const found = app.mails.findLast((mail) => mail.to === to && pattern.test(mail.text))
    if (found !== undefined) return pattern.exec(found.text)?.[1] ?? ''
    await app.phasegate.platform.mail.deliverDue()
    await pause(5)
  }
}

const signInLink = /(\/sign-in\/link\/[\w-]+)/

/** An open stream, and how long after `since` it ended. */
async function openStream(app: TestApp, person: Client, path: string, base = app.url) {
  const request = httpRequest(new URL(path, base), { headers: person.headers })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  response.resume()
  return { ended: once(response, 'close') }
}

describe('sessions', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  test('ACC-1 signing in makes a new session and the one that the browser came with is dead [promise 26]', async () => {
    const owner = await ownerWithPassword(app)
    const planted = client(app.url, { cookie: 'phasegate_session=chosen-by-somebody-else' })
    const first = await planted.post('/sign-in', { email: owner.email, password })
    assert.doesNotMatch(cookieOf(first.headers), /chosen-by-somebody-else/)
    assert.equal(await isIn(planted), false)
    const old = client(app.url, { cookie: cookieOf(first.headers) })
    const second = await old.post('/sign-in', { email: owner.email, password })
    assert.notEqual(cookieOf(second.headers), cookieOf(first.headers))
    assert.equal(await isIn(old), false)
    assert.equal(await isIn(client(app.url, { cookie: cookieOf(second.headers) })), true)
  })

  test('signing out ends the session on the server, and its cookie is worth nothing [promise 26]', async () => {
    const owner = await ownerWithPassword(app)
    assert.equal((await owner.post('/sign-out')).status, 303)
    assert.equal(await isIn(owner), false)
  })

  test('ACC-3 a new password ends every other session at once; this one goes on under a new secret [promise 26]', async () => {
    const owner = await ownerWithPassword(app)
    const elsewhere = await signedIn(app, owner.email)
    assert.equal(await isIn(elsewhere), true)
    const answer = await owner.post('/account/password', { password })
    assert.equal(await isIn(elsewhere), false)
    assert.equal(await isIn(owner), false, 'the secret of before')
    assert.equal(await isIn(client(app.url, { cookie: cookieOf(answer.headers) })), true)
    await mailed(app, owner.email, /password of your account/)
  })

  test('ACC-3 whoever is taken off a team is signed out, and the open stream ends [promise 26]', async () => {
    const manager = await app.signIn('service-manager', 'permit')
    const developer = await app.signIn('developer', 'permit')
    const stream = await openStream(app, developer, '/services/permit/live')
    assert.equal(await isIn(developer), true)
    await manager.post('/services/permit/team/remove', { accountId: developer.account.id, role: 'developer' })
    assert.equal(await isIn(developer), false)
    await stream.ended
  })

  test('ACC-3 another process on the same database ends sessions and streams just as well [promise 26]', async () => {
    const other = await anotherProcess(app)
    const developer = await app.signIn('developer', 'permit')
    const there = client(other.url, developer.headers)
    const stream = await openStream(app, developer, '/services/permit/live', other.url)
    assert.equal(await isIn(there), true)
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/team/remove', { accountId: developer.account.id, role: 'developer' })
    await stream.ended
    assert.equal(await isIn(there), false)
    await other.close()
  })

  test('ACC-4 a session ends after 14 days without use, and after 30 in any case', async () => {
    const idle = await app.signIn('owner')
    const busy = await app.signIn('owner')
    for (let day = 0; day < 29; day += 7) {
      app.clock.advance(7 * 86_400_000)
      if (day < 21) assert.equal(await isIn(busy), true, `day ${day + 7}`)
      if (day === 14) assert.equal(await isIn(idle), false)
    }
    assert.equal(await isIn(busy), false)
  })

  test('ACC-7 people see where they are signed in, and can end one or all others', async () => {
    const owner = await ownerWithPassword(app)
    const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
    const phone = await signedIn(app, owner.email, firefox)
    const laptop = await signedIn(app, owner.email)
    const page = await owner.get('/account')
    assert.match(page.text, /Firefox on Linux/)
    const ends = [...page.text.matchAll(/action="(\/account\/sessions\/[\w-]+\/end)"/g)]
    assert.ok(ends.length >= 2)
    const ofPhone = /action="(\/account\/sessions\/[\w-]+\/end)"[^]{0,300}Firefox on Linux, used/.exec(page.text)?.[1]
    await owner.post(ofPhone ?? '')
    assert.equal(await isIn(phone), false)
    assert.equal(await isIn(laptop), true)
    await owner.post('/account/sessions/end-others')
    assert.equal(await isIn(laptop), false)
    assert.equal(await isIn(owner), true)
  })

  test('ACC-8 a new address counts when its link is opened, and the old one is told', async () => {
    const owner = await ownerWithPassword(app)
    await owner.post('/account/email', { email: 'new.address@example.org' })
    const link = await mailed(app, 'new.address@example.org', signInLink)
    assert.equal((await app.post('/sign-in', { email: 'new.address@example.org', password })).status, 422)
    assert.equal((await owner.get(link)).status, 200)
    assert.equal((await owner.post(link)).status, 303)
    await mailed(app, owner.email, /another email address/)
    await signedIn(app, 'new.address@example.org')
  })

  test('ACC-9 the first link that proves an address drops the password and sessions of whoever came before', async () => {
    const owner = await ownerWithPassword(app)
    await app.post('/sign-in/link', { address: owner.email })
    const link = await mailed(app, owner.email, signInLink)
    assert.equal((await app.post(link)).status, 303)
    assert.equal(await isIn(owner), false)
    assert.equal((await app.post('/sign-in', { email: owner.email, password })).status, 422)
  })
})

describe('fresh confirmation', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  const anOldSession = async () => {
    const person = await app.signIn('service-manager', 'permit', { confirmed: false })
    await person.post('/account/password', { password })
    const session = await signedIn(app, person.account.email)
    app.clock.advance(11 * 60_000)
    return session
  }

  test('ACC-5 a key, a hand-over, a password and the end of a halt ask a person to confirm first', async () => {
    const manager = await anOldSession()
    assert.equal((await manager.post('/services/permit/halt')).status, 303, 'a halt never waits')
    for (const [path, form] of [
      ['/services/permit/settings/keys', { keyName: 'Application', kind: 'server' }],
      ['/services/permit/team/hand-over', { manager: 'person1@example.org' }],
      ['/services/permit/resume', { reason: 'It is mended' }],
      ['/account/password', { password }],
      ['/account/email', { email: 'else@example.org' }],
    ] as const) {
      const answer = await manager.post(path, form)
      assert.equal(answer.status, 403, path)
      assert.deepEqual(answer.headings, ['Confirm that it is you'], path)
    }
    const { json } = await manager.api('POST', '/api/v1/services/permit/keys', { name: 'Application', kind: 'server' })
    assert.equal(json.code, 'confirm-again')
    assert.equal((await app.asAdmin.api('GET', '/api/v1/services/permit/admission')).json.halt !== null, true)
  })

  test('ACC-6 the form goes on with all that was typed once the password is right, without JavaScript', async () => {
    const manager = await anOldSession()
    const form = { keyName: 'Application & “pages”', kind: 'server' }
    const asked = await manager.post('/services/permit/settings/keys', form)
    assert.match(asked.text, /name="keyName" value="Application &amp; “pages”"/)
    const wrong = { ...form, 'confirm-password': 'not the password', 'confirm-with': 'password' }
    const again = await manager.post('/services/permit/settings/keys', wrong)
    assert.equal(again.status, 422)
    assert.match(again.text, /Check the password/)
    assert.doesNotMatch(again.text, /not the password/)
    const right = await manager.post('/services/permit/settings/keys', { ...wrong, 'confirm-password': password })
    assert.equal(right.status, 200)
    assert.match(right.text, /pgk_[\w-]{43}/)
    assert.match((await manager.get('/services/permit/settings')).text, /Application &amp; “pages”/)
    assert.equal((await manager.post('/services/permit/settings/keys', form)).status, 200, 'for the next minutes')
  })

  test('ACC-6 whoever has no password confirms by a code from a mail, which few wrong tries end', async () => {
    const manager = await app.signIn('service-manager', 'permit', { confirmed: false })
    app.clock.advance(11 * 60_000)
    const form = { keyName: 'Another', kind: 'server', 'confirm-with': 'code' }
    const sent = await manager.post('/services/permit/settings/keys', form)
    assert.match(sent.text, /We sent a code to/)
    assert.doesNotMatch(sent.text, /There is a problem/, 'nothing was done wrong')
    const code = await mailed(app, manager.account.email, /\n(\d{6})\n/)
    app.mails.length = 0
    for (let n = 0; n < 5; n++)
      await manager.post('/services/permit/settings/keys', { ...form, 'confirm-code': 'wrong' })
    const late = await manager.post('/services/permit/settings/keys', { ...form, 'confirm-code': code })
    assert.equal(late.status, 422)
    await manager.post('/services/permit/settings/keys', form)
    const fresh = await mailed(app, manager.account.email, /\n(\d{6})\n/)
    const done = await manager.post('/services/permit/settings/keys', { ...form, 'confirm-code': fresh })
    assert.equal(done.status, 200)
  })

  test('ACC-5 a clock that is set back does not stretch a confirmation', async () => {
    const manager = await app.signIn('service-manager', 'permit', { confirmed: false })
    app.clock.advance(-60 * 60_000)
    const answer = await manager.post('/services/permit/settings/keys', { keyName: 'Application', kind: 'server' })
    assert.equal(answer.status, 403)
    app.clock.advance(60 * 60_000)
  })

  test('the page to confirm on leads back to a path of our own only', async () => {
    const manager = await anOldSession()
    assert.equal((await manager.post('/confirm', { to: '/account' })).status, 403)
    const answer = { 'confirm-with': 'password', 'confirm-password': password }
    assert.equal((await manager.post('/confirm', { to: '/account', ...answer })).location, '/account')
    for (const to of ['https://evil.example', '//evil.example', '/\\evil.example', '/\n/evil.example'])
      assert.equal((await manager.post('/confirm', { to })).location, '/', to)
  })
})
