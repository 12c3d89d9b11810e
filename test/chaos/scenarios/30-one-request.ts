import { request as httpRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { routes } from '../../../service/routes.ts'
import { linkForTheFirst } from '../door.ts'
import type { Installation, Scenario } from '../scenario.ts'

const plants: Record<string, string> = {
  'a large body ends the process': 'ends-at-large-bodies.ts',
  'a large body stops everything else': 'stands-still-at-large-bodies.ts',
}

/** Each of them ended, or stopped for a while, some server that was not made for it. */
const bodies: readonly [says: string, type: string, body: string][] = [
  ['5,000 lists deep', 'application/json', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ['5,000 objects deep', 'application/json', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ['500,000 deep, never closed', 'application/json', '['.repeat(500_000)],
  [
    '100,000 fields wide',
    'application/json',
    `{${Array.from({ length: 100_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`,
  ],
  ['500,000 numbers long', 'application/json', `[${'1,'.repeat(500_000)}1]`],
  ['a text of 1.5 MB', 'application/json', `{"name":"${'a'.repeat(1_500_000)}"}`],
  ['a number of 100,000 digits', 'application/json', `{"percent":${'9'.repeat(100_000)}}`],
  [
    'a form of 60,000 fields',
    'application/x-www-form-urlencoded',
    Array.from({ length: 60_000 }, (_, n) => `a${n}`).join('&'),
  ],
  [
    'a form that never ends',
    'multipart/form-data; boundary=x',
    `--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n${'a'.repeat(500_000)}`,
  ],
]

const unsafe = routes.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS')
const gatewayPaths = [
  '/',
  '/apply',
  '/.phasegate/feedback',
  '/.phasegate/choice',
  '/.phasegate/join',
  '/.phasegate/leave',
  '/.phasegate/waiting',
]

export const scenario: Scenario = {
  promise: 30,
  title: 'One request cannot stop it: deep, wide and long bodies on every route and at the gateway',
  reach: 'deaths 0, errors 0, /health p99 < 250 ms',
  plants: Object.keys(plants),
  limitMinutes: 15,
  async run(stage, plant) {
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const installation = await stage.start({ env: { PHASEGATE_EXAMPLE: 'on' }, ...preload })
    // The example's past is written first, in the same process.
    await linkForTheFirst(installation)
    let deaths = 0
    let last = ''
    let isOver = false
    void installation.ended.then((code) => {
      if (isOver) return
      deaths += 1
      stage.say(`it ended with ${code} at ${last}: ${installation.output().trim().slice(-1_500)}`)
    })
    const canary = watch(installation, stage.say)
    let sent = 0
    let errors = 0
    // A fault that is there shows at a few of them.
    const targets = targetsOf(installation).filter((_, index) => plant === null || index % 20 === 0)
    for (const target of targets) {
      for (const [says, type, body] of bodies) {
        if (deaths > 0) break
        last = `${target.method} ${target.url.pathname}, ${says}`
        const status = await post(target, type, body)
        sent += 1
        // 503 is an honest answer of the gateway for a service that is not there.
        if (status < 500 || status === 503) continue
        errors += 1
        stage.say(`${status}: ${last}`)
      }
    }
    const { p99, unanswered } = await canary.end()
    isOver = true
    return {
      rounds: sent,
      figures: [
        { says: 'processes that ended', value: deaths, unit: '', holds: deaths === 0 },
        { says: 'answers of 500 and above', value: errors, unit: '', holds: errors === 0 },
        { says: '/health, 99 of 100 within', value: p99, unit: 'ms', holds: p99 < 250 },
        { says: '/health not answered', value: unanswered, unit: '', holds: unanswered === 0 },
      ],
    }
  },
}

interface Target {
  url: URL
  method: string
  headers: Record<string, string>
}

function targetsOf({ url, gatewayUrl, adminKey }: Installation): Target[] {
  const headers = { authorization: `Bearer ${adminKey}` }
  const named: Record<string, string> = {
    service: 'parking',
    gate: 'private-beta-to-public-beta',
    criterion: 'roll-out',
    kpi: 'completion-rate',
  }
  const own = unsafe.map((row) => {
    const path = row.url.replaceAll(
      /:(\w+)/g,
      (_, name: string) => named[name] ?? '00000000-0000-4000-8000-000000000000',
    )
    return { url: new URL(path, url), method: row.method, headers }
  })
  return [...own, ...gatewayPaths.map((path) => ({ url: new URL(path, gatewayUrl), method: 'POST', headers: {} }))]
}

/** The status, or 0 where the connection ended without one: a server may hang up on what it will not read. */
function post({ url, method, headers }: Target, type: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = { ...headers, 'content-type': type, 'content-length': Buffer.byteLength(body), connection: 'close' }
    const request = httpRequest(url, { method, headers: sent, agent: false }, (response) => {
      resolve(response.statusCode ?? 0)
      response.on('error', () => {}).resume()
    })
    request.setTimeout(20_000, () => request.destroy())
    request.on('error', () => resolve(0))
    request.end(body)
  })
}

/** Asks for /health all the while, each time on a connection of its own. */
function watch(
  { url }: Installation,
  say: (line: string) => void,
): { end(): Promise<{ p99: number; unanswered: number }> } {
  const took: number[] = []
  const instead = new Map<string, number>()
  let going = true
  const asking = (async () => {
    while (going) {
      const began = performance.now()
      const answer = await fetch(`${url}/health`, {
        signal: AbortSignal.timeout(10_000),
        headers: { connection: 'close' },
      }).then(
        async (response) => [await response.text(), response.status] as const,
        (error: Error) => [`${error.message} ${String(error.cause ?? '')}`, 0] as const,
      )
      const [says, status] = answer
      if (status === 200) took.push(performance.now() - began)
      else instead.set(`${status} ${says}`, (instead.get(`${status} ${says}`) ?? 0) + 1)
      await pause(20)
    }
  })()
  return {
    async end() {
      going = false
      await asking
      for (const [what, times] of instead) say(`${times} × ${what.slice(0, 200)}`)
      const unanswered = [...instead.values()].reduce((sum, times) => sum + times, 0)
      const sorted = took.toSorted((a, b) => a - b)
      return { p99: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY), unanswered }
    },
  }
}
