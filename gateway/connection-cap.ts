import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Log } from './log.ts'

/** GW-37: how many connections a gateway takes in all. Those it has go on; each one too many is told so. */
export interface ConnectionCap {
  /** Connections beyond these are not even answered. */
  readonly most: number
  take(socket: Socket): void
  isTooMany(socket: Socket): boolean
}

/** Taken beyond the cap, to be told that there is no room. */
const toldAtOnce = 100
const toldLimitMs = 5_000
const sayEveryMs = 60_000
/** What else the process opens: files, the control plane, and some of the connections to applications. */
const otherFiles = 256

export function openConnectionCap(wanted: number, log: Log): ConnectionCap {
  const cap = Math.max(1, Math.min(wanted, openFilesAllowed() - otherFiles))
  const tooMany = new WeakSet<Socket>()
  let count = 0
  let saidAt = -Infinity

  function say(): void {
    const now = performance.now()
    if (now - saidAt < sayEveryMs) return
    saidAt = now
    log.warn({ connections: cap }, 'The gateway has as many connections as it takes; new ones are told to come back')
  }

  return {
    most: cap + toldAtOnce,
    take(socket) {
      if (count >= cap) {
        tooMany.add(socket)
        const timer = setTimeout(() => socket.destroy(), toldLimitMs).unref()
        socket.once('close', () => clearTimeout(timer))
        return say()
      }
      count++
      socket.once('close', () => count--)
    },
    isTooMany: (socket) => tooMany.has(socket),
  }
}

/** Node raises its limit to what the system allows; where that is not told, nothing is known to stand in the way. */
function openFilesAllowed(): number {
  try {
    return Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}
