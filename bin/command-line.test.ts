import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openServiceNames, watchLocalHalts } from '../gateway/local-halt.ts'
import { adminKey, startApp } from '../test/support/app.ts'
import { startGatewayRig } from '../test/support/gateway.ts'
import { commands, runCommandLine } from './commands/command-line.ts'

const quiet = { info: () => {}, warn: () => {}, error: () => {} }

async function run(argv: string[], env: Record<string, string> = {}) {
  const said: string[] = []
  const complained: string[] = []
  const io = { out: (text: string) => said.push(text), err: (text: string) => complained.push(text), env }
  const code = await runCommandLine(argv, { ...io, out: (text) => void io.out(text), err: (text) => void io.err(text) })
  return { code, out: said.join('\n'), err: complained.join('\n') }
}

async function pageServer(t: TestContext, markup: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(markup)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

test('CLI every command explains itself, and the list names all of them', async () => {
  const list = await run(['--help'])
  assert.equal(list.code, 0)
  for (const { name } of commands) {
    assert.ok(list.out.includes(`  ${name}`), name)
    const help = await run([name, '--help'])
    assert.equal(help.code, 0)
    assert.ok(help.out.startsWith(`Usage: phasegate ${name}`))
    assert.doesNotMatch(help.out, /^--/m, 'options stand below one another')
  }
})

test('CLI what is not understood ends with 2 and says what to type', async () => {
  assert.equal((await run([])).code, 2)
  assert.match((await run(['fly'])).err, /no command “fly”/)
  assert.match((await run(['halt'])).err, /key of one service/)
  assert.match((await run(['add', '--new', 'https://new.example.org'])).err, /--current is missing/)
  assert.match((await run(['add', '--current', 'none', '--new', 'new.example.org'])).err, /starts with https/)
  assert.match((await run(['doctor', '--fast', 'http://x'])).err, /Unknown option '--fast'/)
  assert.match((await run(['invite', 'permit'])).err, /at least one address/)
  assert.match((await run(['invite', 'permit', 'a@example.org'])).err, /PHASEGATE_ADMIN_KEY/)
  const away = await run(['halt', 'permit', '--reason', 'x'], {
    PHASEGATE_ADMIN_KEY: 'k'.repeat(30),
    PHASEGATE_URL: 'http://127.0.0.1:9',
    PHASEGATE_DATA: '/nowhere',
  })
  assert.equal(away.code, 1)
  assert.match(away.err, /does not answer at http:\/\/127\.0\.0\.1:9/)
  assert.match(away.err, /no gateway's state in \/nowhere\/gateway.*--state/)
})

test('CLI add, invite and halt do what the pages do, in the same words', async (t) => {
  const app = await startApp()
  const newUrl = await pageServer(t, '<p>The new service</p>')
  try {
    const env = { PHASEGATE_ADMIN_KEY: adminKey, PHASEGATE_URL: app.url }
    const added = await run(['add', '--current', 'none', '--new', newUrl, '--name', 'Parking permits'], env)
    assert.equal(added.code, 0, added.err)
    assert.match(added.out, /Added “Parking permits” \(parking-permits\), in private beta/)
    const dead = await run(['add', '--current', 'http://127.0.0.1:9/', '--new', newUrl], env)
    assert.deepEqual([dead.code, /--current .* does not answer/.test(dead.err)], [1, true])
    const invited = await run(['invite', 'parking-permits', 'a.example@example.org', 'nobody'], env)
    assert.match(invited.out, /a\.example@example\.org invited/)
    assert.match(invited.out, /nobody is not an email address/)
    assert.equal(invited.code, 1)
    const halted = await run(['halt', 'parking-permits', '--reason', 'The payment page fails'], env)
    assert.equal(halted.code, 0, halted.err)
    const owner = await app.signIn('service-manager', 'parking-permits')
    assert.ok((await owner.get('/services/parking-permits/history')).text.includes('The payment page fails'))
    const unknown = await run(['halt', 'nothing', '--reason', 'x'], env)
    assert.equal(unknown.code, 1)
    assert.match(unknown.err, /not found/i)
  } finally {
    await app.close()
  }
})

test('CLI halt needs neither key nor installation on the machine of a gateway, and says when that is down', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'phasegate-halt-'))
  t.after(() => rmSync(data, { recursive: true }))
  const state = join(data, 'gateway')
  const rig = await startGatewayRig()
  cpSync(rig.stateDirectory, state, { recursive: true })
  await rig.close()
  const unknown = await run(['halt', 'parkings', '--state', state])
  assert.deepEqual([unknown.code, unknown.err.includes('It has: parking.')], [1, true])
  const asked = await run(['halt', 'parking', '--reason', 'Fire'], { PHASEGATE_DATA: data })
  assert.equal(asked.code, 0, asked.err)
  assert.match(asked.out, /does not run.*in force as soon as it starts/)
  const halts: string[] = []
  const watched = watchLocalHalts(state, quiet, (service, { by, reason }) => {
    halts.push(service, by, reason)
    return true
  })
  try {
    assert.deepEqual(halts, ['parking', userInfo().username, 'Fire'])
    const now = await run(['halt', 'parking'], { PHASEGATE_DATA: data })
    assert.match(now.out, /Halted at the gateway on this machine/)
  } finally {
    watched.close()
  }
})

test('CLI halt refuses no service whose key a full disk had no room for', async (t) => {
  const state = mkdtempSync(join(tmpdir(), 'phasegate-halt-'))
  t.after(() => rmSync(state, { recursive: true }))
  mkdirSync(join(state, 'feed'))
  const names = openServiceNames(join(state, 'feed'), quiet)
  names.put([{ key: 'permit' }], writeFileSync)
  assert.equal((await run(['halt', 'new-one', '--state', state])).code, 1)
  names.put([{ key: 'permit' }, { key: 'new-one' }], () => {
    throw new Error('ENOSPC: no space left on device')
  })
  assert.equal((await run(['halt', 'new-one', '--state', state])).code, 0)
})

test('CLI doctor ends with 1 when something would break, and reads the phase banner', async (t) => {
  const plain = await pageServer(t, '<!doctype html><title>x</title><strong data-phasegate-banner>Beta</strong>')
  assert.equal((await run(['doctor', plain])).code, 0)
  assert.match((await run(['doctor', '--banner', plain])).out, /“Beta”/)
  const broken = await pageServer(t, '<!doctype html><title>x</title><base href="https://new.example.org/">')
  const told = await run(['doctor', broken])
  assert.equal(told.code, 1)
  assert.match(told.out, /✖ Links: A base element names a host/)
  assert.equal((await run(['doctor', '--banner', broken])).code, 1)
  const json = JSON.parse((await run(['doctor', '--json', broken])).out) as { findings: { severity: string }[] }
  assert.ok(json.findings.some(({ severity }) => severity === 'breaks'))
})

test('CLI the command itself starts from any folder', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(new URL('phasegate', import.meta.url)), 'doctor', '--help'],
    { cwd: '/' },
  )
  assert.match(stdout, /^Usage: phasegate doctor URL/)
})
