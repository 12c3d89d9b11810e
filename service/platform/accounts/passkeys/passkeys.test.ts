import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { startApp, testClock, type Client, type TestApp } from '../../../../test/support/app.ts'
import { launchBrowser } from '../../../../test/support/browser.ts'
import { lastMail } from '../../../../test/support/mails.ts'
import { visitor } from '../../../../test/support/visitor.ts'
import { relyingPartyOf } from './relying-party.ts'

const minute = 60_000

let app: TestApp
let browser: Browser
let home: string
before(async () => {
  browser = await launchBrowser()
  // Visitors then have addresses of their own, and none uses up the tries of another.
  app = await startApp({ env: { TRUSTED_PROXIES: '127.0.0.1' }, clock: testClock(new Date()) })
  home = `http://localhost:${new URL(app.url).port}`
})
after(() => app.close())
beforeEach(() => app.clock.set(new Date()))

interface Person {
  email: string
  client: Client
  context: BrowserContext
  page: Page
  device: CDPSession
  authenticatorId: string
  close(): Promise<void>
}

let people = 0

/** Somebody who is signed in, at a computer that asks for a fingerprint. */
async function somebody(): Promise<Person> {
  people += 1
  const client = await app.signIn('member')
  const context = await browser.newContext({ extraHTTPHeaders: { 'x-forwarded-for': `198.51.100.${people}` } })
  const [name = '', value = ''] = (client.headers['cookie'] ?? '').split('=')
  await context.addCookies([{ name, value, url: home }])
  const page = await context.newPage()
  const device = await context.newCDPSession(page)
  await device.send('WebAuthn.enable')
  const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return { email: client.account.email, client, context, page, device, authenticatorId, close: () => context.close() }
}

async function withPasskey(name = 'Laptop'): Promise<Person> {
  const person = await somebody()
  const { page } = person
  await page.goto(`${home}/account`)
  await page.getByLabel('Name of the passkey').fill(name)
  await add(page)
  await page.waitForURL(`${home}/account#passkeys`)
  return person
}

async function signOut({ page, context }: Person): Promise<void> {
  await context.clearCookies()
  await page.goto(`${home}/sign-in?to=/account`)
}

/** Pages that ask the device are waited for: before its script such a page only says which other ways there are. */
async function add(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.waitForURL(`${home}/account/passkeys/new`)
  await page.getByRole('button', { name: 'Go on' }).click()
}

async function remove(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Remove ${name}` }).click()
  await page.waitForURL(`${home}/account/passkeys/remove`)
}

const signIn = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' }).click()

describe('ACC-31 passkeys', () => {
  test('people add several, by name, are told by mail, and sign in with one without typing anything', async () => {
    const person = await withPasskey('Laptop of the office')
    const { page, email } = person
    assert.match(await page.locator('main').innerText(), /Laptop of the office\s+Added .*, not used yet/)
    assert.match((await lastMail(app, email))?.text ?? '', /The passkey “Laptop of the office” now signs you in/)

    await signOut(person)
    await signIn(page)
    await page.waitForURL(`${home}/account`)
    const words = await page.locator('main').innerText()
    assert.ok(words.includes(email))
    assert.match(words, /Laptop of the office\s+Added .*, last used/)
    assert.match(words, /by passkey/)
    await person.close()
  })

  test('a device never gets a second passkey for the same account', async () => {
    const person = await withPasskey()
    const { page } = person
    await add(page)
    await page.getByText('This device already has a passkey for your account.').waitFor()
    await person.close()
  })

  test('a device that does not check the person signs nobody in, and the page says what to do', async () => {
    const person = await withPasskey()
    await signOut(person)
    const { page, device, authenticatorId } = person
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await signIn(page)
    await page.getByText('No passkey was used').waitFor()
    assert.equal(new URL(page.url()).pathname, '/sign-in')
    await person.close()
  })

  test('what a device signed counts once, only in the browser that asked, and for five minutes', async () => {
    const person = await withPasskey()
    const { page } = person
    const signed = async () => {
      await signOut(person)
      let body = ''
      await page.route(`${home}/sign-in/passkey`, (route) => {
        body = route.request().postData() ?? ''
        return route.abort()
      })
      await signIn(page)
      while (body === '') await page.waitForTimeout(20)
      await page.unroute(`${home}/sign-in/passkey`)
      const secret = (await person.context.cookies()).find(({ name }) => name === 'pg_browser')?.value ?? ''
      return { credential: new URLSearchParams(body).get('credential') ?? '', secret }
    }
    const first = await signed()
    const elsewhere = visitor(app.url)
    await elsewhere.send('/sign-in/passkey/options')
    assert.equal((await elsewhere.send('/sign-in/passkey', first)).status, 422, 'another browser')
    const here = visitor(app.url)
    here.use('pg_browser', first.secret)
    assert.equal((await here.send('/sign-in/passkey', first)).status, 303)
    assert.equal((await here.send('/sign-in/passkey', first)).status, 422, 'not twice')

    const late = await signed()
    app.clock.advance(6 * minute)
    const slow = visitor(app.url)
    slow.use('pg_browser', late.secret)
    assert.equal((await slow.send('/sign-in/passkey', late)).status, 422, 'not late')
    await person.close()
  })

  test('ACC-33 a copy of a passkey, whose counter falls back, is refused', async () => {
    const person = await withPasskey()
    const { page, device, authenticatorId } = person
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId })
    const [copy] = credentials
    assert.ok(copy)
    await signOut(person)
    await signIn(page)
    await page.waitForURL(`${home}/account`)
    await device.send('WebAuthn.removeCredential', { authenticatorId, credentialId: copy.credentialId })
    await device.send('WebAuthn.addCredential', { authenticatorId, credential: { ...copy, signCount: 0 } })
    await signOut(person)
    await signIn(page)
    await page.getByText('This passkey is not known here').first().waitFor()
    await person.close()
  })

  test('nonsense in place of a passkey is refused, never an error', async () => {
    const somebodyElse = visitor(app.url)
    await somebodyElse.send('/sign-in/passkey/options')
    for (const credential of ['', '{}', 'null', '[]', '{"id":"a"}', '['.repeat(5_000), 'x'.repeat(30_000)])
      assert.equal((await somebodyElse.send('/sign-in/passkey', { credential })).status, 422, credential.slice(0, 20))
  })

  test('without JavaScript the page says which other ways there are', async () => {
    const page = await visitor(app.url).send('/sign-in/passkey', { credential: '', to: '/account' })
    assert.equal(page.status, 422)
    assert.match(page.text, /needs JavaScript for that/)
    assert.match(page.text, /name="password"/)
  })
})

describe('ACC-32 passkeys and confirmation', () => {
  test('a passkey is added only after a fresh confirmation, and confirms itself from then on', async () => {
    const person = await withPasskey('Phone')
    const { page, email } = person
    await signOut(person)
    await signIn(page)
    await page.waitForURL(`${home}/account`)
    assert.equal((await person.client.get('/account')).status, 200)
    app.clock.advance(11 * minute)
    await page.goto(`${home}/account`)
    await remove(page, 'Phone')
    await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
    await page.getByRole('button', { name: 'Confirm with your passkey' }).click()
    await page.waitForURL(`${home}/account#passkeys`)
    assert.doesNotMatch(await page.locator('main').innerText(), /Phone/)
    assert.match((await lastMail(app, email))?.subject ?? '', /A passkey was removed/)
    assert.equal((await person.client.get('/account')).status, 303, 'the other session is dead')

    app.clock.advance(11 * minute)
    const late = await person.page.request.post(`${home}/account/passkeys/new`, { form: { name: 'Another' } })
    assert.equal(late.status(), 403)
    await person.close()
  })

  test('another person’s passkey confirms nothing', async () => {
    const owner = await withPasskey()
    const other = await withPasskey()
    const { credentials } = await owner.device.send('WebAuthn.getCredentials', {
      authenticatorId: owner.authenticatorId,
    })
    const { authenticatorId, device, page } = other
    const own = await device.send('WebAuthn.getCredentials', { authenticatorId })
    for (const { credentialId } of own.credentials)
      await device.send('WebAuthn.removeCredential', { authenticatorId, credentialId })
    for (const credential of credentials) await device.send('WebAuthn.addCredential', { authenticatorId, credential })
    app.clock.advance(11 * minute)
    await page.goto(`${home}/account`)
    await remove(page, 'Laptop')
    // The page asks for this person's passkeys only: somebody who changes it gets no further.
    await page.evaluate(`{
      const field = document.querySelector('input[data-passkey]')
      const { allowCredentials, ...asked } = JSON.parse(field.dataset.options)
      field.dataset.options = JSON.stringify({ ...asked, allowCredentials: [] })
    }`)
    await page.getByRole('button', { name: 'Confirm with your passkey' }).click()
    await page.getByText('This passkey is not known here').first().waitFor()
    await owner.close()
    await other.close()
  })
})

describe('ACC-30 where passkeys can be', () => {
  test('under the host name of PUBLIC_URL, and on one’s own machine as localhost', () => {
    const at = (publicUrl: string | null) => relyingPartyOf({ publicUrl, port: 4600 })
    assert.deepEqual(at(null), { id: 'localhost', origin: 'http://localhost:4600' })
    assert.deepEqual(at('https://beta.example.org/phasegate'), {
      id: 'beta.example.org',
      origin: 'https://beta.example.org',
    })
    for (const none of ['http://beta.example.org', 'https://203.0.113.7', 'https://[2001:db8::1]:4600'])
      assert.equal(at(none), null)
  })

  test('a page that is open at a bare address leads to where they can be used', async () => {
    const page = await app.get('/sign-in')
    assert.ok(page.text.includes(`${home}/sign-in`))
    assert.doesNotMatch(page.text, /data-passkey/)
    const client = await app.signIn('member')
    assert.ok((await client.get('/account')).text.includes(`${home}/account#passkeys`))
  })

  test('an installation at a bare address offers none, and says why on the page of the account', async () => {
    const own = await startApp({ env: { PUBLIC_URL: 'http://203.0.113.7:4600' } })
    try {
      assert.doesNotMatch((await own.get('/sign-in')).text, /passkey/i)
      const client = await own.signIn('member')
      assert.match((await client.get('/account')).text, /Whoever runs the installation sets it as PUBLIC_URL/)
      assert.equal((await client.post('/account/passkeys/new', { name: 'One' })).status, 409)
    } finally {
      await own.close()
    }
  })
})
