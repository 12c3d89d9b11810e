import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { client, startApp, type Answer, type TestApp } from '../../../test/support/app.ts'
import { firstPersonLink } from '../index.ts'

const password = 'a long enough password'
const wrong = 'not the right password'

describe('tries to sign in', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  const tried = (email: string, count: number, headers: Record<string, string> = {}): Promise<Answer[]> =>
    Promise.all(Array.from({ length: count }, () => app.post('/sign-in', { email, password: wrong }, headers)))
  const counts = (answers: Answer[]) =>
    Object.fromEntries(
      Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, all]) => [
        status,
        all?.length ?? 0,
      ]),
    )
  const later = () => app.clock.advance(3 * 3_600_000)

  async function aPerson() {
    const person = await app.signIn('owner')
    await person.post('/account/password', { password })
    return person.account.email
  }

  test('ACC-10 of many tries at once on one account a few are looked at, the others have to wait [promise 36]', async () => {
    const email = await aPerson()
    for (const address of [email, 'nobody.at.all@example.org']) {
      const answers = await tried(address, 40)
      assert.deepEqual(counts(answers), { 422: 10, 429: 30 }, address)
      const refused = answers.find(({ status }) => status === 429)
      assert.ok(Number(refused?.headers.get('retry-after')) >= 1)
      later()
    }
  })

  test('ACC-10 waits grow with each wrong try, and a right password then signs in', async () => {
    const email = await aPerson()
    await tried(email, 10)
    const waits: number[] = []
    for (let n = 0; n < 4; n++) {
      const [refused] = await tried(email, 1)
      waits.push(Number(refused?.headers.get('retry-after')))
      app.clock.advance((waits.at(-1) ?? 0) * 1000)
      assert.equal((await tried(email, 1))[0]?.status, 422)
    }
    assert.deepEqual(waits, [2, 4, 8, 16])
    app.clock.advance(32_000)
    assert.equal((await app.post('/sign-in', { email, password })).status, 303)
    later()
  })

  test('ACC-10 nobody is locked out by others: a device that was signed in before, or a mailed link, gets through [promise 36]', async () => {
    const email = await aPerson()
    const before = await app.post('/sign-in', { email, password })
    const device = /phasegate_device=[^;]+/.exec(before.headers.get('set-cookie') ?? '')?.[0] ?? ''
    await tried(email, 40)
    assert.equal((await app.post('/sign-in', { email, password })).status, 429, 'an unknown device waits')
    assert.equal((await client(app.url, { cookie: device }).post('/sign-in', { email, password })).status, 303)
    const forged = device.replace(/\.[^.]+$/, '.AAAA')
    assert.equal((await client(app.url, { cookie: forged }).post('/sign-in', { email, password })).status, 429)
    await app.post('/sign-in/link', { address: email })
    assert.equal((await app.post(await linkFor(email))).status, 303)
    const guesses = await tried(email, 20, { cookie: device })
    assert.ok((counts(guesses)['429'] ?? 0) >= 9, 'the device has a count of its own')
    later()
  })

  test('ACC-11 one network that tries many accounts, or asks for many links, has to wait, whatever it says of its address [promise 36]', async () => {
    const addresses = Array.from({ length: 100 }, (_, n) => `person-${n}@elsewhere.example`)
    const forwarded = (n: number) => ({ 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` })
    const answers = await Promise.all(
      addresses.map((email, n) => app.post('/sign-in', { email, password: wrong }, forwarded(n))),
    )
    assert.deepEqual(counts(answers), { 422: 30, 429: 70 })
    const links = await Promise.all(addresses.map((address, n) => app.post('/sign-in/link', { address }, forwarded(n))))
    assert.deepEqual(counts(links), { 200: 10, 429: 90 })
    later()
  })

  test('ACC-11 guessed and spent links are counted, and one that works is never made to wait [promise 36]', async () => {
    const email = await aPerson()
    await app.post('/sign-in/link', { address: email })
    const works = await linkFor(email)
    const guess = (n: number) => `/sign-in/link/${String(n).padStart(43, 'x')}`
    const guesses = await Promise.all(Array.from({ length: 60 }, (_, n) => app.get(guess(n))))
    assert.deepEqual(counts(guesses), { 410: 20, 429: 40 })
    assert.equal((await app.post(works)).status, 303)
    assert.equal((await app.post(works)).status, 429, 'it is spent now')
    later()
    assert.match((await app.get(works)).text, /href="\/sign-in">Go to the sign-in page/)
  })

  test('ACC-12 whether there is an account shows neither on the page nor in what is stored meanwhile', async () => {
    const email = await aPerson()
    const known = await app.post('/sign-in/link', { address: email })
    const unknown = await app.post('/sign-in/link', { address: 'nobody@example.org' })
    assert.equal(known.text, unknown.text)
    const [wrongOne, noOne] = [await tried(email, 1), await tried('nobody@example.org', 1)]
    const plain = (answer: Answer | undefined, address: string) => answer?.text.replaceAll(address, 'the address')
    assert.equal(plain(wrongOne[0], email), plain(noOne[0], 'nobody@example.org'))
    await linkFor(email)
    assert.ok(!app.mails.some(({ to }) => to === 'nobody@example.org'))
  })

  /** The path of the newest link that was mailed to this address. */
  async function linkFor(email: string): Promise<string> {
    for (;;) {
      const mail = app.mails.findLast(({ to, text }) => to === email && text.includes('/sign-in/link/'))
      if (mail !== undefined) return /(\/sign-in\/link\/[\w-]+)/.exec(mail.text)?.[1] ?? ''
      await pause(10)
    }
  }
})

test('ACC-35 the first person’s link makes one owner of fifty who open it at once [promise 11]', async () => {
  const app = await startApp()
  const { pathname } = new URL((await firstPersonLink(app.phasegate.platform)) ?? '')
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      app.post(pathname, { name: `Person ${n}`, email: `person.${n}@example.org`, password: '' }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  assert.ok(answers.every(({ status }) => [303, 410, 429].includes(status)))
  const owners = await sql<{ n: number }>`select count(*)::int as n from account`.execute(app.db)
  assert.deepEqual(owners.rows, [{ n: 1 }])
  assert.equal(await firstPersonLink(app.phasegate.platform), null)
  await app.close()
})

test('ACC-35 of the links of instances that start together the first that is used makes the owner, and only that', async () => {
  const one = await startApp({ env: { DATABASE_URL: 'postgres://database.example.org/phasegate' } })
  const { platform } = one.phasegate
  const [first, second] = [await firstPersonLink(platform), await firstPersonLink(platform)]
  one.clock.advance(11 * 60_000)
  const third = await firstPersonLink(platform)
  const use = (link: string | null, n: number) =>
    one.post(new URL(link ?? '').pathname, { name: `Person ${n}`, email: `person.${n}@example.org`, password: '' })
  assert.equal((await use(first, 1)).status, 410, 'links of an earlier start are out of use')
  assert.equal((await use(second, 2)).status, 410)
  const fourth = await firstPersonLink(platform)
  assert.equal((await use(third, 3)).status, 303, 'the other instance’s later link leaves it in use')
  assert.equal((await use(fourth, 4)).status, 410, 'the installation has an owner')
  await one.close()
})
