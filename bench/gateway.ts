import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newPassExpiry, newUnit, signPass } from '../packages/admission/src/index.ts'

/**
 * `node bench/gateway.ts`: requests per second of processor time, through the gateway and through its peers, to the same
 * origin, in turns. Only the proxy's own processor time counts, so the load and the origin may share the machine.
 */
const seconds = Number(process.env.BENCH_SECONDS ?? 4)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)
const connections = 32
const own = fileURLToPath(import.meta.url)
const agents = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36'
const signingKey = { kid: 'k1', secret: 'bench-secret' }

interface Proxy {
  name: string
  port: number
  processes: ChildProcess[]
  pids(): number[]
}

const [role, ...given] = process.argv.slice(2)
if (role === 'origin') origin()
else if (role === 'http-proxy-3') httpProxy(Number(given[0]))
else if (role === 'gateway') await gateway(given[0] === 'measures', Number(given[1]), Number(given[2]), given[3] ?? '')
else if (role === 'control') control()
else await bench()

function origin(): void {
  const body = Buffer.alloc(1024, 'a')
  const types: Record<string, string> = { '/page': 'text/html; charset=utf-8', '/step': 'text/html; charset=utf-8' }
  const server = http.createServer((request, response) => {
    response.setHeader('Content-Type', types[request.url ?? ''] ?? 'application/javascript')
    response.setHeader('Cache-Control', 'max-age=60')
    response.setHeader('Content-Length', body.length)
    response.end(body)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => tell(server))
}

function tell(server: http.Server): void {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
}

function httpProxy(target: number): void {
  const { createProxyServer } = createRequire(import.meta.url)('http-proxy-3') as {
    createProxyServer(options: object): {
      web(request: unknown, response: unknown): void
      on(name: string, then: () => void): void
    }
  }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 })
  const proxy = createProxyServer({ target: `http://127.0.0.1:${target}`, agent, xfwd: true })
  proxy.on('error', () => {})
  const server = http.createServer((request, response) => proxy.web(request, response))
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => tell(server))
}

/** What a gateway hears of a control plane, and nothing more. */
function control(): void {
  const server = http.createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/api/v1/gateway/stream') {
      request.resume().on('end', () => response.end('{"stored":0,"repeated":0,"refused":[]}'))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`event: feed\ndata: ${JSON.stringify(aFeed())}\n\n`)
    setInterval(() => response.write('event: ping\ndata: {}\n\n'), 10_000)
  })
  server.listen(0, '127.0.0.1', () => tell(server))
}

async function gateway(measures: boolean, target: number, controlPort: number, stateDirectory: string): Promise<void> {
  const { createGateway } = await import('../gateway/gateway.ts')
  const upstream = `http://127.0.0.1:${target}`
  const log = { info: () => {}, warn: console.error, error: console.error }
  const started = await createGateway({
    config: {
      trustedProxies: [],
      services: [
        {
          key: 'bench',
          hosts: ['*'],
          paths: ['/'],
          current: upstream,
          new: upstream,
          checks: { path: '/', seconds: 1 },
          consent: 'functional',
          assets: [],
          insert: { banner: false, feedbackLink: false, endQuestion: false },
          applicationBase: 'learned',
        },
      ],
    },
    controlUrls: [`http://127.0.0.1:${controlPort}`],
    key: 'bench',
    stateDirectory,
    log,
    measures,
  })
  while (!started.ready()) await new Promise((resolve) => setTimeout(resolve, 10))
  // A profile (node --cpu-prof) is written at an orderly end only.
  process.once('SIGTERM', () => process.exit(0))
  process.stdout.write(`${started.port}\n`)
}

function aFeed(): object {
  const units = { removed: [], choseCurrent: [], joined: [], preview: [], staff: [], invited: [], carried: [] }
  const about = {
    id: '1',
    key: 'bench',
    name: 'Bench',
    phase: 'private-beta',
    ceiling: 'invited',
    halt: null,
    salt: 's',
    share: 0,
  }
  const service = { ...about, rolloutVersion: 1, joinOpen: false, cap: { limit: null, full: false }, units }
  const steps = [{ id: 'step', name: 'Step', patterns: ['/step'] }]
  const endings = [{ id: 'done', name: 'Done', outcome: 'completed', patterns: ['/done/*'] }]
  const journey = {
    id: 'apply',
    name: 'Apply',
    savable: false,
    openDays: 0,
    start: { patterns: ['/start'] },
    steps,
    endings,
  }
  const shown = {
    key: 'bench',
    name: 'Bench',
    phaseLabel: 'Beta',
    timeZone: 'Europe/London',
    contact: null,
    signingKeys: [signingKey],
    journeys: [journey],
  }
  return {
    snapshot: { schema: 1, version: 1, createdAt: new Date().toISOString(), services: [service] },
    signingKeys: [],
    services: [shown],
  }
}

async function started(name: string, command: string, args: string[]): Promise<Proxy> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => resolve(Number(String(chunk))))
  })
  return { name, port, processes: [child], pids: () => [child.pid ?? 0] }
}

/** Two servers in one nginx: a plain `proxy_pass`, and one that keeps its connections to the origin. */
async function nginx(target: number, directory: string): Promise<Proxy[]> {
  if (spawnSync('nginx', ['-v']).error !== undefined) return []
  const port = 20_000 + (process.pid % 20_000)
  const common = 'proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;'
  const config = `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000; client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  upstream kept { server 127.0.0.1:${target}; keepalive 64; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${target}; ${common} } }
  server { listen 127.0.0.1:${port + 1}; location / { proxy_pass http://kept; proxy_http_version 1.1;
    proxy_set_header Connection ""; ${common} } } }`
  writeFileSync(join(directory, 'nginx.conf'), config)
  const child = spawn('nginx', ['-c', join(directory, 'nginx.conf')], { stdio: 'inherit' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  const pids = (): number[] => [
    child.pid ?? 0,
    ...readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number),
  ]
  return [
    { name: 'nginx, plain', port, processes: [child], pids },
    { name: 'nginx, connections to the origin kept', port: port + 1, processes: [child], pids },
  ]
}

/** User and system time of a process so far, in seconds (clock ticks of 10 ms). */
function processorSeconds(pids: number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / 100
}

/** One kept connection that asks again as soon as it was answered. */
function client(port: number, paths: string[], counts: { answers: number; errors: number }): Socket {
  const expiresAt = newPassExpiry(new Date())
  const pass = signPass(
    { kid: 'k1', service: 'bench', arm: 'new', rung: 'invited', unit: newUnit(), expiresAt },
    signingKey.secret,
  )
  const headers = `Host: bench.example.org\r\nUser-Agent: ${agents}\r\nAccept: text/html,*/*;q=0.8\r\nAccept-Language: en-GB\r\nAccept-Encoding: gzip, br\r\nCookie: theme=dark; pg_bench=${pass}; session=0123456789abcdef\r\n`
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\n${headers}\r\n`)
  const socket = connect(port, '127.0.0.1')
  let at = 0
  let have = 0
  let need = 0
  const send = (): void => void socket.write(requests[at++ % requests.length] ?? '')
  socket.on('connect', send)
  socket.on('error', () => counts.errors++)
  socket.on('data', (chunk) => {
    if (need === 0) {
      const text = chunk.toString('latin1')
      const end = text.indexOf('\r\n\r\n')
      if (!text.startsWith('HTTP/1.1 200') || end < 0) counts.errors++
      need = end + 4 + Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0)
    }
    have += chunk.length
    if (have < need) return
    have = 0
    need = 0
    counts.answers++
    send()
  })
  return socket
}

async function load(proxy: Proxy, paths: string[], forSeconds: number): Promise<number> {
  const counts = { answers: 0, errors: 0 }
  const before = processorSeconds(proxy.pids())
  const sockets = Array.from({ length: connections }, () => client(proxy.port, paths, counts))
  await new Promise((resolve) => setTimeout(resolve, forSeconds * 1000))
  const answers = counts.answers
  const used = processorSeconds(proxy.pids()) - before
  if (counts.errors > 0) throw new Error(`${counts.errors} wrong answers from ${proxy.name}`)
  for (const socket of sockets) socket.destroy()
  return answers / used
}

async function bench(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-bench-'))
  const node = process.execPath
  const source = await started('origin', node, [own, 'origin'])
  const plane = await started('control', node, [own, 'control'])
  const [target, planePort] = [String(source.port), String(plane.port)]
  const proxies = [
    await started('gateway, passes and measuring', node, [
      own,
      'gateway',
      'measures',
      target,
      planePort,
      join(directory, 'one'),
    ]),
    await started('gateway, passes', node, [own, 'gateway', 'plain', target, planePort, join(directory, 'two')]),
    await started('http-proxy-3', node, [own, 'http-proxy-3', target]),
    ...(await nginx(source.port, directory)),
  ]
  // A page of a journey, then what a page brings along.
  const mixed = ['/step', ...Array.from({ length: 9 }, (_, index) => `/assets/${index}.js`)]
  try {
    for (const [what, paths] of [
      ['one page of a journey in ten requests', mixed],
      ['nothing but pages', ['/page']],
    ] as const) {
      const figures = new Map<string, number[]>(proxies.map(({ name }) => [name, []]))
      for (const proxy of proxies) await load(proxy, [...paths], 2)
      for (let round = 0; round < rounds; round++) {
        for (const proxy of proxies) figures.get(proxy.name)?.push(await load(proxy, [...paths], seconds))
      }
      print(what, figures)
    }
  } finally {
    for (const { processes } of [source, plane, ...proxies]) for (const child of processes) child.kill('SIGTERM')
    await new Promise((resolve) => setTimeout(resolve, 300))
    rmSync(directory, { recursive: true, force: true })
  }
}

function print(what: string, figures: Map<string, number[]>): void {
  const middle = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0
  const medians = [...figures].map(([name, values]): [string, number] => [name, middle(values)])
  const of = (name: string): number => medians.find(([each]) => each === name)?.[1] ?? Number.NaN
  console.log(`\n1 KB, ${what}; ${connections} connections, ${cpus().length} cores, median of ${rounds} rounds\n`)
  console.log(
    '| through | requests per CPU second | to http-proxy-3 | to plain nginx | to nginx, kept |\n|---|---|---|---|---|',
  )
  for (const [name, value] of medians) {
    const ratio = (other: string): string => (Number.isNaN(of(other)) ? '-' : (value / of(other)).toFixed(2))
    console.log(
      `| ${name} | ${Math.round(value)} | ${ratio('http-proxy-3')} | ${ratio('nginx, plain')} | ${ratio('nginx, connections to the origin kept')} |`,
    )
  }
}
