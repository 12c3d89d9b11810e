import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openBrowser } from './browse.ts'
import type { Browser, Page } from './browse.ts'
import { startExample } from './serve.ts'
import type { Running } from './serve.ts'

const heading = (page: Page) => /<h1>(?:<label[^>]*>)?([^<]*)/.exec(page.text)?.[1]

describe('the new service', () => {
  let running: Running
  let person: Browser
  before(async () => {
    running = await startExample({ version: 'new', port: 0, host: '127.0.0.1' })
  })
  after(() => running.close())

  test('gives a permit to a person who lives in a zone', async () => {
    person = openBrowser(running.url)
    assert.equal((await person.get('/')).path, '/parking-permit')
    assert.equal((await person.post('/parking-permit/address', { postcode: 'zx14tb' })).path, '/parking-permit/vehicle')
    assert.equal(
      (await person.post('/parking-permit/vehicle', { registration: 'ab12 cde' })).path,
      '/parking-permit/length',
    )
    const check = await person.post('/parking-permit/length', { months: '12' })
    assert.equal(check.path, '/parking-permit/check')
    assert.match(check.text, /ZX1 4TB[\s\S]*AB12CDE[\s\S]*12 months[\s\S]*£75/)
    const done = await person.post('/parking-permit/check', {})
    assert.equal(done.path, '/parking-permit/done')
    assert.match(done.text, /RP-[0-9A-F]{6}/)
  })

  test('takes a person who changes an answer straight back to the check', async () => {
    person = openBrowser(running.url)
    await person.post('/parking-permit/address', { postcode: 'ZX2 1AA' })
    await person.post('/parking-permit/vehicle', { registration: 'AB12CDE' })
    await person.post('/parking-permit/length', { months: '3' })
    assert.equal((await person.post('/parking-permit/vehicle', { registration: 'X1' })).path, '/parking-permit/check')
  })

  test('tells a person outside the zones at the first question', async () => {
    person = openBrowser(running.url)
    const page = await person.post('/parking-permit/address', { postcode: 'ZX8 1AA' })
    assert.equal(page.path, '/parking-permit/not-eligible')
    assert.equal(heading(page), 'You cannot have a resident permit')
  })

  test('shows the error page for the one address whose register never answers', async () => {
    person = openBrowser(running.url)
    const page = await person.post('/parking-permit/address', { postcode: 'ZX1 9ZZ' })
    assert.equal(page.path, '/parking-permit/problem')
    assert.equal(heading(page), 'Sorry, there is a problem with the service')
  })

  test('comes back with what was typed and what to do about it', async () => {
    person = openBrowser(running.url)
    const page = await person.post('/parking-permit/address', { postcode: '<script>' })
    assert.equal(page.status, 422)
    assert.match(page.text, /<title>Error: /)
    assert.match(page.text, /href="#postcode">Enter a full postcode, like ZX1 4TB/)
    assert.match(page.text, /value="&#60;script&#62;"/)
    assert.match((await person.post('/parking-permit/address', {})).text, /Enter your postcode/)
  })

  test('does not let a person skip a question, nor believe a cookie that was tampered with', async () => {
    person = openBrowser(running.url)
    assert.equal((await person.get('/parking-permit/check')).path, '/parking-permit/address')
    person.cookies.set('permit_answers', Buffer.from('{"postcode":"ZX8 1AA"}').toString('base64url'))
    assert.equal((await person.get('/parking-permit/vehicle')).path, '/parking-permit/address')
    person.cookies.set('permit_answers', 'not json')
    assert.equal((await person.get('/parking-permit')).status, 200)
  })

  test('answers 404 for what it does not know, and leads old bookmarks to the start', async () => {
    person = openBrowser(running.url)
    assert.equal((await person.get('/nowhere')).status, 404)
    assert.equal((await person.get('/rpp/Vehicle.do')).path, '/parking-permit')
  })

  test('refuses a form that is far too long, also while it is still being sent', async () => {
    person = openBrowser(running.url)
    for (const length of [20_000, 500_000, 5_000_000])
      assert.equal((await person.post('/parking-permit/address', { postcode: 'x'.repeat(length) })).status, 413)
  })
})

describe('the current service', () => {
  let running: Running
  let person: Browser
  before(async () => {
    running = await startExample({ version: 'current', port: 0, host: '127.0.0.1', failEvery: 2 })
  })
  after(() => running.close())

  const uptoAbode = async () => {
    person = openBrowser(running.url)
    await person.get('/')
    await person.post('/rpp/Conditions.do', { accept: 'Y' })
    await person.post('/rpp/Vehicle.do', { vrm: 'AB12CDE' })
    return person.post('/rpp/Tariff.do', { tariff: '6' })
  }

  test('gives a permit at the end of its longer way, and breaks down now and then', async () => {
    assert.equal((await uptoAbode()).path, '/rpp/Abode.do')
    const verify = await person.post('/rpp/Abode.do', { postcode: 'ZX3 2BB' })
    assert.equal(verify.path, '/rpp/Verify.do')
    assert.match(verify.text, /CPZ Station/)
    assert.equal((await person.post('/rpp/Verify.do', {})).path, '/rpp/Receipt.do')

    await uptoAbode()
    await person.post('/rpp/Abode.do', { postcode: 'ZX3 2BB' })
    const fault = await person.post('/rpp/Verify.do', {})
    assert.equal(fault.path, '/rpp/Fault.do')
    assert.equal(heading(fault), 'System Fault')
  })

  test('tells only at the end that a person lives outside the zones', async () => {
    await uptoAbode()
    assert.equal((await person.post('/rpp/Abode.do', { postcode: 'ZX8 1AA' })).path, '/rpp/Declined.do')
  })

  test('wants the registration number in its own way', async () => {
    person = openBrowser(running.url)
    const page = await person.post('/rpp/Vehicle.do', { vrm: 'ab12 cde' })
    assert.equal(page.status, 422)
    assert.match(page.text, /value="ab12 cde"/)
  })

  test('begins again at any address that it does not know', async () => {
    person = openBrowser(running.url)
    assert.equal((await person.get('/parking-permit/vehicle')).path, '/rpp/Welcome.do')
  })
})
