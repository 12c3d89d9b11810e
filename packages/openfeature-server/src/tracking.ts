import { randomUUID } from 'node:crypto'
import type { EvaluationContext, TrackingEventDetails } from '@openfeature/server-sdk'
import { batchOf, isFinal, lossOf, trackedEvent, type TrackedEvent } from '../../providers/src/index.ts'

export interface Tracking {
  /** `flags`: the variants that the person met, by key. */
  add(name: string, context: EvaluationContext, details: TrackingEventDetails, flags: Record<string, string>): void
  /** Tries once more to deliver what waits. */
  close(): Promise<void>
}

/** Phasegate takes 4 MiB. */
const most = { events: 500, bytes: 2_000_000 }
const mostWaiting = 10_000
const gatherMs = 200
const firstPauseMs = 500
const longestPauseMs = 30_000
const answerMs = 10_000

/** Tracked events wait in memory and are sent again under their own ids until Phasegate has them: counted once. */
export function openTracking(options: {
  urls: readonly string[]
  key: string
  fetch: typeof fetch
  service: string
  now(): Date
}): Tracking {
  let waiting: TrackedEvent[] = []
  let failures = 0
  let at = 0
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | null = null
  let isWarned = false

  function later(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void flush()
    }, ms).unref()
  }

  function flush(): Promise<void> {
    sending ??= send().finally(() => (sending = null))
    return sending
  }

  async function send(): Promise<void> {
    while (waiting.length > 0) {
      const events = batchOf(waiting, most)
      if (!(await deliver(events))) {
        at++
        return later(Math.min(longestPauseMs, firstPauseMs * 2 ** failures++) * (0.5 + Math.random() / 2))
      }
      failures = 0
      const gone = new Set(events)
      waiting = waiting.filter((event) => !gone.has(event))
    }
  }

  /** Once: whoever wrote the wrong service into the options would else never know. */
  function warn(loss: string | null): void {
    if (loss === null || isWarned) return
    isWarned = true
    console.warn(loss)
  }

  /** True once Phasegate has them, or will never take them. */
  async function deliver(events: readonly TrackedEvent[]): Promise<boolean> {
    try {
      const answer = await options.fetch(`${options.urls[at % options.urls.length]}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${options.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
        signal: AbortSignal.timeout(answerMs),
      })
      if (!isFinal(answer)) {
        await answer.body?.cancel()
        return false
      }
      warn(await lossOf(answer))
      return true
    } catch {
      return false
    }
  }

  return {
    add(name, context, details, flags) {
      const { service } = options
      const given = { id: randomUUID(), at: options.now(), unit: context.targetingKey }
      waiting.push(trackedEvent({ ...given, service, name, flags, details }))
      // The oldest go when nobody takes them for long: memory is the application's.
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting)
      later(gatherMs)
    },
    async close() {
      clearTimeout(timer)
      timer = undefined
      await flush()
      clearTimeout(timer)
    },
  }
}
