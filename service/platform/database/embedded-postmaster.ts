import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { StartProblem } from '../start-problem.ts'
import type { Account } from './account.ts'
import type { DatabaseLog } from './embedded.ts'
import { type Files, plainEnv } from './embedded-files.ts'

export interface Postmaster {
  child: ChildProcess
  /** What PostgreSQL last said of weight. */
  lastWords(): string
  stop(): Promise<void>
}

interface Start {
  files: Files
  account: Account
  log: DatabaseLog
  settings: Record<string, string>
  onSpawn?: (() => void) | undefined
  /** Ends the start. */
  signal?: AbortSignal | undefined
  /** Told, once, of a start that takes longer than this. */
  long?: { afterMs: number; tell(problem: string): void }
}

const stopLimitMs = 10_000
/** Ends the database when we are killed with no chance to do so ourselves. Linux only, from util-linux. */
const withParent = '/usr/bin/setpriv'

/** Starts the PostgreSQL server process and waits until it answers. */
export async function startPostmaster({
  files,
  account,
  log,
  settings,
  onSpawn,
  signal,
  long,
}: Start): Promise<Postmaster> {
  await endLeftover(files, log)
  const options = Object.entries({ listen_addresses: '', unix_socket_directories: files.sockets, ...settings })
  const args = ['-D', files.cluster, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const program = join(files.binaries, 'postgres')
  const command = existsSync(withParent) ? [withParent, '--pdeathsig', 'INT', program, ...args] : [program, ...args]
  // A group of its own: Ctrl-C in the terminal is for us, and we end the database when we have finished with it.
  const child = spawn(command[0] ?? program, command.slice(1), {
    ...account.change,
    cwd: '/',
    env: plainEnv(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onSpawn?.()
  const weighty: string[] = []
  if (child.stderr) {
    createInterface(child.stderr).on('line', (line) => {
      if (!/\b(FATAL|PANIC|No space left on device|could not)\b/.test(line)) return
      weighty.push(line.replace(/^.*?\b(?=FATAL|PANIC|LOG|ERROR)/, ''))
      if (weighty.length > 20) weighty.shift()
      if (/\bPANIC\b/.test(line)) log.error(`database: ${weighty.at(-1)}`)
    })
  }
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      weighty.push(error.message)
      resolve()
    })
  })
  const lastWords = () =>
    weighty.find((line) => /No space left on device/.test(line)) ?? weighty.at(-1) ?? 'no reason given'
  const stop = () => end(child, ended, files.cluster)
  const isLong = long && setTimeout(() => long.tell(takesLong(long.afterMs)), long.afterMs)
  const ready = await becomesReady(files.cluster, child, Promise.race([ended, aborted(signal)]))
  clearTimeout(isLong)
  if (!ready) {
    await stop()
    throw new StartProblem(`PostgreSQL did not start: ${lastWords()}`)
  }
  return { child, lastWords, stop }
}

function takesLong(ms: number): string {
  return (
    `PostgreSQL has been starting for ${Math.round(ms / 1000)} seconds. ` +
    'After a crash it first reads again what it wrote last; that ends by itself, however long it takes.'
  )
}

/** Never resolves without a signal. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** PostgreSQL writes its state to the eighth line of postmaster.pid; that is what its own pg_ctl reads. */
async function becomesReady(cluster: string, child: ChildProcess, givenUp: Promise<void>): Promise<boolean> {
  let over = false
  void givenUp.then(() => (over = true))
  while (!over) {
    const lines = await pidFile(cluster)
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return true
    await pause(10)
  }
  return false
}

async function pidFile(cluster: string): Promise<string[]> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  return text.split('\n')
}

/** Fast shutdown, then immediate, then no choice: what was acknowledged survives each of them. */
async function end(child: ChildProcess, ended: Promise<void>, cluster: string): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (child.exitCode !== null || child.signalCode !== null || !child.pid) return
    child.kill(signal)
    await Promise.race([ended, pause(stopLimitMs, undefined, { ref: false })])
  }
  await endOrphans(cluster)
}

const leftoverSignals: Record<number, NodeJS.Signals | undefined> = { 0: 'SIGINT', 1000: 'SIGQUIT', 3000: 'SIGKILL' }

/** Which process works in which folder. Without it (macOS) PostgreSQL decides, and refuses to start beside a living server. */
const seesFolders = existsSync('/proc/self/cwd')

/** A server left over from a Phasegate that was killed: ours to end, since we hold the lock on the folder. */
async function endLeftover({ cluster, sockets }: Files, log: DatabaseLog): Promise<void> {
  const pid = Number((await pidFile(cluster))[0])
  const isTold = Number.isInteger(pid) && pid > 1
  for (let waited = 0; isTold && (await servesCluster(pid, cluster)); waited += 50) {
    if (waited === 0) log.warn(`database: ending PostgreSQL process ${pid}, left over from a Phasegate that was killed`)
    const signal = leftoverSignals[waited]
    if (signal !== undefined) tell(pid, signal)
    await pause(50)
  }
  await endOrphans(cluster)
  // Its number may live on, as another process or a dead one that its parent has not asked after, and PostgreSQL goes by it.
  if (!seesFolders && (!isTold || alive(pid))) return
  for (const lock of [join(cluster, 'postmaster.pid'), join(sockets, '.s.PGSQL.5432.lock')])
    await rm(lock, { force: true })
}

/**
 * PostgreSQL's own processes end by themselves when their server is gone, unless they hang; and while one is there, no
 * server starts on its data.
 */
async function endOrphans(cluster: string): Promise<void> {
  for (let waited = 0; ; waited += 20) {
    const orphans = await processesIn(cluster)
    if (orphans.length === 0) return
    if (waited >= 200) for (const pid of orphans) tell(pid, 'SIGKILL')
    await pause(20)
  }
}

async function processesIn(cluster: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const found: number[] = []
  for (const name of names) {
    const pid = Number(name)
    if (Number.isInteger(pid) && (await servesCluster(pid, cluster))) found.push(pid)
  }
  return found
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone in the meantime.
  }
}

async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if (!alive(pid)) return false
  return readlink(`/proc/${pid}/cwd`).then(
    (directory) => directory === cluster,
    () => false,
  )
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
