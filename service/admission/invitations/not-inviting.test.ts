import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { acceptedBy, asForwarded, invited, letIn } from '../../../test/support/invited.ts'
import { lastMail } from '../../../test/support/mails.ts'
import { until } from '../../../test/support/until.ts'

describe('who is not to be invited', () => {
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

  const places = async (key: string) => (await app.asAdmin.api('GET', `/api/v1/services/${key}/admission`)).json.places

  test('ADM-41 a person says no by a link in the mail: the place is free, and nobody invites that person again', async () => {
    const { key } = await aService()
    await app.asAdmin.api('PUT', `/api/v1/services/${key}/cap`, { cap: 1 })
    const link = await invited(app, key, 'no@example.org')
    assert.match((await lastMail(app, 'no@example.org'))?.text ?? '', /\/invitation\/\S+\/decline\n/)
    assert.equal((await app.asGateway.get(`${link}/decline`)).headings[0], 'Say no to the invitation')
    assert.equal((await places(key)).held, 1, 'looking changes nothing')
    assert.equal((await app.asGateway.post(`${link}/decline`)).headings[0], 'Thank you for telling us')
    assert.equal((await places(key)).free, 1)
    assert.equal((await app.asGateway.post(`${link}/accept`, { nonce: 'n' })).status, 410)
    const opened = await app.asGateway.get(link)
    assert.deepEqual([opened.status, opened.headings[0]], [410, 'You said no to this invitation'])
    assert.match(opened.text, /href="[^"]*\/waiting">Ask for a place/)
    const again = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, {
      addresses: ['NO@example.org'],
    })
    assert.equal(again.json.results[0].outcome, 'not-wanted')
  })

  test('ADM-41 the link of whoever said no says so, with the day and the way back; the team reads it too', async () => {
    const { key } = await aService()
    const link = await invited(app, key, 'said-no@example.org')
    await app.asGateway.post(`${link}/decline`)
    const day = app.clock.now().toLocaleDateString('en-GB', {
      ...{ day: 'numeric', month: 'long', year: 'numeric', timeZone: 'Europe/London' },
    })
    app.clock.advance(3 * 86_400_000)
    for (const asked of [
      app.asGateway.get(link),
      app.asGateway.get(`${link}/decline`),
      app.asGateway.post(`${link}/accept`, { nonce: 'n' }),
      app.asGateway.post(`${link}/continue`),
    ]) {
      const page = await asked
      assert.deepEqual([page.status, page.headings[0]], [410, 'You said no to this invitation'])
      assert.match(page.text, new RegExp(`You said no on ${day}`))
      assert.match(page.text, /href="[^"]*\/waiting">Ask for a place/)
    }
    const at = `/api/v1/services/${key}/invitations`
    const [{ id, state, declinedAt }] = (await app.asAdmin.api('GET', at)).json.invitations
    assert.deepEqual([state, new Date(declinedAt).getTime() < app.clock.now().getTime()], ['declined', true])
    for (const act of ['resend', 'revoke']) {
      const { json } = await app.asAdmin.api('POST', `${at}/${id}/${act}`)
      assert.deepEqual([json.code, json.title], ['invitation-not-open', 'This invitation was declined already'])
    }
    const manager = await app.signIn('service-manager', key)
    assert.match((await manager.get(`/services/${key}/admission`)).text, /said-no@example\.org.*Said no/s)
  })

  test('ADM-17 the link of whoever left does not say that the team withdrew it', async () => {
    const { key } = await aService()
    const link = await invited(app, key, 'went@example.org')
    const unit = await acceptedBy(app, link)
    await app.asGateway.post(`/edge/${key}/leave`, {}, { 'x-phasegate-unit': unit })
    for (const page of [await app.asGateway.get(link), await app.asGateway.post(`${link}/continue`)])
      assert.deepEqual([page.status, page.headings[0]], [410, 'You no longer take part'])
  })

  test('ADM-41 one press in the mail program says no at either door, without a cookie; whoever accepted stays in', async () => {
    const { key } = await aService()
    const oneClick = { 'List-Unsubscribe': 'One-Click' }
    const stopOf = async (address: string): Promise<string> =>
      new URL((await lastMail(app, address))?.stop ?? '').pathname
    await invited(app, key, 'stops@example.org')
    const stop = await stopOf('stops@example.org')
    const seen = await app.get(stop)
    assert.equal(seen.headings[0], 'Say no to the invitation')
    assert.match(seen.text, /<button[^>]*type="submit"/)
    const pressed = await app.post(stop, oneClick)
    assert.deepEqual([pressed.status, pressed.headers.get('set-cookie')], [200, null])
    assert.equal((await app.post(stop, oneClick)).status, 200, 'a second press changes nothing')
    const link = await invited(app, key, 'stays@example.org')
    const accepted = await app.asGateway.post(`${link}/accept`, { nonce: 'n' })
    assert.match(accepted.headers.get('x-phasegate-admit') ?? '', /^invited/)
    const stopAfter = asForwarded(await stopOf('stays@example.org'))
    assert.equal((await app.asGateway.get(stopAfter)).headings[0], 'Get no more invitations')
    assert.equal((await app.asGateway.post(stopAfter, oneClick)).headings[0], 'You get no more invitations')
    assert.equal((await places(key)).taken, 1)
    const { notInvited } = (await app.asAdmin.api('GET', `/api/v1/services/${key}/not-invited`)).json
    assert.deepEqual(
      notInvited.map(({ address, reason }: { address: string; reason: string }) => [address, reason]).toSorted(),
      [
        ['stays@example.org', 'asked'],
        ['stops@example.org', 'declined'],
      ],
    )
  })

  test('ADM-41 an invitation that is open is not sent again to somebody who is not to be invited', async () => {
    const { key } = await aService()
    const api = `/api/v1/services/${key}`
    const made = await app.asAdmin.api('POST', `${api}/invitations`, { addresses: ['asked@example.org'] })
    const put = await app.asAdmin.api('POST', `${api}/not-invited`, { address: 'asked@example.org', reason: 'asked' })
    assert.equal(put.status, 204, put.text)
    const again = await app.asAdmin.api('POST', `${api}/invitations/${made.json.results[0].id}/resend`)
    assert.deepEqual([again.status, again.json.code], [409, 'invitation-not-wanted'])
  })

  test('ADM-41 whoever left or was erased is not invited again', async () => {
    const { key } = await aService()
    const unit = await letIn(app, key, 'leaver@example.org')
    await app.asGateway.post(`/edge/${key}/leave`, {}, { 'x-phasegate-unit': unit })
    await invited(app, key, 'erased@example.org')
    await app.asAdmin.api('POST', `/api/v1/services/${key}/erasures`, { address: 'erased@example.org', sure: true })
    const { json } = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, {
      addresses: ['leaver@example.org', 'Erased@example.org', 'new@example.org'],
    })
    assert.deepEqual(
      json.results.map(({ outcome }: { outcome: string }) => outcome),
      ['not-wanted', 'not-wanted', 'invited'],
    )
  })
})

test('ADM-41 an address without a mailbox is not tried again: its place is free, and nobody invites it', async () => {
  const app = await startApp({
    mail: {
      name: 'a mail server',
      async deliver({ to }) {
        if (to === 'gone@example.org') throw Object.assign(new Error('No such user'), { responseCode: 550 })
      },
    },
  })
  try {
    await app.aService({ key: 'bounce', phase: 'private-beta' })
    const at = '/api/v1/services/bounce'
    await app.asAdmin.api('PUT', `${at}/cap`, { cap: 2 })
    await app.asAdmin.api('POST', `${at}/invitations`, { addresses: ['gone@example.org', 'here@example.org'] })
    const state = async () => (await app.asAdmin.api('GET', `${at}/not-invited`)).json.notInvited
    await until('the address is on the list', async () => {
      await app.phasegate.platform.mail.deliverDue()
      return (await state()).length > 0
    })
    assert.deepEqual(
      (await state()).map(({ address, reason }: { address: string; reason: string }) => [address, reason]),
      [['gone@example.org', 'bounced']],
    )
    assert.deepEqual((await app.asAdmin.api('GET', `${at}/admission`)).json.places.held, 1)
    const again = await app.asAdmin.api('POST', `${at}/invitations`, { addresses: ['gone@example.org'] })
    assert.equal(again.json.results[0].outcome, 'not-wanted')
  } finally {
    await app.close()
  }
})
