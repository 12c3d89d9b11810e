import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../test/support/app.ts'
import { visitor } from '../../test/support/visitor.ts'

const newUrl = 'https://new.example.org/'
const currentUrl = 'https://current.example.org/'

interface Rung {
  rung: string
  people: number | null
  carried: number
  counts: boolean
  opensWith: string | null
}

describe('the ladder of who gets in, and its ledger', () => {
  let app: TestApp
  before(async () => {
    app = await startApp({ env: { TRUSTED_PROXIES: '127.0.0.1' } })
  })
  after(() => app.close())

  const api = async (method: string, path: string, body?: unknown) => {
    const answer = await app.asAdmin.api(method, `/api/v1/services/${path}`, body)
    assert.ok(answer.status < 300, answer.text)
    return answer.json
  }
  const ladder = async (key: string): Promise<Map<string, Rung>> => {
    const { rungs } = await api('GET', `${key}/ladder`)
    return new Map(rungs.map((rung: Rung) => [rung.rung, rung]))
  }
  const settle = async (key: string): Promise<void> => {
    await api('GET', `${key}/admission`)
  }

  test('ADM-50 every rung stands on the page in the order of the decision, with what counts and from which phase on', async () => {
    await app.aService({ key: 'private', phase: 'private-beta', newUrl, currentUrl })
    const { rungs, ceiling } = await api('GET', 'private/ladder')
    assert.equal(ceiling, 'invited')
    assert.deepEqual(
      rungs.map(({ rung }: Rung) => rung),
      ['halt', 'removed', 'choice', 'preview', 'staff', 'invited', 'join', 'rules', 'share', 'default'],
    )
    assert.deepEqual(
      rungs.filter(({ counts }: Rung) => !counts).map(({ rung, opensWith }: Rung) => [rung, opensWith]),
      [
        ['halt', null],
        ['join', 'Public beta'],
        ['rules', 'Public beta'],
        ['share', 'Public beta'],
        ['default', 'Live'],
      ],
    )
    const manager = await app.signIn('service-manager', 'private')
    const page = await manager.get('/services/private/admission')
    assert.equal(page.headings[1], 'Invite people', 'the first thing on the page')
    const names = page.headings.slice(page.headings.indexOf('The ladder') + 1)
    assert.match(names[0] ?? '', /^Halt/)
    assert.match(names[9] ?? '', /^Everybody else/)
    for (const target of ['#invite', '#previews', '#share', '#why', '#halt'])
      assert.ok(page.text.includes(`href="${target}"`) && page.text.includes(`id="${target.slice(1)}"`), target)
  })

  test('ADM-50 split and the separate link are both counted on the ladder, and who went back stands there [row 176]', async () => {
    await app.aService({ key: 'split', phase: 'public-beta', door: 'link', newUrl, currentUrl })
    await api('PUT', 'split/share', { percent: 50 })
    const people = Array.from({ length: 40 }, () => visitor(app.url))
    const into: typeof people = []
    for (const person of people) if ((await person.step(`${app.url}/go/split`)).location === newUrl) into.push(person)
    assert.ok(into.length > 2 && into.length < 38, `${into.length} of 40`)
    await api('PUT', 'split/joining', { open: true })
    const outside = people.filter((person) => !into.includes(person)).slice(0, 2)
    for (const person of outside) {
      await person.send(`${app.url}/go/split/choice`, { arm: 'new' })
      assert.equal((await person.step(`${app.url}/go/split`)).location, newUrl)
    }
    await settle('split')
    let rungs = await ladder('split')
    assert.deepEqual([rungs.get('share')?.people, rungs.get('join')?.people], [into.length, 2])
    await into[0]?.send(`${app.url}/go/split/choice`, { arm: 'current' })
    await settle('split')
    rungs = await ladder('split')
    assert.deepEqual([rungs.get('choice')?.people, rungs.get('share')?.people], [1, into.length - 1])
  })

  test('ADM-3 whoever a larger share let in is carried when it shrinks, is shown so, and is nobody new when it grows', async () => {
    const share = async (percent: number) => api('PUT', 'split/share', { percent })
    const before = (await ladder('split')).get('share')
    assert.equal(before?.carried, 0)
    await share(0)
    const shrunk = (await ladder('split')).get('share')
    assert.deepEqual([shrunk?.people, shrunk?.carried], [before?.people, before?.people])
    const manager = await app.signIn('service-manager', 'split')
    assert.match(
      (await manager.get('/services/split/admission/ledger?carried=yes')).text,
      /Kept in from an earlier share/,
    )
    await share(50)
    assert.equal((await ladder('split')).get('share')?.carried, 0)
  })

  test('ADM-51 the ledger tells of one person when, by which rung and by whom, and every change after', async () => {
    const manager = await app.signIn('service-manager', 'private')
    const sent = await api('POST', 'private/invitations', { addresses: ['one@example.org'] })
    const path = new URL(sent.results[0].link).pathname.replace('/go/', '/edge/')
    const accepted = await app.asGateway.post(`${path.replace('/.phasegate/', '/edge/private/')}/accept`, {
      nonce: 'n',
    })
    assert.ok(accepted.status < 400, accepted.text)
    await settle('private')
    const { admissions } = await api('GET', 'private/ledger')
    const { unit } = admissions[0]
    assert.deepEqual([admissions[0].rung, admissions[0].address], ['invited', 'one@example.org'])
    app.clock.advance(60_000)
    await api('POST', `private/people/${unit}/sign-out`)
    app.clock.advance(60_000)
    await api('POST', 'private/removals', { who: 'one@example.org', reason: 'Asked to go' })
    const { events } = await api('GET', 'private/ledger/one@example.org')
    assert.deepEqual(
      events.map(({ kind }: { kind: string }) => kind),
      ['invited', 'let-in', 'let-in', 'ended', 'removed', 'ended', 'removed'],
    )
    assert.deepEqual(await api('GET', `private/ledger/${unit}`), { events }, 'by any reference that the person had')
    const page = await manager.get('/services/private/admission/ledger?who=one@example.org')
    assert.match(page.text, /Let in<\/b> by invitation/)
    assert.match(page.text, /Asked to go/)
  })

  test('ADM-51 whoever may not see people finds references and no address', async () => {
    const viewer = await app.signIn('viewer', 'private')
    const list = await viewer.get('/services/private/admission/ledger')
    assert.equal(list.status, 200)
    assert.ok(!list.text.includes('one@example.org'))
    const { admissions } = (await viewer.api('GET', '/api/v1/services/private/ledger')).json
    assert.ok(admissions.length > 0 && admissions.every(({ address }: { address: null }) => address === null))
    const asked = await viewer.get('/services/private/admission/ledger?who=one@example.org')
    assert.match(asked.text, /your role does not see addresses/)
    assert.equal((await viewer.api('GET', '/api/v1/services/private/ledger/one@example.org')).status, 403)
    const byReference = await viewer.get(`/services/private/admission/ledger?who=${admissions[0].unit}`)
    assert.match(byReference.text, /Let in<\/b>/)
  })
})
