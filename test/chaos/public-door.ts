import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { writeGatewayService } from '../../gateway/config.ts'
import { childrenOf, endTree, signal } from './processes.ts'
import type { Installation, Stage } from './scenario.ts'
import { until } from '../support/until.ts'
import { freePort } from '../support/free-port.ts'

/** A service with two versions behind a gateway of its own: each of them a process. */
export interface PublicDoor {
  installation: Installation
  gateway: OwnGateway
  current: Application
  new: Application
  /** Of somebody who was let into the new version: a Cookie header. */
  pass: string
  /** Writes the address of the new version into gateway.yaml. */
  switchNew(url: string): void
}

export interface Application {
  readonly url: string
  readonly pid: number
  kill(name: NodeJS.Signals): Promise<void>
  start(): Promise<void>
}

export interface OwnGateway {
  readonly port: number
  /** Of the process that is started and signalled, and of those that serve. */
  readonly pid: number
  workers(): number[]
  kill(name: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  /** By HUP; resolves when the process before has ended. */
  restart(): Promise<void>
  output(): string
}

export interface DoorOptions {
  /** Where the current version is, in place of an application of the rig. */
  currentUrl?: string
  /** Loaded into the gateway's processes. */
  preload?: string
}

export const serviceKey = 'permit'
const project = fileURLToPath(new URL('../..', import.meta.url))
const host = 'permits.example.org'

export async function openDoor(stage: Stage, options: DoorOptions = {}): Promise<PublicDoor> {
  const installation = await stage.start({ env: { PHASEGATE_GATEWAY: 'off' } })
  const current = await startApplication(stage, 'current')
  const fresh = await startApplication(stage, 'new')
  const currentUrl = options.currentUrl ?? current.url
  const service = { key: serviceKey, name: 'Permit', currentUrl, newUrl: fresh.url }
  await mustBe(201, installation.api('POST', '/api/v1/services', service))
  const reasons = { reason: 'Tried under faults', waiver: 'No real people' }
  for (const to of ['private-beta', 'public-beta']) {
    await installation.api('POST', `/api/v1/services/${serviceKey}/phase`, { to, ...reasons })
  }
  const wanted = { percent: 100, reason: 'Everybody, to be tried' }
  await mustBe(200, installation.api('PUT', `/api/v1/services/${serviceKey}/share`, wanted))
  const key = await mustBe(
    201,
    installation.api('POST', `/api/v1/services/${serviceKey}/keys`, { name: 'gateway', kind: 'gateway' }),
  )
  const folder = await stage.folder('gateway')
  const config = join(folder, 'gateway.yaml')
  const switchNew = (url: string): void => {
    writeGatewayService(config, {
      key: serviceKey,
      hosts: ['*'],
      current: currentUrl,
      new: url,
      checks: { path: '/', seconds: 0.5 },
      assets: ['/assets/**'],
    })
  }
  switchNew(fresh.url)
  const gateway = await startGateway(stage, { config, folder, url: installation.url, secret: key.secret, ...options })
  const pass = await drawn(gateway.port)
  // Whoever asks without a pass goes to the current version from here on, so that both are asked.
  await mustBe(200, installation.api('PUT', `/api/v1/services/${serviceKey}/share`, { ...wanted, percent: 0 }))
  await until('the share of 0', async () => (await look(gateway.port, '')).servedBy === 'current')
  await until('the pass', async () => (await look(gateway.port, pass)).servedBy === 'new')
  return { installation, gateway, current, new: fresh, pass, switchNew }
}

export async function startApplication(stage: Stage, name: string): Promise<Application> {
  let port = 0
  let child: ChildProcess | null = null
  stage.onEnd(() => void child?.kill('SIGKILL'))
  const application: Application = {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    get pid() {
      return child?.pid ?? 0
    },
    async kill(signalName) {
      const ended = child === null || child.exitCode !== null ? null : once(child, 'close')
      child?.kill(signalName)
      await ended
    },
    async start() {
      const file = fileURLToPath(new URL('application.ts', import.meta.url))
      child = spawn(process.execPath, [file, name, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
      const [said] = (await once(child.stdout as NodeJS.EventEmitter, 'data')) as [Buffer]
      port = Number(said.toString())
    },
  }
  await application.start()
  return application
}

async function startGateway(
  stage: Stage,
  given: { config: string; folder: string; url: string; secret: string; preload?: string },
): Promise<OwnGateway> {
  const port = await freePort()
  const preload = given.preload === undefined ? [] : ['--import', pathToFileURL(given.preload).href]
  let child: ChildProcess | null = null
  let said = ''
  const gateway: OwnGateway = {
    port,
    get pid() {
      return child?.pid ?? 0
    },
    workers: () => childrenOf(child?.pid ?? 0),
    output: () => said,
    async kill(name) {
      const ended = child === null || child.exitCode !== null ? null : once(child, 'close')
      if (child?.pid !== undefined) signal(child.pid, name)
      await ended
    },
    async start() {
      const env = {
        PATH: process.env.PATH ?? '',
        PHASEGATE_URLS: given.url,
        PHASEGATE_GATEWAY_KEY: given.secret,
        PHASEGATE_GATEWAY_CONFIG: given.config,
        PHASEGATE_DATA: given.folder,
        GATEWAY_PORT: String(port),
      }
      child = spawn(process.execPath, [...preload, 'gateway/main.ts'], {
        cwd: project,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (said += part.toString()))
      await until('the gateway', async () => (await look(port, '')).status === 200)
    },
    async restart() {
      const before = gateway.workers()
      child?.kill('SIGHUP')
      await until('a new process', async () => gateway.workers().some((pid) => !before.includes(pid)))
      await until(
        'the end of the one before',
        async () => gateway.workers().every((pid) => !before.includes(pid)),
        150_000,
      )
    },
  }
  stage.onEnd(() => endTree(child?.pid ?? 0))
  await gateway.start()
  return gateway
}

/** A person's first visit, with a share of 100: the pass that they get. */
async function drawn(port: number): Promise<string> {
  let cookie: string | undefined
  await until('a pass', async () => {
    const { setCookies } = await look(port, '')
    cookie = setCookies.find((each) => each.startsWith(`pg_${serviceKey}=`))?.split(';')[0]
    return cookie !== undefined
  })
  return cookie ?? ''
}

export interface Looked {
  status: number
  servedBy: string
  setCookies: string[]
  headers: http.IncomingHttpHeaders
}

/** One page, by a connection of its own; status 0 where nobody answers. */
export function look(port: number, cookie: string, path = '/', more: Record<string, string> = {}): Promise<Looked> {
  return new Promise((resolve) => {
    const nothing = { status: 0, servedBy: '', setCookies: [], headers: {} }
    const headers = { host, ...more, ...(cookie === '' ? {} : { cookie }) }
    const request = http.get({ host: '127.0.0.1', port, path, headers, agent: false, timeout: 10_000 }, (answer) => {
      answer.resume().on('error', () => resolve(nothing))
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          servedBy: String(answer.headers['x-served-by'] ?? ''),
          setCookies: answer.headers['set-cookie'] ?? [],
          headers: answer.headers,
        }),
      )
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(nothing))
  })
}

async function mustBe(status: number, asked: ReturnType<Installation['api']>) {
  const answer = await asked
  if (answer.status !== status)
    throw new Error(`${answer.status} in place of ${status}: ${JSON.stringify(answer.body)}`)
  return answer.body
}
