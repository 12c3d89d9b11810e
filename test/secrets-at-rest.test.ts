import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { to as copyTo } from 'pg-copy-streams'
import { pino } from 'pino'
import { createGateway } from '../gateway/gateway.ts'
import { checkSecretKey, openSecretBox, secretBoxOf, StartProblem } from '../service/platform/index.ts'
import { adminKey, client, gatewayKey, startApp, testSecretKey, type TestApp } from './support/app.ts'

const password = 'marker-password-of-a-person'

/** What the database, the data folder and the log hold, each under its name. */
async function everythingAtRest(app: TestApp, log: string): Promise<Map<string, string>> {
  const found = new Map([['the log', log]])
  const connection = await app.database.pool.connect()
  try {
    const { rows } = await connection.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    )
    for (const { name } of rows)
      found.set(`table ${name}`, await readAll(connection.query(copyTo(`copy (select * from ${name}) to stdout`))))
  } finally {
    connection.release()
  }
  for (const path of readdirSync(app.dataDirectory, { recursive: true, encoding: 'utf8' })) {
    const whole = join(app.dataDirectory, path)
    if (statSync(whole).isFile()) found.set(`file ${path}`, readFileSync(whole, 'latin1'))
  }
  return found
}

/** A secret as somebody might have written it down; base64 at each of its three offsets. */
function spellings(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const raw = /^[\w-]{43}$/.test(secret) ? Buffer.from(secret, 'base64url') : bytes
  const shifted = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset, 'x'), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  )
  return [
    secret,
    ...shifted,
    ...shifted.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    raw.toString('hex'),
    encodeURIComponent(secret),
    bytes.toString('utf16le'),
    JSON.stringify(secret).slice(1, -1),
  ]
}

test('no secret can be read in the database, the data folder or the log, in any spelling [promise 37]', async () => {
  let log = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      log += String(chunk)
      done()
    },
  })
  const app = await startApp({
    log: pino({ level: 'debug' }, sink),
    // Mails wait in the outbox, each with its one-time link.
    mail: { name: 'smtp', deliver: () => Promise.reject(new Error('The mail server is away')) },
  })
  await app.aService()
  const owner = await app.signIn('service-manager', 'permit')
  await owner.post('/account/password', { password })
  const signedIn = await app.post('/sign-in', { email: owner.account.email, password })
  const cookies = signedIn.headers.get('set-cookie') ?? ''
  const person = client(app.url, { cookie: /phasegate_session=[^;]+/.exec(cookies)?.[0] ?? '' })
  assert.match((await person.get('/account')).text, /Your account/)
  await app.post('/sign-in/link', { address: owner.account.email })
  const invited = await person.post('/services/permit/team', {
    name: 'A. Colleague',
    email: 'colleague@example.org',
    role: 'developer',
  })
  assert.equal(invited.status, 303)
  const key = (await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'Application', kind: 'server' }))
    .json
  await client(app.url, { authorization: `Bearer ${key.secret}` }).api('GET', '/api/v1/services/permit')
  const links = new Set<string>()
  while (links.size < 2) {
    for (const { text } of app.mails)
      for (const [, token] of text.matchAll(/\/sign-in\/link\/([\w-]+)/g)) links.add(token ?? '')
    await pause(20)
  }
  await person.get(`/sign-in/link/${[...links][0]}`)
  const gateway = await createGateway({
    config: { trustedProxies: [], services: [] },
    controlUrls: [app.url],
    key: gatewayKey,
    stateDirectory: join(app.dataDirectory, 'gateway'),
    log: pino({ level: 'debug' }, sink),
  })
  while (!gateway.ready()) await pause(20)
  const permit = app.phasegate.admission.snapshots.compiled().services.get('permit')?.id ?? ''
  const signingKeys = app.phasegate.admission.snapshots.keysOf(permit).map(({ secret }) => secret)
  assert.equal(signingKeys.length, 2)

  const secrets: Record<string, string> = {
    'the password': password,
    'the session': /phasegate_session=([\w-]+)/.exec(cookies)?.[1] ?? '',
    'the key of the application': key.secret,
    'the admin key': adminKey,
    'the key of the gateway': gatewayKey,
    'the secret key': testSecretKey,
  }
  for (const [n, link] of [...links].entries()) secrets[`link ${n}`] = link
  for (const [n, secret] of signingKeys.entries()) secrets[`signing key ${n}`] = secret
  const atRest = await everythingAtRest(app, log)
  assert.ok(
    [...atRest.keys()].some((name) => name.endsWith('feed.json')),
    'the gateway keeps its feed',
  )
  assert.ok((atRest.get('table mail_outbox') ?? '').includes('colleague@example.org'), 'mails wait')
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(secret.length >= 16, what)
    for (const [place, content] of atRest)
      for (const spelling of spellings(secret)) assert.ok(!content.includes(spelling), `${what} stands in ${place}`)
  }
  await gateway.close()
  await app.close()
})

test('ACC-13 a key is made at the first start, readable by its account alone, and is the same at the next', async () => {
  const app = await startApp()
  const config = { secretKeys: [], dataDirectory: app.dataDirectory }
  const first = await secretBoxOf(config)
  const sealed = first.seal('test', 'text')
  assert.equal((await secretBoxOf(config)).open('test', sealed), 'text')
  assert.equal(statSync(join(app.dataDirectory, 'secret.key')).mode & 0o777, 0o600)
  assert.throws(() => first.open('another purpose', sealed))
  await app.close()
})

test('ACC-13 a database of another key is refused, and a new key before the old one reads all', async () => {
  const app = await startApp()
  const [one, two] = ['a', 'b'].map((letter) => letter.repeat(43))
  await checkSecretKey(app.db, openSecretBox([one ?? '']))
  await assert.rejects(checkSecretKey(app.db, openSecretBox([two ?? ''])), StartProblem)
  await checkSecretKey(app.db, openSecretBox([two ?? '', one ?? '']))
  await checkSecretKey(app.db, openSecretBox([two ?? '']))
  await app.close()
})
