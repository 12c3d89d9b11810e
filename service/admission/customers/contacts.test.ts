import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type TestApp } from '../../../test/support/app.ts'
import { startMailServer, type MailServer } from '../../../test/support/mail-server.ts'
import { lastMail } from '../../../test/support/mails.ts'
import { until } from '../../../test/support/until.ts'
import { smtpTransport } from '../../platform/mail/index.ts'

const gone = 'gone@example.org'
const api = '/api/v1/services/desk'

describe('whoever is asked to pass the link of a company on', () => {
  let server: MailServer
  let app: TestApp

  before(async () => {
    server = await startMailServer()
    server.gone.add(gone)
    app = await startApp({ mail: smtpTransport(server.url, 'Desk <desk@example.org>') })
    await app.aService({ key: 'desk', name: 'Help desk', phase: 'private-beta' })
  })
  after(async () => {
    await app.close()
    await server.close()
  })

  const company = (name: string, address: string) => app.asAdmin.api('POST', `${api}/customers`, { name, address })
  const mailsTo = (address: string) => server.received.filter(({ to }) => to.includes(address))
  /** Fields of the head of the last mail, each on one line. */
  async function headOf(address: string): Promise<string> {
    await lastMail(app, address)
    const [head = ''] = (mailsTo(address).at(-1)?.mail ?? '').split('\r\n\r\n')
    return head.replaceAll(/\r\n[ \t]+/g, ' ')
  }
  async function stopOf(address: string): Promise<string> {
    return new URL(/^List-Unsubscribe: <(\S+)>$/m.exec(await headOf(address))?.[1] ?? '').pathname
  }
  const notInvited = async (): Promise<[string, string][]> =>
    (await app.asAdmin.api('GET', `${api}/not-invited`)).json.notInvited.map(
      ({ address, reason }: { address: string; reason: string }) => [address, reason],
    )

  test('ADM-41 ADM-60 the mail carries a way to say no; one press in the mail program is enough, and the shared link goes on working', async () => {
    const { json } = await company('Stops Ltd', 'stops@example.org')
    assert.match(await headOf('stops@example.org'), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
    const stop = await stopOf('stops@example.org')
    assert.ok(!stop.includes(new URL(json.link).pathname.split('/').at(-1) ?? ''), 'colleagues do not hold it')
    const page = await app.get(stop)
    assert.deepEqual([page.status, page.headings[0]], [200, 'Get no more invitations'])
    assert.deepEqual(await notInvited(), [], 'looking changes nothing')
    for (let press = 0; press < 2; press++) {
      const pressed = await app.post(stop, { 'List-Unsubscribe': 'One-Click' })
      assert.deepEqual([pressed.status, pressed.headers.get('set-cookie')], [200, null])
    }
    assert.deepEqual(await notInvited(), [['stops@example.org', 'asked']])
    const colleague = await app.post(`${new URL(json.link).pathname}/accept`, { nonce: 'n' })
    assert.equal(colleague.status, 303)
    const { entries } = (await app.asAdmin.api('GET', `${api}/history`)).json
    const told = entries.filter(({ action }: { action: string }) => action === 'admission.suppressed')
    assert.equal(told.length, 1, 'the second press changes nothing')
  })

  test('ADM-41 ADM-60 whoever is not to be invited gets no link of a company either, by page or API, new or again', async () => {
    const { json } = await company('Once Ltd', 'once@example.org')
    await app.asAdmin.api('POST', `${api}/not-invited`, { address: 'once@example.org' })
    const again = await app.asAdmin.api('POST', `${api}/customers/${json.id}/link`, { address: 'Once@example.org' })
    const other = await company('Other Ltd', 'once@example.org')
    for (const { status, json: problem } of [again, other])
      assert.deepEqual([status, problem.code], [409, 'invitation-not-wanted'])
    const growth = await app.signIn('growth', 'desk')
    const typed = { name: 'Other Ltd', address: 'once@example.org' }
    const page = await growth.post('/services/desk/customers', typed)
    assert.equal(page.status, 422)
    assert.match(page.text, /href="#address">[^<]*not to be invited/)
    assert.ok(!page.text.includes('>Other Ltd<'), 'no account was made')
    await lastMail(app, 'once@example.org')
    assert.equal(mailsTo('once@example.org').length, 1, 'the one before')
    assert.equal((await app.post(new URL(json.link).pathname + '/accept', { nonce: 'm' })).status, 303)
  })

  test('ADM-41 an address without a mailbox is on the list, and the link of its company stays', async () => {
    const { json } = await company('Gone Ltd', gone)
    await until('the address is on the list', async () => {
      await app.phasegate.platform.mail.deliverDue()
      return (await notInvited()).some(([address, reason]) => address === gone && reason === 'bounced')
    })
    assert.equal((await app.get(new URL(json.link).pathname)).status, 200)
  })

  test('ADM-60 no company is written to while the beta is halted', async () => {
    const { json } = await company('Halted Ltd', 'halted@example.org')
    await app.asAdmin.api('POST', `${api}/halt`, { reason: 'A fault' })
    const again = await app.asAdmin.api('POST', `${api}/customers/${json.id}/link`, { address: 'halted@example.org' })
    for (const { status, json: problem } of [again, await company('Later Ltd', 'later@example.org')])
      assert.deepEqual([status, problem.code], [409, 'halted'])
  })
})
