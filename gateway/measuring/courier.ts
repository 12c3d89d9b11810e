import type { ControlPlane } from '../control-plane.ts'
import type { Log } from '../log.ts'
import { openSpool } from './spool.ts'

/** What the gateway tells the control plane of a person (contracts: gateway reports). */
export type Report = { service: string; unit: string; at: string } & (
  | { kind: 'choice'; value: 'current' | 'new' }
  | { kind: 'admitted'; rung: string }
  | { kind: 'left' }
)

export interface Courier {
  send(item: object): void
  /** Hands over what is gathered now, for somebody who waits for its effect. */
  hurry(): void
  /** Sends what another process left in this file. */
  adopt(spoolPath: string): void
  /** Delivers or spools everything that was handed over. */
  close(): Promise<void>
  waiting(): number
}

export interface CourierOptions {
  controlPlane: ControlPlane
  /** Path at the control plane, and the name of the list in its body. */
  path: string
  list: string
  spoolPath: string
  spoolBytes: number
  log: Log
}

const gatherMs = 150
const batchSize = 500
const inMemory = 5000
const firstPauseMs = 500
const longestPauseMs = 30_000

/**
 * GW-24: hands items on within about 200 ms. What can't be delivered goes to an append-only file, flushed to the disk,
 * and is sent again with the same ids, oldest first. The file is bounded; what does not fit is counted in the log.
 */
export function openCourier({ controlPlane, path, list, spoolPath, spoolBytes, log }: CourierOptions): Courier {
  const gathered: string[] = []
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let failures = 0
  let closed = false
  let lost = 0
  const spool = openSpool(spoolPath, spoolBytes)

  function wake(inMs: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      running ??= run().finally(() => {
        running = null
        if (!closed && (gathered.length > 0 || !spool.isEmpty())) wake(pauseMs())
      })
    }, inMs).unref()
  }

  function pauseMs(): number {
    if (failures === 0) return gatherMs
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
  }

  async function run(): Promise<void> {
    // Older ones first, so that starts come before their endings.
    while (!spool.isEmpty()) {
      const { items, bytes } = spool.read(batchSize)
      if (!(await deliver(items))) return put(gathered.splice(0))
      spool.forget(bytes)
    }
    while (gathered.length > 0) {
      const items = gathered.splice(0, batchSize)
      if (!(await deliver(items))) return put([...items, ...gathered.splice(0)])
      if (closed) return
    }
  }

  /** True where the control plane has taken or for good refused them; false to try again. */
  async function deliver(items: string[]): Promise<boolean> {
    let answer: { status: number; body: unknown }
    try {
      answer = await controlPlane.send(path, `{"${list}":[${items.join(',')}]}`)
    } catch {
      failures++
      return false
    }
    const { status, body } = answer
    if (status >= 200 && status < 300) {
      failures = 0
      tellRefused(body, items.length)
      return true
    }
    if (status === 413 && items.length > 1) {
      const half = items.length >> 1
      return (await deliver(items.slice(0, half))) && (await deliver(items.slice(half)))
    }
    if (status === 400 || status === 413 || status === 422) {
      log.error(
        { path, status, count: items.length },
        `${items.length} items were refused by the control plane for good`,
      )
      return true
    }
    failures++
    if (failures === 1)
      log.warn({ path, status }, `The control plane answered ${status}; keeping items on disk until later`)
    return false
  }

  function tellRefused(body: unknown, of: number): void {
    const refused = (body as { refused?: unknown[] } | null)?.refused
    if (!Array.isArray(refused) || refused.length === 0) return
    log.warn({ path, first: refused[0], count: refused.length, of }, `${refused.length} of ${of} items were refused`)
  }

  function put(items: string[]): void {
    if (items.length === 0) return
    try {
      countLost(spool.append(items))
    } catch (error) {
      lost += items.length
      log.error(
        { err: error, path, count: items.length, sinceStart: lost },
        `${items.length} items could not be kept on disk`,
      )
    }
  }

  function countLost(left: number): void {
    if (left === 0) return
    lost += left
    log.error(
      { path, count: left, sinceStart: lost },
      `The spool is full: ${left} items were lost, ${lost} since the start`,
    )
  }

  if (!spool.isEmpty()) wake(gatherMs)
  return {
    adopt(other) {
      try {
        countLost(spool.adopt(other))
      } catch (error) {
        log.error({ err: error, other }, `What was left in ${other} can not be taken over`)
      }
      if (!spool.isEmpty()) wake(gatherMs)
    },
    send(item) {
      gathered.push(JSON.stringify(item))
      if (gathered.length > inMemory) put(gathered.splice(0))
      wake(failures === 0 ? gatherMs : pauseMs())
    },
    hurry() {
      if (failures > 0) return
      clearTimeout(timer)
      timer = undefined
      wake(0)
    },
    waiting: () => gathered.length + (spool.isEmpty() ? 0 : 1),
    async close() {
      closed = true
      clearTimeout(timer)
      if (running !== null) await running
      const items = gathered.splice(0)
      if (items.length > 0 && !(spool.isEmpty() && (await deliver(items)))) put(items)
    },
  }
}
