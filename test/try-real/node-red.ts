import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'

export interface NodeRed {
  version: string
  url: string
  port: number
  /** As a crash would end it: without a word to anybody. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

const run = promisify(execFile)

/** Outside the repository, kept between runs: one folder for each release. */
function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'phasegate', 'try-real')
}

/** Takes a release of Node-RED from npm, where it is not there yet. */
export async function installNodeRed(version: string): Promise<string> {
  const folder = join(cacheFolder(), `node-red-${version}`)
  const program = join(folder, 'node_modules', 'node-red', 'red.js')
  if (existsSync(program)) return program
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  try {
    await writeFile(join(unfinished, 'package.json'), '{"private":true}\n')
    const args = ['install', '--save-exact', '--omit=dev', '--no-audit', '--no-fund', `node-red@${version}`]
    await run('npm', args, { cwd: unfinished, maxBuffer: 64 * 1024 * 1024 })
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return program
}

const settings = `module.exports = {
  flowFile: 'flows.json',
  credentialSecret: 'only for this try',
  apiMaxLength: '16mb',
  editorTheme: { tours: false },
  telemetry: { enabled: false, updateNotification: false },
}
`

/** Nodes of the application's own palette: one takes a file and says what came, one sends back what it hears. */
const flows = [
  { id: 'a1', type: 'tab', label: 'Whole or not' },
  { id: 'a2', z: 'a1', type: 'http in', url: '/upload', method: 'post', upload: true, x: 100, y: 60, wires: [['a3']] },
  {
    id: 'a3',
    z: 'a1',
    type: 'function',
    libs: [{ var: 'crypto', module: 'crypto' }],
    func: `const file = msg.req.files[0]
msg.payload = { bytes: file.size, sha256: crypto.createHash('sha256').update(file.buffer).digest('hex') }
return msg`,
    x: 300,
    y: 60,
    wires: [['a4']],
  },
  { id: 'a4', z: 'a1', type: 'http response', x: 500, y: 60, wires: [] },
  { id: 'b1', type: 'websocket-listener', path: '/ws/echo', wholemsg: 'false' },
  { id: 'b2', z: 'a1', type: 'websocket in', server: 'b1', x: 100, y: 120, wires: [['b3']] },
  { id: 'b3', z: 'a1', type: 'websocket out', server: 'b1', x: 300, y: 120, wires: [] },
]

export async function prepareNodeRed(version: string): Promise<NodeRed> {
  const program = await installNodeRed(version)
  const folder = await mkdtemp(join(tmpdir(), `node-red-${version}-`))
  await writeFile(join(folder, 'settings.js'), settings)
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flows))
  const port = await freePort()
  let child: ChildProcess | null = null

  const kill = async () => {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null) return
    const ended = new Promise((resolve) => ending.once('exit', resolve))
    ending.kill('SIGKILL')
    await ended
  }
  const url = `http://127.0.0.1:${port}`
  return {
    version,
    url,
    port,
    kill,
    async start() {
      const args = [program, '--userDir', folder, '--settings', join(folder, 'settings.js'), '--port', String(port)]
      child = spawn(process.execPath, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '' },
      })
      await isUp(child, url)
    },
    async remove() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Up is: flows have started, so that what they listen to is there. */
async function isUp(child: ChildProcess, url: string): Promise<void> {
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (part: Buffer) => {
      said += part.toString()
      if (said.includes('Started flows')) resolve()
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', (code) => reject(new Error(`Node-RED ended with ${code}:\n${said}`)))
    setTimeout(() => reject(new Error(`Node-RED did not start within 60 s:\n${said}`)), 60_000).unref()
  })
  const response = await fetch(`${url}/settings`)
  if (!response.ok) throw new Error(`Node-RED answers ${response.status}`)
}
