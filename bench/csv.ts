import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { aBeta } from '../test/chaos/beta.ts'
import { openStage } from '../test/chaos/stage.ts'

/**
 * `npm run bench -- csv [lines]`: a list of so many lines with bad ones of each kind, read into a batch over HTTP; how long it
 * takes, what memory it asks of the service, and how quick the service is for others meanwhile. Real processes on loopback.
 */
const lines = Number(process.argv[2] ?? 1_000_000)
const everyMs = 50
const megabyte = 1_048_576

/** What stands in a line, and what has to become of it. One line in fifty is a bad one, each kind in turn. */
const bad = [
  { outcome: 'not-an-address', line: (n: number) => `nobody ${n},North,"Example, N."` },
  { outcome: 'not-an-address', line: (n: number) => `,South,N. ${n}` },
  { outcome: 'repeated', line: (n: number) => `PERSON${n - 1}@example.org,North,N. Again` },
  { outcome: 'not-readable', line: (n: number) => `"open${n}@example.org,North,N. Open` },
  { outcome: 'not-readable', line: (n: number) => `long${n}@example.org,${'x'.repeat(20_100)},N. Long` },
  { outcome: 'already-invited', line: (n: number) => `invited${n}@example.org,East,N. Known` },
  { outcome: 'not-wanted', line: (n: number) => `unwanted${n}@example.org,East,N. Unwanted` },
] as const
const regions = ['North', 'South', 'East', '"The West, and ""beyond"""']
/** Long lines are rarer, so that the file stays one that a team would have. */
const badAt = (n: number) => {
  if (n % 50 !== 0) return null
  const kind = (n / 50) % bad.length
  return bad[kind === 4 && n % 5_000 !== 0 ? 0 : kind] ?? null
}

const numbers = Array.from({ length: lines }, (_, index) => index + 1)

const stage = openStage((line) => console.error(line))
try {
  const installation = await stage.start()
  const beta = await aBeta(stage, installation)
  const at = `/api/v1/services/${beta.key}`
  const of = (outcome: string, name: string): string[] =>
    numbers.filter((n) => badAt(n)?.outcome === outcome).map((n) => `${name}${n}@example.org`)
  await beta.invite(of('already-invited', 'invited'))
  for (const address of of('not-wanted', 'unwanted')) await installation.api('POST', `${at}/not-invited`, { address })
  const folder = await stage.folder('csv')
  const file = join(folder, 'list.csv')
  const { counts, badLines } = await write(file)
  const { size } = await stat(file)

  const quiet = watch(installation, beta.key)
  await pause(5_000)
  const before = await quiet.stop()
  await writeFile(`/proc/${installation.pid}/clear_refs`, '5')
  const beginsWith = await memoryOf(installation.pid)
  const busy = watch(installation, beta.key)
  const from = performance.now()
  const { status, text } = await upload(`${installation.url}${at}/batches/list?name=Bench`, installation.adminKey, file)
  if (status !== 201 && status !== 202) throw new Error(`The list was answered with ${status}: ${text}`)
  const { id } = (JSON.parse(text) as { batch: { id: string } }).batch
  const found = await made(`${at}/batches/${id}`)
  const tookMs = performance.now() - from
  const during = await busy.stop()
  const { resident, peak } = await memoryOf(installation.pid)
  const told = Date.now()
  const wrong = await compare(`${installation.url}${at}/batches/${id}/results.csv?only=bad`)
  const toldMs = Date.now() - told

  console.log(`\n${lines.toLocaleString('en')} lines, ${(size / megabyte).toFixed(0)} MB, of which are`)
  for (const outcome of Object.keys({ ...counts, ...found }))
    console.log(
      `  ${outcome}: ${found[outcome] ?? 0}, to be ${counts[outcome] ?? 0}${found[outcome] === counts[outcome] ? '' : ' WRONG'}`,
    )
  console.log(
    `read in ${(tookMs / 1000).toFixed(1)} s; ${badLines.size} bad lines told back in ${(toldMs / 1000).toFixed(1)} s, ${wrong} of them wrong`,
  )
  console.log(`memory of the service: ${beginsWith.resident} MB before, ${peak} MB at most, ${resident} MB after`)
  console.log('\n| meanwhile | before, p50, p99, longest | while it is read | not answered |\n|---|---:|---:|---:|')
  for (const [name, values] of during)
    console.log(
      `| ${name} | ${times(before.get(name) ?? [])} | ${times(values)} | ${values.filter((ms) => ms === Infinity).length} |`,
    )
  if (wrong > 0 || Object.keys({ ...counts, ...found }).some((outcome) => counts[outcome] !== found[outcome]))
    process.exitCode = 1

  /** What became of the lines, once all are read. */
  async function made(path: string): Promise<Record<string, number>> {
    for (;;) {
      const { batch, counts } = (await installation.api('GET', path)).body as {
        batch: { state: string; preparing: { brokeOff: string | null } | null }
        counts: Record<string, number>
      }
      if (batch.preparing?.brokeOff) throw new Error(batch.preparing.brokeOff)
      if (batch.state !== 'reading') return counts
      await pause(500)
    }
  }

  /** The bad lines must be these, with their numbers, their texts and the reason. */
  async function compare(url: string): Promise<number> {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${installation.adminKey}` } })
    const missing = new Map(badLines)
    let others = -1
    if (answer.body === null) return missing.size
    for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
      const [, number = '', outcome] = /^(\d+),.*,(not-an-address|not-readable),/.exec(line) ?? []
      if (outcome !== undefined && missing.get(Number(number)) === outcome) missing.delete(Number(number))
      else others += 1
    }
    return missing.size + others
  }
} finally {
  await stage.end()
}
process.exit()

async function write(path: string): Promise<{ counts: Record<string, number>; badLines: Map<number, string> }> {
  const counts: Record<string, number> = {}
  const badLines = new Map<number, string>()
  const parts = function* (): Generator<string> {
    let part = 'E-mail,Region,Name\r\n'
    for (const n of numbers) {
      const kind = badAt(n)
      const outcome = kind?.outcome ?? 'queued'
      counts[outcome] = (counts[outcome] ?? 0) + 1
      if (outcome.startsWith('not-') && outcome !== 'not-wanted') badLines.set(n, outcome)
      part += `${kind?.line(n) ?? `person${n}@example.org,${regions[n % regions.length]},N. ${n}`}\r\n`
      if (part.length < megabyte) continue
      yield part
      part = ''
    }
    yield part
  }
  await pipeline(Readable.from(parts()), createWriteStream(path))
  return { counts, badLines }
}

/** With Node's own client: the others end a request that is not answered within some minutes. */
function upload(url: string, key: string, path: string): Promise<{ status: number; text: string }> {
  return new Promise((done, failed) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'text/csv' }
    const asked = request(url, { method: 'POST', headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () => done({ status: answer.statusCode ?? 0, text })).on('error', failed)
    })
    asked.on('error', failed)
    createReadStream(path).pipe(asked)
  })
}

/** Others who ask meanwhile, at a steady pace. */
function watch({ url, adminKey }: { url: string; adminKey: string }, key: string) {
  const context = JSON.stringify({ context: { targetingKey: 'AAAAAAAAAAAAAAAAAAAAAA' } })
  const asked: Record<string, () => Promise<Response>> = {
    '/health': () => fetch(`${url}/health`),
    'a decision over OFREP': () =>
      fetch(`${url}/ofrep/v1/evaluate/flags/${key}`, {
        ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: context },
      }),
    'a team page’s API': () =>
      fetch(`${url}/api/v1/services/${key}/sending`, { headers: { authorization: `Bearer ${adminKey}` } }),
  }
  const taken = new Map<string, number[]>(Object.keys(asked).map((name) => [name, []]))
  const open = new Set<Promise<void>>()
  const timer = setInterval(() => {
    for (const [name, ask] of Object.entries(asked)) {
      const from = performance.now()
      const one: Promise<void> = ask()
        .then(async (answer) => {
          await answer.text()
          taken.get(name)?.push(answer.ok ? performance.now() - from : Infinity)
        })
        .catch(() => void taken.get(name)?.push(Infinity))
        .finally(() => open.delete(one))
      open.add(one)
    }
  }, everyMs)
  return {
    async stop(): Promise<Map<string, number[]>> {
      clearInterval(timer)
      await Promise.all(open)
      return taken
    },
  }
}

async function memoryOf(pid: number): Promise<{ resident: string; peak: string }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const of = (name: string): string => (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024).toFixed(0)
  return { resident: of('VmRSS'), peak: of('VmHWM') }
}

function times(values: number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0)
  return `${at(0.5)}, ${at(0.99)}, ${at(1)} ms`
}
