import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { eventually } from './report.ts'

export interface Phasegate {
  /** Team pages and API. */
  url: string
  /** Where people reach the service. */
  gatewayUrl: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what a check asks of it
  api(method: string, path: string, body?: unknown): Promise<any>
  /** Mails that were sent to somebody, newest first: in development they are files. */
  mailsTo(address: string): Promise<{ subject: string; text: string }[]>
  stop(): Promise<void>
}

const adminKey = 'pgk_for_this_try_only_0123456789'
const project = fileURLToPath(new URL('../..', import.meta.url))

/** Starts what `npm start -- --current … --new …` starts, with ports and a data folder of its own. */
export async function startPhasegate(service: { current: string; next: string; name: string }): Promise<Phasegate> {
  const data = await mkdtemp(join(tmpdir(), 'phasegate-try-real-'))
  // The database may run as an account with fewer rights, which has to get in.
  await chmod(data, 0o755)
  const [port, gatewayPort] = [await freePort(), await freePort()]
  const args = ['service/main.ts', '--current', service.current, '--new', service.next, '--name', service.name]
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    GATEWAY_PORT: String(gatewayPort),
    PHASEGATE_DATA: data,
    PHASEGATE_ADMIN_KEY: adminKey,
    PHASEGATE_BALLAST_MB: '0',
  }
  const child = spawn(process.execPath, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()))
  const url = `http://127.0.0.1:${port}`
  const gatewayUrl = `http://127.0.0.1:${gatewayPort}`

  const stop = async () => {
    await ended(child)
    await rm(data, { recursive: true, force: true })
  }
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null) throw new Error(`Phasegate ended with ${child.exitCode}:\n${said}`)
        return statusOf(`${gatewayUrl}/.phasegate/health`)
      },
      (status) => status === 200,
      60_000,
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    gatewayUrl,
    stop,
    async api(method, path, body) {
      const headers: Record<string, string> = { authorization: `Bearer ${adminKey}`, accept: 'application/json' }
      if (body !== undefined) headers['content-type'] = 'application/json'
      const sent = body === undefined ? null : JSON.stringify(body)
      const response = await fetch(`${url}${path}`, { method, headers, body: sent })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text.slice(0, 500)}`)
      return text === '' ? null : JSON.parse(text)
    },
    async mailsTo(address) {
      const folder = join(data, 'mails')
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted()
      const mails = await Promise.all(
        names.toReversed().map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
      )
      return mails.filter(({ to }) => to === address)
    },
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    return (await fetch(url)).status
  } catch {
    return 0
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const patience = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await exit
  clearTimeout(patience)
}
