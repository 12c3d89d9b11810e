import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startGatewayRig, type GatewayRig } from '../test/support/gateway.ts'
import { parseGatewayConfig, readGatewayConfig, removeGatewayService, writeGatewayService } from './config.ts'
import { openUpstream } from './upstream.ts'

const directory = mkdtempSync(join(tmpdir(), 'phasegate-config-'))
const rigs: GatewayRig[] = []
after(async () => {
  for (const rig of rigs) await rig.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('gateway.yaml', () => {
  test('GW-7 two addresses are enough; everything else has a default', () => {
    const config = parseGatewayConfig(
      'services:\n  permit:\n    current: holding-page\n    new: https://new.example.org/\n',
    )
    assert.deepEqual(config.services, [
      {
        key: 'permit',
        hosts: ['*'],
        paths: ['/'],
        current: 'holding-page',
        new: 'https://new.example.org',
        checks: { path: '/', seconds: 1 },
        consent: 'functional',
        assets: [],
        insert: { banner: false, feedbackLink: false, endQuestion: false },
        applicationBase: 'learned',
      },
    ])
  })

  test('GW-7 a mistake is named with its place', () => {
    const mistakes: [string, RegExp][] = [
      [
        'services:\n  permit:\n    current: old.example.org\n    new: https://new.example.org\n',
        /services\.permit\.current: must be the address of a site/,
      ],
      [
        'services:\n  permit:\n    current: holding-page\n    new: https://new.example.org/start\n',
        /services\.permit\.new: .*without a path/,
      ],
      ['services:\n  permit:\n    current: holding-page\n', /services\.permit\.new/],
      ['services:\n  Permit One:\n    current: holding-page\n    new: https://a.example\n', /Permit One/],
      ['services:\n  permit:\n    current: holding-page\n    new: https://a.example\n    colour: red\n', /colour/],
      ['services: [', /can't be used/],
      [
        'services:\n  a: { current: holding-page, new: "https://a.example" }\n  b: { current: holding-page, new: "https://b.example" }\n',
        /services\.b: a has the same host and path/,
      ],
    ]
    for (const [source, problem] of mistakes) assert.throws(() => parseGatewayConfig(source), problem)
  })

  test('GW-7 a service is written and taken out, and what a person wrote beside it stays', () => {
    const path = join(directory, 'written.yaml')
    assert.deepEqual(readGatewayConfig(path), { trustedProxies: [], services: [] })
    writeFileSync(
      path,
      '# ours\nservices:\n  old: # keep this\n    hosts: [old.example.org]\n    current: holding-page\n    new: https://a.example\n',
    )
    writeGatewayService(path, { key: 'permit', current: 'https://b.example', new: 'https://c.example' })
    assert.match(readFileSync(path, 'utf8'), /# ours\n(.|\n)*# keep this/)
    assert.deepEqual(
      readGatewayConfig(path).services.map(({ key }) => key),
      ['old', 'permit'],
    )
    assert.throws(() =>
      writeGatewayService(path, { key: 'permit', current: 'https://b.example', new: 'not an address' }),
    )
    assert.equal(readGatewayConfig(path).services[1]?.new, 'https://c.example')
    removeGatewayService(path, 'permit')
    assert.equal(readGatewayConfig(path).services.length, 1)
  })

  test('GW-7 a change is taken over while people are served, and one that can not be used is refused', async () => {
    const path = join(directory, 'gateway.yaml')
    const rig = await startGatewayRig()
    rigs.push(rig)
    const write = (current: string): void =>
      writeGatewayService(path, { key: 'parking', current, new: rig.new.url, checks: { path: '/', seconds: 0.2 } })
    write(rig.current.url)
    await rig.restart({ config: path })
    assert.equal((await rig.ask('/')).headers['x-served-by'], 'current')
    write('holding-page')
    await rig.eventually(() => rig.logged.some((line) => line.includes('was taken over')), 'the new version')
    assert.equal((await rig.ask('/')).status, 503)
    writeFileSync(path, 'services:\n  parking:\n    current: nowhere\n    new: nowhere\n')
    await rig.eventually(() => rig.logged.some((line) => line.includes('stays in use')), 'the refusal')
    assert.equal((await rig.ask('/')).status, 503)
    assert.ok(rig.logged.some((line) => line.includes('services.parking.current: must be the address of a site')))
  })

  test('GW-7 a gateway that ends has nothing left to retire, though an origin was given up just before', async () => {
    const silent = { info() {}, warn() {}, error() {} }
    const bases = { of: () => 'unknown' as const, learn() {} }
    const origin = openUpstream('http://127.0.0.1:9', { path: '/', seconds: 60 }, bases, silent)
    await origin.close()
    await assert.doesNotReject(origin.retire())
  })

  test('GW-7 services share a host by path, and each finds its own pages', async () => {
    const rig = await startGatewayRig()
    rigs.push(rig)
    const path = join(directory, 'shared.yaml')
    const to = { current: rig.current.url, new: rig.new.url }
    writeGatewayService(path, { key: 'parking', paths: ['/permit'], ...to })
    writeGatewayService(path, { key: 'other', paths: ['/other', '/'], ...to })
    writeGatewayService(path, { key: 'third', hosts: ['third.example.org'], current: 'holding-page', new: rig.new.url })
    await rig.restart({ config: path })
    const cookie = rig.pass()
    assert.equal((await rig.ask('/permit/a', { headers: { cookie } })).headers['x-served-by'], 'new')
    assert.equal((await rig.ask('/permits', { headers: { cookie } })).headers['x-served-by'], 'current')
    const third = await rig.ask('/permit', { headers: { host: 'third.example.org:4610', cookie } })
    assert.equal(third.status, 503)
    const health = async (referer: string): Promise<unknown> =>
      (JSON.parse((await rig.ask('/.phasegate/health', { headers: { referer } })).text) as { service: string }).service
    assert.equal(await health('http://permits.example.org/permit/a'), 'parking')
    assert.equal(await health('http://permits.example.org/other'), 'other')
    assert.equal(await health('http://elsewhere.example.org/permit'), 'other')
  })

  test('GW-7 a host without a service says so', async () => {
    const rig = await startGatewayRig({ config: { hosts: ['permits.example.org'] } })
    rigs.push(rig)
    assert.equal((await rig.ask('/')).status, 200)
    const answer = await rig.ask('/', { headers: { host: 'other.example.org' } })
    assert.equal(answer.status, 404)
    assert.match(answer.text, /no service at this address/)
  })
})
