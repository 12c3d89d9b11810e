import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { endTree, isAlive, postmasterOf } from './processes.ts'
import { type Answer, DidNotStart, type Installation, type StartOptions } from './scenario.ts'
import { freePort } from '../support/free-port.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const withParent = new URL('../../runtime/with-parent.mjs', import.meta.url).href
const startLimitMs = 180_000
const endLimitMs = 30_000
const goesOn: readonly NodeJS.Signals[] = ['SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2']

export interface Owned extends Installation {
  /** Ends it and its database, whatever state they are in. */
  discard(): Promise<void>
}

export async function startInstallation(options: StartOptions & { dataDirectory: string }): Promise<Owned> {
  const { dataDirectory } = options
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const adminKey = `pgk_${randomBytes(24).toString('base64url')}`
  const env = {
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    PHASEGATE_DATA: dataDirectory,
    PHASEGATE_ADMIN_KEY: adminKey,
    PHASEGATE_EXAMPLE: 'off',
    // As it is run by `npm start` and the files in deploy/. A planted fault changes packages, which packed code holds inside.
    NODE_COMPILE_CACHE: options.preload === undefined ? (process.env.NODE_COMPILE_CACHE ?? '') : '',
    ...options.env,
    // So that nothing is left when the rig itself is killed.
    PHASEGATE_PARENT: String(process.pid),
  }
  const preload = options.preload === undefined ? [] : ['--import', pathToFileURL(options.preload).href]
  const args = ['--import', withParent, ...preload, 'service/main.ts', ...(options.args ?? [])]
  let said = ''
  let current = begin()

  function begin(): { child: ChildProcess; ended: Promise<number | null> } {
    const child = spawn(process.execPath, args, {
      cwd: options.code ?? project,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()))
    return { child, ended: once(child, 'close').then(([code]) => code as number | null) }
  }

  async function discard(): Promise<void> {
    const database = postmasterOf(dataDirectory)
    const { child, ended } = current
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) endTree(child.pid)
    if (database !== null) endTree(database)
    await Promise.race([ended, pause(endLimitMs, undefined, { ref: false })])
  }

  async function whenReady(): Promise<void> {
    const { child, ended } = current
    const until = performance.now() + startLimitMs
    while (performance.now() < until) {
      if (child.exitCode !== null || child.signalCode !== null) throw new DidNotStart(await ended, said)
      const ready = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => null)
      await ready?.body?.cancel()
      if (ready?.status === 200) return
      await pause(20)
    }
    await discard()
    throw new DidNotStart(null, `${said}\n(It was not ready after ${startLimitMs / 1000} s.)`)
  }

  await whenReady()
  return {
    url,
    gatewayUrl: `http://127.0.0.1:${gatewayPort}`,
    adminKey,
    dataDirectory,
    get pid() {
      return current.child.pid ?? 0
    },
    get ended() {
      return current.ended
    },
    output: () => said,
    databasePid: () => postmasterOf(dataDirectory),
    async kill(name) {
      current.child.kill(name)
      if (goesOn.includes(name)) return
      await Promise.race([current.ended, pause(endLimitMs, undefined, { ref: false })])
      if (current.child.pid !== undefined && isAlive(current.child.pid))
        throw new Error(`Process ${current.child.pid} did not end within ${endLimitMs / 1000} s of ${name}`)
    },
    async restart() {
      current = begin()
      await whenReady()
    },
    api: (method, path, body, key = adminKey) => ask(new URL(path, url), method, body, key),
    discard,
  }
}

async function ask(url: URL, method: string, body: unknown, key: string): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  })
  const text = await response.text()
  return { status: response.status, body: readJson(text) }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
