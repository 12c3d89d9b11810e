import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { pino } from 'pino'
import { Pool } from 'undici'
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
import { aJourney } from '../test/support/app.ts'

/**
 * Events into durable storage: batches of 1,000 over HTTP, acknowledged after the commit, against raw COPY of the same rows in
 * batches of 1,000 with a commit each. Both in one run, taking turns, on the same PostgreSQL with fsync on.
 * Run: node bench/events.ts
 */
const batch = 1_000
const batchesATurn = 40
const turns = 5
const connections = 8
const key = 'pgk_benchmark_key_of_this_run_only'
const service = {
  key: 'bench',
  name: 'Bench',
  newUrl: 'http://127.0.0.1:9',
  currentUrl: 'http://127.0.0.1:9',
  journeys: [aJourney],
}
let counter = 0

if (process.argv[2] === 'server') await serve(JSON.parse(process.argv[3] ?? '{}') as Connection)
else await measure()

async function measure(): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  const log = { info: () => {}, warn: console.error, error: console.error }
  const postgres = await startEmbedded({ dataDirectory, log, ballastBytes: 0 })
  const pool = new pg.Pool({ ...postgres.connection, max: connections })
  // Connections end with the database; what went wrong before that is what is told.
  pool.on('error', () => {})
  await migrate(pool)
  await pool.query(`create table raw_event (like event)`)
  await pool.query(`create table raw_event_once (like event, primary key (service_id, id))`)
  const { child, url } = await startServer(postgres.connection)
  const http = new Pool(url, { connections })
  try {
    const created = await http.request({
      path: '/api/v1/services',
      method: 'POST',
      headers: headers(),
      body: JSON.stringify(service),
    })
    if (created.statusCode !== 201) throw new Error(await created.body.text())
    await created.body.text()
    const { rows } = await pool.query<{ id: string }>(`select id from service where key = 'bench'`)
    const serviceId = rows[0]?.id ?? ''
    const ways: Way[] = [
      { name: 'raw COPY, one connection', run: () => overCopy(pool, serviceId, 'raw_event', 1), results: [] },
      {
        name: 'raw COPY, one connection, ids unique',
        run: () => overCopy(pool, serviceId, 'raw_event_once', 1),
        results: [],
      },
      {
        name: `raw COPY, ${connections} connections`,
        run: () => overCopy(pool, serviceId, 'raw_event', connections),
        results: [],
      },
      { name: `over HTTP, ${connections} connections`, run: () => overHttp(http), results: [] },
    ]
    for (let turn = -1; turn < turns; turn++) {
      for (const { run, results } of ways) {
        const before = cpuSeconds([postgres.pid, child.pid ?? 0])
        const aSecond = await run()
        const aCpuSecond = (batchesATurn * batch) / (cpuSeconds([postgres.pid, child.pid ?? 0]) - before)
        // The first turn warms up.
        if (turn >= 0) results.push({ aSecond, aCpuSecond })
      }
    }
    report(ways)
    await verify(pool)
  } finally {
    await http.close()
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    await pool.end()
    await postgres.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** Applications of four events, as a gateway sends them. */
function events(count: number): Record<string, unknown>[] {
  const now = Date.now()
  return Array.from({ length: count }, (_, index) => {
    if (index % 4 === 0) counter++
    const part = (['start', 'step', 'step', 'end'] as const)[index % 4] ?? 'start'
    return {
      id: `${process.pid}-${counter}-${index % 4}`,
      time: new Date(now - (counter % 600) * 1000 + (index % 4) * 20_000 - 120_000).toISOString(),
      service: 'bench',
      name: part,
      ...(index % 4 === 1
        ? { step: 'address' }
        : index % 4 === 2
          ? { step: 'vehicle' }
          : part === 'end'
            ? { step: 'done' }
            : {}),
      journey: 'apply',
      transaction: `t${process.pid}-${counter}`,
      channel: 'digital',
      arm: counter % 3 === 0 ? 'current' : 'new',
      device: 'phone',
      properties: {
        assigned: counter % 3 === 0 ? 'current' : 'new',
        rung: 'share',
        rolloutVersion: 3,
        visitor: `v${counter % 500}`,
        answerMs: 12,
      },
    }
  })
}

async function overHttp(http: Pool): Promise<number> {
  const bodies = Array.from({ length: batchesATurn }, () => JSON.stringify({ events: events(batch) }))
  return inTime(
    bodies,
    async (body) => {
      const answer = await http.request({ path: '/api/v1/events', method: 'POST', headers: headers(), body })
      const text = await answer.body.text()
      if ((JSON.parse(text) as { stored?: number }).stored !== batch) throw new Error(text.slice(0, 500))
    },
    connections,
  )
}

async function overCopy(pool: pg.Pool, serviceId: string, table: string, atOnce: number): Promise<number> {
  const received = new Date().toISOString()
  const bodies = Array.from({ length: batchesATurn }, () =>
    events(batch)
      .map((one) =>
        [
          serviceId,
          one.id,
          one.time,
          received,
          one.name,
          one.journey,
          one.step ?? '\\N',
          one.name === 'end' ? 'completed' : '\\N',
          one.transaction,
          '\\N',
          one.channel,
          one.arm,
          one.device,
          '\\N',
          JSON.stringify(one.properties),
        ].join('\t'),
      )
      .join('\n'),
  )
  return inTime(
    bodies,
    async (body) => {
      const client = await pool.connect()
      await new Promise((resolve, reject) => {
        const stream = client.query(copyFrom(`copy ${table} from stdin`))
        stream.on('error', reject).on('finish', resolve)
        stream.end(body)
      })
      client.release()
    },
    atOnce,
  )
}

/** Events a second. */
async function inTime(bodies: string[], send: (body: string) => Promise<void>, atOnce: number): Promise<number> {
  const began = performance.now()
  const queue = [...bodies]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let body = queue.pop(); body !== undefined; body = queue.pop()) await send(body)
    }),
  )
  return (bodies.length * batch) / ((performance.now() - began) / 1000)
}

function headers() {
  return { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
}

interface Way {
  name: string
  run(): Promise<number>
  results: { aSecond: number; aCpuSecond: number }[]
}

/** What the service and PostgreSQL with all its processes have used so far; the senders are not counted. Linux only. */
function cpuSeconds(roots: number[]): number {
  const processes = readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
        .map(Number)
      const [, parent = 0] = fields
      const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15)
      return [{ id: Number(name), parent, own: user + system, gone: childrenUser + childrenSystem }]
    } catch {
      return [] // it ended meanwhile
    }
  })
  const wanted = processes.filter(({ id, parent }) => roots.includes(id) || roots.includes(parent))
  return wanted.reduce((sum, { own, gone }) => sum + own + gone, 0) / 100
}

function report(ways: Way[]): void {
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
  const speeds = ways.map(({ name, results }) => ({
    name,
    wall: median(results.map(({ aSecond }) => aSecond)),
    cpu: median(results.map(({ aCpuSecond }) => aCpuSecond)),
  }))
  const ours = speeds.at(-1) ?? { wall: 0, cpu: 0 }
  const count = (n: number) => Math.round(n).toLocaleString('en-GB')
  console.log(
    `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores, Node ${process.version}, ${turns} turns of ${batchesATurn} batches, median\n`,
  )
  console.log(
    '| way | events a second | over HTTP is | events a CPU second | over HTTP is |\n|---|---:|---:|---:|---:|',
  )
  for (const { name, wall, cpu } of speeds) {
    const share = (mine: number, theirs: number) =>
      name.startsWith('over') ? '' : `${(mine / theirs).toFixed(2)} of it`
    console.log(`| ${name} | ${count(wall)} | ${share(ours.wall, wall)} | ${count(cpu)} | ${share(ours.cpu, cpu)} |`)
  }
}

/** A fast way that loses or miscounts is none. */
async function verify(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ events: number; starts: number; ends: number }>(
    `select (select count(*) from event)::int as events, sum(starts)::int as starts, sum(completed)::int as ends from measure_hour`,
  )
  const expected = (turns + 1) * batchesATurn * batch
  const [found] = rows
  if (found?.events !== expected || found.starts !== expected / 4 || found.ends !== expected / 4) {
    throw new Error(`Expected ${expected} events and ${expected / 4} applications, found ${JSON.stringify(found)}`)
  }
  console.log(
    `\nAll ${expected.toLocaleString('en-GB')} events are there, with ${found.starts.toLocaleString('en-GB')} starts and as many ends in the sums.`,
  )
}

function startServer(connection: Connection): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(fileURLToPath(import.meta.url), ['server', JSON.stringify(connection)])
  return new Promise((resolve, reject) => {
    child.once('message', (url) => resolve({ child, url: String(url) }))
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)))
  })
}

async function serve(connection: Connection): Promise<void> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  const database = openDatabase(connection)
  const { app, close } = await createApp({
    db: database.db,
    clock: systemClock,
    secrets: openSecretBox([newSecretKey()]),
    config: readConfig({ PHASEGATE_DATA: dataDirectory, PHASEGATE_ADMIN_KEY: key, PORT: '0', PHASEGATE_LOG: 'silent' }),
    log: pino({ level: 'silent' }),
    disk: createDiskGuard({ directory: dataDirectory, reserveBytes: 0 }),
    mail: fileTransport(join(dataDirectory, 'mails')),
    gateway: null,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  process.send?.(url)
  process.once('SIGTERM', () => {
    void close()
      .then(() => database.close())
      .then(() => rmSync(dataDirectory, { recursive: true, force: true }))
      .then(() => process.exit(0))
  })
}
