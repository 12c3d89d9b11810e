import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { anotherProcess } from '../../../../test/support/another-process.ts'
import { client, startApp, type Client, type TestApp } from '../../../../test/support/app.ts'

const isIn = async (person: Client): Promise<boolean> => (await person.get('/account')).status === 200

/** The links in the mails to this address, oldest first, once there are so many. */
async function linksTo(app: TestApp, to: string, count: number): Promise<string[]> {
  for (;;) {
    const found = app.mails.flatMap((mail) =>
      mail.to === to ? (/(\/sign-in\/link\/[\w-]+)/.exec(mail.text)?.[1] ?? []) : [],
    )
    if (found.length >= count) return found
    await app.phasegate.platform.mail.deliverDue()
    await pause(5)
  }
}

/** Whoever the owner invites: the path of the account's page. */
async function invite(owner: Client, email: string, installation = 'member'): Promise<string> {
  const answer = await owner.post('/accounts', { name: 'Z. Example', email, installation })
  assert.equal(answer.status, 303, answer.text)
  return (answer.location ?? '').split('?')[0] ?? ''
}

async function openStream(person: Client, base: string) {
  const request = httpRequest(new URL('/services/permit/live', base), { headers: person.headers })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  response.resume()
  return { ended: once(response, 'close') }
}

describe('accounts of others', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
    await app.aService()
  })
  after(() => app.close())

  test('ACC-15 an owner invites a colleague by address, who joins by the link and is seen to have been here', async () => {
    const owner = await app.signIn('owner')
    const page = await invite(owner, 'new@example.org')
    assert.match((await owner.get(page)).text, /Invited/)
    const [link = ''] = await linksTo(app, 'new@example.org', 1)
    assert.match(app.mails.find(({ to }) => to === 'new@example.org')?.text ?? '', /works once, until 4 December 2026/)
    const joined = await app.post(link, { name: 'New Colleague', password: '' })
    assert.equal(joined.status, 303, joined.text)
    const after = await owner.get(page)
    assert.deepEqual(after.headings[0], 'New Colleague')
    assert.doesNotMatch(after.text, /Invited|Never/)
    assert.match((await owner.get('/accounts?search=new@')).text, /One account with/)
  })

  test('ACC-15 an invitation that is sent again kills the old link, and one that ran out says so', async () => {
    const owner = await app.signIn('owner')
    const page = await invite(owner, 'again@example.org')
    assert.equal((await owner.post(`${page}/invitation`)).status, 303)
    const [old = '', fresh = ''] = await linksTo(app, 'again@example.org', 2)
    assert.equal((await app.get(old)).status, 410)
    assert.equal((await app.get(fresh)).status, 200)
    app.clock.advance(15 * 86_400_000)
    const late = await app.get(fresh)
    assert.equal(late.status, 410)
    assert.match(late.text, /This invitation ran out on 4 December 2026/)
    const someone = await app.signIn('owner')
    assert.match((await someone.get(page)).text, /Invitation ran out/)
  })

  test('ACC-15 an address that has an account is not invited twice, and the form keeps what was typed', async () => {
    const owner = await app.signIn('owner')
    const answer = await owner.post('/accounts', { name: 'Twice', email: owner.account.email })
    assert.equal(answer.status, 422)
    assert.match(answer.text, /has an account already/)
    assert.match(answer.text, /value="Twice"/)
  })

  test('ACC-16 an owner makes owners and members, and whoever has less right than before is signed out [promise 26]', async () => {
    const owner = await app.signIn('owner')
    const other = await app.signIn('developer', 'permit')
    const path = `/accounts/${other.account.id}`
    assert.equal((await other.get('/accounts')).status, 403)
    assert.equal((await owner.post(`${path}/owner`)).status, 303)
    assert.equal((await other.get('/accounts')).status, 200)
    assert.equal((await owner.post(`${path}/member`)).status, 303)
    assert.equal(await isIn(other), false)
  })

  test('ACC-17 a disabled account is out in every process at once, its stream ends, and it cannot come in [promise 26]', async () => {
    const there = await anotherProcess(app)
    const owner = await app.signIn('owner')
    const other = await app.signIn('developer', 'permit')
    const elsewhere = client(there.url, other.headers)
    const stream = await openStream(other, there.url)
    assert.equal(await isIn(elsewhere), true)
    const path = `/accounts/${other.account.id}`
    assert.equal((await owner.post(`${path}/disable`)).status, 303)
    await stream.ended
    assert.equal(await isIn(elsewhere), false)
    assert.equal(await isIn(other), false)
    const again = await owner.post('/services/permit/team', { name: 'A', email: other.account.email, role: 'viewer' })
    assert.equal(again.status, 409)
    assert.equal((await owner.post(`${path}/enable`)).status, 303)
    assert.equal(await isIn(other), false, 'what ended stays ended')
    assert.equal(await isIn(client(app.url, await app.sessionOf(other.account.id))), true)
    await there.close()
  })

  test('ACC-17 a service whose service manager is disabled can be handed over', async () => {
    const owner = await app.signIn('owner')
    const manager = await app.signIn('service-manager', 'permit')
    const next = await app.signIn('product', 'permit')
    await owner.post(`/accounts/${manager.account.id}/disable`)
    assert.equal((await owner.post('/services/permit/team/hand-over', { manager: next.account.email })).status, 303)
    const { json } = await app.asAdmin.api('GET', '/api/v1/services/permit/team')
    const found = json.members.find(({ role }: { role: string }) => role === 'service-manager')
    assert.equal(found.accountId, next.account.id)
  })

  test('ACC-5 owners are made, and accounts disabled, only by somebody who confirmed a moment ago', async () => {
    const owner = await app.signIn('owner', undefined, { confirmed: false })
    const other = await app.signIn('member')
    app.clock.advance(11 * 60_000)
    const forms = [
      ['/accounts', { name: 'B', email: 'b@example.org', installation: 'owner' }],
      [`/accounts/${other.account.id}/owner`, {}],
      [`/accounts/${other.account.id}/disable`, {}],
    ] as const
    for (const [path, form] of forms)
      assert.deepEqual((await owner.post(path, form)).headings, ['Confirm that it is you'], path)
  })
})

test('ACC-16 the last owner who can sign in stays one, also where two step back at once', async () => {
  const app = await startApp()
  const [one, two] = [await app.signIn('owner'), await app.signIn('owner')]
  await invite(one, 'pending@example.org', 'owner')
  const answers = await Promise.all([
    one.post(`/accounts/${one.account.id}/member`),
    two.post(`/accounts/${two.account.id}/member`),
  ])
  assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 409])
  const { json } = await app.asAdmin.api('GET', '/api/v1/accounts')
  const left = json.accounts.filter((each: { installation: string; invitedUntil: unknown }) => {
    return each.installation === 'owner' && each.invitedUntil === null
  })
  assert.equal(left.length, 1)
  const byKey = await app.asAdmin.api('POST', `/api/v1/accounts/${left[0].id}/disable`)
  assert.equal(byKey.json.code, 'last-owner')
  await app.close()
})

test('ACC-15 the same by API: invite, send again, make owner, disable, enable', async () => {
  const app = await startApp()
  await app.signIn('owner')
  const body = { name: 'By API', email: 'api@example.org' }
  const made = await app.asAdmin.api('POST', '/api/v1/accounts', body)
  assert.equal(made.status, 201, made.text)
  assert.equal(made.json.installation, 'member')
  const at = `/api/v1/accounts/${made.json.id}`
  for (const deed of ['invitation', 'owner', 'disable', 'enable', 'member'])
    assert.equal((await app.asAdmin.api('POST', `${at}/${deed}`)).status, 200, deed)
  assert.equal((await app.asAdmin.api('POST', '/api/v1/accounts', body)).json.code, 'account-exists')
  const long = await app.asAdmin.api('POST', '/api/v1/accounts', { ...body, name: 'x'.repeat(201) })
  assert.equal(long.status, 400)
  await app.close()
})
