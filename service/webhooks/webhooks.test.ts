import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { newSecretKey, openSecretBox, resealWebhooks } from '../platform/index.ts'
import { webhookEvents } from './events.ts'

interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

describe('webhooks', () => {
  let app: TestApp
  let developer: Client
  let receiver: Server
  let url = ''
  let received: Received[] = []
  let answers: { status: number; headers?: Record<string, string>; body?: string } = { status: 204 }

  before(async () => {
    receiver = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body })
        response.writeHead(answers.status, answers.headers ?? {}).end(answers.body)
      })
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
    app = await startApp({ env: { OUTGOING_ALLOW: '127.0.0.1' } })
    await app.aService()
    await app.aService({ key: 'other', name: 'Another service' })
    developer = await app.signIn('developer', 'permit')
  })
  after(async () => {
    await app.close()
    receiver.closeAllConnections()
    receiver.close()
  })
  beforeEach(async () => {
    await app.phasegate.platform.webhooks.deliverDue()
    await sql`delete from webhook`.execute(app.db)
    received = []
    answers = { status: 204 }
  })

  const home = '/api/v1/services/permit/webhooks'
  const add = async (wanted: object = {}, at = home): Promise<{ id: string; secret: string }> => {
    const given = { url: `${url}/hook`, description: 'Incident system', events: ['admission.halted'], ...wanted }
    const answer = await app.asAdmin.api('POST', at, given)
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const deliver = () => app.phasegate.platform.webhooks.deliverDue()
  const halt = async () => {
    const answer = await app.asAdmin.api('POST', '/api/v1/services/permit/halt', { reason: 'Ann Example phoned' })
    assert.ok(answer.status < 300, answer.text)
  }
  const resume = async () => {
    const manager = await app.signIn('service-manager', 'permit')
    await manager.post('/services/permit/resume', { reason: 'It works again' })
  }
  const last = (): Received => received.at(-1) ?? { path: '', headers: {}, body: '{}' }
  const log = async (id: string) => (await app.asAdmin.api('GET', `${home}/${id}`)).json

  test('HOOK-1 what was chosen is told within the change, signed so that the receiver can check it', async () => {
    const { secret } = await add()
    await halt()
    await deliver()
    assert.equal(received.length, 1)
    const [message] = received
    const id = String(message?.headers['webhook-id'])
    const time = String(message?.headers['webhook-timestamp'])
    assert.equal(Number(time) * 1000, app.clock.now().getTime())
    const signed = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
      .update(`${id}.${time}.${message?.body}`)
      .digest('base64')
    assert.equal(message?.headers['webhook-signature'], `v1,${signed}`)
    assert.equal(message?.headers['content-type'], 'application/json')
    const said = JSON.parse(message?.body ?? '')
    assert.equal(said.type, 'admission.halted')
    assert.equal(said.data.service, 'permit')
    assert.deepEqual(Object.keys(said.data), ['service', 'subject', 'by', 'url'])
    await resume()
  })

  test('HOOK-1 a change that fails tells nobody, and one that nobody chose tells nobody', async () => {
    await add({ events: ['key.created'] })
    const refused = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: '', kind: 'server' })
    assert.ok(refused.status >= 400)
    await app.asAdmin.api('PATCH', '/api/v1/services/permit', { summary: 'New words' })
    await app.asAdmin.api('POST', '/api/v1/services/other/keys', { name: 'Elsewhere', kind: 'server' })
    await deliver()
    assert.equal(received.length, 0)
    const failing = app.db.transaction().execute(async (tx) => {
      const { platform } = app.phasegate
      const by = { ...platform, actor: { kind: 'system' as const, name: 'Phasegate' } }
      const service = (await sql<{ id: string }>`select id from service where key = 'permit'`.execute(tx)).rows[0]
      await platform.webhooks.queue(tx, by, service?.id ?? '', [{ action: 'key.created', summary: '' }])
      throw new Error('The act failed')
    })
    await assert.rejects(failing, /The act failed/)
    await deliver()
    assert.equal(received.length, 0)
  })

  test('HOOK-3 no name, no address and nothing that somebody wrote is in any message [promise 33]', async () => {
    const everything = webhookEvents.filter(({ isOfInstallation }) => !isOfInstallation).map(({ type }) => type)
    await add({ events: everything })
    await halt()
    await resume()
    await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: 'Key of Ann Example', kind: 'server' })
    await app.asAdmin.api('POST', '/api/v1/services/permit/team', {
      email: 'ann@example.org',
      name: 'Ann Example',
      role: 'viewer',
    })
    await app.asAdmin.api('POST', '/api/v1/services/permit/invitations', { addresses: ['ann@example.org'] })
    await app.asAdmin.api('POST', '/api/v1/feedback', {
      service: 'permit',
      rating: 2,
      comment: 'Ann Example, ann@example.org',
      address: 'ann@example.org',
    })
    await deliver()
    const types = received.map(({ body }) => JSON.parse(body).type)
    for (const type of ['admission.halted', 'admission.resumed', 'key.created', 'team.added', 'feedback.received'])
      assert.ok(types.includes(type), `${type} among ${types.join(', ')}`)
    assert.ok(types.includes('admission.invited'), types.join(', '))
    assert.ok(!/Ann|example\.org|phoned|works again/.test(received.map(({ body }) => body).join('\n')))
  })

  test('HOOK-2 the secret is shown once, stands nowhere to be read, and both sign for a day after it was renewed', async () => {
    const { id, secret } = await add()
    const dump = JSON.stringify(
      (await sql<object>`select w::text from webhook w union all select a::text from audit a`.execute(app.db)).rows,
    )
    const bytes = Buffer.from(secret.replace('whsec_', ''), 'base64')
    for (const form of [secret, secret.slice(6), bytes.toString('hex'), Buffer.from(secret).toString('hex')])
      assert.ok(!dump.includes(form))
    assert.ok(!(await app.asAdmin.api('GET', `${home}/${id}`)).text.includes(secret))
    const renewed = (await app.asAdmin.api('POST', `${home}/${id}/secret`)).json.secret
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    const signatures = () => String(received.at(-1)?.headers['webhook-signature']).split(' ')
    const by = (key: string) => {
      const { headers, body } = last()
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
      return `v1,${createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
        .update(signed)
        .digest('base64')}`
    }
    assert.deepEqual(signatures(), [by(renewed), by(secret)])
    app.clock.advance(25 * 3_600_000)
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    assert.deepEqual(signatures(), [by(renewed)])
  })

  test('HOOK-2 once the key of the installation has changed, the old one is needed no more after a start', async () => {
    const { id } = await add()
    const { secrets } = app.phasegate.platform
    const [row] = (await sql<{ secret: string }>`select secret from webhook where id = ${id}`.execute(app.db)).rows
    const shown = secrets.open('webhook-secret', row?.secret ?? '')
    const before = newSecretKey()
    const now = newSecretKey()
    const old = openSecretBox([before]).seal('webhook-secret', shown)
    await sql`update webhook set secret = ${old}, secret_before = ${old} where id = ${id}`.execute(app.db)
    await resealWebhooks(app.db, openSecretBox([now, before]))
    const { rows } = await sql<{ secret: string; secret_before: string }>`select * from webhook`.execute(app.db)
    for (const sealed of [rows[0]?.secret, rows[0]?.secret_before])
      assert.equal(openSecretBox([now]).open('webhook-secret', sealed ?? ''), shown)
  })

  test('HOOK-2 the address of a chat is a secret: used, never shown, and readable nowhere in the database', async () => {
    const { id } = await add({ kind: 'chat', url: `${url}/T01/first-secret` })
    const stored = async () => JSON.stringify((await sql`select * from webhook`.execute(app.db)).rows)
    const here = `/services/permit/webhooks/${id}`
    const test = async () => {
      assert.equal((await developer.post(`${here}/test`)).status, 303)
      await deliver()
      return last().path
    }
    assert.equal(await test(), '/T01/first-secret')
    assert.equal((await log(id)).url, url)
    const said = [await stored(), (await developer.get(here)).text, (await app.asAdmin.api('GET', home)).text]
    for (const text of said) assert.ok(!text.includes('first-secret'))
    const form = { description: 'Renamed', events: ['admission.halted'] }
    assert.equal((await developer.post(here, { ...form, url })).status, 303)
    assert.equal(await test(), '/T01/first-secret', 'the host sent back as it was shown moves nothing')
    assert.equal((await developer.post(here, { ...form, url: `${url}/T02/second-secret` })).status, 303)
    assert.equal(await test(), '/T02/second-secret')
    assert.ok(!(await stored()).includes('second-secret'))
    await sql`update webhook set url = ${`${url}/T03/of-before`}, sealed_url = null`.execute(app.db)
    assert.equal(await test(), '/T03/of-before', 'as the release before kept it')
    await resealWebhooks(app.db, app.phasegate.platform.secrets)
    assert.ok(!(await stored()).includes('of-before'))
    assert.equal(await test(), '/T03/of-before')
  })

  test('ACC-5 adding a webhook, sending it elsewhere and a new secret ask a person to confirm first', async () => {
    const { id } = await add()
    const late = await app.signIn('developer', 'permit', { confirmed: false })
    app.clock.advance(11 * 60_000)
    const pages = '/services/permit/webhooks'
    const form = { description: 'Elsewhere', events: ['admission.halted', 'phase.moved'] }
    for (const [path, values] of [
      [pages, { ...form, kind: 'standard', url: `${url}/new` }],
      [`${pages}/${id}`, { ...form, url: `${url}/elsewhere` }],
      [`${pages}/${id}/secret`, {}],
    ] as const) {
      const asked = await late.post(path, values)
      assert.deepEqual([asked.status, asked.headings[0]], [403, 'Confirm that it is you'], path)
      if ('url' in values) for (const event of values.events) assert.ok(asked.text.includes(`value="${event}"`), event)
    }
    assert.equal((await app.asAdmin.api('GET', home)).json.webhooks.length, 1)
    assert.equal((await late.post(`${pages}/${id}`, { ...form, url: `${url}/hook` })).status, 303, 'the same address')
  })

  test('HOOK-4 what fails goes again with growing pauses, and the log says what was answered, as text', async () => {
    const { id } = await add()
    answers = { status: 500, body: `<script>alert(1)</script>\u001B[31m${'x'.repeat(5_000)}` }
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    await deliver()
    assert.equal(received.length, 1, 'not before its time')
    const [message] = (await log(id)).messages
    assert.deepEqual([message.state, message.tries, message.attempts[0].status], ['waiting', 1, 500])
    assert.ok(message.attempts[0].answer.length <= 300)
    const page = (await developer.get(`/services/permit/webhooks/${id}`)).text
    assert.ok(page.includes('&lt;script&gt;alert(1)') && !page.includes('<script>alert') && !page.includes('\u001B'))
    answers = { status: 200 }
    app.clock.advance(40_000)
    await deliver()
    assert.equal(received.length, 2)
    assert.equal(received[0]?.headers['webhook-id'], received[1]?.headers['webhook-id'])
    assert.equal((await log(id)).messages[0].state, 'delivered')
  })

  test('HOOK-4 an endpoint that is asked to wait is left alone as long as it says', async () => {
    const { id } = await add()
    answers = { status: 429, headers: { 'retry-after': '7200' } }
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    app.clock.advance(7_100_000)
    await deliver()
    assert.equal(received.length, 1)
    app.clock.advance(101_000)
    await deliver()
    assert.equal(received.length, 2)
  })

  test('HOOK-4 after three days the endpoint is failing, the team is told, and nothing is lost', async () => {
    const { id } = await add()
    answers = { status: 503 }
    const began = app.clock.now().getTime()
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    for (let tries = 2; tries <= 12; tries++) {
      const { state, messages } = await log(id)
      assert.equal(state, 'active', `before try ${tries}`)
      app.clock.set(messages[0].nextTryAt)
      await deliver()
    }
    assert.equal((await log(id)).state, 'failing')
    const days = (app.clock.now().getTime() - began) / 86_400_000
    assert.ok(days > 2 && days < 4, `${days} days`)
    assert.equal(received.length, 12)
    await app.phasegate.platform.mail.deliverDue()
    assert.ok(app.mails.some(({ subject }) => subject === 'Nothing more is sent to “Incident system”'))
    assert.match((await developer.get('/notices')).text, /Nothing more is sent to “Incident system”/)

    await halt()
    await resume()
    await deliver()
    assert.equal(received.length, 12, 'what happens now waits')
    assert.equal((await app.asAdmin.api('POST', `${home}/${id}/test`)).json.code, 'webhook-not-active')
    answers = { status: 200 }
    await app.asAdmin.api('POST', `${home}/${id}/resume`)
    await deliver()
    assert.equal(received.length, 13)
    assert.equal((await app.asAdmin.api('POST', `${home}/${id}/replay`)).json.count, 1)
    await deliver()
    assert.equal(received.length, 14)
    assert.ok((await log(id)).messages.every(({ state }: { state: string }) => state === 'delivered'))
  })

  test('HOOK-4 an endpoint that says it is gone is failing at once; a paused one gets what waited when it goes on', async () => {
    const { id } = await add()
    await app.asAdmin.api('POST', `${home}/${id}/pause`)
    await halt()
    await deliver()
    assert.equal(received.length, 0)
    await app.asAdmin.api('POST', `${home}/${id}/resume`)
    await deliver()
    assert.equal(received.length, 1)
    await resume()
    answers = { status: 410 }
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    assert.equal((await log(id)).state, 'failing')
  })

  test('HOOK-1 of many processes one sends a message, and one that died leaves it to another', async () => {
    const { id } = await add()
    await app.asAdmin.api('POST', `${home}/${id}/pause`)
    for (let count = 0; count < 8; count++) await halt().then(resume)
    await app.asAdmin.api('POST', `${home}/${id}/resume`)
    await Promise.all(Array.from({ length: 4 }, deliver))
    const ids = received.map(({ headers }) => headers['webhook-id'])
    assert.deepEqual([ids.length, new Set(ids).size], [8, 8])
    await halt()
    await resume()
    await deliver()
    // Taken, and never settled.
    await sql`update webhook_message set state = 'waiting', next_try_at = ${new Date(app.clock.now().getTime() + 60_000)}
      where id = (select id from webhook_message order by created_at desc limit 1)`.execute(app.db)
    await deliver()
    assert.equal(received.length, 9)
    app.clock.advance(61_000)
    await deliver()
    assert.equal(received.length, 10)
  })

  test('HOOK-7 no webhook reaches what is inside, neither when it is stored nor when it is sent [promise 32]', async () => {
    const inside = [
      'http://127.0.0.2/',
      'http://169.254.169.254/latest/',
      'http://[::1]/',
      'http://10.0.0.1/',
      'http://0/',
    ]
    for (const address of [...inside, 'http://user:pass@127.0.0.1/', 'http://127.0.0.1:6379/', `${app.url}/x`]) {
      const refused = await app.asAdmin.api('POST', home, { url: address, description: 'x', events: ['key.created'] })
      assert.deepEqual([refused.status, refused.json.code], [422, 'webhook-does-not-fit'], address)
      const page = await developer.post('/services/permit/webhooks', {
        url: address,
        description: 'x',
        events: 'key.created',
      })
      assert.equal(page.status, 422)
      assert.match(page.text, /This address can’t be called/)
    }
    const file = { url: 'file:///etc/passwd', description: 'x', events: ['key.created'] }
    assert.equal((await app.asAdmin.api('POST', home, file)).status, 400)
    const { id } = await add()
    await sql`update webhook set url = 'http://169.254.169.254/latest/meta-data/' where id = ${id}`.execute(app.db)
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    const [attempt] = (await log(id)).messages[0].attempts
    assert.match(attempt.problem, /not on the public internet/)
    answers = { status: 302, headers: { location: 'http://127.0.0.1:1/' } }
    await sql`update webhook set url = ${url} where id = ${id}`.execute(app.db)
    app.clock.advance(40_000)
    await deliver()
    assert.equal((await log(id)).messages[0].attempts[0].status, 302, 'and no redirect is followed')
  })

  test('HOOK-6 in a chat names are text, whatever they hold [promise 33]', async () => {
    const name = '<!channel> <https://evil.example|Pay here> @here [x](https://evil.example)\n*bold* & more'
    const made = await app.asAdmin.api('POST', '/api/v1/services', {
      key: 'chatty',
      name,
      newUrl: 'http://127.0.0.1:9002',
      currentUrl: 'http://127.0.0.1:9001',
    })
    assert.equal(made.status, 201, made.text)
    await add({ kind: 'chat', url: `${url}/chat`, events: ['admission.halted'] }, '/api/v1/services/chatty/webhooks')
    await app.asAdmin.api('POST', '/api/v1/services/chatty/halt', { reason: '<!here> look' })
    await deliver()
    const { headers, body } = last()
    const { text } = JSON.parse(body)
    assert.ok(text.includes('halted the beta'), text)
    assert.ok(!/<[!@#h]|@here|\]\(|\n|\*bold\*|https:\/\/evil/.test(text), text)
    assert.ok(!text.includes('look'))
    assert.equal(headers['webhook-signature'], undefined)
  })

  test('HOOK-8 the page does it all without a script: add, see the secret once, test, change, remove', async () => {
    const listed = await developer.get('/services/permit/webhooks')
    assert.match(listed.text, /Nobody is told yet/)
    const empty = await developer.post('/services/permit/webhooks', {})
    assert.equal(empty.status, 422)
    assert.match(empty.text, /Choose at least one thing to be told of/)
    const added = await developer.post('/services/permit/webhooks', {
      kind: 'standard',
      url: `${url}/page`,
      description: 'From the page',
      events: ['phase.moved', 'admission.halted'],
    })
    assert.match(added.text, /whsec_/)
    const { id } = (await app.asAdmin.api('GET', home)).json.webhooks[0]
    const here = `/services/permit/webhooks/${id}`
    assert.ok(!(await developer.get(here)).text.includes('whsec_'))
    assert.equal((await developer.post(`${here}/test`)).status, 303)
    await deliver()
    assert.equal(received.at(-1)?.path, '/page')
    assert.match((await developer.get(here)).text, /Arrived/)
    const other = await app.signIn('developer', 'other')
    assert.equal((await other.get(here)).status, 404)
    assert.equal((await other.get(`/services/other/webhooks/${id}`)).status, 404)
    await developer.post(here, { url: `${url}/new`, description: 'Changed', events: 'key.created' })
    assert.deepEqual((await log(id)).events, ['key.created'])
    await developer.post(`${here}/remove`)
    const none = (await developer.get('/services/permit/webhooks')).text
    assert.match(none, /Nobody is told yet/)
    assert.match(none, /A chat that hears of beta rooms gets a copy of each message/)
    assert.match((await developer.get('/services/permit/history')).text, /removed the webhook “Changed”/)
  })

  test('HOOK-8 the owner adds webhooks of the installation: they hear of every service, and of the head of the history', async () => {
    const owner = await app.signIn('owner')
    assert.equal((await developer.get('/webhooks')).status, 403)
    assert.equal((await owner.get('/webhooks')).status, 200)
    await add({ events: ['service.added', 'key.created', 'audit.head'] }, '/api/v1/webhooks')
    await app.aService({ key: 'third', name: 'A third service' })
    await app.asAdmin.api('POST', '/api/v1/services/third/keys', { name: 'x', kind: 'server' })
    await app.phasegate.platform.jobs.now('audit-head', app.phasegate.platform)
    await deliver()
    const told = received.map(({ body }) => JSON.parse(body))
    assert.deepEqual(told.map(({ type }) => type).toSorted(), ['audit.head', 'key.created', 'service.added'])
    const head = told.find(({ type }) => type === 'audit.head').data
    assert.ok(head.position > 0 && /^[0-9a-f]{64}$/.test(head.hash))
    const onService = await app.asAdmin.api('POST', home, { url, description: 'x', events: ['audit.head'] })
    assert.equal(onService.status, 422)
  })

  test('HOOK-2 the verifiers of the documentation take a message, and refuse it changed, old or signed otherwise', async () => {
    const written = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
    const blockOf = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(written)?.[1] ?? ''
    const { secret } = await add()
    const { id } = (await app.asAdmin.api('GET', home)).json.webhooks[0]
    await app.asAdmin.api('POST', `${home}/${id}/test`)
    await deliver()
    const { headers, body } = last()
    const now = app.clock.now().getTime() / 1000
    const cases: [Buffer, number, string, boolean][] = [
      [Buffer.from(body), now, secret, true],
      [Buffer.from(`${body} `), now, secret, false],
      [Buffer.from(body), now + 301, secret, false],
      [Buffer.from(body), now - 301, secret, false],
      [Buffer.from(body), now, `whsec_${Buffer.alloc(32).toString('base64')}`, false],
    ]
    const source = Buffer.from(blockOf('js')).toString('base64')
    const { verify } = await import(`data:text/javascript;base64,${source}`)
    for (const [sent, at, key, good] of cases) assert.equal(verify(headers, sent, key, at), good)
    // Anybody can send something: it is refused, and nothing is thrown.
    const strange = [
      {},
      { ...headers, 'webhook-timestamp': 'now' },
      { ...headers, 'webhook-signature': 'v1,ü' },
      { 'webhook-timestamp': headers['webhook-timestamp'] },
    ]
    for (const each of strange) assert.equal(verify(each, Buffer.from(body), secret, now), false)
    if (spawnSync('python3', ['--version']).status !== 0) return
    const call = `import sys, json\nfor h, b, s, t in json.loads(sys.argv[1]): print(verify(h, b.encode(), s, t))`
    const given = JSON.stringify(cases.map(([sent, at, key]) => [headers, sent.toString(), key, at]))
    const ran = spawnSync('python3', ['-c', `${blockOf('python')}\n${call}`, given], { encoding: 'utf8' })
    assert.equal(ran.stdout, cases.map(([, , , good]) => (good ? 'True\n' : 'False\n')).join(''), ran.stderr)
    const odd = JSON.stringify(strange.map((each) => [each, body, secret, now]))
    const refused = spawnSync('python3', ['-c', `${blockOf('python')}\n${call}`, odd], { encoding: 'utf8' })
    assert.equal(refused.stdout, 'False\n'.repeat(strange.length), refused.stderr)
  })

  test('HOOK-3 every event is documented, and every documented event is there', async () => {
    const written = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8')
    const documented = [...written.matchAll(/^\| `([a-z.-]+)` \| (.+?) \|/gm)].map(([, type, says]) => [type, says])
    assert.deepEqual(
      documented,
      webhookEvents.map(({ type, says }) => [type, says]),
    )
  })
})
