// Stands behind every npm script, and runs on any Node from 18: installs what the lockfiles say, then starts the
// given TypeScript file with a Node that can run it. Usage: node run.mjs <file.ts> [arguments]
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const project = dirname(fileURLToPath(import.meta.url))
const oldestNode = [22, 18]

async function main() {
  const [file, ...args] = process.argv.slice(2)
  if (!file) throw new Problem('Usage: node run.mjs <file.ts> [arguments]')
  // The parent is looked at before anything takes time: it may be gone when the installation has ended.
  const family = ancestors()
  const node = canRunTypeScript() ? process.execPath : await runtimeNode()
  if (!isInstalled(project)) await install(project, 'dependencies', node)
  await start(node, file, args, family)
}

function canRunTypeScript() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

async function runtimeNode() {
  const folder = join(project, 'runtime')
  if (!isInstalled(folder)) await install(folder, 'Node 24', process.execPath)
  const packages = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`]
  const found = packages
    .map((name) => join(folder, 'node_modules', name, 'bin', 'node'))
    .find((path) => existsSync(path))
  if (found) return found
  throw new Problem(
    `Phasegate needs Node ${oldestNode.join('.')} or later; this is ${process.versions.node}, ` +
      `and npm has none for ${process.platform} ${process.arch}. Install a current Node, then start again.`,
  )
}

/** Installed means: by us from this lockfile, or by npm with the same versions as it names. */
function isInstalled(folder) {
  const modules = join(folder, 'node_modules')
  if (readText(join(modules, '.phasegate-lock')) === fingerprint(folder)) return true
  const recorded = readText(join(modules, '.package-lock.json'))
  if (!recorded) return false
  const there = JSON.parse(recorded).packages
  const wanted = JSON.parse(readText(join(folder, 'package-lock.json'))).packages
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' || there[path]?.version === entry.version || (entry.optional && !isMadeForThisMachine(entry)),
  )
}

/** Programs for other machines may be missing, and so may what only they need. */
function isMadeForThisMachine({ os = [], cpu = [], libc = [] }) {
  return (
    [os].flat().includes(process.platform) && [cpu].flat().includes(process.arch) && ![libc].flat().includes('musl')
  )
}

function fingerprint(folder) {
  const lockfile = readText(join(folder, 'package-lock.json'))
  return createHash('sha256').update(`${process.platform} ${process.arch} ${lockfile}`).digest('hex')
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

async function install(folder, what, node) {
  const release = await lock(folder)
  try {
    if (isInstalled(folder)) return
    const began = Date.now()
    process.stderr.write(`Phasegate: installing ${what} (only when something is new) ...\n`)
    const { code, said } = await npmCi(folder, node)
    if (code !== 0) {
      process.stderr.write(`${said.trim().split('\n').slice(-20).join('\n')}\n`)
      throw new Problem(`npm could not install the ${what} in ${folder}; what it said stands above.`)
    }
    writeFileSync(join(folder, 'node_modules', '.phasegate-lock'), fingerprint(folder))
    process.stderr.write(`Phasegate: ${what} installed in ${Math.round((Date.now() - began) / 1000)} s\n`)
  } finally {
    release()
  }
}

/** `npm start` and `npm test` begun together must not install over each other. */
async function lock(folder) {
  const path = join(folder, '.installing')
  for (let waited = 0; ; waited += 1) {
    try {
      mkdirSync(path)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw new Problem(`Phasegate cannot write to ${folder}: ${error.message}`)
    }
    const holder = Number(readText(join(path, 'pid')))
    const abandoned = holder ? !isAlive(holder) : Date.now() - (modified(path) ?? Date.now()) > 5000
    if (abandoned) rmSync(path, { recursive: true, force: true })
    else await pause(200)
    if (waited === 5) process.stderr.write('Phasegate: waiting for an installation that already runs ...\n')
  }
  writeFileSync(join(path, 'pid'), String(process.pid))
  const release = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', release)
  return release
}

function modified(path) {
  try {
    return statSync(path).mtimeMs
  } catch {
    return undefined
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Install scripts never run: nothing here needs one, and they are how a stolen package takes over a machine. */
function npmCi(folder, node) {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const cli = [process.env.npm_execpath, besides(process.execPath)].find(
    (path) => path?.endsWith('npm-cli.js') && existsSync(path),
  )
  const [command, before] = cli ? [node, [cli]] : ['npm', []]
  // What npm tells its scripts about the project they belong to is not about this folder.
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name),
  )
  const env = {
    ...Object.fromEntries(kept),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    // The Node from npm trusts only what it was built with; the system's may trust more, such as a registry of the house.
    NODE_USE_SYSTEM_CA: '1',
  }
  const child = spawn(command, [...before, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = forward(child)
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (said += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Problem(`npm cannot be started: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (stop()) process.exit(130)
      resolve({ code: signal ? 1 : code, said })
    })
  })
}

function besides(node) {
  return join(dirname(node), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
}

async function start(node, file, args, family) {
  const watch = pathToFileURL(join(project, 'runtime', 'with-parent.mjs')).href
  const env = {
    ...process.env,
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    PHASEGATE_PARENT: String(process.pid),
    // What was compiled once need not be compiled at the next start.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(project, 'node_modules', '.cache', 'compile'),
  }
  // A group of its own, so that Ctrl-C reaches it once, through us, and not from the terminal and npm as well.
  const child = spawn(node, ['--import', watch, file, ...args], { cwd: project, env, stdio: 'inherit', detached: true })
  forward(child)
  const timer = setInterval(() => family.some((member) => !member.still()) && child.kill('SIGTERM'), 300)
  timer.unref()
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Problem(`${node} cannot be started: ${error.message}`)))
    child.once('exit', (...outcome) => resolve(outcome))
  })
  process.exitCode = signal ? 128 + (constants.signals[signal] ?? 0) : code
  process.exit()
}

/** Passes signals on, each once even when the terminal and npm both send it. Returns whether one came, and ends. */
function forward(child) {
  let came = false
  const last = {}
  const handlers = Object.entries({ SIGINT: 'SIGINT', SIGTERM: 'SIGTERM', SIGHUP: 'SIGTERM' }).map(([signal, sent]) => {
    const handler = () => {
      came = true
      if (Date.now() - (last[sent] ?? 0) < 500) return
      last[sent] = Date.now()
      child.kill(sent)
    }
    process.on(signal, handler)
    return () => process.off(signal, handler)
  })
  return () => {
    for (const off of handlers) off()
    return came
  }
}

/** Under npm: our parent (npm, or a shell of its), and the parent's parent, where the system tells it. */
function ancestors() {
  if (!process.env.npm_lifecycle_event) return []
  const parent = process.ppid
  const grandparent = parentOf(parent)
  const own = { still: () => process.ppid === parent }
  const isShell = /^\S*\b(sh|dash|bash)$/.test(readText(`/proc/${parent}/comm`).trim())
  return isShell && grandparent ? [own, { still: () => parentOf(parent) === grandparent }] : [own]
}

function parentOf(pid) {
  return Number(/\) \S (\d+)/.exec(readText(`/proc/${pid}/stat`))?.[1] ?? 0)
}

class Problem extends Error {}

main().catch((error) => {
  process.stderr.write(`${error instanceof Problem ? error.message : error.stack}\n`)
  process.exit(1)
})
