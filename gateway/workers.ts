import cluster, { type Worker } from 'node:cluster'
import type { LocalHalt } from './local-halt.ts'
import type { Log } from './log.ts'

/**
 * GW-34: the process that keeps the listening socket and serves nobody itself. A worker serves; at a restart a second one
 * listens on the same socket before the first stops, so that no connection is refused and none is lost in the queue.
 */
export type ToWorker =
  | { kind: 'stop' | 'hand-over' | 'take-over' | 'alone' }
  | { kind: 'halt'; service: string; halt: LocalHalt }
export type FromWorker = { kind: 'listening' } | { kind: 'left' } | { kind: 'halted'; service: string; halt: LocalHalt }

/** Set for a worker that takes over from another one. */
export const takesOver = 'PHASEGATE_GATEWAY_TAKES_OVER'

/**
 * How V8 keeps the memory of a worker. Left to itself it widens young memory under load, and lets old memory grow to a multiple of
 * what lives, in steps over hours: that looks like a leak, and whoever gave the process a limit would see it end.
 */
const memory = ['--max-semi-space-size=8', '--heap-growing-percent=30']

const startLimitMs = 60_000
const stopLimitMs = 40_000
const longestPauseMs = 5000

export interface Workers {
  /** Resolves when the first one listens; null with its exit code where it could not. */
  start(): Promise<number | null>
  restart(): void
  stop(): Promise<void>
}

export function keepWorkers(log: Log): Workers {
  // Each worker accepts by itself: a primary in between would cost each connection a hop.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  cluster.setupPrimary({ execArgv: [...process.execArgv, ...memory] })
  let serving: Worker | null = null
  let coming: Worker | null = null
  let hasStarted = false
  let isStopping = false
  let failures = 0

  function tell(worker: Worker, message: ToWorker): void {
    if (worker.isConnected()) worker.send(message, () => {})
  }

  function others(worker: Worker | null): Worker[] {
    return Object.values(cluster.workers ?? {}).filter((each) => each !== undefined && each !== worker) as Worker[]
  }

  function hire(isFirst: boolean, listens: (worker: Worker) => void): Worker {
    const worker = cluster.fork(isFirst ? {} : { [takesOver]: '1' })
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') listens(worker)
      else if (message.kind === 'left') for (const each of others(worker)) tell(each, { kind: 'take-over' })
      else for (const each of others(worker)) tell(each, { ...message, kind: 'halt' })
    })
    return worker
  }

  /** A worker that ended unasked is replaced at once, then after growing pauses. */
  function replace(code: number | null, signal: string | null): void {
    const pauseMs = Math.min(longestPauseMs, failures === 0 ? 0 : 100 * 2 ** failures)
    failures++
    log.error({ code, signal, pauseMs }, 'The process that serves ended by itself and is replaced')
    setTimeout(() => {
      if (isStopping || serving !== null) return
      serving = hire(Object.keys(cluster.workers ?? {}).length === 0, () => {
        setTimeout(() => (failures = 0), 30_000).unref()
      })
    }, pauseMs)
  }

  cluster.on('exit', (worker, code, signal) => {
    const left = others(worker)
    if (serving !== null && left.length === 1 && left[0] === serving) tell(serving, { kind: 'alone' })
    if (worker === coming) {
      coming = null
      log.error({ code, signal }, 'The new process ended before it served; the one before it goes on')
    } else if (worker === serving) {
      serving = null
      if (hasStarted && !isStopping && coming === null) replace(code, signal)
    }
  })

  return {
    start() {
      return new Promise((resolve) => {
        const first = hire(true, () => {
          hasStarted = true
          resolve(null)
        })
        serving = first
        const failed = (code: number | null): void => resolve(code ?? 1)
        first.once('exit', failed)
        first.once('message', () => first.off('exit', failed))
      })
    },
    restart() {
      if (isStopping || coming !== null || serving === null) return
      log.info({}, 'A new process takes over')
      const next = hire(false, () => {
        clearTimeout(timer)
        const before = serving
        serving = next
        coming = null
        if (before === null) tell(next, { kind: 'alone' })
        else tell(before, { kind: 'hand-over' })
      })
      coming = next
      const timer = setTimeout(() => next.process.kill('SIGKILL'), startLimitMs).unref()
    },
    async stop() {
      isStopping = true
      const timer = setTimeout(() => {
        for (const worker of others(null)) worker.process.kill('SIGKILL')
      }, stopLimitMs).unref()
      await Promise.all(
        others(null).map((worker) => {
          const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
          tell(worker, { kind: 'stop' })
          return ended
        }),
      )
      clearTimeout(timer)
    },
  }
}
