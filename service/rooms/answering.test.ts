import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createTransport, type SendMailOptions } from 'nodemailer'
import pg from 'pg'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { testDatabase, type TestDatabase } from '../../test/support/database.ts'
import { letIn } from '../../test/support/invited.ts'
import { talkTo } from '../../test/support/smtp-client.ts'
import { until } from '../../test/support/until.ts'

const domain = 'replies.example.org'
const on = { MAIL_IN: domain, MAIL_IN_PORT: '0' }
const service = '/api/v1/services/permit'
const feature = `${service}/features/release-map`
const page = '/services/permit/features/release-map'
const room = '/edge/permit/rooms/release-map'

interface Beta {
  app: TestApp
  growth: Client & { account: { id: string; email: string } }
  units: Record<string, string>
  say(who: string, form: Record<string, string>): Promise<void>
  /** Mails to somebody that left since the last time this was asked. */
  mailsTo(address: string): Promise<TestApp['mails']>
  threads(): Promise<
    { id: string; text: string; by: string; kind: string | null; answers: { text: string; by: string }[] }[]
  >
  job(name: string): Promise<void>
}

/** The beta of a feature, with its room open and two testers. */
async function aBeta(app: TestApp): Promise<Beta> {
  await app.aService({ phase: 'private-beta' })
  const growth = await app.signIn('growth', 'permit')
  const units: Record<string, string> = {}
  for (const who of ['ann', 'ben']) units[who] = await letIn(app, 'permit', `${who}@example.org`, { cohort: 'Testers' })
  await growth.api('POST', `${service}/features`, {
    ...{ kind: 'release', key: 'release-map', name: 'Map of streets' },
    description: 'Shows on a map where a permit holds',
  })
  await growth.api('PUT', `${feature}/switch`, { on: true, reason: 'To be tried' })
  const step = async (method: string, path: string, body: object) => {
    const { version } = (await growth.api('GET', feature)).json
    const answer = await app.asAdmin.api(method, `${feature}/${path}`, { ...body, version })
    assert.ok(answer.status < 300, answer.text)
  }
  for (const to of ['internal-release', 'beta-release']) await step('POST', 'stage', { to, reason: 'It is ready' })
  await step('PUT', 'audience', { cohorts: ['Testers'], reason: 'They asked for it' })
  await app.phasegate.admission.snapshots.refresh(null)
  const opened = await growth.post(`${page}/room`, { welcome: 'Try a street', builder: growth.account.id })
  assert.equal(opened.status, 303, opened.text)
  await growth.post(`${page}/room/mails`, { wanted: 'yes' })
  let seen = 0
  const job = async (name: string) => {
    await app.phasegate.platform.jobs.now(name, app.phasegate.platform)
    await app.phasegate.platform.mail.deliverDue()
    await until('no mail is on its way', async () => {
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from mail_outbox`.execute(app.db)
      return rows[0]?.n === 0
    })
  }
  return {
    ...{ app, growth, units, job },
    async say(who, form) {
      const said = await app.asGateway.post(`${room}/messages`, form, { 'x-phasegate-unit': units[who] ?? '' })
      assert.equal(said.status, 303, said.text)
    },
    async mailsTo(address) {
      await job('rooms-mails')
      const found = app.mails.slice(seen).filter(({ to }) => to === address)
      seen = app.mails.length
      return found
    },
    threads: async () => (await growth.api('GET', `${feature}/room/messages`)).json.threads,
  }
}

/** Sends as a mail program does, and tells the code and the words of the answer. */
async function send(app: TestApp, mail: SendMailOptions, as?: { sender: string }): Promise<string> {
  const transport = createTransport({ host: '127.0.0.1', port: app.mailInPort ?? 0, ignoreTLS: true })
  const from = typeof mail.from === 'string' ? mail.from : 'nobody@example.org'
  const to = typeof mail.to === 'string' ? mail.to : ''
  try {
    const { response } = await transport.sendMail({ ...mail, envelope: { from: as?.sender ?? from, to } })
    return response
  } catch (error) {
    const { response, message } = error as { response?: string; message: string }
    return response ?? message
  } finally {
    transport.close()
  }
}

function only<T>(list: readonly T[]): T {
  assert.equal(list.length, 1)
  const [first] = list
  if (first === undefined) throw new Error('There is none')
  return first
}

const quoted = '\n\nOn Fri, 20 Nov 2026 at 12:00, Phasegate <phasegate@example.org> wrote:\n\n> What was said\n'

describe('answers by mail', () => {
  let beta: Beta
  let app: TestApp
  before(async () => {
    app = await startApp({ env: on })
    beta = await aBeta(app)
  })
  after(() => app.close())

  test('ROOM-15 somebody of the team and a tester talk by mail alone, and all of it stands in the room [row 138]', async () => {
    await beta.say('ann', { kind: 'experience', text: 'It found my street' })
    const toTeam = only(await beta.mailsTo(beta.growth.account.email))
    assert.match(toTeam.text, /Answer by replying to this mail, or on the page/)
    assert.match(toTeam.replyTo ?? '', /^room-[0-9a-f]{48}@replies\.example\.org$/)
    const answer = { from: beta.growth.account.email, to: toTeam.replyTo ?? '', text: `Thank you, Ann.${quoted}` }
    assert.match(await send(app, answer), /^250/)
    let thread = only(await beta.threads())
    assert.deepEqual(
      thread.answers.map(({ by, text }) => [by, text]),
      [['A. Example', 'Thank you, Ann.']],
    )
    assert.equal((await beta.growth.api('GET', `${feature}/room`)).json.unanswered, 0, 'an answer settles')

    const toAnn = only(await beta.mailsTo('ann@example.org'))
    assert.equal(toAnn.thread?.answers === null, false, 'a mail program puts it beside what it answers')
    // Capitals may be lost on the way, and people write from an address with a plus.
    const loud = (toAnn.replyTo ?? '').replace('room-', 'Room-')
    assert.match(
      await send(app, { from: 'Ann <Ann+beta@Example.org>', to: loud, text: `And on a phone?${quoted}` }),
      /^250/,
    )
    thread = only(await beta.threads())
    assert.deepEqual(thread.answers.map(({ by, text }) => [by, text])[1], ['Tester 1', 'And on a phone?'])
    assert.equal((await beta.growth.api('GET', `${feature}/room`)).json.unanswered, 1, 'who asks again waits again')
    const again = only(await beta.mailsTo(beta.growth.account.email))
    assert.equal(again.thread?.answers, toTeam.thread?.id, 'one conversation for the mail program')
    assert.notEqual(again.thread?.id, toTeam.thread?.id)
    assert.equal(again.subject, `Re: ${toTeam.subject}`)
  })

  test('ROOM-15 an answer to the mail with the link begins something; a mail that is delivered twice is one message', async () => {
    await beta.growth.api('POST', `${feature}/room/invitations`)
    const invitation = only(await beta.mailsTo('ben@example.org'))
    const mail = {
      ...{ from: 'ben@example.org', to: invitation.replyTo ?? '', messageId: '<once@example.org>' },
      html: '<p>Where is the <b>list</b>?</p><blockquote type="cite">You can try it</blockquote>',
    }
    assert.match(await send(app, mail), /^250/)
    assert.match(await send(app, mail), /^250/)
    const begun = (await beta.threads()).filter(({ by }) => by === 'Tester 2')
    assert.deepEqual(
      begun.map(({ kind, text }) => [kind, text]),
      [['feedback', 'Where is the list?']],
    )
    const { rows } = await sql<{ row: string }>`select t::text as row from room_answer_address t`.execute(app.db)
    const token = /room-([0-9a-f]+)@/.exec(invitation.replyTo ?? '')?.[1] ?? ''
    assert.ok(rows.length > 0 && !rows.some(({ row }) => row.includes(token)), 'only its SHA-256 is kept')
  })

  test('ROOM-5 a reminder can be answered: that goes to the message that has waited longest', async () => {
    await beta.mailsTo('')
    app.clock.advance(25 * 3_600_000)
    await beta.job('rooms-reminders')
    const reminder = only(app.mails.filter(({ subject }) => /wait for an answer/.test(subject)))
    assert.match(reminder.text, /It found my street[^]*Reply to this mail to answer that one/)
    await send(app, { from: beta.growth.account.email, to: reminder.replyTo ?? '', text: 'On a phone as well' })
    const thread = (await beta.threads()).find(({ text }) => text === 'It found my street')
    assert.equal(thread?.answers.at(-1)?.text, 'On a phone as well')
    assert.equal((await beta.growth.api('GET', `${feature}/room`)).json.unanswered, 1)
  })

  test('ROOM-16 an address that was never given out, or of another domain, is refused at once, and whoever guesses is sent away', async () => {
    const stranger = `room-${'0'.repeat(48)}@${domain}`
    assert.match(await send(app, { from: 'ann@example.org', to: stranger, text: 'Hello' }), /^550 /)
    assert.match(await send(app, { from: 'ann@example.org', to: 'someone@example.com', text: 'Hello' }), /^550 .*relay/)
    const talk = await talkTo(app.mailInPort ?? 0)
    const hello = await talk.say('EHLO example.org')
    assert.match(hello, /SIZE 5242880/)
    assert.doesNotMatch(hello, /AUTH|STARTTLS/)
    assert.match(await talk.say('AUTH PLAIN AGEAYg=='), /^500 /)
    assert.match(await talk.say('MAIL FROM:<ann@example.org> SIZE=6000000'), /^552 /)
    assert.match(await talk.say('MAIL FROM:<ann@example.org>'), /^250 /)
    const answers: string[] = []
    for (let n = 0; n < 5; n++) answers.push(await talk.say(`RCPT TO:<room-${String(n).repeat(48)}@${domain}>`))
    assert.deepEqual(
      answers.map((answer) => answer.slice(0, 3)),
      ['550', '550', '550', '550', '421'],
    )
    await talk.ended
  })

  test('ROOM-16 what no person wrote is taken and dropped, and nobody is written to about it', async () => {
    await beta.mailsTo('')
    await beta.growth.post(`${page}/room/messages`, { text: 'A new version is out' })
    await app.asGateway.post(`${room}/settings`, { mails: 'all' }, { 'x-phasegate-unit': beta.units.ann ?? '' })
    const mail = only(await beta.mailsTo('ann@example.org'))
    const before = await beta.threads()
    const sent = app.mails.length
    const away = { from: 'ann@example.org', to: mail.replyTo ?? '', text: 'I am away until Monday' }
    for (const one of [
      { ...away, headers: { 'Auto-Submitted': 'auto-replied' } },
      { ...away, headers: { Precedence: 'bulk' } },
      { ...away, messageId: mail.thread?.id ?? '' },
    ])
      assert.match(await send(app, one), /^250 /)
    assert.match(await send(app, away, { sender: '' }), /^250 /, 'a report of delivery has no sender')
    assert.deepEqual(await beta.threads(), before)
    await app.phasegate.platform.mail.deliverDue()
    assert.equal(app.mails.length, sent)
  })

  test('ROOM-16 a mail that is too large is refused with what the limit is, and one without words, too long, or with files is told of once', async () => {
    await beta.growth.post(`${page}/room/messages`, { text: 'Which browser do you use?' })
    const { replyTo = '' } = only(await beta.mailsTo('ann@example.org'))
    const from = 'ann@example.org'
    const big = { filename: 'film.bin', content: Buffer.alloc(4_500_000) }
    assert.match(await send(app, { from, to: replyTo, text: 'See it', attachments: [big] }), /^552 .*5242880/)
    const before = (await beta.threads()).flatMap(({ answers }) => answers).length
    const told = async (text: string, more: SendMailOptions = {}) => {
      app.clock.advance(2 * 3_600_000)
      assert.match(await send(app, { from, to: replyTo, text, ...more }), /^250 /)
      return (await beta.mailsTo('ann@example.org')).map(({ text: words }) => words)
    }
    assert.match(only(await told(quoted)), /nothing in it but what it answered[^]*\/room\/[\w-]{43}/)
    assert.match(only(await told('x'.repeat(4001))), /longer than 4,000 characters/)
    assert.equal((await beta.threads()).flatMap(({ answers }) => answers).length, before)
    const small = { attachments: [{ filename: 'a.txt', content: 'a' }] }
    assert.match(only(await told('Firefox', small)), /What you wrote is in the room. The files are not/)
    const answers = (await beta.threads()).flatMap((thread) => thread.answers)
    assert.equal(answers.length, before + 1)
    assert.match(await send(app, { from, to: replyTo, text: quoted }), /^250 /)
    assert.deepEqual(await beta.mailsTo('ann@example.org'), [], 'told at most once an hour')
  })

  test('ROOM-15 whoever has the address from a mail that was passed on writes for nobody, and the person is told', async () => {
    await beta.growth.post(`${page}/room/messages`, { text: 'Is the map quick?' })
    const { replyTo = '' } = only(await beta.mailsTo('ann@example.org'))
    const before = JSON.stringify(await beta.threads())
    assert.match(await send(app, { from: 'thief@example.org', to: replyTo, text: 'It is awful' }), /^250 /)
    assert.equal(JSON.stringify(await beta.threads()), before)
    assert.match(only(await beta.mailsTo('ann@example.org')).text, /It came from another address than this one/)
    assert.ok(!app.mails.some(({ to }) => to === 'thief@example.org'), 'nobody else is written to')
  })

  test('ROOM-15 an address ends with the link, with the seat of whoever was removed by name, and with the role', async () => {
    await beta.growth.post(`${page}/room/messages`, { text: 'One more thing' })
    const { replyTo = '' } = only(await beta.mailsTo('ann@example.org'))
    await beta.say('ann', { kind: 'feedback', text: 'Thanks' })
    const toTeam = only(await beta.mailsTo(beta.growth.account.email))
    const removed = { who: 'ann@example.org', reason: 'Asked to leave' }
    assert.equal((await app.asAdmin.api('POST', `${service}/removals`, removed)).status, 204)
    await app.phasegate.admission.snapshots.refresh(null)
    assert.match(await send(app, { from: 'ann@example.org', to: replyTo, text: 'Still here' }), /^550 /)
    await sql`update membership set role = 'viewer' where account_id = ${beta.growth.account.id}`.execute(app.db)
    const answer = { from: beta.growth.account.email, to: toTeam.replyTo ?? '', text: 'Thanks as well' }
    assert.match(await send(app, answer), /^550 /)
    await sql`update membership set role = 'growth' where account_id = ${beta.growth.account.id}`.execute(app.db)
    app.clock.advance(91 * 86_400_000)
    assert.match(await send(app, answer), /^550 /)
  })

  test('ROOM-12 once a person is erased, answers to mails that went to them lead nowhere', async () => {
    const address = 'zoe@example.org'
    const unit = await letIn(app, 'permit', address, { cohort: 'Testers' })
    await app.phasegate.admission.snapshots.refresh(null)
    await app.asGateway.post(`${room}/settings`, { name: 'Zoe', mails: 'all' }, { 'x-phasegate-unit': unit })
    await beta.mailsTo('')
    await app.asAdmin.api('POST', `${feature}/room/messages`, { text: 'Welcome, Zoe' })
    const { replyTo = '' } = only(await beta.mailsTo(address))
    assert.match(await send(app, { from: address, to: replyTo, text: 'Thank you' }), /^250 /)
    const erased = await app.asAdmin.api('POST', `${service}/erasures`, { address, sure: true })
    assert.equal(erased.status, 200, erased.text)
    assert.match(await send(app, { from: address, to: replyTo, text: 'Once more' }), /^550 /)
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from room_answer_address a
      where a.member_id is not null and not exists (select from room_member m where m.id = a.member_id)`.execute(app.db)
    assert.equal(rows[0]?.n, 0)
  })

  test('ROOM-15 a closed room takes no answer, and the person is told so', async () => {
    await app.asGateway.post(`${room}/settings`, { mails: 'all' }, { 'x-phasegate-unit': beta.units.ben ?? '' })
    await beta.mailsTo('')
    const growth = await app.signIn('growth', 'permit')
    await growth.post(`${page}/room/messages`, { text: 'This ends today' })
    const { replyTo = '' } = only(await beta.mailsTo('ben@example.org'))
    await growth.post(`${page}/room/close`)
    assert.match(await send(app, { from: 'ben@example.org', to: replyTo, text: 'A pity' }), /^250 /)
    assert.match(only(await beta.mailsTo('ben@example.org')).text, /The room is closed/)
    assert.ok(!JSON.stringify((await growth.api('GET', `${feature}/room/messages`)).json).includes('A pity'))
  })
})

test('ROOM-4 without MAIL_IN no mail says that it can be answered by mail, and with it the pages say so too', async () => {
  const off = await startApp()
  assert.equal(off.mailInPort, null)
  const without = await aBeta(off)
  await without.say('ann', { kind: 'feedback', text: 'Hello' })
  const mail = only(await without.mailsTo(without.growth.account.email))
  assert.deepEqual([mail.replyTo, mail.thread], [undefined, undefined])
  assert.match(mail.text, /Nobody reads answers to this mail itself/)
  assert.match((await without.growth.get(`${page}/room`)).text, /Nobody can answer by mail/)
  await off.close()
  const app = await startApp({ env: on })
  const beta = await aBeta(app)
  assert.match((await beta.growth.get(`${page}/room`)).text, /can be answered here or by replying to it/)
  const seen = await app.asGateway.get(room, { 'x-phasegate-unit': beta.units.ann ?? '' })
  const told = seen.text.search(/You can also reply to a mail from this room/)
  assert.ok(told > 0 && told < seen.text.indexOf('name="kind"'), 'where a tester writes, not behind something to open')
  const settings = { name: 'Ann', mails: 'none' }
  await app.asGateway.post(`${room}/settings`, settings, { 'x-phasegate-unit': beta.units.ann ?? '' })
  const quiet = await app.asGateway.get(room, { 'x-phasegate-unit': beta.units.ann ?? '' })
  assert.ok(
    quiet.text.indexOf('You can also reply') > quiet.text.indexOf('id="settings"'),
    'who gets none is told there',
  )
  await app.close()
})

test('ROOM-16 while the database is away the sender is asked to come again, and what it brings then is there once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phasegate-mail-in-'))
  const database = await testDatabase()
  const road = join(folder, 'road')
  symlinkSync(database.connection.host, road)
  const app = await startApp({ env: on, beside: { connection: { ...database.connection, host: road } } })
  const beta = await aBeta(app)
  await beta.say('ann', { kind: 'feedback', text: 'Hello' })
  const { replyTo = '' } = only(await beta.mailsTo(beta.growth.account.email))
  const mail = { from: beta.growth.account.email, to: replyTo, text: 'Welcome', messageId: '<1@example.org>' }

  const talk = await talkTo(app.mailInPort ?? 0)
  await talk.say('EHLO example.org')
  await talk.say(`MAIL FROM:<${mail.from}>`)
  assert.match(await talk.say(`RCPT TO:<${replyTo}>`), /^250 /)
  assert.match(await talk.say('DATA'), /^354 /)
  rmSync(road)
  await cutConnections(database)
  const words = `From: ${mail.from}\r\nMessage-ID: <1@example.org>\r\n\r\nWelcome\r\n.`
  assert.match(await talk.say(words), /^451 /, 'it went away while the mail came')
  talk.close()
  assert.match(await send(app, mail), /^451 /)

  symlinkSync(database.connection.host, road)
  await until('it is taken', async () => (await send(app, mail)).startsWith('250 '))
  assert.match(await send(app, mail), /^250 /)
  assert.deepEqual(
    only(await beta.threads()).answers.map(({ text }) => text),
    ['Welcome'],
  )
  await app.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

async function cutConnections({ connection }: TestDatabase): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' })
  await client.connect()
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [connection.database])
  await client.end()
}
