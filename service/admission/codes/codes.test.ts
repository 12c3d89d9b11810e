import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Client, type TestApp } from '../../../test/support/app.ts'

describe('codes', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  let count = 0
  async function aService(phase: 'private-beta' | 'prototyping' = 'private-beta'): Promise<string> {
    count += 1
    return (await app.aService({ key: `code-${count}`, phase })).key
  }

  const api = (key: string) => `/api/v1/services/${key}`

  async function shared(key: string, more: object = {}): Promise<{ id: string; code: string }> {
    const { status, json, text } = await app.asAdmin.api('POST', `${api(key)}/codes`, {
      ...{ name: 'A poster', mostUses: 3, ...more },
    })
    assert.equal(status, 201, text)
    return json
  }

  const enter = (key: string, code: string, nonce: string, as: Client = app.asGateway) =>
    as.post(`/edge/${key}/code`, { code, nonce }, { 'x-forwarded-for': `192.0.2.${count % 250}` })
  const unitOf = ({ headers }: { headers: Headers }) => headers.get('x-phasegate-admit')
  const admissions = async (key: string) => (await app.asAdmin.api('GET', `${api(key)}/admission`)).json

  test('ADM-49 a shared code lets in as many as it was made for, however many try at once', async () => {
    const key = await aService()
    const { code } = await shared(key)
    const looked = await app.asGateway.get(`/edge/${key}/code`)
    assert.equal(looked.headers.get('x-phasegate-admit'), null)
    const beside = await startApp({ beside: app, clock: app.clock })
    try {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          enter(key, code, `n${at}`, at % 2 === 0 ? app.asGateway : beside.asGateway),
        ),
      )
      assert.equal(answers.filter((answer) => unitOf(answer) !== null).length, 3)
      const { places, byRung } = await admissions(key)
      assert.deepEqual([places.taken, byRung.invited], [3, 3])
    } finally {
      await beside.close()
    }
  })

  test('ADM-49 a code of a letter works once; the same form again within ten minutes is the same act', async () => {
    const key = await aService()
    const made = await app.asAdmin.api('POST', `${api(key)}/codes/letters`, {
      names: ['Household 17'],
      cohort: 'Letters',
    })
    const [{ code }] = made.json.codes
    const first = await enter(key, code.toLowerCase().replaceAll(' ', '-'), 'one')
    assert.match(unitOf(first) ?? '', /^invited\.[\w-]{22}$/)
    assert.equal(unitOf(await enter(key, code, 'one')), unitOf(first))
    const other = await enter(key, code, 'two')
    assert.deepEqual([other.status, other.headings[0]], [410, 'This code was used already'])
    app.clock.advance(11 * 60_000)
    assert.equal((await enter(key, code, 'one')).status, 410)
    assert.equal((await admissions(key)).places.taken, 1)
  })

  test('ADM-19 codes and the cap: what is full is full, and the code is not used up by it', async () => {
    const key = await aService()
    await app.asAdmin.api('PUT', `${api(key)}/cap`, { cap: 1 })
    const { code, id } = await shared(key)
    assert.equal((await enter(key, code, 'a')).status, 303)
    const full = await enter(key, code, 'b')
    assert.deepEqual([full.status, full.headings[0]], [409, 'The beta is full'])
    const { codes } = (await app.asAdmin.api('GET', `${api(key)}/codes`)).json
    assert.equal(codes.find((each: { id: string }) => each.id === id).used, 1)
  })

  test('ADM-49 a code for one organisation asks for an address there, and a mail proves it', async () => {
    const key = await aService()
    const { code } = await shared(key, { domain: 'example.org', isStaff: true })
    const asked = await enter(key, code, 'n')
    assert.equal(asked.headings[0], 'Your email address')
    const wrong = await app.asGateway.post(`/edge/${key}/code/mail`, { code, email: 'a@example.com' })
    assert.equal(wrong.status, 422)
    await app.asGateway.post(`/edge/${key}/code/mail`, { code, email: 'anna@example.org' })
    await app.phasegate.platform.mail.deliverDue()
    const mail = app.mails.findLast(({ to }) => to === 'anna@example.org')
    assert.equal(
      app.mails.some(({ to }) => to === 'a@example.com'),
      false,
    )
    const link = new URL(/http\S+\/code\/\S+/.exec(mail?.text ?? '')?.[0] ?? '').pathname.replace('/go/', '/edge/')
    assert.equal((await app.asGateway.get(link)).status, 200)
    const entered = await app.asGateway.post(link, { nonce: 'x' })
    assert.match(unitOf(entered) ?? '', /^staff\./)
    const again = await app.asGateway.post(link, { nonce: 'y' })
    assert.equal(unitOf(again), unitOf(entered), 'the same person on another device')
    const { byRung, places } = await admissions(key)
    assert.deepEqual([byRung.staff, places.taken], [1, 0])
    const none = await app.asAdmin.api('POST', `${api(key)}/codes`, { name: 'x', mostUses: 3, isStaff: true })
    assert.equal(none.status, 400)
  })

  test('ADM-49 a code that was withdrawn or ran out says so, and guesses are slowed down [promise 36]', async () => {
    const key = await aService()
    const { code, id } = await shared(key)
    assert.equal((await app.asAdmin.api('DELETE', `${api(key)}/codes/${id}`)).status, 204)
    assert.equal((await enter(key, code, 'n')).headings[0], 'This code was withdrawn')
    const late = await shared(key, { days: 1 })
    app.clock.advance(2 * 86_400_000)
    assert.equal((await enter(key, late.code, 'n')).headings[0], 'This code has run out')
    const statuses = []
    for (let guess = 0; guess < 25; guess++) {
      const headers = { 'x-forwarded-for': '198.51.100.7' }
      const code = `2222 2222 22${guess.toString().padStart(2, '2').replaceAll(/[01]/g, '3')}`
      statuses.push((await app.asGateway.post(`/edge/${key}/code`, { code }, headers)).status)
    }
    assert.equal(statuses[0], 404)
    assert.equal(statuses.at(-1), 429)
    const good = await shared(key)
    assert.equal(
      (
        await app.asGateway.post(
          `/edge/${key}/code`,
          { code: good.code, nonce: 'z' },
          { 'x-forwarded-for': '198.51.100.7' },
        )
      ).status,
      303,
      'a code that works does not wait',
    )
  })

  test('ADM-49 codes are told once: neither the page, the API nor the database can tell them again', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    const made = await manager.post(`/services/${key}/admission/codes/letters`, {
      ...{ names: 'A. Example\nB. Example', cohort: '', days: '28' },
    })
    const codes = [...made.text.matchAll(/class="pg-readout">([^<]+)</g)].map(([, code]) => code ?? '')
    assert.equal(codes.length, 2)
    assert.match(made.text, /\/go\/code-\d+\/code/)
    const page = await manager.get(`/services/${key}/admission/codes`)
    const listed = await app.asAdmin.api('GET', `${api(key)}/codes`)
    const { rows } = await sql`select * from invitation_code`.execute(app.db)
    for (const code of codes)
      for (const text of [page.text, listed.text, JSON.stringify(rows)])
        assert.ok(!text.includes(code) && !text.includes(code.replaceAll(' ', '')))
    assert.equal((await enter(key, codes[0] ?? '', 'n')).status, 303)
  })

  test('ADM-49 a link of a code that is no longer good leads to where the code is entered', async () => {
    const key = await aService()
    const { status, text } = await app.asGateway.get(`/edge/${key}/code/not-a-link`)
    assert.equal(status, 404)
    assert.match(text, /\/code">Enter the code</)
  })

  test('A name that is too long among others stands beside the names, and the summary leads there', async () => {
    const key = await aService()
    const manager = await app.signIn('service-manager', key)
    const sent = await manager.post(`/services/${key}/admission/codes/letters`, {
      ...{ names: `A. Example\n${'x'.repeat(101)}`, cohort: '', days: '28' },
    })
    assert.equal(sent.status, 422)
    assert.match(sent.text, /<a href="#names">Each name must be 100 characters or fewer/)
    assert.match(sent.text, /id="names-error"/)
  })

  test('ADM-2 a code lets nobody in above the phase', async () => {
    const key = await aService('prototyping')
    const made = await app.asAdmin.api('POST', `${api(key)}/codes`, { name: 'Early', mostUses: 3 })
    assert.deepEqual([made.status, made.json.code], [409, 'above-ceiling'])
  })
})
