import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { startMailServer, type MailServer } from '../../../test/support/mail-server.ts'
import { fileTransport, listMailFiles, smtpTransport } from './transports.ts'

describe('mail', () => {
  let server: MailServer
  let app: TestApp

  before(async () => {
    server = await startMailServer()
    app = await startApp({ mail: smtpTransport(server.url, 'Permits <permits@example.org>') })
  })
  after(async () => {
    await app.close()
    await server.close()
  })

  const outbox = async () => (await sql<{ recipient: string }>`select recipient from mail_outbox`.execute(app.db)).rows
  const send = (to: string) =>
    app.db
      .transaction()
      .execute((tx) => app.phasegate.platform.mail.send({ to, subject: 'Hello', text: 'A line\n' }, tx))

  test('a mail leaves by SMTP after the commit, and its text is kept nowhere', async () => {
    await send('first@example.org')
    await app.phasegate.platform.mail.deliverDue()
    assert.deepEqual(server.received.at(-1)?.to, ['first@example.org'])
    assert.match(server.received.at(-1)?.mail ?? '', /From: Permits <permits@example\.org>/)
    assert.deepEqual(await outbox(), [])
  })

  test('what looks like a header in a name or an address stays text [promise 33]', async () => {
    const before = server.received.length
    const subject = 'Parking\r\nBcc: thief@example.org\r\n\r\nAnother body\u2028X-Own: 1'
    const { mail } = app.phasegate.platform
    await app.db.transaction().execute((tx) => mail.send({ to: 'third@example.org', subject, text: 'A line\n' }, tx))
    await mail.deliverDue()
    assert.equal(server.received.length, before + 1)
    assert.deepEqual(server.received.at(-1)?.to, ['third@example.org'])
    const [headers = '', body = ''] = (server.received.at(-1)?.mail ?? '').split(/\r?\n\r?\n/)
    assert.ok(!/^(Bcc|X-Own):/im.test(headers), headers)
    assert.equal(body.trim(), 'A line')
    await app.aService()
    for (const address of ['a@example.org\r\nBcc: thief@example.org', 'a@example.org, thief@example.org']) {
      const refused = await app.asAdmin.api('POST', '/api/v1/services/permit/team', {
        email: address,
        name: 'x',
        role: 'viewer',
      })
      assert.equal(refused.status, 400)
    }
  })

  test('ROOM-15 a mail that can be answered carries a secret address for that, and stands beside what it answers', async () => {
    const { mail } = app.phasegate.platform
    const replyTo = 'room-0123456789abcdef@replies.example.org'
    const thread = { id: '<room.2@replies.example.org>', answers: '<room.1@replies.example.org>' }
    await app.db
      .transaction()
      .execute((tx) => mail.send({ to: 'fourth@example.org', subject: 'Hello', text: 'A line\n', replyTo, thread }, tx))
    const { rows } = await sql<{ row: string }>`select o::text as row from mail_outbox o`.execute(app.db)
    assert.ok(!JSON.stringify(rows).includes('0123456789abcdef'), 'the address is sealed while the mail waits')
    await mail.deliverDue()
    const [headers = ''] = (server.received.at(-1)?.mail ?? '').split(/\r?\n\r?\n/)
    for (const line of [
      `Reply-To: ${replyTo}`,
      `Message-ID: ${thread.id}`,
      `In-Reply-To: ${thread.answers}`,
      `References: ${thread.answers}`,
      'Auto-Submitted: auto-generated',
    ])
      assert.ok(headers.toLowerCase().includes(line.toLowerCase()), `${line} in ${headers}`)
  })

  test('a mail whose transaction fails never leaves', async () => {
    const failing = app.db.transaction().execute(async (tx) => {
      await app.phasegate.platform.mail.send({ to: 'never@example.org', subject: 'Hello', text: 'A line\n' }, tx)
      throw new Error('The act failed')
    })
    await assert.rejects(failing, /The act failed/)
    await app.phasegate.platform.mail.deliverDue()
    assert.ok(!server.received.some(({ to }) => to.includes('never@example.org')))
  })

  test('a mail that the server refuses waits, and leaves at its next turn', async () => {
    server.refuseNext()
    await send('later@example.org')
    await app.phasegate.platform.mail.deliverDue()
    assert.deepEqual(await outbox(), [{ recipient: 'later@example.org' }])
    app.clock.advance(61_000)
    await app.phasegate.platform.mail.deliverDue()
    assert.deepEqual(server.received.at(-1)?.to, ['later@example.org'])
    assert.deepEqual(await outbox(), [])
  })

  test('whoever asks for what is due waits also for what is on its way already', async () => {
    const letGo = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const deliver = (): Promise<void> => {
      begun.resolve()
      return letGo.promise
    }
    const slow = await startApp({ mail: { name: 'slow', deliver } })
    const { mail } = slow.phasegate.platform
    const message = { to: 'fifth@example.org', subject: 'Hello', text: 'A line\n' }
    await slow.db.transaction().execute((tx) => mail.send(message, tx))
    mail.wake()
    await begun.promise
    setTimeout(letGo.resolve, 100)
    await mail.deliverDue()
    const { rows } = await sql`select from mail_outbox`.execute(slow.db)
    assert.equal(rows.length, 0)
    await slow.close()
  })

  test('in development mails are files that are listed newest first', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'phasegate-mails-'))
    const files = fileTransport(directory)
    await files.deliver({ to: 'a@example.org', subject: 'One', text: 'x' }, new Date('2026-11-20T10:00:00Z'))
    await files.deliver({ to: 'b@example.org', subject: 'Two', text: 'x' }, new Date('2026-11-20T11:00:00Z'))
    assert.deepEqual(
      (await listMailFiles(directory, 10)).map(({ subject }) => subject),
      ['Two', 'One'],
    )
    rmSync(directory, { recursive: true })
  })

  test('the list of mails is gone once mails leave by SMTP, or others can reach the installation', async () => {
    assert.equal((await app.get('/mails')).status, 404)
    const open = await startApp({ env: { PUBLIC_URL: 'https://beta.example.org' } })
    assert.equal((await open.get('/mails')).status, 404)
    assert.match((await open.api('GET', '/ready')).json.parts.mail.says, /not configured/)
    await open.close()
    const reachable = await startApp({ env: { HOST: '0.0.0.0' } })
    assert.equal((await reachable.get('/mails')).status, 404, 'others can reach it')
    await reachable.close()
    const own = await startApp()
    assert.equal((await own.get('/mails')).status, 200)
    const { port } = new URL(own.url)
    const named = await new Promise<number>((resolve, reject) => {
      const headers = { host: `elsewhere.example:${port}` }
      request({ host: '127.0.0.1', port, path: '/mails', headers }, (answer) => {
        resolve(answer.statusCode ?? 0)
        answer.resume()
      })
        .on('error', reject)
        .end()
    })
    assert.equal(named, 404, 'a name that somebody pointed at this machine')
    await own.close()
  })
})
