import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { verifyAudit } from '../service/platform/index.ts'
import { startApp, type Client, type TestApp } from './support/app.ts'
import { letIn } from './support/invited.ts'
import { aWaitingPerson } from './support/waiting.ts'

const marker = 'zebrafinch'
const address = `${marker}@example.org`
const other = 'somebody-else@example.org'

describe('erasing a person', () => {
  let app: TestApp
  let researcher: Client
  let kpisBefore: unknown
  let unit: string
  before(async () => {
    app = await startApp()
    await app.aService({ phase: 'private-beta' })
    researcher = await app.signIn('researcher', 'permit')
    unit = await leaveTraces(app)
    await tracesOf(app, other, 'kept')
    kpisBefore = await kpis(app)
  })
  after(() => app.close())

  test('ADM-70 a report says first what there is and what becomes of it, and changes nothing', async () => {
    const everything = await where(app)
    const { status, json, text } = await researcher.api('POST', '/api/v1/services/permit/erasures', { address })
    assert.equal(status, 200, text)
    const counts = Object.fromEntries(
      json.found.map(({ name, count }: { name: string; count: number }) => [name, count]),
    )
    assert.equal(counts['Invitations and their links'], 1)
    assert.equal(counts['Feedback'], 1)
    assert.equal(counts['Places on the waiting list'], 1)
    assert.equal(counts['Whom the link of a customer account was sent to'], 1)
    assert.equal(counts['Preview links of features, with what the person said of them'], 2)
    assert.deepEqual(await where(app), everything)
    const page = await researcher.post('/services/permit/admission/erasures', { erased: address })
    assert.match(page.text, /Erase for good/)
    const viewer = await app.signIn('viewer', 'permit')
    assert.equal((await viewer.api('POST', '/api/v1/services/permit/erasures', { address, sure: true })).status, 403)
  })

  test('ADM-70 after it nothing of the person is anywhere, the history holds, and the figures are what they were [promise 38]', async () => {
    const seeded = await where(app)
    for (const table of [
      'participant',
      'invitation',
      'waiting',
      'feedback',
      'audit',
      'mail_outbox',
      'mails',
      'removal',
      'event',
      'journey_transaction',
      'room_member',
      'room_message',
      'testimonial',
      'webhook_message',
      'preview_link',
      'preview_viewer',
      'customer_contact',
    ])
      assert.ok(seeded.includes(table), `${table} held nothing of the person to begin with`)
    const erased = await researcher.post('/services/permit/admission/erasures', { erased: address, sure: 'yes' })
    assert.equal(erased.status, 200, erased.text)
    assert.deepEqual(await where(app), [])
    assert.equal((await verifyAudit(app.db)).faults.length, 0, 'the chain of the history holds')
    assert.deepEqual(await kpis(app), kpisBefore)
    for (const path of [
      '/api/v1/services/permit/history',
      '/api/v1/services/permit/feedback',
      '/api/v1/services/permit/invitations',
    ])
      assert.ok(!(await app.asAdmin.api('GET', path)).text.includes(marker), path)
    assert.ok(!JSON.stringify(app.phasegate.admission.snapshots.feed()).includes(marker))
    assert.equal(
      (await app.asAdmin.api('POST', '/api/v1/services/permit/erasures', { address, sure: true })).status,
      404,
    )
  })

  test('ADM-70 passes of the person end, links lead nowhere, and the place is free', async () => {
    const { decision } = (await app.asAdmin.api('GET', `/api/v1/services/permit/people/${unit}`)).json
    assert.equal(decision?.rung ?? 'removed', 'removed')
    const { places } = (await app.asAdmin.api('GET', '/api/v1/services/permit/admission')).json
    assert.equal(places.taken, 1, 'the other person is still in')
  })

  test('ADM-70 others keep theirs, and the owner reaches every service with one request', async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from feedback where address = ${other}`.execute(
      app.db,
    )
    assert.equal(rows[0]?.n, 1)
    await app.aService({ key: 'second', name: 'Another service' })
    await aWaitingPerson(app, 'second', other)
    const owner = await app.signIn('owner')
    const looked = await owner.api('POST', '/api/v1/erasures', { address: other })
    assert.deepEqual(looked.json.services.map(({ service }: { service: string }) => service).toSorted(), [
      'permit',
      'second',
    ])
    assert.equal((await owner.api('POST', '/api/v1/erasures', { address: other, sure: true })).status, 200)
    assert.deepEqual((await owner.api('POST', '/api/v1/erasures', { address: other })).json.services, [])
    assert.equal((await researcher.api('POST', '/api/v1/erasures', { address: other })).status, 403)
  })
})

async function leaveTraces(app: TestApp): Promise<string> {
  await aWaitingPerson(app, 'permit', address)
  return tracesOf(app, address, marker)
}

/** A person in every field that there is for one. */
async function tracesOf(app: TestApp, who: string, word: string): Promise<string> {
  const unit = await letIn(app, 'permit', who)
  assert.match(unit, /^[\w-]{22}$/)
  const at = app.clock.now().toISOString()
  await inRoom(app, unit, word)
  await asViewer(app, who, word)
  await app.asAdmin.api('POST', '/api/v1/services/permit/customers', { name: `Company of ${unit}`, address: who })
  await app.asGateway.api('POST', '/api/v1/gateway/reports', {
    reports: [{ service: 'permit', unit, kind: 'choice', value: 'current', at }],
  })
  const feedback = await app.asAdmin.api('POST', '/api/v1/feedback', {
    ...{ service: 'permit', id: `answer-${word}`, rating: 2, comment: `My name is ${word}`, address: who, unit },
  })
  assert.equal(feedback.status, 201, feedback.text)
  const events = [
    {
      id: `event-${word}`,
      time: at,
      service: 'permit',
      name: 'start',
      journey: 'apply',
      transaction: `t-${word}`,
    },
  ].map((event) => ({ ...event, unit, properties: { applicant: word } }))
  const taken = await app.asAdmin.api('POST', '/api/v1/events', { events })
  assert.equal(taken.json.stored, 1, taken.text)
  await app.phasegate.platform.mail.deliverDue()
  if (who === other) return unit
  await app.asAdmin.api('POST', '/api/v1/services/permit/removals', { who, reason: `${who} asked for it` })
  await sql`insert into mail_outbox (recipient, subject, body, created_at, next_try_at)
    values (${who}, 'A question', ${`Dear ${word}`}, now(), null)`.execute(app.db)
  return unit
}

/** As a tester of a beta: a name, a message that a chat got too, and words that were asked for. */
async function inRoom(app: TestApp, unit: string, word: string): Promise<void> {
  const at = '/api/v1/services/permit/features/plan-map'
  const room = '/edge/permit/rooms/plan-map'
  const as = { 'x-phasegate-unit': unit }
  if ((await app.asAdmin.api('GET', at)).status === 404) {
    const wanted = { kind: 'plan', key: 'plan-map', name: 'Map', description: 'A map' }
    await app.asAdmin.api('POST', '/api/v1/services/permit/features', wanted)
    await app.asAdmin.api('PUT', `${at}/switch`, { on: true, reason: 'To be tried' })
    await app.asAdmin.api('PUT', `${at}/room`, { welcome: 'Welcome' })
    const hook = { kind: 'chat', url: 'https://192.0.32.8/hook', description: 'Chat', events: ['room.message'] }
    await app.asAdmin.api('POST', '/api/v1/services/permit/webhooks', hook)
  }
  await app.phasegate.admission.snapshots.refresh(null)
  await app.asGateway.post(`${room}/settings`, { name: word, mails: 'all', usage: 'yes' }, as)
  const said = await app.asGateway.post(`${room}/messages`, { kind: 'experience', text: `I am ${word}` }, as)
  assert.equal(said.status, 303, said.text)
  const { threads } = (await app.asAdmin.api('GET', `${at}/room/messages`)).json
  const asked = { message: threads[0].id, wording: `${word} likes it` }
  assert.equal((await app.asAdmin.api('POST', `${at}/testimonials`, asked)).status, 201)
}

/** As somebody outside who was shown a feature before others had it. */
async function asViewer(app: TestApp, who: string, word: string): Promise<void> {
  const at = '/api/v1/services/permit/features/plan-map/previews'
  const made = await app.asAdmin.api('POST', at, { viewer: who, outsiderReason: `${who} reads it for us` })
  const verdict = { verdict: 'no', comment: `${word} misses a legend` }
  const said = await app.asAdmin.api('POST', `${at}/${made.json.id}/verdict`, verdict)
  assert.equal(said.status, 204, said.text)
  // As the release before links kept verdicts wrote it down.
  await sql`insert into preview_viewer (feature_id, name, address, is_outsider, at, by_name)
    select id, ${word}, ${who}, false, now(), 'A tester' from feature where key = 'plan-map'`.execute(app.db)
}

/** Tables and files that hold the marker, in the database as a whole and in the data folder. */
async function where(app: TestApp): Promise<string[]> {
  const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name !~ '^event_[0-9]'`.execute(app.db)
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql`select 1 from ${sql.table(name)} t
      where position(${marker} in lower(t::text)) > 0 limit 1`.execute(app.db)
    if (rows.length > 0 && name !== 'event_seen') found.push(name)
  }
  const folder = join(app.dataDirectory, 'mails')
  if (readdirSync(folder).some((file) => readFileSync(join(folder, file), 'utf8').includes(marker))) found.push('mails')
  return found.toSorted()
}

async function kpis(app: TestApp): Promise<unknown> {
  const { rows: measured } = await sql`select to_jsonb(m) as row from measure_hour m order by 1`.execute(app.db)
  const { rows: rated } = await sql`select to_jsonb(r) as row from rating_hour r order by 1`.execute(app.db)
  return { measured, rated }
}
