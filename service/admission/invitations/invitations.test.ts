import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { startApp, type Answer, type TestApp } from '../../../test/support/app.ts'
import { asForwarded, invited as invitedTo } from '../../../test/support/invited.ts'
import { until } from '../../../test/support/until.ts'
import { aWaitingPerson } from '../../../test/support/waiting.ts'

const dayMs = 86_400_000

function linkIn(text: string): string {
  const found = /http\S+\/invitation\/\S+/.exec(text)?.[0]
  assert.ok(found, 'the mail holds a link')
  return new URL(found).pathname
}

function hiddenNonce(page: Answer): string {
  const found = /name="nonce" value="([^"]+)"/.exec(page.text)?.[1]
  assert.ok(found, 'the page holds a form')
  return found
}

describe('invitations', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  let count = 0
  async function aService() {
    count += 1
    return app.aService({ key: `beta-${count}`, phase: 'private-beta' })
  }

  const invited = (key: string, address = 'a@example.org', more: object = {}): Promise<string> =>
    invitedTo(app, key, address, more)

  /** Mails leave by themselves after a commit; a round may be under way already. */
  async function mailsTo(address: string, more: number): Promise<string[]> {
    const found = () => app.mails.filter(({ to }) => to === address).map(({ text }) => text)
    await until(`${more} mails to ${address}`, () => found().length >= more)
    return found()
  }

  async function admissions(key: string): Promise<any> {
    return (await app.asAdmin.api('GET', `/api/v1/services/${key}/admission`)).json
  }

  test('ADM-16 opening an invitation changes nothing and sets no cookie; the form on it lets the person in', async () => {
    const { key } = await aService()
    const link = await invited(key)
    for (let look = 0; look < 2; look++) {
      const page = await app.asGateway.get(link)
      assert.equal(page.status, 200)
      assert.equal(page.headers.get('set-cookie'), null)
      assert.equal(page.headers.get('x-phasegate-admit'), null)
      assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
    }
    assert.equal((await admissions(key)).invitations.accepted, 0)
    const page = await app.asGateway.get(link)
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: hiddenNonce(page) })
    assert.equal(accepted.status, 303)
    assert.match(accepted.headers.get('x-phasegate-admit') ?? '', /^invited\.[A-Za-z0-9_-]{22}$/)
    const state = await admissions(key)
    assert.deepEqual([state.invitations.accepted, state.byRung.invited, state.places.taken], [1, 1, 1])
  })

  test('ADM-17 of twenty forms sent at once one is accepted, and its repeat within ten minutes gives the same unit', async () => {
    const { key } = await aService()
    const link = await invited(key)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => app.asGateway.post(`${link}/accept`, { nonce: `nonce-${at}` })),
    )
    const units = answers.map((answer) => answer.headers.get('x-phasegate-admit')).filter((unit) => unit !== null)
    assert.equal(units.length, 1)
    const others = answers.filter(({ status }) => status !== 303)
    assert.equal(others.length, 19)
    for (const other of others)
      assert.deepEqual([other.status, other.headings[0]], [409, 'This invitation was already used'])
    const nonce = `nonce-${answers.findIndex(({ status }) => status === 303)}`
    const repeat = await app.asGateway.post(`${link}/accept`, { nonce })
    assert.equal(repeat.headers.get('x-phasegate-admit'), units[0])
    app.clock.advance(10 * 60_000)
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce })).status, 409)
    assert.equal((await admissions(key)).places.taken, 1)
  })

  test('ADM-34 of presses that come at once none has to wait for being counted after one that came later', async () => {
    const { key } = await aService()
    const spent = await invited(key)
    await app.asGateway.post(`${spent}/accept`, { nonce: 'one' })
    for (let n = 0; n < 15; n++) {
      assert.equal((await app.asGateway.post(`${spent}/accept`, { nonce: `other-${n}` })).status, 409)
      app.clock.advance(-2)
    }
    app.clock.advance(30)
  })

  test('ADM-34 a thousand guessed or spent links are made to wait, at both doors, and a link that works never is [promise 36]', async () => {
    const { key } = await aService()
    const link = await invited(key)
    const spent = await invited(key, 'spent@example.org')
    await app.asGateway.post(`${spent}/accept`, { nonce: 'one' })
    const statuses = async (asked: Promise<Answer>[]) => {
      const answers = await Promise.all(asked)
      for (const { status, headers } of answers) if (status === 429) assert.ok(Number(headers.get('retry-after')) > 0)
      return Object.fromEntries(
        [...Map.groupBy(answers, ({ status }) => status)].map(([status, those]) => [status, those.length]),
      )
    }
    const guess = (n: number) => `invitation/${String(n).padStart(43, 'x')}`
    const from = { 'x-forwarded-for': '203.0.113.5' }
    const many = Array.from({ length: 100 }, (_, n) => n)
    const guesses: Record<string, number> = {}
    for (let round = 0; round < 10; round++) {
      const found = await statuses(
        many.map((n) =>
          app.asGateway.get(`/edge/${key}/${guess(round * 100 + n)}`, { ...from, 'user-agent': `No ${n}` }),
        ),
      )
      for (const [status, n] of Object.entries(found)) guesses[status] = (guesses[status] ?? 0) + n
    }
    assert.deepEqual(guesses, { 404: 20, 429: 980 })
    assert.equal((await app.asGateway.post(`/edge/${key}/enter/${'x'.repeat(43)}`, {}, from)).status, 404)
    assert.equal((await app.asGateway.get(`/edge/${key}/enter/${'x'.repeat(43)}`, from)).status, 429)
    assert.equal((await app.asGateway.post(`/edge/${key}/preview/${'x'.repeat(43)}`, {}, from)).status, 429)
    for (const act of ['accept', 'continue', 'new-link'])
      assert.equal((await app.asGateway.post(`/edge/${key}/${guess(1)}/${act}`, {}, from)).status, 429, act)
    const nowhere = 'x'.repeat(43)
    for (const looked of [`waiting/${nowhere}`, `account/${nowhere}`, `code/${nowhere}`])
      assert.equal((await app.asGateway.get(`/edge/${key}/${looked}`, from)).status, 429, looked)
    for (const act of [
      `waiting/${nowhere}/confirm`,
      `waiting/${nowhere}/withdraw`,
      `account/${nowhere}/accept`,
      'code',
    ])
      assert.equal((await app.asGateway.post(`/edge/${key}/${act}`, {}, from)).status, 429, act)
    const used = many.map((n) => app.asGateway.post(`${spent}/accept`, { nonce: `other-${n}` }, from))
    assert.deepEqual(await statuses(used), { 409: 20, 429: 80 })
    const forged = (n: number) => ({ 'x-forwarded-for': `203.0.113.${n}` })
    const atLinkDoor = many.map((n) => app.get(`/go/${key}/${guess(n)}`, forged(n)))
    assert.deepEqual(await statuses(atLinkDoor), { 404: 20, 429: 80 })
    const opened = await app.asGateway.get(link, from)
    assert.equal(opened.status, 200)
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: hiddenNonce(opened) }, from)
    assert.match(accepted.headers.get('x-phasegate-admit') ?? '', /^invited/)
    app.clock.advance(3_600_001)
  })

  test('ADM-18 the link opened elsewhere offers to continue there: the same unit, one place, at most five devices', async () => {
    const { key } = await aService()
    const link = await invited(key)
    const first = await app.asGateway.post(`${link}/accept`, { nonce: 'one' })
    const unit = first.headers.get('x-phasegate-admit')
    const page = await app.asGateway.get(link)
    assert.deepEqual([page.status, page.headings[0]], [200, 'Continue on this device'])
    assert.equal(
      (await app.asGateway.get(link, { 'x-phasegate-unit': String(unit).split('.')[1] ?? '' })).headings[0],
      'You take part already',
    )
    for (let device = 2; device <= 5; device++) {
      const next = await app.asGateway.post(`${link}/continue`, {}, { 'user-agent': 'Mozilla/5.0 (iPhone) Safari/605' })
      assert.equal(next.headers.get('x-phasegate-admit'), unit)
    }
    const sixth = await app.asGateway.post(`${link}/continue`)
    assert.deepEqual([sixth.status, sixth.headings[0]], [409, 'You use the beta on five devices already'])
    const state = await admissions(key)
    assert.deepEqual([state.places.taken, state.peopleIn], [1, 1])
    const person = await app.asAdmin.api('GET', `/api/v1/services/${key}/people/a@example.org`)
    assert.equal(person.json.devices.length, 5)
    assert.ok(person.json.devices.some(({ name }: { name: string }) => name === 'Safari on iPhone'))
  })

  test('ADM-12 ADM-18 whoever went back to the current service and continues elsewhere is in again, everywhere', async () => {
    const { key } = await aService()
    const link = await invited(key, 'back@example.org')
    const unit = (await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).headers
      .get('x-phasegate-admit')
      ?.split('.')[1]
    const variant = async (): Promise<string> => {
      await admissions(key)
      const asked = await app.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey: unit } })
      return asked.json.variant
    }
    const choice = { service: key, unit, kind: 'choice', value: 'current', at: app.clock.now().toISOString() }
    await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports: [choice] })
    assert.equal(await variant(), 'current')
    assert.equal((await app.asGateway.post(`${link}/continue`)).status, 303)
    assert.equal(await variant(), 'new')
  })

  test('ADM-18 all devices can be signed out: old passes end, the person and the place stay', async () => {
    const { key } = await aService()
    const link = await invited(key, 'out@example.org')
    const before = (await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).headers
      .get('x-phasegate-admit')
      ?.split('.')[1]
    const manager = await app.signIn('service-manager', key)
    const page = await manager.get(`/services/${key}/admission?who=out@example.org`)
    assert.match(page.text, /Sign all devices out/)
    assert.equal((await manager.post(`/services/${key}/admission/devices`, { person: 'out@example.org' })).status, 303)
    const state = await admissions(key)
    assert.deepEqual([state.places.taken, state.byRung.invited], [1, 1])
    const old = await app.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey: before } })
    assert.deepEqual([old.json.variant, old.json.metadata.rung], ['current', 'removed'])
    const again = (await app.asGateway.post(`${link}/continue`)).headers.get('x-phasegate-admit')?.split('.')[1]
    assert.notEqual(again, before)
    const now = await app.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey: again } })
    assert.equal(now.json.variant, 'new')
  })

  test('ADM-17 a new link goes to the invited address only, and the one before it ends', async () => {
    const { key } = await aService()
    const link = await invited(key, 'new-link@example.org')
    await app.asGateway.post(`${link}/accept`, { nonce: 'one' })
    app.clock.advance(3 * 60_000)
    const before = (await mailsTo('new-link@example.org', 1)).length
    const sent = await app.asGateway.post(`${link}/new-link`, { address: 'somebody-else@example.org' })
    assert.equal(sent.headings[0], 'Look into your mail')
    const mails = await mailsTo('new-link@example.org', before + 1)
    assert.equal(mails.length, before + 1)
    assert.equal(
      app.mails.some(({ to }) => to === 'somebody-else@example.org'),
      false,
    )
    assert.equal((await app.asGateway.get(link)).headings[0], 'There is a newer link')
    const newer = asForwarded(linkIn(mails.at(-1) ?? ''))
    assert.equal((await app.asGateway.get(newer)).headings[0], 'Continue on this device')
    assert.equal((await app.asGateway.post(`${newer}/new-link`)).status, 200)
    await app.phasegate.platform.mail.deliverDue()
    assert.equal((await mailsTo('new-link@example.org', 0)).length, before + 1, 'not a second mail within two minutes')
  })

  test('ADM-15 an invitation holds its place until it runs out, and then says so', async () => {
    const { key } = await aService()
    await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap: 1 })
    const link = await invited(key)
    const second = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, {
      addresses: ['b@example.org'],
    })
    assert.deepEqual([second.status, second.json.code], [409, 'cap-reached'])
    app.clock.advance(14 * dayMs)
    const late = await app.asGateway.get(link)
    assert.deepEqual([late.status, late.headings[0]], [410, 'This invitation has run out'])
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).status, 410)
    await invited(key, 'b@example.org')
    assert.deepEqual((await admissions(key)).places, { cap: 1, taken: 0, held: 1, free: 0 })
  })

  test('ADM-15 more people than places are invited only when that is chosen, and the mail says that places are limited', async () => {
    const { key } = await aService()
    await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap: 1 })
    const addresses = ['c@example.org', 'd@example.org']
    const refused = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, { addresses })
    assert.equal(refused.json.code, 'cap-reached')
    const chosen = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, { addresses, overInvite: true })
    assert.equal(chosen.status, 201)
    const links: string[] = []
    for (const address of addresses) {
      const [mail = ''] = await mailsTo(address, 1)
      assert.match(mail, /Places are limited/)
      links.push(asForwarded(linkIn(mail)))
    }
    assert.equal((await app.asGateway.post(`${links[0]}/accept`, { nonce: 'n' })).status, 303)
    const late = await app.asGateway.post(`${links[1]}/accept`, { nonce: 'n' })
    assert.deepEqual([late.status, late.headings[0]], [409, 'The beta is full'])
    assert.match(late.text, /waiting/)
  })

  test('ADM-17 sending again ends the older link; a withdrawn or forged link says so', async () => {
    const { key } = await aService()
    const link = await invited(key, 'resent@example.org')
    const [{ id }] = (await app.asAdmin.api('GET', `/api/v1/services/${key}/invitations`)).json.invitations
    const again = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations/${id}/resend`)
    assert.equal(again.status, 200)
    assert.equal((await app.asGateway.get(link)).headings[0], 'There is a newer link')
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).status, 410)
    const newer = asForwarded(linkIn((await mailsTo('resent@example.org', 2)).at(-1) ?? ''))
    assert.equal(
      asForwarded(linkIn(again.json.link)),
      newer,
      'a key that hands links out by itself is told the new one',
    )
    assert.equal((await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations/${id}/revoke`)).status, 204)
    assert.equal((await app.asGateway.get(newer)).headings[0], 'This invitation was withdrawn')
    assert.equal((await app.asGateway.post(`${newer}/accept`, { nonce: 'n' })).status, 410)
    assert.equal(
      (await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations/${id}/resend`)).json.code,
      'invitation-not-open',
    )
    const forged = await app.asGateway.get(`/edge/${key}/invitation/${'x'.repeat(43)}`)
    assert.deepEqual([forged.status, forged.headings[0]], [404, 'This link does not lead to an invitation'])
  })

  test('ADM-17 an invitation that is sent again lives as long as it did before', async () => {
    const { key } = await aService()
    const at = `/api/v1/services/${key}/invitations`
    const [{ id }] = (await app.asAdmin.api('POST', at, { addresses: ['short@example.org'], days: 3 })).json.results
    app.clock.advance(86_400_000)
    const { json } = await app.asAdmin.api('POST', `${at}/${id}/resend`)
    assert.equal(Date.parse(json.expiresAt) - app.clock.now().getTime(), 3 * 86_400_000)
    app.clock.advance(-86_400_000)
  })

  test('ADM-15 every line gets its result, and nobody is invited twice', async () => {
    const { key } = await aService()
    await invited(key, 'e@example.org')
    const manager = await app.signIn('service-manager', key)
    const answer = await manager.post(`/services/${key}/admission/invitations`, {
      addresses: 'e@example.org\nF. Example <f@example.org>\nnot an address\nF@example.org',
      cohort: 'Drivers',
    })
    assert.equal(answer.status, 200)
    assert.equal(answer.headings.includes('1 person invited'), true)
    for (const words of ['Holds an invitation', 'Invited', 'Not an email address', 'Stands in the list twice'])
      assert.ok(answer.text.includes(words), words)
    const { cohorts, invitations } = await admissions(key)
    assert.deepEqual([cohorts, invitations.open], [[{ name: 'Drivers', invited: 1, accepted: 0 }], 2])
  })

  test('ADM-16 no token and no address stands in the history', async () => {
    const { key } = await aService()
    const link = await invited(key, 'secret-person@example.org')
    await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    const { text } = await app.asAdmin.api('GET', `/api/v1/services/${key}/history`)
    assert.match(text, /accepted an invitation/)
    assert.doesNotMatch(text, /secret-person/)
    assert.equal(text.includes(link.split('/').at(-1) ?? ''), false)
  })

  test('ADM-2 nobody is invited before the phase allows it', async () => {
    await app.aService({ key: 'early', phase: 'prototyping' })
    const refused = await app.asAdmin.api('POST', '/api/v1/services/early/invitations', {
      addresses: ['a@example.org'],
    })
    assert.deepEqual([refused.status, refused.json.code], [409, 'above-ceiling'])
  })

  test('ADM-19 two hundred accept at once against a cap of one hundred: exactly one hundred are in', async () => {
    const { key } = await aService()
    await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap: 100 })
    const addresses = Array.from({ length: 200 }, (_, at) => `many-${at}@example.org`)
    const sent = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, { addresses, overInvite: true })
    const links = sent.json.results.map(({ link }: { link: string }) => asForwarded(new URL(link).pathname))
    const answers = await Promise.all(links.map((link: string) => app.asGateway.post(`${link}/accept`, { nonce: 'n' })))
    assert.equal(answers.filter(({ status }) => status === 303).length, 100)
    assert.equal(
      answers.filter(({ status, headings }) => status === 409 && headings[0] === 'The beta is full').length,
      100,
    )
    const state = await admissions(key)
    assert.deepEqual([state.places.taken, state.byRung.invited], [100, 100])
  })

  test('ADM-20 leaving frees the place and removing takes a person out by name', async () => {
    const { key } = await aService()
    const link = await invited(key, 'g@example.org')
    const unit = (await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).headers
      .get('x-phasegate-admit')
      ?.split('.')[1]
    const at = app.clock.now().toISOString()
    await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports: [{ service: key, unit, kind: 'left', at }] })
    assert.equal((await admissions(key)).places.taken, 0)
    await aWaitingPerson(app, key, 'g@example.org')
    const again = await invited(key, 'g@example.org')
    assert.equal((await app.asGateway.post(`${again}/accept`, { nonce: 'm' })).status, 303)
    assert.equal((await admissions(key)).places.taken, 1)
    const manager = await app.signIn('service-manager', key)
    const removed = await manager.post(`/services/${key}/admission/removals`, {
      person: 'g@example.org',
      removalReason: 'Asked by the client',
    })
    assert.equal(removed.status, 303)
    const person = await app.asAdmin.api('GET', `/api/v1/services/${key}/people/g@example.org`)
    assert.deepEqual([person.json.decision.variant, person.json.decision.rung], ['current', 'removed'])
    assert.equal((await admissions(key)).places.taken, 0)
    const unknown = await app.asAdmin.api('POST', `/api/v1/services/${key}/removals`, {
      who: 'nobody@example.org',
      reason: 'x',
    })
    assert.deepEqual([unknown.status, unknown.json.code], [404, 'person-unknown'])
  })

  test('ADM-15 the waiting list is invited in its order', async () => {
    const { key } = await aService()
    for (const email of ['w1@example.org', 'w2@example.org', 'w1@example.org']) {
      app.clock.advance(1000)
      await aWaitingPerson(app, key, email)
    }
    const wrong = await app.asGateway.post(`/edge/${key}/waiting`, { email: 'nothing' })
    assert.deepEqual([wrong.status, wrong.headings[0]], [422, 'There is a problem'])
    assert.equal((await admissions(key)).waiting, 2)
    const next = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations/waiting`, { count: 1 })
    assert.deepEqual(
      next.json.results.map(({ line, outcome }: { line: string; outcome: string }) => [line, outcome]),
      [['w1@example.org', 'invited']],
    )
    const { waiting } = await admissions(key)
    assert.equal(waiting, 1)
  })

  test('ADM-51 whoever may invite but not see people is told no address, by no page and no API', async () => {
    const { key } = await aService()
    for (const email of ['hidden-1@example.org', 'hidden-2@example.org', 'hidden-3@example.org']) {
      app.clock.advance(1000)
      await aWaitingPerson(app, key, email)
    }
    const at = `/api/v1/services/${key}`
    const invited = await app.asAdmin.api('POST', `${at}/invitations`, { addresses: ['hidden-0@example.org'] })
    const growth = await app.signIn('growth', key)
    const { id } = invited.json.results[0]
    const draw = { name: 'First', method: 'first-come', count: { people: 1 } }
    const drawn = await growth.api('POST', `${at}/batches`, draw)
    assert.deepEqual([drawn.status, drawn.json.counts, drawn.json.people], [201, { queued: 1 }, null], drawn.text)
    const list = await fetch(`${app.url}${at}/batches/list?name=A`, {
      ...{ method: 'POST', headers: { ...growth.headers, 'content-type': 'text/csv' } },
      body: 'email\nlisted@example.org\n',
    })
    const next = await growth.api('POST', `${at}/invitations/waiting`, { count: 1 })
    assert.deepEqual([next.json.results[0].outcome, next.json.results[0].line], ['invited', null])
    const shown = [
      drawn.text,
      await list.text(),
      next.text,
      (await growth.api('GET', `${at}/invitations`)).text,
      (await growth.api('POST', `${at}/invitations/${id}/resend`)).text,
      (await growth.get(`/services/${key}/admission`)).text,
      (await growth.get(`/services/${key}/admission/batches/${drawn.json.batch.id}`)).text,
    ]
    for (const text of shown) assert.doesNotMatch(text, /(hidden-\d|listed)@/)
    const asked = (await growth.get(`/services/${key}/admission?who=hidden-0@example.org`)).text
    assert.match(asked, /your role does not see addresses/)
    assert.doesNotMatch(asked, /Open, not accepted yet/)
    const manager = await app.signIn('service-manager', key)
    assert.match((await manager.get(`/services/${key}/admission`)).text, /hidden-0@example\.org/)
    assert.match(
      (await manager.get(`/services/${key}/admission?who=hidden-0@example.org`)).text,
      /Open, not accepted yet/,
    )
  })

  test('ADM-15 open invitations stand first, the newest of them first, be they few or thousands', async () => {
    const { id, key } = await app.aService({ key: 'many', phase: 'private-beta' })
    const listed = async (): Promise<string[]> => {
      const { json } = await app.asAdmin.api('GET', `/api/v1/services/${key}/invitations`)
      return json.invitations.map(({ address }: { address: string }) => address)
    }
    const send = (name: string, count: number, state: string, sentAt: string) =>
      sql`insert into invitation (service_id, address, state, holds_place, sent_at, sent_by, expires_at)
        select ${id}::uuid, ${name} || n, ${state}, false, ${sentAt}::timestamptz - n * interval '1 second', 'Test',
          ${app.clock.now()}::timestamptz + interval '1 day' from generate_series(1, ${count}::int) n`.execute(app.db)
    await send('old@', 2, 'sent', '2026-11-01T00:00:00Z')
    await send('ended@', 3, 'revoked', '2026-11-10T00:00:00Z')
    assert.deepEqual((await listed()).slice(0, 5), ['old@1', 'old@2', 'ended@1', 'ended@2', 'ended@3'])
    await send('new@', 5_001, 'sent', '2026-11-05T00:00:00Z')
    const many = await listed()
    assert.deepEqual(many.slice(0, 3), ['new@1', 'new@2', 'new@3'])
    assert.ok(many.every((address) => address.startsWith('new@')))
  })

  test('ADM-15 whoever is not invited by the waiting list stays on it', async () => {
    const { key } = await aService()
    const at = `/api/v1/services/${key}`
    for (const email of ['stays-1@example.org', 'stays-2@example.org', 'stays-3@example.org']) {
      app.clock.advance(1000)
      await aWaitingPerson(app, key, email)
    }
    await app.asAdmin.api('POST', `${at}/not-invited`, { address: 'stays-1@example.org' })
    const two = await Promise.all([1, 2].map(() => app.asAdmin.api('POST', `${at}/invitations/waiting`, { count: 1 })))
    assert.deepEqual(
      two
        .map(({ json }) => json.results.map(({ line }: { line: string }) => line))
        .flat()
        .toSorted(),
      ['stays-2@example.org', 'stays-3@example.org'],
    )
    const { people } = (await app.asAdmin.api('GET', `${at}/waiting-list/people`)).json
    assert.deepEqual(
      people.map(({ state }: { state: string }) => state),
      ['applied', 'invited', 'invited'],
    )
  })

  test('Invitations go out as CSV that holds no formula', async () => {
    const { key } = await aService()
    await invited(key, '=a@example.org', { cohort: '+Group' })
    const { text } = await app.asAdmin.get(`/services/${key}/admission/invitations.csv`)
    assert.match(text, /'=a@example\.org,'\+Group,sent,/)
    const viewer = await app.signIn('viewer', key)
    assert.equal((await viewer.get(`/services/${key}/admission/invitations.csv`)).status, 403)
  })
})
