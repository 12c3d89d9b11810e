import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'

export interface ReverseProxy {
  port: number
  stop(): Promise<void>
}

/** Why a program of the machine can't be tried, or false where it can. */
export function missingProgram(program: string): string | false {
  const isThere = spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
  return !isThere && `${program} is not on this machine; to try it: apt-get install ${program}`
}

/** The example of deploy/forward-auth with other ports in place of its own. */
function example(name: string, ports: Readonly<Record<number, number>>): string {
  let text = readFileSync(new URL(`../../deploy/forward-auth/${name}`, import.meta.url), 'utf8')
  for (const [from, to] of Object.entries(ports)) text = text.replaceAll(`:${from}`, `:${to}`)
  return text
}

export interface Behind {
  gateway: number
  current: number
  new: number
}

export async function startNginx(behind: Behind): Promise<ReverseProxy> {
  return start(behind, 'nginx.conf', (text, folder) => {
    const file = join(folder, 'nginx.conf')
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((each) => `${each}_temp_path ${folder}/${each};`)
      .join(' ')
    writeFileSync(
      file,
      `daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off; ${folders}\n${text}\n}`,
    )
    return ['nginx', '-e', 'stderr', '-c', file]
  })
}

export async function startCaddy(behind: Behind): Promise<ReverseProxy> {
  return start(behind, 'Caddyfile', (text, folder) => {
    const file = join(folder, 'Caddyfile')
    writeFileSync(file, `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${text}`)
    return ['caddy', 'run', '--config', file, '--adapter', 'caddyfile']
  })
}

async function start(
  behind: Behind,
  name: string,
  command: (text: string, folder: string) => string[],
): Promise<ReverseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'reverse-proxy-'))
  // Where a proxy drops to an account of its own, that one must reach its folder.
  chmodSync(folder, 0o755)
  const port = await freePort()
  const text = example(name, { 8080: port, 8081: behind.current, 8082: behind.new, 4610: behind.gateway })
  const [program = '', ...args] = command(text, folder)
  const env = { ...process.env, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += String(chunk)))
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${program} did not start: ${said}`)
    await pause(20)
  }
  return {
    port,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false))
  })
}
