import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { Pool } from 'undici'
import { newUnit } from '../packages/admission/src/index.ts'
import { createApp } from '../service/app.ts'
import { startEmbedded, type Connection } from '../service/platform/database/embedded.ts'
import { migrate } from '../service/platform/database/migrate.ts'
import {
  createDiskGuard,
  fileTransport,
  newSecretKey,
  openDatabase,
  openSecretBox,
  readConfig,
  systemClock,
} from '../service/platform/index.ts'
import { freePort } from '../test/support/free-port.ts'

/**
 * `npm run bench -- ofrep`: all flags of one person over HTTP. Phasegate's OFREP against Unleash's /api/frontend, each in a
 * process of its own on the same PostgreSQL, taking turns, asked over kept connections for one person after the other.
 */
const seconds = Number(process.env.BENCH_SECONDS ?? 4)
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const connections = 16
const key = 'pgk_benchmark_key_of_this_run_only'
const admin = 'user:benchmark-admin-token-of-this-run'
const frontend = 'default:development.benchmark-frontend-token'
const countries = Array.from({ length: 40 }, (_, index) => `C${index}`)
const people = Array.from({ length: 2_000 }, (_, index) => ({ unit: newUnit(), country: countries[index % 40] ?? '' }))

interface Server {
  name: string
  child: ChildProcess
  url: string
  pool: Pool
  /** One question for all flags of a person. */
  ask(person: (typeof people)[number]): Parameters<Pool['request']>[0]
  /** How many flags are in an answer, and how many of them are on. */
  read(body: unknown): { flags: number; on: number }
}

interface Figures {
  perSecond: number
  perCpuSecond: number
  p50: number
  p99: number
}

const [role, given = '{}'] = process.argv.slice(2)
if (role === 'phasegate') await servePhasegate(JSON.parse(given) as Connection)
else if (role === 'unleash') await serveUnleash(JSON.parse(given) as Connection)
else await bench()

async function servePhasegate(connection: Connection): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  process.once('exit', () => rmSync(dataDirectory, { recursive: true, force: true }))
  const { db } = openDatabase(connection)
  const { app } = await createApp({
    db,
    clock: systemClock,
    config: readConfig({ PHASEGATE_DATA: dataDirectory, PORT: '0', PHASEGATE_ADMIN_KEY: key, PHASEGATE_LOG: 'silent' }),
    secrets: openSecretBox([newSecretKey()]),
    log: pino({ level: 'silent' }),
    disk: createDiskGuard({ directory: dataDirectory, reserveBytes: 0 }),
    mail: fileTransport(join(dataDirectory, 'mails')),
    gateway: null,
    perMinute: 100_000_000,
  })
  // A profile (node --cpu-prof) is written at an orderly end only.
  process.once('SIGTERM', () => process.exit(0))
  process.send?.(await app.listen({ host: '127.0.0.1', port: 0 }))
}

async function serveUnleash(connection: Connection): Promise<void> {
  // Its own limits for one sender are for the internet.
  for (const each of ['TOKEN_AUTHENTICATION', 'SDK_API', 'ACCOUNT_ACCESS']) {
    process.env[`${each}_RATE_LIMIT_PER_MINUTE`] = '1000000000'
  }
  const name = 'unleash-server'
  const { start } = (await import(name)) as { start(options: object): Promise<unknown> }
  const token = { environment: 'development', projects: ['default'] }
  const port = await freePort()
  await start({
    db: { ...connection, database: 'unleash', ssl: false },
    server: { port, host: '127.0.0.1' },
    logLevel: 'error',
    authentication: {
      type: 'none',
      initApiTokens: [
        { ...token, environment: '*', projects: ['*'], secret: `*:*.${admin}`, type: 'admin', tokenName: 'bench' },
        { ...token, secret: frontend, type: 'frontend', tokenName: 'browser' },
      ],
    },
    versionCheck: { enable: false },
    telemetry: false,
  })
  process.send?.(`http://127.0.0.1:${port}`)
}

async function bench(): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  const log = { info: () => {}, warn: console.error, error: console.error }
  const postgres = await startEmbedded({ dataDirectory, log, ballastBytes: 0 })
  const pool = new pg.Pool({ ...postgres.connection, max: 2 })
  pool.on('error', () => {})
  await migrate(pool)
  await pool.query('create database unleash')
  const servers: Server[] = []
  try {
    servers.push(await startPhasegate(postgres.connection))
    if (process.env.ONLY === undefined) servers.push(await startUnleash(postgres.connection))
    console.log(`\n| all 100 flags of one person, over HTTP | a second | a CPU second | p50 | p99 | on |`)
    console.log('|---|---:|---:|---:|---:|---:|')
    const figures = new Map<Server, Figures[]>(servers.map((server) => [server, []]))
    for (let round = -1; round < rounds; round++) {
      for (const [server, list] of figures) {
        const found = await load(server)
        // The first turn warms up.
        if (round >= 0) list.push(found)
      }
    }
    for (const [server, list] of figures) await print(server, list)
  } finally {
    for (const { child, pool: http } of servers) {
      await http.destroy()
      child.kill('SIGTERM')
    }
    await pool.end()
    await postgres.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

async function print(server: Server, list: Figures[]): Promise<void> {
  const middle = (of: keyof Figures): number =>
    list.map((each) => each[of]).toSorted((a, b) => a - b)[list.length >> 1] ?? 0
  let on = 0
  let flags = 0
  for (const person of people.slice(0, 100)) {
    const answer = server.read(await (await server.pool.request(server.ask(person))).body.json())
    on += answer.on
    flags += answer.flags
  }
  const share = server.name === 'Phasegate, OFREP' ? on / flags : on / (100 * 100)
  console.log(
    `| ${server.name} | ${middle('perSecond').toFixed(0)} | ${middle('perCpuSecond').toFixed(0)} | ${middle('p50').toFixed(1)} ms | ${middle('p99').toFixed(1)} ms | ${(share * 100).toFixed(1)} % |`,
  )
}

async function load({ url, ask, child }: Server): Promise<Figures> {
  const { port } = new URL(url)
  const questions = people.map((person) => written(ask(person)))
  const taken: number[] = []
  const until = performance.now() + seconds * 1000
  const cpu = cpuSeconds(child.pid ?? 0)
  let next = 0
  const question = (): Buffer | null =>
    performance.now() < until ? (questions[next++ % questions.length] ?? null) : null
  await Promise.all(Array.from({ length: connections }, () => askOnOneConnection(Number(port), question, taken)))
  const used = cpuSeconds(child.pid ?? 0) - cpu
  taken.sort((a, b) => a - b)
  const at = (part: number): number => taken[Math.floor(taken.length * part)] ?? 0
  return { perSecond: taken.length / seconds, perCpuSecond: taken.length / used, p50: at(0.5), p99: at(0.99) }
}

function written({ method, path, headers, body }: Parameters<Pool['request']>[0]): Buffer {
  const text = typeof body === 'string' ? body : ''
  const all = { host: '127.0.0.1', ...(headers as Record<string, string>) }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = text === '' ? '' : `content-length: ${Buffer.byteLength(text)}\r\n`
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${text}`)
}

/**
 * One question after the other, the answers read into one buffer: with an HTTP client the load's own collections, of 10 to 17 ms,
 * were the p99 of whoever was asked.
 */
function askOnOneConnection(port: number, question: () => Buffer | null, taken: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let from = 0
    /** Bytes of the answer that lack; null before its head was read, NaN where only its last chunk tells the end. */
    let left: number | null = null
    const ask = (): void => {
      const next = question()
      if (next === null) return void socket.end(resolve)
      left = null
      from = performance.now()
      socket.write(next)
    }
    const hear = (length: number, buffer: Uint8Array): boolean => {
      const part = Buffer.from(buffer.buffer, buffer.byteOffset, length)
      if (left === null) {
        const head = part.toString('latin1', 0, part.indexOf('\r\n\r\n') + 4)
        if (!head.startsWith('HTTP/1.1 200 ')) reject(new Error(`It answered ${head}`))
        left = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN) - (length - head.length)
      } else left -= length
      if (left > 0 || (Number.isNaN(left) && !part.subarray(-5).equals(lastChunk))) return true
      taken.push(performance.now() - from)
      ask()
      return true
    }
    const socket = connect({
      ...{ port, host: '127.0.0.1', noDelay: true },
      onread: { buffer: Buffer.allocUnsafe(64 * 1024), callback: hear },
    })
    socket.once('connect', ask).once('error', reject)
  })
}

const lastChunk = Buffer.from('0\r\n\r\n')

async function startPhasegate(connection: Connection): Promise<Server> {
  const { child, url } = await begin('phasegate', connection)
  const pool = new Pool(url, { connections })
  const api = (method: 'POST' | 'PUT', path: string, body: object) =>
    must(pool, method, path, body, { authorization: `Bearer ${key}` })
  await api('POST', '/api/v1/services', {
    ...{ key: 'bench', name: 'Bench', phase: 'public-beta' },
    ...{ newUrl: 'http://127.0.0.1:9', currentUrl: 'http://127.0.0.1:9' },
  })
  for (const flag of flags()) {
    const at = '/api/v1/services/bench/features'
    await api('POST', at, {
      ...{ kind: 'plan', key: `plan-${flag.name}`, name: flag.name, description: 'For the bench' },
      ...{ appliesTo: 'both', forClients: true },
    })
    const reason = 'For the bench'
    await api('PUT', `${at}/plan-${flag.name}/audience`, {
      ...{ version: 1, reason, percent: 25 },
      rules: [
        { name: 'listed', when: { kind: 'in', attribute: 'userId', values: flag.listed } },
        { name: 'country', when: { kind: 'in', attribute: 'country', values: flag.countries } },
      ],
    })
    await api('PUT', `${at}/plan-${flag.name}/switch`, { on: true, reason })
  }
  return {
    ...{ name: 'Phasegate, OFREP', child, url, pool },
    ask: ({ unit, country }) => ({
      method: 'POST',
      path: '/ofrep/v1/evaluate/flags',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ context: { targetingKey: unit, userId: unit, country } }),
    }),
    read(body) {
      const { flags: all } = body as { flags: { key: string; value: unknown }[] }
      const features = all.filter(({ key: each }) => each !== 'bench')
      return { flags: features.length, on: features.filter(({ value }) => value === true).length }
    },
  }
}

async function startUnleash(connection: Connection): Promise<Server> {
  const { child, url } = await begin('unleash', connection)
  const pool = new Pool(url, { connections })
  const api = (method: 'POST' | 'PUT', path: string, body: object) =>
    must(pool, method, `/api/admin/projects/default${path}`, body, { authorization: `*:*.${admin}` })
  for (const flag of flags()) {
    await api('POST', '/features', { name: flag.name, type: 'release' })
    const at = `/features/${flag.name}/environments/development`
    const constraint = (contextName: string, values: string[]) => ({ contextName, operator: 'IN', values })
    await api('POST', `${at}/strategies`, { name: 'default', constraints: [constraint('userId', flag.listed)] })
    await api('POST', `${at}/strategies`, { name: 'default', constraints: [constraint('country', flag.countries)] })
    const rollout = { rollout: '25', stickiness: 'userId', groupId: flag.name }
    await api('POST', `${at}/strategies`, { name: 'flexibleRollout', parameters: rollout, constraints: [] })
    await api('POST', `${at}/on`, {})
  }
  // It reads what it decides by every second.
  await new Promise((resolve) => setTimeout(resolve, 15_000))
  return {
    ...{ name: 'unleash-server, /api/frontend', child, url, pool },
    ask: ({ unit, country }) => ({
      method: 'GET',
      path: `/api/frontend?userId=${unit}&properties[country]=${country}`,
      headers: { authorization: frontend },
    }),
    read(body) {
      const { toggles } = body as { toggles: { enabled: boolean }[] }
      return { flags: toggles.length, on: toggles.filter(({ enabled }) => enabled).length }
    },
  }
}

function flags(): { name: string; listed: string[]; countries: string[] }[] {
  return Array.from({ length: 100 }, (_, flag) => ({
    name: `flag-${flag}`,
    listed: Array.from({ length: 50 }, (_, index) => people[(flag * 37 + index * 11) % people.length]?.unit ?? ''),
    countries: Array.from({ length: 5 }, (_, index) => countries[(flag + index * 8) % 40] ?? ''),
  }))
}

async function must(
  pool: Pool,
  method: 'POST' | 'PUT',
  path: string,
  body: object,
  headers: Record<string, string>,
): Promise<void> {
  const json = { 'content-type': 'application/json' }
  const answer = await pool.request({ method, path, headers: { ...json, ...headers }, body: JSON.stringify(body) })
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new Error(`${path} answered ${answer.statusCode}: ${text}`)
}

async function begin(which: string, connection: Connection): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(fileURLToPath(import.meta.url), [which, JSON.stringify(connection)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (said) => resolve(String(said)))
    child.once('exit', (code) => reject(new Error(`${which} ended with ${String(code)}`)))
  })
  return { child, url }
}

/** User and system time of a process so far, in seconds (clock ticks of 10 ms). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}
