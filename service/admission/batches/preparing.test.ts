import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import type { Browser } from 'playwright-core'
import { startApp, type Client, type TestApp } from '../../../test/support/app.ts'
import { launchBrowser } from '../../../test/support/browser.ts'

const at = '/api/v1/services/long/batches'
const pages = '/services/long/admission/batches'

describe('ADM-73 a batch that takes long to make', () => {
  let app: TestApp
  let manager: Client
  let browser: Browser
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'long', phase: 'private-beta' })
    manager = await app.signIn('service-manager', 'long')
    await sql`insert into waiting (service_id, address, at, confirmed_at)
      select id, 'w' || n || '@example.org', ${app.clock.now()}, ${app.clock.now()} from service, generate_series(1, 9) n
      where key = 'long'`.execute(app.db)
    browser = await launchBrowser()
  })
  after(() => app.close())

  const everybody = sql`lock table batch_person in share row exclusive mode`
  /** Whoever `held` keeps out cannot be put into a batch until it is let go of. */
  async function holdUp(held = everybody): Promise<() => Promise<void>> {
    const release = Promise.withResolvers<void>()
    const isHeld = Promise.withResolvers<void>()
    const done = app.db.transaction().execute(async (tx) => {
      await held.execute(tx)
      isHeld.resolve()
      await release.promise
    })
    await isHeld.promise
    return async () => {
      release.resolve()
      await done
    }
  }

  const upload = async (csv: string, name = 'A list') => {
    const answer = await fetch(`${app.url}${at}/list?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { ...app.asAdmin.headers, 'content-type': 'text/csv', prefer: 'respond-async' },
      body: csv,
    })
    // oxlint-disable-next-line typescript/no-explicit-any -- the test that reads a body checks it
    return { status: answer.status, location: answer.headers.get('location') ?? '', json: (await answer.json()) as any }
  }
  const linesOf = (count: number) => Array.from({ length: count }, (_, n) => `p${n}@example.org\n`).join('')
  /** What the API says of it, once that holds. */
  async function until(
    location: string,
    holds: (batch: { state: string; preparing: { lines: number; brokeOff: string | null } | null }) => boolean,
  ) {
    for (;;) {
      const { status, json } = await app.asAdmin.api('GET', location)
      assert.equal(status, 200)
      if (holds(json.batch)) return json
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  test('a list: the API says 202 and where it is, the page how far it has come, and then what would happen', async () => {
    const letGo = await holdUp()
    const { status, location, json } = await upload(`email\n${linesOf(2_500)}`)
    assert.deepEqual([status, json.batch.state, json.batch.preparing.brokeOff], [202, 'reading', null])
    const page = await manager.get(`${pages}/${json.batch.id}`)
    assert.match(page.text, /The list is being read\. Nothing is sent\./)
    assert.match(page.text, /<noscript><meta http-equiv="refresh" content="5"/)
    assert.match((await manager.get('/services/long/admission')).text, new RegExp(`${json.batch.id}[^]*Being made`))
    assert.equal((await app.asAdmin.api('POST', `${location}/start`, {})).status, 409)
    await letGo()
    const made = await until(location, ({ state }) => state === 'draft')
    assert.deepEqual([made.counts, made.batch.preparing], [{ queued: 2_500 }, null])
  })

  test('the page of a form comes after two seconds, and becomes the batch by itself when it is there', async () => {
    const letGo = await holdUp()
    const context = await browser.newContext({ extraHTTPHeaders: { cookie: manager.headers['cookie'] ?? '' } })
    const page = await context.newPage()
    await page.goto(`${app.url}/services/long/admission`)
    const drawn = await manager.post(pages, { name: 'The next nine', method: 'random', count: '9' })
    assert.equal(drawn.status, 303, drawn.text)
    await page.goto(`${app.url}${drawn.location}`)
    await page.getByText('Everybody who waits is gone through').waitFor()
    await letGo()
    await page.getByText('9 people would be invited').waitFor()
    await context.close()
  })

  test('how far a list has come is told as it is read', async () => {
    const letBegin = await holdUp()
    const { location, json } = await upload(`email\n${linesOf(30_000)}`)
    const holding = holdUp(sql`insert into batch_person (batch_id, position, address, line, outcome)
      values (${json.batch.id}, 0, 'p15000@example.org', '', 'queued')`)
    // The reading and what will hold it up in the middle begin together.
    const waiting = () => sql`select from pg_locks where relation = 'batch_person'::regclass and not granted`
    while ((await waiting().execute(app.db)).rows.length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    await letBegin()
    const letGo = await holding
    const { batch } = await until(location, ({ preparing }) => (preparing?.lines ?? 0) > 0)
    const { lines, percent } = batch.preparing
    assert.ok(lines <= 15_000 && percent > 0 && percent < 100, JSON.stringify(batch))
    const page = await manager.get(`${pages}/${json.batch.id}`)
    assert.match(page.text, /[\d,]+ lines read, \d+% of the list/)
    await letGo()
    await until(location, ({ state }) => state === 'draft')
  })

  test('what cannot be read says why on its page, invites nobody, and is discarded', async () => {
    const { status, location, json } = await upload('name,town\nA,B\n')
    assert.equal(status, 202)
    const { batch } = await until(location, ({ preparing }) => preparing !== null && preparing.brokeOff !== null)
    assert.equal(
      batch.preparing.brokeOff,
      'The list has no column of email addresses. Name one column “email”, in the first line.',
    )
    const page = await manager.get(`${pages}/${json.batch.id}`)
    assert.match(page.text, /The list was not read to its end\. Nobody is invited\.[^]*no column of email addresses/)
    assert.equal((await manager.post(`${pages}/${json.batch.id}/end`)).status, 303)
    assert.equal((await app.asAdmin.api('GET', location)).status, 404)
  })

  test('it can be stopped under way, and leaves nothing behind', async () => {
    const letGo = await holdUp()
    const { location, json } = await upload(`email\n${linesOf(5_000)}`)
    const stopped = manager.post(`${pages}/${json.batch.id}/end`)
    await letGo()
    assert.equal((await stopped).status, 303)
    assert.equal((await app.asAdmin.api('GET', location)).status, 404)
    const { rows } = await sql`select from batch_person where batch_id = ${json.batch.id}`.execute(app.db)
    assert.equal(rows.length, 0)
  })

  test('one whose process ended says so after a minute without a word', async () => {
    const { location, json } = await upload(`email\n${linesOf(3)}`)
    await until(location, ({ state }) => state === 'draft')
    const heardAt = new Date(app.clock.now().getTime() - 61_000).toISOString()
    await sql`update invitation_batch set state = 'reading', preparing = ${JSON.stringify({
      ...{ heardAt, lines: 2, percent: 66, brokeOff: null },
    })}::jsonb where id = ${json.batch.id}`.execute(app.db)
    const page = await manager.get(`${pages}/${json.batch.id}`)
    assert.match(page.text, /It was cut off under way/)
    assert.doesNotMatch(page.text, /http-equiv="refresh"/)
    assert.match((await manager.get('/services/long/admission')).text, new RegExp(`${json.batch.id}[^]*Not made`))
  })
})
