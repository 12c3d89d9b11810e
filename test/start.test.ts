import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { runCommandLine } from '../bin/commands/command-line.ts'
import { databaseUrl } from './support/command-line.ts'
import { testDatabase } from './support/database.ts'
import { talkTo } from './support/smtp-client.ts'

const main = fileURLToPath(new URL('../service/main.ts', import.meta.url))

const packedList = z.looseObject({ entry: z.string(), madeFrom: z.array(z.tuple([z.string(), z.string()])) })

interface Started {
  child: ChildProcess
  output(): string
  said(words: RegExp): Promise<RegExpExecArray>
  ended: Promise<number | null>
}

function start(dataDirectory: string, env: Record<string, string> = {}, args: string[] = []): Started {
  const child = spawn(process.execPath, [main, ...args], {
    env: {
      PATH: process.env.PATH ?? '',
      PHASEGATE_DATA: dataDirectory,
      PORT: '0',
      GATEWAY_PORT: '0',
      PHASEGATE_EXAMPLE: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const waiting: (() => void)[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  return {
    child,
    ended,
    output: () => text,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = words.exec(text)
          if (found !== null) resolve(found)
        }
        waiting.push(look)
        look()
        void ended.then(() => reject(new Error(`It ended before it said ${words}:\n${text}`)))
      }),
  }
}

/** The database's own process, while it runs. */
function postmaster(dataDirectory: string): number | null {
  const file = join(dataDirectory, 'postgres', 'data', 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('the start', () => {
  let dataDirectory: string
  before(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-start-'))
  })
  after(() => rmSync(dataDirectory, { recursive: true, force: true }))

  test('prints a one-time link, refuses a second instance on its data, and ends with all that it started on TERM', async () => {
    const first = start(dataDirectory)
    const [, link] = await first.said(/(http:\/\/127\.0\.0\.1:\d+\/sign-in\/link\/\S+)/)
    const welcome = await fetch(link ?? '')
    assert.match(await welcome.text(), /Welcome to Phasegate/)
    const second = start(dataDirectory)
    assert.equal(await second.ended, 1)
    assert.match(second.output(), /already|in use|another/i)
    assert.ok(second.output().includes(dataDirectory), second.output())
    assert.doesNotMatch(second.output(), /Error|\.js:\d/, 'one clear line, and no complaint of its log')
    assert.equal((await fetch(new URL('/ready', link))).status, 200, 'the first goes on')
    const database = postmaster(dataDirectory)
    assert.ok(database !== null && isAlive(database))
    first.child.kill('SIGTERM')
    assert.equal(await first.ended, 0)
    assert.ok(!isAlive(database), 'PostgreSQL ended too')
  })

  test('ends quietly, and with all that it started, when it is stopped in the middle of its start', async () => {
    const half = mkdtempSync(join(tmpdir(), 'phasegate-start-'))
    const started = start(half, { PHASEGATE_EXAMPLE: 'on' })
    await started.said(/example history/)
    const database = postmaster(half)
    started.child.kill('SIGTERM')
    assert.equal(await started.ended, 0)
    assert.doesNotMatch(started.output(), /did not start|Error/)
    assert.ok(database !== null && !isAlive(database), 'PostgreSQL ended too')
    rmSync(half, { recursive: true, force: true })
  })

  test('with --example feature it brings along a small application with one feature, and says where its gate is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'phasegate-start-'))
    const started = start(folder, { PHASEGATE_EXAMPLE: 'on' }, ['--example', 'feature'])
    const [, desk = ''] = await started.said(/Example +(http:\S+) +“Desk” behind the gateway/)
    const [, gate = ''] = await started.said(/Its feature +(http:\S+)/)
    assert.match(gate, /\/services\/desk\/features\/release-threads\/gate$/)
    assert.match(await (await fetch(desk)).text(), /<h1>Inbox<\/h1>/)
    const [, link = ''] = await started.said(/(http:\/\/127\.0\.0\.1:\d+\/sign-in\/link\/\S+)/)
    assert.equal(new URL(link).origin, new URL(gate).origin)
    started.child.kill('SIGTERM')
    assert.equal(await started.ended, 0)
    rmSync(folder, { recursive: true, force: true })
  })

  test('with its database away it serves everybody from the gateway, can be halted there, says so, and begins when the database is there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'phasegate-start-'))
    const database = await testDatabase()
    const road = join(folder, 'road')
    const application = http.createServer((_, response) => response.end('the current service')).listen(0, '127.0.0.1')
    await once(application, 'listening')
    const { port } = application.address() as AddressInfo
    writeFileSync(
      join(folder, 'gateway.yaml'),
      `services:\n  permit:\n    hosts: ['*']\n    current: http://127.0.0.1:${port}\n    new: http://127.0.0.1:9\n`,
    )
    const started = start(folder, { DATABASE_URL: databaseUrl({ ...database.connection, host: road }) })
    const [, service, gatewayPort] = await started.said(
      /can not be reached: .*\n.*tries again.*(http:\/\/[\d.:]+)\/ready.*Meanwhile .* port (\d+)/,
    )
    assert.equal(await (await fetch(`http://127.0.0.1:${gatewayPort}/`)).text(), 'the current service')
    assert.equal((await fetch(`${service}/health`)).status, 200)
    const ready = await fetch(`${service}/ready`)
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), /"database":\{"ok":false,"says":"can not be reached/)
    const refused = await fetch(`${service}/api/v1/services`)
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '5'])
    assert.match(await (await fetch(`${service}/`)).text(), /Phasegate is starting/)
    const said: string[] = []
    const io = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) }
    const env = { PHASEGATE_ADMIN_KEY: 'pgk_of_this_test', PHASEGATE_URL: service ?? '', PHASEGATE_DATA: folder }
    assert.equal(await runCommandLine(['halt', 'permit'], { ...io, env }), 0, said.join('\n'))
    assert.match(said.join('\n'), /Halted at the gateway on this machine/)
    symlinkSync(database.connection.host, road)
    await started.said(/Phasegate is running/)
    assert.equal((await fetch(`${service}/ready`)).status, 200)
    assert.equal(await (await fetch(`http://127.0.0.1:${gatewayPort}/`)).text(), 'the current service')
    started.child.kill('SIGTERM')
    assert.equal(await started.ended, 0)
    application.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('names a port that is in use, and the setting for another', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const refused = start(dataDirectory, { PORT: String(port) })
    assert.equal(await refused.ended, 1)
    assert.match(refused.output(), new RegExp(`Port ${port} is in use.*PORT`))
    const gateway = start(dataDirectory, { GATEWAY_PORT: String(port) })
    assert.equal(await gateway.ended, 1)
    assert.match(gateway.output(), new RegExp(`Port ${port} is in use.*GATEWAY_PORT`))
    const mail = { MAIL_IN: 'replies.example.org', MAIL_IN_PORT: String(port) }
    const mailIn = start(dataDirectory, mail)
    assert.equal(await mailIn.ended, 1)
    assert.match(mailIn.output(), new RegExp(`Port ${port} is in use.*MAIL_IN_PORT`))
    taken.close()
    const files = { MAIL_IN_CERT: join(dataDirectory, 'none.pem'), MAIL_IN_KEY: join(dataDirectory, 'none.key') }
    const unread = start(dataDirectory, { ...mail, ...files })
    assert.equal(await unread.ended, 1)
    assert.match(unread.output(), /MAIL_IN_CERT and MAIL_IN_KEY cannot be used: .*none\.pem/)
  })

  test('ROOM-16 with MAIL_IN it takes mail on a port of its own, says so in /ready, and whoever is connected at TERM is asked to come again', async () => {
    const started = start(dataDirectory, { MAIL_IN: 'replies.example.org', MAIL_IN_PORT: '0' })
    const [, port] = await started.said(/Mail in +port (\d+), for replies\.example\.org/)
    const [, team] = await started.said(/Team pages +(http:\S+)/)
    const { parts } = (await (await fetch(`${team}/ready`)).json()) as { parts: Record<string, { ok: boolean }> }
    assert.equal(parts['mailIn']?.ok, true)
    const talk = await talkTo(Number(port))
    assert.match(await talk.say('EHLO example.org'), /^250-replies\.example\.org/)
    const asked = talk.next()
    started.child.kill('SIGTERM')
    assert.match(await asked, /^421 /)
    assert.equal(await started.ended, 0)
  })

  test('leaves its code in one piece for the next start, which runs that as long as no file has changed', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'phasegate-cache-'))
    const list = join(cache, 'packed', 'packed.json')
    const database = await testDatabase()
    const env = { NODE_COMPILE_CACHE: cache, DATABASE_URL: databaseUrl(database.connection), PHASEGATE_GATEWAY: 'off' }
    const startOnce = async (meanwhile = async () => {}) => {
      const started = start(join(cache, 'data'), env)
      const [, link] = await started.said(/(http:\/\/127\.0\.0\.1:\d+\/sign-in\/link\/\S+)/)
      assert.match(await (await fetch(link ?? '')).text(), /Welcome to Phasegate/)
      await meanwhile()
      started.child.kill('SIGTERM')
      assert.equal(await started.ended, 0)
      return started.output()
    }
    const packed = async () => {
      while (!existsSync(list)) await pause(50)
    }
    await startOnce(packed)
    const madeOf = packedList.parse(JSON.parse(readFileSync(list, 'utf8')))
    const entry = join(cache, 'packed', madeOf.entry)
    const told = readFileSync(entry, 'utf8').replace(
      ' = readConfig(',
      `$&(console.log(Error('in one piece').stack), process.env) && `,
    )
    writeFileSync(entry, told)
    assert.match(await startOnce(), /in one piece\n +at run \(file:\S+\/service\/run\.ts:\d+:\d+\)/)

    const changed = madeOf.madeFrom.map(([path, mark]) => [path, path === 'service/start.ts' ? 'of before' : mark])
    writeFileSync(list, JSON.stringify({ ...madeOf, madeFrom: changed }))
    assert.doesNotMatch(await startOnce(), /in one piece/)
    writeFileSync(list, 'null')
    assert.doesNotMatch(await startOnce(), /in one piece/)
    // What packs the code ends a moment after the process that began it.
    rmSync(cache, { recursive: true, force: true, maxRetries: 5 })
  })

  test('without MAIL_IN nothing is read of what takes mail', () => {
    const look = `import { registerHooks } from 'node:module'
      const found = []
      registerHooks({ resolve(name, context, next) { found.push(name); return next(name, context) } })
      await import(${JSON.stringify(new URL('../service/start.ts', import.meta.url).href)})
      await import(${JSON.stringify(new URL('../service/app.ts', import.meta.url).href)})
      console.log(JSON.stringify(found))`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', look], { encoding: 'utf8' })
    const found = z.array(z.string()).parse(JSON.parse(run.stdout))
    assert.ok(found.includes('fastify'), run.stderr)
    assert.deepEqual(
      found.filter((name) => /smtp-server|postal-mime|nodemailer|mail-in\/(?!desk)/.test(name)),
      [],
    )
  })

  test('tells at once that a current service does not answer', async () => {
    const refused = start(dataDirectory, {}, ['--current', 'http://127.0.0.1:9', '--new', 'http://127.0.0.1:9'])
    assert.equal(await refused.ended, 1)
    assert.match(refused.output(), /--current http:\/\/127\.0\.0\.1:9 does not answer/)
  })
})
