import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { childrenOf } from './processes.ts'
import { CannotBeTried, type Installation, type Stage } from './scenario.ts'
import { until } from '../support/until.ts'

/** What the disk does to whoever waits for it: fails, or takes its time. */
export type DiskFault = 'error=EIO' | 'delay_exit=200000'

export interface Injection {
  /** Was the database under it all the time since then, by performance.now()? Null while it is not. */
  readonly since: number | null
  stop(): Promise<void>
}

export function mustTrace(): void {
  const tried = spawnSync('strace', ['-o', '/dev/null', 'true'], { encoding: 'utf8' })
  if (tried.error !== undefined) throw new CannotBeTried('strace is not installed')
  if (tried.status !== 0) throw new CannotBeTried(`processes cannot be traced here (${tried.stderr.trim()})`)
}

/** Keeps the database under the fault, also when it is started again. */
export async function inject(stage: Stage, installation: Installation, fault: DiskFault): Promise<Injection> {
  let stopped = false
  const tracers: ChildProcess[] = []
  let traced: number | null = null
  let since: number | null = null

  async function attach(server: number): Promise<void> {
    const pids = [server, ...childrenOf(server)].flatMap((pid) => ['-p', String(pid)])
    const args = ['-f', '-q', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:${fault}`]
    const child = spawn('strace', [...args, ...pids], { stdio: 'ignore' })
    tracers.push(child)
    traced = server
    await until('the database is traced', () => isTraced(server) || child.exitCode !== null, 5_000)
    since = performance.now()
  }

  const keeping = (async () => {
    while (!stopped) {
      const server = installation.databasePid()
      if (server !== traced || tracers.at(-1)?.exitCode !== null) since = null
      if (server !== null && since === null) await attach(server).catch(() => (since = null))
      await pause(5)
    }
  })()
  const stop = async () => {
    stopped = true
    await keeping
    for (const tracer of tracers) tracer.kill('SIGINT')
    since = null
  }
  stage.onEnd(stop)
  await until('the fault is planted in the database', () => since !== null, 10_000)
  return {
    get since() {
      return since
    },
    stop,
  }
}

function isTraced(pid: number): boolean {
  const status = spawnSync('grep', ['TracerPid', `/proc/${pid}/status`], { encoding: 'utf8' }).stdout
  return Number(status.split(':')[1]) > 0
}
