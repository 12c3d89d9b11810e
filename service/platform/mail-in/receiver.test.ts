import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { pino } from 'pino'
import tlsOptions from 'smtp-server/lib/tls-options.js'
import { talkTo, type SmtpTalk } from '../../../test/support/smtp-client.ts'
import { until } from '../../../test/support/until.ts'
import type { Letter } from './desk.ts'
import { openReceiver } from './receiver.ts'

const domain = 'replies.example.org'
type Parts = Parameters<typeof openReceiver>[0]

describe('the receiver of mail', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'phasegate-receiver-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A receiver with one mailbox, and a log that can be read. */
  const receiver = async (parts: Partial<Parts> = {}, certificate: Parts['settings']['certificate'] = null) => {
    const letters: Letter[] = []
    let log = ''
    const opened = await openReceiver({
      settings: { domain, host: '127.0.0.1', port: 0, certificate },
      desk: {
        knows: async (local) => local === 'ann',
        take: async (_local, letter) => letters.push(letter) > 0,
        isTooMuch: () => false,
      },
      log: pino({ level: 'debug' }, { write: (line) => void (log += line) }),
      isEnding: () => false,
      ...parts,
    })
    return { ...opened, letters, log: () => log }
  }

  const greeted = async (port: number): Promise<SmtpTalk> => {
    const talk = await talkTo(port)
    await talk.say('EHLO example.org')
    return talk
  }
  const mail = ['MAIL FROM:<ben@example.org>', `RCPT TO:<ann@${domain}>`, 'DATA']

  test('ROOM-16 with a certificate it speaks TLS to whoever asks', async () => {
    const { cert, key } = tlsOptions({})
    for (const [name, content] of Object.entries({ 'cert.pem': cert, 'key.pem': key }))
      writeFileSync(join(folder, name), String(content))
    const { port, letters, stop } = await receiver({}, { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') })
    const transport = createTransport({
      ...{ host: '127.0.0.1', port, requireTLS: true },
      // It is a certificate for tests, of nobody.
      tls: { rejectUnauthorized: false },
    })
    await transport.sendMail({ from: 'ben@example.org', to: `ann@${domain}`, text: 'It works' })
    assert.deepEqual(
      letters.map(({ from, words }) => [from, words]),
      [['ben@example.org', 'It works']],
    )
    await stop()
  })

  test('ROOM-16 who is in the middle of a mail at the end gets the answer to it; others are asked to come again', async () => {
    const { port, letters, stop } = await receiver()
    const idle = await greeted(port)
    const busy = await greeted(port)
    for (const line of mail) await busy.say(line)
    const stopped = stop()
    assert.match(await idle.next(), /^421 /)
    assert.match(await busy.say('From: ben@example.org\r\n\r\nStill on its way\r\n.'), /^250 /)
    assert.equal(letters[0]?.words, 'Still on its way')
    assert.match(await busy.say('NOOP'), /^421 /)
    await stopped
  })

  test('ROOM-16 while the instance drains, senders are asked to go to another', async () => {
    let isEnding = false
    const { port, stop } = await receiver({ isEnding: () => isEnding })
    const talk = await greeted(port)
    isEnding = true
    assert.match(await talk.say(mail[0] ?? ''), /^421 /)
    await talk.ended
    await stop()
  })

  test('ROOM-16 connections, commands, recipients and time have an end', async () => {
    const { port, stop } = await receiver({ limits: { ofOneNetwork: 2, recipients: 1, commandBytes: 2_000 } })
    const [first, second] = [await greeted(port), await greeted(port)]
    const third = await talkTo(port)
    assert.match(await third.say('EHLO example.org'), /421|ended/)
    for (const line of mail.slice(0, 2)) assert.match(await second.say(line), /^250 /)
    assert.match(await second.say(`RCPT TO:<ann+more@${domain}>`), /^452 /)
    await second.say(Array.from({ length: 400 }, () => 'NOOP').join('\r\n'))
    await second.ended
    assert.match(await first.say('NOOP'), /^250 /)
    await stop()
    const short = await receiver({ limits: { longestMs: 1_000 } })
    const slow = await greeted(short.port)
    await slow.ended
    await short.stop()
  })

  test('ROOM-16 a sender who sends too much is asked to wait, and what is no mail is refused', async () => {
    const { port, stop } = await receiver({
      desk: { knows: async () => true, take: async () => true, isTooMuch: (sender) => sender === 'much@example.org' },
    })
    const talk = await greeted(port)
    for (const line of ['MAIL FROM:<Much@example.org>', ...mail.slice(1)]) await talk.say(line)
    assert.match(await talk.say('From: much@example.org\r\n\r\nHello\r\n.'), /^450 /)
    for (const line of mail) await talk.say(line)
    assert.match(await talk.say(`X-Long: ${'x'.repeat(200_000)}\r\n\r\nHello\r\n.`), /^554 /)
    talk.close()
    await stop()
  })

  test('ROOM-16 no address and no word of a mail stands in the log, also where it could not be taken', async () => {
    const bug = Object.assign(new Error('A bug'), { detail: 'Failing row contains (zebrafinch, ben@example.org)' })
    const failing = { knows: async () => true, take: () => Promise.reject(bug), isTooMuch: () => false }
    const { port, stop, log } = await receiver({ desk: failing })
    const talk = await greeted(port)
    for (const line of mail) await talk.say(line)
    assert.match(await talk.say('From: ben@example.org\r\n\r\nzebrafinch\r\n.'), /^451 /)
    const cut = await greeted(port)
    for (const line of mail) await cut.say(line)
    cut.close()
    await until('the bug is logged', async () => log().includes('a mail could not be taken'))
    await stop()
    assert.doesNotMatch(log(), /zebrafinch|@example|@replies/)
  })
})
