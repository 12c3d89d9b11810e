import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type Client, type TestApp } from '../../../test/support/app.ts'

const dayMs = 86_400_000

describe('partner organisations', () => {
  let app: TestApp
  let manager: Client
  let client: Client
  const service = '/api/v1/services/permit'
  const page = '/services/permit/partners'
  before(async () => {
    app = await startApp()
    await app.aService({ phase: 'private-beta' })
    manager = await app.signIn('service-manager', 'permit')
    client = await app.signIn('client', 'permit')
  })
  after(() => app.close())

  const today = (daysAgo = 0) => new Date(app.clock.now().getTime() - daysAgo * dayMs).toISOString().slice(0, 10)
  const list = async () => (await client.api('GET', `${service}/partners`)).json
  const criterion = async () => {
    const { criteria } = (await client.api('GET', `${service}/gates/private-beta-to-public-beta`)).json
    return criteria.find(({ id }: { id: string }) => id === 'clients-ready')
  }
  /** Which of its signals keep the gate shut. */
  const blocking = async () => {
    const { missing } = (await client.api('GET', `${service}/gates/private-beta-to-public-beta`)).json
    return missing
      .filter(
        (each: { kind: string; criterion?: string }) => each.kind === 'signal' && each.criterion === 'clients-ready',
      )
      .map(({ signal }: { signal: string }) => signal)
  }
  const shown = async () =>
    (await criterion()).readings.map(
      ({ reading, holds }: { reading: { kind: string; value?: number }; holds: unknown }) => [
        reading.value ?? reading.kind,
        holds,
      ],
    )

  test('OPS-5 an empty page says what to do first, and the gate says “no data”', async () => {
    const { text } = await manager.get(page)
    assert.match(text, /No partner organisation is named yet[\s\S]*Name each one/)
    assert.match(text, /Nothing is logged yet[\s\S]*what surprised them/)
    assert.deepEqual(await shown(), [
      ['no-data', null],
      ['no-data', null],
    ])
    assert.deepEqual(await blocking(), [], 'GATE-23: where none is named the client says so in a name')
    const viewer = await app.signIn('viewer', 'permit')
    assert.doesNotMatch((await viewer.get(page)).text, /<form[^>]*partners/, 'who may not write sees no form')
    assert.equal((await viewer.post(page, { name: 'Wardens', does: 'Check permits' })).status, 403)
  })

  test('OPS-5 each client organisation has a record of its readiness: what is prepared, who of it said so, and when [row 63]', async () => {
    const wrong = await manager.post(page, { name: '', does: 'Check permits in the street' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /Enter the name of the organisation/)
    assert.match(wrong.text, /value="Check permits in the street"/, 'what was typed is still there')
    for (const name of ['Wardens Ltd', 'Housing office'])
      assert.equal((await manager.post(page, { name, does: 'Checks permits in the street' })).status, 303)
    assert.match((await manager.post(page, { name: 'wardens ltd', does: 'Twice' })).text, /on the list already/)
    assert.deepEqual(
      await blocking(),
      ['operations.partners-ready'],
      'GATE-23: one that is not ready stops the opening',
    )
    assert.deepEqual(await shown(), [
      [0, false],
      ['no-data', null],
    ])
    const { partners } = await list()
    const [housing, wardens] = partners
    const say = (id: string, form: Record<string, string>) => client.post(`${page}/${id}/readiness`, form)
    const said = { state: 'partly', prepared: 'Handhelds read the new plates', saidBy: 'W. Arden, head of wardens' }
    const ahead = await say(wardens.id, { ...said, saidOn: today(-1) })
    assert.match(ahead.text, /That day has not come yet/)
    assert.equal((await say(wardens.id, { ...said, saidOn: today(40) })).status, 303)
    assert.deepEqual(await shown(), [
      [0, false],
      ['no-data', null],
    ])
    const ready = { ...said, state: 'ready', prepared: 'Staff at the counter know whom to call' }
    await say(wardens.id, { ...ready, saidOn: today(2) })
    await say(wardens.id, { ...said, state: 'not-yet', saidOn: today(60) })
    await client.api('POST', `${service}/partners/${housing.id}/readiness`, {
      ...ready,
      saidBy: 'H. Ousing',
      saidOn: today(1),
    })
    const { text } = await client.get(page)
    assert.match(text, /Staff at the counter know whom to call[\s\S]*Said by W. Arden, head of wardens/)
    assert.match(text, /2 of 2/)
    assert.deepEqual(
      (await list()).partners[1].readiness.map(({ state, saidOn }: Record<string, string>) => [state, saidOn]),
      [
        ['ready', today(2)],
        ['partly', today(40)],
        ['not-yet', today(60)],
      ],
      'what was said last holds, whenever it was recorded; what was said before stays',
    )
    assert.deepEqual((await shown())[0], [100, true])
    assert.deepEqual(await blocking(), [])
    assert.match(
      (await client.get('/services/permit/gates/private-beta-to-public-beta/criteria/clients-ready')).text,
      /partner organisations have said in the period/,
    )
    const history = (await client.api('GET', `${service}/history`)).text
    assert.match(history, /recorded of Wardens Ltd: ready/)
  })

  test('OPS-6 use that nobody foresaw is logged with who saw it, told to those who adapt, and ends in a response by name [row 63]', async () => {
    const support = await app.signIn('support', 'permit')
    const { partners } = await list()
    const seen = { seen: 'Carers ask for a permit in the name of <b>another</b>', seenBy: 'Counter at Harbour Street' }
    assert.match(
      (await support.post('/services/permit/unexpected-uses', { ...seen, seenOn: 'Monday' })).text,
      /Enter a date/,
    )
    const logged = await support.post('/services/permit/unexpected-uses', {
      ...{ ...seen, seenOn: today(3), partner: partners[0].id },
    })
    assert.equal(logged.status, 303, logged.text)
    assert.match((await client.get('/notices')).text, /in a way that nobody foresaw[\s\S]*Carers ask/)
    assert.deepEqual((await shown())[1], [1, false])
    assert.ok((await blocking()).includes('operations.unexpected-use-open'), 'use without a response stops it, too')
    const [use] = (await list()).unexpectedUses
    assert.deepEqual(
      [use.partner, use.seenBy, use.seenOn, use.response],
      ['Housing office', seen.seenBy, today(3), null],
    )
    const answer = `/services/permit/unexpected-uses/${use.id}/response`
    assert.match((await client.post(answer, { response: '' })).text, /Say what was done about it/)
    assert.equal((await client.post(answer, { response: 'A carer is asked for the letter of care' })).status, 303)
    const { text } = await support.get(page)
    assert.match(text, /in the name of &lt;b&gt;another&lt;\/b&gt;[\s\S]*A carer is asked for the letter of care/)
    const [answered] = (await list()).unexpectedUses
    assert.match(answered.respondedBy, /Example/)
    assert.deepEqual(await shown(), [
      [100, true],
      [0, true],
    ])
  })

  test('OPS-5 readiness ages, and an organisation that is no partner any more is not waited for', async () => {
    app.clock.advance(90 * dayMs)
    manager = await app.signIn('service-manager', 'permit')
    client = await app.signIn('client', 'permit')
    assert.deepEqual((await shown())[0], [0, false], 'nobody has said so in the last 90 days')
    const { partners } = await list()
    const [housing, wardens] = partners
    const ready = { state: 'ready', prepared: 'As before', saidBy: 'H. Ousing', saidOn: today() }
    await client.api('POST', `${service}/partners/${housing.id}/readiness`, ready)
    assert.deepEqual((await shown())[0], [50, false])
    assert.equal((await manager.post(`${page}/${wardens.id}/end`, { because: '' })).status, 422)
    assert.equal((await manager.post(`${page}/${wardens.id}/end`, { because: 'Their contract ended' })).status, 303)
    assert.deepEqual((await shown())[0], [100, true])
    assert.match((await manager.api('GET', `${service}/history`)).text, /Their contract ended/)
    const gone = await client.api('POST', `${service}/partners/${wardens.id}/readiness`, ready)
    assert.equal(gone.status, 404)
    assert.equal((await manager.api('POST', `${service}/partners`, { name: 'Wardens Ltd', does: 'Again' })).status, 201)
  })
})
