import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, testClock, type Client, type TestApp } from '../../../../test/support/app.ts'
import { aKey, startIssuer, type PersonAtIssuer, type TestIssuer } from '../../../../test/support/issuer.ts'
import { lastMail } from '../../../../test/support/mails.ts'
import { visitor, type Seen, type Visitor } from '../../../../test/support/visitor.ts'
import { hashPassword } from '../secrets.ts'

const minute = 60_000
// Visitors then have addresses of their own, and none uses up the tries of another.
const proxied = { TRUSTED_PROXIES: '127.0.0.1' }
let people = 0

/** Somebody whom nobody has seen before. */
function aPerson(more: Partial<PersonAtIssuer> = {}): PersonAtIssuer & { email: string } {
  people += 1
  const email = `colleague${people}@example.org`
  return { sub: `subject-${people}`, email_verified: true, name: `Colleague ${people}`, email, ...more } as never
}

let issuer: TestIssuer
let app: TestApp
before(async () => {
  issuer = await startIssuer()
  app = await startApp({ env: { ...issuer.env, ...proxied, OIDC_NEWCOMERS: 'on' }, clock: testClock(new Date()) })
  issuer.register(app.url)
})
after(async () => {
  await app.close()
  await issuer.stop()
})
beforeEach(() => {
  app.clock.set(new Date())
  Object.assign(issuer, { person: aPerson(), tamper: null, forger: null })
})

async function accountsOf(email: string): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`select count(*)::int as n from account where lower(email) = lower(${email})`.execute(app.db)
  return rows[0]?.n ?? 0
}

/** Who the pages take this visitor for. */
async function whoIs(person: Visitor): Promise<string | null> {
  const page = await person.get('/account')
  return page.url.includes('/sign-in')
    ? null
    : (/[\w.+-]+@[\w.-]+/.exec(page.text.split('<main')[1] ?? '')?.[0] ?? null)
}

const linkIn = (text: string | undefined) => /http\S+/.exec(text ?? '')?.[0] ?? ''

async function signedIn(): Promise<{ person: Visitor; email: string; client: Client }> {
  const client = await app.signIn('member')
  const person = visitor(app.url)
  const [name = '', value = ''] = (client.headers.cookie ?? '').split('=')
  person.use(name, value)
  return { person, email: client.account.email, client }
}

describe('ACC-20 the way to the issuer and back', () => {
  test('asks for a code with PKCE, state and nonce, and sends people back to PUBLIC_URL whatever Host a request names', async () => {
    const answer = await app.get('/sign-in/oidc', { host: 'evil.example', 'x-forwarded-host': 'evil.example' })
    assert.equal(answer.status, 303)
    const url = new URL(answer.location ?? '')
    assert.equal(url.origin, issuer.url)
    const asked = url.searchParams
    assert.equal(asked.get('response_type'), 'code')
    assert.equal(asked.get('code_challenge_method'), 'S256')
    assert.equal(asked.get('redirect_uri'), `${app.url}/sign-in/oidc/callback`)
    for (const name of ['state', 'nonce', 'code_challenge']) assert.ok((asked.get(name) ?? '').length >= 40, name)
  })

  test('brings a person in, and to the page they wanted, but never to another site', async () => {
    const wanted = await visitor(app.url).get('/sign-in/oidc?to=/account')
    assert.equal(wanted.url, `${app.url}/account`)
    const elsewhere = await visitor(app.url).get('/sign-in/oidc?to=//evil.example/')
    assert.equal(elsewhere.url, `${app.url}/`)
  })

  test('an answer counts once, within a quarter of an hour, and only in the browser that was sent there', async () => {
    const begun = async () => {
      const person = visitor(app.url)
      return { person, callback: await stopAtCallback(person) }
    }
    const once = await begun()
    assert.equal((await once.person.step(once.callback)).status, 303)
    assert.equal((await visitor(app.url).step(once.callback)).status, 410)
    const again = visitor(app.url)
    again.use('pg_browser', once.person.cookie('pg_browser') ?? '')
    assert.equal((await again.step(once.callback)).status, 410, 'not twice')

    const stolen = await begun()
    assert.equal((await visitor(app.url).step(stolen.callback)).status, 410, 'not in another browser')
    const other = await begun()
    assert.equal((await other.person.step(stolen.callback)).status, 410, 'not in another that has begun too')

    const late = await begun()
    app.clock.advance(16 * minute)
    assert.equal((await late.person.step(late.callback)).status, 410, 'not late')
  })

  test('of fifteen who bring the same answer at once, one is signed in', async () => {
    const person = visitor(app.url)
    const callback = await stopAtCallback(person)
    const answers = await Promise.all(Array.from({ length: 15 }, () => person.step(callback)))
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
  })

  test('a state or a code that somebody else made up signs nobody in', async () => {
    const person = visitor(app.url)
    const callback = new URL(await stopAtCallback(person))
    callback.searchParams.set('code', 'made-up-by-somebody')
    assert.ok((await person.step(callback.href)).status >= 400)
    assert.equal(await whoIs(person), null)
    for (const query of ['', '?code=a', '?state=a', `?state=${'x'.repeat(43)}&code=b`])
      assert.equal((await person.step(`/sign-in/oidc/callback${query}`)).status, 410, query)
  })

  test('what the issuer says of an error is never shown', async () => {
    issuer.person = null
    const page = await visitor(app.url).get('/sign-in/oidc')
    assert.equal(page.status, 403)
    assert.match(page.text, /Example ID did not sign you in/)
    assert.doesNotMatch(page.text, /may not pass|access_denied/)
    assert.match(page.text, /name="password"/, 'the other ways stand below')
  })

  test('a public client, which has no secret, signs in by PKCE alone', async () => {
    const { OIDC_CLIENT_SECRET: _secret, ...env } = issuer.env
    const own = await startApp({ env: { ...env, ...proxied, OIDC_NEWCOMERS: 'on' }, clock: testClock(new Date()) })
    issuer.register(own.url, { token_endpoint_auth_method: 'none', client_secret: undefined })
    try {
      assert.equal((await visitor(own.url).get('/sign-in/oidc?to=/account')).url, `${own.url}/account`)
    } finally {
      issuer.register(app.url)
      await own.close()
    }
  })
})

describe('ACC-21 which answers of the issuer are believed', () => {
  const lies: [what: string, tamper: (claims: Record<string, unknown>) => Record<string, unknown>][] = [
    ['for another audience', (claims) => ({ ...claims, aud: 'another-service' })],
    ['for several, and given to another', (claims) => ({ ...claims, aud: ['phasegate', 'another'], azp: 'another' })],
    ['for several, and given to nobody named', (claims) => ({ ...claims, aud: ['phasegate', 'another'] })],
    ['of another issuer', (claims) => ({ ...claims, iss: 'https://issuer.example' })],
    ['for another sign-in', (claims) => ({ ...claims, nonce: 'x'.repeat(43) })],
    ['that has run out', (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 600 })],
    ['that says nobody', ({ sub: _sub, ...claims }) => claims],
  ]
  for (const [what, tamper] of lies) {
    test(`a token ${what} signs nobody in`, async () => {
      issuer.tamper = tamper
      const person = visitor(app.url)
      const page = await person.get('/sign-in/oidc')
      assert.equal(page.status, 502, page.text)
      assert.match(page.text, /could not be checked/)
      assert.equal(await whoIs(person), null)
    })
  }

  test('a token with another signature than the issuer’s signs nobody in', async () => {
    issuer.forger = aKey()
    const person = visitor(app.url)
    assert.equal((await person.get('/sign-in/oidc')).status, 502)
    assert.equal(await whoIs(person), null)
  })

  test('clocks that are less than a minute apart do not matter, ten minutes do', async () => {
    issuer.tamper = (claims) => ({ ...claims, exp: Math.floor(Date.now() / 1000) - 40 })
    assert.equal((await visitor(app.url).get('/sign-in/oidc?to=/account')).url, `${app.url}/account`)
    issuer.tamper = null
    app.clock.advance(30 * minute)
    assert.equal((await visitor(app.url).get('/sign-in/oidc')).status, 502, 'its tokens live for ten minutes')
  })

  test('the issuer changes its keys, and the next person signs in all the same', async () => {
    assert.equal((await visitor(app.url).get('/sign-in/oidc?to=/account')).url, `${app.url}/account`)
    issuer.rotate()
    issuer.person = aPerson()
    assert.equal((await visitor(app.url).get('/sign-in/oidc?to=/account')).url, `${app.url}/account`)
  })
})

describe('ACC-22 an equal address never takes over an account', () => {
  test('the person is asked to show that the account is theirs, by a link that works only in this browser', async () => {
    const { email } = await signedIn()
    issuer.person = aPerson({ email: email.toUpperCase() })
    const person = visitor(app.url)
    const page = await person.get('/sign-in/oidc')
    assert.equal(page.url, `${app.url}/sign-in/oidc/proof`)
    assert.equal(await whoIs(person), null, 'nobody is signed in yet')

    await person.post('/sign-in/oidc/proof')
    const link = linkIn((await lastMail(app, email))?.text)
    assert.match(link, new RegExp(`^${app.url}/sign-in/oidc/proof/`))
    const scanner = visitor(app.url)
    assert.equal((await scanner.get(link)).status, 410, 'elsewhere the link is nothing')
    assert.equal((await scanner.post(link)).status, 410)
    assert.equal((await person.get(link)).status, 200)
    assert.equal(await whoIs(person), null, 'opening the link changes nothing')

    await person.post(link)
    assert.equal(await whoIs(person), email)
    assert.equal((await person.post(link)).status, 410, 'once')
    assert.match((await lastMail(app, email))?.subject ?? '', /You can now sign in with Example ID/)
    const next = visitor(app.url)
    await next.get('/sign-in/oidc')
    assert.equal(await whoIs(next), email, 'from now on the issuer is enough')
    assert.equal(await accountsOf(email), 1)
  })

  test('the link runs out after an hour', async () => {
    const { email } = await signedIn()
    issuer.person = aPerson({ email })
    const person = visitor(app.url)
    await person.get('/sign-in/oidc')
    await person.post('/sign-in/oidc/proof')
    app.clock.advance(61 * minute)
    assert.equal((await person.post(linkIn((await lastMail(app, email))?.text))).status, 410)
  })

  test('ACC-23 what somebody set up under a victim’s address before the victim came is gone once the victim proves it', async () => {
    // An attacker who made an account with the address of somebody else, and never showed that it is theirs.
    const attacker = await signedIn()
    const { email } = attacker
    const hash = await hashPassword('password of the attacker')
    await sql`update account set password_hash = ${hash} where email = ${email}`.execute(app.db)
    issuer.person = aPerson({ email: 'attacker@example.net' })
    await attacker.person.post('/account/oidc')
    const ofAttacker = issuer.person

    issuer.person = aPerson({ email })
    const victim = visitor(app.url)
    await victim.get('/sign-in/oidc')
    await victim.post('/sign-in/oidc/proof')
    await victim.post(linkIn((await lastMail(app, email))?.text))
    assert.equal(await whoIs(victim), email)

    assert.equal(await whoIs(attacker.person), null, 'the session')
    const again = visitor(app.url)
    assert.equal((await again.post('/sign-in', { email, password: 'password of the attacker' })).status, 422)
    issuer.person = ofAttacker
    await again.get('/sign-in/oidc')
    assert.notEqual(await whoIs(again), email, 'what the attacker had added')
    assert.equal(await whoIs(victim), email)
  })

  test('an address that the issuer has not verified is nobody’s', async () => {
    const { email } = await signedIn()
    for (const more of [{ email, email_verified: false }, { email: undefined }, { email, email_verified: 'true' }]) {
      issuer.person = aPerson(more as never)
      const person = visitor(app.url)
      const page = await person.get('/sign-in/oidc')
      assert.equal(page.status, 403)
      assert.match(page.text, /has not verified an email address of yours/)
      assert.equal(await whoIs(person), null)
    }
  })

  test('an address that changes at the issuer leads to the same account, and to nobody else’s', async () => {
    const { email: victim } = await signedIn()
    const somebody = aPerson()
    issuer.person = somebody
    await visitor(app.url).get('/sign-in/oidc')
    issuer.person = { ...somebody, email: victim }
    const person = visitor(app.url)
    await person.get('/sign-in/oidc')
    assert.equal(await whoIs(person), somebody.email)
  })

  test('a closed account stays closed, by its identity and by its address', async () => {
    const somebody = aPerson()
    issuer.person = somebody
    await visitor(app.url).get('/sign-in/oidc')
    await sql`update account set disabled_at = ${app.clock.now()} where email = ${somebody.email}`.execute(app.db)
    for (const sub of [somebody.sub, 'another-subject']) {
      issuer.person = { ...somebody, sub }
      const page = await visitor(app.url).get('/sign-in/oidc')
      assert.equal(page.status, 403)
      assert.match(page.text, /This account is closed/)
    }
  })
})

describe('ACC-24 who may come in by the issuer', () => {
  test('unless newcomers are let in, only people who were invited have an account', async () => {
    await within({}, async (own) => {
      const page = await visitor(own.url).get('/sign-in/oidc')
      assert.equal(page.status, 403)
      assert.match(page.text, /Nobody has invited colleague\d+@example.org yet/)
    })
  })

  test('where domains are named, others do not come in, nor back in', async () => {
    const env = { OIDC_NEWCOMERS: 'on', OIDC_EMAIL_DOMAINS: 'example.net, example.com' }
    await within(env, async (own) => {
      for (const more of [{}, { email: 'a@example.net', email_verified: false }, { email: 'a@sub.example.net' }]) {
        issuer.person = aPerson(more)
        const page = await visitor(own.url).get('/sign-in/oidc')
        assert.equal(page.status, 403)
        assert.match(page.text, /signs in only addresses of example.net, example.com/)
      }
      const one = aPerson({ email: 'One@Example.COM' })
      issuer.person = one
      assert.equal((await visitor(own.url).get('/sign-in/oidc?to=/account')).url, `${own.url}/account`)
      issuer.person = { ...one, email: 'one@example.org' }
      assert.equal((await visitor(own.url).get('/sign-in/oidc')).status, 403)
    })
  })

  test('a newcomer gets a plain account: no service, and not the installation', async () => {
    const person = visitor(app.url)
    await person.get('/sign-in/oidc')
    const { rows } = await sql<{ installation: string; services: number }>`
      select installation, (select count(*)::int from membership where account_id = account.id) as services
      from account where email = ${issuer.person?.email ?? ''}`.execute(app.db)
    assert.deepEqual(rows, [{ installation: 'member', services: 0 }])
  })

  test('of ten newcomers with one address at once, one account comes', async () => {
    const email = aPerson().email
    const callbacks = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const person = visitor(app.url)
        return { person, callback: await stopAtCallback(person) }
      }),
    )
    issuer.tamper = null
    const answers = await Promise.all(callbacks.map(({ person, callback }) => person.step(callback)))
    assert.ok(answers.every(({ status }) => status === 303))
    assert.ok((await accountsOf(email)) <= 1)
  })
})

describe('ACC-23 an issuer that does not answer', () => {
  test('is told on the page, with the other ways below it, and works again when it is back', async () => {
    await issuer.stop()
    // What was read of it holds for a minute.
    app.clock.advance(2 * minute)
    try {
      const page = await visitor(app.url).get('/sign-in/oidc')
      assert.equal(page.status, 503)
      assert.match(page.text, /Example ID does not answer just now/)
      const email = 'password@example.org'
      const hash = await hashPassword('correct horse battery')
      await sql`insert into account (email, name, installation, password_hash, created_at)
        values (${email}, 'By password', 'member', ${hash}, ${app.clock.now()})`.execute(app.db)
      const person = visitor(app.url)
      await person.post('/sign-in', { email, password: 'correct horse battery' })
      assert.equal(await whoIs(person), email)
    } finally {
      await issuer.back()
    }
    app.clock.set(new Date())
    assert.equal((await visitor(app.url).get('/sign-in/oidc?to=/account')).url, `${app.url}/account`)
  })

  test('does not keep the service from starting', async () => {
    const own = await startApp({
      env: { OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'phasegate' },
    })
    try {
      assert.match((await own.get('/sign-in')).text, /Sign in with single sign-on/)
      assert.equal((await own.get('/sign-in/oidc')).status, 503)
      assert.equal((await own.get('/ready')).status, 200)
    } finally {
      await own.close()
    }
  })

  test('that nobody set up has no button, and its page says so', async () => {
    const own = await startApp()
    try {
      assert.doesNotMatch((await own.get('/sign-in')).text, /sign-in\/oidc/)
      assert.equal((await own.get('/sign-in/oidc')).status, 409)
    } finally {
      await own.close()
    }
  })
})

describe('ACC-25 the issuer on the page of the account', () => {
  test('somebody who is signed in adds it, is told by mail, and removes it', async () => {
    const { person, email } = await signedIn()
    issuer.person = aPerson({ email: 'private@example.net', email_verified: false })
    assert.match((await person.get('/account')).text, /Add Example ID/)
    const page = await person.post('/account/oidc')
    assert.match(page.url, /\/account/)
    assert.match(page.text, /private@example.net/)
    assert.match((await lastMail(app, email))?.subject ?? '', /You can now sign in with Example ID/)
    const next = visitor(app.url)
    await next.get('/sign-in/oidc')
    assert.equal(await whoIs(next), email)

    await person.post('/account/oidc/remove', { issuer: issuer.url, subject: issuer.person?.sub ?? '' })
    assert.match((await lastMail(app, email))?.subject ?? '', /You no longer sign in with Example ID/)
    assert.equal((await visitor(app.url).get('/sign-in/oidc')).status, 403)
  })

  test('the issuer asks again who it is, so that nobody else’s session there is added by mistake', async () => {
    const { person } = await signedIn()
    await person.get('/sign-in/oidc')
    const asked = issuer.askedTimes
    const mine = await signedIn()
    await mine.person.post('/account/oidc')
    assert.equal(issuer.askedTimes, asked + 1)
  })

  test('an identity of one account is never added to another, nor removed by another', async () => {
    const owner = visitor(app.url)
    await owner.get('/sign-in/oidc')
    const theirs = issuer.person
    const { person } = await signedIn()
    assert.equal((await person.post('/account/oidc')).status, 409)
    const removed = await person.post('/account/oidc/remove', { issuer: issuer.url, subject: theirs?.sub ?? '' })
    assert.equal(removed.status, 404)
    assert.equal(await whoIs(owner), theirs?.email)
  })

  test('what somebody began to add comes to nothing once another is signed in', async () => {
    const first = await signedIn()
    const second = await signedIn()
    const page = await stepTo(first.person, '/account/oidc')
    first.person.use('phasegate_session', second.person.cookie('phasegate_session') ?? '')
    assert.equal((await first.person.step(page)).status, 410)
  })

  test('another website cannot begin it', async () => {
    const { client } = await signedIn()
    const answer = await client.post('/account/oidc', {}, { 'sec-fetch-site': 'cross-site' })
    assert.equal(answer.status, 403)
  })

  test('after signing out, people can sign out at the issuer too', async () => {
    const person = visitor(app.url)
    await person.get('/sign-in/oidc')
    const page = await person.post('/sign-out')
    assert.equal(page.url, `${app.url}/signed-out`)
    const href = /href="(http[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const there = new URL(href)
    assert.equal(there.origin, issuer.url)
    assert.equal(there.searchParams.get('post_logout_redirect_uri'), `${app.url}/sign-in`)
    assert.equal(there.searchParams.get('client_id'), 'phasegate')
    assert.equal((await person.step(href)).status, 200, 'the issuer knows the address to come back to')
  })
})

describe('ACC-26 the issuer as a fresh confirmation', () => {
  /** Signed in by the issuer, long enough ago that acts of weight ask again. */
  async function longAgo(): Promise<Visitor> {
    const person = visitor(app.url)
    app.clock.set(new Date(Date.now() - 11 * minute))
    await person.get('/sign-in/oidc')
    app.clock.set(new Date())
    return person
  }
  const remove = (person: Visitor, more: Record<string, string> = {}) =>
    person.send('/account/oidc/remove', { issuer: issuer.url, subject: issuer.person?.sub ?? '', ...more })
  const done = { 'confirm-with': 'issuer' }

  test('the issuer asks the person again, and the act goes on; once', async () => {
    const person = await longAgo()
    const page = await remove(person)
    assert.equal(page.status, 403)
    assert.match(page.text, /Show Example ID who you are/)
    assert.equal((await remove(person, done)).status, 422, 'pressing the button is not enough')
    const asked = issuer.askedTimes
    const shown = await person.get('/account/oidc/confirm')
    assert.match(shown.text, /Close this page, and go on/)
    assert.equal(issuer.askedTimes, asked + 1)

    assert.equal((await person.send('/account/email', { email: 'new@example.org', ...done })).status, 303)
    app.clock.advance(11 * minute)
    assert.equal((await remove(person, done)).status, 422, 'not for a later act')
  })

  test('nobody else there confirms, nor a token that says the person was asked long ago', async () => {
    const person = await longAgo()
    const self = issuer.person
    issuer.person = aPerson()
    person.forget(issuer.url)
    const other = await person.get('/account/oidc/confirm')
    assert.match(other.text, /You showed to be somebody else/)
    assert.equal(other.status, 403)
    issuer.person = self
    person.forget(issuer.url)
    issuer.tamper = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3600 })
    assert.equal((await person.get('/account/oidc/confirm')).status, 502)
    issuer.tamper = ({ auth_time: _time, ...claims }) => claims
    assert.equal((await person.get('/account/oidc/confirm')).status, 502)
    assert.equal((await remove(person, done)).status, 422)
  })

  test('signing in counts as one only where the issuer says that it saw the person just now', async () => {
    const adding = (person: Visitor) => person.send('/account/passkeys/new', { name: 'One' })
    issuer.tamper = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) })
    const fresh = visitor(app.url)
    await fresh.get('/sign-in/oidc')
    assert.equal((await adding(fresh)).status, 200)
    issuer.tamper = (claims) => ({ ...claims, auth_time: Math.floor(Date.now() / 1000) - 3600 })
    const old = visitor(app.url)
    await old.get('/sign-in/oidc')
    assert.equal((await adding(old)).status, 403)
  })
})

/** As far as the address that the issuer sends the browser back to. */
async function stopAtCallback(person: Visitor, from = '/sign-in/oidc'): Promise<string> {
  let seen: Seen = await person.step(from)
  for (let steps = 0; steps < 10; steps += 1) {
    const next = new URL(seen.location ?? '', seen.url)
    if (next.pathname === '/sign-in/oidc/callback') return next.href
    seen = await person.step(next.href)
  }
  throw new Error('The issuer sent nobody back')
}

async function stepTo(person: Visitor, form: string): Promise<string> {
  const answer = await person.send(form)
  return stopAtCallback(person, /^0; url=(.*)$/.exec(answer.headers.get('refresh') ?? '')?.[1] ?? '')
}

/** An installation of its own, with other settings, at the same issuer. */
async function within(env: Record<string, string>, work: (own: TestApp) => Promise<void>): Promise<void> {
  const own = await startApp({ env: { ...issuer.env, ...proxied, ...env }, clock: testClock(new Date()) })
  issuer.register(own.url)
  try {
    await work(own)
  } finally {
    issuer.register(app.url)
    await own.close()
  }
}
